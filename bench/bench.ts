/**
 * Benchmarks: ratios within one run, since the machines are noisy. `npm run bench` prints a table, `-- --json` the
 * figures, `-- --only pdf` one subject.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundles } from './bundles.ts'
import { wholeDemo } from './demo.ts'
import { type Figures, machine, show } from './figures.ts'
import { readingSpeeds, storingSpeed } from './intake.ts'
import { pdfs } from './pdf.ts'
import { steadyState } from './steady-state.ts'
import { weeks } from './week.ts'
import { manyTerritoryWeeks } from './weekly-run.ts'

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean' }, million: { type: 'boolean' } },
})
const most = Number(process.env.BENCH_DETECTIONS ?? 100_000)
const sizes = [...[1_000, 10_000].filter((size) => size < most), most, ...(values.million ? [1_000_000] : [])]

/** Each in a folder of its own. */
const subjects: Readonly<Record<string, (home: string) => Promise<Figures>>> = {
  bundles,
  pdf: pdfs,
  demo: wholeDemo,
  intake: () => readingSpeeds(20_000),
  store: (home) => storingSpeed(home, 10_000),
  week: (home) => weeks(home, sizes),
  steady: (home) => steadyState(home, Number(process.env.BENCH_WEEK ?? 10_000)),
  weekly: (home) => manyTerritoryWeeks(home, Number(process.env.BENCH_TERRITORY_WEEKS ?? 500)),
}

const { only } = values
const asked = Object.entries(subjects).filter(([name]) => only === undefined || name === only)
if (asked.length === 0)
  throw new Error(`there is no benchmark ${only}: name one of ${Object.keys(subjects).join(', ')}`)

const home = await mkdtemp(join(tmpdir(), 'vigie-bench-'))
try {
  let figures = machine()
  for (const [name, measure] of asked) figures = { ...figures, ...(await measure(join(home, name))) }
  show(figures)
} finally {
  await rm(home, { recursive: true })
}
