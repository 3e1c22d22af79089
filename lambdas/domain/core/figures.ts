/** Figures that add up: what a whole and its parts come to, and how amounts are added. */

export const qualifiers = ['exact', 'at least', 'about'] as const

/** How a figure is meant: counted whole, a floor, or an estimate. */
export type Qualifier = (typeof qualifiers)[number]

/** *At least about*: an estimate of what was not wholly seen; it bounds nothing. */
export type TotalQualifier = Qualifier | 'at least about'

/**
 * A total. `value` is null where no detection states the figure (*not given*) and where nothing was found and nobody
 * watched (*not watched*); 0 is a count of nothing. `atMost` is a ceiling above a floor, where one is known.
 */
export type Total =
  | { readonly value: number; readonly qualifier: Exclude<TotalQualifier, 'at least'>; readonly atMost?: undefined }
  | { readonly value: number; readonly qualifier: 'at least'; readonly atMost?: number }
  | { readonly value: null; readonly qualifier: 'not given' | 'not watched' }

/** No source states it. */
export const notGiven: Total = { value: null, qualifier: 'not given' }

/** Nothing was found, and no source ran. */
export const notWatched: Total = { value: null, qualifier: 'not watched' }

/** Watched, and nothing found. */
export const zero: Total = { value: 0, qualifier: 'exact' }

type Qualified = Pick<Total, 'qualifier'>

/** There may be more. */
export const isAtLeast = ({ qualifier }: Qualified): boolean =>
  qualifier === 'at least' || qualifier === 'at least about'

/** Its number is none that was counted. */
export const isEstimate = ({ qualifier }: Qualified): boolean => qualifier === 'about' || qualifier === 'at least about'

/** The qualifier of what has floors or estimates in it. */
export const qualifierOf = (hasFloor: boolean, hasEstimate: boolean): TotalQualifier =>
  hasFloor ? (hasEstimate ? 'at least about' : 'at least') : hasEstimate ? 'about' : 'exact'

/** Nothing was found, and not all was seen: *at least 0* is no sentence. */
export const isFloorOfNone = (total: Total): boolean => total.value === 0 && isAtLeast(total)

/** Why there may be more than was counted. */
export const wideningReasons = [
  'running',
  'hardly watched',
  'input missing',
  'not wholly watched',
  'public edition',
  'something above the cap',
] as const
export type WideningReason = (typeof wideningReasons)[number]

/**
 * What a figure says where not all was seen: its lower bound stays, and no upper bound does. The only way from a figure
 * to a wider one, so that no estimate and no ceiling outlives a reason.
 */
export const widened = (total: Total, reasons: readonly WideningReason[]): Total =>
  total.value === null || reasons.length === 0
    ? total
    : { value: total.value, qualifier: qualifierOf(true, isEstimate(total)) }

/** All of several figures, each widened. */
export const eachWidened = <Figures extends { readonly [figure in FigureName]: Total }>(
  figures: Figures,
  reasons: readonly WideningReason[],
): Figures => ({
  ...figures,
  ...Object.fromEntries(figureNames.map((figure) => [figure, widened(figures[figure], reasons)])),
})

/** What a figure may be. An estimate may be anything: it has no end from which a bound could be reckoned. */
export const rangeIn = (total: Total): { readonly least: number; readonly most: number } => {
  const { value } = total
  if (value === null || isEstimate(total)) return { least: 0, most: Number.POSITIVE_INFINITY }
  if (total.qualifier === 'exact') return { least: value, most: value }
  return { least: value, most: total.atMost ?? Number.POSITIVE_INFINITY }
}

/** How much a figure changed. *At least* is a rise or a fall of so much or more. */
export type Change = { readonly value: number; readonly qualifier: Qualifier }

/**
 * What is known of the difference: all of it between figures without a floor. With one only a rise or a fall of so
 * much at least is known, where both ranges lie apart.
 */
export const changeBetween = (before: Total, now: Total): Change | undefined => {
  if (before.value === null || now.value === null) return undefined
  if (!isAtLeast(before) && !isAtLeast(now)) {
    return { value: now.value - before.value, qualifier: isEstimate(before) || isEstimate(now) ? 'about' : 'exact' }
  }
  const [past, present] = [rangeIn(before), rangeIn(now)]
  const [rise, fall] = [present.least - past.most, present.most - past.least]
  if (rise > 0) return { value: rise, qualifier: 'at least' }
  return fall < 0 ? { value: fall, qualifier: 'at least' } : undefined
}

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
  readonly qualifier: TotalQualifier
  /** No figure is due: an event in a hall has no posts, and says nothing of those elsewhere. */
  readonly notDue: boolean
  /** A ceiling, where the amount is a floor with a known one; it may be what is known, where a 0 was left out. */
  readonly atMost?: number | undefined
}

export type DayNumber = readonly [day: string, count: number, qualifier: TotalQualifier]

/** Counts by day: a bare day has the whole amount, as nearly every detection has one day. */
export type Split = string | readonly DayNumber[]

export type Sum = Amount & { readonly byDay: Split }

export const nothing: Sum = { known: undefined, qualifier: 'exact', notDue: true, byDay: [] }
export const unknown: Sum = { ...nothing, notDue: false }

/** What a whole and its parts come to: never both, the larger of the two, as a floor. */
export const wholeSum = (own: Sum, parts: Sum): Sum => {
  if (own.notDue && parts.notDue) return own
  const [larger, other] = (own.known ?? -1) >= (parts.known ?? -1) ? [own, parts] : [parts, own]
  // What one knows of days still holds where the other gives one bare figure.
  const days = larger.byDay.length > 0 ? dayNumbers(larger) : dayNumbers(other)
  return {
    known: larger.known,
    qualifier: qualifierOf(true, isEstimate(larger)),
    notDue: false,
    byDay: days.map(([day, count, qualifier]) => [day, count, qualifierOf(true, isEstimate({ qualifier }))]),
  }
}

/** Amounts under way; a floor anywhere makes a floor of the whole, an estimate anywhere an estimate. */
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
  if (isAtLeast({ qualifier })) adder.floor = true
  if (isEstimate({ qualifier })) adder.estimate = true
}

/** What may be in the sum already: it raises the ceiling and makes a floor of it. */
export const leaveOut = (adder: Adder, { known, qualifier, notDue, atMost }: Amount): void => {
  if (notDue) return
  adder.due += 1
  if (known !== undefined) adder.given += 1
  adder.floor = true
  adder.most += (qualifier === 'exact' ? known : atMost) ?? Number.NaN
}

export const takeTotal = (adder: Adder, total: Total): void =>
  take(adder, total.value === null ? unknown : amountOf(total))

const amountOf = (total: Total & { readonly value: number }): Amount => ({
  known: total.value,
  qualifier: total.qualifier,
  notDue: false,
  atMost: total.atMost,
})

export const amountIn = ({ due, given, value, floor, estimate, most }: Adder): Amount => {
  if (due === 0) return nothing
  if (given === 0) return unknown
  // Beyond this, whole numbers are no longer told apart.
  if (value > Number.MAX_SAFE_INTEGER)
    return { known: Number.MAX_SAFE_INTEGER, qualifier: qualifierOf(true, estimate), notDue: false }
  const qualifier = qualifierOf(due > given || floor, estimate)
  const hasCeiling = qualifier === 'at least' && most >= value && most <= Number.MAX_SAFE_INTEGER
  return { known: value, qualifier, notDue: false, ...(hasCeiling && { atMost: most }) }
}

export const addedTotal = (adder: Adder): Total => totalOf(amountIn(adder))

/** What an amount gives to days, each with its own qualifier. */
export const dayNumbers = ({ byDay, known, qualifier }: Sum): readonly DayNumber[] =>
  typeof byDay === 'string' ? [[byDay, known ?? 0, qualifier]] : byDay

/** Figures that several detections state, as one total; *not given* where none does. */
export const totalOf = ({ known, qualifier, atMost }: Amount): Total => {
  if (known === undefined) return notGiven
  if (qualifier !== 'at least') return { value: known, qualifier }
  return { value: known, qualifier, ...(atMost !== undefined && atMost > known && { atMost }) }
}

/** A share as it is ordered by and printed: rounded down, so that a floor holds, and that only all of it is 100. */
export const wholePercent = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.floor((100 * part) / whole)
