/** What is of these days, and what came afterwards. */
import { localInterval, type Observed } from '../core/time/observed.ts'

/** What was over so long before it came is told by the reports of its time: it came afterwards. Milliseconds. */
const freshMs = 7 * 24 * 3_600_000

/** Whether what is stored now is of these days, and no backfill. */
export const isFresh = (observed: Observed, now: Date): boolean =>
  localInterval(observed, 'UTC').end >= now.getTime() - freshMs
