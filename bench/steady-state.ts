/** A report in a store that has been full for a while: eight weeks before the week that is reported, all as full. */

import { withContext } from '../bin/cli/home/context.ts'
import { homeAtOnce } from '../bin/cli/ingest-files.ts'
import { parsePeriod, periodsBefore } from '../lambdas/domain/core/time/period.ts'
import { readNdjson } from '../lambdas/intake/json/ndjson.ts'
import { ingestDetections } from '../lambdas/usecases/ingest/ingest-detections.ts'
import { besideBareReading, measured } from './compare-bare-reading.ts'
import { type Figures, inThousands, ms, timed } from './figures.ts'
import { detectionLike } from './intake.ts'

/** Its weeks before lie in the year too: 18 March to 19 May. */
const week = '2024-W20'
const weeks = [...periodsBefore(parsePeriod(week), 8), parsePeriod(week)]

/** The periods that are reported, and the first and last day of what of the weeks lies in each. */
const periods = [
  [week, '2024-05-13', '2024-05-19'],
  ['2024-04', '2024-04-01', '2024-04-30'],
  ['2024-Q2', '2024-04-01', '2024-06-30'],
  ['2024', '2024-01-01', '2024-12-31'],
] as const

/** @param many detections in each of the nine weeks */
export const steadyState = async (home: string, many: number): Promise<Figures> => {
  const days: string[] = []
  const file = async function* () {
    for (const { first } of weeks) {
      for (let at = 0; at < many; at += 1) {
        const day = new Date(Date.parse(first) + (at % 7) * 86_400_000).toISOString().slice(0, 10)
        yield Buffer.from(`${JSON.stringify({ ...detectionLike(days.length), observed: { from: day } })}\n`)
        days.push(day)
      }
    }
  }
  return withContext({ home }, async ({ services }) => {
    const ingest = await timed(() =>
      ingestDetections(readNdjson(file(), { file: 'bench' }), 'bench', services, { atOnce: homeAtOnce }),
    )
    const figures: Record<string, string | number> = {
      [`nine weeks of ${inThousands(many)}, taken in`]: `${inThousands((1000 * days.length) / ingest)} a second`,
    }
    for (const [period, first, last] of periods) {
      const held = days.filter((day) => day >= first && day <= last).length
      const name = `${period}, ${inThousands(held)} detections`
      const counted = await measured(home, 'keep', period, held)
      const { bare, report, ratio } = await besideBareReading(home, period, held)
      figures[`${name}, counted with eight before, no summary kept`] = ms(counted.time)
      figures[`${name}, bare reading of its own items`] = ms(bare.time)
      figures[`${name}, Report made, summaries kept`] = ms(report.time)
      figures[`${name}, ratio, median of pairs`] = Number(ratio.toFixed(2))
      figures[`${name}, peak memory (bare reading)`] = `${report.peakMb} MB (${bare.peakMb} MB)`
    }
    return figures
  })
}
