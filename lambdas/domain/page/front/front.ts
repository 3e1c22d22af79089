import { wideBreakout } from '../../aggregate/counting/gravity.ts'
import { manoeuvreWith, type Outcome, outcomeOf } from '../../aggregate/outcome.ts'
import type { HeadlineFigure } from '../../aggregate/tally.ts'
import { bareNumber, changeBetween, isFloorOfNone, type Total, type TotalQualifier } from '../../core/figures.ts'
import type { Segment } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { isPublicCap } from '../../core/marking.ts'
import { boundsFor } from '../../core/place/subject.ts'
import type { Subject } from '../../core/place/territory.ts'
import type { Entry, Facts, Headline } from '../../report/facts.ts'
import { inPart } from '../words/in-part.ts'
import {
  barsText,
  barValue,
  difference,
  figureParts,
  whenSeen,
  original,
  plain,
  shortPeriod,
  sharedTerritoryCount,
  weekName,
} from '../words/phrases.ts'
import { replacedRow } from './flash-replaced.ts'
import { quietState } from './quiet-state.ts'

export const boundsOf = (facts: Facts, territory: Subject, words: ReportWording) => {
  const { cadence, first, last, hours } = facts.period
  const { zone } = territory
  const { from, to } = boundsFor({ first, last }, territory.code)
  const town = territory.town[words.language]
  const day = (one: string) => words.days(one, one, { weekday: true, year: false })
  const offsets = [words.offset(from, zone), words.offset(to - 1, zone)] as const
  const offset =
    offsets[0] === offsets[1] ? offsets[0] : words.say('bounds.offsets', { first: offsets[0], second: offsets[1] })
  const asOf = Date.parse(facts.asOf)
  const version = words.say('bounds.versionText', {
    version: facts.version,
    local: words.moment(asOf, zone),
    town,
    utc: words.moment(asOf, 'UTC', { year: false }),
  })
  const ends = { from: words.moment(from, 'UTC'), to: words.moment(to, 'UTC'), hours }
  return [
    ...(facts.group
      ? [{ label: words.say('bounds.each'), text: words.say('bounds.eachText', { cadence, ...ends }) }]
      : [
          {
            label: words.say('bounds.local'),
            text: words.say('bounds.localText', { from: day(first), to: day(last), town, offset }),
          },
          { label: words.say('bounds.utc'), text: words.say('bounds.utcText', ends) },
        ]),
    {
      label: words.say('bounds.version'),
      text: facts.reconstructed ? `${version} · ${words.say('bounds.reconstructed')}` : version,
    },
    ...replacedRow(facts, words),
    ...(territory.otherClocks
      ? [{ label: words.say('bounds.clocks'), text: territory.otherClocks[words.language] }]
      : []),
  ]
}

export const wholeFinding = (
  facts: Facts,
  territory: Subject,
  words: ReportWording,
  within: string,
): readonly Segment[] => {
  const { posts, detections } = facts.totals
  const inSentence = territory.inSentence[words.language]
  if (detections === 0) {
    if (quietState(facts).state === 'unwatched' && !isPublicCap(facts.cap))
      return plain(words.say('level.why.unwatched', { territory: inSentence }))
    return words.formatRich('finding.none', {
      within,
      isNothing: facts.quiet && (facts.level?.value ?? 0) === 0 ? 'yes' : 'no',
    })
  }
  if (posts.value === null) return words.formatRich('finding.detections', { value: detections, territory: inSentence })
  const values = {
    phrase: words.phrase('posts', posts),
    value: bareNumber(posts),
    against: againstThePast(facts, words),
  }
  if (posts.value === 0) {
    const against = isFloorOfNone(posts) ? '' : values.against
    return words.formatRich('finding.detectionsNone', { ...values, value: detections, territory: inSentence, against })
  }
  const key = facts.totals.manoeuvres > 1 ? 'front.size.all' : 'finding.posts'
  return words.formatRich(key, { ...values, territory: inSentence })
}

/** Only with a count of the period before that can be compared; the annex has the others. */
const againstThePast = (facts: Facts, words: ReportWording): string => {
  if (isPublicCap(facts.cap) || facts.joint || facts.before.at(-1)?.joint?.posts !== undefined) return ''
  const before = facts.headlines.find(({ figure }) => figure === 'posts')?.comparison.before.at(-1)
  if (!before || before.value === null || isFloorOfNone(before)) return ''
  const previous = words.say('period.previous', { cadence: facts.period.cadence })
  return words.say('finding.against', { before: words.total(before), previous })
}

const isMedianOfNone = ({ median, medianQualifier }: Headline['comparison']): boolean =>
  median !== undefined && isFloorOfNone({ value: median, qualifier: medianQualifier })

/** Returns undefined for a floor of 0. */
const comparableMedian = (comparison: Headline['comparison']): number | undefined =>
  isMedianOfNone(comparison) ? undefined : comparison.median

export const reachedApart = (facts: Facts, territory: Subject, words: ReportWording) => {
  const findingsFor = (isEffect: boolean) =>
    reachedIn(facts)
      .filter(({ overallEffect }) => (overallEffect === 'observed') === isEffect)
      .map((one) => reachedFinding(one, territory, words))
  // Unlisted ones come last.
  return { effects: findingsFor(true), breakouts: [...findingsFor(false), ...moreReached(facts, words)] }
}

type Reached = Outcome<Entry> & { readonly whole: Entry }

const reachedIn = ({ effects, manoeuvres }: Facts): readonly Reached[] =>
  effects.reached.map((entry) => {
    const whole = manoeuvreWith(entry.id, manoeuvres) ?? entry
    return { ...outcomeOf([whole, ...whole.parts]), whole }
  })

const reachedFinding = (
  { whole, overallEffect, effects: [gravest], breakout, ratedBy }: Reached,
  territory: Subject,
  words: ReportWording,
): readonly Segment[] => {
  const title = original(whole.title, words, words.quoted)
  const when = whenSeen(whole, territory, words)
  const isWide = breakout && breakout.category >= wideBreakout
  const wide = isWide ? plain(breakoutText(breakout.category, words)) : []
  if (overallEffect !== 'observed' || !gravest) {
    return words.formatRich('finding.breakout', { title, when, breakout: wide, part: inPart(ratedBy, whole, words) })
  }
  // Names a part once if it has both.
  const part = ratedBy === gravest.of ? [] : inPart(ratedBy, whole, words)
  return words.formatRich('finding.effect', {
    ...{ title, when, degree: gravest.effect.degree ?? 'unstated' },
    source: [...plain(sourceText(gravest.effect.source, words)), ...inPart(gravest.of, whole, words)],
    breakout: isWide ? [...plain(', '), ...wide, ...part] : [],
  })
}

const moreReached = ({ effects }: Facts, words: ReportWording): readonly (readonly Segment[])[] =>
  effects.more > 0 ? [words.formatRich('finding.effectsMore', { count: effects.more })] : []

const breakoutText = (category: number, words: ReportWording): string =>
  words.say('finding.breakoutText', { category, meaning: words.say(`breakout.${category as 4 | 5 | 6}`) })

const sourceText = (source: string | undefined, words: ReportWording): string =>
  source ? words.say('effect.source', { source }) : ''

export type FigureTable = ReturnType<typeof figuresOf>

export const figuresOf = (facts: Facts, words: ReportWording) => {
  const { period } = facts
  const weeks = period.cadence === 'week'
  const short = (id: string): string => (weeks ? weekName(id, words) : id)
  const [oldest, newest] = [facts.before[0]?.period ?? '', facts.before.at(-1)?.period ?? '']
  const ofPeriod = (id: string): string =>
    weeks
      ? words.say('period.short.week', { number: Number(id.slice(-2)) })
      : words.say('period.short.previous', { cadence: period.cadence })
  const rows = facts.headlines.map((headline) => figureRow(headline, facts, words))
  return {
    title: words.say('figures'),
    head: {
      measure: words.say('figures.measure'),
      now: weeks ? shortPeriod(facts, words) : words.say('period.short.this', { cadence: period.cadence }),
      history: weeks
        ? words.say('figures.range', { from: short(oldest), to: short(period.id) })
        : words.say('figures.history', { cadence: period.cadence }),
      before: ofPeriod(newest),
      median: weeks
        ? words.say('figures.medianOf', { from: short(oldest), to: short(newest) })
        : words.say('figures.median'),
    },
    rows,
    /** Else no earlier period is known. */
    isCompared: facts.headlines.some(({ comparison }) => comparison.before.some(({ value }) => value !== null)),
    // Zeros need no explanation.
    note: facts.quiet ? [] : words.formatRich('figures.note', { dashed: rows.some(hasUnknown) ? 'yes' : 'no' }),
  }
}

const isUnwatched = ({ qualifier }: Total): boolean => qualifier === 'not watched'

const hasUnknown = ({ history }: FigureRow): boolean => history.some((value) => value === 'not given')

const medianText = (value: number, qualifier: TotalQualifier, words: ReportWording): string =>
  qualifier === 'exact' ? words.number(value) : words.total({ value, qualifier })

/** Returns a multiple from 2 upwards, else the difference. */
const againstMedian = (total: Total, median: Total & { readonly value: number }, words: ReportWording): string => {
  const change = changeBetween(median, total)
  if (!change || total.value === null) return ''
  if (median.value === 0 || total.value < 2 * median.value) return difference(change, words)
  const isAtLeast = change.qualifier === 'at least'
  const times = total.value / median.value
  const timesText = words.say('figures.times', {
    times: words.number(isAtLeast ? Math.floor(times) : Math.round(times)),
  })
  return isAtLeast ? words.say('figures.change', { qualifier: 'atLeast', figure: timesText }) : timesText
}

const changeText = (
  { before, change, changeAtLeast }: Headline['comparison'],
  total: Total,
  words: ReportWording,
): string => {
  if (changeAtLeast !== undefined) return difference({ value: changeAtLeast, qualifier: 'at least' }, words)
  if (change === undefined) return ''
  const isAbout = [before.at(-1), total].some((one) => one?.qualifier === 'about')
  return difference({ value: change, qualifier: isAbout ? 'about' : 'exact' }, words)
}

export type FigureRow = ReturnType<typeof figureRow>

const figureRow = ({ figure, total, comparison }: Headline, facts: Facts, words: ReportWording) => {
  const past = comparison.before.at(-1)
  const { median } = comparison
  const held = comparison.apart ? undefined : comparableMedian(comparison)
  const multiple =
    held === undefined ? '' : againstMedian(total, { value: held, qualifier: comparison.medianQualifier }, words)
  const jointBefore = figure === 'detections' ? undefined : facts.before.at(-1)?.joint?.[figure]
  const jointFigure = figure === 'posts' ? jointOf(facts) : undefined
  const joint = jointFigure ? words.say('measure.joint', { count: sharedTerritoryCount(jointFigure) }) : ''
  return {
    name: words.say(`measure.${figure}`),
    note: measureNote(figure, total, joint, facts, words),
    ...figureParts(total, words),
    /** The oldest first, this period last. */
    history: [...comparison.before, total].map(barValue),
    historyText: barsText(comparison.before, total, words),
    before: past ? words.total(past) : words.say('figure.unknown'),
    change: jointBefore ? words.say('measure.jointBefore') : changeText(comparison, total, words),
    median:
      median === undefined
        ? words.say(comparison.before.every(isUnwatched) ? 'figure.unwatched' : 'figure.unknown')
        : medianText(median, comparison.medianQualifier, words),
    multiple,
  }
}

/** Undefined where some posts are of this territory alone. */
const jointOf = ({ joint, totals }: Pick<Facts, 'joint' | 'totals'>): Facts['joint'] =>
  joint && joint.posts.value === totals.posts.value ? joint : undefined

const partlyJoint = ({ joint }: Pick<Facts, 'joint'>, words: ReportWording): readonly string[] => {
  if (!joint) return []
  const { posts } = joint
  const count = sharedTerritoryCount(joint)
  return [words.say('measure.partJoint', { posts: words.total(posts), value: bareNumber(posts), count })]
}

const measureNote = (
  figure: HeadlineFigure,
  total: Total,
  joint: string,
  facts: Facts,
  words: ReportWording,
): string => {
  switch (figure) {
    case 'detections':
      return words.say('measure.detections.note', {
        count: facts.totals.manoeuvres,
        all: facts.totals.manoeuvres === facts.totals.detections ? 'yes' : 'no',
      })
    case 'accounts':
      return words.say('measure.accounts.note', { exact: total.qualifier === 'exact' ? 'yes' : 'no' })
    case 'posts':
      return [
        words.say('measure.posts.note'),
        ...(joint ? [joint] : partlyJoint(facts, words)),
        ...(total.value !== null && total.atMost !== undefined
          ? [words.say('measure.atMost', { most: total.atMost })]
          : []),
      ].join(words.say('measure.and'))
    case 'coordinatedAccounts':
    case 'videos':
      return words.say(`measure.${figure}.note`)
    default:
      return ''
  }
}
