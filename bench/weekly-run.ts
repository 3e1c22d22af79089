/**
 * The weekly run in both languages, as on a laptop of two cores: 13 territories of one week, then many territory-weeks,
 * and where the time goes. The territories are thirteen, so 500 territories are the thirteen in 39 weeks.
 */

import { reportsAtOnce, withContext } from '../bin/cli/home/context.ts'
import { territories } from '../lambdas/domain/core/place/territory.ts'
import { type Period, parsePeriod, periodsBefore } from '../lambdas/domain/core/time/period.ts'
import { readNdjson } from '../lambdas/intake/json/ndjson.ts'
import { ingestDetections } from '../lambdas/usecases/ingest/ingest-detections.ts'
import type { MadeReport } from '../lambdas/usecases/reports/generate-report.ts'
import { runWeek } from '../lambdas/usecases/reports/weekly-run.ts'
import type { Services } from '../lambdas/usecases/services.ts'
import { type Figures, inThousands } from './figures.ts'
import { detectionLike } from './intake.ts'

/** In each territory and week. */
const detectionsEach = 4

export const manyTerritoryWeeks = async (home: string, many: number): Promise<Figures> => {
  const weeks = [...periodsBefore(parsePeriod('2024-W45'), Math.ceil(many / territories.length))].sort((one, other) =>
    one.first < other.first ? -1 : 1,
  )
  return withContext({ home }, async ({ services }) => {
    await ingestDetections(readNdjson(detectionsOf(weeks), { file: 'bench' }), 'bench', services)
    await run([parsePeriod('2022-W01')], services) // starts the browser
    const one = await run(weeks.slice(-1), services)
    // A version that stands would be read and not made: the last week is done.
    const all = await run(weeks.slice(0, -1), services)
    return { ...figuresOf(`${territories.length} territories of a week`, one), ...figuresOf('', all) }
  })
}

const detectionsOf = async function* (weeks: readonly Period[]): AsyncGenerator<Uint8Array> {
  let number = 0
  for (const { first } of weeks) {
    for (const { code } of territories) {
      for (let at = 0; at < detectionsEach; at += 1) {
        const day = new Date(Date.parse(first) + (at % 7) * 86_400_000).toISOString().slice(0, 10)
        const detection = { ...detectionLike(number), territories: [code], observed: { from: day } }
        yield Buffer.from(`${JSON.stringify(detection)}\n`)
        number += 1
      }
    }
  }
}

type Run = { readonly time: number; readonly reports: readonly MadeReport[] }

const run = async (weeks: readonly Period[], services: Services): Promise<Run> => {
  const reports: MadeReport[] = []
  const progress = {
    started: () => {},
    made: (report: MadeReport) => void reports.push(report),
    failed: ({ territory, message }: { territory: string; message: string }) => {
      throw new Error(`${territory}: ${message}`)
    },
  }
  const start = performance.now()
  for (const week of weeks) await runWeek({ week, cap: 'TLP:AMBER', atOnce: reportsAtOnce }, services, progress)
  return { time: performance.now() - start, reports }
}

const figuresOf = (said: string, { time, reports }: Run): Figures => {
  const name = said || `${inThousands(reports.length)} territory-weeks`
  const stages = new Map<string, number>()
  for (const { timings } of reports)
    for (const [stage, ms] of Object.entries(timings)) stages.set(stage, (stages.get(stage) ?? 0) + ms)
  const { total = 0, ...named } = Object.fromEntries(stages)
  const rest = total - Object.values(named).reduce((sum, ms) => sum + ms, 0)
  const each = (ms: number) => `${(ms / reports.length).toFixed(1)} ms a report, ${Math.round((100 * ms) / total)} %`
  return {
    [`${name}, in both languages`]: `${((1000 * reports.length) / time).toFixed(2)} reports a second (${(time / 1000).toFixed(1)} s)`,
    ...Object.fromEntries(
      Object.entries({ ...named, 'other work, less what ran side by side': rest })
        .sort(([, one], [, other]) => other - one)
        .map(([stage, ms]) => [`${name}, ${stage}`, each(ms)]),
    ),
  }
}
