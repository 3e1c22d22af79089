/** How a detection stands in an edition: the count goes by it, and who asks why is told by it. */
import { fitsUnder, type Marking } from '../../core/marking.ts'
import type { PeriodFit } from '../../core/time/observed.ts'

/** *withheld* where it is of the period and marked above the cap. */
export type CountStatus = PeriodFit | 'withheld'

export const countStatusOf = (fit: PeriodFit, marking: Marking, cap: Marking): CountStatus =>
  fit === 'outside' || fitsUnder(marking, cap) ? fit : 'withheld'
