/** Figures that add up: each with its qualifier, split by day and platform where the sources split them. */
import type { Counts, Detection, Figure, Qualifier } from './detection.ts'

/** A total: `value` is null and `qualifier` is *not given* where no detection states the figure; 0 is a count of nothing. */
export type Total =
  | { readonly value: number; readonly qualifier: Qualifier }
  | { readonly value: null; readonly qualifier: 'not given' }

/** No source states it. */
export const notGiven: Total = { value: null, qualifier: 'not given' }

export const addedFigures = ['posts', 'reposts', 'videos', 'views'] as const
export const distinctFigures = ['accounts', 'coordinatedAccounts'] as const

/** Every figure that a detection may state, in the order in which tables show them. */
export const figureNames = [...addedFigures, ...distinctFigures] as const

export type AddedFigure = (typeof addedFigures)[number]
export type DistinctFigure = (typeof distinctFigures)[number]

/** What an amount comes to. `known` is undefined where no part of it states the figure. */
export type Amount = {
  readonly known: number | undefined
  readonly qualifier: Qualifier
  /** No figure is due: an event in a hall has no posts, and says nothing of those elsewhere. */
  readonly notDue: boolean
}

/** Counts by a name: a bare name has the whole amount under it, as nearly every detection has one day and one platform. */
type Split = string | readonly (readonly [name: string, count: number])[]

export type Sum = Amount & { readonly byDay: Split; readonly byPlatform: Split }

const empty: Split = []

export const nothing: Sum = { known: undefined, qualifier: 'exact', notDue: true, byDay: empty, byPlatform: empty }
const unknown: Sum = { ...nothing, notDue: false }

/** The detection's own facts on which a figure stands. */
export type Stated = Pick<Detection, 'kind' | 'counts'> & {
  readonly platforms: readonly string[]
  /** The local days of the first and of the last observation, where days are known. */
  readonly day: string | undefined
  readonly lastDay: string | undefined
}

/** An offline event and a set of domains have no accounts that post. */
export const hasAccounts = ({ kind }: Pick<Detection, 'kind'>): boolean =>
  kind !== 'offline-event' && kind !== 'infrastructure'

/** What a detection alone says of a figure. */
export const ownSum = (stated: Stated, figure: AddedFigure): Sum => {
  const { counts, platforms } = stated
  const given = counts[figure]
  const byDay = splitOf(counts.byDay, ({ day }) => day, figure)
  const byPlatform = splitOf(counts.byPlatform, ({ platform }) => platform, figure)
  if (!given && byDay.length === 0 && byPlatform.length === 0) return hasAccounts(stated) ? unknown : nothing
  const split = Math.max(total(byDay), total(byPlatform))
  const [platform] = platforms
  return {
    known: Math.max(given?.value ?? 0, split),
    qualifier: given && given.value >= split ? given.qualifier : 'at least',
    notDue: false,
    byDay: byDay.length > 0 || !stated.day || stated.day !== stated.lastDay ? byDay : stated.day,
    byPlatform: byPlatform.length > 0 || platforms.length !== 1 || !platform ? byPlatform : platform,
  }
}

/** True where a detection states a figure, whole or split. */
export const states = ({ counts }: { readonly counts: Counts }, figure: AddedFigure): boolean =>
  counts[figure] !== undefined ||
  (counts.byDay?.some((row) => row[figure]) ?? false) ||
  (counts.byPlatform?.some((row) => row[figure]) ?? false)

/** What a whole and its parts come to: never both, the larger of the two, as a floor. */
export const wholeSum = (own: Sum, parts: Sum): Sum => {
  if (own.notDue && parts.notDue) return own
  const larger = (own.known ?? -1) > (parts.known ?? -1) ? own : parts
  return {
    known: larger.known,
    qualifier: 'at least',
    notDue: false,
    // What the parts know of days and platforms still holds where the whole gives one bare figure.
    byDay: larger.byDay.length > 0 ? larger.byDay : named(parts.byDay, parts.known),
    byPlatform: larger.byPlatform.length > 0 ? larger.byPlatform : named(parts.byPlatform, parts.known),
  }
}

/** No figure that anybody states, where some have accounts that may have posted, is not a figure of zero. */
export const unstated = (all: readonly Pick<Detection, 'kind'>[]): Sum => (all.some(hasAccounts) ? unknown : nothing)

/** Amounts under way; a floor anywhere makes the whole a floor, else an estimate anywhere makes it an estimate. */
export type Adder = { due: number; given: number; value: number; floor: boolean; estimate: boolean }

export const adder = (): Adder => ({ due: 0, given: 0, value: 0, floor: false, estimate: false })

export const take = (adder: Adder, { known, qualifier, notDue }: Amount): void => {
  if (notDue) return
  adder.due += 1
  if (known === undefined) return
  adder.given += 1
  adder.value += known
  if (qualifier === 'at least') adder.floor = true
  else if (qualifier === 'about') adder.estimate = true
}

export const takeTotal = (adder: Adder, { value, qualifier }: Total): void =>
  take(adder, {
    known: value ?? undefined,
    qualifier: qualifier === 'not given' ? 'exact' : qualifier,
    notDue: false,
  })

export const amountIn = ({ due, given, value, floor, estimate }: Adder): Amount =>
  due === 0
    ? nothing
    : {
        known: given === 0 ? undefined : value,
        qualifier: due > given || floor ? 'at least' : estimate ? 'about' : 'exact',
        notDue: false,
      }

export const addedTotal = (adder: Adder): Total => totalOf(amountIn(adder))

/** Sums added, with their days and platforms. */
export const add = (sums: readonly Sum[]): Sum => {
  const whole = adder()
  const byDay = new Map<string, number>()
  const byPlatform = new Map<string, number>()
  for (const sum of sums) {
    take(whole, sum)
    for (const [day, count] of pairs(sum.byDay, sum.known)) byDay.set(day, (byDay.get(day) ?? 0) + count)
    for (const [name, count] of pairs(sum.byPlatform, sum.known))
      byPlatform.set(name, (byPlatform.get(name) ?? 0) + count)
  }
  return { ...amountIn(whole), byDay: [...byDay], byPlatform: [...byPlatform] }
}

/** A split spelled out, given the amount that it splits. */
export const pairs = (split: Split, known: number | undefined): readonly (readonly [name: string, count: number])[] =>
  typeof split === 'string' ? [[split, known ?? 0]] : split

const named = (split: Split, known: number | undefined): Split => (split.length === 0 ? empty : pairs(split, known))

/** The total of figures of which some may not be stated; *not given* where none is. */
export const totalOfFigures = (figures: readonly (Figure | undefined)[]): Total => {
  const whole = adder()
  for (const given of figures)
    take(whole, { known: given?.value, qualifier: given?.qualifier ?? 'exact', notDue: false })
  return addedTotal(whole)
}

export const totalOf = ({ known, qualifier, notDue }: Amount): Total => {
  if (notDue) return { value: 0, qualifier: 'exact' }
  return known === undefined ? notGiven : { value: known, qualifier }
}

const splitOf = <Row extends { readonly [figure in AddedFigure]?: Figure | undefined }>(
  rows: readonly Row[] | undefined,
  keyOf: (row: Row) => string,
  figure: AddedFigure,
): Exclude<Split, string> => {
  if (!rows || rows.length === 0) return []
  const table = new Map<string, number>()
  for (const row of rows) {
    const given = row[figure]
    if (given) table.set(keyOf(row), (table.get(keyOf(row)) ?? 0) + given.value)
  }
  return [...table]
}

const total = (split: Exclude<Split, string>): number => split.reduce((sum, [, value]) => sum + value, 0)
