/** Activity chart: posts below the day in the territory's time, and in that of a supposed origin. */

import type { Total } from '../../core/figures.ts'
import { capitalised } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { maximum } from '../../core/lists.ts'
import type { Subject } from '../../core/place/territory.ts'
import { boundsIn, dayIn, hourOf, offsetMinutes } from '../../core/time/period.ts'
import { stretchesBetween } from '../../detection/office-hours.ts'
import { minRhythmPosts, type SupposedOrigin } from '../../detection/rhythm-schema.ts'
import type { Entry } from '../../report/facts.ts'
import { homeOf } from '../words/phrases.ts'
import { barStart, type Frame, frameOf, observedDays, rounded } from './rhythm-frame.ts'
import { type Dated, placeOf, type RhythmWording, rhythmTexts, rhythmWordingOf } from './rhythm-texts.ts'

const minuteMs = 60_000

/** Returns the whole, or else the part with most posts; undefined where none dates enough. */
export const datedBelowDay = (whole: Entry): Entry | undefined =>
  [whole, ...whole.parts.toSorted((one, other) => sumOf(other) - sumOf(one) || (one.id < other.id ? -1 : 1))].find(
    (one) => sumOf(one) >= minRhythmPosts,
  )

export const rhythmOf = (whole: Entry, territory: Subject, { language }: Pick<ReportWording, 'language'>) => {
  const entry = datedBelowDay(whole)
  const step = entry?.byInterval?.[0]?.minutes
  if (!entry || !step) return null
  const words = rhythmWordingOf(language)
  const home = homeOf(entry, territory)
  const intervals = (entry.byInterval ?? [])
    .map(({ from, posts }) => ({ from: Date.parse(from), posts }))
    .sort((one, other) => one.from - other.from)
  const total = (entry.own ?? entry.figures).posts
  const frame = frameOf({ intervals, step, entry, whole, zone: home.zone })
  const origin = entry.supposedOrigin ?? whole.supposedOrigin
  const unknown = unknownIn(frame, { intervals, entry, whole, zone: home.zone, isAll: isAll(intervals, total) })
  const bracket = bracketOf(
    frame,
    { whole, isFullyDated: entry === whole && sumOf(entry) >= (total.value ?? 0), zone: home.zone },
    words,
  )
  const dated: Dated = {
    ...{ intervals, step, total, frame, home, origin, part: entry === whole ? undefined : entry },
    hasUnknown: unknown.length > 0,
    zoneUnknown: entry.timeZoneUnknown ?? false,
    mean: meanOf(intervals, frame, home.zone),
    hasBracket: bracket !== null,
  }
  return chartOf(dated, { unknown, bracket }, words)
}

const sumOf = ({ byInterval = [] }: Entry): number => byInterval.reduce((sum, { posts }) => sum + posts.value, 0)

const isAll = (intervals: Dated['intervals'], total: Total): boolean =>
  total.qualifier === 'exact' &&
  intervals.every(({ posts }) => posts.qualifier === 'exact') &&
  intervals.reduce((sum, { posts }) => sum + posts.value, 0) === total.value

export type RhythmChart = ReturnType<typeof chartOf>

/** Positions are percentages of the width, from the first to the last local midnight. */
const chartOf = (
  dated: Dated,
  {
    unknown,
    bracket,
  }: { readonly unknown: ReturnType<typeof unknownIn>; readonly bracket: ReturnType<typeof bracketOf> },
  words: RhythmWording,
) => {
  const { frame, home, origin, intervals, mean } = dated
  const bars = barsOf(dated)
  const most = maximum(intervals.map(({ posts }) => posts.value))
  const peak = intervals.find(({ posts }) => posts.value === most) ?? { from: frame.from, posts: { value: 0 } }
  const written = rhythmTexts(dated, peak.from, words)
  const isFree = (from: number, to: number) => bars.every(({ at, posts }) => at < from || at > to || posts <= mean)
  return {
    title: written.title,
    note: written.note,
    /** Text alternative. */
    text: written.text,
    bars,
    top: { at: frame.at(barStart(peak.from, frame)) + frame.slot / 2, written: written.top },
    mean: {
      value: mean,
      written: written.mean,
      /** Side where the label overlaps no bar. */
      side: sideIn(isFree),
    },
    shades: origin
      ? stretchesBetween(frame.from, frame.to, origin).map(({ kind, from, to }) => ({
          kind,
          ...frame.stretch(from, to),
        }))
      : [],
    /** Observed days without hours from any source. */
    unknown: unknown.map((one) => ({ ...one, written: words.say('rhythm.hoursUnknown') })),
    days:
      frame.days.length > maxDaysNamed
        ? []
        : frame.days.map((day) => ({
            at: frame.at(hourOf(day, 0, home.zone)),
            written: words.days(day, day, { weekday: true, year: false }),
          })),
    bracket,
    axes: axesOf(frame, home, origin, words),
    paragraphs: written.paragraphs,
  }
}

const sideIn = (isFree: (from: number, to: number) => boolean): 'start' | 'end' | 'none' =>
  isFree(0, labelWidth) ? 'start' : isFree(100 - labelWidth, 100) ? 'end' : 'none'

/** Width of the mean's label on a phone, in percent. */
const labelWidth = 28

/** Of more days the axis names some. */
const maxDaysNamed = 3

const barsOf = ({ intervals, frame, step }: Dated) => {
  const posts = new Map<number, number>()
  for (const { from, posts: own } of intervals) {
    const start = step === frame.minutes ? from : barStart(from, frame)
    posts.set(start, (posts.get(start) ?? 0) + own.value)
  }
  return [...posts].flatMap(([start, value]) =>
    value === 0
      ? []
      : [{ at: rounded(frame.at(start) + frame.slot * 0.08), width: rounded(frame.slot * 0.84), posts: value }],
  )
}

/** Returns the mean per bar over the days with posts dated below the day. */
const meanOf = (intervals: Dated['intervals'], { minutes }: Frame, zone: string): number => {
  const days = new Set(intervals.map(({ from }) => dayIn(from, zone)))
  const hours = [...days].reduce((sum, day) => sum + boundsIn({ first: day, last: day }, zone).hours, 0)
  const mean = intervals.reduce((sum, { posts }) => sum + posts.value, 0) / ((hours * 60) / minutes)
  return mean >= 10 ? Math.round(mean) : Math.round(mean * 10) / 10
}

type Seen = {
  readonly intervals: Dated['intervals']
  readonly entry: Entry
  readonly whole: Entry
  readonly zone: string
}

const unknownIn = (
  frame: Frame,
  { intervals, entry, whole, zone, isAll: isWhole }: Seen & { readonly isAll: boolean },
) => {
  const known = new Set(intervals.map(({ from }) => dayIn(from, zone)))
  const isSeen = (one: Entry, day: string): boolean => {
    const days = observedDays(one, zone)
    return days !== undefined && day >= days.first && day <= days.last
  }
  // A fully dated entry had no posts on its other days; for a part's whole this is unknown.
  const isOpen = (day: string): boolean =>
    !known.has(day) && (isSeen(entry, day) ? !isWhole : entry !== whole && isSeen(whole, day))
  const stretches: { at: number; width: number; written: string }[] = []
  for (const [place, day] of frame.days.entries()) {
    if (!isOpen(day)) continue
    const { from, to } = boundsIn({ first: day, last: day }, zone)
    const { at, width } = frame.stretch(from, to)
    const before = stretches.at(-1)
    if (before && place > 0 && isOpen(frame.days[place - 1] ?? '')) before.width = rounded(before.width + width)
    else stretches.push({ at, width, written: '' })
  }
  return stretches
}

const bracketOf = (
  frame: Frame,
  { whole, isFullyDated, zone }: { readonly whole: Entry; readonly isFullyDated: boolean; readonly zone: string },
  words: RhythmWording,
) => {
  const days = observedDays(whole, zone)
  const { value, qualifier } = (whole.own ?? whole.figures).posts
  if (isFullyDated || value === null || !days || days.first === days.last) return null
  if (!frame.days.includes(days.first) || !frame.days.includes(days.last)) return null
  const { from, to } = boundsIn(days, zone)
  return {
    ...frame.stretch(from, to),
    written: words.say('time.together', { figure: words.phrase('posts', { value, qualifier }) }),
  }
}

const tickHours = [3, 6, 12, 24, 48, 96, 168, 336]

const mostTicks = 8

const axesOf = (frame: Frame, home: Subject, origin: SupposedOrigin | undefined, words: RhythmWording) => {
  const { days, from, to } = frame
  const hours = tickHours.find((every) => (24 * days.length) / every <= mostTicks) ?? 336
  const instants =
    hours < 24
      ? [
          ...days.flatMap((day) => Array.from({ length: 24 / hours }, (_, at) => hourOf(day, at * hours, home.zone))),
          to,
        ]
      : days.filter((_, at) => at % (hours / 24) === 0).map((day) => hourOf(day, 0, home.zone))
  const dayName = (instant: number, at: number): string => {
    const day = dayIn(instant, home.zone)
    const isNew = at === 0 || day.slice(5, 7) !== dayIn(instants[at - 1] ?? instant, home.zone).slice(5, 7)
    return isNew ? words.days(day, day, { year: false }) : String(Number(day.slice(8)))
  }
  const axis = (name: string, zone: string, written: (instant: number, at: number) => string) => ({
    ...{ name, offset: words.offset(from, zone) },
    ticks: instants.map((instant, at) => ({ at: frame.at(instant), written: written(instant, at) })),
  })
  const clock = (zone: string) => (instant: number) => hourText(instant, zone, words)
  return [
    axis(home.town[words.language], home.zone, hours < 24 ? clock(home.zone) : dayName),
    ...(origin
      ? [
          axis(
            words.say('rhythm.supposed', { place: capitalised(placeOf(origin, words)) }),
            origin.zone,
            clock(origin.zone),
          ),
        ]
      : []),
  ]
}

/** `17 h`, `17:00` */
const hourText = (instant: number, zone: string, words: RhythmWording): string => {
  const local = new Date(instant + offsetMinutes(instant, zone) * minuteMs).toISOString()
  const padded = local.slice(11, 13)
  const hour = words.language === 'fr' ? String(Number(padded)) : padded
  return words.say('rhythm.hour', { hour, minute: local.slice(14, 16) })
}
