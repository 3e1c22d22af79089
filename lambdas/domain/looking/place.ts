import { maximum } from '../core/lists.ts'
import type { ObservedSomewhere } from '../core/place/subject.ts'
import { type TerritoryCode, territoryOf } from '../core/place/territory.ts'
import { localInterval } from '../core/time/observed.ts'
import { boundsIn } from '../core/time/period.ts'

/** Position in a list: by the first observed instant, then by id. */
export type ListPlace = { readonly at: string; readonly id: string }

/** Local days, inclusive. */
export type Days = { readonly first: string; readonly last: string }

export const newestFirst = (one: ListPlace, other: ListPlace): number =>
  one.at === other.at ? (one.id > other.id ? -1 : 1) : one.at > other.at ? -1 : 1

export const isAfter = (one: ListPlace, other: ListPlace): boolean => newestFirst(other, one) < 0

/** Returns the latest first observation among these territories and days; undefined if none. */
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

export const cursorTo = ({ at, id }: ListPlace): string => Buffer.from(`${at} ${id}`).toString('base64url')

/** Returns undefined for a cursor not made by {@link cursorTo}. */
export const placeOf = (cursor: string): ListPlace | undefined => {
  const [, at, id] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.{1,128})$/su.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return at === undefined || id === undefined ? undefined : { at, id }
}
