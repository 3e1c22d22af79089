import english from '../../../../templates/messages/rhythm.en.json' with { type: 'json' }
import french from '../../../../templates/messages/rhythm.fr.json' with { type: 'json' }
import { isEstimate, isAtLeast, qualifierOf, type Total, type TotalQualifier } from '../../core/figures.ts'
import type { Wording } from '../../core/language/language.ts'
import { type MessageKey, reportWordingWith } from '../../core/language/report-wording.ts'
import type { Subject } from '../../core/place/territory.ts'
import { dayIn, offsetMinutes } from '../../core/time/period.ts'
import type { Figure } from '../../detection/detection.ts'
import { isInOffice } from '../../detection/office-hours.ts'
import type { SupposedOrigin } from '../../detection/rhythm-schema.ts'
import type { Entry } from '../../report/facts.ts'
import { nameText, titleOf } from '../words/phrases.ts'
import type { Frame } from './rhythm-frame.ts'

/** Only code that draws activity charts loads these messages. */
export const rhythmWordingOf = reportWordingWith({ fr: french, en: english })

export type RhythmWording = Wording<MessageKey | keyof typeof english>

/** Returns the hypothesis's town, or the town in the zone's name. */
export const placeOf = ({ place, zone }: SupposedOrigin, words: RhythmWording): string =>
  place === undefined ? (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ') : nameText(place, words)

export type Dated = {
  readonly intervals: readonly { readonly from: number; readonly posts: Figure }[]
  /** Minutes, as the source dates. */
  readonly step: number
  readonly total: Total
  readonly frame: Frame
  readonly home: Subject
  readonly origin: SupposedOrigin | undefined
  readonly part: Entry | undefined
  readonly hasUnknown: boolean
  readonly zoneUnknown: boolean
  readonly mean: number
  readonly hasBracket: boolean
}

export const rhythmTexts = (dated: Dated, peak: number, words: RhythmWording) => {
  const { intervals, step, frame, home, origin, mean } = dated
  const high = intervals.find(({ from }) => from === peak)?.posts ?? { value: 0, qualifier: 'exact' as const }
  const top = words.say('rhythm.top', { posts: words.phrase('posts', high), minutes: step })
  const more = intervals.filter(({ posts }) => posts.value === high.value).length - 1
  const sum = added(intervals)
  const inOffice = origin ? added(intervals.filter(({ from }) => isInOffice(from, origin))) : undefined
  const when = words.moment(peak, home.zone)
  // To a tenth: 3.94 times is not three.
  const times = mean > 0 && step === frame.minutes ? Math.round((10 * high.value) / mean) / 10 : 0
  const meanText = words.say('rhythm.mean', { mean: words.number(mean) })
  const title = inOffice ? officeTitle(inOffice, sum, words) : words.say('rhythm.title', { top })
  return {
    title,
    top,
    mean: meanText,
    note: noteOf(dated, words),
    text: words.say('rhythm.text', {
      ...{ minutes: frame.minutes, town: home.town[words.language], sum: words.phrase('posts', sum), top, when, title },
      value: sum.value,
      from: words.days(frame.days[0] ?? '', frame.days.at(-1) ?? ''),
      office: inOffice ? 'yes' : 'no',
    }),
    paragraphs: [
      words.say('rhythm.peak', {
        ...{ top, when, more, minutes: frame.minutes, mean: words.number(mean) },
        ...{ isMore: times > 1 ? 'yes' : 'no', times: words.number(times) },
      }),
      datedText(sum, dated, words),
      ...(origin ? [originText(origin, dated, words)] : []),
      ...(dated.zoneUnknown ? [zoneText(dated, words)] : []),
      words.say('rhythm.data'),
    ],
  }
}

type Sum = { readonly value: number; readonly qualifier: TotalQualifier }

const added = (intervals: Dated['intervals']): Sum => {
  const posts = intervals.map((one) => one.posts)
  const value = posts.reduce((total, one) => total + one.value, 0)
  return { value, qualifier: qualifierOf(posts.some(isAtLeast), posts.some(isEstimate)) }
}

const officeTitle = (inOffice: Sum, sum: Sum, words: RhythmWording): string =>
  words.say('rhythm.titleOffice', {
    how: inOffice.value === 0 ? 'none' : inOffice.value === sum.value ? 'all' : 'some',
    part: words.total(inOffice),
    value: inOffice.value,
    sum: words.total(sum),
  })

const noteOf = ({ frame, home, origin, part, hasUnknown, hasBracket }: Dated, words: RhythmWording): string =>
  [
    words.say('rhythm.note', {
      minutes: frame.minutes,
      town: home.town[words.language],
      offset: words.offset(frame.from, home.zone),
    }),
    ...(part ? [words.say('rhythm.part', { title: words.quoted(titleOf(part.title, words.language).text) })] : []),
    ...(origin
      ? [words.say('rhythm.tint', { place: placeOf(origin, words), offset: words.offset(frame.from, origin.zone) })]
      : []),
    ...(origin && holidaysIn(frame, origin).length > 0 ? [words.say('rhythm.tintHoliday')] : []),
    ...(hasUnknown ? [words.say('rhythm.unknown')] : []),
    ...(hasBracket ? [words.say('rhythm.bracket')] : []),
  ].join(' ')

type HolidayThere = NonNullable<SupposedOrigin['holidays']>['days'][number]

const holidaysIn = ({ from, to }: Frame, { zone, holidays }: SupposedOrigin): readonly HolidayThere[] => {
  const [first, last] = [dayIn(from, zone), dayIn(to - 1, zone)]
  const shown = (holidays?.days ?? []).filter(({ day }) => day >= first && day <= last)
  return [...new Map(shown.map((one) => [one.day, one])).values()].sort((a, b) => (a.day < b.day ? -1 : 1))
}

const datedText = (sum: Sum, { total }: Dated, words: RhythmWording): string => {
  const isExact = sum.qualifier === 'exact' && total.qualifier === 'exact'
  const how =
    total.value === null
      ? 'none'
      : isExact && sum.value === total.value
        ? 'same'
        : sum.value > total.value
          ? 'more'
          : 'less'
  return words.say('rhythm.dated', { ...sum, how, sum: words.phrase('posts', sum), total: words.total(total) })
}

const maxHolidays = 3

const originText = (origin: SupposedOrigin, { intervals, frame }: Dated, words: RhythmWording): string => {
  const { zone, by, reason, holidays } = origin
  const there = holidaysIn(frame, origin)
  return [
    words.say('rhythm.origin', { place: placeOf(origin, words), zone, by: nameText(by, words) }),
    ...(reason ? [words.say('rhythm.reason', { reason: words.quoted(nameText(reason, words)) })] : []),
    holidays
      ? words.say('rhythm.calendar', {
          calendar: words.quoted(nameText(holidays.calendar, words)),
          count: there.length,
        })
      : words.say('rhythm.noCalendar'),
    ...there.slice(0, maxHolidays).map(({ day, name }) =>
      words.say('rhythm.holiday', {
        day: words.days(day, day, { year: false }),
        name: name === undefined ? '' : words.quoted(nameText(name, words)),
        named: name === undefined ? 'no' : 'yes',
        posts: added(intervals.filter(({ from }) => dayIn(from, zone) === day)).value,
      }),
    ),
    words.say('rhythm.clue'),
  ].join(' ')
}

const paris = 'Europe/Paris'

/** Describes how many posts would be in office hours if the source used another zone's clock. */
const zoneText = ({ intervals, home, origin }: Dated, words: RhythmWording): string => {
  const office = (zone: string): string => {
    const read = intervals.map((one) => ({ ...one, from: readIn(one.from, home.zone, zone) }))
    return words.phrase('posts', added(read.filter(({ from }) => origin && isInOffice(from, origin))))
  }
  return words.say('rhythm.zoneUnknown', {
    town: home.town[words.language],
    has: origin ? 'yes' : 'no',
    place: origin ? placeOf(origin, words) : '',
    there: origin ? office(origin.zone) : '',
    paris: origin ? office(paris) : '',
  })
}

/** Returns the instant at which `there` has the local time that `here` has at `instant`. */
const readIn = (instant: number, here: string, there: string): number => {
  const shown = instant + offsetMinutes(instant, here) * 60_000
  return shown - offsetMinutes(shown - offsetMinutes(shown, there) * 60_000, there) * 60_000
}
