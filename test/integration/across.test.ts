/** What a report knows beyond its own figures: where else its manoeuvres were seen, and how its sources watched. */
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { reportOutput } from '../../bin/cli/output/outputs.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { shownText } from '../../lambdas/render/html-check.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport, type MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let opened: Opened

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder, '2024-05-21T00:00:00.000Z')
  return async () => {
    await opened.close()
    await remove()
  }
})

const ingest = (...inputs: readonly Partial<DetectionInput>[]) =>
  ingestDetections(
    inputs.map((one) => ({ detection: detection({ marking: 'TLP:AMBER', ...one }) })),
    'test',
    opened.services,
  )

const week = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const

const pageText = async (made: MadeReport, lang: 'fr' | 'en', { services } = opened): Promise<string> => {
  const file = reportOutput(made, services.archive).files.find(({ name }) => name === `report.${lang}.html`)
  return shownText(await readFile(file?.path ?? '', 'utf8'))
    .join(' ')
    .replace(/\s+/g, ' ')
}

const hereAndElsewhere = (name: string, both: Partial<DetectionInput>, elsewhere: Partial<DetectionInput> = {}) =>
  ingest(
    { id: `${name}-here`, counts: { posts: 10 }, ...both },
    { id: `${name}-there`, territories: ['COR'], observed: { from: '2024-05-03' }, ...both, ...elsewhere },
  )

describe('across territories', () => {
  let made: MadeReport

  const rowsOf = (id: string) => made.report.across.find(({ manoeuvre }) => manoeuvre === id)

  beforeAll(async () => {
    await hereAndElsewhere('campaign', { campaign: 'Storm-x' }, { campaign: 'storm-X' })
    await hereAndElsewhere('set', { accountSet: { id: 'set-1', name: 'The set', size: 423 } })
    await hereAndElsewhere('tag', { hashtags: ['#Vent'] }, { hashtags: ['vent'] })
    await hereAndElsewhere('print', { fingerprints: [{ algorithm: 'sha256', value: 'abc' }] })
    await hereAndElsewhere('red', { campaign: 'Secretly' }, { marking: 'TLP:RED' })
    // After the end of the period.
    await hereAndElsewhere('after', { campaign: 'Afterwards' }, { observed: { from: '2024-05-20' } })
    await hereAndElsewhere(
      'common',
      { campaign: 'Commonly', accountRefs: ['a', 'b', 'c'] },
      { accountRefs: ['b', 'c', 'd'], counts: { posts: 1, accounts: 3 } },
    )
    await ingest({
      ...{ id: 'common-red', territories: ['COR'], observed: { from: '2024-05-04' } },
      ...{ campaign: 'Commonly', accountRefs: ['a'], marking: 'TLP:RED' },
    })
    await hereAndElsewhere('group', { campaign: 'Grouped' }, { territories: ['antilles'], counts: { posts: 7 } })
    made = await generateReport(week, opened.services)
  })

  it.each([
    ['campaign', { kind: 'campaign' }],
    ['set', { kind: 'accountSet', value: 'set-1' }],
    ['tag', { kind: 'hashtag' }],
    ['print', { kind: 'fingerprint', value: 'sha256:abc' }],
  ])('finds the same %s in another territory', (name, link) => {
    const across = rowsOf(`${name}-here`)
    expect(across?.first).toMatchObject({ territories: ['COR'], by: [link] })
    expect(across?.rows).toMatchObject([{ territory: 'COR', by: [link], detections: 1, groupOnly: false }])
  })

  it('has nothing above the cap, nor anything from after the period', () => {
    expect(rowsOf('red-here')).toBeUndefined()
    expect(rowsOf('after-here')).toBeUndefined()
    expect(JSON.stringify(made.report)).not.toMatch(/red-there|common-red|after-there/)
    // The third common account is named above the cap alone.
    expect(rowsOf('common-here')?.rows).toMatchObject([
      { territory: 'COR', detections: 1, accounts: { value: 3 }, commonAccounts: 2 },
    ])
  })

  it('shows the total on the page, and that the rows of a group exceed it', async () => {
    const text = await pageText(made, 'en')
    expect(text).toContain('In all, this manoeuvre included and each detection once: 2 detections, 17 posts')
    expect(text).toContain('their rows do not add up')
  })

  it('takes no row out where more detections above the cap than are read have the link', async () => {
    await hereAndElsewhere('flood', { campaign: 'Flood', marking: 'TLP:CLEAR' })
    const across = async () => {
      const { report } = await generateReport({ ...week, cap: 'TLP:CLEAR' }, opened.services)
      return report.across.find(({ manoeuvre }) => manoeuvre === 'flood-here')
    }
    const before = await across()
    expect(before?.rows.map(({ territory }) => territory)).toEqual(['COR'])
    const above = { territories: ['MQ'], observed: { from: '2024-05-01' }, marking: 'TLP:RED', campaign: 'Flood' }
    await ingest(
      ...Array.from({ length: 210 }, (_, at) => ({ ...above, id: `flood-red-${at}` }) as Partial<DetectionInput>),
    )
    expect(await across()).toEqual(before)
  })
})

describe('the watch', () => {
  it('counts inputs by rhythm in a running period, with its gap, rejects and detections without a place', async () => {
    const other = await newFolder()
    const watch = await openServices(other.folder)
    try {
      const deliver = async (instant: string, changes: Partial<DetectionInput>) => {
        watch.at(instant)
        const detector = { name: 'Sonar', expectedRhythm: 'PT6H' }
        await ingestDetections([{ detection: detection({ detector, ...changes }) }], instant, watch.services)
      }
      // Monday 00:00 in Nouméa is Sunday 13:00 UTC.
      for (const [at, instant] of ['12T14', '12T20', '13T02', '13T08', '13T14', '15T02', '15T08'].entries())
        await deliver(`2024-05-${instant}:00:00.000Z`, { id: `s-${at}`, observed: { from: '2024-05-13' } })
      await deliver('2024-05-15T09:00:00.000Z', { id: 's-nowhere', territories: [], observed: { from: '2024-05-14' } })
      await ingestInto(watch, '{}\n{"id":"x"}\n', { format: 'ndjson' })
      watch.at('2024-05-15T13:00:00.000Z')
      const made = await generateReport(week, watch.services)
      // Three days of the week have passed: twelve rhythms of six hours.
      expect(made.report.sources[0]?.watch).toMatchObject({
        inputs: 8,
        expected: 12,
        days: [{ inputs: 4 }, { inputs: 1 }, { inputs: 3 }],
        gaps: [{ from: '2024-05-13T14:00:00.000Z', to: '2024-05-15T02:00:00.000Z', hours: 36 }],
      })
      // The marking of a reject is unknown: its number is for RED alone.
      expect(made.report.watch).toEqual({ rejects: null, unplaced: 1, marking: 'TLP:AMBER' })
      const red = await generateReport({ ...week, cap: 'TLP:RED' }, watch.services)
      expect(red.report.watch).toEqual({ rejects: 2, unplaced: 1, marking: 'TLP:RED' })
      const text = await pageText(made, 'en', watch)
      expect(text).toMatch(/Sonar every 6 hours 8 of 12 15 May 2024, 20:00 .*36 h from 14 May 2024, 01:00/)
      expect(text).not.toContain('Rejects of the period')
      expect(text).toContain('Detections without a place 1')
    } finally {
      await watch.close()
      await other.remove()
    }
  })
})
