import { Temporal } from 'temporal-polyfill'
import { type Fault, fault, FaultError, quoted } from '../fault.ts'
import { type Bounds, boundsIn, dayIn, firstYear, lastDayOfMonth, lastYear, parsePeriod } from './period.ts'

const precisions = ['instant', 'day', 'month'] as const

type Precision = (typeof precisions)[number]

/**
 * Instants with an offset, days (`2024-05-15`) or months (`2024-02`), both of one precision. Days and months are
 * included whole and local to the territory.
 */
export type Observed = {
  readonly from: string
  readonly to: string
  readonly precision: Precision
  /** The source's wording, such as `late April 2024`, by language (`und` if unknown). */
  readonly label?: Readonly<Record<string, string>> | undefined
  readonly statedByHand?: boolean | undefined
}

/** Milliseconds since 1970 UTC. */
export type LocalInterval = {
  /** The first-observed instant (`to` equals `from`), day or month (`to` excluded), which decides the period. */
  readonly first: { readonly from: number; readonly to: number }
  readonly end: number
  readonly day?: string
  readonly withinDay: boolean
}

/**
 * *counted*: first observed within the period. *undated*: known to the month only, which is not wholly inside.
 * *ongoing*: continued from before.
 */
export type PeriodFit = 'counted' | 'undated' | 'ongoing' | 'outside'

export type PeriodReason = 'begins within' | 'date is wider' | 'went on' | 'ended before' | 'begins after'

const fits: Readonly<Record<PeriodReason, PeriodFit>> = {
  'begins within': 'counted',
  'date is wider': 'undated',
  'went on': 'ongoing',
  'ended before': 'outside',
  'begins after': 'outside',
}

export const precisionOf = (text: string): Precision | undefined => {
  if (/^\d{4}-\d{2}$/.test(text)) return 'month'
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return 'day'
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? 'instant' : undefined
}

/** @throws FaultError if an end is no instant, day or month, if the ends differ in precision or are reversed */
export const observedFrom = (from: string, to: string = from): Observed => {
  const precision = precisionOf(from)
  if (!precision) throw new FaultError(notATime(from))
  if (to !== from && precisionOf(to) !== precision) {
    throw new FaultError(precisionOf(to) ? fault('observed.twoPrecisions', { from, to }) : notATime(to))
  }
  const observed: Observed =
    precision === 'instant'
      ? { from: isoInstant(from), to: isoInstant(to), precision }
      : { from: existing(from), to: existing(to), precision }
  if (observed.from > observed.to) throw new FaultError(fault('observed.endsBefore', { from, to }))
  return observed
}

/** @throws FaultError or PeriodError */
export const parseObserved = (text: string): Observed => {
  const ends = text.split('..')
  if (ends.length > 2) throw new FaultError(fault('observed.dots', { text: quoted(text) }))
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

/** For a month its first day. */
export const firstDayIn = ({ from, precision }: Observed, zone: string): string =>
  precision === 'instant' ? dayIn(Date.parse(from), zone) : precision === 'month' ? `${from}-01` : from

/** For a month its last day. */
export const lastDayIn = ({ to, precision }: Observed, zone: string): string =>
  precision === 'instant' ? dayIn(Date.parse(to), zone) : precision === 'month' ? lastDayOfMonth(to) : to

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
  // The end of an instant is included, of a day or month excluded.
  const goesOn = first.to === first.from ? end >= period.from : end > period.from
  return goesOn ? 'went on' : 'ended before'
}

const notATime = (text: string): Fault =>
  /^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text)
    ? fault('observed.noOffset', { text })
    : fault('observed.noTime', { text: quoted(text) })

/** A fast path. Temporal reads the rest and reports invalid dates. */
const usualInstant =
  /^\d{4}-\d{2}-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** One day inside the year limits, since a zone may shift the day. */
const [firstInstant, lastInstant] = [`${firstYear}-01-02`, `${lastYear}-12-31`]

const isoInstant = (text: string): string => {
  const instant = anyInstant(text)
  if (instant >= firstInstant && instant < lastInstant) return instant
  throw new FaultError(fault('observed.outOfRange', { text, first: `${firstYear}-01-02`, last: `${lastYear}-12-30` }))
}

const anyInstant = (text: string): string => {
  const day = usualInstant.exec(text)?.[1]
  // Temporal is slow. Date turns 30 February into 1 March, so the day is compared.
  if (day !== undefined && new Date(text.slice(0, 10)).getUTCDate() === Number(day)) return new Date(text).toISOString()
  try {
    return new Date(Temporal.Instant.from(text).epochMilliseconds).toISOString()
  } catch (cause) {
    throw new FaultError(fault('observed.noInstant', { text }), { cause })
  }
}

/** A cache: detections of a file repeat a few days. */
const known = new Set<string>()

const existing = (text: string): string => {
  if (known.has(text)) return text
  parsePeriod(text) // throws if the day or month does not exist
  if (known.size >= 10_000) known.clear()
  known.add(text)
  return text
}
