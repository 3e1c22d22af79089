/** DISARM techniques on a page: the matrix, and each reported id with its current one. */

import type { Language } from '../../core/language/languages.ts'
import type { MessageKey, ReportWording } from '../../core/language/report-wording.ts'
import { maximum } from '../../core/lists.ts'
import type { Name } from '../../detection/detection.ts'
import { type Disarm, type Names, type ReportedTechnique, unmappedStates } from '../../detection/frameworks/disarm.ts'
import { type Words, wordsOf } from '../words/phrases.ts'

/** The id is empty where only words are given. */
type IdWithName = { readonly id: string; readonly name: Words | null }

/** Rows of the table; `report.json` has all. */
const maxIdsListed = 100

export type DisarmSection = NonNullable<ReturnType<typeof disarmSection>>

export const disarmSection = ({ disarm }: { readonly disarm: Disarm }, words: ReportWording, most = maxIdsListed) => {
  if (disarm.mentions === 0) return null
  const own = disarm.mentions - disarm.inOtherFrameworks
  const { version } = disarm.taxonomy
  return {
    title: words.say(disarm.inOtherFrameworks === 0 ? 'disarm' : 'manoeuvre.techniques'),
    finding: findingOf(disarm, own, words),
    note: words.say('disarm.note', { version }),
    phases: own === 0 ? [] : phasesOf(disarm, words),
    outside: outsideOf(disarm, words),
    ids: disarm.reported.length === 0 ? null : idsOf(disarm, words, most),
    others: othersOf(disarm, words),
  }
}

const findingOf = (disarm: Disarm, total: number, words: ReportWording): string => {
  if (total === 0) return words.say('disarm.findingOther')
  const hit = disarm.phases
    .flatMap(({ tactics }) => tactics)
    .filter(({ mentions }) => mentions > 0)
    .sort((a, b) => b.mentions - a.mentions || a.rank - b.rank)
  const [first, second] = hit
  const others = disarm.inOtherFrameworks > 0 ? 'yes' : 'no'
  if (!first) return words.say('disarm.findingNone', { total, others })
  const values = {
    count: first.mentions,
    total,
    others,
    tactic: words.quoted(nameIn(first.names, words.language).text),
  }
  if (first.mentions === total) return words.say('disarm.findingAll', values)
  return second?.mentions === first.mentions
    ? words.say('disarm.findingSpread', { placed: total - disarm.outsideMatrix, tactics: hit.length, others })
    : words.say('disarm.finding', values)
}

const phasesOf = (disarm: Disarm, words: ReportWording) => {
  const highest = maximum(
    disarm.phases.flatMap(({ tactics }) => tactics.map(({ mentions }) => mentions)),
    1,
  )
  return disarm.phases.map(({ names, tactics }) => ({
    title: nameIn(names, words.language).text,
    tactics: tactics.map(({ rank, names: called, mentions }) => ({
      rank: words.number(rank),
      name: nameIn(called, words.language),
      count: words.number(mentions),
      active: mentions > 0,
      share: mentions / highest,
    })),
  }))
}

const outsideOf = (disarm: Disarm, words: ReportWording): string => {
  const count = (fits: (technique: ReportedTechnique) => boolean) =>
    disarm.reported.filter(fits).reduce((sum, { mentions }) => sum + mentions, 0)
  const parts: readonly (readonly [MessageKey, number])[] = [
    ['disarm.outside.without', count(({ state }) => state === 'without equivalent')],
    ['disarm.outside.unknown', count(({ state }) => state === 'unknown')],
    ['disarm.outside.several', count(({ state, rank }) => state === 'replaced' && rank === null)],
    ['disarm.outside.others', disarm.inOtherFrameworks],
  ]
  const list = parts.flatMap(([key, mentions]) => (mentions === 0 ? [] : words.say(key, { count: mentions })))
  return list.length === 0 ? '' : words.say('disarm.outside', { list: words.list(list), total: disarm.mentions })
}

const idsOf = (disarm: Disarm, words: ReportWording, most: number) => {
  const { reported, taxonomy } = disarm
  const { version } = taxonomy
  const ofState = (...states: readonly ReportedTechnique['state'][]) =>
    reported.filter(({ state }) => states.includes(state)).length
  const listed = topTechniques(reported, most)
  const count = ofState('replaced', 'without equivalent')
  return {
    note: [words.say('disarm.ids.removed', { count, ids: reported.length, version }), words.say('disarm.ids.rank')]
      .filter(Boolean)
      .join(' '),
    currentHead: words.say('disarm.current', { version }),
    rows: listed.map((technique) => ({
      reported: { id: technique.id, name: reportedName(technique, words.language) },
      current: currentCell(technique, words),
      rank: ranksOf(technique, disarm, words),
      mentions: words.number(technique.mentions),
      sign: signs[technique.state],
      state: words.say(`disarm.state.${technique.state}`),
    })),
    more: moreOf(reported.length - listed.length, words),
  }
}

/** Puts ids without a current equivalent first. */
const topTechniques = (reported: readonly ReportedTechnique[], most: number): readonly ReportedTechnique[] => {
  if (reported.length <= most) return reported
  const isUnmapped = ({ state }: ReportedTechnique) => unmappedStates.includes(state)
  const chosen = new Set([...reported.filter(isUnmapped), ...reported.filter((one) => !isUnmapped(one))].slice(0, most))
  return reported.filter((technique) => chosen.has(technique))
}

const signs = {
  kept: 'same',
  replaced: 'arrow',
  'without equivalent': 'flag',
  unknown: 'flag',
} as const

/** Marks a name as English where it equals the framework's English name. */
const reportedName = ({ name, names, current }: Naming, language: Language): Words | null => {
  if (name === undefined) return null
  if (typeof name !== 'string') {
    const { text, lang } = wordsOf(name, language)
    return { text, ...(lang !== undefined && { lang }) }
  }
  const isEnglish = language !== 'en' && [names, ...current.map((one) => one.names)].some((own) => own?.en === name)
  return isEnglish ? { text: name, lang: 'en' } : { text: name }
}

type Naming = Pick<ReportedTechnique, 'name' | 'names' | 'current'>

/**
 * Returns the framework's name in the reader's language where the source gives that name or none; otherwise the
 * reported name.
 */
export const techniqueName = (name: Name | undefined, known: Naming | undefined, language: Language): Words | null => {
  const reported = reportedName({ name, names: known?.names, current: known?.current ?? [] }, language)
  const own = known?.names
  const isOwn = !reported || (reported.lang === 'en' && reported.text === own?.en)
  return own && isOwn ? nameIn(own, language) : reported
}

const currentCell = ({ current, gone }: ReportedTechnique, words: ReportWording): readonly IdWithName[] =>
  current.length > 0
    ? current.map(({ id, names }) => ({ id, name: nameIn(names, words.language) }))
    : [
        {
          id: '',
          name:
            gone.length === 0
              ? null
              : { text: words.say('disarm.gone', { count: gone.length, list: words.list(gone) }) },
        },
      ]

const ranksOf = ({ rank, current }: ReportedTechnique, { phases }: Disarm, words: ReportWording): string => {
  if (rank !== null) return words.number(rank)
  const under = new Set(current.map(({ tactic }) => tactic))
  const ranks = phases.flatMap(({ tactics }) => tactics.filter(({ id }) => under.has(id)).map((one) => one.rank))
  return ranks.length === 0 ? '–' : ranks.map((one) => words.number(one)).join(' / ')
}

const othersOf = ({ otherFrameworks }: Disarm, words: ReportWording) => {
  const listed = Map.groupBy(otherFrameworks.slice(0, maxIdsListed), ({ framework }) => framework)
  return [...listed].map(([framework, techniques], at) => ({
    anchor: `disarm-other-${at + 1}`,
    title: framework,
    rows: techniques.map(({ id, name, mentions }) => ({
      technique: { id, name: techniqueName(name, undefined, words.language) },
      mentions: words.number(mentions),
    })),
    more: at === listed.size - 1 ? moreOf(otherFrameworks.length - maxIdsListed, words) : '',
  }))
}

const moreOf = (count: number, words: ReportWording): string => (count > 0 ? words.say('disarm.more', { count }) : '')

const nameIn = ({ en, fr }: Names, language: Language): Words => {
  if (language === 'en') return { text: en }
  return fr === undefined ? { text: en, lang: 'en' } : { text: fr }
}
