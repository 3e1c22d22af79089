/** Reports by the use cases on a real home: as of an instant, of large detections, and reproducible. */
import { beforeAll, expect, it } from 'vitest'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport, type ReportRequest } from '../../lambdas/usecases/reports/generate-report.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { newFolder } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { type Opened, openServices } from '../support/services.ts'

let opened: Opened

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder, '2024-07-01T00:00:00.000Z')
  return async () => {
    await opened.close()
    await remove()
  }
})

const ingest = (services: Services, ...inputs: readonly Partial<DetectionInput>[]) =>
  ingestDetections(
    inputs.map((one) => ({ detection: detection(one) })),
    'test',
    services,
  )

const week = { period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const

const report = (request: Omit<ReportRequest, keyof typeof week>) =>
  generateReport({ ...week, ...request }, opened.services)

it('a report as of an instant before all data is reconstructed, once', async () => {
  await ingest(opened.services, { id: 'past', territories: ['GP'], counts: { posts: 7 } })
  await report({ territory: 'GP' })
  const asOf = '2024-06-01T00:00:00.000Z'
  const past = await report({ territory: 'GP', asOf })
  expect(past).toMatchObject({ isNew: true, report: { version: 2, reconstructed: true, asOf, changes: null } })
  expect(past.report.totals.detections).toBe(0)
  expect(await report({ territory: 'GP', asOf })).toMatchObject({ isNew: false, report: { version: 2 } })
  expect(await report({ territory: 'GP' })).toMatchObject({ isNew: false, report: { version: 1 } })
})

it('1.5 MB of account references make an exact figure and a small report', async () => {
  const accountRefs = Array.from({ length: 30_000 }, (_, at) => `account-${at}-${'😀é"\\'.repeat(6)}`)
  expect(JSON.stringify(accountRefs).length).toBeGreaterThan(1_500_000)
  const byDay = Array.from({ length: 4_000 }, () => ({ day: '2024-05-15', accounts: 1 }))
  await ingest(opened.services, { id: 'large', territories: ['BL'], counts: { posts: 30_000, byDay }, accountRefs })
  const made = await report({ territory: 'BL' })
  expect(made.report.totals.accounts).toEqual({ value: 30_000, qualifier: 'exact' })
  const json = made.manifest.files.find(({ name }) => name === 'report.json')
  expect(json?.bytes).toBeLessThan(1_000_000)
})

it('two homes with the same input and clock make the same bytes, whatever the order of the input', async () => {
  const inputs: readonly Partial<DetectionInput>[] = [
    { id: 'a', counts: { posts: 5 }, accountRefs: ['x', 'y'] },
    { id: 'b', partOf: 'a', counts: { posts: 3 }, hashtags: ['#Un', '#un'] },
    { id: 'c', observed: { from: '2024-05' }, detector: 'another' },
    { id: 'd', observed: { from: '2024-04-02', to: '2024-05-15' }, counts: { posts: 5 } },
    { id: 'e', counts: { posts: 5 }, platforms: ['X', 'Facebook'] },
  ]
  const manifests: unknown[] = []
  for (const order of [inputs, inputs.toReversed()]) {
    const { folder, remove } = await newFolder()
    const other = await openServices(folder)
    await ingest(other.services, ...order)
    manifests.push((await generateReport({ ...week, territory: 'NC' }, other.services)).manifest)
    await other.close()
    await remove()
  }
  expect(manifests[1]).toEqual(manifests[0])
})
