import { Temporal } from 'temporal-polyfill'
import { type Fault, fault, faultOfThrown, quoted } from '../../domain/core/fault.ts'
import { territories } from '../../domain/core/place/territory.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { type Observed, parseObserved } from '../../domain/core/time/observed.ts'
import { lacksYear, periodMeant, weekOf } from '../../domain/core/time/period.ts'
import { CellError, type FixOptions } from './cells.ts'

export const dateOrders = ['day/month/year', 'month/day/year', 'year-month-day'] as const

type DateOrder = (typeof dateOrders)[number]

export type DateForm = {
  readonly order: DateOrder
  /** IANA zone of times without an offset; without a zone only their day is used. */
  readonly zone?: string | undefined
  /** `YYYY-MM-DD`: a date without a year is the last one that has begun. Without it, such dates are refused. */
  readonly today?: string | undefined
  /** Times at midnight UTC are days: a program wrote a day as a time. */
  readonly midnight?: 'day' | 'instant' | undefined
}

export type DateRead = {
  /** An instant with offset, a day or a month, as in {@link Observed}. Time of day is not validated. */
  readonly text: string
  /** *serial*: an Excel day number. *no offset*: a time dropped because its zone is unknown. */
  readonly odd?: 'serial' | 'no offset' | 'no year'
  /** The written day, where a zone made it an instant. */
  readonly day?: string
}

/**
 * Reads the date in a non-empty cell or part of one. Two-digit years are 1970 to 2069.
 * @param whole text that errors quote
 * @throws CellError where it is no date, or not in the column's order
 */
export const dateIn = (cell: string, form: DateForm, whole = cell): DateRead => {
  if (isoDay.test(cell)) return { text: cell }
  const serial = serialIn(cell)
  if (serial) return timed(serial.day, serial.time, form, cell, { odd: 'serial' })
  const [, written = cell, clock] = withClock.exec(cell) ?? []
  const day = inCalendar(dayIn(written, form.order, whole), whole)
  if (clock === undefined || day.length === 7) return { text: day }
  const [, hour = '', minute = '00', second, half, zulu, sign, hours = '', minutes = '00'] = clockTime.exec(clock) ?? []
  if (hour === '') throw notADate(whole)
  const time = `${pad(hourOf(hour, half))}:${minute}:${second ?? '00'}`
  if (form.midnight === 'day' && midnightUtc.test(cell)) return { text: day }
  if (zulu) return { text: `${day}T${time}Z` }
  return sign
    ? { text: `${day}T${time}${sign}${hours}:${minutes}` }
    : timed(day, time, form, cell, { midnight: second === undefined && isWorded(written) })
}

/** @throws CellError where it is no date, or several days (with the first and last) */
export const endIn = (cell: string, form: DateForm, whole = cell): DateRead => {
  const dated = withYear(cell, form)
  if (dated !== undefined) return { ...endIn(dated, { ...form, today: undefined }, cell), odd: 'no year' }
  try {
    return dateIn(cell, form)
  } catch (error) {
    const { from, to } = severalIn(cell, form) ?? {}
    if (!from || !to) throw error
    throw new CellError(
      fault('cell.severalDays', { text: quoted(whole), first: onItsClock(from, form), last: onItsClock(to, form) }),
      { cause: error },
    )
  }
}

const onItsClock = ({ text, day }: DateRead, { zone }: DateForm): string =>
  day === undefined || zone === undefined
    ? text
    : Temporal.Instant.from(text).toZonedDateTimeISO(zone).toString({ timeZoneName: 'never' })

const severalIn = (cell: string, form: DateForm): ReturnType<typeof datesIn> | undefined => {
  try {
    return datesIn(cell, form)
  } catch {
    return undefined
  }
}

/**
 * Reads a first and last date, `du 13/05/2024 au 15/05/2024`, or a period, `2024-W20`.
 * @throws CellError
 */
export const datesIn = (cell: string, form: DateForm): { readonly from: DateRead; readonly to?: DateRead } => {
  if (isoDay.test(cell)) return { from: { text: cell } }
  if (/^\d{4}(?:-[QW]\d{1,2})?$/i.test(cell)) {
    const { from, to } = periodIn(cell)
    return { from: { text: from }, to: { text: to } }
  }
  const meant = periodMeant(cell)
  if (meant !== undefined) {
    if (/\p{L}/u.test(cell)) return datesIn(meant, form)
    throw new CellError(fault('cell.noMonthMeant', { text: quoted(cell), meant }))
  }
  const dated = withYear(cell, form)
  if (dated !== undefined) {
    const { from, to } = datesIn(dated, form)
    return { from: { ...from, odd: 'no year' }, ...(to && { to }) }
  }
  const [, monday] = (cell.length <= longestWeek && weekOfDay.exec(cell)) || []
  if (monday !== undefined) {
    const { first, last } = weekOf(dateIn(monday, form, cell).text)
    return { from: { text: first }, to: { text: last } }
  }
  const [, days, week] = (cell.length <= longestWeek && withWeek.exec(cell)) || []
  if (days !== undefined) {
    const read = datesIn(days, form)
    const first = read.from.day ?? read.from.text.slice(0, 10)
    if (isoDay.test(first) && weekOf(first).id.endsWith(`-W${pad(week ?? '')}`)) return read
    throw notADate(cell)
  }
  const [from = '', to, ...more] = endsIn(cell)
  if (to === undefined || more.length > 0) return { from: dateIn(cell, form) }
  if (clockAlone.test(to)) {
    const [, day = from] = withClock.exec(from) ?? []
    return { from: dateIn(from, form, cell), to: dateIn(`${day}, ${to}`, form, cell) }
  }
  const begins = severalDays.test(cell) && !/^(?:entre|between)\s/i.test(cell) ? from : begun(from, to)
  return { from: dateIn(begins, form, cell), to: dateIn(to, form, cell) }
}

/** A week as our pages print it. */
const longestWeek = 120
const withWeek = /^(.*\S)\s+\((?:semaine|week)\s+(\d{1,2})(?:\s+(?:de|of)\s+\d{4})?\)$/i
const ahead = /^(?:du|de|from|between|entre)\s+(?:(?:le|the)\s+)?/i
const between = /\s*(?:\.\.|→|\s[-–—]\s|(?<=\d)–(?=\d)|\s(?:au|to|until|and|et)(?:\s+(?:le|the))?\s)\s*/i
/** Two separate days, not a range, unless the dates are complete. */
const severalDays = /\s(?:and|et)\s/i

/** `semaine du 16 novembre 2026` */
const weekOfDay = /^(?:semaine|week)\s+(?:du|of)\s+((?:(?!\sau\s|\sto\s).)+)$/i

const endsIn = (cell: string): readonly string[] => {
  const days = cell.length <= longestWeek ? daysOfMonth(cell) : undefined
  return days ?? cell.replace(ahead, '').split(between)
}

/** `18-19/11/2026`, `17-18 novembre 2026`, `Nov 17-18, 2026` as two dates. */
const daysOfMonth = (cell: string): readonly [string, string] | undefined => {
  const [, first, last, rest = ''] =
    /^(\d{1,2})\s?[-–]\s?(\d{1,2})(\/\d{1,2}(?:\/\d{2,4})?|\s+\p{L}.*)$/u.exec(cell) ?? []
  if (first !== undefined) return [`${first}${rest}`, `${last}${rest}`]
  const [, month, from, to, year = ''] =
    /^(\p{L}{3,9}\.?)\s+(\d{1,2})\s?[-–]\s?(\d{1,2})((?:,?\s+\d{4})?)$/u.exec(cell) ?? []
  return month === undefined || !months.has(folded(month))
    ? undefined
    : [`${month} ${from}${year}`, `${month} ${to}${year}`]
}

/** Adds the year to `semaine 47`, `18/11`, `17-18 novembre` or `Nov 17-18`: the last such date that has begun. */
const withYear = (cell: string, { today, ...form }: DateForm): string | undefined => {
  if (today === undefined || cell.length > longestWeek) return undefined
  const ends = (daysOfMonth(cell) ?? [cell]).map(beforeYear)
  if (!ends.every((end) => end !== undefined)) return undefined
  const year = Number(today.slice(0, 4))
  return [year, year - 1]
    .map((one) => ends.map((end) => `${end}${one}`).join(' – '))
    .find((dated) => (severalIn(dated, form)?.from.text ?? '9') <= today)
}

const beforeYear = (end: string): string | undefined => {
  if (/^\d{1,2}\/\d{1,2}$/.test(end)) return `${end}/`
  const isDay = /^(?:\d{1,2}(?:er|st|nd|rd|th)?\s+\p{L}+\.?|\p{L}+\.?\s+\d{1,2}(?:er|st|nd|rd|th)?)$/u.test(end)
  const hasMonth =
    isDay &&
    folded(end)
      .split(' ')
      .some((word) => months.has(word))
  return hasMonth || lacksYear(end) ? `${end} ` : undefined
}

const midnightUtc = /\D00:00(?::00(?:[.,]0+)?)?\s*(?:Z|UTC|GMT|\+00:?00)$/i

/** Whether every time of a column is midnight UTC: they may be days. Cells without a time show nothing. */
export const isMidnightColumn = (cells: readonly string[]): boolean => {
  const times = cells.filter((cell) => withClock.test(cell))
  return times.length > 0 && times.every((cell) => midnightUtc.test(cell))
}

const longestBegun = 40

/** Completes the first date from the last: `16` and `20 novembre 2026`, `16/11` and `20/11/2026`. */
const begun = (from: string, to: string): string => {
  if (from.length > longestBegun) return from
  if (/^(?:\p{L}+\s+)?\d{1,2}(?:er|st|nd|rd|th)?$/u.test(from)) {
    const [, rest] = /^(?:\p{L}+\s+)?\d{1,2}(?:er|st|nd|rd|th)?(\s+\p{L}.*|[/.]\d.*)$/u.exec(to) ?? []
    if (rest !== undefined) return `${from}${rest}`
  }
  const [, year] = /(?<!\d)((?:19|20)\d{2})$/.exec(to) ?? []
  if (year === undefined) return from
  const [, sign] = /^\d{1,2}([/.])\d{1,2}$/.exec(from) ?? []
  if (sign !== undefined) return `${from}${sign}${year}`
  return /^(?=.*\p{L})[\p{L}\s.]*(?:\d{1,2}\p{L}*)?[\p{L}\s.]*$/u.test(from) ? `${from} ${year}` : from
}

const periodIn = (cell: string): Observed => {
  try {
    return parseObserved(cell)
  } catch (cause) {
    throw new CellError(faultOfThrown(cause), { cause })
  }
}

/**
 * Returns a column's order: month/day/year if a second part exceeds 12 and no first part does, else day/month/year.
 * `shown`: the deciding cell.
 */
export const orderShown = (
  cells: Iterable<string>,
): { readonly order: DateOrder; readonly shown?: string; readonly doubtful: number } => {
  let monthFirst: string | undefined
  let doubtful = 0
  for (const cell of cells) {
    const [, first, , second] = threeNumbers.exec(cell) ?? []
    if (Number(first) > 12) return { order: 'day/month/year', shown: cell, doubtful: 0 }
    if (Number(second) > 12) monthFirst ??= cell
    else if (first !== undefined && first !== second) doubtful += 1
  }
  return monthFirst === undefined
    ? { order: 'day/month/year', doubtful }
    : { order: 'month/day/year', shown: monthFirst, doubtful: 0 }
}

export const orderAdvice = ({ canMap = false }: FixOptions): Fault =>
  fault(canMap ? 'dates.sayInMapping' : 'dates.writeIso')

const isoDay = /^\d{4}-\d{2}-\d{2}$/
const threeNumbers = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/
const withClock = /^(.*?\S)(?:T|,?\s+(?:à\s+|at\s+)?)(\d{1,2}(?::\d{2}|\s?h(?![a-z])).*)$/i
const clockAlone = /^\d{1,2}(?::\d{2}|\s?h\s?\d{2})$/i
const clockTime =
  /^(\d{1,2})(?::|\s?h\s?)(?:(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?\s*([ap]m)?\s*(?:(z|utc|gmt)|(?:utc|gmt)?([+-])(\d{2})(?::?(\d{2}))?)?$/i

/** Excel day numbers from 1982 to 2119; other numbers are probably something else. */
const serialIn = (cell: string): { readonly day: string; readonly time?: string } | undefined => {
  const [, days, fraction] = /^([3-7]\d{4})(?:[.,](\d+))?$/.exec(cell) ?? []
  if (days === undefined) return undefined
  // Excel counts a 29 February 1900 that did not exist, so later days count from 30 December 1899.
  const midnight = Date.UTC(1899, 11, 30) + Number(days) * 86_400_000
  const instant = new Date(midnight + Math.round(Number(`0.${fraction ?? 0}`) * 86_400) * 1_000)
  const [day = '', time = ''] = instant.toISOString().split(/[T.]/)
  return { day, ...(fraction !== undefined && { time }) }
}

/** Returns whether people or our pages wrote the date, not a program. */
const isWorded = (day: string): boolean => /\p{L}\s/u.test(day) && /\d/.test(day)

const timed = (
  day: string,
  time: string | undefined,
  { zone }: DateForm,
  cell: string,
  { odd, midnight = false }: { readonly odd?: 'serial'; readonly midnight?: boolean } = {},
): DateRead => {
  // Programs write midnight where the time is unknown.
  if (time === undefined || (time === '00:00:00' && !(midnight && zone))) return { text: day, ...(odd && { odd }) }
  if (zone === undefined) return { text: day, odd: odd ?? 'no offset' }
  try {
    const instant = Temporal.PlainDateTime.from(`${day}T${time}`).toZonedDateTime(zone).toInstant()
    return { text: instant.toString(), day, ...(odd && { odd }) }
  } catch (cause) {
    const town = territories.find((one) => one.zone === zone)?.town.en
    throw new CellError(
      town === undefined
        ? fault('cell.noTimeInZone', { zone, text: cell })
        : fault('cell.noTimeInTown', { town, text: cell }),
      { cause },
    )
  }
}

const dayIn = (written: string, order: DateOrder, cell: string): string => {
  const [, year, month = '', day] = /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?$/.exec(written) ?? []
  if (year !== undefined) return dated(year, month, day)
  const [, years, months = '', days] = /^((?:19|20)\d{2})(\d{2})(\d{2})$/.exec(written) ?? []
  if (years !== undefined) return dated(years, months, days)
  const [whole, first = '', , second = '', third = ''] = threeNumbers.exec(written) ?? []
  if (whole === written) return inOrder(first, second, third, order, cell)
  const [, monthAlone, itsYear = ''] = /^(\d{1,2})[-/.](\d{4})$/.exec(written) ?? []
  if (monthAlone !== undefined) return dated(itsYear, monthAlone)
  return inWords(written) ?? refuse(cell)
}

const inOrder = (first: string, second: string, third: string, order: DateOrder, cell: string): string => {
  if (order === 'year-month-day') return third.length === 2 ? dated(first, second, third) : refuse(cell, order)
  const [day, month] = order === 'day/month/year' ? [first, second] : [second, first]
  return Number(month) > 12 ? refuse(cell, order) : dated(third, month, day)
}

/** `15 février 2024`, `Thursday, February 15, 2024`, `1er mars 2024`, `février 2024`, `Feb-24`. */
const inWords = (written: string): string | undefined => {
  const words = folded(written).split(' ')
  if (weekdays.has(words[0] ?? '')) words.shift()
  const at = words.findIndex((word) => months.has(word))
  const month = months.get(words[at] ?? '')
  const numbers = words.toSpliced(at, 1).map((word) => word.replace(/^(\d{1,2})(?:er|st|nd|rd|th)$/, '$1'))
  if (month === undefined || !numbers.every((number) => /^(?:\d{1,2}|\d{4})$/.test(number))) return undefined
  const [first = '', second] = numbers
  // "Feb-24" is a month; "24-Feb" and "Feb 24" are days without their year.
  if (numbers.length === 1)
    return first.length === 4 || /^\p{L}+\.?[-’']\d/u.test(written) ? dated(first, month) : undefined
  return numbers.length === 2 && at < 2 && first.length <= 2 ? dated(second ?? '', month, first) : undefined
}

const dated = (year: string, month: string, day?: string): string => {
  const whole = year.length === 4 ? year : `${Number(year) < 70 ? 20 : 19}${pad(year)}`
  return `${whole}-${pad(month)}${day === undefined ? '' : `-${pad(day)}`}`
}

/** Checks here that the day exists, so that errors quote the original cell. */
const inCalendar = (day: string, cell: string): string => {
  const [year, month, own = 1] = day.split('-').map(Number)
  const at = new Date(`${day.slice(0, 7)}-01T00:00:00Z`)
  at.setUTCDate(own)
  if (at.getUTCFullYear() === year && at.getUTCMonth() + 1 === month && own > 0) return day
  throw new CellError(fault(day.length === 7 ? 'cell.noMonth' : 'cell.noDay', { text: quoted(cell) }))
}

const pad = (number: string | number): string => String(number).padStart(2, '0')

const hourOf = (hour: string, half: string | undefined): number =>
  half === undefined ? Number(hour) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0)

const notADate = (cell: string): CellError =>
  new CellError(
    /^\d{4}$/.test(cell) ? fault('cell.yearAlone', { text: cell }) : fault('cell.noDate', { text: quoted(cell) }),
  )

const refuse = (cell: string, order?: DateOrder): never => {
  if (order === undefined) throw notADate(cell)
  throw new CellError(fault('cell.dateOrder', { text: cell, order: fault(`dates.${order}`) }), {
    alone: notADate(cell).fault,
    mapped: fault('cell.dateOrderMapped', { text: cell, order: fault(`dates.${order}`) }),
  })
}

const monthNames = [
  'janvier janv jan january',
  'fevrier fevr fev feb february',
  'mars mar march',
  'avril avr apr april',
  'mai may',
  'juin jun june',
  'juillet juil jul july',
  'aout aou aug august',
  'septembre sept sep september',
  'octobre oct october',
  'novembre nov november',
  'decembre dec december',
]

const months: ReadonlyMap<string, string> = new Map(
  monthNames.flatMap((names, at) => names.split(' ').map((name) => [name, String(at + 1)] as const)),
)

const weekdays: ReadonlySet<string> = new Set(
  'lundi mardi mercredi jeudi vendredi samedi dimanche monday tuesday wednesday thursday friday saturday sunday'.split(
    ' ',
  ),
)
