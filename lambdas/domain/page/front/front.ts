import { wideBreakout } from '../../aggregate/counting/gravity.ts'
import type { GroupFacts } from '../../aggregate/members.ts'
import { effectOfAll, manoeuvreWith, type Outcome, outcomeOf } from '../../aggregate/outcome.ts'
import type { HeadlineFigure } from '../../aggregate/tally.ts'
import { changeBetween, type FigureName, isFloorOfNone, type Total, type TotalQualifier } from '../../core/figures.ts'
import { type Segment, sentence, type Values } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { maximum } from '../../core/lists.ts'
import { isPublicCap } from '../../core/marking.ts'
import { boundsFor } from '../../core/place/subject.ts'
import { type Subject, territoryOf } from '../../core/place/territory.ts'
import type { Entry, Facts, Headline } from '../../report/facts.ts'
import { inPart } from '../words/in-part.ts'
import {
  barsText,
  barValue,
  clusterValues,
  difference,
  figureParts,
  figurePhrases,
  whenSeen,
  isAllOf,
  jointText,
  momentIn,
  original,
  plain,
  shortPeriod,
  sharedTerritoryCount,
  weekName,
  withheldFindings,
} from '../words/phrases.ts'
import { watchFinding } from '../words/watch.ts'
import { replacedRow } from './flash-replaced.ts'
import { quietState } from './quiet-state.ts'

export type Essentials = {
  readonly title: string
  readonly note: string
  /** Null unless the period is quiet. */
  readonly statement: string | null
  readonly findings: readonly (readonly Segment[])[]
}

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

export const essentialsOf = (facts: Facts, territory: Subject, words: ReportWording): Essentials => {
  const { cadence } = facts.period
  const within = words.say('period.within', { cadence })
  const withheld = withheldFindings(facts, words)
  const asOf = Date.parse(facts.asOf)
  const moment = momentIn(asOf, territory, words)
  const running = asOf < Date.parse(facts.period.to) ? [words.formatRich('running', { cadence, moment })] : []
  const isJudged = facts.notes.some(({ blocks, likelihood }) => blocks.length > 0 || likelihood)
  const note = [
    words.say(facts.quiet ? 'essentials.quiet' : 'essentials.note'),
    ...(isJudged ? [] : [words.say('essentials.noJudgement')]),
  ].join(' ')
  const heading = { title: words.say('essentials'), note }
  if (facts.quiet) {
    const findings = [...running, watchFinding(facts, words), ...withheld]
    const { state, edition } = quietState(facts)
    return { ...heading, statement: words.say(`quiet.${state}`, { within, edition }), findings }
  }
  return {
    ...heading,
    statement: null,
    findings: [...running, ...findingsOf(facts, territory, words, within), ...withheld].map(sentence),
  }
}

/** `isKept`: never dropped for lack of room. */
type Finding = { readonly text: readonly Segment[]; readonly isKept?: boolean }

/** Exceeded only by kept findings. */
const maxFindings = 5

/** Order of the key points: docs/reports.md, Key points. */
const findingsOf = (
  facts: Facts,
  territory: Subject,
  words: ReportWording,
  within: string,
): readonly (readonly Segment[])[] => {
  const kept = (text: readonly Segment[]): Finding => ({ text, isKept: true })
  const { gravest, largest } = foremost(facts)
  const manoeuvre = (entry: Entry | undefined): readonly Finding[] =>
    entry ? [{ text: manoeuvreFinding(entry, territory, words) }] : []
  const [ongoing, undated] = [facts.ongoing.length, facts.undatedHere.length]
  const findings: readonly Finding[] = [
    ...effectFindings(facts, territory, words).map(kept),
    ...conclusionOf(facts, words).map(kept),
    ...manoeuvre(gravest),
    ...setFindings(facts, words).map(kept),
    kept(wholeFinding(facts, territory, words, within)),
    ...manoeuvre(largest),
    ...(ongoing > 0
      ? [{ text: words.formatRich('finding.ongoing', { count: ongoing + facts.unlisted.ongoing, within }) }]
      : []),
    ...(undated > 0
      ? [{ text: words.formatRich('finding.undatedHere', { count: undated + facts.unlisted.undatedHere }) }]
      : []),
  ]
  let room = maxFindings - findings.filter(({ isKept }) => isKept).length
  // Optional findings fill the room in order.
  return findings.filter(({ isKept }) => isKept || room-- > 0).map(({ text }) => text)
}

export const conclusionOf = (facts: Facts, words: ReportWording): readonly (readonly Segment[])[] => {
  const { none, stated, reached } = facts.effects
  if (isPublicCap(facts.cap))
    return facts.totals.manoeuvres > 0 && reached.length === 0 ? [words.formatRich('finding.noEffect')] : []
  if (none) return [words.formatRich('finding.noEffect', { source: noEffectSource(facts, words) })]
  const all = facts.totals.manoeuvres
  if (all === 0) return []
  const silent = stated.notGiven
  const open = stated.notAssessed - silent
  if (stated.none > 0) {
    const source = sourcesOfNoEffect(facts, words)
    const every = stated.none === all ? 'yes' : 'no'
    return [words.formatRich('finding.noEffectOf', { none: stated.none, all, open, silent, source, every })]
  }
  if (stated.notAssessed === 0) return []
  if (open === all) return [words.formatRich('finding.effectOpen')]
  if (silent === all) return [words.formatRich('finding.effectNotGiven')]
  return [words.formatRich('finding.effectOpenOf', { open, silent, all })]
}

const setFindings = ({ manoeuvres }: Facts, words: ReportWording): readonly (readonly Segment[])[] => {
  const clustered = manoeuvres.find(
    ({ accountSet, figures }) =>
      accountSet?.size &&
      figures.coordinatedAccounts.value &&
      // Left out if the set is all participants: their number shows it.
      !(
        isAllOf(figures.coordinatedAccounts, accountSet.size) && isAllOf(figures.coordinatedAccounts, figures.accounts)
      ),
  )
  if (!clustered) return []
  const title = original(clustered.title, words, words.quoted)
  return [words.formatRich('finding.cluster', { ...clusterValues(clustered, words), title })]
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
    const { state, edition } = quietState(facts)
    return words.formatRich(state === 'earlier' ? 'finding.noneEarlier' : 'finding.none', { within, edition })
  }
  if (posts.value === null) return words.formatRich('finding.detections', { value: detections, territory: inSentence })
  const values = { phrase: words.phrase('posts', posts), value: posts.value, against: againstThePast(facts, words) }
  if (posts.value === 0) {
    const against = isFloorOfNone(posts) ? '' : values.against
    return words.formatRich('finding.detectionsNone', { ...values, value: detections, territory: inSentence, against })
  }
  if (facts.group) return groupPosts(facts.group, { ...values, territory: inSentence }, words)
  const joint = jointOf(facts)
  if (joint)
    return words.formatRich('finding.postsJoint', {
      ...values,
      count: sharedTerritoryCount(joint),
      territory: inSentence,
    })
  const { own, posts: shared } = facts.joint ?? {}
  if (!facts.joint || !own?.value || !shared?.value)
    return words.formatRich('finding.posts', { ...values, territory: inSentence })
  return words.formatRich('finding.postsBoth', {
    ...{ phrase: words.phrase('posts', own), value: own.value, territory: inSentence },
    ...{
      joint: words.total(shared),
      shared: shared.value,
      count: sharedTerritoryCount(facts.joint),
      against: values.against,
    },
  })
}

/** Leaves out manoeuvres already covered by the effect findings. */
const foremost = ({ manoeuvres, effects }: Facts): { readonly gravest?: Entry; readonly largest?: Entry } => {
  const reached = new Set(effects.reached.map(({ id }) => manoeuvreWith(id, manoeuvres)))
  const untold = manoeuvres.filter((entry) => !reached.has(entry))
  const [gravest, next] = untold
  const postsOf = ({ figures }: Entry): number => figures.posts.value ?? 0
  const most = maximum(manoeuvres.map(postsOf), 0)
  const largest = most === 0 ? undefined : manoeuvres.find((entry) => postsOf(entry) === most)
  const isLargestCovered = largest === undefined || largest === gravest || !untold.includes(largest)
  const second = isLargestCovered ? next : largest
  return { ...(gravest && { gravest }), ...(second && { largest: second }) }
}

const maxTerritoriesNamed = 3

const groupPosts = (
  { rows }: GroupFacts,
  values: { readonly phrase: string; readonly value: number; readonly against: string; readonly territory: string },
  words: ReportWording,
): readonly Segment[] => {
  // A tile may show posts that are counted in another edition or not in the total.
  const seen = rows.filter(({ inTotal }) => inTotal)
  if (seen.length === 0) return words.formatRich('finding.posts', values)
  if (seen.length > maxTerritoriesNamed)
    return words.formatRich('finding.postsGroup', { ...values, count: seen.length, all: rows.length })
  const list = words.list(seen.map(({ territory }) => territoryOf(territory).inSentence[words.language]))
  return words.formatRich('finding.postsGroupNamed', { ...values, list })
}

export const jointOf = ({ joint, totals }: Pick<Facts, 'joint' | 'totals'>): Facts['joint'] =>
  joint && joint.posts.value === totals.posts.value ? joint : undefined

const againstThePast = (facts: Facts, words: ReportWording): string => {
  // Public editions compare with nothing that they may not show.
  if (isPublicCap(facts.cap)) return ''
  const headline = facts.headlines.find(({ figure }) => figure === 'posts')
  const before = headline?.comparison.before.at(-1)
  if (!headline || !before) return ''
  const { cadence } = facts.period
  const { watched } = headline.comparison
  const median = comparableMedian(headline.comparison)
  const values: Values = {
    before: words.total(before),
    previous: words.say('period.previous', { cadence }),
    eight: words.say('period.compared', { cadence, count: watched }),
    hasMedian: headline.comparison.median === undefined ? 'no' : 'yes',
    median: median === undefined ? '' : medianText(median, headline.comparison.medianQualifier, words),
  }
  const past = headline.comparison.before
  if (isJointNow(facts)) return words.say('finding.notCompared', values)
  if (past.every(({ value }) => value === 0)) {
    return words.say(past.some(isFloorOfNone) ? 'finding.afterSilenceKnown' : 'finding.afterSilence', values)
  }
  // Unwatched periods cannot be compared.
  if (watched === 0 && past.every(({ value }) => value === null)) return words.say('finding.unwatched', values)
  const ofMedian = median === undefined ? [] : [words.say('finding.againstMedianOnly', values)]
  if (facts.before.at(-1)?.joint?.posts !== undefined) {
    return [...ofMedian, words.say('finding.beforeJoint', { ...values, value: before.value ?? 0 })].join('')
  }
  if (isFloorOfNone(before)) {
    const last = words.say(
      isMedianOfNone(headline.comparison) ? 'finding.beforeIncompleteAll' : 'finding.beforeIncomplete',
      values,
    )
    return [...ofMedian, `${ofMedian.length > 0 ? words.say('measure.and') : ', '}${last}`].join('')
  }
  if (before.value === null) return median === undefined ? '' : words.say('finding.againstMedianOnly', values)
  return words.say(median === undefined ? 'finding.against' : 'finding.againstMedian', values)
}

const isMedianOfNone = ({ median, medianQualifier }: Headline['comparison']): boolean =>
  median !== undefined && isFloorOfNone({ value: median, qualifier: medianQualifier })

/** Returns undefined for a floor of 0. */
const comparableMedian = (comparison: Headline['comparison']): number | undefined =>
  isMedianOfNone(comparison) ? undefined : comparison.median

/** Shared posts are not compared with other periods. */
const isJointNow = ({ joint }: Pick<Facts, 'joint'>): boolean => joint !== undefined

const effectFindings = (facts: Facts, territory: Subject, words: ReportWording): readonly (readonly Segment[])[] => [
  ...reachedIn(facts).map((one) => reachedFinding(one, territory, words)),
  ...moreReached(facts, words),
]

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

const noEffectSource = (facts: Facts, words: ReportWording): string => {
  const { manoeuvres, ongoing, undatedHere, unlisted } = facts
  if (unlisted.ongoing + unlisted.undatedHere > 0) return ''
  return sourcesOf([...manoeuvres, ...ongoing, ...undatedHere], facts, words)
}

const sourcesOfNoEffect = (facts: Facts, words: ReportWording): string =>
  sourcesOf(
    facts.manoeuvres.filter((entry) => effectOfAll([entry, ...entry.parts]) === 'none'),
    facts,
    words,
  )

const sourcesOf = (entries: readonly Entry[], { unlisted }: Facts, words: ReportWording): string => {
  if (unlisted.manoeuvres > 0) return ''
  const sources = entries.map(({ observedEffect }) => observedEffect?.source)
  const named = [...new Set(sources.flatMap((source) => source ?? []))]
  return sources.includes(undefined) ? '' : sourceText(words.list(named), words)
}

const manoeuvreFinding = (entry: Entry, territory: Subject, words: ReportWording): readonly Segment[] => {
  const title = original(entry.title, words, words.quoted)
  const when = whenSeen(entry, territory, words)
  if (entry.kind === 'offline-event' && entry.event) {
    const { place } = entry.event
    return place
      ? words.formatRich('finding.event', { title, when, place: original(place, words) })
      : words.formatRich('finding.eventNowhere', { title, when })
  }
  const platforms = entry.platforms.length === 0 ? '' : `, ${words.list(entry.platforms)}`
  const figures = foremostOf(entry, words)
  return figures.length === 0
    ? words.formatRich('finding.manoeuvreBare', { title, when, platforms })
    : words.formatRich('finding.manoeuvre', {
        title,
        when,
        platforms,
        figures: words.list(figures),
        joint: jointText(entry, territory, words),
      })
}

/** Shows a 0 only if there is no other figure. */
const foremostOf = (entry: Entry, words: ReportWording): readonly string[] => {
  const [foremost, others] = [
    ['posts', 'videos', 'accounts', 'coordinatedAccounts'] as const,
    ['reposts', 'views'] as const,
  ]
  const isSome = (figure: FigureName): boolean => entry.figures[figure].value !== 0
  const figureChoices = [foremost.filter(isSome), others.filter(isSome), foremost, others]
  return figureChoices.map((figures) => figurePhrases(entry, words, figures)).find(({ length }) => length > 0) ?? []
}

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
    // Keeps a quiet report on one page: zeros need no explanation.
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
  const sign = comparison.reading === 'not tested' ? ('untested' as const) : comparison.reading
  const jointBefore = figure === 'detections' ? undefined : facts.before.at(-1)?.joint?.[figure]
  const jointFigure = figure === 'posts' ? jointOf(facts) : undefined
  const joint = jointFigure ? words.say('measure.joint', { count: sharedTerritoryCount(jointFigure) }) : ''
  return {
    name: words.say(`measure.${figure}`),
    note: measureNote(figure, total, joint, facts, words),
    /** Marks figures that several territories share; else ''. */
    joint,
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
    reading: { sign, word: words.say(`reading.${sign}`) },
  }
}

const partlyJoint = ({ joint }: Pick<Facts, 'joint'>, words: ReportWording): readonly string[] =>
  joint ? [words.say('measure.partJoint', { posts: words.total(joint.posts), count: sharedTerritoryCount(joint) })] : []

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
