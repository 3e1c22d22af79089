/** The Report of a week of many detections beside the bare paginated reading of the same items, in processes of their own. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { ingestDetections } from '../lambdas/ingest-detections.ts'
import { readNdjson } from '../lambdas/intake/ndjson.ts'
import { homeAtOnce } from '../lambdas/local/ingest-files.ts'
import { onLaptop } from '../lambdas/local/laptop.ts'
import { type Figures, inThousands, median, ms, timed } from './figures.ts'
import { detectionLike } from './intake.ts'

/** In pairs: what else the machine does changes from minute to minute. */
const rounds = 3

type Week = {
  readonly many: number
  readonly ingest: number
  readonly bare: Measured
  readonly report: Measured
  readonly ratio: number
}

type Measured = { readonly time: number; readonly peakMb: number }

/** One after the other, from few detections to many; then how time and memory grow from the first to the last. */
export const weeks = async (home: string, sizes: readonly number[]): Promise<Figures> => {
  const measured: Week[] = []
  for (const many of sizes) measured.push(await weekOf(join(home, String(many)), many))
  return { ...Object.assign({}, ...measured.map(figuresOf)), ...growth(measured) }
}

const weekOf = async (home: string, many: number): Promise<Week> =>
  onLaptop({ home }, async ({ services }) => {
    const file = async function* () {
      for (let at = 0; at < many; at += 1) yield Buffer.from(`${JSON.stringify(detectionLike(at))}\n`)
    }
    const ingest = await timed(() =>
      ingestDetections(readNdjson(file(), { file: 'bench' }), 'bench', services, { atOnce: homeAtOnce }),
    )
    const pairs: Record<'bare' | 'report', Measured>[] = []
    for (let round = 0; round < rounds; round += 1) {
      pairs.push({ bare: await measure(home, 'bare', many), report: await measure(home, 'report', many) })
    }
    const of = (what: 'bare' | 'report'): Measured => ({
      time: median(pairs.map((pair) => pair[what].time)),
      peakMb: Math.max(...pairs.map((pair) => pair[what].peakMb)),
    })
    const ratio = median(pairs.map(({ bare, report }) => report.time / bare.time))
    return { many, ingest, bare: of('bare'), report: of('report'), ratio }
  })

const script = fileURLToPath(new URL('./measure-week.ts', import.meta.url))

const measure = async (home: string, what: 'bare' | 'report', many: number): Promise<Measured> => {
  const child = spawn(process.execPath, [script, home, what], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await text(child.stdout)
  const { count, times, peakMb } = JSON.parse(said) as { count: number; times: number[]; peakMb: number }
  if (count !== many) throw new Error(`${what}: ${count} of ${many} detections were found`)
  return { time: median(times), peakMb }
}

const figuresOf = ({ many, ingest, bare, report, ratio }: Week): Figures => {
  const name = `${inThousands(many)} detections`
  return {
    [`${name}, taken in`]: `${inThousands((1000 * many) / ingest)} a second`,
    [`${name}, bare paginated reading`]: ms(bare.time),
    [`${name}, Report made`]: ms(report.time),
    [`${name}, ratio, median of pairs`]: Number(ratio.toFixed(2)),
    [`${name}, peak memory (bare reading)`]: `${report.peakMb} MB (${bare.peakMb} MB)`,
  }
}

/** Linear growth takes no more for each detection; flat memory grows by far less than what is read. */
const growth = (measured: readonly Week[]): Figures => {
  const times = measured.slice(1).map((week, at) => {
    const before = measured[at]
    return before && `× ${(week.report.time / before.report.time).toFixed(1)}`
  })
  const each = measured.map(({ many, report }) => `${((1000 * report.time) / many).toFixed(0)} µs`)
  return {
    ...(times.length > 0 && { 'week, time at each tenfold': times.join(' · ') }),
    'week, time for each detection': each.join(' · '),
    'week, peak memory': measured.map(({ report }) => `${report.peakMb} MB`).join(' · '),
  }
}
