/**
 * The Report of a week of many detections beside the bare paginated reading of the same items, in processes of their
 * own.
 */
import { join } from 'node:path'
import { withContext } from '../bin/cli/home/context.ts'
import { homeAtOnce } from '../bin/cli/ingest-files.ts'
import { readNdjson } from '../lambdas/intake/json/ndjson.ts'
import { ingestDetections } from '../lambdas/usecases/ingest/ingest-detections.ts'
import { besideBareReading, type Measured } from './compare-bare-reading.ts'
import { ofCommand } from './demo.ts'
import { type Figures, inThousands, ms, timed } from './figures.ts'
import { detectionLike } from './intake.ts'

type Week = {
  readonly many: number
  readonly ingest: number
  readonly bare: Measured
  readonly report: Measured
  readonly ratio: number
  /** From the command's start to its end. */
  readonly version: Awaited<ReturnType<typeof ofCommand>>
}

/** One after the other, from few detections to many; then how time and memory grow from the first to the last. */
export const weeks = async (home: string, sizes: readonly number[]): Promise<Figures> => {
  const measured: Week[] = []
  for (const many of sizes) measured.push(await weekOf(join(home, String(many)), many))
  return { ...Object.assign({}, ...measured.map(figuresOf)), ...growth(measured) }
}

const weekOf = async (home: string, many: number): Promise<Week> => ({
  ...(await readingsOf(home, many)),
  version: await ofCommand('report', 'NC', '2024-W20', '--home', home),
})

const readingsOf = async (home: string, many: number): Promise<Omit<Week, 'version'>> =>
  withContext({ home }, async ({ services }) => {
    const file = async function* () {
      for (let at = 0; at < many; at += 1) yield Buffer.from(`${JSON.stringify(detectionLike(at))}\n`)
    }
    const ingest = await timed(() =>
      ingestDetections(readNdjson(file(), { file: 'bench' }), 'bench', services, { atOnce: homeAtOnce }),
    )
    return { many, ingest, ...(await besideBareReading(home, '2024-W20', many)) }
  })

const figuresOf = ({ many, ingest, bare, report, ratio, version }: Week): Figures => {
  const name = `${inThousands(many)} detections`
  return {
    [`${name}, taken in`]: `${inThousands((1000 * many) / ingest)} a second`,
    [`${name}, bare paginated reading`]: ms(bare.time),
    [`${name}, Report made`]: ms(report.time),
    [`${name}, ratio, median of pairs`]: Number(ratio.toFixed(2)),
    [`${name}, peak memory (bare reading)`]: `${report.peakMb} MB (${bare.peakMb} MB)`,
    [`${name}, a whole version, peak memory`]: `${version.peakMb} MB`,
    [`${name}, a whole version, processor time without the browser`]: ms(version.processorMs),
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
    'week, peak memory of a whole version': measured.map(({ version }) => `${version.peakMb} MB`).join(' · '),
  }
}
