export const qualifiers = ['exact', 'at least', 'about'] as const

/** Exact count, lower bound, or estimate. */
export type Qualifier = (typeof qualifiers)[number]

/** `at least about`: an incomplete estimate that bounds nothing. */
export type TotalQualifier = Qualifier | 'at least about'

declare const counted: unique symbol

/** A count, which means nothing without its qualifier: the compiler refuses to print one alone. */
export type Count = number & { readonly [counted]?: true }

/** Any number but the value of a total. */
export type PlainNumber = number & { readonly [counted]?: never }

/**
 * `value` is null where no detection states the figure (`not given`), and where nothing was found and no source ran
 * (`not watched`); 0 is a count. `atMost` is a known ceiling above a floor.
 */
export type Total =
  | { readonly value: Count; readonly qualifier: Exclude<TotalQualifier, 'at least'>; readonly atMost?: undefined }
  | { readonly value: Count; readonly qualifier: 'at least'; readonly atMost?: number }
  | { readonly value: null; readonly qualifier: 'not given' | 'not watched' }

/** For the agreement of words, for a cell beside its qualifier's, and where a sentence calls the number *known*. */
export const bareNumber = ({ value }: Pick<Total, 'value'>): PlainNumber => Number(value)

export type StatedTotal = Exclude<Total, { readonly value: null }>

export const notGiven: Total = { value: null, qualifier: 'not given' }

export const notWatched: Total = { value: null, qualifier: 'not watched' }

export const zero: StatedTotal = { value: 0, qualifier: 'exact' }

type Qualified = Pick<Total, 'qualifier'>

export const isAtLeast = ({ qualifier }: Qualified): boolean =>
  qualifier === 'at least' || qualifier === 'at least about'

export const isEstimate = ({ qualifier }: Qualified): boolean => qualifier === 'about' || qualifier === 'at least about'

export const qualifierOf = (hasFloor: boolean, hasEstimate: boolean): TotalQualifier =>
  hasFloor ? (hasEstimate ? 'at least about' : 'at least') : hasEstimate ? 'about' : 'exact'

/** Checks for *at least 0*, which must not be printed. */
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
 * Keeps the lower bound and drops any upper one. The only way to widen a figure, so that no ceiling outlives a reason.
 */
export const widened = (total: Total, reasons: readonly WideningReason[]): Total =>
  total.value === null || reasons.length === 0 ? total : asMinimum(total)

export const asMinimum = (total: StatedTotal): StatedTotal => ({
  value: total.value,
  qualifier: qualifierOf(true, isEstimate(total)),
})

export const eachWidened = <Figures extends { readonly [figure in FigureName]: Total }>(
  figures: Figures,
  reasons: readonly WideningReason[],
): Figures => ({
  ...figures,
  ...Object.fromEntries(figureNames.map((figure) => [figure, widened(figures[figure], reasons)])),
})

/** An estimate has no bounds. */
export const rangeIn = (total: Total): { readonly least: number; readonly most: number } => {
  const { value } = total
  if (value === null || isEstimate(total)) return { least: 0, most: Number.POSITIVE_INFINITY }
  if (total.qualifier === 'exact') return { least: value, most: value }
  return { least: value, most: total.atMost ?? Number.POSITIVE_INFINITY }
}

export type Change = { readonly value: number; readonly qualifier: Qualifier }

/** Returns the difference; with a floor, only the least rise or fall, where the ranges do not overlap. */
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

/** In table order. */
export const figureNames = [...addedFigures, ...distinctFigures] as const
export type FigureName = (typeof figureNames)[number]

export type AddedFigure = (typeof addedFigures)[number]
export type DistinctFigure = (typeof distinctFigures)[number]

/** `known` is undefined where no part states it. */
export type Amount = {
  readonly known: number | undefined
  readonly qualifier: TotalQualifier
  /** No figure is expected: an event in a hall has no posts. */
  readonly notDue: boolean
  /** May equal `known`, where a 0 was left out. */
  readonly atMost?: number | undefined
}

export type DayNumber = readonly [day: string, count: number, qualifier: TotalQualifier]

/** A single day has the whole amount. */
type Split = string | readonly DayNumber[]

export type Sum = Amount & { readonly byDay: Split }

export const nothing: Sum = { known: undefined, qualifier: 'exact', notDue: true, byDay: [] }
export const unknown: Sum = { ...nothing, notDue: false }

/** Returns the larger of whole and parts as a floor, never their sum. */
export const wholeSum = (own: Sum, parts: Sum): Sum => {
  if (own.notDue && parts.notDue) return own
  const [larger, other] = (own.known ?? -1) >= (parts.known ?? -1) ? [own, parts] : [parts, own]
  const days = larger.byDay.length > 0 ? dayNumbers(larger) : dayNumbers(other)
  return {
    known: larger.known,
    qualifier: qualifierOf(true, isEstimate(larger)),
    notDue: false,
    byDay: days.map(([day, count, qualifier]) => [day, count, qualifierOf(true, isEstimate({ qualifier }))]),
  }
}

export type Adder = {
  due: number
  given: number
  value: number
  floor: boolean
  estimate: boolean
  /** NaN where one amount has no ceiling. */
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

/** Leaves out an amount that may be counted already: raises the ceiling and makes a floor. */
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
  // Larger integers are inexact.
  if (value > Number.MAX_SAFE_INTEGER)
    return { known: Number.MAX_SAFE_INTEGER, qualifier: qualifierOf(true, estimate), notDue: false }
  const qualifier = qualifierOf(due > given || floor, estimate)
  const hasCeiling = qualifier === 'at least' && most >= value && most <= Number.MAX_SAFE_INTEGER
  return { known: value, qualifier, notDue: false, ...(hasCeiling && { atMost: most }) }
}

export const addedTotal = (adder: Adder): Total => totalOf(amountIn(adder))

export const dayNumbers = ({ byDay, known, qualifier }: Sum): readonly DayNumber[] =>
  typeof byDay === 'string' ? [[byDay, known ?? 0, qualifier]] : byDay

export const totalOf = ({ known, qualifier, atMost }: Amount): Total => {
  if (known === undefined) return notGiven
  if (qualifier !== 'at least') return { value: known, qualifier }
  return { value: known, qualifier, ...(atMost !== undefined && atMost > known && { atMost }) }
}

/** Rounds down, so that a floor holds and only the whole is 100. */
export const wholePercent = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.floor((100 * part) / whole)
