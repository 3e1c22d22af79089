/** How long after the first territory another one saw the same: exact between days or months, a bound between a day and a month. */
import type { Observed } from '../core/observed.ts'
import { dayIn } from '../core/period.ts'

/** Between a month and a day it is from, or to, the month's first day. */
export type Lag = {
  readonly value: number
  readonly unit: 'days' | 'months'
  readonly bound: 'exact' | 'at most' | 'at least'
}

/** The day on which something was first seen as it is shown with the clock of a zone; of a month its first day. */
const dayOf = ({ from, precision }: Observed, zone: string): string =>
  precision === 'instant' ? dayIn(Date.parse(from), zone) : precision === 'month' ? `${from}-01` : from

/**
 * Days between two first sightings, each by the day that is shown of it, so that equal days are equally far. One instant is
 * not later than itself, and nothing is seen before what came first, whatever the clocks.
 */
export const daysFrom = (
  earliest: { readonly observed: Observed; readonly zone: string },
  here: { readonly observed: Observed; readonly zone: string },
): number => {
  const isSame = earliest.observed.precision === 'instant' && earliest.observed.from === here.observed.from
  if (isSame) return 0
  const days = Date.parse(dayOf(here.observed, here.zone)) - Date.parse(dayOf(earliest.observed, earliest.zone))
  return Math.max(0, days / 86_400_000)
}

/** @param days whole days from the beginning of what was seen first */
export const lagOf = (days: number, here: Observed, earliest: Observed): Lag => {
  const [isMonth, fromMonth] = [here.precision === 'month', earliest.precision === 'month']
  if (isMonth && fromMonth) return { value: monthNumber(here) - monthNumber(earliest), unit: 'months', bound: 'exact' }
  if (isMonth) return { value: days, unit: 'days', bound: 'at least' }
  return { value: days, unit: 'days', bound: fromMonth ? 'at most' : 'exact' }
}

const monthNumber = ({ from }: Observed): number => 12 * Number(from.slice(0, 4)) + Number(from.slice(5, 7))
