/** Several commands on one data folder at once, and commands that are stopped in the middle. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import type { TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { verifyArchive } from '../../../lambdas/usecases/archive/verify-archive.ts'
import { draftFacts } from '../../../lambdas/usecases/reports/generate-report.ts'
import {
  ended,
  type IngestJson,
  jsonOf,
  ndjson,
  newFolder,
  type ReportJson,
  startVigie,
  vigie,
  vigieJson,
  type WeeklyJson,
  writeNdjson,
} from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { ingestInto, openedOn } from '../../support/services.ts'

let folder: string
let temporary: string
let env: Record<string, string>
let cleanUp: () => Promise<void>
let homes = 0

beforeAll(async () => {
  ;({ folder, remove: cleanUp } = await newFolder())
  temporary = join(folder, 'tmp')
  await mkdir(temporary)
  // An own temporary folder shows what is left there; the unpacked browser is shared.
  env = { TMPDIR: temporary, VIGIE_CHROMIUM_DIR: process.env.VIGIE_CHROMIUM_DIR ?? tmpdir() }
})

afterAll(() => cleanUp())

const newHome = async (posts = 5): Promise<string> => {
  homes += 1
  const home = join(folder, `home-${homes}`)
  await openedOn(home, (opened) => ingestInto(opened, [input({ id: 'a', counts: { posts } })]))
  return home
}

const verify = (home: string) => openedOn(home, async ({ services }) => (await verifyArchive(services)).problems)

/** What the report would count, without its hundreds of pages. */
const totalsOf = (home: string, territory: TerritoryCode, period: string) =>
  openedOn(home, async ({ services }) => {
    const request = { territory, period: parsePeriod(period), cap: 'TLP:AMBER' } as const
    return (await draftFacts(request, services)).totals
  })

/** Processes that work in our temporary folder, and the profiles in it. */
const left = async () => {
  const processes: string[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.includes(`--user-data-dir=${temporary}/`)) processes.push(pid)
  }
  return { processes, profiles: (await readdir(temporary)).filter((name) => name.startsWith('vigie-profile-')) }
}

const nothing = { processes: [], profiles: [] }

/** Resolves when the command has written this to stderr. */
const written = (child: ChildProcess, wanted: string): Promise<void> =>
  new Promise((done, fail) => {
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk
      if (text.includes(wanted)) done()
    })
    child.once('close', () => fail(new Error(`it ended before it wrote "${wanted}": ${text}`)))
  })

/** Five territories. */
const some = ['NC', 'antilles']

/** A weekly run that has made its first report and is making the others. */
const weeklyUnderWay = async (home: string) => {
  const child = startVigie(['weekly', '2024-W20', '--territory', ...some, '--home', home, '--json'], { env })
  const all = ended(child)
  await written(child, 'done')
  return { child, all }
}

test('two commands that want the same report make one version, and get the same answer', async () => {
  const home = await newHome()
  const rans = await Promise.all(
    [0, 1].map(() => vigie(['report', 'NC', '2024-W20', '--home', home, '--json'], { env })),
  )
  expect(rans.map(({ code }) => code)).toEqual([0, 0])
  const reports = rans.map((ran) => jsonOf<ReportJson>(ran))
  expect(reports.filter(({ isNew }) => isNew)).toHaveLength(1)
  const same = reports.map(({ isNew: _i, timings: _t, ...rest }) => rest)
  expect(same[1]).toEqual(same[0])
  expect(await readdir(join(home, 'archive/reports/NC/2024-W20/amber'))).toEqual(['v0001'])
  expect(await verify(home)).toEqual([])
})

test('the web stores detections while commands ingest and report next to it, and nothing is lost', async () => {
  const home = await newHome(0)
  const server = startVigie(['serve', '--port', '0', '--home', home], { env })
  const all = ended(server)
  let printed = ''
  server.stderr?.on('data', (chunk: Buffer) => {
    printed += chunk
  })
  await written(server, 'Ctrl-C')
  const [, url = '', token = ''] = /(http:\/\/127\.0\.0\.1:\d+)\/enter\/([0-9a-f]{64})/.exec(printed) ?? []
  const named = (name: string) =>
    Array.from({ length: 300 }, (_, at) => input({ id: `${name}-${at}`, counts: { posts: 1 } }))
  const file = await writeNdjson(join(folder, 'beside.ndjson'), ...named('file'))
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' }
  const [ingest, report, ...posted] = await Promise.all([
    vigie(['ingest', file, '--home', home, '--json']),
    vigie(['report', 'COR', '2024-W20', '--home', home, '--json'], { env }),
    ...[0, 100, 200].map((from) =>
      fetch(`${url}/detections`, {
        method: 'POST',
        headers,
        body: ndjson(...named('web').slice(from, from + 100)),
      }),
    ),
  ])
  expect([ingest.code, report.code]).toEqual([0, 0])
  expect(posted.map(({ status }) => status)).toEqual([200, 200, 200])
  server.kill('SIGTERM')
  await all
  expect(await totalsOf(home, 'NC', '2024-W20')).toMatchObject({ detections: 601, posts: { value: 600 } })
  expect(await verify(home)).toEqual([])
})

describe('a weekly run that is stopped', () => {
  it('by SIGINT ends at once, leaves no browser and no profile, and the next one completes', async () => {
    const home = await newHome()
    const { child, all } = await weeklyUnderWay(home)
    child.kill('SIGINT')
    const { code, stdout, stderr } = await all
    expect(code).toBe(130)
    expect(stderr).toContain('interrupted: what was done by now stays')
    expect(stderr).not.toMatch(/stopped [A-Z]+:/)
    expect(JSON.parse(stdout)).toEqual({ error: { message: expect.stringContaining('interrupted') } })
    expect(stderr).not.toContain('The printer is closed')
    expect(await left()).toEqual(nothing)
    const again = ['weekly', '2024-W20', '--territory', ...some, '--home', home]
    const { reports, failed } = await vigieJson<WeeklyJson>(again, { env })
    expect(failed).toEqual([])
    expect(reports.map(({ territory }) => territory)).toEqual(['NC', 'GP', 'MQ', 'BL', 'MF'])
    expect(await verify(home)).toEqual([])
  })

  it.each<[string, readonly NodeJS.Signals[], number?]>([
    ['SIGTERM', ['SIGTERM'], 143],
    ['an impatient second Ctrl-C', ['SIGINT', 'SIGINT']],
    ['the closing of its terminal', ['SIGHUP']],
  ])('by %s leaves no browser and no profile either', async (_, signals, exit) => {
    const { child, all } = await weeklyUnderWay(await newHome())
    for (const [at, signal] of signals.entries()) {
      if (at > 0) await pause(15)
      child.kill(signal)
    }
    const { code } = await all
    if (exit !== undefined) expect(code).toBe(exit)
    expect(await left()).toEqual(nothing)
  })

  it('by SIGKILL leaves nothing after the next run, and an archive that verifies', async () => {
    const home = await newHome()
    const { child, all } = await weeklyUnderWay(home)
    child.kill('SIGKILL')
    await all
    // Of another week, whose number is not claimed.
    await vigieJson<ReportJson>(['report', 'NC', '2024-W30', '--home', home], { env })
    expect(await left()).toEqual(nothing)
    expect(await verify(home)).toEqual([])
  })

  it('by SIGKILL lets other commands on the home finish', async () => {
    const home = await newHome()
    const { child, all } = await weeklyUnderWay(home)
    const other = startVigie(['report', 'COR', '2024-W20', '--home', home, '--json'], { env })
    const theirs = ended(other)
    await pause(250)
    child.kill('SIGKILL')
    await all
    const ran = await theirs
    expect(ran.code).toBe(0)
    expect(jsonOf<ReportJson>(ran)).toMatchObject({ territory: 'COR', version: 1 })
    expect(await verify(home)).toEqual([])
  })
})

describe('an ingest that is stopped', () => {
  it('by SIGKILL is completed by the same file', async () => {
    const home = await newHome()
    const all = Array.from({ length: 2_000 }, (_, at) => input({ id: `many-${at}`, counts: { posts: 1 } }))
    const child = startVigie(['ingest', '-', '--home', home])
    // The second half never comes.
    const half = ndjson(...all.slice(0, 1_000))
    child.stdin?.on('error', () => undefined)
    child.stdin?.write(half)
    const ending = once(child, 'close')
    while (!(await readdir(home)).includes('table.sqlite-shm')) await pause(20)
    await pause(500)
    child.kill('SIGKILL')
    await ending
    const tally = await vigieJson<IngestJson>(['ingest', '-', '--home', home], { stdin: ndjson(...all) })
    expect(tally.accepted + tally.duplicates).toBe(2_000)
    expect(await totalsOf(home, 'NC', '2024-W20')).toMatchObject({ detections: 2_001, posts: { value: 2_005 } })
  })

  it('by SIGINT ends at once though its input continues', async () => {
    const home = await newHome()
    const child = startVigie(['ingest', '-', '--home', home])
    child.stdin?.on('error', () => undefined)
    child.stdin?.write(ndjson(...Array.from({ length: 500 }, (_, at) => input({ id: `many-${at}` }))))
    while (!(await readdir(home)).includes('table.sqlite-shm')) await pause(20)
    await pause(500)
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect(code).toBe(130)
  })
})
