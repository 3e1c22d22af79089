/**
 * New data makes the next version; the old one stays. Each test has detections of its own on one home, which this
 * process has open with a clock that runs: commands join it where their words and exit codes are what is asked.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { ongoingPartition } from '../../lambdas/store/table/keys.ts'
import type { Table } from '../../lambdas/store/table/table.ts'
import { verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { servicesOn } from '../../lambdas/usecases/services.ts'
import { jsonOf, newFolder, type ReportJson, vigie, vigieJson, type WeeklyJson } from '../support/cli.ts'
import { now } from '../support/clock.ts'
import { detection, input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let opened: Opened
let home: string
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  opened = await openServices(home, 'now')
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})

afterAll(() => cleanUp())

const ingest = (...said: readonly Partial<DetectionInput>[]) =>
  ingestInto(
    opened,
    said.map((one) => input(one)),
  )

const report = (territory: TerritoryCode, asOf?: string) =>
  reportFrom(opened, territory, '2024-W20', asOf === undefined ? {} : { asOf })

const withdraw = (id: string) =>
  opened.services.detections.withdraw(id, { by: 'a test', reason: 'a false alarm' }, opened.services.clock())

const withdrawn = (id: string) => vigie(['withdraw', id, '--reason', 'a false alarm', '--home', home, '--json'])

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

/** Services that do something once, as soon as the detections that go on in a territory are asked for. */
const servicesWhile = ({ services, table }: Opened, territory: TerritoryCode, work: () => Promise<unknown>) => {
  const { archive, printer, signer, clock } = services
  const once = { left: 1 }
  const pages: Table['pages'] = async function* (pk, range) {
    if (pk === ongoingPartition(territory) && once.left-- > 0) await work()
    yield* table.pages(pk, range)
  }
  return servicesOn({ table: { ...table, pages }, archive, printer, signer, run: 'while', clock })
}

describe('versions', () => {
  it('follow new data and withdrawals, each told again as of its time', async () => {
    await ingest({ id: 'v-base', counts: { posts: 200, accounts: 20 } })
    const first = await report('NC')
    expect(first).toMatchObject({ version: 1, isNew: true, reconstructed: false })
    const archived = await filesOf(first)

    const same = await report('NC')
    expect(same).toMatchObject({ version: 1, isNew: false, asOf: first.asOf, files: first.files })

    const between = now().toISOString()
    // What is stored in the same millisecond is of that time.
    await pause(2)
    await ingest({ id: 'v-more', observed: { from: '2024-05-16' }, counts: { posts: 1000 } })
    const second = await report('NC')
    expect(second).toMatchObject({ version: 2, isNew: true })
    expect(second.totals.posts).toEqual({ value: 1200, qualifier: 'exact' })
    expect(second.totals.detections).toBe(first.totals.detections + 1)

    expect(await withdraw('v-more')).toBe(true)
    const third = await report('NC')
    expect(third).toMatchObject({ version: 3, isNew: true })
    expect(figures(third)).toEqual(figures(first))

    const then = await vigieJson<ReportJson>(['report', 'NC', '2024-W20', '--as-of', between, '--home', home])
    expect(then).toMatchObject({ version: 1, isNew: false, files: first.files })
    expect(figures(await report('NC', second.asOf))).toEqual(figures(second))
    expect(await report('NC', second.asOf)).toMatchObject({ version: 2, isNew: false })
    expect(await filesOf(first)).toEqual(archived)

    const manifest = JSON.parse(await readFile(fileOf(third, 'manifest.json')?.path ?? '', 'utf8')) as {
      previous: unknown
    }
    expect(manifest.previous).toEqual({ version: 2, manifestSha256: fileOf(second, 'manifest.json')?.sha256 })
  })
})

describe('withdraw', () => {
  it('says that an id is unknown, and that it was withdrawn already', async () => {
    const unknown = await withdrawn('nobody-knows-it')
    expect(unknown.code).toBe(1)
    expect(jsonOf(unknown)).toMatchObject({ error: { message: expect.stringContaining('nobody-knows-it') } })
    await ingest({ id: 'w-twice', territories: [] })
    expect(jsonOf(await withdrawn('w-twice'))).toEqual({ id: 'w-twice', withdrawn: true, already: false, parts: [] })
    const again = await withdrawn('w-twice')
    expect(again.code).toBe(0)
    expect(jsonOf(again)).toMatchObject({ already: true })
    const told = await vigie(['withdraw', 'w-twice', '--reason', 'twice', '--home', home])
    expect(told.stdout).toMatch(/^w-twice was withdrawn already, by \S/)
  })

  it('keeps out what is sent again, with its reason where it says something else', async () => {
    await ingest({ id: 'w-again', territories: ['PM'] })
    await withdraw('w-again')
    expect(await ingest({ id: 'w-again', territories: ['PM'] })).toMatchObject({ read: 1, duplicates: 1 })
    const changed = await ingest({ id: 'w-again', territories: ['PM'], counts: { posts: 1 } })
    expect(changed).toMatchObject({ read: 1, rejected: 1, revised: 0 })
    expect(changed.rejects).toMatchObject([{ id: 'w-again', message: expect.stringContaining('a false alarm') }])
    expect((await report('PM')).totals.detections).toBe(0)
  })
})

describe('without a territory', () => {
  const ours = (ids: readonly string[]) => ids.filter((id) => id.startsWith('u-'))
  const listed = async () =>
    ours(await Array.fromAsync(opened.services.detections.unplaced(), ({ detection }) => detection.id))

  it('a detection waits in the list until it is placed, then counts', async () => {
    expect(await ingest({ id: 'u-1', territories: [], counts: { posts: 6 } })).toMatchObject({ read: 1, unplaced: 1 })
    const list = await vigieJson<readonly { readonly id: string }[]>(['unplaced', 'list', '--home', home])
    expect(ours(list.map(({ id }) => id))).toEqual(['u-1'])
    expect(await listed()).toEqual(['u-1'])
    expect((await report('WF')).totals.detections).toBe(0)
    await vigieJson(['unplaced', 'place', 'u-1', 'WF', '--by', 'Ana', '--home', home])
    expect(await listed()).toEqual([])
    const placed = await report('WF')
    expect(placed.totals).toMatchObject({ detections: 1, posts: { value: 6 } })
    const again = await vigie(['unplaced', 'place', 'u-1', 'NC', '--by', 'Ana', '--home', home, '--json'])
    expect(again.code).toBe(1)
    expect(jsonOf(again)).toMatchObject({ error: { message: expect.stringContaining('placed already') } })
  })

  it('keeps its place when its source sends it again unchanged', async () => {
    await ingest({ id: 'u-2', territories: [], counts: { posts: 8 } })
    const places = [{ code: 'GF' as const, method: 'analyst' as const, by: 'Ana' }]
    await opened.services.detections.assignTerritories('u-2', places, { by: 'a test' }, opened.services.clock())
    expect(await ingest({ id: 'u-2', territories: [], counts: { posts: 8 } })).toMatchObject({ read: 1, duplicates: 1 })
    expect(await listed()).toEqual([])
    expect((await report('GF')).totals.posts.value).toBe(8)
  })
})

describe('what is odd in a detection', () => {
  it('stops no other territory: the failed one is listed with its character, the others are made', async () => {
    const glyph = String.fromCodePoint(0x12000) // cuneiform
    await ingest({ id: 'rare', territories: ['MQ'], title: { en: `A sign ${glyph}`, fr: `Un signe ${glyph}` } })
    const ran = await vigie(['weekly', '2024-W20', '--territory', 'NC', 'Martinique', '--home', home, '--json'])
    expect(ran.code).toBe(1)
    const { reports, failed } = jsonOf<WeeklyJson>(ran)
    expect(failed).toMatchObject([{ territory: 'MQ', message: expect.stringContaining('U+12000') }])
    expect(reports.map(({ territory }) => territory)).toEqual(['NC'])
    expect(ran.stderr).toMatch(/failed +MQ/)
    const alone = await vigie(['report', 'MQ', '2024-W20', '--home', home, '--json'])
    expect(alone.code).toBe(1)
    expect(jsonOf(alone)).toMatchObject({ error: { message: expect.stringContaining('U+12000') } })
    expect((await verifyArchive(opened.services)).problems).toEqual([])
    // Mended, the report comes about; the numbers given up are passed over.
    await ingest({ id: 'rare', territories: ['MQ'], title: 'A sign' })
    expect((await report('MQ')).totals.detections).toBe(1)
  })
})

describe('the archive’s list', () => {
  type Listed = readonly {
    readonly id: string
    readonly territory: string
    readonly period: string
    readonly version: number
    readonly state: string
  }[]

  it('has every version, and those of one territory or period where asked', async () => {
    const list = (...more: readonly string[]) => vigieJson<Listed>(['archive', 'list', ...more, '--home', home])
    const all = await list()
    expect(all.filter(({ territory, period }) => territory === 'NC' && period === '2024-W20')).toHaveLength(3)
    expect(await list('--territory', 'FR-NC', '--period', '2024-w20')).toHaveLength(3)
    expect(await list('--period', '1999')).toEqual([])
    const { reports } = opened.services
    const ofMartinique = await Array.fromAsync(reports.all({ territory: 'MQ' }))
    expect(ofMartinique.map(({ state }) => state)).toContain('held')
    expect(new Set(ofMartinique.map(({ territory }) => territory))).toEqual(new Set(['MQ']))
    const name = ({ territory, version }: Pick<Listed[number], 'territory' | 'version'>) => `${territory} ${version}`
    const ofTheWeek = await Array.fromAsync(reports.all({ period: '2024-W20' }))
    expect(ofTheWeek.map(name)).toEqual(all.map(name))
  })
})

describe('a version that is made while detections of before come in', () => {
  const request = { territory: 'PF', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
  const weekBefore = { ...request, period: parsePeriod('2024-W19') }
  const storedBefore = new Date(now().getTime() - 60_000)
  const save = (said: Partial<DetectionInput>) => () =>
    opened.services.detections.saveAll([detection({ territories: ['PF'], ...said })], storedBefore)

  it('is all of one reading', async () => {
    await save({ id: 'l-there' })()
    const late = save({ id: 'l-late', counts: { posts: 77 } })
    const { report: first } = await generateReport(request, servicesWhile(opened, 'PF', late))
    expect([...first.contributing].map(({ id }) => id)).toEqual(['l-there'])
    const { report: second } = await generateReport(request, opened.services)
    expect(second.version).toBe(2)
    expect([...second.contributing].map(({ id }) => id).toSorted()).toEqual(['l-late', 'l-there'])
  })

  it('takes a detection as it was read last', async () => {
    const observed = { from: '2024-05-07', to: '2024-05-09' }
    await save({ id: 'm-raised', observed })()
    const raise = save({ id: 'm-raised', observed, marking: 'TLP:RED' })
    const { report } = await generateReport(weekBefore, servicesWhile(opened, 'PF', raise))
    expect([...report.contributing].map(({ id }) => id)).not.toContain('m-raised')
    expect(report.withheld).toBe(1)
  })

  it.each(['TLP:CLEAR', 'TLP:AMBER'] as const)('makes no version where more is withheld alone (%s)', async (cap) => {
    const observed = { from: '2024-05-08' }
    const first = await generateReport({ ...weekBefore, cap }, opened.services)
    await save({ id: `n-above-${cap}`, observed, marking: 'TLP:RED' })()
    const again = await generateReport({ ...weekBefore, cap }, opened.services)
    expect([again.report.version, again.isNew]).toEqual([first.report.version, false])
    expect(again.report.withheld).toBe(first.report.withheld)
    expect(again.withheldByNow).toBe(first.withheldByNow + 1)
  })
})

describe('a report of a week that still runs', () => {
  it('says so, and is made again once the week is over, though nothing came in', async () => {
    const { folder, remove } = await newFolder()
    const own = await openServices(join(folder, 'own'), '2024-05-16T02:00:00.000Z')
    const request = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
    const running = await generateReport(request, own.services)
    const [first] = running.report.pages.en.essentials.findings
    expect(JSON.stringify(first)).toContain('This week')
    expect(JSON.stringify(running.report.pages.fr)).toContain('n’est pas terminée')
    expect(JSON.stringify(running.report.pages.en.closing)).toMatch(/Monday,?.20.May/)
    own.at('2024-05-20T00:00:00.000Z')
    const over = await generateReport(request, own.services)
    expect(over).toMatchObject({ isNew: true, report: { version: 2, changes: { reasons: ['period over'] } } })
    expect(JSON.stringify(over.report.pages)).not.toContain('is not over')
    expect(JSON.stringify(over.report.pages.en.closing)).toMatch(/Monday,?.27.May/)
    expect((await generateReport(request, own.services)).isNew).toBe(false)
    await own.close()
    await remove()
  })
})
