/**
 * How long after the first territory another one saw the same: exact between days or months, a bound between a day and
 * a month.
 */
import { firstDayIn, type Observed } from '../../core/time/observed.ts'

/** Between a month and a day it is from, or to, the month's first day. */
export type Lag = {
  readonly value: number
  readonly unit: 'days' | 'months'
  readonly bound: 'exact' | 'at most' | 'at least'
}

/**
 * Days between two first sightings, by the days that are shown of them on one clock, so that equal days are equally
 * far.
 * @param earliest the first by {@link byShownDay} on that clock
 */
export const daysFrom = (earliest: Observed, here: Observed, zone: string): number =>
  (Date.parse(firstDayIn(here, zone)) - Date.parse(firstDayIn(earliest, zone))) / 86_400_000

/**
 * When something was seen: as its source knew it, and the instant, milliseconds UTC, at which that begins where it was
 * seen.
 */
export type Sighting = { readonly observed: Observed; readonly at: number }

/**
 * By the days that are shown on one clock, and those of one day by instant: what comes first has no later day than what
 * follows.
 */
export const byShownDay =
  (zone: string) =>
  (one: Sighting, other: Sighting): number => {
    const [day, next] = [firstDayIn(one.observed, zone), firstDayIn(other.observed, zone)]
    return day === next ? one.at - other.at : day < next ? -1 : 1
  }

/** @param days whole days from the beginning of what was seen first */
export const lagOf = (days: number, here: Observed, earliest: Observed): Lag => {
  const [isMonth, fromMonth] = [here.precision === 'month', earliest.precision === 'month']
  if (isMonth && fromMonth) return { value: monthNumber(here) - monthNumber(earliest), unit: 'months', bound: 'exact' }
  if (isMonth) return { value: days, unit: 'days', bound: 'at least' }
  return { value: days, unit: 'days', bound: fromMonth ? 'at most' : 'exact' }
}

const monthNumber = ({ from }: Observed): number => 12 * Number(from.slice(0, 4)) + Number(from.slice(5, 7))
