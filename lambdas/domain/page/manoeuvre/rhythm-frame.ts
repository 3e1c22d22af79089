import { boundsIn, dayIn, daysOf, lengthOf } from '../../core/time/period.ts'
import type { Entry } from '../../report/facts.ts'

/** Bars that are distinct on a sheet: three days of ten minutes. Above this, bars are hourly. */
const maxBars = 432

/** Days without intervals are drawn up to this total. */
const maxDaysDrawn = 7

const minuteMs = 60_000

export type Frame = {
  readonly days: readonly string[]
  readonly from: number
  readonly to: number
  /** Minutes per bar. */
  readonly minutes: number
  /** Width of a bar with its margin, in percent. */
  readonly slot: number
  at(instant: number): number
  stretch(from: number, to: number): { readonly at: number; readonly width: number }
}

export const rounded = (value: number): number => Math.round(value * 1000) / 1000

export const frameOf = ({
  intervals,
  step,
  entry,
  whole,
  zone,
}: {
  readonly intervals: readonly { readonly from: number }[]
  readonly step: number
  readonly entry: Entry
  readonly whole: Entry
  readonly zone: string
}): Frame => {
  const own = {
    first: dayIn(intervals[0]?.from ?? 0, zone),
    last: dayIn((intervals.at(-1)?.from ?? 0) + step * minuteMs - 1, zone),
  }
  const seen = [own, observedDays(entry, zone), observedDays(whole, zone)].flatMap((days) => days ?? [])
  const wider = {
    first: seen.map(({ first }) => first).sort()[0] ?? own.first,
    last:
      seen
        .map(({ last }) => last)
        .sort()
        .at(-1) ?? own.last,
  }
  const shown = lengthOf(wider) <= maxDaysDrawn ? wider : own
  const { from, to } = boundsIn(shown, zone)
  const isCrowded = (to - from) / (step * minuteMs) > maxBars
  const minutes = isCrowded ? 60 : step
  const at = (instant: number): number => rounded((100 * (Math.min(to, Math.max(from, instant)) - from)) / (to - from))
  return {
    ...{ days: daysOf(shown), from, to, minutes, at },
    slot: rounded((100 * minutes * minuteMs) / (to - from)),
    stretch: (start, end) => ({ at: at(start), width: rounded(at(end) - at(start)) }),
  }
}

export const observedDays = ({ observed: { from, to, precision } }: Entry, zone: string) => {
  if (precision === 'month') return undefined
  return precision === 'day'
    ? { first: from, last: to }
    : { first: dayIn(Date.parse(from), zone), last: dayIn(Date.parse(to), zone) }
}

/** Hourly bars count from the first midnight. */
export const barStart = (instant: number, { from, minutes }: Frame): number => {
  const step = minutes * minuteMs
  return minutes === 60 ? from + Math.floor((instant - from) / step) * step : instant
}
