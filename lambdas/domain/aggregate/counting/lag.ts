import { firstDayIn, type Observed } from '../../core/time/observed.ts'

/** Between a month and a day, the month's first day gives a bound. */
export type Lag = {
  readonly value: number
  readonly unit: 'days' | 'months'
  readonly bound: 'exact' | 'at most' | 'at least'
}

/**
 * Counts shown days on one clock, so that equal days have equal lags.
 * @param earliest the first by {@link byShownDay} on that clock
 */
export const daysFrom = (earliest: Observed, here: Observed, zone: string): number =>
  (Date.parse(firstDayIn(here, zone)) - Date.parse(firstDayIn(earliest, zone))) / 86_400_000

/** `at`: start in milliseconds UTC. */
export type Sighting = { readonly observed: Observed; readonly at: number }

/** Orders by shown day, then instant, so that shown days never decrease. */
export const byShownDay =
  (zone: string) =>
  (one: Sighting, other: Sighting): number => {
    const [day, next] = [firstDayIn(one.observed, zone), firstDayIn(other.observed, zone)]
    return day === next ? one.at - other.at : day < next ? -1 : 1
  }

/** @param days whole days from the start of the first sighting */
export const lagOf = (days: number, here: Observed, earliest: Observed): Lag => {
  const [isMonth, fromMonth] = [here.precision === 'month', earliest.precision === 'month']
  if (isMonth && fromMonth) return { value: monthNumber(here) - monthNumber(earliest), unit: 'months', bound: 'exact' }
  if (isMonth) return { value: days, unit: 'days', bound: 'at least' }
  return { value: days, unit: 'days', bound: fromMonth ? 'at most' : 'exact' }
}

const monthNumber = ({ from }: Observed): number => 12 * Number(from.slice(0, 4)) + Number(from.slice(5, 7))
