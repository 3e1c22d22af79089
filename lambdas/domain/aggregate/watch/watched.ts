/** Distinguishes a count of 0 from an unwatched period. */
import { fitsUnder, type Marking, markings, strictest } from '../../core/marking.ts'
import { type Bounds, boundsIn, dayIn } from '../../core/time/period.ts'
import { hoursOf, type VisibleSource, watchedBetween } from './watch.ts'

export type WatchedPeriod = {
  /** Freest marking of an input; if whole, also covers the proof for each day. */
  readonly marking: Marking
  readonly days: ReadonlySet<string>
  /** Every day is covered, so a count of 0 is exact. */
  readonly isWhole: boolean
}

/** Rhythms covered before an input; tolerates one late input. */
const coveredRhythms = 2

/** Bounds in milliseconds UTC; local days in order. */
type LocalPeriod = { readonly bounds: Bounds; readonly dates: readonly string[]; readonly zone: string }

/** @param isOver if false, the period is not whole: more may come */
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

export const whollyWatched = (source: VisibleSource, period: LocalPeriod): Marking | undefined =>
  whollyKnown([source], period)

const whollyKnown = (sources: readonly VisibleSource[], period: LocalPeriod): Marking | undefined =>
  markings.find((marking) => {
    const known = sources
      .filter((source) => fitsUnder(source.marking, marking))
      .map((source) => ({ ...source, inputs: source.inputs.filter((input) => fitsUnder(input.marking, marking)) }))
    return daysWatched(known, period).size === period.dates.length
  })

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
 * Returns days without an unwatched moment. An input covers two rhythms before it, or its day if the source has no
 * rhythm.
 * @param until milliseconds UTC; later days are not over
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
