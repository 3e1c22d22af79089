/** Reports of long day ranges: fewer periods to compare with, and no failure. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let opened: Opened
let remove: () => Promise<void>
beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder, '2025-01-10T00:00:00.000Z')
  await ingestInto(opened, [input({ id: 'one', territories: ['NC'], observed: { from: '2024-05-15' } })])
})
afterAll(async () => {
  await opened.close()
  await remove()
})

const made = async (id: string) =>
  (await generateReport({ territory: 'NC', period: parsePeriod(id), cap: 'TLP:AMBER' }, opened.services)).report

test('a range of seven years is reported, beside the six before it that can be named', async () => {
  expect(await made('2018-01-01--2024-12-31')).toMatchObject({ version: 1, totals: { detections: 1 } })
})

test('a range with none before it is reported', async () => {
  opened.at('1971-01-01T00:00:00.000Z')
  expect(await made('1970-03-01--1970-07-01')).toMatchObject({ version: 1, totals: { detections: 0 } })
})
