import { localInterval, type Observed } from '../core/time/observed.ts'

/** Milliseconds. Detections that ended earlier belong to older reports. */
const freshMs = 7 * 24 * 3_600_000

/** Returns whether a detection stored now is recent, neither a backfill nor in the future. */
export const isFresh = (observed: Observed, now: Date): boolean => {
  const { first, end } = localInterval(observed, 'UTC')
  return end >= now.getTime() - freshMs && first.from <= now.getTime()
}
