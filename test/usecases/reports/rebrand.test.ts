/** A change of branding makes no version by itself; on request it makes one. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../../support/cli.ts'
import { detection } from '../../support/detections.ts'
import { type Opened, openServices } from '../../support/services.ts'

let opened: Opened
let remove: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder)
})

afterAll(async () => {
  await opened.close()
  await remove()
})

test('makes one version for a new branding, on request', async () => {
  const { services } = opened
  await services.detections.saveAll([detection({ id: 'a' })], services.clock())
  const request = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
  const first = await generateReport(request, services)
  expect(first).toMatchObject({ isNew: true, report: { version: 1 } })
  expect(await generateReport({ ...request, rebrand: true }, services)).toMatchObject({
    isNew: false,
    hasOldBranding: false,
    report: { version: 1 },
  })
  const dressed = opened.asRun('dressed', { organisation: { ...services.organisation, accent: '#7a1f5c' } })
  expect(await generateReport(request, dressed)).toMatchObject({ isNew: false, hasOldBranding: true })
  const second = await generateReport({ ...request, rebrand: true }, dressed)
  expect(second).toMatchObject({ isNew: true, report: { version: 2, changes: { reasons: ['dress'], figures: [] } } })
  expect(second.report.snapshotSha256).toBe(first.report.snapshotSha256)
  expect(await generateReport({ ...request, rebrand: true }, dressed)).toMatchObject({
    isNew: false,
    report: { version: 2 },
  })
})
