import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  accountOf,
  type Caller,
  everything,
  mayReadEdition,
  subjectsFor,
} from '../../../lambdas/domain/access/caller.ts'
import { subjectOf, subjects, territories } from '../../../lambdas/domain/core/place/territory.ts'

test.each([
  ['arn:aws:sts::123456789012:assumed-role/desk/one', 'arn:aws:sts::123456789012:assumed-role/desk'],
  ['arn:aws:iam::123456789012:user/team/ana', 'arn:aws:iam::123456789012:user/team/ana'],
  ['sub-1 ana@example.org', 'sub-1'],
  ['unit-7', 'unit-7'],
  ['token feed (ana@example.org)', 'token feed'],
])('the quota counts %s as %s', (who, account) => expect(accountOf({ who })).toBe(account))

test('a group’s report is for callers who may read each of its territories, up to their clearance', () => {
  const codes = territories.map(({ code }) => code)
  fc.assert(
    fc.property(fc.subarray(codes), fc.constantFrom(...subjects), (cleared, { code }) => {
      const caller: Caller = { ...everything, territories: cleared, clearance: 'TLP:GREEN' }
      const mayRead = subjectOf(code).members.every((member) => cleared.includes(member))
      expect(mayReadEdition(caller, { territory: code, cap: 'TLP:GREEN' })).toBe(mayRead)
      expect(subjectsFor(caller).includes(code)).toBe(mayRead)
      expect(mayReadEdition(caller, { territory: code, cap: 'TLP:AMBER' })).toBe(false)
    }),
  )
  expect(subjectsFor({ territories: ['NC', 'PF', 'WF'] })).toEqual(['NC', 'PF', 'WF', 'PACIFIC'])
})
