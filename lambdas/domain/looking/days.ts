import { firstYear, lengthOf } from '../core/time/period.ts'
import type { Days } from './place.ts'

/** Words are not indexed: a search reads all these days, and the Lambdas of reading room and API have a time limit. */
const maxDays = 92

/** No detection is older. */
const firstDay = `${firstYear}-01-01`

const dayMs = 86_400_000

export class DaysError extends Error {
  override name = 'DaysError'
}

/**
 * Fills in unstated days: {@link maxDays} from the stated one, or up to now.
 * @param isUnlimited any number of days, all where none is stated
 */
export const daysAsked = ({ first, last }: Partial<Days>, now: Date, isUnlimited = false): Days => {
  // In some time zones it is already tomorrow.
  const today = dayOf(now.getTime() + dayMs / 2)
  const end = last ?? (first === undefined || (isUnlimited && first < today) ? today : moved(first, maxDays - 1))
  const days = { first: first ?? (isUnlimited ? firstDay : moved(end, 1 - maxDays)), last: end }
  if (days.first > days.last) throw new DaysError(`${days.first} comes after ${days.last}: swap them`)
  if (!isUnlimited && lengthOf(days) > maxDays) {
    throw new DaysError(`${days.first} to ${days.last} are ${lengthOf(days)} days: ask for ${maxDays} at most`)
  }
  return days
}

/** Reaches back, in steps of {@link maxDays}, until that many days may have a detection. */
export const daysReached = (
  mayHave: (day: string) => boolean,
  last: string | undefined,
  now: Date,
): { readonly days: Days; readonly earlier?: string } => {
  const days = daysAsked(last === undefined ? {} : { last }, now)
  let { first } = days
  for (let [day, read] = [days.last, 0]; day >= firstDay; day = moved(day, -1)) {
    if (day < first && read >= maxDays) return { days: { ...days, first }, earlier: day }
    if (day < first) first = moved(first, -maxDays)
    if (mayHave(day)) read += 1
  }
  return { days: { ...days, first: firstDay } }
}

const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10)

const moved = (day: string, days: number): string => dayOf(Date.parse(day) + days * dayMs)
