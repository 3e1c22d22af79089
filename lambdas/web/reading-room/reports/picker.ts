/**
 * A year as a calendar of links: its weeks by month, its months, quarters and the whole; nothing in it depends on what
 * is stored.
 */
import { capitalised } from '../../../domain/core/language/language.ts'
import { hasBegun } from '../../../domain/core/place/subject.ts'
import { firstYear, lastYear, type Period, parsePeriod, weekOf } from '../../../domain/core/time/period.ts'
import { periodLine, shortPeriod } from '../../../domain/page/words/phrases.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { field, periodFault, type Visit } from '../frame/pages.ts'

type Picking = {
  readonly year: number
  /** Milliseconds since 1970 UTC: what has not begun anywhere is no link. */
  readonly now: number
  /** The period that is chosen, by its id; empty for none. */
  readonly chosen: string
  /** The address of this page for another year. */
  toYear(year: number): string
  toWeek(week: Period): string
  /** Of a month, quarter or year. */
  toPeriod(period: Period): string
  /** Where a day is sent that stands for its week. */
  readonly day?: { readonly action: string; readonly wrong: boolean; readonly typed?: string }
  /** It was asked for. */
  readonly isOpen: boolean
}

/** The year that an address names, if it is one. */
export const yearIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{4}$/.test(text) && Number(text) >= firstYear && Number(text) <= lastYear
    ? Number(text)
    : undefined

export const pickerValue = ({ words }: Visit, picking: Picking) => {
  const { year, now, chosen, toYear, toWeek, toPeriod, day, isOpen } = picking
  const id = String(year)
  const cell = (period: Period, label: string, href: string) => ({
    label,
    spoken:
      period.cadence === 'week'
        ? `${shortPeriod({ period }, words)}, ${words.days(period.first, period.last)}`
        : capitalised(periodLine({ period }, words)),
    href: hasBegun(period, 'ALL', now) ? href : '',
    current: period.id === chosen,
  })
  const whole = (one: string, label?: string) => {
    const period = parsePeriod(one)
    return cell(period, label ?? capitalised(periodLine({ period }, words)), toPeriod(period))
  }
  const weeks = Map.groupBy(weeksOf(year), ({ first }) => monthOf(first))
  return {
    title: words.say('room.picker'),
    isOpen,
    year: id,
    years: [
      ...(year > firstYear ? [{ href: toYear(year - 1), label: String(year - 1), rel: 'prev' }] : []),
      ...(hasBegun(parsePeriod(String(year + 1)), 'ALL', now)
        ? [{ href: toYear(year + 1), label: String(year + 1), rel: 'next' }]
        : []),
    ],
    yearsLabel: words.say('room.picker.years'),
    head: { month: words.say('room.picker.month'), weeks: words.say('room.picker.weeks') },
    months: Array.from({ length: 12 }, (_, at) => {
      const month = `${id}-${String(at + 1).padStart(2, '0')}`
      return {
        month: whole(month, monthName(month, words)),
        weeks: (weeks.get(month) ?? []).map((week) =>
          cell(week, words.number(Number(week.id.slice(-2))), toWeek(week)),
        ),
      }
    }),
    wholes: [...[1, 2, 3, 4].map((quarter) => whole(`${id}-Q${quarter}`)), whole(id)],
    wholesLabel: words.say('room.picker.wholes'),
    day: day
      ? {
          action: day.action,
          field: field('day', words.say('room.picker.day'), {
            type: 'date',
            wrong: day.wrong ? periodFault(day.typed ?? '', words, 'room.field.wrong') : '',
          }),
          button: words.say('room.picker.button'),
        }
      : null,
  }
}

/** `May`: the year stands above. */
const monthName = (month: string, words: RoomWording): string =>
  capitalised(words.month(month).replace(/[\s\u00a0]*\d{4}$/u, ''))

/** A week belongs to the month of its Thursday, as it belongs to its year. */
const monthOf = (monday: string): string => dayAfter(monday, 3).slice(0, 7)

const weeksOf = (year: number): readonly Period[] => {
  const weeks: Period[] = []
  for (let week = weekOf(`${year}-01-04`); week.id.startsWith(String(year)); week = weekOf(dayAfter(week.last, 1))) {
    weeks.push(week)
  }
  return weeks
}

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)
