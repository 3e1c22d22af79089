import { afterAll, beforeAll, expect, test } from 'vitest'
import { watchedSince } from '../../../lambdas/store/reports/watched.ts'
import type { Table } from '../../../lambdas/store/table/table.ts'
import { openTestTable } from '../../support/table.ts'

let table: Table
let close: () => Promise<void>
beforeAll(async () => {
  const opened = await openTestTable()
  table = opened.table
  close = opened.close
})
afterAll(() => close())

test('a stage is watched since an hour before the first look, whenever it is looked at after', async () => {
  const first = new Date('2024-05-19T12:00:00.000Z')
  const anHourBefore = new Date('2024-05-19T11:00:00.000Z')
  expect(await watchedSince(table, first)).toEqual(anHourBefore)
  expect(await watchedSince(table, new Date('2025-01-01T00:00:00Z'))).toEqual(anHourBefore)
})
