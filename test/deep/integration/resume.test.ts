/** A maker that dies: what the next one does with its version, on a real home with an own clock. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Archive } from '../../../lambdas/archive/archive.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { openPrinter, type Printer } from '../../../lambdas/render/chromium.ts'
import { verifyArchive } from '../../../lambdas/usecases/archive/verify-archive.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport, type ReportRequest } from '../../../lambdas/usecases/reports/generate-report.ts'
import { runWeek } from '../../../lambdas/usecases/reports/weekly-run.ts'
import type { Services } from '../../../lambdas/usecases/services.ts'
import { printedOnce } from '../../support/changed-print.ts'
import { newFolder } from '../../support/cli.ts'
import { detection } from '../../support/detections.ts'
import { type Opened, openServices } from '../../support/services.ts'

let printer: Printer
let opened: Opened
let cleanUp: () => Promise<void>

beforeAll(async () => {
  printer = printedOnce(await openPrinter())
})

afterAll(() => printer.close())

beforeEach(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder, '2024-05-20T08:00:00.000Z', printer)
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})

afterEach(() => cleanUp())

const week: ReportRequest = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' }

const ingest = (...records: readonly Parameters<typeof detection>[0][]) =>
  ingestDetections(
    records.map((one) => ({ detection: detection(one) })),
    'test',
    opened.services,
  )

/** A run that dies before its `nth` file is archived: it hangs there forever, and its claim stays. */
const dieAt = async (nth: number): Promise<void> => {
  const { promise: died, resolve: die } = Promise.withResolvers<void>()
  const { archive } = opened.services
  let files = 0
  const dying: Archive = {
    ...archive,
    put: async (...given) => {
      files += 1
      if (files < nth) return archive.put(...given)
      die()
      return new Promise(() => {})
    },
  }
  const made = generateReport(week, opened.asRun('dead', { archive: dying }))
  await Promise.race([died, made])
}

const states = async () =>
  (await opened.services.reports.versions({ ...week })).map(({ version, state }) => `${version} ${state}`)

const verified = async () => expect((await verifyArchive(opened.services)).problems).toEqual([])

describe('a version whose maker died', () => {
  it.each([1, 3, 9])('is completed under its number and instant, from file %i on', async (nth) => {
    await ingest({ id: 'a', counts: { posts: 5 } })
    opened.at('2024-05-20T09:00:00.000Z')
    await dieAt(nth)
    expect(await states()).toEqual(['1 claimed'])
    opened.at('2024-05-20T09:03:00.000Z')
    const made = await generateReport(week, opened.asRun('next'))
    expect(made).toMatchObject({ isNew: true, manifest: { version: 1, asOf: '2024-05-20T09:00:00.000Z' } })
    expect(await states()).toEqual(['1 published'])
    await verified()
  })

  it('is waited for during its lease', async () => {
    await ingest({ id: 'a' })
    await dieAt(2)
    opened.at('2024-05-20T08:01:00.000Z')
    const made = generateReport(week, opened.asRun('next'))
    const first = await Promise.race([made, new Promise((done) => setTimeout(done, 700, 'waits'))])
    expect(first).toBe('waits')
    opened.at('2024-05-20T08:02:01.000Z')
    expect(await made).toMatchObject({ isNew: true, manifest: { version: 1 } })
  })

  it('of an error is completed by the next run at once, however often that happens', async () => {
    await ingest({ id: 'a', counts: { posts: 5 } })
    const { archive } = opened.services
    const put: Archive['put'] = async (key, ...given) => {
      if (key.endsWith('manifest.json')) throw new Error('s3:PutObject is denied')
      return archive.put(key, ...given)
    }
    for (const run of ['one', 'two', 'three']) {
      const made = generateReport(week, opened.asRun(run, { archive: { ...archive, put } }))
      await expect(made).rejects.toThrow('s3:PutObject is denied')
      const [entry, ...others] = await opened.services.reports.versions(week)
      expect([entry?.version, entry?.reason, others]).toEqual([1, 's3:PutObject is denied', []])
    }
    const made = await generateReport(week, opened.asRun('next'))
    expect(made).toMatchObject({ isNew: true, manifest: { version: 1 } })
    expect(await opened.services.reports.versions(week)).toMatchObject([{ state: 'published' }])
    expect((await opened.services.reports.versions(week))[0]?.reason).toBeUndefined()
    await verified()
  })

  it('is abandoned where the next snapshot is another', async () => {
    await ingest({ id: 'a', counts: { posts: 5 } })
    await dieAt(4)
    opened.at('2024-05-20T08:03:00.000Z')
    await ingest({ id: 'b', counts: { posts: 7 } })
    const made = await generateReport(week, opened.asRun('next'))
    expect(made).toMatchObject({
      manifest: { version: 2, previous: null },
      report: { totals: { posts: { value: 12 } } },
    })
    expect(await states()).toEqual(['1 abandoned', '2 published'])
    await verified()
  })

  const again = () => ingest({ id: 'a', counts: { posts: 5 } })
  const nothing = async (): Promise<unknown> => undefined
  it.each<[string, () => Promise<unknown>, () => Promise<unknown>, number]>([
    ['its source delivered again since', nothing, again, 1],
    ['its source had delivered twice that day and once more since', again, again, 1],
    [
      'an unplaced detection was placed elsewhere since',
      () => ingest({ id: 'b', territories: [] }),
      () => {
        const places = [{ code: 'COR' as const, method: 'analyst' as const }]
        return opened.services.detections.assignTerritories('b', places, { by: 'a test' }, opened.services.clock())
      },
      2,
    ],
    [
      'its source describes itself otherwise since',
      nothing,
      () => ingest({ id: 'b', territories: ['COR'], detector: { name: 'D3lta', version: '2.0' } }),
      2,
    ],
  ])('is followed by a report though %s', async (_, before, since, version) => {
    await again()
    opened.at('2024-05-20T08:30:00.000Z')
    await before()
    opened.at('2024-05-20T09:00:00.000Z')
    await dieAt(3)
    opened.at('2024-05-20T09:05:00.000Z')
    await since()
    const made = await generateReport(week, opened.asRun('next'))
    expect(made).toMatchObject({ isNew: true, report: { version, totals: { posts: { value: 5 } } } })
    await verified()
  })

  it.each([{}, { program: 'vigie 99.0.0' }])(
    'after its manifest is completed by the next run (%o)',
    async (changed) => {
      await ingest({ id: 'a', counts: { posts: 5 } })
      const { promise: died, resolve: die } = Promise.withResolvers<void>()
      const reports: Services['reports'] = {
        ...opened.services.reports,
        change: () => {
          die()
          return new Promise(() => {})
        },
      }
      void generateReport(week, opened.asRun('dead', { reports }))
      await died
      opened.at('2024-05-20T08:03:00.000Z')
      const made = await generateReport(week, opened.asRun('next', changed))
      expect(made).toMatchObject({ isNew: true, report: { totals: { posts: { value: 5 } } } })
      await verified()
    },
  )
})

describe('a request for the past', () => {
  it('shows the sources as they were then', async () => {
    await ingest({ id: 'a' })
    opened.at('2024-05-20T09:00:00.000Z')
    await ingest({ id: 'a' })
    opened.at('2024-05-20T10:00:00.000Z')
    const then = await generateReport(week, opened.services)
    opened.at('2024-05-20T11:00:00.000Z')
    await ingest({ id: 'a' })
    const [source] = await opened.services.sources.asOf('2024-05-20T10:00:00.000Z')
    expect(source?.earlier.at(-1)?.at ?? source?.inputs.at(-1)?.at).toBe('2024-05-20T09:00:00.000Z')
    expect(then.report.sources[0]?.lastInput).toBe('2024-05-20T09:00:00.000Z')
  })
})

describe('a clock that was set back', () => {
  it('finds the current version, and what came since makes the next one, not one of the past', async () => {
    await ingest({ id: 'a' })
    opened.at('2024-05-20T10:00:00.000Z')
    await ingest({ id: 'b' })
    expect(await generateReport(week, opened.services)).toMatchObject({ isNew: true, manifest: { version: 1 } })
    opened.at('2024-05-20T09:30:00.000Z')
    expect(await generateReport(week, opened.services)).toMatchObject({ isNew: false, manifest: { version: 1 } })
    await ingest({ id: 'c' })
    const next = await generateReport(week, opened.services)
    expect(next).toMatchObject({ isNew: true, report: { totals: { detections: 3 } } })
    expect(next.manifest).toMatchObject({ version: 2, asOf: '2024-05-20T10:00:00.000Z', previous: { version: 1 } })
    expect(next.manifest).not.toHaveProperty('reconstructed')
    await verified()
  })
})

describe('a period that had not begun at the as-of instant', () => {
  it.each(['2024-W30', '2099-W01', '2024-W22'])('is refused: %s', async (period) => {
    const early = generateReport({ ...week, period: parsePeriod(period) }, opened.services)
    await expect(early).rejects.toThrow(`${period} has not begun for NC`)
  })

  it('may be under way', async () => {
    await ingest({ id: 'a' })
    const made = await generateReport({ ...week, period: parsePeriod('2024-W21') }, opened.services)
    expect(made.report.totals.detections).toBe(0)
  })
})

it('a weekly run takes the last complete week of each territory’s own zone', async () => {
  // Sunday 26 May, 22:00 in Paris: in Nouméa the week from 20 May is over, in Paris it is not.
  opened.at('2024-05-26T20:00:00.000Z')
  const idle = { started: () => {}, made: () => {}, failed: () => {} }
  const { reports, failed } = await runWeek({ cap: 'TLP:AMBER', only: ['NC', 'COR'] }, opened.services, idle)
  expect(failed).toEqual([])
  const weeks = Object.fromEntries(reports.map(({ edition }) => [edition.territory, edition.period.id]))
  expect(weeks).toEqual({ NC: '2024-W21', COR: '2024-W20' })
})
