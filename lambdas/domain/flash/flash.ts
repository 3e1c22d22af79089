/** A one-page note about a few detections, valid until the weekly report. */
import type { Marking } from '../core/marking.ts'
import { leavesAt } from '../core/place/due.ts'
import { firstAmong } from '../core/place/subject.ts'
import { type FlashCode, flashPlaces, type TerritoryCode, territories, territoryOf } from '../core/place/territory.ts'
import { canonicalHash } from '../core/text/canonical.ts'
import { lastDayIn, type Observed } from '../core/time/observed.ts'
import { dayIn, type Period, weekOf } from '../core/time/period.ts'
import type { Detection } from '../detection/detection.ts'

/** More do not fit on one page. */
export const maxOnNote = 3

export type FlashFacts = {
  readonly ids: readonly string[]
  /** ISO instant; the weekly report then replaces the note. */
  readonly until: string
  readonly reportDue: string
  /** The weekly report in this edition, if it was due and published. */
  readonly weekly?: WeeklyOfNote
  readonly territories: readonly TerritoryCode[]
  readonly home: TerritoryCode
  readonly first: Observed
  /** The last day of a detection is not over. */
  readonly isRunning: boolean
  readonly readers: FlashReaders
}

export type WeeklyOfNote = { readonly territory: TerritoryCode; readonly version: number; readonly isLinked: boolean }

export const weeklyState = (
  { reportDue, weekly }: Pick<FlashFacts, 'reportDue' | 'weekly'>,
  asOf: string,
): 'expected' | 'published' | 'none' => (reportDue > asOf ? 'expected' : weekly ? 'published' : 'none')

export type FlashReaders = { readonly named: readonly string[]; readonly count: number }

export type ReplacedFlash = { readonly key: FlashCode; readonly version: number; readonly marking: Marking }

type Placed = Pick<Detection, 'territories' | 'observed'>

const all = territories.map(({ code }) => code)

/** Returns all territories if a detection has none. */
export const placesOf = (detections: readonly Pick<Detection, 'territories'>[]): readonly TerritoryCode[] => {
  if (detections.some(({ territories: places }) => places.length === 0)) return all
  const named = new Set(detections.flatMap(({ territories: places }) => places.map(({ code }) => code)))
  return all.filter((code) => named.has(code))
}

/** Does not depend on the order of ids. */
export const flashCode = (ids: readonly string[], places: readonly TerritoryCode[]): FlashCode =>
  `flash-${flashPlaces(places)}-${canonicalHash([...new Set(ids)].sort()).slice(0, 12)}`

export const earliestOf = (
  detections: readonly Placed[],
): { readonly home: TerritoryCode; readonly day: string; readonly first: Observed } => {
  const [earliest] = detections
    .flatMap(({ observed, territories: places }) => {
      const seen = firstAmong({ observed, territories: places }, all)
      if (!seen) return []
      const { code, interval } = seen
      return [
        {
          home: code,
          day: interval.day ?? `${observed.from.slice(0, 7)}-01`,
          from: interval.first.from,
          first: observed,
        },
      ]
    })
    .sort((one, other) => one.from - other.from || (one.home < other.home ? -1 : 1))
  if (!earliest) throw new Error('a flash note has at least one detection with a territory')
  const { home, day, first } = earliest
  return { home, day, first }
}

/** Returns whether the last observed day is not over where it was first seen. */
export const goesOn = (seen: Placed, asOf: string): boolean => {
  const { zone } = territoryOf(earliestOf([seen]).home)
  return lastDayIn(seen.observed, zone) >= dayIn(Date.parse(asOf), zone)
}

export const weekOfNote = (detections: readonly Placed[]): Period => weekOf(earliestOf(detections).day)

const twoDays = 48 * 3_600_000
const hour = 3_600_000

/**
 * Returns when the weekly report is due, or 48 hours from now if that is past. Keeps a current value, so that repeated
 * requests make no new version.
 */
export const validUntil = (
  { reportDue, currentUntil }: { readonly reportDue: string; readonly currentUntil: string | undefined },
  asOf: string,
): string => {
  if (currentUntil !== undefined && currentUntil > asOf) return currentUntil
  if (reportDue > asOf) return reportDue
  return new Date(Math.floor((Date.parse(asOf) + twoDays) / hour) * hour).toISOString()
}

export const reportDueAt = (week: Pick<Period, 'last'>, home: TerritoryCode): string =>
  new Date(leavesAt(week, home)).toISOString()

/** Returns whole hours since the first sighting; undefined where only the day or month is known. */
export const hoursSince = ({ from, precision }: Observed, asOf: string): number | undefined =>
  precision === 'instant' ? Math.max(0, Math.floor((Date.parse(asOf) - Date.parse(from)) / hour)) : undefined

/** An expired note is no longer mailed. */
export const isExpired = ({ until }: Pick<FlashFacts, 'until'>, now: string): boolean => until <= now
