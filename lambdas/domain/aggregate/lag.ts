/** How long after the first territory another one saw the same: exact between days or months, a bound between a day and a month. */
import { firstDayIn, type Observed } from '../core/observed.ts'

/** Between a month and a day it is from, or to, the month's first day. */
export type Lag = {
  readonly value: number
  readonly unit: 'days' | 'months'
  readonly bound: 'exact' | 'at most' | 'at least'
}

/**
 * Days between two first sightings, by the days that are shown of them on one clock, so that equal days are equally far. Nothing is
 * seen before what came first.
 */
export const daysFrom = (earliest: Observed, here: Observed, zone: string): number =>
  Math.max(0, (Date.parse(firstDayIn(here, zone)) - Date.parse(firstDayIn(earliest, zone))) / 86_400_000)

/** @param days whole days from the beginning of what was seen first */
export const lagOf = (days: number, here: Observed, earliest: Observed): Lag => {
  const [isMonth, fromMonth] = [here.precision === 'month', earliest.precision === 'month']
  if (isMonth && fromMonth) return { value: monthNumber(here) - monthNumber(earliest), unit: 'months', bound: 'exact' }
  if (isMonth) return { value: days, unit: 'days', bound: 'at least' }
  return { value: days, unit: 'days', bound: fromMonth ? 'at most' : 'exact' }
}

const monthNumber = ({ from }: Observed): number => 12 * Number(from.slice(0, 4)) + Number(from.slice(5, 7))
