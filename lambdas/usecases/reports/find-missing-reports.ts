/** Looks whether every report that was due by now is published. */
import { usualCap } from '../../domain/core/marking.ts'
import { boundsIn, lastComplete, type ScheduledCadence } from '../../domain/core/period.ts'
import { type TerritoryCode, territoryOf } from '../../domain/core/territory.ts'
import type { Reports, VersionEntry } from '../../store/reports.ts'

type Due = {
  readonly territories: readonly TerritoryCode[]
  readonly cadences: readonly ScheduledCadence[]
  /** Periods that ended before are not due. */
  readonly since: Date
}

type MissingReport = {
  readonly territory: TerritoryCode
  readonly period: string
  /** What there is instead. */
  readonly why: string
}

/** After a period's end: the schedules' half past six in the morning, and an hour and a half to try again. Milliseconds. */
const dueAfterMs = 8 * 3_600_000

/** The reports of each territory's latest periods that should be there at `now` and are not. */
export const findMissingReports = async (
  { territories, cadences, since }: Due,
  now: Date,
  { reports }: { readonly reports: Pick<Reports, 'versions'> },
): Promise<readonly MissingReport[]> => {
  const asked = territories.flatMap((territory) => cadences.map((cadence) => ({ territory, cadence })))
  const looked = await Promise.all(
    asked.map(async ({ territory, cadence }): Promise<readonly MissingReport[]> => {
      const { zone } = territoryOf(territory)
      // Of the periods that had ended so long ago that their report is due.
      const period = lastComplete(cadence, zone, now.getTime() - dueAfterMs)
      const ended = new Date(boundsIn(period, zone).to)
      if (ended < since) return []
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
  return `version ${version} is ${state}${reason ? `: ${reason}` : ''}`
}
