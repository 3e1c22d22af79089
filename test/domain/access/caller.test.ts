/** Whom a quota counts. */
import { expect, test } from 'vitest'
import { accountOf } from '../../../lambdas/domain/access/caller.ts'

test.each([
  ['arn:aws:sts::123456789012:assumed-role/desk/one', 'arn:aws:sts::123456789012:assumed-role/desk'],
  ['arn:aws:iam::123456789012:user/team/ana', 'arn:aws:iam::123456789012:user/team/ana'],
  ['sub-1 ana@example.org', 'sub-1'],
  ['unit-7', 'unit-7'],
  ['this machine', 'this machine'],
])('%s is counted as %s', (who, account) => expect(accountOf({ who })).toBe(account))
