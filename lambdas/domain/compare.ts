/** A figure against its past: change on the period before, median of eight, and when that is unusual. */
import type { Total } from './figures.ts'

/** How a figure reads against the periods before it. */
export type Reading = 'unusual' | 'usual' | 'not tested'

export type Comparison = {
  /** The periods before, oldest first; the last is the previous one. */
  readonly before: readonly Total[]
  /** Against the previous period; undefined where one of both is not given. */
  readonly change: number | undefined
  /** Of the periods before; undefined where a figure among them is not given. */
  readonly median: number | undefined
  readonly reading: Reading
}

/** How many periods before are looked at. */
export const periodsCompared = 8

/** Deviations from which a figure is unusual, and the factor that makes a median deviation comparable to a standard one. */
export const unusualFrom = 3
export const madFactor = 1.4826

/**
 * Compares a figure with those of the periods before it. *Unusual* is farther from the median than three normalised
 * median absolute deviations, of which one is never less than 1: after eight quiet weeks, three posts are no news.
 */
export const compare = (now: Total, before: readonly Total[]): Comparison => {
  const last = before.at(-1)
  const known = before.flatMap(({ value }) => (value === null ? [] : [value]))
  const change = now.value === null || !last || last.value === null ? undefined : now.value - last.value
  if (known.length < before.length || known.length === 0) {
    return { before, change, median: undefined, reading: 'not tested' }
  }
  const median = medianOf(known)
  const deviation = Math.max(1, madFactor * medianOf(known.map((value) => Math.abs(value - median))))
  const reading =
    now.value === null ? 'not tested' : Math.abs(now.value - median) > unusualFrom * deviation ? 'unusual' : 'usual'
  return { before, change, median, reading }
}

/** The middle of a list that is not empty, or the mean of the two in the middle. */
export const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}
