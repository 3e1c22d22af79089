import { asFault, messageOfFault } from '../../../domain/core/fault.ts'
import { usualCap } from '../../../domain/core/marking.ts'
import { boundsFor, lastCompleteFor } from '../../../domain/core/place/subject.ts'
import { isGroup, type SubjectCode, subjectsDue, type TerritoryCode } from '../../../domain/core/place/territory.ts'
import type { ScheduledCadence } from '../../../domain/core/time/period.ts'
import { pauseFor, type ScheduleSetting } from '../../../domain/report/schedule.ts'
import type { Reports, VersionEntry } from '../../../store/reports/reports.ts'

type Due = {
  readonly territories: readonly TerritoryCode[]
  readonly cadences: readonly ScheduledCadence[]
  /** Periods that ended before are not due. */
  readonly since: Date
  /** A report paused when due is not missing. */
  readonly settings: readonly ScheduleSetting[]
}

type MissingReport = {
  readonly territory: SubjectCode
  readonly period: string
  readonly why: string
}

/** Milliseconds after a period's end: schedules run at 06:30, plus 1.5 hours for retries. */
const dueAfterMs = 8 * 3_600_000

/** A group's report is made the next morning in Paris, 19 hours after the last territory's midnight. */
const groupDueAfterMs = 22 * 3_600_000

export const findMissingReports = async (
  { territories, cadences, since, settings }: Due,
  now: Date,
  { reports }: { readonly reports: Pick<Reports, 'versions'> },
): Promise<readonly MissingReport[]> => {
  const asked = subjectsDue(territories).flatMap((territory) => cadences.map((cadence) => ({ territory, cadence })))
  const looked = await Promise.all(
    asked.map(async ({ territory, cadence }): Promise<readonly MissingReport[]> => {
      const period = lastCompleteFor(
        cadence,
        territory,
        now.getTime() - (isGroup(territory) ? groupDueAfterMs : dueAfterMs),
      )
      const ended = new Date(boundsFor(period, territory).to)
      if (ended < since || pauseFor(settings, { subject: territory, period })) return []
      const versions = await reports.versions({ territory, period, cap: usualCap })
      if (versions.some(({ state, recalled }) => state === 'published' && !recalled)) return []
      const newest = versions.at(-1)
      const why = newest ? whyOf(newest) : `nothing was made since it ended, ${ended.toISOString()}`
      return [{ territory, period: period.id, why }]
    }),
  )
  return looked.flat()
}

const whyOf = ({ version, state, recalled, reason }: VersionEntry): string => {
  if (recalled) return `version ${version} is recalled: ${recalled.reason}`
  return `version ${version} is ${state}${reason ? `: ${messageOfFault(asFault(reason))}` : ''}`
}
