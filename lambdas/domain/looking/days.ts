import { lengthOf } from '../core/time/period.ts'
import type { Days } from './place.ts'

/** Words are not indexed: a search reads all these days. */
export const maxDays = 92

const dayMs = 86_400_000

export class DaysError extends Error {
  override name = 'DaysError'
}

/** Fills in unstated days: {@link maxDays} from the stated one, or up to now. */
export const daysAsked = ({ first, last }: Partial<Days>, now: Date): Days => {
  // In some time zones it is already tomorrow.
  const end = last ?? (first === undefined ? dayOf(now.getTime() + dayMs / 2) : moved(first, maxDays - 1))
  const days = { first: first ?? moved(end, 1 - maxDays), last: end }
  if (days.first > days.last) throw new DaysError(`${days.first} comes after ${days.last}: swap them`)
  if (lengthOf(days) > maxDays) {
    throw new DaysError(`${days.first} to ${days.last} are ${lengthOf(days)} days: ask for ${maxDays} at most`)
  }
  return days
}

const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10)

const moved = (day: string, days: number): string => dayOf(Date.parse(day) + days * dayMs)
