/**
 * New data makes the next version, and the old one stays. Which version answers a request is
 * test/domain/report/version.test.ts.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { ongoingPartition } from '../../lambdas/store/table/keys.ts'
import type { Table } from '../../lambdas/store/table/table.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { servicesOn } from '../../lambdas/usecases/services.ts'
import { jsonOf, newFolder, type ReportJson, vigie, vigieJson, type WeeklyJson } from '../support/cli.ts'
import { now } from '../support/clock.ts'
import { detection, input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let opened: Opened
let folder: string
let home: string
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  home = join(folder, 'home')
  opened = await openServices(home, 'now')
  cleanUp = async () => {
    await opened.close()
    await made.remove()
  }
})
afterAll(() => cleanUp())

const ingest = (changes: Partial<DetectionInput>) => ingestInto(opened, [input(changes)])

/** Every file of a version: name, bytes, time, place on the disk. */
const filesOf = async ({ files }: ReportJson) => {
  const version = dirname(files[0]?.path ?? '')
  const names = (await readdir(version)).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const { mtimeMs, ino } = await stat(join(version, name))
      return { name, mtimeMs, ino, body: (await readFile(join(version, name))).toString('base64') }
    }),
  )
}
const fileOf = ({ files }: ReportJson, name: string) => files.find((file) => file.name === name)
const figures = ({ totals, days, undated }: ReportJson) => ({ totals, days, undated })

it('a version follows new data and a withdrawal; each is found as of its time, and no file changes', async () => {
  const report = (asOf?: string) => reportFrom(opened, 'NC', '2024-W20', asOf === undefined ? {} : { asOf })
  await ingest({ id: 'v-base', counts: { posts: 200, accounts: 20 } })
  const first = await report()
  expect(first).toMatchObject({ version: 1, isNew: true, reconstructed: false })
  const archived = await filesOf(first)
  expect(await report()).toMatchObject({ version: 1, isNew: false, asOf: first.asOf, files: first.files })

  const between = now().toISOString()
  // A detection stored in the same millisecond would count as known then.
  await pause(2)
  await ingest({ id: 'v-more', observed: { from: '2024-05-16' }, counts: { posts: 1000 } })
  const second = await report()
  expect(second).toMatchObject({ version: 2, isNew: true })
  expect(second.totals.posts).toEqual({ value: 1200, qualifier: 'exact' })

  const withdrawal = { by: 'a test', reason: 'a false alarm' }
  await opened.services.detections.withdraw('v-more', withdrawal, opened.services.clock())
  const third = await report()
  expect(third).toMatchObject({ version: 3, isNew: true })
  expect(figures(third)).toEqual(figures(first))

  const then = await vigieJson<ReportJson>(['report', 'NC', '2024-W20', '--as-of', between, '--home', home])
  expect(then).toMatchObject({ version: 1, isNew: false, files: first.files })
  const again = await report(second.asOf)
  expect(again).toMatchObject({ version: 2, isNew: false, ...figures(second) })
  expect(await filesOf(first)).toEqual(archived)
  const manifest = JSON.parse(await readFile(fileOf(third, 'manifest.json')?.path ?? '', 'utf8'))
  expect(manifest.previous).toEqual({ version: 2, manifestSha256: fileOf(second, 'manifest.json')?.sha256 })

  const listed = await vigieJson<unknown[]>(['archive', 'list', '--period', '2024-w20', '--home', home])
  expect(listed).toHaveLength(3)
  expect(await vigieJson(['archive', 'list', '--period', '1999', '--home', home])).toEqual([])
})

it('vigie withdraw fails for an unknown id, and not for a withdrawn one', async () => {
  const withdraw = (id: string, ...more: readonly string[]) =>
    vigie(['withdraw', id, '--reason', 'a false alarm', '--home', home, ...more])
  const unknown = await withdraw('unknown-id', '--json')
  const error = { message: expect.stringContaining('unknown-id') }
  expect([unknown.code, jsonOf(unknown)]).toMatchObject([1, { error }])
  await ingest({ id: 'w-twice', territories: [] })
  const done = { id: 'w-twice', withdrawn: true, already: false, parts: [] }
  expect(jsonOf(await withdraw('w-twice', '--json'))).toEqual(done)
  const again = await withdraw('w-twice')
  expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^w-twice was withdrawn already, by \S/)])
})

it('the weekly run makes the other reports, and names the character that a failed one cannot print', async () => {
  await ingest({ id: 'rare', territories: ['MQ'], title: `A sign ${String.fromCodePoint(0x12000)}` }) // cuneiform
  const ran = await vigie(['weekly', '2024-W20', '--territory', 'NC', 'Martinique', '--home', home, '--json'])
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringMatching(/failed +MQ/)])
  const { reports, failed } = jsonOf<WeeklyJson>(ran)
  expect(failed).toMatchObject([{ territory: 'MQ', message: expect.stringContaining('U+12000') }])
  expect(reports.map(({ territory }) => territory)).toEqual(['NC'])
  await ingest({ id: 'rare', territories: ['MQ'], title: 'A sign' })
  expect((await reportFrom(opened, 'MQ', '2024-W20')).totals.detections).toBe(1)
})

describe('a version that is made while earlier detections are stored', () => {
  const request = { territory: 'PF', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
  const weekBefore = { ...request, period: parsePeriod('2024-W19') }
  const save = (changes: Partial<DetectionInput>) =>
    opened.services.detections.saveAll(
      [detection({ territories: ['PF'], ...changes })],
      new Date(now().getTime() - 60_000),
    )
  /** Services that store a detection once, as soon as the ongoing detections of the territory are read. */
  const servicesWhile = (changes: Partial<DetectionInput>) => {
    const { table } = opened
    const { archive, printer, signer, clock } = opened.services
    const once = { left: 1 }
    const pages: Table['pages'] = async function* (pk, range) {
      if (pk === ongoingPartition('PF') && once.left-- > 0) await save(changes)
      yield* table.pages(pk, range)
    }
    return servicesOn({ table: { ...table, pages }, archive, printer, signer, run: 'while', clock })
  }
  const ids = ({ contributing }: Awaited<ReturnType<typeof generateReport>>['report']) =>
    [...contributing].map(({ id }) => id).toSorted()

  it('is of one reading', async () => {
    await save({ id: 'l-there' })
    const first = await generateReport(request, servicesWhile({ id: 'l-late', counts: { posts: 77 } }))
    expect(ids(first.report)).toEqual(['l-there'])
    const second = await generateReport(request, opened.services)
    expect([second.report.version, ids(second.report)]).toEqual([2, ['l-late', 'l-there']])
  })

  it('uses the last revision that it read', async () => {
    const one = { id: 'm-raised', observed: { from: '2024-05-07', to: '2024-05-09' } }
    await save(one)
    const { report } = await generateReport(weekBefore, servicesWhile({ ...one, marking: 'TLP:RED' }))
    expect(ids(report)).not.toContain('m-raised')
    expect(report.withheld).toBe(1)
  })

  it.each(['TLP:CLEAR', 'TLP:AMBER'] as const)('is not new if only more is withheld (%s)', async (cap) => {
    const first = await generateReport({ ...weekBefore, cap }, opened.services)
    await save({ id: `n-above-${cap}`, observed: { from: '2024-05-08' }, marking: 'TLP:RED' })
    const again = await generateReport({ ...weekBefore, cap }, opened.services)
    expect([again.report.version, again.isNew]).toEqual([first.report.version, false])
    expect(again.report.withheld).toBe(first.report.withheld)
    expect(again.withheldByNow).toBe(first.withheldByNow + 1)
  })
})

it('a report of a running week states it, and is made again once the week is over, without new data', async () => {
  const own = await openServices(join(folder, 'own'), '2024-05-16T02:00:00.000Z')
  const request = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
  const { en, fr } = (await generateReport(request, own.services)).report.pages
  expect(JSON.stringify(en.first?.unknown.items[0])).toContain('This week')
  expect(JSON.stringify(fr)).toContain('n’est pas terminée')
  expect(en.first?.next).toMatch(/Monday,?.20.May/)
  own.at('2024-05-20T00:00:00.000Z')
  const over = await generateReport(request, own.services)
  expect(over).toMatchObject({ isNew: true, report: { version: 2, changes: { reasons: ['period over'] } } })
  expect(JSON.stringify(over.report.pages)).not.toContain('is not over')
  expect(over.report.pages.en.first?.next).toMatch(/Monday,?.27.May/)
  expect((await generateReport(request, own.services)).isNew).toBe(false)
  await own.close()
})
