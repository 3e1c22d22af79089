/** Likelihood and confidence in separate fields, and the four legal criteria. */

import { confidenceLevels } from '../../core/estimates.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { criteria, type Localised } from '../../detection/detection.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { named, titleOf, wordsOf } from '../words/phrases.ts'
import { basesOfCriterion } from './attribution.ts'
import { legalReference } from './legal-basis.ts'

export type AssessmentField = {
  readonly label: string
  readonly note: string
  readonly word: string
  readonly more: string
  readonly scale: Scale
}

export type Scale =
  | {
      readonly form: 'band'
      readonly low: number
      readonly high: number
      readonly ends: readonly string[]
      readonly text: string
    }
  | { readonly form: 'steps'; readonly at: number; readonly steps: readonly string[]; readonly text: string }

/** Null without any assessment or attribution. */
export const assessmentOf = (entry: Entry, words: ReportWording) => {
  const { actor, confidence } = entry
  const source = actor ? named(actor.attributedBy, words) : []
  const ofAttribution = actor ? words.say('assessment.ofAttribution', { source }) : ''
  const fields: AssessmentField[] = []
  if (actor?.likelihood) fields.push(likelihoodField(actor.likelihood, ofAttribution, words))
  if (actor?.confidence) {
    const label = words.say('manoeuvre.analyticConfidence')
    fields.push(confidenceField(label, actor.confidence, ofAttribution, words))
  }
  const score = scoreOf(confidence, words)
  // A platform's default value is no assessment.
  const level = confidence?.platformDefault ? undefined : confidence?.level
  if (level) {
    const of = confidence?.of
      ? words.say('assessment.ofStatement', { statement: statementOf(confidence.of, words) })
      : words.say('assessment.ofDetection')
    const note = [of, score].filter(Boolean).join(' · ')
    fields.push(confidenceField(words.say('manoeuvre.confidence'), level, note, words))
  }
  const bare = level
    ? ''
    : [confidence?.level ? levelWord(confidence.level, words) : '', score].filter(Boolean).join(', ')
  const paragraphs = [
    // Every attribution shows its confidence, or that the source gives none.
    ...(actor && !actor.confidence ? [words.formatRich('assessment.unrated', { source })] : []),
    ...(bare ? [words.formatRich('field', { label: confidenceLabel(confidence, words), value: bare })] : []),
    ...(entry.reliability || entry.credibility
      ? [words.formatRich('field', { label: words.say('manoeuvre.admiralty'), value: admiralty(entry, words) })]
      : []),
  ]
  return fields.length + paragraphs.length === 0
    ? null
    : { label: words.say('manoeuvre.assessment'), note: '', fields, paragraphs }
}

/** ICD 203's bands, in percent. */
export const likelihoodBands = {
  'almost no chance': [1, 5],
  'very unlikely': [5, 20],
  unlikely: [20, 45],
  'roughly even': [45, 55],
  likely: [55, 80],
  'very likely': [80, 95],
  'almost certain': [95, 99],
} as const

/** @param label the hypothesis, where an analyst states one */
export const likelihoodField = (
  likelihood: keyof typeof likelihoodBands,
  note: string,
  words: ReportWording,
  label = words.say('manoeuvre.likelihood'),
): AssessmentField => {
  const [low, high] = likelihoodBands[likelihood]
  const end = (percent: number): string => words.percent(percent, 100)
  return {
    label,
    note,
    word: words.say(`likelihood.${likelihood}`),
    more: words.say('likelihood.range', { low, high }),
    scale: {
      form: 'band',
      low,
      high,
      ends: [words.number(0), words.number(50), end(100)],
      text: words.say('likelihood.scale', { low, high }),
    },
  }
}

type Level = (typeof confidenceLevels)[number]

const levelWord = (level: Level, words: ReportWording): string => words.say('confidence.level', { level })

export const confidenceField = (label: string, level: Level, note: string, words: ReportWording): AssessmentField => {
  const word = levelWord(level, words)
  return {
    label,
    note,
    word,
    more: '',
    scale: {
      form: 'steps',
      at: confidenceLevels.indexOf(level),
      steps: confidenceLevels.map((one) => levelWord(one, words)),
      text: words.say('confidence.scale', { level: word }),
    },
  }
}

const confidenceLabel = (confidence: Entry['confidence'], words: ReportWording): string =>
  confidence?.of
    ? words.say('assessment.confidenceOf', { statement: statementOf(confidence.of, words) })
    : words.say('manoeuvre.confidence')

const statementOf = (statement: Localised, words: ReportWording): string =>
  words.quoted(titleOf(statement, words.language).text)

const scoreOf = (confidence: Entry['confidence'], words: ReportWording): string => {
  if (!confidence) return ''
  const source = confidence.source ? words.say('confidence.source', { source: named(confidence.source, words) }) : ''
  return [
    ...(confidence.score === undefined ? [] : [words.say('confidence.score', { score: confidence.score, source })]),
    ...(confidence.platformDefault ? [words.say('confidence.default')] : []),
  ].join(', ')
}

const admiralty = ({ reliability, credibility }: Entry, words: ReportWording): string => {
  if (reliability && credibility) return words.say('admiralty', { reliability, credibility })
  if (reliability) return words.say('admiralty.reliability', { reliability })
  return credibility ? words.say('admiralty.credibility', { credibility }) : ''
}

export const criteriaNote = (facts: Pick<Facts, 'house' | 'period'>, words: ReportWording): string =>
  [legalReference(facts, words), words.say('criteria.note')].filter(Boolean).join(' ')

/** Returns all four in the decree's order, if one is stated or an attribution has a basis. */
export const criteriaOf = (
  entry: Pick<Entry, 'criteria' | 'actor' | 'marking'>,
  facts: Pick<Facts, 'house' | 'period'>,
  words: ReportWording,
) => {
  const bases = basesOfCriterion(entry, words)
  return entry.criteria.length === 0 && bases === ''
    ? null
    : {
        title: words.say('criteria'),
        note: criteriaNote(facts, words),
        head: {
          criterion: words.say('criteria.criterion'),
          state: words.say('criteria.state'),
          evidence: words.say('criteria.evidence'),
        },
        rows: criteria.flatMap((criterion) => {
          const stated = entry.criteria.filter((one) => one.criterion === criterion)
          const shown = stated.length > 0 ? stated : [{ state: 'not assessed' as const, evidence: undefined }]
          return shown.map(({ state, evidence }, at) => ({
            criterion: words.say(`criterion.${criterion}`),
            sign: stateSigns[state],
            state: words.say(`state.${state}`),
            evidence: evidence ? wordsOf(evidence, words.language) : null,
            /** Bases of attributions to a foreign actor; else empty. */
            bases: criterion === 'foreign-actor' && at === 0 ? bases : '',
          }))
        }),
      }
}

const stateSigns = { supported: 'full', partial: 'half', 'not supported': 'empty', 'not assessed': 'dashed' } as const
