/** Was anybody watching? What tells a count of nothing from nothing that was counted. */
import { fitsUnder, type Marking, markings, strictest } from '../../core/marking.ts'
import { type Bounds, boundsIn, dayIn } from '../../core/time/period.ts'
import { hoursOf, type VisibleSource, watchedBetween } from './watch.ts'

export type WatchedPeriod = {
  /** The freest marking of an input in it; where each day is covered, of what tells so. */
  readonly marking: Marking
  /** The local days that an input covers. */
  readonly days: ReadonlySet<string>
  /** These are all of its days: a count of nothing is exact. */
  readonly isWhole: boolean
}

/** An input covers so many rhythms before it: one late input is no silence. */
const coveredRhythms = 2

/** A period of one territory: its bounds in milliseconds UTC, and its local days in order. */
type LocalPeriod = { readonly bounds: Bounds; readonly dates: readonly string[]; readonly zone: string }

/**
 * What sources prove of a period; undefined where none of them had an input in it.
 * @param isOver else something may come yet, and it is not whole
 */
export const watchedIn = (
  sources: readonly VisibleSource[],
  period: LocalPeriod,
  isOver = true,
): WatchedPeriod | undefined => {
  const marking = watchedBetween(sources, period.bounds.from, period.bounds.to)
  if (!marking) return undefined
  const days = daysWatched(sources, period)
  const whole = isOver && days.size === period.dates.length ? whollyKnown(sources, period) : undefined
  return { marking: whole ? strictest([marking, whole]) : marking, days, isWhole: whole !== undefined }
}

/** The freest marking at which it is known that a source watched each day of a period; undefined where it did not. */
export const whollyWatched = (source: VisibleSource, period: LocalPeriod): Marking | undefined =>
  whollyKnown([source], period)

/** The freest marking at which sources, with the inputs that fit under it, cover each day. */
const whollyKnown = (sources: readonly VisibleSource[], period: LocalPeriod): Marking | undefined =>
  markings.find((marking) => {
    const known = sources
      .filter((source) => fitsUnder(source.marking, marking))
      .map((source) => ({ ...source, inputs: source.inputs.filter((input) => fitsUnder(input.marking, marking)) }))
    return daysWatched(known, period).size === period.dates.length
  })

/** The local days that inputs cover. */
const daysWatched = (sources: readonly VisibleSource[], { bounds, dates, zone }: LocalPeriod): ReadonlySet<string> => {
  const days = new Set<string>()
  const numbers = new Map(dates.map((date, number) => [date, number]))
  for (const { expectedRhythm, inputs } of sources) {
    const covered = expectedRhythm === undefined ? 0 : coveredRhythms * hoursOf(expectedRhythm) * 3_600_000
    for (const { at } of inputs) {
      const [from, to] = [Date.parse(at) - covered, Date.parse(at)]
      if (to < bounds.from || from >= bounds.to) continue
      const [first, last] = [dayIn(Math.max(bounds.from, from), zone), dayIn(Math.min(to, bounds.to - 1), zone)]
      for (let at = numbers.get(first) ?? 0; at <= (numbers.get(last) ?? -1); at += 1) days.add(dates[at] ?? first)
    }
  }
  return days
}

/**
 * The local days of which no moment was unwatched: an input of a source with a rhythm vouches for so many before it,
 * another one for its day. The day on which a watch fell silent is none of them.
 * @param until milliseconds UTC; what is later is not over
 */
export const daysWhollyWatched = (
  sources: readonly VisibleSource[],
  { bounds, dates, zone }: LocalPeriod,
  until: number,
): ReadonlySet<string> => {
  const spans: (readonly [from: number, to: number])[] = []
  for (const { expectedRhythm, inputs } of sources) {
    const covered = expectedRhythm === undefined ? undefined : coveredRhythms * hoursOf(expectedRhythm) * 3_600_000
    for (const input of inputs) {
      const at = Date.parse(input.at)
      if (at < bounds.from || at - (covered ?? 0) >= bounds.to) continue
      spans.push(covered === undefined ? dayBounds(dayIn(at, zone), zone) : [at - covered, at])
    }
  }
  spans.sort(([one], [other]) => one - other)
  const known: [from: number, to: number][] = []
  for (const [from, to] of spans) {
    const last = known.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else known.push([from, to])
  }
  let at = 0
  return new Set(
    dates.filter((date) => {
      const [from, to] = dayBounds(date, zone)
      while ((known[at]?.[1] ?? to) < to) at += 1
      return to <= until && (known[at]?.[0] ?? to) <= from
    }),
  )
}

const dayBounds = (day: string, zone: string): readonly [from: number, to: number] => {
  const { from, to } = boundsIn({ first: day, last: day }, zone)
  return [from, to]
}
