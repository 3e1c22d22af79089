import { Temporal } from 'temporal-polyfill'
import { fault, FaultError, quoted } from '../fault.ts'

export type Cadence = 'week' | 'month' | 'quarter' | 'year' | 'range'

export const cadences = ['week', 'month', 'quarter', 'year', 'range'] as const satisfies readonly Cadence[]

export const scheduledCadences = ['week', 'month'] as const satisfies readonly Cadence[]

export type ScheduledCadence = (typeof scheduledCadences)[number]

/** A run of whole calendar days, without a zone: see {@link boundsIn}. */
export type Period = {
  /** `2024-W20`, `2024-05`, `2024-Q2`, `2024` or `2024-05-13--2024-05-19`. */
  readonly id: string
  readonly cadence: Cadence
  readonly first: string
  /** Last day, `YYYY-MM-DD`, included. */
  readonly last: string
}

/** `from` included, `to` excluded. */
export type Bounds = {
  /** Milliseconds since 1970 UTC. */
  readonly from: number
  readonly to: number
  /** 167 or 169 for a week in which daylight saving time begins or ends. */
  readonly hours: number
}

export class PeriodError extends FaultError {
  override name = 'PeriodError'
}

const periodForms = fault('period.forms')

export const [firstYear, lastYear] = [1970, 2999]

/**
 * A single day is a range of one day.
 * @throws PeriodError if the text is no period or names a week or day that does not exist
 */
export const parsePeriod = (text: string): Period => remembered(parsed, text, () => periodIn(text))

/** Suggests a period for `2025-47`, `2025-S47`, `semaine 47 2025` or `2025-T4`. Never applied without confirmation. */
export const periodMeant = (text: string): string | undefined => {
  const trimmed = text.trim()
  const [, year = '', month] = /^(\d{4})-(\d{2})$/.exec(trimmed) ?? []
  if (month !== undefined) return Number(month) < 13 ? undefined : weekId(year, month)
  const first = /^(?<year>\d{4})[- ]?(?<word>\p{L}+)\s?(?<number>\d{1,2})$/u.exec(trimmed)?.groups
  const last = /^(?<word>\p{L}+)\.?[- ]?(?<number>\d{1,2})[-/, ]+(?:(?:de|of) )?(?<year>\d{4})$/u.exec(trimmed)?.groups
  const { word = '', number = '', ...of } = first ?? last ?? {}
  if (isWeekWord(word)) return weekId(of.year ?? '', number)
  return isQuarterWord(word) && /^[1-4]$/.test(number) ? `${of.year}-Q${number}` : undefined
}

const isWeekWord = (word: string): boolean => /^(?:s|w|sem|semaine|week)$/i.test(word)
const isQuarterWord = (word: string): boolean => /^(?:t|q|trimestre|quarter)$/i.test(word)

export const lacksYear = (text: string): boolean => {
  const [, word = ''] = /^(\p{L}+)[- ]?\d{1,2}$/u.exec(text.trim()) ?? []
  return isWeekWord(word) || isQuarterWord(word)
}

const weekId = (year: string, number: string): string | undefined => {
  try {
    return isoWeek(Number(year), Number(number)).id
  } catch {
    return undefined
  }
}

const periodIn = (text: string): Period => {
  const id = text.trim().toUpperCase()
  const year = Number(id.slice(0, 4))
  if (/^\d{4}/.test(id) && (year < firstYear || year > lastYear)) {
    throw new PeriodError(fault('period.years', { text, first: String(firstYear), last: String(lastYear) }))
  }
  const week = /^(\d{4})-W(\d{2})$/.exec(id)
  if (week) return isoWeek(Number(week[1]), Number(week[2]))
  const quarter = /^(\d{4})-Q([1-4])$/.exec(id)
  if (quarter) return monthsFrom('quarter', id, `${quarter[1]}-${pad(Number(quarter[2]) * 3 - 2)}-01`, 3)
  if (/^\d{4}$/.test(id)) return monthsFrom('year', id, `${id}-01-01`, 12)
  const month = /^(\d{4})-(\d{1,2})$/.exec(id)
  if (month && (Number(month[2]) < 1 || Number(month[2]) > 12)) {
    const meant = periodMeant(id)
    throw new PeriodError(
      meant === undefined
        ? fault('period.noMonth', { text: quoted(text), forms: periodForms })
        : fault('period.noMonthButWeek', { text: quoted(text), meant }),
    )
  }
  if (/^\d{4}-\d{2}$/.test(id)) return monthsFrom('month', id, `${id}-01`, 1)
  const range = /^(\d{4}-\d{2}-\d{2})(?:--(\d{4}-\d{2}-\d{2}))?$/.exec(id)
  if (range?.[1]) return dayRange(range[1], range[2] ?? range[1])
  const meant = periodMeant(id)
  if (meant?.includes('Q')) throw new PeriodError(fault('period.meantQuarter', { text: quoted(text), meant }))
  if (meant !== undefined) throw new PeriodError(fault('period.meantWeek', { text: quoted(text), meant }))
  if (lacksYear(id)) throw new PeriodError(fault('period.noYear', { text: quoted(text), forms: periodForms }))
  throw new PeriodError(fault('period.unknown', { text: quoted(text), forms: periodForms }))
}

export const weekOf = (day: string): Period => {
  const date = plainDate(day)
  const monday = date.subtract({ days: date.dayOfWeek - 1 })
  const thursday = monday.add({ days: 3 })
  // The ISO year of a week is the year of its Thursday.
  const number = Math.floor((thursday.dayOfYear - 1) / 7) + 1
  return {
    id: `${String(thursday.year).padStart(4, '0')}-W${pad(number)}`,
    cadence: 'week',
    first: monday.toString(),
    last: monday.add({ days: 6 }).toString(),
  }
}

/** ISO weeks of a period: those whose Thursday is in it, as ISO 8601 places weeks in years. */
export const weeksOf = ({ first, last }: Pick<Period, 'first' | 'last'>): readonly Period[] =>
  daysOf({ first, last })
    .filter((day) => plainDate(day).dayOfWeek === 4)
    .map(weekOf)

export const lastCompleteWeek = (zone: string, now: number): Period => {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate()
  return weekOf(today.subtract({ days: 7 }).toString())
}

const lastCompleteMonth = (zone: string, now: number): Period => {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate()
  return parsePeriod(today.subtract({ months: 1 }).toString().slice(0, 7))
}

export const lastComplete = (cadence: ScheduledCadence, zone: string, now: number): Period =>
  cadence === 'week' ? lastCompleteWeek(zone, now) : lastCompleteMonth(zone, now)

/** A day range moves back by its length. */
export const previous = (period: Period): Period => {
  const first = plainDate(period.first)
  const last = first.subtract({ days: 1 })
  switch (period.cadence) {
    case 'week':
      return weekOf(last.toString())
    case 'month':
      return parsePeriod(last.toString().slice(0, 7))
    case 'quarter':
      return parsePeriod(`${last.toString().slice(0, 4)}-Q${Math.ceil(last.month / 3)}`)
    case 'year':
      return parsePeriod(last.toString().slice(0, 4))
    case 'range': {
      const length = plainDate(period.last).since(first).days
      return dayRange(last.subtract({ days: length }).toString(), last.toString())
    }
  }
}

/** Oldest first; fewer where they would begin before 1970. */
export const periodsBefore = (period: Period, count: number): readonly Period[] => {
  const before: Period[] = []
  for (let at = period; before.length < count;) {
    // No month before 1970 has an id, but a long range may begin earlier.
    if (plainDate(at.first).subtract({ days: 1 }).year < firstYear) break
    at = previous(at)
    if (Number(at.id.slice(0, 4)) < firstYear) break
    before.unshift(at)
  }
  return before
}

export const lengthOf = ({ first, last }: Pick<Period, 'first' | 'last'>): number =>
  plainDate(last).since(plainDate(first)).days + 1

export const daysOf = (period: Pick<Period, 'first' | 'last'>): readonly string[] => {
  const days: string[] = []
  const last = plainDate(period.last)
  for (let day = plainDate(period.first); Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    days.push(day.toString())
  }
  return days
}

export const boundsIn = ({ first, last }: Pick<Period, 'first' | 'last'>, zone: string): Bounds => {
  // Detections arrive by day, and a cache key for each costs as much as the rest.
  if (lastBounds?.first === first && lastBounds.last === last && lastBounds.zone === zone) return lastBounds.bounds
  const found = remembered(bounds, `${first} ${last} ${zone}`, () => {
    const from = startOfDay(plainDate(first), zone)
    const to = startOfDay(plainDate(last).add({ days: 1 }), zone)
    return { from, to, hours: (to - from) / 3_600_000 }
  })
  lastBounds = { first, last, zone, bounds: found }
  return found
}

let lastBounds:
  | { readonly first: string; readonly last: string; readonly zone: string; readonly bounds: Bounds }
  | undefined

export const dayIn = (instant: number, zone: string): string =>
  // Zone offsets change at quarter hours, so all instants of a quarter have the same day.
  remembered(days, `${Math.floor(instant / 900_000)} ${zone}`, () =>
    Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDate().toString(),
  )

export const hourOf = (day: string, hour: number, zone: string): number =>
  plainDate(day).toZonedDateTime({ timeZone: zone, plainTime: { hour } }).epochMilliseconds

export const offsetMinutes = (instant: number, zone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).offsetNanoseconds / 60e9

export const lastDayOfMonth = (month: string): string => {
  const first = plainDate(`${month}-01`)
  return first.with({ day: first.daysInMonth }).toString()
}

/** The id keeps both days, even for a whole week or month. */
export const dayRange = (first: string, last: string): Period => {
  if (plainDate(first).toString() > plainDate(last).toString()) {
    throw new PeriodError(fault('period.rangeEndsBefore', { text: `${first}--${last}` }))
  }
  return { id: `${first}--${last}`, cadence: 'range', first, last }
}

const isoWeek = (year: number, number: number): Period => {
  const inYear = weekOf(`${String(year).padStart(4, '0')}-12-28`) // 28 December is always in the last ISO week of its year
  const weeks = Number(inYear.id.slice(-2))
  if (number < 1 || number > weeks) {
    throw new PeriodError(
      fault('period.noWeek', { text: `${year}-W${pad(number)}`, year: String(year), last: `W${weeks}` }),
    )
  }
  return weekOf(
    plainDate(inYear.first)
      .subtract({ weeks: weeks - number })
      .toString(),
  )
}

const monthsFrom = (cadence: Cadence, id: string, first: string, months: number): Period => ({
  id,
  cadence,
  first,
  last: plainDate(first).add({ months }).subtract({ days: 1 }).toString(),
})

const startOfDay = (day: Temporal.PlainDate, zone: string): number =>
  day.toZonedDateTime({ timeZone: zone }).epochMilliseconds

/** Caches answers up to a bound, since calendar arithmetic is slow. */
const remembered = <Answer>(answers: Map<string, Answer>, question: string, find: () => Answer): Answer => {
  const known = answers.get(question)
  if (known !== undefined) return known
  const answer = find()
  if (answers.size >= 10_000) answers.clear()
  answers.set(question, answer)
  return answer
}

const parsed = new Map<string, Period>()
const days = new Map<string, string>()
const bounds = new Map<string, Bounds>()

const plainDate = (day: string): Temporal.PlainDate => {
  try {
    return Temporal.PlainDate.from(day, { overflow: 'reject' })
  } catch (cause) {
    throw new PeriodError(fault('period.noDay', { day }), { cause })
  }
}

const pad = (number: number): string => String(number).padStart(2, '0')
