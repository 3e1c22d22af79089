/** Builds a year's calendar of links, independent of stored data. */
import { Temporal } from 'temporal-polyfill'
import { capitalised } from '../../../domain/core/language/language.ts'
import { following } from '../../../domain/core/place/due.ts'
import { hasBegun } from '../../../domain/core/place/subject.ts'
import { firstYear, lastYear, type Period, parsePeriod, weekOf } from '../../../domain/core/time/period.ts'
import { periodLine, shortPeriod } from '../../../domain/page/words/phrases.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { field, periodFault, type Visit } from '../frame/pages.ts'

type Picking = {
  readonly year: number
  /** Milliseconds since 1970 UTC; periods that have begun nowhere have no link. */
  readonly now: number
  readonly chosen: string
  toYear(year: number): string
  toWeek(week: Period): string
  toPeriod(period: Period): string
  /** Form that finds a week by one of its days. */
  readonly day?: { readonly action: string; readonly wrong: boolean; readonly typed?: string }
  readonly isOpen: boolean
}

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
    isOpen,
    year: id,
    years: [
      ...(year > firstYear ? [{ href: toYear(year - 1), label: String(year - 1), rel: 'prev' }] : []),
      ...(hasBegun(parsePeriod(String(year + 1)), 'ALL', now)
        ? [{ href: toYear(year + 1), label: String(year + 1), rel: 'next' }]
        : []),
    ],
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
    day: day
      ? {
          action: day.action,
          field: field('day', words.say('room.picker.day'), {
            type: 'date',
            wrong: day.wrong ? periodFault(day.typed ?? '', words, 'room.field.wrong') : '',
          }),
        }
      : null,
  }
}

/** Returns the month without its year, which the heading has. */
const monthName = (month: string, words: RoomWording): string =>
  capitalised(words.month(month).replace(/[\s\u00a0]*\d{4}$/u, ''))

/** Assigns a week to the month of its Thursday, as ISO 8601 does for years. */
const monthOf = (monday: string): string => Temporal.PlainDate.from(monday).add({ days: 3 }).toString().slice(0, 7)

const weeksOf = (year: number): readonly Period[] => {
  const weeks: Period[] = []
  for (let week = weekOf(`${year}-01-04`); week.id.startsWith(String(year)); week = following(week, 'week')) {
    weeks.push(week)
  }
  return weeks
}
