/** A manoeuvre on a page, told in the order actor, behaviour, content, degree, effect. */
import { type Localised, textIn } from './detection.ts'
import { type Segment, sentence, type Wording } from './language.ts'
import type { Marking } from './marking.ts'
import { type LineTable, lineTable } from './page-lists.ts'
import { clusterValues, figurePhrases, hashtag, plain, type Row, type Words, wordsOf } from './page-phrases.ts'
import type { Entry, Facts } from './report.ts'
import type { Territory } from './territory.ts'

export type ManoeuvreCard = {
  readonly anchor: string
  readonly label: string
  readonly campaign: string
  readonly title: Words
  readonly when: string
  readonly meta: string
  readonly marking: Marking
  /** Actor, behaviour, content; the degree stands between these and the others. */
  readonly rows: readonly Row[]
  readonly rowsAfter: readonly Row[]
  readonly breakout: {
    readonly label: string
    readonly note: string
    readonly category: number
    readonly text: readonly Segment[]
    readonly evidence?: Words
  } | null
  readonly parts: LineTable | null
  readonly criteria: {
    readonly title: string
    readonly note: string
    readonly head: { readonly criterion: string; readonly state: string; readonly evidence: string }
    readonly rows: readonly {
      readonly criterion: string
      readonly sign: 'full' | 'half' | 'empty' | 'dashed'
      readonly state: string
      readonly evidence: Words | null
    }[]
  } | null
  readonly evidence: {
    readonly label: string
    readonly note: string
    readonly items: readonly {
      readonly number: number
      readonly text: Words
      readonly address?: string
      readonly archive?: string
    }[]
  } | null
}

export const cardOf = (entry: Entry, at: number, facts: Facts, territory: Territory, words: Wording): ManoeuvreCard => {
  const { language } = words
  const total = facts.manoeuvres.length + facts.unlisted.manoeuvres
  return {
    anchor: `m${at + 1}`,
    label: words.say('manoeuvre.label', { number: at + 1, total }),
    campaign: entry.campaign ?? '',
    title: wordsOf(entry.title, language),
    when: words.observed(entry.observed, territory.zone),
    meta: metaOf(entry, territory, words),
    marking: entry.marking,
    rows: [actorRow(entry, words), behaviourRow(entry, territory, words), contentRow(entry, words)].flatMap(
      (row) => row ?? [],
    ),
    rowsAfter: [effectRow(entry, words), assessmentRow(entry, words), techniquesRow(entry, words)].flatMap(
      (row) => row ?? [],
    ),
    breakout: entry.breakout
      ? {
          label: words.say('manoeuvre.degree'),
          note: words.say('manoeuvre.degreeNote'),
          category: entry.breakout.category,
          text: words.tell('manoeuvre.breakout', {
            category: entry.breakout.category,
            meaning: words.say(`breakout.${entry.breakout.category as 1 | 2 | 3 | 4 | 5 | 6}`),
          }),
          ...(entry.breakout.evidence && { evidence: wordsOf(entry.breakout.evidence, language) }),
        }
      : null,
    parts:
      entry.parts.length === 0
        ? null
        : lineTable(
            `m${at + 1}-parts`,
            words.say('manoeuvre.parts'),
            words.say('manoeuvre.partsNote'),
            entry.parts,
            territory,
            words,
            {
              key: 'manoeuvre.partsMore',
              count: 0,
            },
          ),
    criteria: criteriaOf(entry, words),
    evidence:
      entry.evidence.length === 0
        ? null
        : {
            label: words.say('manoeuvre.evidence'),
            note: words.say('manoeuvre.evidenceNote'),
            items: entry.evidence.map(({ label, address, archive }, index) => ({
              number: index + 1,
              text: wordsOf(label, language),
              ...(address !== undefined && { address }),
              ...(archive !== undefined && { archive }),
            })),
          },
  }
}

const metaOf = (entry: Entry, territory: Territory, words: Wording): string => {
  const placing = entry.territories.find(({ code }) => code === territory.code)
  const placed = placing && placing.method !== 'explicit'
  return [
    ...(entry.observed.precision === 'instant'
      ? [words.say('manoeuvre.time', { zone: words.say('zone.of', { town: territory.town[words.language] }) })]
      : []),
    ...(entry.platforms.length > 0 ? [words.list(entry.platforms)] : []),
    words.say(`kind.${entry.kind}`),
    ...(placed ? [words.say(`places.${placing.method}`, { via: words.quoted(placing.via ?? '') })] : []),
    ...(entry.observed.statedByHand ? [words.say('time.statedByHand')] : []),
    entry.id,
    words.say('manoeuvre.meta.revision', { revision: entry.revision }),
    entry.detector,
    ...(entry.markingSource === 'container' || entry.markingSource === 'default'
      ? [words.say(`marking.${entry.markingSource}`)]
      : []),
  ].join(' · ')
}

const actorRow = ({ actor }: Entry, words: Wording): Row => ({
  label: words.say('manoeuvre.actor'),
  paragraphs: [
    actor
      ? plain(
          `${words.say('manoeuvre.attribution', { source: actor.attributedBy, actor: actor.name })} ${words.say('manoeuvre.attributionNote')}`,
        )
      : plain(words.say('manoeuvre.attributionNone')),
  ],
})

const behaviourRow = (entry: Entry, territory: Territory, words: Wording): Row | undefined => {
  const phrases = figurePhrases(entry, words, [
    'posts',
    'reposts',
    'videos',
    'views',
    'accounts',
    'coordinatedAccounts',
  ])
  if (entry.kind === 'offline-event' && phrases.length === 0) return undefined
  const paragraphs = [
    phrases.length === 0
      ? plain(words.say('manoeuvre.behaviourNone'))
      : sentence(words.tell('manoeuvre.behaviourText', { figures: words.list(phrases) })),
  ]
  const part = entry.figures.coordinatedAccounts
  if (entry.accountSet && part.value) {
    const window = words.observed(entry.observed, territory.zone)
    paragraphs.push(sentence(words.tell('manoeuvre.cluster', { ...clusterValues(entry, words), window })))
    const largest = [...entry.parts].sort(
      (a, b) => (b.figures.accounts.value ?? 0) - (a.figures.accounts.value ?? 0),
    )[0]
    if (largest?.figures.accounts.value) {
      paragraphs.push(
        plain(
          words.say('manoeuvre.clusterOf', {
            part: words.number(part.value),
            window,
            share: words.percent(part.value, largest.figures.accounts.value),
            participants: words.number(largest.figures.accounts.value),
            otherWindow: words.observed(largest.observed, territory.zone),
            title: words.quoted(textIn(largest.title, words.language).text),
          }),
        ),
      )
    }
  }
  return { label: words.say('manoeuvre.behaviour'), paragraphs }
}

const contentRow = (entry: Entry, words: Wording): Row | undefined => {
  const { language } = words
  const texts = (all: readonly Localised[]) => words.list(all.map((one) => textIn(one, language).text))
  const sentenceOf = (label: string, value: string) => (value ? [words.say('fieldSentence', { label, value })] : [])
  const event = entry.event
    ? [
        ...sentenceOf(words.say('manoeuvre.place'), textIn(entry.event.place, language).text),
        ...sentenceOf(words.say('manoeuvre.participants'), texts(entry.event.participants)),
      ].join(' ')
    : ''
  const paragraphs = [
    entry.summary ? plain(textIn(entry.summary, language).text) : [],
    plain(event),
    entry.narratives.length > 0
      ? plain(words.say('manoeuvre.narratives', { count: entry.narratives.length, list: texts(entry.narratives) }))
      : [],
    entry.hashtags.length > 0
      ? plain(
          words.say('manoeuvre.hashtags', {
            count: entry.hashtags.length,
            list: words.list(entry.hashtags.map(hashtag)),
          }),
        )
      : [],
  ].filter((paragraph) => paragraph.length > 0)
  return paragraphs.length === 0 ? undefined : { label: words.say('manoeuvre.content'), paragraphs }
}

const effectRow = ({ observedEffect }: Entry, words: Wording): Row | undefined => {
  if (!observedEffect) return undefined
  const source = observedEffect.source ? words.say('effect.source', { source: observedEffect.source }) : ''
  return {
    label: words.say('manoeuvre.effect'),
    paragraphs: [
      [
        ...words.tell(`effect.${observedEffect.state}`, { source }),
        ...(observedEffect.text ? plain(` ${textIn(observedEffect.text, words.language).text}`) : []),
      ],
    ],
  }
}

/** Likelihood and confidence are two axes: two paragraphs, never one sentence. */
const assessmentRow = (entry: Entry, words: Wording): Row | undefined => {
  const { actor, confidence } = entry
  const paragraphs: (readonly Segment[])[] = []
  const field = (label: string, value: string) => {
    if (value) paragraphs.push(words.tell('field', { label, value }))
  }
  if (actor?.likelihood) {
    const [low, high] = bands[actor.likelihood]
    const word = words.say(`likelihood.${actor.likelihood}`)
    field(words.say('manoeuvre.likelihood'), words.say('manoeuvre.likelihood.range', { word, low, high }))
  }
  if (actor?.confidence) {
    field(words.say('manoeuvre.analyticConfidence'), words.say('confidence.level', { level: actor.confidence }))
  }
  field(words.say('manoeuvre.confidence'), confidenceText(confidence, words))
  field(words.say('manoeuvre.admiralty'), admiralty(entry, words))
  return paragraphs.length === 0 ? undefined : { label: words.say('manoeuvre.assessment'), paragraphs }
}

/** ICD 203's bands, in percent. */
const bands = {
  'almost no chance': [1, 5],
  'very unlikely': [5, 20],
  unlikely: [20, 45],
  'roughly even': [45, 55],
  likely: [55, 80],
  'very likely': [80, 95],
  'almost certain': [95, 99],
} as const

const confidenceText = (confidence: Entry['confidence'], words: Wording): string => {
  if (!confidence) return ''
  const source = confidence.source ? words.say('confidence.source', { source: confidence.source }) : ''
  return [
    ...(confidence.level ? [words.say('confidence.level', { level: confidence.level })] : []),
    ...(confidence.score === undefined ? [] : [words.say('confidence.score', { score: confidence.score, source })]),
    ...(confidence.platformDefault ? [words.say('confidence.default')] : []),
  ].join(', ')
}

const admiralty = ({ reliability, credibility }: Entry, words: Wording): string => {
  if (reliability && credibility) return words.say('admiralty', { reliability, credibility })
  if (reliability) return words.say('admiralty.reliability', { reliability })
  return credibility ? words.say('admiralty.credibility', { credibility }) : ''
}

const techniquesRow = ({ techniques }: Entry, words: Wording): Row | undefined =>
  techniques.length === 0
    ? undefined
    : {
        label: words.say('manoeuvre.techniques'),
        note: words.say('manoeuvre.techniquesNote'),
        paragraphs: [plain(techniques.map(({ id, name }) => (name ? `${id}\u00a0${name}` : id)).join(' · '))],
      }

const criteriaOf = (entry: Entry, words: Wording): ManoeuvreCard['criteria'] =>
  entry.criteria.length === 0
    ? null
    : {
        title: words.say('criteria'),
        note: words.say('criteria.note'),
        head: {
          criterion: words.say('criteria.criterion'),
          state: words.say('criteria.state'),
          evidence: words.say('criteria.evidence'),
        },
        rows: entry.criteria.map(({ criterion, state, evidence }) => ({
          criterion: words.say(`criterion.${criterion}`),
          sign: stateSigns[state],
          state: words.say(`state.${state}`),
          evidence: evidence ? wordsOf(evidence, words.language) : null,
        })),
      }

const stateSigns = { supported: 'full', partial: 'half', 'not supported': 'empty', 'not assessed': 'dashed' } as const
