/** The weekly run: every territory's report, of its own last complete week where none is named. */
import type { Marking } from './domain/marking.ts'
import { lastCompleteWeek, type Period, parsePeriod } from './domain/period.ts'
import { type TerritoryCode, territories } from './domain/territory.ts'
import { generateReport, type MadeReport } from './generate-report.ts'
import type { Services } from './services.ts'

export type WeeklyRun = {
  readonly reports: readonly MadeReport[]
  /** Earlier periods made again, since late data changed their figures. */
  readonly reissued: readonly MadeReport[]
  readonly failed: readonly FailedReport[]
}

export type FailedReport = { readonly territory: TerritoryCode; readonly message: string }

/** What a progress display is told of. */
export type WeeklyProgress = {
  started(territory: TerritoryCode): void
  made(report: MadeReport): void
  failed(failure: FailedReport): void
}

/** One after the other, since they share one browser. One territory's failure never stops the others. */
export const weeklyReports = async (
  request: { week?: Period | undefined; cap: Marking; stopping?: AbortSignal },
  services: Services,
  progress: WeeklyProgress,
): Promise<WeeklyRun> => {
  const { cap, stopping } = request
  const reports: MadeReport[] = []
  const reissued: MadeReport[] = []
  const failed: FailedReport[] = []
  for (const { code: territory, zone } of territories) {
    if (stopping?.aborted) break
    progress.started(territory)
    try {
      const period = request.week ?? lastCompleteWeek(zone, services.clock().getTime())
      const made = await generateReport({ territory, period, cap }, services)
      reports.push(made)
      progress.made(made)
      for (const revised of made.revisedBefore) {
        const again = await generateReport({ territory, period: parsePeriod(revised.period), cap }, services)
        if (again.isNew) reissued.push(again)
      }
    } catch (error) {
      const failure = { territory, message: error instanceof Error ? error.message : String(error) }
      failed.push(failure)
      progress.failed(failure)
    }
  }
  return { reports, reissued, failed }
}
