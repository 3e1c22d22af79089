/**
 * A figure against its past: change on the period before, median of those that were watched, and when that is unusual.
 */
import {
  changeBetween,
  isAtLeast,
  isEstimate,
  isFloorOfNone,
  qualifierOf,
  rangeIn,
  type Total,
  type TotalQualifier,
} from '../core/figures.ts'

/** How a figure reads against the periods before it. */
type Reading = 'unusual' | 'usual' | 'not tested'

/** A figure of a period, and what may keep it from being compared. */
export type Past = {
  readonly total: Total
  /** A source watched then. */
  readonly watched: boolean
  /** Several territories have it in common. */
  readonly joint?: boolean
  /** The period was not wholly seen. */
  readonly isOpen?: boolean
}

export type Comparison = {
  /** The periods before, oldest first; the last is the previous one. */
  readonly before: readonly Total[]
  /** How many of them were watched, and are no joint figure: the others say nothing of what was there. */
  readonly watched: number
  /**
   * Against the previous period; undefined where one of both is not known, joint or a floor, or no source watched then.
   */
  readonly change: number | undefined
  /** Where one of both is a floor: a rise of so much or more, or, below 0, a fall. Left out where neither is known. */
  readonly changeAtLeast?: number
  /**
   * Of the watched periods before, rounded down; undefined where there is none, or one of them does not give the
   * figure.
   */
  readonly median: number | undefined
  /** *At least* where one of the periods gives a floor, *about* where one gives an estimate. */
  readonly medianQualifier: TotalQualifier
  readonly reading: Reading
  /** This period's own figure is joint, or a floor of 0: it is held against none, nor against the median. */
  readonly apart?: true
}

/** How many periods before are looked at. */
export const periodsCompared = 8

/** A figure is tested against so many watched periods at least. */
const testedFrom = 4

/**
 * Deviations from which a figure is unusual, and the factor that makes a median deviation comparable to a standard one.
 */
const unusualFrom = 3
const madFactor = 1.4826

/**
 * Compares a figure with those of the periods before it. *Unusual* is farther from the median than three normalised
 * median absolute deviations, of which one is never less than 1: after eight quiet weeks, three posts are no news. What
 * may be more or less is unusual only where all that it may be is, and never usual.
 */
export const compare = (now: Past, past: readonly Past[]): Comparison => {
  const previous = past.at(-1)
  const watched = past.filter((one) => one.watched && !one.joint)
  // A bracket, or a floor of nothing, is held against nothing.
  const isApart = now.joint === true || isFloorOfNone(now.total)
  const known = watched.flatMap(({ total }) => total.value ?? [])
  const change = !previous || !isComparable(previous) || isApart ? undefined : changeBetween(previous.total, now.total)
  const compared = {
    before: past.map(({ total }) => total),
    watched: watched.length,
    change: change?.qualifier === 'at least' ? undefined : change?.value,
    ...(change?.qualifier === 'at least' && { changeAtLeast: change.value }),
    ...(isApart && { apart: true as const }),
  }
  if (known.length < watched.length || known.length === 0) {
    return { ...compared, median: undefined, medianQualifier: 'exact', reading: 'not tested' }
  }
  const totals = watched.map(({ total }) => total)
  const median = Math.floor(medianOf(known))
  const medianQualifier = qualifierOf(totals.some(isAtLeast), totals.some(isEstimate))
  const isNone = isFloorOfNone({ value: median, qualifier: medianQualifier })
  const isTested =
    now.total.value !== null && !isApart && !now.isOpen && !isNone && now.watched && known.length >= testedFrom
  return {
    ...compared,
    median,
    medianQualifier,
    reading: isTested ? readingOf(now.total, totals, known) : 'not tested',
  }
}

const readingOf = (now: Total, past: readonly Total[], known: readonly number[]): Reading => {
  const middle = medianOf(known)
  const far = unusualFrom * Math.max(1, madFactor * medianOf(known.map((one) => Math.abs(one - middle))))
  const own = testedRange(now)
  const ranges = past.map(testedRange)
  const [least, most] = [medianOf(ranges.map((one) => one.least)), medianOf(ranges.map((one) => one.most))]
  if (own.least - most > far || least - own.most > far) return 'unusual'
  return own.least === own.most && least === most ? 'usual' : 'not tested'
}

/** An estimate of all that there was is tested as it is. */
const testedRange = (total: Total): ReturnType<typeof rangeIn> =>
  total.qualifier === 'about' ? { least: total.value, most: total.value } : rangeIn(total)

const isComparable = ({ total, watched, joint }: Past): boolean => watched && !joint && !isFloorOfNone(total)

/** The middle of a list that is not empty, or the mean of the two in the middle. */
export const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}
