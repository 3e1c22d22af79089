import { beforeEach, expect, test } from 'vitest'
import { everything } from '../../lambdas/domain/access/caller.ts'
import { historyIn } from '../../lambdas/store/table/history.ts'
import { memoryTable } from '../../lambdas/store/table/memory-table.ts'
import { programTokensIn } from '../../lambdas/usecases/program-tokens.local.ts'

let table = memoryTable()
let tokens = programTokensIn(table)
beforeEach(() => {
  table = memoryTable()
  tokens = programTokensIn(table)
})

const at = (instant: string) => new Date(`2024-05-20T${instant}.000Z`)
const given = { name: 'detector-1', scopes: ['reports:read'], territories: ['NC'], clearance: 'TLP:GREEN' } as const
const add = (more: Parameters<typeof tokens.add>[0] | object = {}, now = at('08:00:00'), giver = everything) =>
  tokens.add({ ...given, ...more }, 'Ana', giver, now)
const stateAt = async (token: string, now: Date) => (await tokens.open(token, now))?.state

test('the table has only the hash of a token of 256 bits', async () => {
  const { token } = await add()
  const [, secret = ''] = /^vigie_[0-9a-f]{12}_([\w-]{43})$/.exec(token) ?? []
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  const stored = JSON.stringify(await Array.fromAsync(table.scan()))
  expect(stored).toContain('detector-1')
  expect(stored).not.toContain(secret)
  expect(JSON.stringify(await tokens.all())).not.toContain('hash')
})

test('a name has one active token, whatever its case, and a new one once that has ended', async () => {
  const first = await add()
  await expect(add({ name: 'Detector-1' })).rejects.toThrow(/has an active token: revoke it/)
  await tokens.revoke('DETECTOR-1', 'Paul', at('09:00:00'))
  expect(await tokens.revoke('detector-1', 'Eve', at('09:30:00'))).toMatchObject({ revokedBy: 'Paul' })
  const second = await add({ expires: 'PT1H' }, at('10:00:00'))
  expect(await stateAt(first.token, at('10:00:00'))).toBeUndefined()
  expect(await stateAt(second.token, at('10:59:59'))).toBe('active')
  expect(await stateAt(second.token, at('11:00:00'))).toBe('expired')
  await add({}, at('11:00:00'))
  const did = (await historyIn(table).list(10)).map(({ did, by, of }) => [did, by, of].join(' '))
  expect(did).toEqual(['added Ana token', 'added Ana token', 'withdrawn Paul token', 'added Ana token'])
  await expect(tokens.revoke('other', 'Ana', at('12:00:00'))).rejects.toThrow(/no token "other"/)
})

test('of two tokens made at once for a name, one is', async () => {
  const made = await Promise.allSettled([add(), add()])
  expect(made.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test('a last day counts in full; what is past or no day is refused', async () => {
  const { until, token } = await add({ expires: '2024-05-20' })
  expect(until).toBe('2024-05-21T00:00:00.000Z')
  expect(await stateAt(token, new Date('2024-05-20T23:59:59.999Z'))).toBe('active')
  for (const expires of ['2024-05-19', '2024-02-30', 'P0D', 'soon', 'P9999Y'])
    await expect(add({ name: 'other', expires })).rejects.toThrow(/no day or duration to come/)
})

test('names, rights and places are checked, and nobody gives more than their own', async () => {
  for (const wrong of [{ name: 'a@b' }, { name: 'a/b' }, { scopes: ['house:write'] }, { scopes: [] }])
    await expect(add(wrong)).rejects.toThrow(/must/)
  await expect(add({ territories: [] })).rejects.toThrow(/territories/)
  for (const less of [{ scopes: [] }, { territories: [] }, { clearance: 'TLP:CLEAR' } as const])
    await expect(add({}, at('08:00:00'), { ...everything, ...less })).rejects.toThrow(/beyond your own rights/)
})

test('the last use is written at most once an hour, and a failure of it refuses nothing', async () => {
  const { token } = await add()
  const writes: string[] = []
  const change: typeof table.change = async (_key, _seen, { usedAt }) => {
    writes.push(String(usedAt))
    return table.change(_key, _seen, { usedAt: String(usedAt) })
  }
  const counted = programTokensIn({ ...table, change })
  for (const now of ['08:00:00', '08:59:59', '09:00:00', '09:10:00']) await counted.open(token, at(now))
  expect(writes.map((one) => one.slice(11, 16))).toEqual(['08:00', '09:00'])
  const failing = programTokensIn({ ...table, change: () => Promise.reject(new Error('disk full')) })
  expect(await failing.open(token, at('12:00:00'))).toMatchObject({ caller: { who: 'token detector-1 (Ana)' } })
})
