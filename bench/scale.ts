/**
 * Another engine over the table's export, against our own count: `npm run bench:scale`. First the weeks of all
 * territories in one table, then the oracle's random sets, each in a table of its own. Fails where a period that the
 * query calls plain differs.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { Marking } from '../lambdas/domain/core/marking.ts'
import { type TerritoryCode, territories, territoryOf } from '../lambdas/domain/core/place/territory.ts'
import { boundsIn, parsePeriod } from '../lambdas/domain/core/time/period.ts'
import { draftFacts } from '../lambdas/usecases/reports/generate-report.ts'
import type { Held } from '../test/oracle/counting.ts'
import { asOf, openStores, type Store, takeSet } from '../test/oracle/product.ts'
import { territories as codesInSets, sets } from '../test/oracle/sets.ts'
import { inThousands, machine, show } from './figures.ts'
import { type Exported, writeExport } from './scale/export.ts'

const folder = fileURLToPath(new URL('./scale/', import.meta.url))
if (!existsSync(join(folder, 'node_modules', '@duckdb')))
  throw new Error('DuckDB is not installed here: run npm run bench:scale, which installs it')

const many = Number(process.env.BENCH_SCALE ?? 20_000)
const randomSets = Number(process.env.BENCH_SCALE_SETS ?? 150)
const seed = Number(process.env.BENCH_SCALE_SEED ?? 1)

type Question = { readonly territory: TerritoryCode; readonly period: string }

/** What is compared. */
type Counts = {
  readonly detections: number
  readonly manoeuvres: number
  readonly posts: number | null
  readonly posts_qualifier: string
  readonly accounts: number | null
}

type Row = Question & Counts & { readonly is_plain: boolean }

/** DuckDB, in a process of its own: one question after the other. */
const openEngine = () => {
  const child: ChildProcess = spawn(process.execPath, [join(folder, 'duckdb.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (!child.stdin || !child.stdout) throw new Error('DuckDB’s process has no streams')
  const { stdin } = child
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    count: async (question: {
      readonly export: string
      readonly periods: string
      readonly asOf: string
      readonly cap: Marking
    }): Promise<{ readonly rows: readonly Row[]; readonly ms: number }> => {
      stdin.write(`${JSON.stringify(question)}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('DuckDB ended without an answer')
      return JSON.parse(value)
    },
    close: () => stdin.end(),
  }
}

const lineOf = ({ territory, period: id }: Question): string => {
  const period = parsePeriod(id)
  const { from, to } = boundsIn(period, territoryOf(territory).zone)
  const [starts, ends] = [new Date(from).toISOString(), new Date(to).toISOString()]
  return `${JSON.stringify({ territory, period: id, starts, ends, last: period.last })}\n`
}

type Compared = {
  /** Periods in which something counts, by what the query says of them. */
  readonly plain: number
  readonly other: number
  readonly empty: number
  readonly differences: readonly string[]
}

/** Ours against the engine's, of every question under a cap. */
const compare = async (
  store: Store,
  exported: Exported,
  questions: readonly Question[],
  cap: Marking,
  engine: ReturnType<typeof openEngine>,
  work: string,
): Promise<Compared & { readonly ms: number; readonly ownMs: number }> => {
  const periods = join(work, 'periods.json')
  await writeFile(periods, questions.map(lineOf).join(''))
  const { rows, ms } = await engine.count({ export: exported.data, periods, asOf, cap })
  const found = new Map(rows.map((row) => [`${row.territory} ${row.period}`, row]))
  const differences: string[] = []
  let [plain, other, empty, ownMs] = [0, 0, 0, 0]
  for (const question of questions) {
    const { territory, period } = question
    const row = found.get(`${territory} ${period}`)
    const begun = performance.now()
    const { totals } = await draftFacts({ territory, period: parsePeriod(period), cap }, store.services)
    ownMs += performance.now() - begun
    const own: Counts = {
      detections: totals.detections,
      manoeuvres: totals.manoeuvres,
      posts: totals.posts.value,
      posts_qualifier: totals.posts.qualifier,
      accounts: totals.accounts.value,
    }
    if (row && !row.is_plain) {
      other += 1
      continue
    }
    if (row) plain += 1
    else empty += 1
    // Where nothing counts the query has no row, and whether it is 0 or not watched is for the sources to say.
    const same = row
      ? (Object.keys(own) as (keyof Counts)[]).every((name) => own[name] === row[name])
      : own.detections === 0
    if (!same) differences.push(`${territory} ${period} ${cap}: ${JSON.stringify(own)}, DuckDB ${JSON.stringify(row)}`)
  }
  return { plain, other, empty, differences, ms, ownMs }
}

const weeks = ['2024-W18', '2024-W19', '2024-W20']
const markings = ['TLP:CLEAR', 'TLP:GREEN', 'TLP:GREEN', 'TLP:AMBER', 'TLP:RED'] as const
const kinds = ['copy-paste', 'video', 'coordinated-sharing', 'offline-event'] as const

/** A whole, its part and the part's part are so many apart: in one territory, on one day, of one marking. */
const apart = 21 * territories.length

/**
 * Detections of one detector over three weeks: wholes and parts, several territories, days, instants and months,
 * splits.
 */
const detectionAt = (at: number) => {
  const role = at % 5
  const isAlone = role === 1 || role === 4
  const partOf = (role === 0 || role === 3) && at >= apart ? { partOf: `d-${at - apart}` } : {}
  const day = new Date(Date.UTC(2024, 3, 29 + (at % 21))).toISOString().slice(0, 10)
  const codes = [at, at + 1].map((number) => territories[number % territories.length]?.code ?? 'NC')
  const isMonth = isAlone && at % 97 === 0
  const isInstant = at % 3 === 0
  const posts = (at * 7_919) % 500
  return {
    id: `d-${at}`,
    detector: 'bench',
    kind: kinds[at % kinds.length],
    title: `Burst ${at}`,
    ...partOf,
    territories: isAlone && at % 11 === 0 ? codes : codes.slice(0, 1),
    observed: isMonth ? { from: '2024-05' } : { from: isInstant ? `${day}T22:30:00Z` : day },
    platforms: ['X', 'Facebook'],
    counts: {
      ...(at % 6 !== 0 && { posts: at % 9 === 0 ? { value: posts, qualifier: 'about' } : posts }),
      ...(at % 10 === 1 && { byPlatform: [{ platform: 'X', posts: posts + 3, accounts: 9 }] }),
      ...(at % 14 === 2 && !isInstant && !isMonth && { byDay: [{ day, posts: posts + 5 }] }),
      accounts: at % 90,
    },
    ...(at % 4 === 0 && { accountRefs: [0, 1, 2, 3, 4].map((number) => `acct-${(at * 31 + number) % 5_000}`) }),
    marking: markings[(at % apart) % markings.length],
    // More than an item holds: such a body stands in parts.
    ...(at % 5_000 === 4_999 && { evidence: longEvidence }),
  }
}

const longEvidence = Array.from({ length: 60 }, (_, at) => ({
  label: `Capture ${at}`,
  url: `https://archive.example.org/${at}/${'a'.repeat(3_900)}`,
}))

const ofOneDetector = ({ revisions, withdrawn }: Held): Held => ({
  withdrawn,
  revisions: revisions.map((revision) => ({ ...revision, detector: 'D3lta' })),
})

const work = await mkdtemp(join(tmpdir(), 'vigie-bench-scale-'))
const stores = await openStores()
const engine = openEngine()
try {
  const one = await stores.open()
  for (let at = 0; at < many; at += 500)
    await one.take(...Array.from({ length: Math.min(500, many - at) }, (_, number) => detectionAt(at + number)))
  // Some are corrected, of which some move to another day; some are withdrawn.
  const corrected = Array.from({ length: Math.floor(many / 20) }, (_, at) => {
    const { counts, ...said } = detectionAt(20 * at + 6)
    const { byDay: _byDay, ...others } = counts
    return { ...said, counts: { ...others, posts: 1 }, ...(at % 4 === 0 && { observed: { from: '2024-05-14' } }) }
  })
  for (let at = 0; at < corrected.length; at += 500) await one.take(...corrected.slice(at, at + 500))
  for (let at = 3; at < many; at += 400)
    await one.services.detections.withdraw(`d-${at}`, { by: 'a test', reason: 'by mistake' }, new Date(asOf))
  const exported = await writeExport(one.table, join(work, 'weeks'))
  const questions = [...weeks, '2024-05'].flatMap((period) =>
    territories.map(({ code }) => ({ territory: code, period })),
  )
  const inWeeks: Awaited<ReturnType<typeof compare>>[] = []
  for (const cap of ['TLP:GREEN', 'TLP:AMBER', 'TLP:RED'] as const)
    inWeeks.push(await compare(one, exported, questions, cap, engine, work))

  const inSets: Awaited<ReturnType<typeof compare>>[] = []
  for (const [number, held] of fc.sample(sets, { numRuns: randomSets, seed }).entries()) {
    const store = await stores.open()
    // Every other set is one detector's, so that nothing in it overlaps and wholes with their parts are plain.
    await takeSet(store, number % 2 === 0 ? held : held.map(ofOneDetector), [])
    const set = await writeExport(store.table, join(work, `set-${number}`))
    const asked = ['2024-W20', '2024-05'].flatMap((period) => codesInSets.map((territory) => ({ territory, period })))
    for (const cap of ['TLP:AMBER', 'TLP:RED'] as const)
      inSets.push(await compare(store, set, asked, cap, engine, work))
  }

  const sumOf = (all: typeof inWeeks, of: (one: (typeof inWeeks)[number]) => number) =>
    all.reduce((sum, each) => sum + of(each), 0)
  const counted = (all: typeof inWeeks) =>
    `${inThousands(sumOf(all, ({ plain }) => plain))}; not covered ${inThousands(sumOf(all, ({ other }) => other))}, empty ${inThousands(sumOf(all, ({ empty }) => empty))}`
  const differences = [...inWeeks, ...inSets].flatMap((each) => each.differences)
  show({
    ...machine(),
    'detections in one table': inThousands(many),
    'items exported': inThousands(exported.items),
    'export, gzipped': `${(exported.bytes / 2 ** 20).toFixed(1)} MB`,
    'periods counted by both': counted(inWeeks),
    'DuckDB, all periods of a cap': `${Math.round(sumOf(inWeeks, ({ ms }) => ms) / inWeeks.length)} ms`,
    'facts of our reports, one after the other': `${Math.round(sumOf(inWeeks, ({ ownMs }) => ownMs) / inWeeks.length)} ms`,
    'random sets': inThousands(randomSets),
    'their periods counted by both': counted(inSets),
    differences: differences.length,
  })
  for (const line of differences.slice(0, 20)) process.stderr.write(`${line}\n`)
  if (differences.length > 0) process.exitCode = 1
} finally {
  engine.close()
  await stores.close()
  await rm(work, { recursive: true })
}
