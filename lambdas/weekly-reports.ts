/** The weekly run: every territory's report, of its own last complete week where none is named. */
import type { Marking } from './domain/marking.ts'
import { lastCompleteWeek, type Period } from './domain/period.ts'
import { type TerritoryCode, territories } from './domain/territory.ts'
import { generateReport, type MadeReport } from './generate-report.ts'
import type { Services } from './services.ts'

export type WeeklyRun = { readonly reports: readonly MadeReport[]; readonly failed: readonly FailedReport[] }

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
  const reports: MadeReport[] = []
  const failed: FailedReport[] = []
  for (const { code, zone } of territories) {
    if (request.stopping?.aborted) break
    progress.started(code)
    try {
      const period = request.week ?? lastCompleteWeek(zone, services.clock().getTime())
      const made = await generateReport({ territory: code, period, cap: request.cap }, services)
      reports.push(made)
      progress.made(made)
    } catch (error) {
      const failure = { territory: code, message: error instanceof Error ? error.message : String(error) }
      failed.push(failure)
      progress.failed(failure)
    }
  }
  return { reports, failed }
}
