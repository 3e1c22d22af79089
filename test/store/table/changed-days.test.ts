/** A stored summary is invalid after a change that it has not seen, however long its writer was suspended. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { changedDaysIn, keepingChanges } from '../../../lambdas/store/table/changed-days.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import type { Table } from '../../../lambdas/store/table/table.ts'

const [from, to] = [Date.parse('2024-05-13T00:00:00Z'), Date.parse('2024-05-20T00:00:00Z')]
const item = { pk: 'DET#NC#2024-05-15', sk: '2024-05-15T00:00:00.000Z#a\u00010000000000000001' }

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: to }))
afterEach(() => void vi.useRealTimers())

const hashIn = async (table: Table) => (await changedDaysIn(table).state('NC', from, to)).of(from, to)

/** A writer that sleeps before or after its nth write, with the hashes that a reader gets meanwhile. */
const suspendedAt = (table: Table, nth: number, moment: 'before' | 'after', minutes: number) => {
  let writes = 0
  const hashes: (string | undefined)[] = []
  const sleep = async () => {
    vi.advanceTimersByTime(minutes * 60_000)
    hashes.push(await hashIn(table))
  }
  const sleepy =
    <Given extends readonly unknown[], Done>(write: (...given: Given) => Promise<Done>) =>
    async (...given: Given): Promise<Done> => {
      writes += 1
      const isTurn = writes === nth
      if (isTurn && moment === 'before') await sleep()
      const done = await write(...given)
      if (isTurn && moment === 'after') await sleep()
      return done
    }
  return { table: { ...table, putAll: sleepy(table.putAll), remove: sleepy(table.remove) }, hashes }
}

/** Before the write of the item itself, which is the second one. */
const isBefore = (nth: number, moment: 'before' | 'after') => nth < 2 || (nth === 2 && moment === 'before')

test.each(
  [10, 16, 6_000].flatMap((minutes) =>
    (['before', 'after'] as const).flatMap((moment) => [1, 2, 3, 4].map((nth) => [moment, nth, minutes] as const)),
  ),
)('suspended %s its write %d for %d minutes', async (moment, nth, minutes) => {
  const table = memoryTable()
  const writer = suspendedAt(table, nth, moment, minutes)
  const before = await hashIn(table)
  await keepingChanges(writer.table).putAll([item])
  const after = await hashIn(table)
  expect(after).not.toBe(before)
  expect(writer.hashes).toHaveLength(1)
  if (isBefore(nth, moment)) expect(writer.hashes[0]).not.toBe(after)
})

test('killed after its late write, before it marks the change', async () => {
  const table = memoryTable()
  const writer = suspendedAt(table, 2, 'before', 600)
  let writes = 0
  const dying: Table = {
    ...writer.table,
    putAll: async (items) => {
      writes += 1
      if (writes > 2) throw new Error('killed')
      await writer.table.putAll(items)
    },
  }
  await expect(keepingChanges(dying).putAll([item])).rejects.toThrow('killed')
  vi.advanceTimersByTime(30 * 24 * 3_600_000)
  const [suspended] = writer.hashes
  expect(suspended).not.toBe(await hashIn(table))
  expect(await hashIn(table)).toBeDefined()
})
