import {
  changeBetween,
  isAtLeast,
  isEstimate,
  isFloorOfNone,
  qualifierOf,
  type Total,
  type TotalQualifier,
} from '../core/figures.ts'

export type Past = {
  readonly total: Total
  readonly watched: boolean
  readonly joint?: boolean
}

export type Comparison = {
  /** Oldest first; the last is the previous period. */
  readonly before: readonly Total[]
  /** Earlier periods that were watched and not joint; only these are compared. */
  readonly watched: number
  /** Undefined where either figure is unknown, joint or a floor, or no source watched the previous period. */
  readonly change: number | undefined
  /** Minimum change where one figure is a floor; below 0, a fall. */
  readonly changeAtLeast?: number
  /** Rounded down. Undefined without a watched period, or if one lacks the figure. */
  readonly median: number | undefined
  readonly medianQualifier: TotalQualifier
  /** The figure is joint, or a floor of 0, and is not compared. */
  readonly apart?: true
}

export const periodsCompared = 8

/** In deviations of the level's test; the factor makes a median absolute deviation comparable to a standard one. */
export const unusualFrom = 3
export const madFactor = 1.4826

export const compare = (now: Past, past: readonly Past[]): Comparison => {
  const previous = past.at(-1)
  const watched = past.filter((one) => one.watched && !one.joint)
  // A joint figure or a floor of 0 is not comparable.
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
    return { ...compared, median: undefined, medianQualifier: 'exact' }
  }
  const totals = watched.map(({ total }) => total)
  const median = Math.floor(medianOf(known))
  const medianQualifier = qualifierOf(totals.some(isAtLeast), totals.some(isEstimate))
  return { ...compared, median, medianQualifier }
}

const isComparable = ({ total, watched, joint }: Past): boolean => watched && !joint && !isFloorOfNone(total)

/** @param values not empty */
export const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}
