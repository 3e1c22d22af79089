import { fitsUnder, type Marking } from '../../core/marking.ts'
import type { PeriodFit } from '../../core/time/observed.ts'

/** Detections of the period marked above the cap are *withheld*. */
export type CountStatus = PeriodFit | 'withheld'

export const countStatusOf = (fit: PeriodFit, marking: Marking, cap: Marking): CountStatus =>
  fit === 'outside' || fitsUnder(marking, cap) ? fit : 'withheld'
