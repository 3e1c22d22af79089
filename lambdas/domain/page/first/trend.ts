/** One figure by week, with its ordinary band. */
import { levelFigures, type LevelTest } from '../../aggregate/level/level.ts'
import { readingOf } from '../../aggregate/level/reading.ts'
import { bareNumber, notGiven, type Total } from '../../core/figures.ts'
import { capitalised } from '../../core/language/language.ts'
import type { Language } from '../../core/language/languages.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { isPublicCap } from '../../core/marking.ts'
import { type Cadence, parsePeriod, periodsBefore } from '../../core/time/period.ts'
import type { Facts, Headline } from '../../report/facts.ts'
import { type BarValue, barFigureText, barValue, weekName } from '../words/phrases.ts'

export type Trend = {
  readonly title: string
  readonly note: string
  readonly points: readonly { readonly label: string; readonly value: BarValue; readonly written: string }[]
  readonly band?: { readonly least: number; readonly most: number; readonly label: string }
  /** Text alternative. */
  readonly spoken: string
}

export type TrendFacts = Pick<Facts, 'headlines' | 'level' | 'cap' | 'period' | 'before' | 'totals' | 'group' | 'joint'>

export const maxTrendPeriods = 26

/**
 * Draws the first figure that the level tests, else the detections; for a group the posts.
 * @param earlier reports of the same edition for earlier periods, oldest first; a period in none has no figure
 */
export const trendOf = (facts: TrendFacts, words: ReportWording, earlier: readonly TrendFacts[] = []): Trend | null => {
  const [test, headline] = [testOf(facts), trendHeadline(facts)]
  // In a public edition 0 is what may not be published.
  const isUnknown = ({ value }: Total): boolean => value === null || (value === 0 && isPublicCap(facts.cap))
  if (!headline) return null
  const known = new Map([...earlier, facts].flatMap((one) => totalsIn(one, headline.figure)))
  const before = periodsBefore(parsePeriod(facts.period.id), maxTrendPeriods - 1).map(({ id }) => id)
  const ids = [...before.slice(before.findIndex((id) => known.has(id))), facts.period.id]
  const totals = ids.map((id) => known.get(id) ?? notGiven)
  if (totals.slice(0, -1).every(isUnknown)) return null
  const isWeek = facts.period.cadence === 'week' && !isPublicCap(facts.cap)
  // A total with posts of several territories is not what was tested.
  const tested =
    isWeek && test && headline.figure === test.figure && headline.total.value === test.total.value ? test : undefined
  const ordinary = tested?.ordinary
  const gap = words.say('front.trend.gapShort')
  const points = totals.map((total, at) => ({
    label: labelOf(ids[at] ?? '', facts.period.cadence, words),
    value: barValue(total),
    written: total.qualifier === 'not given' ? gap : barFigureText(total, words),
  }))
  return {
    title: titleOf(facts, headline, tested, words),
    note: [
      ...(totals.some(({ qualifier }) => qualifier === 'not given') ? [words.say('front.trend.gap')] : []),
      ...(totals.some(({ qualifier }) => qualifier === 'not watched') ? [words.say('front.trend.unwatched')] : []),
    ].join(' '),
    points,
    ...(ordinary && {
      band: {
        least: ordinary.least,
        most: ordinary.most,
        label: words.say('front.trend.band', {
          ...bandValues(ordinary),
          ...(ordinary.isNone && { most: 0 }),
          leftOut: tested?.leftOut ?? 0,
        }),
      },
    }),
    spoken: words.say('front.trend.picture', {
      measure: words.say(`measure.${headline.figure}`),
      first: points[0]?.label ?? '',
      last: points.at(-1)?.label ?? '',
      values: words.list(points.map(({ written }) => written)),
    }),
  }
}

export const bandValues = ({ least, most, weeks, minimums = 0, isEstimate }: NonNullable<LevelTest['ordinary']>) => ({
  ...{ least, most, weeks, minimums },
  isEstimate: isEstimate ? 'yes' : 'no',
})

const testOf = ({ level }: TrendFacts): LevelTest | undefined =>
  levelFigures.flatMap((figure) => level?.tests.find((one) => one.figure === figure) ?? [])[0]

export const trendHeadline = (facts: TrendFacts): Headline | undefined =>
  facts.headlines.find(({ figure }) => figure === (facts.group ? 'posts' : testOf(facts)?.figure)) ??
  facts.headlines.find(({ figure }) => figure === 'detections')

const totalsIn = ({ headlines, before, period }: TrendFacts, figure: Headline['figure']) =>
  headlines
    .filter((one) => one.figure === figure)
    .flatMap(({ comparison, total }) => [...comparison.before, total])
    .map((total, at) => [before[at]?.period ?? period.id, total] as const)

const labelOf = (id: string, cadence: Cadence, words: ReportWording): string => {
  if (cadence === 'week') return weekName(id, words)
  return cadence === 'month' ? monthName(id, words.language) : id
}

const monthName = (id: string, language: Language): string =>
  new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' }).format(new Date(`${id}-01T00:00:00Z`))

const titleOf = (
  { period: { cadence }, totals, joint }: TrendFacts,
  { figure, total }: Headline,
  test: LevelTest | undefined,
  words: ReportWording,
): string => {
  if (totals.detections === 0) return words.say('front.trend.none', { within: words.say('period.within', { cadence }) })
  const phrase =
    total.value === null
      ? words.say(`measure.${figure}`)
      : capitalised(phraseOf(figure, { ...total, value: total.value }, words)) +
        (joint && figure === 'posts' ? words.say('sub.joint') : '')
  if (!test || total.value === null) return phrase
  switch (readingOf({ ...test, total: { ...total, value: total.value } })) {
    case 'unusual':
      if (test.above === 'earlier weeks') return words.say('front.trend.rise')
      if (!test.ordinary) return phrase
      return test.ordinary.isNone
        ? words.say('front.trend.first', { figure, phrase })
        : words.say('front.trend.unusual', { phrase, ...bandValues(test.ordinary) })
    case 'above':
      return words.say('front.trend.above')
    case 'within':
      return words.say('front.trend.usual')
    case 'below':
      return words.say('front.trend.below')
    case 'unknown':
      return phrase
  }
}

const phraseOf = (
  figure: Headline['figure'],
  total: Headline['total'] & { readonly value: number },
  words: ReportWording,
): string =>
  figure === 'detections'
    ? words.say('front.trend.detections', { count: bareNumber(total), figure: words.total(total) })
    : words.phrase(figure, total)
