/** Finds stored instants in the future, and moves them back where the clock was ahead. */
import { plural } from '../domain/core/text/plural.ts'
import { clockSkewMs } from '../domain/core/time/instants.ts'
import { type Ahead, type Instants, storedKinds } from '../store/table/clock.ts'

export type ClockWord =
  | { readonly kind: 'right' }
  /** Usual clock difference: read and store as of `by` milliseconds later. */
  | { readonly kind: 'minutes'; readonly by: number }
  /** An observation lies in the future. Read and store as of `by` milliseconds later. */
  | { readonly kind: 'behind'; readonly by: number; readonly latest: string; readonly observed: string }
  /** The clock was ahead: stored instants were moved back by `by` milliseconds. */
  | { readonly kind: 'set back'; readonly by: number; readonly found: Ahead }

/** Costs one read unless something lies in the future. A trusted clock, such as AWS's, never counts as behind. */
export const mindClock = async (
  instants: Instants,
  clock: () => Date,
  { isTrusted = false }: { readonly isTrusted?: boolean } = {},
): Promise<ClockWord> => {
  const now = clock().getTime()
  const latest = await instants.latest()
  if (latest === undefined || Date.parse(latest) <= now) return { kind: 'right' }
  if (Date.parse(latest) <= now + clockSkewMs) return minutesTo(latest, now)
  const reached = await instants.reached()
  if (!isTrusted && reached !== undefined && Date.parse(reached) > now) return behindOf(latest, reached, now)
  const found = await instants.ahead(clock)
  if (!isTrusted && found?.observed !== undefined) {
    await instants.hasReached(found.observed)
    await instants.settle(latest, found.latest)
    return behindOf(found.latest, found.observed, now)
  }
  if (found && Date.parse(found.latest) <= now + clockSkewMs) {
    await instants.settle(latest, found.latest)
    return minutesTo(found.latest, now)
  }
  const by = found && (await instants.setBack(found, clock))
  await instants.settle(latest, clock().toISOString())
  return found && by !== undefined ? { kind: 'set back', by, found } : { kind: 'right' }
}

/** Adds a millisecond, so that new items come after. */
const minutesTo = (latest: string, now: number): ClockWord => ({ kind: 'minutes', by: Date.parse(latest) - now + 1 })

const behindOf = (latest: string, observed: string, now: number): ClockWord => ({
  kind: 'behind',
  by: Date.parse(latest) - now + 1,
  latest,
  observed,
})

export const describeClock = (word: ClockWord, now: Date): readonly string[] => {
  if (word.kind === 'behind') {
    return [
      `the clock shows ${now.toISOString()}, but stored detections were observed at ${word.observed}: the clock is behind, set it right. Until then Vigie counts time from ${word.latest}, when something was last stored`,
    ]
  }
  if (word.kind !== 'set back') return []
  const { counts, items, since, latest, versions } = word.found
  const listed = storedKinds.flatMap((kind) => (counts[kind] ? [`${kind} ${counts[kind]}`] : []))
  return [
    `the clock was ahead when this was stored, from ${since} to ${latest}: ${listed.join(', ') || plural(items, 'item')}. It is set back by ${spanOf(word.by)}, so that reports hold it`,
    ...(versions.length === 0
      ? []
      : [
          `${plural(versions.length, 'published version')} ${versions.length === 1 ? 'is of an instant that is still to come, and stays as it is' : 'are of an instant that is still to come, and stay as they are'}: see vigie archive list, and recall what should not be read`,
        ]),
  ]
}

/** Formats as `40 days 2 hours`, to the minute. */
const spanOf = (ms: number): string => {
  const minutes = Math.max(1, Math.round(ms / 60_000))
  const parts = [
    [Math.floor(minutes / 1_440), 'day'],
    [Math.floor((minutes % 1_440) / 60), 'hour'],
    [minutes % 60, 'minute'],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => plural(count, unit))
    .join(' ')
}
