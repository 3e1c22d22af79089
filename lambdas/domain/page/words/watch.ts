import { type Source, unnamedDetector } from '../../aggregate/watch/watch.ts'
import type { Segment } from '../../core/language/language.ts'
import type { MessageKey, ReportWording } from '../../core/language/report-wording.ts'
import type { Subject } from '../../core/place/territory.ts'
import { byHandName } from '../../detection/detection.ts'
import type { Facts } from '../../report/facts.ts'
import { clockOf, every, plain, wordsOf } from './phrases.ts'

export type WatchLine = { readonly text: readonly Segment[] }

/** `found`: something was seen here; `nothing`: an input, whatever it had; `silent`: due, but no input. */
export type WatchSign = 'found' | InputSign

type InputSign = 'nothing' | 'silent' | 'not due'

export type WatchSection = ReturnType<typeof watchSection>

export const watchSection = (facts: Facts, territory: Subject, words: ReportWording) => {
  const week =
    facts.period.cadence === 'week' &&
    !facts.dossier &&
    !facts.flash &&
    facts.sources.some(({ watch }) => watch.inputs > 0)
  const count = (label: MessageKey, value: number) => ({ label: words.say(label), value: words.number(value) })
  return {
    note: `${noteOf(facts, words)} ${words.say('sources.clock', { town: clockOf(territory, words) })}`,
    /** Empty except for a week. */
    days: week ? watchDays(facts.period, words) : '',
    /** First letters of the days; empty for longer periods, which have no strips. */
    letters: week ? facts.days.map(({ date }) => words.weekdayLetter(date)) : [],
    rows: watchRows(facts, territory, words, week),
    legend: week ? watchLegend(words) : [],
    counts: [
      ...(facts.watch.rejects === null ? [] : [count('watch.rejects', facts.watch.rejects)]),
      count('watch.unplaced', facts.watch.unplaced),
      ...(facts.withheld === undefined ? [] : [count('sources.withheld', facts.withheld)]),
      count('undatedHere', facts.undatedHere.length + facts.unlisted.undatedHere),
    ],
  }
}

const noteOf = ({ sources, quiet }: Facts, words: ReportWording): string => {
  if (sources.some(({ watch }) => watch.inputs > 0)) return words.say('sources.note')
  if (quiet) return words.say('watch.silent.quiet')
  return words.say(areAfterwards(sources) ? 'watch.afterwards' : 'watch.later')
}

const areAfterwards = (sources: readonly Source[]): boolean => sources.every(({ watch }) => watch.afterwards)

export type Watched = Pick<Facts, 'sources' | 'asOf'> & {
  readonly period: Pick<Facts['period'], 'from' | 'to'>
  readonly days: readonly { readonly date: string }[]
}

export const sourceName = (name: string, words: ReportWording): string => {
  if (name === byHandName) return words.say('sources.byHand')
  return name === unnamedDetector ? words.say('sources.unnamed') : name
}

export const watchRows = (watched: Watched, territory: Subject, words: ReportWording, hasSigns: boolean) =>
  watched.sources.map((source) => rowOf(source, watched, territory, words, hasSigns))

/** Head of the strips. */
export const watchDays = ({ first, last }: Pick<Facts['period'], 'first' | 'last'>, words: ReportWording): string =>
  words.say('watch.days', { days: words.days(first, last, { year: false }) })

export const watchLegend = (words: ReportWording) =>
  (['nothing', 'silent', 'not due'] as const).map((sign) => ({ sign, text: words.say(`watch.sign.${sign}`) }))

const watchFinding = ({ sources }: Facts, words: ReportWording): readonly Segment[] => {
  const rhythmic = sources.flatMap(({ watch }) => (watch.expected === undefined ? [] : [watch]))
  const received = sources.reduce((sum, { watch }) => sum + watch.inputs, 0)
  if (sources.length === 0) return plain(words.say('watch.unknown'))
  if (received === 0) return plain(words.say('watch.none', { sources: sources.length }))
  const expected = rhythmic.reduce((sum, watch) => sum + (watch.expected ?? 0), 0)
  if (expected === 0) return words.formatRich('watch.received', { inputs: received })
  const kept = rhythmic.map(keptOf)
  const inputs = kept.reduce((sum, one) => sum + one.inputs, 0)
  const more = kept.reduce((sum, one) => sum + one.more, 0)
  const named = (those: readonly Source[]) => words.list(those.map(({ name }) => sourceName(name, words)))
  const silent = sources.filter(({ watch }) => watch.gaps.length > 0)
  if (silent.length > 0) {
    return words.formatRich('watch.broken', { inputs, expected, more, count: silent.length, list: named(silent) })
  }
  const short = sources.filter(({ watch }) => keptOf(watch).missing > 0)
  return short.length === 0
    ? words.formatRich('watch.whole', { expected, more })
    : words.formatRich('watch.short', { inputs, expected, more, missing: expected - inputs, list: named(short) })
}

/** Counts per source: one source's surplus must not hide another's lack. */
const keptOf = ({ inputs, expected }: Pick<Source['watch'], 'inputs' | 'expected'>) => ({
  inputs: Math.min(inputs, expected ?? inputs),
  missing: Math.max(0, (expected ?? inputs) - inputs),
  more: Math.max(0, inputs - (expected ?? inputs)),
})

export const watchLine = (facts: Facts, words: ReportWording): WatchLine | null => {
  if (facts.quiet || facts.sources.length === 0) return null
  const received = facts.sources.some(({ watch }) => watch.inputs > 0)
  return {
    text: received
      ? watchFinding(facts, words)
      : plain(words.say(areAfterwards(facts.sources) ? 'watch.afterwards' : 'watch.lineLater')),
  }
}

/** By priority: a first observation, a silent source, an input, nothing due. */
export const daySigns = ({
  sources,
  days,
}: {
  readonly sources: Watched['sources']
  readonly days: readonly { readonly date: string; readonly detections: number }[]
}): readonly WatchSign[] => {
  const each = sources.map((source) => signsOf(source, days))
  return days.map(({ detections }, at): WatchSign => {
    const has = (sign: WatchSign) => each.some((signs) => signs[at] === sign)
    if (detections > 0) return 'found'
    if (has('silent')) return 'silent'
    return has('nothing') ? 'nothing' : 'not due'
  })
}

/** By the day on which an input came: what it had may be of other days and places. */
const signsOf = ({ watch }: Pick<Source, 'watch'>, days: Watched['days']): readonly InputSign[] => {
  const byDate = new Map(watch.days.map((day) => [day.date, day]))
  return days.map(({ date }): InputSign => {
    const day = byDate.get(date)
    if (!day) return 'not due'
    if (day.inputs > 0) return 'nothing'
    // In a current week only the days that have begun can be due.
    return watch.expected === undefined || watch.expected < watch.days.length ? 'not due' : 'silent'
  })
}

const rowOf = (
  source: Source,
  { days, period, asOf }: Watched,
  territory: Subject,
  words: ReportWording,
  hasSigns: boolean,
) => {
  const { watch } = source
  const signs = hasSigns ? signsOf(source, days) : []
  const [longest] = watch.gaps
  const end = asOf < period.to ? asOf : period.to
  return {
    name: sourceName(source.name, words),
    under: underOf(source, words),
    inputs:
      watch.expected === undefined
        ? words.number(watch.inputs)
        : words.say('watch.inputsOf', { ...keptOf(watch), expected: watch.expected }),
    last: words.moment(Date.parse(source.lastInput), territory.zone),
    signs,
    daysText: words.list(signs.map((sign) => words.say(`watch.sign.${sign}`))),
    gap:
      watch.expected === undefined
        ? { alert: false, text: watch.afterwards ? words.say('watch.gapAfterwards') : '–' }
        : longest
          ? {
              alert: true,
              text:
                longest.from === period.from && longest.to === end
                  ? words.say('watch.silent')
                  : words.say('watch.gapOf', {
                      hours: longest.hours,
                      from: words.moment(Date.parse(longest.from), territory.zone),
                    }),
            }
          : { alert: false, text: words.say('watch.gapNone') },
    limits: source.knownError ? wordsOf(source.knownError, words.language) : { text: words.say('sources.unstated') },
  }
}

const underOf = (source: Source, words: ReportWording): string =>
  [
    ...(source.byHand && source.name !== byHandName ? [words.say('sources.byHand')] : []),
    ...(source.version ? [source.version] : []),
    ...(source.expectedRhythm ? [every(source.expectedRhythm, words)] : []),
    ...Object.entries(source.thresholds ?? {}).map(
      ([name, value]) => `${name}\u00a0${typeof value === 'number' ? words.number(value) : value}`,
    ),
  ].join(' · ')
