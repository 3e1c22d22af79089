/** What reports count and when they are made anew: the use cases on a real home, in one process. */
import { readFile, stat } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportOutput } from '../../bin/cli/output/outputs.ts'
import { parseTerritory } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport, type ReportRequest } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder, type ReportJson } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { type Opened, openServices } from '../support/services.ts'

let opened: Opened
let cleanUp: () => Promise<void>
let seconds = 0

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder)
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})

afterAll(() => cleanUp())

/** Each step comes a second after the one before, in July 2024. */
const tick = () => {
  seconds += 1
  opened.at(new Date(Date.UTC(2024, 6, 1) + seconds * 1000).toISOString())
}

const ingest = (...said: readonly Partial<DetectionInput>[]) => {
  tick()
  return ingestDetections(
    said.map((one) => ({ detection: detection(one) })),
    'test',
    opened.services,
  )
}

const report = async (territory: string, period: string, more: Partial<ReportRequest> = {}): Promise<ReportJson> => {
  tick()
  const { code } = parseTerritory(territory)
  const made = await generateReport(
    { territory: code, period: parsePeriod(period), cap: 'TLP:AMBER', ...more },
    opened.services,
  )
  return reportOutput(made, opened.services.archive)
}

const fileOf = ({ files }: ReportJson, name: string) => files.find((file) => file.name === name)

describe('a report', () => {
  it('as of an instant before all data is reconstructed, once', async () => {
    await ingest({ id: 'past', territories: ['GP'], counts: { posts: 7 } })
    const now = await report('GP', '2024-W20')
    const past = await report('GP', '2024-W20', { asOf: '2024-06-01T00:00:00.000Z' })
    expect(past).toMatchObject({ version: 2, isNew: true, reconstructed: true, asOf: '2024-06-01T00:00:00.000Z' })
    const told = JSON.parse(await readFile(fileOf(past, 'report.json')?.path ?? '', 'utf8'))
    expect(told.changes).toBeNull()
    expect(past.totals.detections).toBe(0)
    expect(await report('GP', '2024-W20', { asOf: '2024-06-01T00:00:00.000Z' })).toMatchObject({
      version: 2,
      isNew: false,
    })
    expect(await report('GP', '2024-W20')).toMatchObject({ version: now.version, isNew: false })
  })

  it('of one edition does not stand in the way of another cap', async () => {
    await ingest({ id: 'cap-red', territories: ['MF'], marking: 'TLP:RED', counts: { posts: 3 } })
    await ingest({ id: 'cap-green', territories: ['MF'], marking: 'TLP:GREEN', counts: { posts: 4 } })
    const amber = await report('MF', '2024-W20')
    // The source that is named declares no marking: AMBER.
    expect(amber).toMatchObject({ marking: 'TLP:AMBER', withheld: 1, totals: { posts: { value: 4 } } })
    const red = await report('MF', '2024-W20', { cap: 'TLP:RED' })
    expect(red).toMatchObject({ marking: 'TLP:RED', version: 1, withheld: 0, totals: { posts: { value: 7 } } })
    const shown = await readFile(fileOf(amber, 'report.json')?.path ?? '', 'utf8')
    expect(shown).not.toContain('cap-red')
  })

  it('counts a detection by instant on the day that it has in its territory’s own time', async () => {
    // 13:30 UTC on Sunday 19 May is Monday 00:30 in Nouméa, and still Sunday in Paris.
    await ingest({
      id: 'zone',
      territories: ['NC', 'COR'],
      observed: { from: '2024-05-19T13:30:00Z' },
      counts: { posts: 9 },
    })
    const heaviest = { id: 'zone', posts: 9 }
    const nine = { detections: 1, posts: { value: 9, qualifier: 'exact' }, marking: 'TLP:AMBER', heaviest }
    expect((await report('COR', '2024-W20')).days.at(-1)).toEqual({ date: '2024-05-19', ...nine })
    const monday = await report('NC', '2024-W21')
    expect(monday.days[0]).toEqual({ date: '2024-05-20', ...nine })
    // The same, to the letter, in both answers.
    expect(JSON.parse(await readFile(fileOf(monday, 'report.json')?.path ?? '', 'utf8')).days).toEqual(monday.days)
  })
  it('makes an exact figure of 1.5 MB of account references', async () => {
    const accountRefs = Array.from({ length: 30_000 }, (_, at) => `account-${at}-${'😀é"\\'.repeat(6)}`)
    expect(JSON.stringify(accountRefs).length).toBeGreaterThan(1_500_000)
    await ingest({ id: 'large', territories: ['BL'], counts: { posts: 30_000 }, accountRefs })
    const made = await report('BL', '2024-W20')
    expect(made.totals.accounts).toEqual({ value: 30_000, qualifier: 'exact' })
    expect((await stat(fileOf(made, 'report.json')?.path ?? '')).size).toBeLessThan(1_000_000)
  })

  it('bears rows by the thousand', async () => {
    const byDay = Array.from({ length: 4_000 }, () => ({ day: '2024-05-22', accounts: 1 }))
    const observed = { from: '2024-05-22' }
    await ingest({ id: 'rows', territories: ['TF'], observed, counts: { posts: 1, byDay } })
    expect((await report('TF', '2024-W21')).totals.detections).toBe(1)
  })
})

describe('a revision that moves in time and place', () => {
  it('leaves the old week and territory for the new ones', async () => {
    await ingest({ id: 'moving', territories: ['RE'], counts: { posts: 40 } })
    expect((await report('RE', '2024-W20')).totals.posts.value).toBe(40)
    const moved = { id: 'moving', territories: ['RE', 'YT'], observed: { from: '2024-05-22' }, counts: { posts: 40 } }
    expect(await ingest(moved)).toMatchObject({ revised: 1 })
    expect(await report('RE', '2024-W20')).toMatchObject({
      version: 2,
      totals: { detections: 0, posts: { value: null, qualifier: 'not watched' } },
    })
    expect((await report('RE', '2024-W21')).totals).toMatchObject({ detections: 1, posts: { value: 40 } })
    expect((await report('YT', '2024-W21')).totals.posts.value).toBe(40)
  })
})

describe('two homes with the same input and clock', () => {
  it('make the same bytes, whatever the order of the input', async () => {
    const said = [
      { id: 'a', counts: { posts: 5 }, accountRefs: ['x', 'y'] },
      { id: 'b', partOf: 'a', counts: { posts: 3 }, hashtags: ['#Un', '#un'] },
      { id: 'c', observed: { from: '2024-05' }, detector: 'another' },
      { id: 'd', observed: { from: '2024-04-02', to: '2024-05-15' }, counts: { posts: 5 } },
      { id: 'e', counts: { posts: 5 }, platforms: ['X', 'Facebook'] },
    ].map((one) => detection(one))
    const hashes: unknown[] = []
    for (const order of [said, said.toReversed()]) {
      const other = await newFolder()
      const opened = await openServices(other.folder)
      await ingestDetections(
        order.map((one) => ({ detection: one })),
        'test',
        opened.services,
      )
      const week = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
      hashes.push((await generateReport(week, opened.services)).manifest)
      await opened.close()
      await other.remove()
    }
    expect(hashes[1]).toEqual(hashes[0])
  })
})
