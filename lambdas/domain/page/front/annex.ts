import type { ReportWording } from '../../core/language/report-wording.ts'
import { isPublicCap, markings } from '../../core/marking.ts'
import type { Subject } from '../../core/place/territory.ts'
import type { Facts } from '../../report/facts.ts'
import { criteriaNote, criteriaOf, likelihoodBands } from '../manoeuvre/assessment.ts'
import { listedIn } from '../manoeuvre/listed.ts'
import { isCrowded, detailedIn } from '../manoeuvre/others.ts'
import { platesSection } from '../manoeuvre/plates.ts'
import { candidateRow } from '../words/candidates.ts'
import { titleOf, whenSeen } from '../words/phrases.ts'
import { sourceName } from '../words/watch.ts'

/** The CSV has all; a page has fewer in a crowded period. */
const mostListed = { detections: 60, indicators: 1000 }
const mostInCrowd = { detections: 6, indicators: 10 }

const mostIn = (facts: Facts) => (isCrowded(facts) ? mostInCrowd : mostListed)

export type AnnexSection = NonNullable<ReturnType<typeof annexSection>>

/** A quiet report lists only candidates that await an analyst. */
export const annexSection = (
  facts: Facts,
  territory: Subject,
  words: ReportWording,
  rightOfReply: string = words.say('annex.reply.text'),
) => {
  if (facts.quiet && !facts.candidates) return null
  const plates = platesSection(facts, words.language)
  return {
    /** Null in a quiet report. */
    detections: facts.quiet ? null : detectionsOf(facts, territory, words),
    ...(plates && { plates }),
    candidates: candidatesOf(facts, territory, words),
    // A dossier has them in a chapter.
    indicators: facts.dossier ? null : indicatorsOf(facts, words),
    scales: facts.quiet ? null : { groups: scalesOf(facts, words, rightOfReply) },
  }
}

const candidatesOf = ({ candidates }: Facts, territory: Subject, words: ReportWording) =>
  candidates
    ? {
        rows: candidates.listed.map((one) => candidateRow(one, territory, words)),
        more: candidates.more === 0 ? '' : words.say('candidates.more', { count: candidates.more }),
      }
    : null

const detectionsOf = (facts: Facts, territory: Subject, words: ReportWording) => {
  const listed = listedIn(facts)
  const { totals, ongoing, undatedHere, unlisted } = facts
  const all = totals.detections + ongoing.length + unlisted.ongoing + undatedHere.length + unlisted.undatedHere
  const rows = listed.slice(0, mostIn(facts).detections)
  const more = all - rows.length
  return {
    title: words.say(isCrowded(facts) ? 'annex.detections.gravest' : 'annex.detections'),
    rows: rows.map(({ entry, isPart, countStatus }) => ({
      title: titleOf(entry.title, words.language),
      id: entry.id,
      isPart,
      when: whenSeen(entry, territory, words),
      standing: words.say(`annex.standing.${countStatus}`),
      source: sourceName(entry.detector, words),
      rating: `${entry.reliability ?? ''}${entry.credibility ?? ''}` || words.say('figure.unknown'),
      posts: words.total(entry.figures.posts),
      marking: entry.figuresMarking ?? entry.marking,
    })),
    more: more === 0 ? '' : words.say('annex.detections.more', { count: more }),
  }
}

const indicatorTypes = ['url', 'domain', 'ip', 'email', 'account', 'hash', 'other'] as const

const indicatorsOf = (facts: Facts, words: ReportWording) => {
  const found = Map.groupBy(
    listedIn(facts).flatMap(({ entry }) => entry.indicators),
    ({ type }) => type,
  )
  let room = mostIn(facts).indicators
  let more = 0
  const groups = indicatorTypes.flatMap((type) => {
    const values = [...new Set((found.get(type) ?? []).map(({ value }) => value))].sort()
    const shown = values.slice(0, room)
    room -= shown.length
    more += values.length - shown.length
    const label = words.say('annex.indicators.type', { type, count: values.length })
    return shown.length === 0 ? [] : [{ label, values: shown }]
  })
  return groups.length === 0
    ? null
    : {
        groups,
        more: more === 0 ? '' : words.say('annex.indicators.more', { count: more }),
      }
}

const states = { full: 'supported', half: 'partial', empty: 'not supported', dashed: 'not assessed' } as const

const scalesUsed = (facts: Facts, words: ReportWording) => {
  const { notes, group, dossier } = facts
  const detailed = dossier ? facts.manoeuvres : detailedIn(facts)
  const listed = listedIn(facts).map(({ entry }) => entry)
  return {
    likelihood: hasDeepProperty([detailed, notes, dossier], 'likelihood') || notes.some(({ confidence }) => confidence),
    breakout: hasDeepProperty([listed, group, dossier], 'breakout'),
    reliability: hasDeepProperty(listed, 'reliability'),
    credibility: hasDeepProperty(listed, 'credibility'),
    criteria: detailed.some((entry) => criteriaOf(entry, facts, words)),
  }
}

/** Returns whether a property of this name is truthy at any depth. */
const hasDeepProperty = (value: unknown, name: string): boolean => {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => (key === name && Boolean(inner)) || hasDeepProperty(inner, name))
}

type ScaleEntry = { readonly term: string; readonly sign?: string; readonly text: string }

const scalesOf = (facts: Facts, words: ReportWording, rightOfReply: string) => {
  const isUsed = { figures: true, marking: true, ...scalesUsed(facts, words) }
  const group = (
    name: 'figures' | 'likelihood' | 'breakout' | 'reliability' | 'credibility' | 'marking',
    entries: readonly ScaleEntry[],
  ) => (isUsed[name] ? [{ title: words.say(`annex.${name}`), note: words.say(`annex.${name}.note`), entries }] : [])
  return [
    ...group(
      'figures',
      (['exact', 'atLeast', 'about', 'notGiven'] as const)
        .filter((qualifier) => qualifier !== 'exact' || !isPublicCap(facts.cap))
        .map((qualifier) => ({
          term: words.say('annex.figures.term', { qualifier }),
          text: words.say(`annex.figures.${qualifier}`),
        })),
    ),
    ...group(
      'likelihood',
      Object.entries(likelihoodBands).map(([likelihood, [low, high]]) => ({
        term: words.say('annex.likelihood.range', { low, high }),
        text: words.say(`likelihood.${likelihood as keyof typeof likelihoodBands}`),
      })),
    ),
    ...group(
      'breakout',
      ([1, 2, 3, 4, 5, 6] as const).map((category) => ({
        term: String(category),
        text: words.say(`breakout.${category}`),
      })),
    ),
    ...group(
      'reliability',
      (['A', 'B', 'C', 'D', 'E', 'F'] as const).map((letter) => ({
        term: letter,
        text: words.say(`annex.reliability.${letter}`),
      })),
    ),
    ...group(
      'credibility',
      ([1, 2, 3, 4, 5, 6] as const).map((number) => ({
        term: String(number),
        text: words.say(`annex.credibility.${number}`),
      })),
    ),
    ...group(
      'marking',
      markings.toReversed().map((marking) => ({ term: marking, text: words.say(`annex.marking.${marking}`) })),
    ),
    ...(isUsed.criteria
      ? [
          {
            title: words.say('annex.criteria'),
            note: criteriaNote(facts, words),
            entries: (['full', 'half', 'empty', 'dashed'] as const).map((sign) => ({
              term: words.say(`state.${states[sign]}`),
              sign,
              text: words.say(`annex.criteria.${sign}`),
            })),
          },
        ]
      : []),
    { title: words.say('annex.reply'), note: rightOfReply, entries: [] },
  ]
}
