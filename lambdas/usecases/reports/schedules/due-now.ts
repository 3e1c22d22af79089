import { usualCap } from '../../../domain/core/marking.ts'
import { everyReport, leavesAt } from '../../../domain/core/place/due.ts'
import { boundsFor, lastCompleteFor } from '../../../domain/core/place/subject.ts'
import { subjectsDue } from '../../../domain/core/place/territory.ts'
import type { ReportMessage } from '../../../domain/report/messages.ts'
import { pauseFor, type ScheduleSetting } from '../../../domain/report/schedule.ts'
import type { Reports } from '../../../store/reports/reports.ts'

type Watch = {
  /** Periods that ended before are not due. */
  readonly since: Date
  readonly settings: readonly ScheduleSetting[]
}

/**
 * Returns messages for the newest reports that should have left and were not tried since, as a stage's schedules send
 * them. So a machine that was off makes them up.
 */
export const dueNow = async (
  { since, settings }: Watch,
  now: Date,
  { reports }: { readonly reports: Pick<Reports, 'versions'> },
): Promise<readonly ReportMessage[]> => {
  const all = subjectsDue(everyReport.territories).flatMap((territory) =>
    everyReport.cadences.map((cadence) => ({ territory, cadence })),
  )
  const due = await Promise.all(
    all.map(async ({ territory, cadence }): Promise<readonly ReportMessage[]> => {
      const period = lastCompleteFor(cadence, territory, now.getTime())
      const at = leavesAt(period, territory)
      const isBefore = new Date(boundsFor(period, territory).to) < since
      if (at > now.getTime() || isBefore || pauseFor(settings, { subject: territory, period })) return []
      const scheduledAt = new Date(at).toISOString()
      const versions = await reports.versions({ territory, period, cap: usualCap })
      if (versions.some(({ asOf }) => asOf >= scheduledAt)) return []
      return [{ kind: 'scheduled', territory, cadence, scheduledAt }]
    }),
  )
  return due.flat()
}
