/** Who may accept a record that waits: where people sign in, never who asked for a lower marking. */
import { expect, test } from 'vitest'
import { type Caller, everything } from '../../../../lambdas/domain/access/caller.ts'
import { mayAccept, type WaitingRecord } from '../../../../lambdas/usecases/ingest/edit/waiting-records.ts'

const waiting = (sender: string, lowers: readonly string[] = ['marking']) =>
  ({ sender, lowers, record: {} }) as unknown as WaitingRecord
const caller: Caller = { ...everything, who: 'oidc|7' }

test.each([
  ['by the name under which he signed in', 'ana@example.org', 'ana@example.org', false],
  ['by the name that his token gives', 'oidc|7', 'ana@example.org', false],
  ['by another', 'ben@example.org', 'ana@example.org', true],
  ['by anybody, where nobody signs in', 'oidc|7', undefined, true],
])('a lower marking that was asked for %s', (_, sender, signedIn, may) => {
  expect(mayAccept(caller, signedIn, waiting(sender))).toBe(may)
})

test('what lowers nothing may be accepted by who sent it, with the right to write', () => {
  expect(mayAccept(caller, 'oidc|7', waiting('oidc|7', []))).toBe(true)
  expect(mayAccept({ ...caller, scopes: [] }, 'ben@example.org', waiting('oidc|7', []))).toBe(false)
})
