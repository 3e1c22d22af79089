/** Stored sets of accounts: revisions, any size, two writers at once, lost answers, lost parts. */
import { expect, test } from 'vitest'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import { accountSetsIn } from '../../../lambdas/store/intake/account-sets.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import type { Table } from '../../../lambdas/store/table/table.ts'

const table = memoryTable()

const at = (minute: number) => new Date(Date.UTC(2024, 4, 20, 0, minute))
const setOf = (id: string, accounts: readonly string[], name = 'The set') => ({ id, name, accounts })

test('accepts, recognises a duplicate, and revises', async () => {
  const sets = accountSetsIn(table)
  expect(await sets.latest('one')).toBeUndefined()
  expect(await sets.save(setOf('one', ['a', 'b']), at(0))).toBe('accepted')
  expect(await sets.save(setOf('one', ['a', 'b']), at(1))).toBe('duplicate')
  expect(await sets.latest('one')).toEqual({
    ...setOf('one', ['a', 'b']),
    marking: 'TLP:AMBER',
    revision: 1,
    storedAt: '2024-05-20T00:00:00.000Z',
  })
  expect(await sets.save(setOf('one', ['a', 'b', 'c']), at(2))).toBe('revised')
  expect(await sets.save(setOf('one', ['a', 'b', 'c'], 'Its right name'), at(3))).toBe('revised')
  expect(await sets.save(setOf('one', ['a', 'b']), at(4))).toBe('revised')
  expect(await sets.latest('one')).toMatchObject({ name: 'The set', accounts: ['a', 'b'], revision: 4 })
  const kept = await Array.fromAsync(table.query('ACCOUNTSET#one'))
  expect(kept.map(({ revision, size }) => [revision, size])).toEqual([
    [1, 2],
    [2, 3],
    [3, 3],
    [4, 2],
  ])
})

test('separates ids that begin alike', async () => {
  const sets = accountSetsIn(table)
  await sets.save(setOf('big', ['a']), at(0))
  await sets.save(setOf('big#2', ['b']), at(0))
  expect((await sets.latest('big'))?.accounts).toEqual(['a'])
  expect((await sets.latest('big#2'))?.accounts).toEqual(['b'])
})

test('stores sets of any size', async () => {
  const sets = accountSetsIn(table)
  const wide = Array.from({ length: 3_000 }, (_, number) => `"${'漢'.repeat(250)}${number}\\`)
  const many = Array.from({ length: 50_000 }, (_, number) => `acct-${String(number).padStart(24, '0')}`)
  for (const [id, accounts] of Object.entries({ none: [], wide, many })) {
    expect(await sets.save(setOf(id, accounts), at(0))).toBe('accepted')
    expect((await sets.latest(id))?.accounts).toEqual(accounts)
  }
})

test('stores each of several sets at once as a revision, and equal ones once', async () => {
  const [one, two] = [accountSetsIn(table), accountSetsIn(table)]
  const different = await Promise.all([
    one.save(setOf('race', ['a']), at(0)),
    two.save(setOf('race', ['b']), at(1)),
    one.save(setOf('race', ['c']), at(2)),
  ])
  expect(different.sort()).toEqual(['accepted', 'revised', 'revised'])
  expect((await one.latest('race'))?.revision).toBe(3)
  const same = await Promise.all([
    one.save(setOf('same', ['a']), at(0)),
    two.save(setOf('same', ['a']), at(1)),
    one.save(setOf('same', ['a']), at(2)),
  ])
  expect(same.sort()).toEqual(['accepted', 'duplicate', 'duplicate'])
})

test('takes a claim with a lost answer for no duplicate', async () => {
  let lost = 0
  const losing: Table = {
    ...table,
    putIf: async (item, condition) => {
      const put = await table.putIf(item, condition)
      lost += 1
      return put && lost > 1
    },
  }
  expect(await accountSetsIn(losing).save(setOf('lost', ['a']), at(0))).toBe('accepted')
  expect(lost).toBe(1)
  expect((await accountSetsIn(table).latest('lost'))?.revision).toBe(1)
})

test('completes an interrupted set when it is saved again', async () => {
  let failed = false
  const interrupted: Table = {
    ...table,
    putIf: async (item, condition) => {
      if (failed) return table.putIf(item, condition)
      failed = true
      throw new Error('the process died here')
    },
  }
  const sets = accountSetsIn(interrupted)
  await expect(sets.save(setOf('cut', ['a']), at(0))).rejects.toThrow('the process died here')
  expect(await sets.latest('cut')).toBeUndefined()
  expect(await sets.save(setOf('cut', ['a']), at(1))).toBe('accepted')
})

test('reports missing parts, and restores them when the set is saved again', async () => {
  const whole = accountSetsIn(table)
  const accounts = Array.from({ length: 9_000 }, (_, number) => `acct-${String(number).padStart(24, '0')}`)
  await whole.save(setOf('damaged', accounts, 'Damaged'), at(0))
  const gone = new Set<string>()
  const damaged: Table = {
    ...table,
    getAll: async (keys, only) => {
      const found = await table.getAll(keys, only)
      return found.filter(({ pk, sk }) => !pk.startsWith('ACCOUNTS#') || sk !== '0001' || gone.has('healed'))
    },
    putAll: async (items) => {
      expect(items.map(({ sk }) => sk)).toEqual(['0001'])
      gone.add('healed')
      await table.putAll(items)
    },
  }
  const sets = accountSetsIn(damaged)
  await expect(sets.latest('damaged')).rejects.toThrow(
    'the set of accounts "damaged", revision 1 lacks 1 of its 3 parts: ingest it again to restore them',
  )
  expect(await sets.save(setOf('damaged', accounts, 'Damaged'), at(1))).toBe('duplicate')
  expect((await sets.latest('damaged'))?.accounts).toEqual(accounts)
})

test('has the stated marking, else AMBER; a file raises it, and only an operator lowers it', async () => {
  const sets = accountSetsIn(table)
  const save = (marking?: Marking, mayLower = false) =>
    sets.save({ ...setOf('marked', ['a']), marking, mayLower }, at(0))
  const stored = async () => (await sets.latest('marked'))?.marking
  expect([await save(), await stored()]).toEqual(['accepted', 'TLP:AMBER'])
  expect([await save('TLP:RED'), await stored()]).toEqual(['revised', 'TLP:RED'])
  expect([await save(), await stored()]).toEqual(['duplicate', 'TLP:RED'])
  expect([await save('TLP:CLEAR'), await stored()]).toEqual(['duplicate', 'TLP:RED'])
  expect([await save('TLP:CLEAR', true), await stored()]).toEqual(['revised', 'TLP:CLEAR'])
})
