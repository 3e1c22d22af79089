/** Figures that add up: what one detection states, what a whole and its parts come to, and how amounts are added. */
import type { Counts, Detection, Figure, Qualifier } from '../detection/detection.ts'

/**
 * A total. `value` is null where no detection states the figure (*not given*) and where nothing was found and nobody
 * watched (*not watched*); 0 is a count of nothing. `atMost` is a ceiling above a floor, where one is known.
 */
export type Total =
  | { readonly value: number; readonly qualifier: Qualifier; readonly atMost?: number }
  | { readonly value: null; readonly qualifier: 'not given' | 'not watched' }

/** No source states it. */
export const notGiven: Total = { value: null, qualifier: 'not given' }

/** Nothing was found, and no source ran. */
export const notWatched: Total = { value: null, qualifier: 'not watched' }

/** Watched, and nothing found. */
export const zero: Total = { value: 0, qualifier: 'exact' }

/** Nothing was found, and not all was seen: *at least 0* is no sentence. */
export const isFloorOfNone = ({ value, qualifier }: Total): boolean => value === 0 && qualifier === 'at least'

/** How much a figure changed. *At least* is a rise or a fall of so much or more. */
export type Change = { readonly value: number; readonly qualifier: Qualifier }

/**
 * What is known of the difference: all of it between figures without a floor. A floor may be anything up to its
 * ceiling, so that with it only a rise or a fall of so much at least is known, where both ranges lie apart.
 */
export const changeBetween = (before: Total, now: Total): Change | undefined => {
  if (before.value === null || now.value === null) return undefined
  const qualifiers = [before.qualifier, now.qualifier]
  if (!qualifiers.includes('at least')) {
    return { value: now.value - before.value, qualifier: qualifiers.includes('about') ? 'about' : 'exact' }
  }
  // An estimate has no end from which a floor could be reckoned.
  if (qualifiers.includes('about')) return undefined
  const [rise, fall] = [now.value - ceilingOf(before), ceilingOf(now) - before.value]
  if (rise > 0) return { value: rise, qualifier: 'at least' }
  return fall < 0 ? { value: fall, qualifier: 'at least' } : undefined
}

const ceilingOf = (total: Total & { readonly value: number }): number =>
  total.qualifier === 'exact' ? total.value : (total.atMost ?? Number.POSITIVE_INFINITY)

export const addedFigures = ['posts', 'reposts', 'videos', 'views'] as const
export const distinctFigures = ['accounts', 'coordinatedAccounts'] as const

/** Every figure that a detection may state, in the order in which tables show them. */
export const figureNames = [...addedFigures, ...distinctFigures] as const
export type FigureName = (typeof figureNames)[number]

export type AddedFigure = (typeof addedFigures)[number]
export type DistinctFigure = (typeof distinctFigures)[number]

/** What an amount comes to. `known` is undefined where no part of it states the figure. */
export type Amount = {
  readonly known: number | undefined
  readonly qualifier: Qualifier
  /** No figure is due: an event in a hall has no posts, and says nothing of those elsewhere. */
  readonly notDue: boolean
  /** A ceiling, where the amount is a floor with a known one; it may be what is known, where a 0 was left out. */
  readonly atMost?: number | undefined
}

type DayNumber = readonly [day: string, count: number, qualifier: Qualifier]

/** Counts by day: a bare day has the whole amount, as nearly every detection has one day. */
type Split = string | readonly DayNumber[]

export type Sum = Amount & { readonly byDay: Split }

const noDays: readonly DayNumber[] = []

export const nothing: Sum = { known: undefined, qualifier: 'exact', notDue: true, byDay: noDays }
export const unknown: Sum = { ...nothing, notDue: false }

/** The detection's own facts on which a figure rests. */
type Stated = Pick<Detection, 'kind' | 'counts'> & {
  /** The local days of the first and of the last observation, where days are known. */
  readonly day: string | undefined
  readonly lastDay: string | undefined
}

/** An offline event and a set of domains have no accounts that post. */
export const hasAccounts = ({ kind }: Pick<Detection, 'kind'>): boolean =>
  kind !== 'offline-event' && kind !== 'infrastructure'

/** What a detection alone says of a figure. */
export const ownSum = (stated: Stated, figure: AddedFigure): Sum => {
  const { counts, day, lastDay } = stated
  const given = counts[figure]
  const byDay = splitByDay(counts.byDay, figure)
  const onPlatforms = platformTotal(counts, figure)
  if (!given && byDay.length === 0 && onPlatforms === undefined) return hasAccounts(stated) ? unknown : nothing
  const split = Math.max(total(byDay), onPlatforms ?? 0)
  const isOfOneDay = day !== undefined && day === lastDay
  return {
    known: Math.max(given?.value ?? 0, split),
    qualifier: given && given.value >= split ? given.qualifier : 'at least',
    notDue: false,
    // On its only day is all that it states, whatever its split leaves out.
    byDay: isOfOneDay ? day : byDay,
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
  const [larger, other] = (own.known ?? -1) >= (parts.known ?? -1) ? [own, parts] : [parts, own]
  // What one knows of days still holds where the other gives one bare figure.
  const days = larger.byDay.length > 0 ? dayNumbers(larger) : dayNumbers(other)
  return {
    known: larger.known,
    qualifier: 'at least',
    notDue: false,
    byDay: days.map(([day, count]) => [day, count, 'at least']),
  }
}

/** No figure that anybody states, where some have accounts that may have posted, is not a figure of zero. */
export const unstated = (all: Iterable<Pick<Detection, 'kind'>>): Sum => {
  for (const one of all) if (hasAccounts(one)) return unknown
  return nothing
}

/** Amounts under way; a floor anywhere makes the whole a floor, else an estimate anywhere makes it an estimate. */
export type Adder = {
  due: number
  given: number
  value: number
  floor: boolean
  estimate: boolean
  /** What it comes to at most; NaN where one amount has no ceiling. */
  most: number
}

export const adder = (): Adder => ({ due: 0, given: 0, value: 0, floor: false, estimate: false, most: 0 })

export const take = (adder: Adder, { known, qualifier, notDue, atMost }: Amount): void => {
  if (notDue) return
  adder.due += 1
  adder.most += (qualifier === 'exact' ? known : atMost) ?? Number.NaN
  if (known === undefined) return
  adder.given += 1
  adder.value += known
  if (qualifier === 'at least') adder.floor = true
  else if (qualifier === 'about') adder.estimate = true
}

/** What may be in the sum already: it raises the ceiling and makes a floor of it. */
export const leaveOut = (adder: Adder, { known, qualifier, notDue, atMost }: Amount): void => {
  if (notDue) return
  adder.due += 1
  if (known !== undefined) adder.given += 1
  adder.floor = true
  adder.most += (qualifier === 'exact' ? known : atMost) ?? Number.NaN
}

export const takeTotal = (adder: Adder, { value, qualifier }: Total): void =>
  take(adder, {
    known: value ?? undefined,
    qualifier: value === null ? 'exact' : (qualifier as Qualifier),
    notDue: false,
  })

export const amountIn = ({ due, given, value, floor, estimate, most }: Adder): Amount => {
  if (due === 0) return nothing
  if (given === 0) return unknown
  // Beyond this, whole numbers are no longer told apart.
  if (value > Number.MAX_SAFE_INTEGER) return { known: Number.MAX_SAFE_INTEGER, qualifier: 'at least', notDue: false }
  const qualifier = due > given || floor ? 'at least' : estimate ? 'about' : 'exact'
  const hasCeiling = qualifier === 'at least' && most >= value && most <= Number.MAX_SAFE_INTEGER
  return { known: value, qualifier, notDue: false, ...(hasCeiling && { atMost: most }) }
}

export const addedTotal = (adder: Adder): Total => totalOf(amountIn(adder))

/** What an amount gives to days, each with its own qualifier. */
export const dayNumbers = ({ byDay, known, qualifier }: Sum): readonly DayNumber[] =>
  typeof byDay === 'string' ? [[byDay, known ?? 0, qualifier]] : byDay

/** Figures that several detections state, as one total; *not given* where none does. */
export const totalOf = ({ known, qualifier, atMost }: Amount): Total =>
  known === undefined
    ? notGiven
    : { value: known, qualifier, ...(atMost !== undefined && atMost > known && { atMost }) }

const splitByDay = (rows: Counts['byDay'], figure: AddedFigure): Exclude<Split, string> => {
  if (!rows || rows.length === 0) return noDays
  const table = new Map<string, Adder>()
  for (const row of rows) {
    const given = row[figure]
    if (!given) continue
    const day = table.get(row.day) ?? adder()
    table.set(row.day, day)
    take(day, { known: given.value, qualifier: given.qualifier, notDue: false })
  }
  return [...table].map(([day, added]) => {
    const { known = 0, qualifier } = amountIn(added)
    return [day, known, qualifier]
  })
}

/** Undefined where no platform's row states the figure. */
const platformTotal = ({ byPlatform = [] }: Counts, figure: AddedFigure): number | undefined =>
  byPlatform.reduce<number | undefined>(
    (sum, { [figure]: given }: Row) => (given ? (sum ?? 0) + given.value : sum),
    undefined,
  )

type Row = { readonly [figure in AddedFigure]?: Figure | undefined }

const total = (split: Exclude<Split, string>): number => split.reduce((sum, [, value]) => sum + value, 0)

/** A share as it is ordered by and printed: rounded down, so that a floor holds, and that only all of it is 100. */
export const wholePercent = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.floor((100 * part) / whole)
