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

/** Returns the range from the first member's start to the last member's end. */
export const boundsFor = (period: Pick<Period, 'first' | 'last'>, code: SubjectCode): Bounds => {
  const each = subjectOf(code).members.map((member) => boundsIn(period, territoryOf(member).zone))
  const [from, to] = [minimum(each.map((one) => one.from)), maximum(each.map((one) => one.to))]
  return { from, to, hours: (to - from) / 3_600_000 }
}

/** Checks whether a period has begun: a report on a future one would wrongly look quiet. `at` is in milliseconds. */
export const hasBegun = (period: Pick<Period, 'first' | 'last'>, code: SubjectCode, at: number): boolean =>
  boundsFor(period, code).from < at

/** Returns the latest period that is over in every territory of the subject. */
export const lastCompleteFor = (cadence: ScheduledCadence, code: SubjectCode, now: number): Period =>
  subjectOf(code)
    .members.map((member) => lastComplete(cadence, territoryOf(member).zone, now))
    .reduce((earliest, one) => (one.first < earliest.first ? one : earliest))

export type ObservedSomewhere = {
  readonly observed: Observed
  readonly territories: readonly { readonly code: TerritoryCode }[]
}

export type Place = { readonly interval: LocalInterval; readonly fit: PeriodFit; readonly zone: string }

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
 * Places a detection in the earliest local period in which any territory counts it. Ranges have no neighbours: they
 * count what any member counts.
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

/** Uses the local days of one member that counts it. */
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
