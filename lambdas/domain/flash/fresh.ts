import { localInterval, type Observed } from '../core/time/observed.ts'

/** Milliseconds. Detections that ended earlier belong to older reports. */
const freshMs = 7 * 24 * 3_600_000

/** Returns whether a detection stored now is recent, not a backfill. */
export const isFresh = (observed: Observed, now: Date): boolean =>
  localInterval(observed, 'UTC').end >= now.getTime() - freshMs
