/** Was anybody watching? What tells a count of nothing from nothing that was counted. */
import type { Marking } from '../core/marking.ts'
import { type Bounds, dayIn } from '../core/period.ts'
import { hoursOf, type VisibleSource, watchedBetween } from './watch.ts'

export type WatchedPeriod = {
  /** The freest marking of an input in it. */
  readonly marking: Marking
  /** The local days that an input covers. */
  readonly days: ReadonlySet<string>
}

/** An input covers so many rhythms before it: one late input is no silence. */
const coveredRhythms = 2

/** What sources prove of a period; undefined where none of them had an input in it. */
export const watchedIn = (
  sources: readonly VisibleSource[],
  { bounds, dates, zone }: { readonly bounds: Bounds; readonly dates: readonly string[]; readonly zone: string },
): WatchedPeriod | undefined => {
  const marking = watchedBetween(sources, bounds.from, bounds.to)
  if (!marking) return undefined
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
  return { marking, days }
}
