/** A subject's periods: those of a territory in its zone, those of a group from its first territory's midnight to its last one's. */
import { type LocalInterval, localInterval, type Observed, type PeriodFit, periodFit } from './observed.ts'
import { type Bounds, boundsIn, lastComplete, type Period, type ScheduledCadence } from './period.ts'
import { type SubjectCode, subjectOf, type TerritoryCode, territoryOf } from './territory.ts'

/** From the instant at which the period begins for the first member to that at which it ends for the last. */
export const boundsFor = (period: Pick<Period, 'first' | 'last'>, code: SubjectCode): Bounds => {
  const each = subjectOf(code).members.map((member) => boundsIn(period, territoryOf(member).zone))
  const [from, to] = [Math.min(...each.map((one) => one.from)), Math.max(...each.map((one) => one.to))]
  return { from, to, hours: (to - from) / 3_600_000 }
}

/** Whether a period has begun by an instant, in milliseconds: a report on what has not could only look like a quiet one. */
export const hasBegun = (period: Pick<Period, 'first' | 'last'>, code: SubjectCode, at: number): boolean =>
  boundsFor(period, code).from < at

/** The latest period of a cadence that has wholly passed, for a group in each of its territories. */
export const lastCompleteFor = (cadence: ScheduledCadence, code: SubjectCode, now: number): Period =>
  subjectOf(code)
    .members.map((member) => lastComplete(cadence, territoryOf(member).zone, now))
    .reduce((earliest, one) => (one.first < earliest.first ? one : earliest))

/** Where in time a detection is for a count. */
export type Place = { readonly interval: LocalInterval; readonly fit: PeriodFit; readonly zone: string }

/**
 * Where a detection of several territories counts: in the earliest local period in which any of them counts it, so by
 * the territory in which it was first seen on the earliest local day. Undefined where it is of none of the members.
 */
export const placeAmong = (
  observed: Observed,
  codes: readonly TerritoryCode[],
  members: readonly TerritoryCode[],
  period: Pick<Period, 'first' | 'last'>,
): Place | undefined => {
  let earliest: { readonly interval: LocalInterval; readonly zone: string } | undefined
  for (const code of members) {
    if (!codes.includes(code)) continue
    const { zone } = territoryOf(code)
    const interval = localInterval(observed, zone)
    if (!earliest || (interval.day ?? '') < (earliest.interval.day ?? '')) earliest = { interval, zone }
  }
  return earliest && { ...earliest, fit: periodFit(earliest.interval, boundsIn(period, earliest.zone)) }
}
