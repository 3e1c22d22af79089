/**
 * A subject's periods: those of a territory in its zone, those of a group from its first territory's midnight to its
 * last one's.
 */
import { maximum, minimum } from '../lists.ts'
import { type LocalInterval, localInterval, type Observed, type PeriodFit, periodFit } from '../time/observed.ts'
import {
  type Bounds,
  boundsIn,
  type Cadence,
  lastComplete,
  type Period,
  type ScheduledCadence,
} from '../time/period.ts'
import { type SubjectCode, subjectOf, type TerritoryCode, territoryOf } from './territory.ts'

/** From the instant at which the period begins for the first member to that at which it ends for the last. */
export const boundsFor = (period: Pick<Period, 'first' | 'last'>, code: SubjectCode): Bounds => {
  const each = subjectOf(code).members.map((member) => boundsIn(period, territoryOf(member).zone))
  const [from, to] = [minimum(each.map((one) => one.from)), maximum(each.map((one) => one.to))]
  return { from, to, hours: (to - from) / 3_600_000 }
}

/**
 * Whether a period has begun by an instant, in milliseconds: a report on what has not could only look like a quiet one.
 */
export const hasBegun = (period: Pick<Period, 'first' | 'last'>, code: SubjectCode, at: number): boolean =>
  boundsFor(period, code).from < at

/** The latest period of a cadence that has wholly passed, for a group in each of its territories. */
export const lastCompleteFor = (cadence: ScheduledCadence, code: SubjectCode, now: number): Period =>
  subjectOf(code)
    .members.map((member) => lastComplete(cadence, territoryOf(member).zone, now))
    .reduce((earliest, one) => (one.first < earliest.first ? one : earliest))

/** What is placed: something that was seen in some territories. */
export type ObservedSomewhere = {
  readonly observed: Observed
  readonly territories: readonly { readonly code: TerritoryCode }[]
}

/** Where in time a detection is for a count. */
export type Place = { readonly interval: LocalInterval; readonly fit: PeriodFit; readonly zone: string }

/**
 * Of some territories, the one on whose earliest local day something was first seen; undefined where it is of no
 * member.
 */
export const firstAmong = (
  { observed, territories }: ObservedSomewhere,
  members: readonly TerritoryCode[],
): { readonly code: TerritoryCode; readonly interval: LocalInterval } | undefined => {
  let earliest: { readonly code: TerritoryCode; readonly interval: LocalInterval } | undefined
  for (const code of members) {
    if (!territories.some((one) => one.code === code)) continue
    const interval = localInterval(observed, territoryOf(code).zone)
    if (!earliest || (interval.day ?? '') < (earliest.interval.day ?? '')) earliest = { code, interval }
  }
  return earliest
}

/**
 * Where a detection of several territories counts: in the earliest local period in which any of them counts it. Ranges
 * follow no other range: they count what any of their members counts.
 */
export const placeAmong = (
  seen: ObservedSomewhere,
  members: readonly TerritoryCode[],
  period: Pick<Period, 'first' | 'last'> & { readonly cadence?: Cadence },
  boundsOf = (zone: string): Bounds => boundsIn(period, zone),
): Place | undefined => {
  const placeIn = (some: readonly TerritoryCode[]): Place | undefined => {
    const earliest = firstAmong(seen, some)
    if (!earliest) return undefined
    const { zone } = territoryOf(earliest.code)
    return { interval: earliest.interval, zone, fit: periodFit(earliest.interval, boundsOf(zone)) }
  }
  const each = period.cadence === 'range' ? members.map((code) => placeIn([code])) : []
  return each.find((place) => place?.fit === 'counted') ?? placeIn(members)
}

/**
 * Places detections for a count: in a zone, whose interval may be known already, or where {@link placeAmong} has them
 * among several members.
 */
export const placing = ({
  period,
  zone,
  members = [],
}: {
  readonly period: Period
  readonly zone: string
  readonly members?: readonly TerritoryCode[] | undefined
}): ((seen: ObservedSomewhere, interval?: LocalInterval) => Place | undefined) => {
  if (members.length > 1) {
    const zones = new Map(members.map((code) => [territoryOf(code).zone, boundsIn(period, territoryOf(code).zone)]))
    return (seen) => placeAmong(seen, members, period, (zone) => zones.get(zone) ?? boundsIn(period, zone))
  }
  const bounds = boundsIn(period, zone)
  return ({ observed }, interval = localInterval(observed, zone)) => ({
    interval,
    fit: periodFit(interval, bounds),
    zone,
  })
}

/** Of what is of several members of a group: the place that one of them has for it in a period, by its own days. */
export const seenByMember =
  (period: Pick<Period, 'first' | 'last'>, members: readonly TerritoryCode[]) =>
  ({ observed, territories }: ObservedSomewhere): Place | undefined => {
    if (territories.length < 2) return undefined
    for (const code of members) {
      if (!territories.some((one) => one.code === code)) continue
      const { zone } = territoryOf(code)
      const interval = localInterval(observed, zone)
      const fit = periodFit(interval, boundsIn(period, zone))
      if (fit === 'counted' || fit === 'ongoing') return { interval, zone, fit }
    }
    return undefined
  }
