import { type DayCount, maxNamed } from '../../aggregate/tally.ts'
import {
  addedTotal,
  adder,
  bareNumber,
  isAtLeast,
  isEstimate,
  notWatched,
  takeTotal,
  type Total,
  widened,
  zero,
} from '../../core/figures.ts'
import { capitalised } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { strictest } from '../../core/marking.ts'
import type { Subject } from '../../core/place/territory.ts'
import { boundsIn } from '../../core/time/period.ts'
import type { Localised } from '../../detection/detection.ts'
import type { Facts } from '../../report/facts.ts'
import { type ShareTable, shareTable } from '../manoeuvre/lists.ts'
import { isCrowded } from '../manoeuvre/others.ts'
import {
  type BarValue,
  barValue,
  barFigureText,
  detectionsText,
  detectionsTotal,
  hashtag,
  languageName,
  titleOf,
} from '../words/phrases.ts'

export type TimeSection = NonNullable<ReturnType<typeof timeOf>>

export type Bar = { readonly label: string; readonly value: BarValue; readonly written: string }

/** A figure known only for several days together. */
export type Bracket = { readonly first: number; readonly last: number; readonly written: string }

/** Share of the total that must be dated to name a highest day. */
const datedAtLeast = 0.5

export const timeOf = (facts: Facts, territory: Subject, words: ReportWording) => {
  const { period, days, totals, undated } = facts
  const byMonth = days.length > 31
  const counts = byMonth ? monthsOf(days, totals.isFloor === true) : days
  const label = (date: string): string =>
    byMonth ? words.month(date) : words.days(date, date, { weekday: period.cadence === 'week', year: false })
  const most = counts.reduce((highest, { posts }) => Math.max(highest, posts.value ?? 0), 0)
  const { from } = boundsIn(period, territory.zone)
  const highest = highestOf(counts, most, totals)
  const isDated = counts.some(({ posts, detections }) => detections > 0 || (posts.value ?? 0) > 0)
  const bars = counts.map(({ date, posts }) => ({
    label: label(date),
    value: barValue(posts),
    written: barFigureText(posts, words),
  }))
  return {
    chart: isDated
      ? {
          title:
            highest && totals.posts.value
              ? capitalised(
                  words.say('time.title', {
                    day: label(highest.date),
                    figure: words.percent(most, totals.posts.value),
                    total: bareNumber(totals.posts),
                  }),
                )
              : words.say(byMonth ? 'time.titleMonths' : 'time.titleFlat'),
          note: words.say(`time.${byMonth ? 'months' : 'days'}${facts.group ? 'Each' : ''}` as const, {
            measure: words.say('measure.posts'),
            town: territory.town[words.language],
            offset: words.offset(from, territory.zone),
          }),
          text: words.say(byMonth ? 'time.barsMonths' : 'time.bars', {
            from: bars[0]?.label ?? '',
            to: bars.at(-1)?.label ?? '',
            list: counts.map(({ posts }) => words.total(posts)).join(', '),
          }),
          bars,
          brackets: byMonth ? [] : bracketsOf(facts, words),
          peak: byMonth || !highest ? null : peakOf(highest.date, bars, facts, words),
        }
      : null,
    unit: words.say(byMonth ? 'time.month' : 'time.day'),
    // Zeros on undated days would claim that nothing happened.
    rows: (isDated ? counts : []).map(({ date, posts, detections, isFloor }) => ({
      day: capitalised(label(date)),
      posts: words.total(posts),
      detections:
        detections === 0 && posts.qualifier === 'not watched'
          ? words.total(posts)
          : detections === 0 && isFloor
            ? words.say('figure.short', { qualifier: 'atLeast', value: 0 })
            : detectionsText(detections, isFloor, words),
    })),
    undated:
      undated.detections === 0 && undated.posts.value === 0
        ? ''
        : words.say('time.undated', {
            detections: words.phrase('detections', detectionsTotal(undated.detections, totals.isFloor)),
            posts: undated.posts.value === null ? words.say('time.undatedPosts') : words.phrase('posts', undated.posts),
          }),
    tables: shareTables(facts, words),
  }
}

/** Returns the day with the most posts; undefined on a tie, or if too little is dated. */
const highestOf = (counts: readonly DayCount[], most: number, totals: Facts['totals']): DayCount | undefined => {
  const [peak, ...more] = counts.filter(({ posts }) => posts.value === most)
  const dated = counts.reduce((sum, { posts }) => sum + (posts.value ?? 0), 0)
  const isWhole = counts.every(({ posts }) => posts.qualifier !== 'not given')
  // A share of an estimate is not known.
  const isCounted = [totals, ...counts].every(({ posts }) => !isEstimate(posts))
  const isMostly = totals.posts.value !== null && dated >= datedAtLeast * totals.posts.value
  return most > 0 && more.length === 0 && isWhole && isCounted && isMostly ? peak : undefined
}

/** Hashtags and narratives in a crowded period. */
const namedInCrowd = 5

/** A whole and its parts may differ in kind, and the whole's posts include theirs. */
const kindsOverlap = ({ kinds, totals }: Facts): boolean =>
  totals.posts.value !== null && kinds.reduce((sum, { posts }) => sum + (posts.value ?? 0), 0) > totals.posts.value

export const shareTables = (facts: Facts, words: ReportWording): readonly ShareTable[] => {
  const most = isCrowded(facts) ? namedInCrowd : maxNamed
  const previous = words.say('period.previous', { cadence: facts.period.cadence })
  const changeNote = words.say('share.changeNote', { previous })
  const isFloor = facts.totals.isFloor === true
  return [
    shareTable(words.say('platforms'), facts.platforms, words, { isFloor }),
    shareTable(
      words.say('kinds'),
      facts.kinds.map((share) => ({ ...share, name: words.say(`kind.${share.name}` as 'kind.other') })),
      words,
      { isFloor, ...(kindsOverlap(facts) && { note: words.say('kinds.note') }) },
    ),
    shareTable(
      words.say('hashtags'),
      facts.hashtags.slice(0, most).map((share) => ({ ...share, name: hashtag(share.name) })),
      words,
      { isFloor, note: words.say('hashtags.note'), changeNote },
    ),
    shareTable(
      words.say('languages'),
      facts.languages.map((share) => ({ ...share, name: languageName(share.name, words) })),
      words,
      { isFloor },
    ),
    shareTable(
      words.say('narratives'),
      facts.narratives.slice(0, most).map((share) => ({ ...share, name: narrativeText(share.texts, words) })),
      words,
      { isFloor, changeNote, wide: true },
    ),
  ].filter(({ rows }) => rows.length > 0)
}

/** Places the text next to the bar, or above if there is no room. */
const peakOf = (date: string, bars: readonly Bar[], facts: Facts, words: ReportWording) => {
  const at = facts.days.findIndex((day) => day.date === date)
  const day = facts.days[at]
  const entry = facts.manoeuvres.find(({ id }) => id === day?.heaviest?.id)
  if (!day?.heaviest || !entry) return null
  const most = day.posts.value ?? 0
  const isFree = (side: readonly Bar[]) =>
    side.length >= bars.length * 0.4 && side.every(({ value }) => (typeof value === 'number' ? value : 0) < most * 0.4)
  const side: 'left' | 'right' | 'above' = isFree(bars.slice(at + 1))
    ? 'right'
    : isFree(bars.slice(0, at))
      ? 'left'
      : 'above'
  return {
    title: words.quoted(titleOf(entry.title, words.language).text),
    text: words.say('time.peak', {
      posts: day.heaviest.posts,
      total: bareNumber(day.posts),
      known: isAtLeast(day.posts) ? 'some' : 'all',
    }),
    side,
    /** Distance in percent between the end of the text and the end of that side. */
    inset: Math.round((side === 'left' ? (bars.length - at) / bars.length : (at + 1) / bars.length) * 1000) / 10,
  }
}

const bracketsOf = ({ days, spans }: Facts, words: ReportWording): readonly Bracket[] =>
  spans.flatMap(({ from, to, posts }) => {
    const within = days.flatMap(({ date }, at) => (date >= from && date <= to ? [at] : []))
    const [first, last] = [within[0], within.at(-1)]
    if (first === undefined || last === undefined || first === last || posts.value === null) return []
    return [{ first, last, written: words.say('time.together', { figure: words.total(posts) }) }]
  })

/**
 * Figures are floors if the period's are and a day was not fully watched, or if fewer than half of the days were
 * watched.
 */
const monthsOf = (days: Facts['days'], isFloor: boolean): Facts['days'] =>
  [...Map.groupBy(days, ({ date }) => date.slice(0, 7))].map(([date, all]) => {
    const posts = adder()
    for (const day of all) if (day.posts.value !== 0 && !isUnwatched(day)) takeTotal(posts, day.posts)
    const unwatched = all.filter(isUnwatched).length
    const isOpen = isFloor ? all.some((day) => day.isFloor || isUnwatched(day)) : 2 * unwatched > all.length
    // A month counts as watched if a day was; its zero is exact only if every day was.
    const none: Total =
      unwatched === all.length
        ? notWatched
        : unwatched > 0 || all.some((day) => day.isFloor)
          ? widened(zero, ['not wholly watched'])
          : zero
    return {
      date,
      detections: all.reduce((sum, { detections }) => sum + detections, 0),
      posts: widened(posts.due > 0 ? addedTotal(posts) : none, isOpen ? ['not wholly watched'] : []),
      ...(isOpen && { isFloor: true as const }),
      marking: strictest(all.map(({ marking }) => marking)),
    }
  })

const isUnwatched = ({ posts }: DayCount): boolean => posts.qualifier === 'not watched'

const narrativeText = (texts: Localised, words: ReportWording): string => {
  const { text, note } = titleOf(texts, words.language)
  return note === undefined ? text : `${text} ${note}`
}
