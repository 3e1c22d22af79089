/** A count that is sent once a day until it is 0. */
import { expect, test } from 'vitest'
import { remindDaily } from '../../../lambdas/store/reports/daily-reminder.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'

const table = memoryTable()

const runs = async (...all: readonly (readonly [at: string, count: number])[]): Promise<readonly number[]> => {
  const sent: number[] = []
  const send = (count: number) => void sent.push(count)
  for (const [at, count] of all) await remindDaily({ table, now: new Date(at), send }, count)
  return sent
}

test('is sent at once, then once a day, and once when it is 0', async () => {
  expect(await runs(['2026-01-10T09:00:05Z', 0])).toEqual([])
  // The second run is one that Lambda repeats.
  expect(await runs(['2026-01-10T10:00:05Z', 2], ['2026-01-10T10:01:00Z', 2])).toEqual([2])
  expect(await runs(['2026-01-10T11:00:00Z', 3], ['2026-01-11T09:00:00Z', 3])).toEqual([])
  expect(await runs(['2026-01-11T10:00:01Z', 3])).toEqual([3])
  expect(await runs(['2026-01-11T11:00:00Z', 0], ['2026-01-11T12:00:00Z', 0])).toEqual([0])
  expect(await runs(['2026-01-11T13:00:00Z', 1])).toEqual([1])
})

test('is sent again where storing that it was sent has failed', async () => {
  const put = () => Promise.reject(new Error('throttled'))
  const sent: number[] = []
  const now = new Date('2026-01-12T13:00:00Z')
  const failing = remindDaily({ table: { ...table, put }, now, send: (count) => void sent.push(count) }, 4)
  await expect(failing).rejects.toThrow('throttled')
  expect([sent, await runs(['2026-01-12T13:01:00Z', 4])]).toEqual([[4], [4]])
})
