/** When something was observed, as precisely as the source knew it, and how that fits a period. */
import { Temporal } from 'temporal-polyfill'
import { type Fault, fault, FaultError, quoted } from '../fault.ts'
import { type Bounds, boundsIn, dayIn, firstYear, lastDayOfMonth, lastYear, parsePeriod } from './period.ts'

const precisions = ['instant', 'day', 'month'] as const

type Precision = (typeof precisions)[number]

/**
 * From the first to the last observation. Days and months have no zone of their own: they are the territory's.
 * `from` and `to` are instants with an offset, days (`2024-05-15`) or months (`2024-02`), both of one precision;
 * a day or a month is included whole.
 */
export type Observed = {
  readonly from: string
  readonly to: string
  readonly precision: Precision
  /**
   * How the source words it where it knows more than the ends say: `late April 2024`. By language, `und` where that is
   * not stated.
   */
  readonly label?: Readonly<Record<string, string>> | undefined
  /** The analyst stated it, since the source did not. */
  readonly statedByHand?: boolean | undefined
}

class ObservedError extends FaultError {
  override name = 'ObservedError'
}

/** An observation as an interval in one zone. Milliseconds since 1970 UTC. */
export type LocalInterval = {
  /**
   * The first-observed instant (`to` equals `from`), day or month (`to` excluded): it decides where a detection counts.
   */
  readonly first: { readonly from: number; readonly to: number }
  /** Where the whole observation ends. */
  readonly end: number
  /** The local day on which it was first observed, where that is known. */
  readonly day?: string
  /** It began and ended on that day. */
  readonly withinDay: boolean
}

/**
 * How an observation fits a period: it *counts* where its first-observed interval lies wholly inside, is *undated*
 * where that is known to the month only and the month is not whole, *ongoing* where it began before and went on.
 */
export type PeriodFit = 'counted' | 'undated' | 'ongoing' | 'outside'

/** How an observation lies to a period. It decides the fit, and is told where somebody asks why. */
export type PeriodReason = 'begins within' | 'date is wider' | 'went on' | 'ended before' | 'begins after'

const fits: Readonly<Record<PeriodReason, PeriodFit>> = {
  'begins within': 'counted',
  'date is wider': 'undated',
  'went on': 'ongoing',
  'ended before': 'outside',
  'begins after': 'outside',
}

/** The precision that a text has by its form, or undefined where it has none of the three. */
export const precisionOf = (text: string): Precision | undefined => {
  if (/^\d{4}-\d{2}$/.test(text)) return 'month'
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return 'day'
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? 'instant' : undefined
}

/**
 * An observation from the texts of its ends.
 * @throws ObservedError where an end is no instant, day or month, both differ in kind, or it ends before it begins
 */
export const observedFrom = (from: string, to: string = from): Observed => {
  const precision = precisionOf(from)
  if (!precision) throw new ObservedError(notATime(from))
  if (to !== from && precisionOf(to) !== precision) {
    throw new ObservedError(precisionOf(to) ? fault('observed.twoPrecisions', { from, to }) : notATime(to))
  }
  const observed: Observed =
    precision === 'instant'
      ? { from: isoInstant(from), to: isoInstant(to), precision }
      : { from: existing(from), to: existing(to), precision }
  if (observed.from > observed.to) throw new ObservedError(fault('observed.endsBefore', { from, to }))
  return observed
}

/**
 * What an analyst states on the command line: a period (`2024-W20`, `2024-05`) or `FROM..TO`.
 * @throws ObservedError or PeriodError
 */
export const parseObserved = (text: string): Observed => {
  const ends = text.split('..')
  if (ends.length > 2) throw new ObservedError(fault('observed.dots', { text: quoted(text) }))
  const [from = '', to] = ends.map((end) => end.trim())
  if (to !== undefined) return { ...observedFrom(from, to), statedByHand: true }
  if (precisionOf(from) === 'instant') return { ...observedFrom(from), statedByHand: true }
  const period = parsePeriod(from)
  const wholeMonths = ['month', 'quarter', 'year'].includes(period.cadence)
  return {
    ...(wholeMonths
      ? observedFrom(period.first.slice(0, 7), period.last.slice(0, 7))
      : observedFrom(period.first, period.last)),
    statedByHand: true,
  }
}

/** The local day on which it was first observed; of a month its first one. */
export const firstDayIn = ({ from, precision }: Observed, zone: string): string =>
  precision === 'instant' ? dayIn(Date.parse(from), zone) : precision === 'month' ? `${from}-01` : from

/** The local day on which it was last observed; of a month its last one. */
export const lastDayIn = ({ to, precision }: Observed, zone: string): string =>
  precision === 'instant' ? dayIn(Date.parse(to), zone) : precision === 'month' ? lastDayOfMonth(to) : to

/** The observation as an interval in a zone. */
export const localInterval = (observed: Observed, zone: string): LocalInterval => {
  if (observed.precision === 'instant') {
    const from = Date.parse(observed.from)
    const end = Date.parse(observed.to)
    const day = firstDayIn(observed, zone)
    return { first: { from, to: from }, end, day, withinDay: lastDayIn(observed, zone) === day }
  }
  const { from, to } = observed
  if (observed.precision === 'day') {
    const first = boundsIn({ first: from, last: from }, zone)
    return { first, end: boundsIn({ first: to, last: to }, zone).to, day: from, withinDay: from === to }
  }
  const first = boundsIn({ first: `${from}-01`, last: lastDayOfMonth(from) }, zone)
  const last = lastDayIn(observed, zone)
  const end = boundsIn({ first: last, last }, zone).to
  return { first, end, withinDay: false }
}

export const periodFit = (interval: LocalInterval, period: Bounds): PeriodFit => fits[periodReason(interval, period)]

export const periodReason = ({ first, end }: LocalInterval, period: Bounds): PeriodReason => {
  if (first.from >= period.from && first.from < period.to && first.to <= period.to) return 'begins within'
  if (first.from < period.to && first.to > period.from) return 'date is wider'
  if (first.from >= period.from) return 'begins after'
  // An instant ends on itself, a day or a month where the next one begins.
  const goesOn = first.to === first.from ? end >= period.from : end > period.from
  return goesOn ? 'went on' : 'ended before'
}

const notATime = (text: string): Fault =>
  /^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text)
    ? fault('observed.noOffset', { text })
    : fault('observed.noTime', { text: quoted(text) })

/** How nearly all instants are written; for what a calendar refuses in them, the general reader has the words. */
const usualInstant =
  /^\d{4}-\d{2}-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** Within the years of periods wherever the instant is read: up to a day earlier or later there. */
const [firstInstant, lastInstant] = [`${firstYear}-01-02`, `${lastYear}-12-31`]

const isoInstant = (text: string): string => {
  const instant = anyInstant(text)
  if (instant >= firstInstant && instant < lastInstant) return instant
  throw new ObservedError(
    fault('observed.outOfRange', { text, first: `${firstYear}-01-02`, last: `${lastYear}-12-30` }),
  )
}

const anyInstant = (text: string): string => {
  const day = usualInstant.exec(text)?.[1]
  // Reading a calendar is slow. Date rolls the 30th of February over: its own day tells.
  if (day !== undefined && new Date(text.slice(0, 10)).getUTCDate() === Number(day)) return new Date(text).toISOString()
  try {
    return new Date(Temporal.Instant.from(text).epochMilliseconds).toISOString()
  } catch (cause) {
    throw new ObservedError(fault('observed.noInstant', { text }), { cause })
  }
}

/** Days and months that were read before: a file's detections name the same few. */
const known = new Set<string>()

const existing = (text: string): string => {
  if (known.has(text)) return text
  parsePeriod(text) // throws where there is no such day or month
  if (known.size >= 10_000) known.clear()
  known.add(text)
  return text
}
