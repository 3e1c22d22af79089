/** Short phrases of pages: texts with their language, figures, periods, lists. */

import type { Joint } from '../../aggregate/tally.ts'
import { hoursOf } from '../../aggregate/watch/watch.ts'
import {
  bareNumber,
  type AddedFigure,
  type Change,
  type DistinctFigure,
  isAtLeast,
  isEstimate,
  isFloorOfNone,
  notGiven,
  type Total,
  wholePercent,
} from '../../core/figures.ts'
import { capitalised, type RichValues, type Segment } from '../../core/language/language.ts'
import type { Language } from '../../core/language/languages.ts'
import { type ReportWording, wordingOf } from '../../core/language/report-wording.ts'
import { maximum, minimum } from '../../core/lists.ts'
import { firstAmong, type ObservedSomewhere } from '../../core/place/subject.ts'
import { type Subject, subjectOf, type TerritoryCode, territoryOf } from '../../core/place/territory.ts'
import { harmless } from '../../core/text/harmless.ts'
import { nameIn, textIn } from '../../core/text/localised.ts'
import type { Observed } from '../../core/time/observed.ts'
import type { Localised, Name } from '../../detection/detection.ts'
import { betweenNames, knownName } from '../../detection/names/known-names.ts'
import type { Entry, Facts } from '../../report/facts.ts'

export type ClusterChart = {
  readonly title: string
  readonly note: string
  /** End of the scale: the larger whole. */
  readonly most: number
  readonly bars: readonly {
    readonly of: 'set' | 'participants'
    readonly part: number
    readonly whole: number
    readonly written: string
    readonly text: readonly Segment[]
    readonly window: string
    /** Text alternative. */
    readonly spoken: string
  }[]
  readonly caveat: string
}

/** `lang` is set where it is not the page's. */
export type Words = { readonly text: string; readonly lang?: string; readonly note?: string }

export type Row = {
  readonly label: string
  readonly note?: string
  readonly paragraphs: readonly (readonly Segment[])[]
  readonly cluster?: ClusterChart
}

type Named = { readonly period: Pick<Facts['period'], 'id' | 'cadence' | 'first' | 'last'> }

export const periodLine = ({ period }: Named, words: ReportWording): string => {
  const days = words.days(period.first, period.last)
  switch (period.cadence) {
    case 'week':
      return words.say('period.week', { days, number: Number(period.id.slice(-2)) })
    case 'month':
      return words.month(period.id)
    case 'quarter':
      return words.say('period.quarter', { number: period.id.slice(-1), year: period.id.slice(0, 4) })
    case 'year':
      return period.id
    case 'range':
      return days
  }
}

export const shortPeriod = ({ period }: Named, words: ReportWording): string =>
  period.cadence === 'week'
    ? words.say('period.short.week', { number: Number(period.id.slice(-2)) })
    : capitalised(periodLine({ period }, words))

/** `S19`, `W19` */
export const weekName = (id: string, words: ReportWording): string =>
  `${words.language === 'fr' ? 'S' : 'W'}${id.slice(-2)}`

export const withheldFindings = (
  { withheld = 0, cap }: Pick<Facts, 'withheld' | 'cap'>,
  words: ReportWording,
): readonly (readonly Segment[])[] =>
  withheld === 0 ? [] : [plain(words.say('quiet.withheld', { count: withheld, cap }))]

export const figureParts = (
  total: Total,
  words: ReportWording,
): { readonly qualifier: string; readonly value: string } => ({
  qualifier: words.say('qualifier', {
    qualifier: isFloorOfNone(total) ? 'incomplete' : qualifierNames[total.qualifier],
  }),
  value: isFloorOfNone(total) ? words.say('figure.none', { value: 0 }) : bareFigure(total, words),
})

/** Without a qualifier, and without the words for what nobody watched. */
const bareFigure = (total: Total, words: ReportWording): string => {
  if (total.qualifier === 'not watched') return '–'
  return total.value === null ? words.total(total) : words.number(bareNumber(total))
}

/** ICU's names of cases have no spaces. */
const qualifierNames: Readonly<Record<Total['qualifier'], string>> = {
  exact: 'exact',
  'at least': 'atLeast',
  about: 'about',
  'at least about': 'atLeastAbout',
  'not given': 'notGiven',
  'not watched': 'notWatched',
}

type TotalRange = {
  /** `only`: a single total; `one`: one of several gives a figure; `each`: all are equal. */
  readonly form: 'only' | 'one' | 'each' | 'range' | 'none'
  readonly least: Total
  readonly most: Total
  readonly without: number
}

export const rangeOf = (totals: readonly Total[]): TotalRange => {
  const given = totals
    .filter((one) => one.value !== null)
    .sort((a, b) => a.value - b.value || Number(a.qualifier !== 'exact') - Number(b.qualifier !== 'exact'))
  const [least, most] = [given[0], given.at(-1)]
  const without = totals.length - given.length
  if (!least || !most) return { form: 'none', least: notGiven, most: notGiven, without }
  const isSame = least.value === most.value && least.qualifier === most.qualifier
  const form = totals.length === 1 ? 'only' : given.length === 1 ? 'one' : isSame ? 'each' : 'range'
  return { form, least, most, without }
}

/** A number, or why there is none. */
export type BarValue = number | 'not given' | 'not watched'

export const barValue = ({ value, qualifier }: Total): BarValue =>
  value ?? (qualifier === 'not watched' ? qualifier : 'not given')

/** What a category means, and whether it was to debunk or to deny. */
export const breakoutMeaning = (
  { category, basis = 'none' }: { readonly category: number; readonly basis?: string | undefined },
  words: ReportWording,
): string =>
  // The scale has two events at 6; the basis names the one that took place.
  (category === 6 ? words.say('breakout.sixth', { basis }) : words.say(`breakout.${category as 1 | 2 | 3 | 4 | 5}`)) +
  words.say('breakout.basis', { basis })

export const barFigureText = (total: Total, words: ReportWording): string => {
  if (total.value === null) return bareFigure(total, words)
  return words.say('figure.short', {
    qualifier: isFloorOfNone(total) ? 'exact' : qualifierNames[total.qualifier],
    value: bareNumber(total),
  })
}

/** A floor of 0 is stated as 0. */
export const detectionsTotal = (value: number, isFloor = false): Total & { readonly value: number } => ({
  value,
  qualifier: isFloor && value > 0 ? 'at least' : 'exact',
})

export const detectionsText = (value: number, isFloor: boolean | undefined, words: ReportWording): string =>
  words.total(detectionsTotal(value, isFloor))

export const barsText = (before: readonly Total[], now: Total, words: ReportWording): string => {
  const known = before.flatMap(({ value }) => value ?? [])
  return words.say('figures.bars', {
    min: known.length === 0 ? 0 : minimum(known),
    max: known.length === 0 ? 0 : maximum(known),
    now: words.total(now),
    known: known.length,
    unwatched: before.filter(({ qualifier }) => qualifier === 'not watched').length,
  })
}

/** A stated 0 has a phrase; a figure that no source gives has none. */
export const figurePhrases = (
  entry: Entry,
  words: ReportWording,
  figures: readonly (AddedFigure | DistinctFigure)[],
): readonly string[] => {
  const { accounts, coordinatedAccounts: coordinated } = entry.figures
  const isSame = isKnown(accounts) && accounts.value === coordinated.value
  const isAll = isSame && accounts.value > 0 && accounts.qualifier === 'exact' && !isEstimate(coordinated)
  return figures.flatMap((figure) => {
    const total = entry.figures[figure]
    if (!isKnown(total)) return []
    if (isAll && figure === 'accounts') return words.phrase('allCoordinated', total)
    // A floor set by the coordinated accounts adds nothing about the others.
    const isRedundant = figure === 'accounts' ? isSame && isAtLeast(total) : figure === 'coordinatedAccounts' && isAll
    return isRedundant ? [] : words.phrase(figure, total)
  })
}

/** Returns the subject whose clock applies: in a group, the territory by whose day a detection counts. */
export const homeOf = (seen: ObservedSomewhere, subject: Subject): Subject => {
  const { members } = subject
  return members.length === 1 ? subject : subjectOf(firstAmong(seen, members)?.code ?? subject.code)
}

/** Returns how many territories share posts; 0 where their detections name different ones. */
export const sharedTerritoryCount = ({ territories, differ }: NonNullable<Facts['joint']>): number =>
  differ ? 0 : territories.length

/** Posts as page 1 states them: of the territory alone, and a text on those that it shares. */
export const ownAndShared = (
  { totals, joint }: Pick<Facts, 'totals'> & { readonly joint?: Pick<Joint, 'posts' | 'own'> | undefined },
  words: ReportWording,
): { readonly posts: Total; readonly shared: string } => ({
  posts: joint?.own ?? totals.posts,
  shared: !joint
    ? ''
    : joint.own
      ? words.say('group.joint', { posts: words.total(joint.posts) })
      : words.say('group.jointAlone', { count: 0 }),
})

/** Names so many territories, and the number of the others. */
export const placesText = ({ territories }: Pick<Entry, 'territories'>, words: ReportWording, most: number): string => {
  const names = territories.map(({ code }) => territoryOf(code).name[words.language])
  const more = names.length - most
  return more <= 1
    ? words.list(names)
    : words.list([...names.slice(0, most), words.say('national.moreTerritories', { count: more })])
}

export const isAllOf = (part: Total, whole: Total): boolean =>
  part.value === whole.value && whole.qualifier === 'exact' && !isEstimate(part)

export const clusterValues = (entry: Entry, words: ReportWording): RichValues => {
  const { accountSet, figures } = entry
  const part = figures.coordinatedAccounts
  return {
    part: words.total(part),
    value: bareNumber(part),
    all: accountSet?.size && isAllOf(part, accountSet.size) ? 'yes' : 'no',
    size: words.total(accountSet?.size ?? notGiven),
    name: named(accountSet?.name ?? accountSet?.id ?? '', words, words.quoted),
    share: words.percent(wholePercent(part.value ?? 0, accountSet?.size?.value ?? 0), 100),
  }
}

/** `+ 28`, `at least + 28`, `=` */
export const difference = ({ value, qualifier }: Change, words: ReportWording): string => {
  const signed = `${value > 0 ? '+' : ''}${words.number(value)}`.replace(/^([+−])/, '$1\u202f')
  const figure = value === 0 ? words.say('figures.equal') : signed
  return words.say('figures.change', { qualifier: qualifierNames[qualifier], figure })
}

const rhythmUnits = [
  ['year', 'Y'],
  ['month', 'M'],
  ['week', 'W'],
  ['day', 'D'],
] as const

/** Uses the largest unit with a whole number: `P1D` is one day, `P1DT12H` 36 hours. */
const everyOf = (iso: string): { readonly unit: string; readonly count: number } => {
  const [, number, letter] = /^P(\d+)([YMWD])$/.exec(iso) ?? []
  const written = rhythmUnits.find(([, one]) => one === letter)
  if (number && written && !(written[0] === 'day' && Number(number) % 7 === 0)) {
    return { unit: written[0], count: Number(number) }
  }
  const seconds = Math.round(hoursOf(iso) * 3_600)
  const steps = [
    ['week', 604_800],
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const
  const [unit, step] = steps.find(([, one]) => seconds >= one && seconds % one === 0) ?? ['second', 1]
  return { unit, count: seconds / step }
}

/** `de Nouméa`, `Nouméa`: after *heure*, before *time*. */
export const clockOf = ({ town }: Pick<Subject, 'town'>, words: ReportWording): string =>
  words.say('zone.of', { town: town[words.language] })

export const momentIn = (instant: number, subject: Pick<Subject, 'zone' | 'town'>, words: ReportWording): string =>
  words.say('moment.inTown', { moment: words.moment(instant, subject.zone), town: clockOf(subject, words) })

export const every = (iso: string, words: ReportWording): string => words.say('watch.every', everyOf(iso))

export const languageName = (tag: string, words: ReportWording): string =>
  new Intl.DisplayNames(words.language, { type: 'language', fallback: 'code' }).of(tag) ?? tag

/** @param date a day, a month or a year */
export const datedText = (date: string | undefined, words: ReportWording): string => {
  if (date === undefined) return words.say('figure.unknown')
  if (date.length === 4) return date
  return date.length === 7 ? words.month(date) : words.days(date, date)
}

/** Uses the clock of {@link homeOf}, named where a page covers several territories. */
export const whenSeen = (seen: ObservedSomewhere, subject: Subject, words: ReportWording): string => {
  const home = homeOf(seen, subject)
  const moment = words.observed(seen.observed, home.zone)
  return subject.members.length > 1 && seen.observed.precision === 'instant'
    ? words.say('when.inTown', { moment, town: clockOf(home, words) })
    : moment
}

export const firstText = ({ first, home }: Since, words: ReportWording): string => {
  const { from, precision } = first
  const territories = home === undefined ? [] : [{ code: home }]
  return whenSeen({ observed: { from, to: from, precision }, territories }, subjectOf('ALL'), words)
}

type Since = { readonly first: Observed; readonly home?: TerritoryCode }

export const hashtag = (tag: string): string => (tag.startsWith('#') ? tag : `#${tag}`)

export const wordsOf = (texts: Localised, language: Language): Words => {
  const found = textIn(texts, language)
  return found.language === language || found.language === 'und'
    ? { text: found.text }
    : { text: found.text, lang: found.language, note: onlyIn(found.language, wordingOf(language)) }
}

/** `(en anglais dans la source)` */
const onlyIn = (tag: string, words: ReportWording): string =>
  words.say('name.only', { language: languageWord(tag, words) })

/** Formats a source's text in a sentence, marked where it is not in the page's language. */
export const original = (
  texts: Localised,
  words: ReportWording,
  write = (text: string): string => text,
): readonly Segment[] => originalOf(titleOf(texts, words.language), write)

/** As {@link original}, for a text that is already cut. */
export const originalOf = ({ text, lang, note }: Words, write = (one: string): string => one): readonly Segment[] =>
  lang === undefined
    ? plain(write(text))
    : [{ text: write(text), lang }, ...plain(note === undefined ? '' : ` ${note}`)]

export const listOf = (items: readonly (readonly Segment[])[], words: ReportWording): readonly Segment[] =>
  words
    .list(items.map((_, at) => `\u0000${at}\u0000`))
    .split('\u0000')
    .flatMap((part, at) => (at % 2 === 0 ? plain(part) : (items[Number(part)] ?? [])))

/**
 * Formats a name in the page's language where its source or Vigie knows it; otherwise marks it and adds its language.
 */
export const named = (name: Name, words: ReportWording, write = (text: string): string => text): readonly Segment[] => {
  const { text, language } = nameIn(name, words.language)
  if (language === words.language) return plain(write(text))
  const known = knownName(text, words.language)
  if (known.whole || language === 'und') return plain(write(known.text))
  return originalOf({ text, lang: language, note: onlyIn(language, words) }, write)
}

/** As {@link named}, with several actors as a list: a source's one attribution may name a State and its agency. */
export const namedActors = (...[name, words, write]: Parameters<typeof named>): readonly Segment[] =>
  named(name, words, write).map((run) => ({ ...run, text: words.list(run.text.split(betweenNames)) }))

/** As {@link named}, in one run, where no language can be marked. */
export const nameText = (name: Name, words: ReportWording, write?: (text: string) => string): string =>
  named(name, words, write)
    .map(({ text }) => text)
    .join('')

/** `anglais` */
export const languageWord = (tag: string, words: ReportWording): string =>
  words.say('name.language', { language: tag, name: languageName(tag, words) })

/** `report.json` and `detections.csv` have the full text. */
const maxTitleChars = 300

/** Cuts between words, or inside one that is longer, but never inside a character. */
export const shortened = (text: string, most = maxTitleChars): string => {
  const characters = [...text]
  if (characters.length <= most) return text
  const cut = characters.slice(0, most).join('')
  const graphemes = [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(cut)]
  const whole = cut.slice(0, graphemes.at(-1)?.index ?? 0)
  const words = /^(.*\S)\s+\S*$/su.exec(whole)?.[1] ?? ''
  return `${(words.length > 0.8 * whole.length ? words : whole).trimEnd()}…`
}

/** Makes texts harmless, whether from a report or from storage. */
export const titleOf = (texts: Localised, language: Language, most?: number): Words => {
  const found = wordsOf(texts, language)
  return { ...found, text: shortened(harmless(found.text), most) }
}

export const plain = (text: string): readonly Segment[] => (text ? [{ text }] : [])

const isKnown = (total: Total): total is Total & { readonly value: number } => total.value !== null

/** Joins sentences: a source's text may have no final stop. */
export const inSentences = (texts: readonly (readonly Segment[])[]): readonly Segment[] =>
  texts.flatMap((text, at) => {
    const before = texts[at - 1]?.at(-1)?.text
    if (before === undefined) return text
    return [...plain(/[.!?…:;][\s»”)]*$/u.test(before) ? ' ' : '. '), ...text]
  })
