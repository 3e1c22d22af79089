/** The order in which detections are listed, the newest first, each once. */
import { maximum } from '../core/lists.ts'
import type { ObservedSomewhere } from '../core/place/subject.ts'
import { type TerritoryCode, territoryOf } from '../core/place/territory.ts'
import { localInterval } from '../core/time/observed.ts'
import { boundsIn } from '../core/time/period.ts'

/** Where a detection is in a list: by the instant at which it was first observed, then by id. */
export type ListPlace = { readonly at: string; readonly id: string }

/** Local days, both included. */
export type Days = { readonly first: string; readonly last: string }

/** The later comes first. */
export const newestFirst = (one: ListPlace, other: ListPlace): number =>
  one.at === other.at ? (one.id > other.id ? -1 : 1) : one.at > other.at ? -1 : 1

/** Whether it comes after a place in the list. */
export const isAfter = (one: ListPlace, other: ListPlace): boolean => newestFirst(other, one) < 0

/**
 * The place of a detection of several territories among some of them: the latest of those at which it was first
 * observed on the days that are looked at. Undefined where it was on none.
 */
export const placeIn = (
  { id, observed, territories }: ObservedSomewhere & { readonly id: string },
  among: readonly TerritoryCode[],
  days: Days | undefined,
): ListPlace | undefined => {
  const instants = territories.flatMap(({ code }): number[] => {
    if (!among.includes(code)) return []
    const { zone } = territoryOf(code)
    const { from } = localInterval(observed, zone).first
    if (!days) return [from]
    const bounds = boundsIn(days, zone)
    return from >= bounds.from && from < bounds.to ? [from] : []
  })
  return instants.length === 0 ? undefined : { at: new Date(maximum(instants)).toISOString(), id }
}

/** A place as an address can hold it. */
export const cursorTo = ({ at, id }: ListPlace): string => Buffer.from(`${at} ${id}`).toString('base64url')

/** The place of a cursor, or undefined where it is none of {@link cursorTo}. */
export const placeOf = (cursor: string): ListPlace | undefined => {
  const [, at, id] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.{1,128})$/su.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return at === undefined || id === undefined ? undefined : { at, id }
}
