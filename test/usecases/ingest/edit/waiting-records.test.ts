/** Who may accept a waiting record: never the author of a lower marking, where people sign in. */
import { expect, test } from 'vitest'
import { type Caller, everything } from '../../../../lambdas/domain/access/caller.ts'
import { mayAccept, type WaitingRecord } from '../../../../lambdas/usecases/ingest/edit/waiting-records.ts'

const waiting = (sender: string, lowers: readonly string[] = ['marking']) =>
  ({ sender, lowers, record: {} }) as unknown as WaitingRecord
const caller: Caller = { ...everything, who: 'oidc|7' }

test.each([
  ['by the same name', 'ana@example.org', 'ana@example.org', false],
  ['by the name of the same token', 'oidc|7', 'ana@example.org', false],
  ['by another', 'ben@example.org', 'ana@example.org', true],
  ['by a token that the user made', 'token feed (ana@example.org)', 'ana@example.org', false],
  ['by a token of another', 'token feed (ben@example.org)', 'ana@example.org', true],
  ['on a machine without sign-in', 'oidc|7', undefined, true],
])('a lower marking requested %s', (_, sender, signedIn, may) => {
  expect(mayAccept(caller, signedIn, waiting(sender))).toBe(may)
})

test.each([
  ['by another token of its maker', 'token feed (Ana Morel)', false],
  ['by its maker', 'Ana Morel', false],
  ['by its maker, in the room of an issuer', 'oidc|9 ben@example.org', false, 'token check (ben@example.org)'],
  ['by a token of another maker', 'token feed (Ben)', true],
])('a lower marking requested %s, for a token', (_, sender, may, who = 'token check (Ana Morel)') => {
  expect(mayAccept({ ...caller, who }, who, waiting(sender))).toBe(may)
})

test('other records may be accepted by their sender, with the right to write', () => {
  expect(mayAccept(caller, 'oidc|7', waiting('oidc|7', []))).toBe(true)
  expect(mayAccept({ ...caller, scopes: [] }, 'ben@example.org', waiting('oidc|7', []))).toBe(false)
})
