/** Was anybody watching? What tells a count of nothing from nothing that was counted. */
import { fitsUnder, type Marking } from './marking.ts'
import { type Bounds, dayIn } from './period.ts'
import { hoursOf } from './watch.ts'

/** A source as far as its inputs prove a watch: only what shows under the cap. */
export type Watcher = {
  readonly marking: Marking
  readonly expectedRhythm?: string | undefined
  readonly inputs: readonly { readonly at: string }[]
}

export type WatchedPeriod = {
  /** The freest marking of a source that ran. */
  readonly marking: Marking
  /** The local days that an input covers. */
  readonly days: ReadonlySet<string>
}

/** An input covers so many rhythms before it: one late input is no silence. */
const coveredRhythms = 2

/** What sources prove of a period; undefined where none of them had an input in it. */
export const watchedIn = (
  sources: readonly Watcher[],
  { bounds, dates, zone }: { readonly bounds: Bounds; readonly dates: readonly string[]; readonly zone: string },
): WatchedPeriod | undefined => {
  let marking: Marking | undefined
  const days = new Set<string>()
  for (const source of sources) {
    const covered =
      source.expectedRhythm === undefined ? 0 : coveredRhythms * hoursOf(source.expectedRhythm) * 3_600_000
    for (const { at } of source.inputs) {
      const instant = Date.parse(at)
      if (instant >= bounds.from && instant < bounds.to && (!marking || fitsUnder(source.marking, marking))) {
        marking = source.marking
      }
      if (instant < bounds.from || instant - covered >= bounds.to) continue
      const [from, to] = [
        dayIn(Math.max(bounds.from, instant - covered), zone),
        dayIn(Math.min(instant, bounds.to - 1), zone),
      ]
      for (const date of dates) if (date >= from && date <= to) days.add(date)
    }
  }
  return marking && { marking, days }
}
