/** Proof of watch: what each source delivered in a period, and where it fell silent against its own rhythm. */
import { Temporal } from 'temporal-polyfill'
import { type Bounds, dayIn } from './period.ts'

/** One delivery of a source: detections, or word that it ran and found nothing. */
export type Input = {
  /** ISO instant. */
  readonly at: string
  /** How many detections it brought. */
  readonly found: number
}

export type Watch = {
  readonly inputs: number
  /** By the stated rhythm; undefined where none is stated. */
  readonly expected: number | undefined
  /** The period's local days that have begun by the as-of instant, with their inputs and what these found. */
  readonly days: readonly { readonly date: string; readonly inputs: number; readonly found: number }[]
  /** Silences of more than twice the rhythm, the longest first; ISO instants. */
  readonly gaps: readonly Gap[]
}

export type Gap = { readonly from: string; readonly to: string; readonly hours: number }

/** A silence is a gap from so many rhythms on: one late input is none. */
const silentAfter = 2

/**
 * What a source's inputs prove about a period. Only what lies inside the period, and before the as-of instant, counts.
 * @param dates the period's days, in order
 */
export const watchOf = (
  inputs: readonly Input[],
  rhythm: string | undefined,
  period: { readonly bounds: Bounds; readonly dates: readonly string[]; readonly zone: string },
  asOf: string,
): Watch => {
  const { bounds, dates, zone } = period
  const end = Math.min(bounds.to, Date.parse(asOf))
  const inside = inputs
    .map(({ at, found }) => ({ at: Date.parse(at), found }))
    .filter(({ at }) => at >= bounds.from && at < end)
    .sort((a, b) => a.at - b.at)
  const every = rhythm === undefined ? undefined : hoursOf(rhythm) * 3_600_000
  const watched = Math.max(0, end - bounds.from)
  const today = dayIn(Math.max(bounds.from, end - 1), zone)
  return {
    inputs: inside.length,
    expected: every === undefined ? undefined : Math.floor(watched / every),
    days: dates
      .filter((date) => watched > 0 && date <= today)
      .map((date) => {
        const onDay = inside.filter(({ at }) => dayIn(at, zone) === date)
        return { date, inputs: onDay.length, found: onDay.reduce((sum, { found }) => sum + found, 0) }
      }),
    gaps: every === undefined ? [] : gapsIn([bounds.from, ...inside.map(({ at }) => at), end], silentAfter * every),
  }
}

/** Hours in an ISO 8601 duration of days and less; months and years count 30 and 365 days. */
export const hoursOf = (rhythm: string): number =>
  Temporal.Duration.from(rhythm).total({ unit: 'hours', relativeTo: Temporal.PlainDate.from('2023-04-01') })

const gapsIn = (instants: readonly number[], longest: number): readonly Gap[] =>
  instants
    .slice(1)
    .map((to, at) => ({ from: instants[at] ?? to, to }))
    .filter(({ from, to }) => to - from > longest)
    .sort((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from)
    .map(({ from, to }) => ({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      hours: Math.round((to - from) / 3_600_000),
    }))
