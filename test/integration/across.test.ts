/** What a report knows beyond its own figures: where else its manoeuvres were seen, and whether the watch was kept. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportOutput } from '../../bin/cli/output/outputs.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { readRecords } from '../../lambdas/intake/formats.ts'
import { shownText } from '../../lambdas/render/html-check.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport, type MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { type Opened, openServices } from '../support/services.ts'

let opened: Opened
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder, '2024-05-21T00:00:00.000Z')
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})

afterAll(() => cleanUp())

const ingest = (...said: readonly Partial<DetectionInput>[]) =>
  ingestDetections(
    said.map((one) => ({ detection: detection({ marking: 'TLP:AMBER', ...one }) })),
    'test',
    opened.services,
  )

const report = (territory: TerritoryCode, period = '2024-W20'): Promise<MadeReport> =>
  generateReport({ territory, period: parsePeriod(period), cap: 'TLP:AMBER' }, opened.services)

const shown = async (made: MadeReport, lang: 'fr' | 'en'): Promise<string> => {
  const file = reportOutput(made, opened.services.archive).files.find(({ name }) => name === `report.${lang}.html`)
  return shownText(await readFile(file?.path ?? '', 'utf8'))
    .join(' ')
    .replace(/\s+/g, ' ')
}

const hereAndElsewhere = async (name: string, both: Partial<DetectionInput>, elsewhere: Partial<DetectionInput> = {}) =>
  ingest(
    { id: `${name}-here`, counts: { posts: 10 }, ...both },
    { id: `${name}-there`, territories: ['COR'], observed: { from: '2024-05-03' }, ...both, ...elsewhere },
  )

describe('across territories', () => {
  let made: MadeReport

  const rowsOf = (id: string) => made.report.across.find(({ manoeuvre }) => manoeuvre === id)

  beforeAll(async () => {
    await hereAndElsewhere('campaign', { campaign: 'Storm-x' }, { campaign: 'storm-X', counts: { posts: 4 } })
    await hereAndElsewhere('set', { accountSet: { id: 'set-1', name: 'The set', size: 423 } })
    await hereAndElsewhere('tag', { hashtags: ['#Vent'] }, { hashtags: ['vent'] })
    await hereAndElsewhere('print', { fingerprints: [{ algorithm: 'sha256', value: 'abc' }] })
    await hereAndElsewhere('red', { campaign: 'Secretly' }, { marking: 'TLP:RED' })
    // After the period's end: not yet seen.
    await hereAndElsewhere('after', { campaign: 'Afterwards' }, { observed: { from: '2024-05-20' } })
    await hereAndElsewhere(
      'common',
      { campaign: 'Commonly' },
      { accountRefs: ['b', 'c', 'd'], counts: { posts: 1, accounts: 3 } },
    )
    await ingest({ id: 'common-here', campaign: 'Commonly', counts: { posts: 10 }, accountRefs: ['a', 'b', 'c'] })
    await ingest({
      ...{ id: 'common-red', territories: ['COR'], observed: { from: '2024-05-04' } },
      ...{ campaign: 'Commonly', accountRefs: ['a'], marking: 'TLP:RED' },
    })
    await ingest({ id: 'group-here', campaign: 'Grouped', counts: { posts: 10 } })
    await ingest({
      ...{ id: 'group-there', territories: ['antilles'], observed: { from: '2024-05-03' } },
      ...{ campaign: 'Grouped', counts: { posts: 7 } },
    })
    made = await report('NC')
  })

  it.each([
    ['campaign', { kind: 'campaign' }],
    ['set', { kind: 'accountSet', value: 'set-1' }],
    ['tag', { kind: 'hashtag' }],
    ['print', { kind: 'fingerprint', value: 'sha256:abc' }],
  ])('the same %s seen in Corsica before stands in New Caledonia’s report with its lag', (name, link) => {
    const across = rowsOf(`${name}-here`)
    // Midnight in Paris; Nouméa is nine hours ahead of it, so the first sighting of all is Corsica's.
    expect(across?.first).toEqual({
      territories: ['COR'],
      at: '2024-05-02T22:00:00.000Z',
      observed: { from: '2024-05-03', to: '2024-05-03', precision: 'day' },
      by: [expect.objectContaining(link)],
    })
    expect(across?.rows).toMatchObject([{ territory: 'COR', by: [link], lagDays: 0, detections: 1, groupOnly: false }])
    expect(across?.total.detections).toBe(2)
  })

  it('tells how many days later it came to New Caledonia, in Corsica’s report', async () => {
    const corsica = await report('COR', '2024-05')
    const row = corsica.report.across.find(({ manoeuvre }) => manoeuvre === 'campaign-there')
    // From 3 May to 15 May, each by its own calendar.
    expect(row?.rows).toMatchObject([{ territory: 'NC', lagDays: 12, posts: { value: 10, qualifier: 'at least' } }])
    expect(await shown(corsica, 'en')).toMatch(/New Caledonia campaign .?storm-x.? .*12 d/i)
  })

  it('nothing above the cap stands there, nor what came after the period', async () => {
    expect(rowsOf('red-here')).toBeUndefined()
    expect(rowsOf('after-here')).toBeUndefined()
    expect(JSON.stringify(made.report)).not.toMatch(/red-there|common-red|after-there/)
  })

  it('accounts that both name are counted', async () => {
    expect(rowsOf('common-here')?.rows).toMatchObject([{ territory: 'COR', detections: 1, accounts: { value: 3 } }])
    expect(await shown(made, 'en')).toMatch(/3, \d in common/)
  })

  it('accounts that only a detection above the cap names are not', () => {
    expect(rowsOf('common-here')?.rows).toMatchObject([{ commonAccounts: 2 }])
  })

  it('a marking that is raised elsewhere takes the row out of the next report', async () => {
    await ingest(
      { id: 'raised-here', territories: ['WF'], campaign: 'Raised' },
      { id: 'raised-there', territories: ['PF'], observed: { from: '2024-05-03' }, campaign: 'Raised' },
    )
    expect((await report('WF')).report.across).toHaveLength(1)
    opened.at('2024-05-21T00:01:00.000Z')
    await ingest({
      ...{ id: 'raised-there', territories: ['PF'], observed: { from: '2024-05-03' } },
      ...{ campaign: 'Raised', marking: 'TLP:RED' },
    })
    opened.at('2024-05-21T00:02:00.000Z')
    expect((await report('WF')).report.across).toEqual([])
  })

  it('more detections above the cap than are read take no row out', async () => {
    await hereAndElsewhere('flood', { campaign: 'Flood', marking: 'TLP:CLEAR' })
    const clear = () =>
      generateReport({ territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:CLEAR' }, opened.services)
    const across = async () => (await clear()).report.across.find(({ manoeuvre }) => manoeuvre === 'flood-here')
    const before = await across()
    expect(before?.rows.map(({ territory }) => territory)).toEqual(['COR'])
    const above = {
      territories: ['MQ'],
      observed: { from: '2024-05-01' },
      marking: 'TLP:RED',
      campaign: 'Flood',
    } as const
    await ingest(
      ...Array.from({ length: 210 }, (_, number) => ({ id: `flood-red-${number}`, ...above, territories: ['MQ'] })),
    )
    expect(await across()).toEqual(before)
  })

  it('a detection that a group placed is counted once in the total, and the page says why rows add up to more', async () => {
    const across = rowsOf('group-here')
    expect(across?.rows.length).toBeGreaterThan(1)
    expect(across?.rows.every(({ groupOnly, detections }) => groupOnly && detections === 1)).toBe(true)
    expect(across?.total).toEqual({ detections: 2, posts: { value: 17, qualifier: 'exact' } })
    expect(await shown(made, 'en')).toMatch(
      /In all, this manoeuvre included and each detection once: 2 detections, 17 posts/,
    )
    expect(await shown(made, 'en')).toContain('their rows do not add up')
    expect(await shown(made, 'fr')).toContain('par un groupe')
  })
})

describe('the watch', () => {
  it('counts inputs by rhythm in a running period, tells a gap, rejects and what has no place', async () => {
    const other = await newFolder()
    const watch = await openServices(other.folder)
    try {
      const deliver = async (instant: string, said: Partial<DetectionInput>) => {
        watch.at(instant)
        const detector = { name: 'Sonar', expectedRhythm: 'PT6H' }
        await ingestDetections([{ detection: detection({ detector, ...said }) }], instant, watch.services)
      }
      // Monday 00:00 in Nouméa is Sunday 13:00 UTC.
      for (const [at, instant] of ['12T14', '12T20', '13T02', '13T08', '13T14', '15T02', '15T08'].entries())
        await deliver(`2024-05-${instant}:00:00.000Z`, { id: `s-${at}`, observed: { from: '2024-05-13' } })
      await deliver('2024-05-15T09:00:00.000Z', { id: 's-nowhere', territories: [], observed: { from: '2024-05-14' } })
      const broken = new TextEncoder().encode('{}\n{"id":"x"}\n')
      const nothing = () => undefined
      const records = readRecords(
        (async function* () {
          yield broken
        })(),
        { file: 'broken', format: 'ndjson', noteUnused: nothing, note: nothing },
      )
      await ingestDetections(records, 'broken', watch.services)
      watch.at('2024-05-15T13:00:00.000Z')
      const week = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
      const made = await generateReport(week, watch.services)
      const [source] = made.report.sources
      // Three days of the week have passed: twelve rhythms of six hours.
      expect(source?.watch).toMatchObject({ inputs: 8, expected: 12 })
      expect(source?.watch.days).toEqual([
        { date: '2024-05-13', inputs: 4, found: 4 },
        { date: '2024-05-14', inputs: 1, found: 1 },
        { date: '2024-05-15', inputs: 3, found: 3 },
      ])
      expect(source?.watch.gaps).toEqual([
        { from: '2024-05-13T14:00:00.000Z', to: '2024-05-15T02:00:00.000Z', hours: 36 },
      ])
      // What a refused record is marked, nobody knows: below RED it is no number.
      expect(made.report.watch).toEqual({ rejects: null, unplaced: 1, marking: 'TLP:AMBER' })
      const red = await generateReport({ ...week, cap: 'TLP:RED' }, watch.services)
      expect(red.report.watch).toEqual({ rejects: 2, unplaced: 1, marking: 'TLP:RED' })
      const file = reportOutput(made, watch.services.archive).files.find(({ name }) => name === 'report.en.html')
      const html = shownText(await readFile(file?.path ?? '', 'utf8'))
        .join(' ')
        .replace(/\s+/g, ' ')
      expect(html).toMatch(/Sonar every 6 hours 8 of 12 15 May 2024, 20:00 .*36 h from 14 May 2024, 01:00/)
      expect(html).not.toContain('Rejects of the period')
      expect(html).toContain('Detections without a place 1')
    } finally {
      await watch.close()
      await other.remove()
    }
  })
})
