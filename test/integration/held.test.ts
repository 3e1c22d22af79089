/** Reports that fail the publish gate: archived whole with the reason, and never used as an answer. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { manifestSchema } from '../../lambdas/domain/report/manifest.ts'
import type { Printing } from '../../lambdas/render/render.ts'
import { verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { generateReport, HeldReportError } from '../../lambdas/usecases/reports/generate-report.ts'
import { runWeek } from '../../lambdas/usecases/reports/weekly-run.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { changedPrint } from '../support/changed-print.ts'
import { newFolder, vigie } from '../support/cli.ts'
import { csvRecords } from '../support/csv.ts'
import { detection } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { type Opened, openServices } from '../support/services.ts'

const request = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const

let folder: string
let remove: () => Promise<void>
let opened: Opened
let failing: Services

beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  opened = await openServices(folder)
  await opened.services.detections.saveAll(
    [detection({ id: 'a' }), detection({ id: 'b' })],
    new Date('2024-05-19T00:00:00Z'),
  )
  // Margins without their labels: what a broken style sheet would print.
  const unmarked = changedPrint(opened.services.printer, (html) => html.replace(/@(top|bottom)-right\{[^}]*\}/g, ''))
  failing = opened.asRun('failing', { printer: unmarked })
})
afterAll(async () => {
  await opened.close()
  await remove()
})

const heldError = async (asked: Parameters<typeof generateReport>[0], services: Services): Promise<string> => {
  const error = await generateReport(asked, services).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(HeldReportError)
  return String(error)
}
const states = async () =>
  (await opened.services.reports.versions(request)).map(({ version, state }) => `${version} ${state}`)

describe('a report without its marking', () => {
  test('is held: archived with all its files and the reason', async () => {
    const error = await heldError(request, failing)
    expect(error).toMatch(/NC\/2024-W20\/amber\/v0001 is held: report\.fr\.pdf: page.* without TLP:AMBER in the header/)
    expect(error).toContain(join(folder, 'archive/reports/NC/2024-W20/amber/v0001/manifest.json'))
    expect(await states()).toEqual(['1 held'])
    const bytes = await opened.services.archive.get('reports/NC/2024-W20/amber/v0001/manifest.json')
    const manifest = manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
    expect(manifest.held?.reason).toContain('without TLP:AMBER')
    expect(manifest.files.map(({ name }) => name).sort()).toEqual([
      'detections.csv',
      'report.en.html',
      'report.en.pdf',
      'report.fr.html',
      'report.fr.pdf',
      'report.json',
      'report.misp.json',
      'report.stix.json',
    ])
    const { stdout } = await vigie(['archive', 'list', '--territory', 'NC', '--home', folder])
    expect(stdout).toMatch(/v0001\s+held: report\.fr\.pdf/)
  })

  test('never answers a request: the same snapshot makes the next version, which follows no other', async () => {
    const made = await generateReport(request, opened.services)
    expect(made).toMatchObject({ isNew: true, manifest: { version: 2, previous: null } })
    expect(await states()).toEqual(['1 held', '2 published'])
    expect((await generateReport(request, failing)).isNew).toBe(false)
  })

  test('is verified like any other, and does not break the chain of published versions', async () => {
    await opened.services.detections.saveAll([detection({ id: 'c' })], new Date('2024-05-20T00:00:00Z'))
    opened.at('2024-05-21T00:00:00Z')
    await heldError(request, failing)
    const made = await generateReport(request, opened.services)
    expect(made.manifest).toMatchObject({ version: 4, previous: { version: 2 } })
    expect(await verifyArchive(opened.services)).toMatchObject({ versions: 4, problems: [] })
    const [entry] = await opened.services.reports.versions(request)
    const all = async function* () {
      if (entry?.held) yield { ...entry, held: { ...entry.held, manifestSha256: '0'.repeat(64) } }
    }
    const damaged = { ...opened.services, reports: { ...opened.services.reports, all } }
    expect((await verifyArchive(damaged)).problems[0]?.message).toContain('is not the manifest that was held')
  })

  test('stops no other edition of its territory', async () => {
    await opened.services.recipients.add(
      recipient('green@example.org', { territories: ['YT'], clearance: 'TLP:GREEN' }),
      { by: 'a test' },
      opened.services.clock(),
    )
    const printer: Printing = {
      print: (html, options) =>
        (html.includes('TLP:AMBER edition') ? failing : opened.services).printer.print(html, options),
    }
    const { reports, failed } = await runWeek(
      { week: request.period, cap: 'TLP:AMBER', only: ['YT'] },
      opened.asRun('editions', { printer }),
      { started: () => undefined, made: () => undefined, failed: () => undefined },
    )
    expect(failed.map(({ territory }) => territory)).toEqual(['YT'])
    expect(reports.map(({ edition: { cap } }) => cap)).toEqual(['TLP:GREEN'])
  })
})

test('a print with another number than its report is held', async () => {
  const printer = changedPrint(opened.services.printer, (html, language) =>
    language === 'en' ? html.replaceAll('<b>2</b>', '<b>3</b>') : html,
  )
  const two = ['c', 'd'].map((id) => detection({ id, territories: ['TF'] }))
  await opened.services.detections.saveAll(two, new Date('2024-05-19T00:00:00Z'))
  expect(await heldError({ ...request, territory: 'TF' }, opened.asRun('wrong', { printer }))).toContain(
    'report.en.pdf: does not contain detections exact 2',
  )
})

test('the CSV of a version has every detection, also those that the report is too short to list', async () => {
  const many = Array.from({ length: 340 }, (_, at) => detection({ id: `many-${at}`, territories: ['RE'] }))
  await opened.services.detections.saveAll(many, new Date('2024-05-19T00:00:00Z'))
  const made = await generateReport({ ...request, territory: 'RE' }, opened.services)
  expect(made.report.manoeuvres).toHaveLength(300)
  const csv = await opened.services.archive.get('reports/RE/2024-W20/amber/v0001/detections.csv')
  expect(csvRecords(csv)).toHaveLength(340)
})
