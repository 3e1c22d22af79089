import { expect, test } from 'vitest'
import { watchedSince } from '../../../lambdas/store/reports/watched.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'

test('a stage is watched from an hour before the first check', async () => {
  const table = memoryTable()
  const first = new Date('2024-05-19T12:00:00.000Z')
  const anHourBefore = new Date('2024-05-19T11:00:00.000Z')
  expect(await watchedSince(table, first)).toEqual(anHourBefore)
  expect(await watchedSince(table, new Date('2025-01-01T00:00:00Z'))).toEqual(anHourBefore)
})
