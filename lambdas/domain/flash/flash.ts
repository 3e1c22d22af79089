/** A flash note: one page about one or a few detections, before the report of their week, and only until then. */
import type { Marking } from '../core/marking.ts'
import { leavesAt } from '../core/place/due.ts'
import { firstAmong } from '../core/place/subject.ts'
import { type FlashCode, flashPlaces, type TerritoryCode, territories, territoryOf } from '../core/place/territory.ts'
import { canonicalHash } from '../core/text/canonical.ts'
import { lastDayIn, type Observed } from '../core/time/observed.ts'
import { dayIn, type Period, weekOf } from '../core/time/period.ts'
import type { Detection } from '../detection/detection.ts'

/** So many detections have room on one page. */
export const maxOnNote = 3

export type FlashFacts = {
  /** The detections that the edition shows. */
  readonly ids: readonly string[]
  /** ISO instant until which it holds; the weekly report replaces it. */
  readonly until: string
  /** When the report of the week is due, which replaces it. */
  readonly reportDue: string
  /** The report of the week in this edition, where it was due and stood by then. */
  readonly weekly?: WeeklyOfNote
  /** The territories that the detections name, in their fixed order. */
  readonly territories: readonly TerritoryCode[]
  /** Where it was first seen, and when. */
  readonly home: TerritoryCode
  readonly first: Observed
  /** The last day of some of it is not over. */
  readonly isRunning: boolean
  readonly readers: FlashReaders
}

/** A published report of the note's week: of which territory, as which version, and whether the page can lead to it. */
export type WeeklyOfNote = { readonly territory: TerritoryCode; readonly version: number; readonly isLinked: boolean }

/**
 * What may be said of the report of the week: it comes, it is there, or it was due and was not made in this edition.
 */
export const weeklyState = (
  { reportDue, weekly }: Pick<FlashFacts, 'reportDue' | 'weekly'>,
  asOf: string,
): 'expected' | 'published' | 'none' => (reportDue > asOf ? 'expected' : weekly ? 'published' : 'none')

/** Who may receive it, when it was made: organisations by name, and how many readers in all. */
export type FlashReaders = { readonly named: readonly string[]; readonly count: number }

/** A note that was sent before the report of its week. */
export type ReplacedFlash = { readonly key: FlashCode; readonly version: number; readonly marking: Marking }

type Placed = Pick<Detection, 'territories' | 'observed'>

const all = territories.map(({ code }) => code)

/** The territories that detections name, in their fixed order; one without a territory may belong anywhere. */
export const placesOf = (detections: readonly Pick<Detection, 'territories'>[]): readonly TerritoryCode[] => {
  if (detections.some(({ territories: places }) => places.length === 0)) return all
  const named = new Set(detections.flatMap(({ territories: places }) => places.map(({ code }) => code)))
  return all.filter((code) => named.has(code))
}

/** What a note about these detections is filed under, in whichever order they are named. */
export const flashCode = (ids: readonly string[], places: readonly TerritoryCode[]): FlashCode =>
  `flash-${flashPlaces(places)}-${canonicalHash([...new Set(ids)].sort()).slice(0, 12)}`

/** The earliest of them, where its day began first. */
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
  if (!earliest) throw new Error('a flash note tells of at least one detection that has a territory')
  const { home, day, first } = earliest
  return { home, day, first }
}

/** Whether the last day on which it was observed, as far as its source says it, is not over where it was first seen. */
export const goesOn = (seen: Placed, asOf: string): boolean => {
  const { zone } = territoryOf(earliestOf([seen]).home)
  return lastDayIn(seen.observed, zone) >= dayIn(Date.parse(asOf), zone)
}

/** The week in whose report the earliest of them counts. */
export const weekOfNote = (detections: readonly Placed[]): Period => weekOf(earliestOf(detections).day)

const twoDays = 48 * 3_600_000
const hour = 3_600_000

/**
 * Until when a note holds that says nothing else: until the report of its week is due, or for 48 hours, to the hour,
 * where that is past. What holds still goes on to hold, so that asking again makes no other version.
 */
export const validUntil = (
  { reportDue, currentUntil }: { readonly reportDue: string; readonly currentUntil: string | undefined },
  asOf: string,
): string => {
  if (currentUntil !== undefined && currentUntil > asOf) return currentUntil
  if (reportDue > asOf) return reportDue
  return new Date(Math.floor((Date.parse(asOf) + twoDays) / hour) * hour).toISOString()
}

/** When the report of a week is due where the note's detections were first seen. */
export const reportDueAt = (week: Pick<Period, 'last'>, home: TerritoryCode): string =>
  new Date(leavesAt(week, home)).toISOString()

/** How long ago it was first seen, in hours, as far as that is known: a day or month is a bound. */
export const hoursSince = ({ from, precision }: Observed, asOf: string): number | undefined =>
  precision === 'instant' ? Math.max(0, Math.floor((Date.parse(asOf) - Date.parse(from)) / hour)) : undefined

/** After it nobody is mailed the note. */
export const isExpired = ({ until }: Pick<FlashFacts, 'until'>, now: string): boolean => until <= now
