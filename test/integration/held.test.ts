/** A report that fails the publish gate: archived whole with the reason, answering nothing, failing its command. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
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
import { vigie } from '../support/cli.ts'
import { csvRecords } from '../support/csv.ts'
import { detection } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { type Opened, openServices } from '../support/services.ts'

const request = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
const edition = { territory: 'NC', period: request.period, cap: request.cap } as const

let folder: string
let opened: Opened
let failing: Services

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-held-'))
  opened = await openServices(folder)
  await opened.services.detections.saveAll(
    [detection({ id: 'a' }), detection({ id: 'b' })],
    new Date('2024-05-19T00:00:00Z'),
  )
  const { printer } = opened.services
  // Margins without their labels: what a broken style sheet would print.
  const unmarked = changedPrint(printer, (html) => html.replace(/@(top|bottom)-right\{[^}]*\}/g, ''))
  failing = opened.asRun('failing', { printer: unmarked })
})
afterAll(async () => {
  await opened.close()
  await rm(folder, { recursive: true, force: true })
})

const states = async () =>
  (await opened.services.reports.versions(edition)).map(({ version, state }) => `${version} ${state}`)

describe('a report without its marking', () => {
  test('is held: archived with all its files and the reason, which the error tells', async () => {
    const error = await generateReport(request, failing).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HeldReportError)
    expect(String(error)).toMatch(
      /NC\/2024-W20\/amber\/v0001 is held: report\.fr\.pdf: page.* without TLP:AMBER in the header/,
    )
    expect(String(error)).toContain(join(folder, 'archive/reports/NC/2024-W20/amber/v0001/manifest.json'))
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
      'report.stix.json',
    ])
  })

  test('never answers a request: the same snapshot makes the next version, which follows on nothing', async () => {
    const made = await generateReport(request, opened.services)
    expect(made).toMatchObject({ isNew: true, manifest: { version: 2, previous: null } })
    expect(await states()).toEqual(['1 held', '2 published'])
    expect((await generateReport(request, failing)).isNew).toBe(false)
  })

  test('is verified like any other, and stands between published versions without breaking their chain', async () => {
    await opened.services.detections.saveAll([detection({ id: 'c' })], new Date('2024-05-20T00:00:00Z'))
    opened.at('2024-05-21T00:00:00Z')
    await generateReport(request, failing).catch(() => undefined)
    const made = await generateReport(request, opened.services)
    expect(made.manifest).toMatchObject({ version: 4, previous: { version: 2 } })
    expect(await verifyArchive(opened.services)).toMatchObject({ versions: 4, problems: [] })
    const [held] = await opened.services.reports.versions(edition)
    const damaged = {
      ...opened.services,
      reports: {
        ...opened.services.reports,
        all: async function* () {
          if (held?.held) yield { ...held, held: { ...held.held, manifestSha256: '0'.repeat(64) } }
        },
      },
    }
    expect((await verifyArchive(damaged)).problems[0]?.message).toContain('is not the manifest that was held')
  })

  test('fails for its territory alone in a weekly run', async () => {
    const progress = { started: () => undefined, made: () => undefined, failed: () => undefined }
    const stopping = new AbortController()
    const printer: Printing = {
      print: (html, options) => {
        const printing = html.includes('Wallis') ? failing.printer : opened.services.printer
        if (html.includes('Guadeloupe')) stopping.abort()
        return printing.print(html, options)
      },
    }
    const { reports, failed } = await runWeek(
      { week: request.period, cap: request.cap, stopping: stopping.signal },
      opened.asRun('weekly', { printer }),
      progress,
    )
    expect(failed.map(({ territory }) => territory)).toEqual(['WF'])
    expect(reports.map(({ edition: { territory } }) => territory)).toEqual(['NC', 'PF', 'GP'])
  })

  test('stops none of its territory’s other editions', async () => {
    await opened.services.recipients.add(
      recipient('green@example.org', { territories: ['YT'], clearance: 'TLP:GREEN' }),
      { by: 'a test' },
      opened.services.clock(),
    )
    const printer: Printing = {
      print: (html, options) =>
        (html.includes('TLP:AMBER edition') ? failing.printer : opened.services.printer).print(html, options),
    }
    const progress = { started: () => undefined, made: () => undefined, failed: () => undefined }
    const { reports, failed } = await runWeek(
      { week: request.period, cap: 'TLP:AMBER', only: ['YT'] },
      opened.asRun('editions', { printer }),
      progress,
    )
    expect(failed.map(({ territory }) => territory)).toEqual(['YT'])
    expect(reports.map(({ edition: { cap } }) => cap)).toEqual(['TLP:GREEN'])
  })

  test('is listed with its state and reason', async () => {
    const { stdout } = await vigie(['archive', 'list', '--territory', 'NC', '--home', folder])
    expect(stdout).toMatch(/v0001\s+held: report\.fr\.pdf/)
  })
})

describe('the CSV of a version', () => {
  test('holds every detection of the period, also those that the report is too short to list', async () => {
    const many = Array.from({ length: 340 }, (_, at) => detection({ id: `many-${at}`, territories: ['RE'] }))
    await opened.services.detections.saveAll(many, new Date('2024-05-19T00:00:00Z'))
    const made = await generateReport({ ...request, territory: 'RE' }, opened.services)
    expect(made.report.manoeuvres).toHaveLength(300)
    const csv = await opened.services.archive.get('reports/RE/2024-W20/amber/v0001/detections.csv')
    expect(csvRecords(csv)).toHaveLength(340)
  })
})

describe('a report whose print says another number', () => {
  test('is held, with what it says and what it should', async () => {
    const { printer } = opened.services
    const wrong = changedPrint(printer, (html, language) =>
      language === 'en' ? html.replaceAll('<b>2</b>', '<b>3</b>') : html,
    )
    const other = { ...request, territory: 'TF' } as const
    const two = ['c', 'd'].map((id) => detection({ id, territories: ['TF'] }))
    await opened.services.detections.saveAll(two, new Date('2024-05-19T00:00:00Z'))
    const error = await generateReport(other, opened.asRun('wrong', { printer: wrong })).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(HeldReportError)
    expect(String(error)).toContain('report.en.pdf: does not contain detections exact 2')
    const versions = await opened.services.reports.versions(other)
    expect(versions.map(({ state }) => state)).toEqual(['held'])
  })
})
