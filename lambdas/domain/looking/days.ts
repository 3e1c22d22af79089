/** The days that are looked at: some that are stated, or the last ones. */

import { lengthOf } from '../core/time/period.ts'
import type { Days } from './place.ts'

/** So many are read at once: words are in no index. */
export const maxDays = 92

const dayMs = 86_400_000

export class DaysError extends Error {
  override name = 'DaysError'
}

/**
 * Days that a caller states; of those that it leaves open, the last {@link maxDays} up to the one end that it says, or
 * to now.
 */
export const daysAsked = ({ first, last }: Partial<Days>, now: Date): Days => {
  // Somewhere it is tomorrow already.
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
