/** Cards of manoeuvres, in the order actor, behaviour, content, degree, effect. */

import { type SourcedEffect, outcomeOf } from '../../aggregate/outcome.ts'
import { figureNames, isFloorOfNone } from '../../core/figures.ts'
import { type Segment, sentence } from '../../core/language/language.ts'
import type { MessageKey, ReportWording } from '../../core/language/report-wording.ts'
import { groupName, type Subject } from '../../core/place/territory.ts'
import { nameIn } from '../../core/text/localised.ts'
import { sameCampaign } from '../../detection/campaigns.ts'
import type { Localised, Name } from '../../detection/detection.ts'
import { frameworkOf } from '../../detection/frameworks/disarm.ts'
import { knownName } from '../../detection/names/known-names.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { inPart, sharedText } from '../words/in-part.ts'
import {
  breakoutMeaning,
  clockOf,
  clusterValues,
  figurePhrases,
  hashtag,
  homeOf,
  languageWord,
  listOf,
  named,
  namedActors,
  nameText,
  original,
  originalOf,
  placesText,
  plain,
  type Row,
  shortened,
  titleOf,
  whenSeen,
  type Words,
  wordsOf,
} from '../words/phrases.ts'
import { sourceName } from '../words/watch.ts'
import { assessmentOf, criteriaOf } from './assessment.ts'
import { attributionOf } from './attribution.ts'
import { clusterOf } from './cluster.ts'
import { techniqueName } from './disarm.ts'
import { lineTable } from './lists.ts'
import { platesRow, platesSection } from './plates.ts'
import { rhythmOf } from './rhythm.ts'

export type ManoeuvreCard = ReturnType<typeof cardsOf>[number]

export const cardsOf = (
  detailed: readonly Entry[],
  facts: Facts,
  territory: Subject,
  words: ReportWording,
  /** Ids of the manoeuvres that get an activity chart. */
  charted: ReadonlySet<string>,
) => {
  const { sections } = facts.house
  const plates = sections && !sections.includes('annex') ? undefined : platesSection(facts, words.language)
  const named = detailed.some(({ campaign }) => campaign !== undefined)
  return detailed.map((entry, at) => ({
    ...withRows(cardOf(entry, at, facts, territory, words), [
      ...othersRow(entry, words),
      ...[platesRow(entry, plates, words.language)].filter((row) => row !== undefined),
    ]),
    campaignLine: named && !follows(detailed[at - 1], entry) ? lineOf(entry.campaign, facts, words) : [],
    rhythm: charted.has(entry.id) ? rhythmOf(entry, territory, words) : null,
  }))
}

const follows = (before: Entry | undefined, { campaign }: Entry): boolean =>
  before !== undefined &&
  (campaign === undefined ? before.campaign === undefined : sameCampaign(before.campaign, campaign))

const withRows = <Card extends { readonly rowsAfter: readonly Row[] }>(card: Card, rows: readonly Row[]): Card =>
  rows.length > 0 ? { ...card, rowsAfter: [...card.rowsAfter, ...rows] } : card

/** Parts of another campaign count with their whole, but this campaign's dossier leaves them out. */
const othersRow = ({ campaign, parts, moreParts }: Entry, words: ReportWording): readonly Row[] => {
  const isAnothers = (part: Entry) => part.campaign !== undefined && !sameCampaign(part.campaign, campaign)
  const count = campaign === undefined || moreParts !== undefined ? 0 : parts.filter(isAnothers).length
  if (count === 0) return []
  return [{ label: words.say('manoeuvre.parts'), paragraphs: [plain(words.say('manoeuvre.partsOthers', { count }))] }]
}

const lineOf = (campaign: string | undefined, facts: Facts, words: ReportWording): readonly Segment[] => {
  if (campaign === undefined) return words.formatRich('campaign.none')
  return words.formatRich('campaign.line', campaignHere(campaign, facts, words))
}

export const campaignHere = (campaign: string, facts: Facts, words: ReportWording) => {
  const here = facts.campaigns.find(({ name }) => sameCampaign(name, campaign))
  const figures =
    here && here.posts.value !== null && !isFloorOfNone(here.posts)
      ? words.say('campaign.posts', { posts: words.phrase('posts', here.posts) })
      : ''
  return { campaign, count: here?.manoeuvres ?? 1, figures }
}

type CardFacts = Pick<Facts, 'manoeuvres' | 'unlisted' | 'house' | 'period'> & {
  /** Missing where the card shows what is stored now. */
  readonly asOf?: string

  readonly disarm: Pick<Facts['disarm'], 'reported'>
}

export const cardOf = (entry: Entry, at: number, facts: CardFacts, territory: Subject, words: ReportWording) => {
  const { language } = words
  const total = facts.manoeuvres.length + facts.unlisted.manoeuvres
  return {
    anchor: `m${at + 1}`,
    label: words.say('manoeuvre.label', { number: at + 1, total }),
    campaign: entry.campaign ?? '',
    title: titleOf(entry.title, language),
    when: words.observed(entry.observed, homeOf(entry, territory).zone),
    meta: metaOf(entry, territory, words),
    marking: entry.figuresMarking ?? entry.marking,
    attribution: attributionOf(entry, facts.asOf, `m${at + 1}`, words),
    /** The degree is printed between `rows` and `rowsAfter`. */
    rows: [
      ...statedRows(entry, words),
      ...[actorRow(entry, words), behaviourRow(entry, territory, words), contentRow(entry, words)].flatMap(
        (row) => row ?? [],
      ),
    ],
    rowsAfter: [effectRow(entry, territory, words) ?? [], techniqueRows(entry, facts, words)].flat(),
    breakout: breakoutOf(entry, territory, words),
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
              count: entry.moreParts ?? 0,
            },
          ),
    assessment: assessmentOf(entry, words),
    criteria: criteriaOf(entry, facts, words),
    evidence: evidenceOf(entry, words),
  }
}

const breakoutOf = (entry: Entry, territory: Subject, words: ReportWording) => {
  const { breakout, ratedBy } = outcomeOf([entry, ...entry.parts])
  if (!breakout) return null
  const own = ratedBy === entry ? 0 : (entry.breakout?.category ?? 0)
  return {
    label: words.say('manoeuvre.degree'),
    note: words.say('manoeuvre.degreeNote'),
    category: breakout.category,
    text: [
      ...words.formatRich('manoeuvre.breakout', {
        category: breakout.category,
        meaning: breakoutMeaning(breakout, words),
        part: [...inPart(ratedBy, entry, words), ...plain(sharedText(ratedBy ?? entry, territory, words))],
      }),
      ...(own > 0 ? words.formatRich('manoeuvre.breakoutOwn', { category: own }) : []),
    ],
    ...(breakout.evidence && { evidence: wordsOf(breakout.evidence, words.language) }),
  }
}

const evidenceOf = (entry: Entry, words: ReportWording) =>
  entry.evidence.length === 0
    ? null
    : {
        label: words.say('manoeuvre.evidence'),
        note: words.say('manoeuvre.evidenceNote'),
        items: entry.evidence.map(({ label, address, archive }, index) => {
          const text = titleOf(label, words.language)
          return {
            number: index + 1,
            text,
            ...(address !== undefined && address !== text.text && { address }),
            ...(archive !== undefined && archive !== text.text && { archive }),
          }
        }),
      }

const metaOf = (entry: Entry, territory: Subject, words: ReportWording): string => {
  const placing = entry.territories.find(({ code }) => code === territory.code)
  const placed = placing && placing.method !== 'explicit'
  return [
    ...(territory.members.length > 1 ? [placesText(entry, words, 4)] : []),
    ...(entry.observed.precision === 'instant'
      ? [words.say('manoeuvre.time', { zone: clockOf(homeOf(entry, territory), words) })]
      : []),
    ...(entry.platforms.length > 0 ? [words.list(entry.platforms)] : []),
    words.say(`kind.${entry.kind}`),
    ...(placed
      ? [words.say(`places.${placing.method}`, { via: words.quoted(groupName(placing.via ?? '', words.language)) })]
      : []),
    ...(entry.reported ? [words.say('manoeuvre.meta.reported', { names: reportedNames(entry.reported, words) })] : []),
    ...(entry.observed.statedByHand ? [words.say('time.statedByHand')] : []),
    entry.id,
    words.say('manoeuvre.meta.revision', { revision: entry.revision }),
    ...(entry.corrected ? [correctedIn(entry.corrected, words)] : []),
    sourceName(entry.detector, words),
    ...(entry.markingSource === 'container' || entry.markingSource === 'default'
      ? [words.say(`marking.${entry.markingSource}`)]
      : []),
  ].join(' · ')
}

const correctedIn = (fields: readonly string[], words: ReportWording): string => {
  const names = fields.flatMap((field) => correctedNames[field] ?? [])
  const areNamed = names.length === fields.length && names.length <= 3
  return areNamed
    ? words.say('manoeuvre.meta.corrected', { fields: words.list(names.map((name) => words.say(name))) })
    : words.say('manoeuvre.meta.correctedMany', { count: fields.length })
}

const correctedNames: Readonly<Record<string, MessageKey>> = {
  title: 'corrected.title',
  summary: 'corrected.summary',
  observed: 'corrected.observed',
  territories: 'corrected.territories',
  platforms: 'corrected.platforms',
  'counts.posts': 'corrected.posts',
  'counts.reposts': 'corrected.reposts',
  'counts.accounts': 'corrected.accounts',
  'counts.coordinatedAccounts': 'corrected.coordinatedAccounts',
  'counts.videos': 'corrected.videos',
  'counts.views': 'corrected.views',
  'actor.replies': 'corrected.replies',
}

const reportedNames = (
  { campaign, actor, platforms = [] }: NonNullable<Entry['reported']>,
  words: ReportWording,
): string =>
  words.list([campaign, actor, ...platforms].flatMap((name) => (name === undefined ? [] : words.quoted(name))))

/** The fact before the claim. */
const statedRows = ({ established, claim }: Entry, words: ReportWording): readonly Row[] =>
  (
    [
      [established, words.say('front.established'), ''],
      [claim, words.say('front.claim'), words.say('front.claimNote')],
    ] as const
  ).flatMap(([stated, label, note]) =>
    stated
      ? [
          {
            label,
            note: [note, stated.source ? words.say('front.source', { source: stated.source }) : '']
              .filter(Boolean)
              .join(' '),
            paragraphs: [original(stated.text, words)],
          },
        ]
      : [],
  )

/** An intrusion set is a way of working: only an attribution names an actor. */
const actorRow = ({ actor, modusOperandi }: Entry, words: ReportWording): Row => {
  const attribution = [
    ...(actor
      ? words.formatRich('manoeuvre.attribution', {
          source: named(actor.attributedBy, words),
          actor: namedActors(actor.name, words),
        })
      : []),
    ...(actor && modusOperandi ? plain(' ') : []),
    ...(modusOperandi
      ? words.formatRich('manoeuvre.modusOperandi', {
          source: named(modusOperandi.attributedBy, words),
          name: named(modusOperandi.name, words, words.quoted),
        })
      : []),
  ]
  const none = plain(words.say('manoeuvre.attributionNone'))
  const note = plain(` ${words.say('manoeuvre.attributionNote')}`)
  return {
    label: words.say('manoeuvre.actor'),
    paragraphs: [attribution.length > 0 ? [...attribution, ...note] : none],
  }
}

const behaviourRow = (entry: Entry, territory: Subject, words: ReportWording): Row | undefined => {
  const phrases = figurePhrases(entry, words, figureNames)
  if (entry.kind === 'offline-event' && phrases.length === 0) return undefined
  const paragraphs = [
    phrases.length === 0
      ? plain(words.say('manoeuvre.behaviourNone'))
      : sentence(words.formatRich('manoeuvre.behaviourText', { figures: words.list(phrases) })),
  ]
  const cluster = clusterOf(entry, territory, words)
  if (!cluster && entry.accountSet?.size && entry.figures.coordinatedAccounts.value) {
    const window = whenSeen(entry, territory, words)
    paragraphs.push(sentence(words.formatRich('manoeuvre.cluster', { ...clusterValues(entry, words), window })))
  }
  return { label: words.say('manoeuvre.behaviour'), paragraphs, ...(cluster && { cluster }) }
}

const contentRow = (entry: Entry, words: ReportWording): Row | undefined => {
  const texts = (all: readonly Localised[]) =>
    listOf(
      all.map((one) => original(one, words)),
      words,
    )
  const sentenceOf = (label: string, value: readonly Segment[]) =>
    value.length > 0 ? [words.formatRich('fieldSentence', { label, value })] : []
  const event = entry.event
    ? [
        ...(entry.event.place ? sentenceOf(words.say('manoeuvre.place'), original(entry.event.place, words)) : []),
        ...sentenceOf(words.say('manoeuvre.participants'), texts(entry.event.participants)),
      ].flatMap((sentence, at) => [...plain(at === 0 ? '' : ' '), ...sentence])
    : []
  const paragraphs = [
    entry.summary ? originalOf(wordsOf(entry.summary, words.language)) : [],
    event,
    plain(impersonatedText(entry, words)),
    entry.narratives.length > 0
      ? words.formatRich('manoeuvre.narratives', { count: entry.narratives.length, list: texts(entry.narratives) })
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

/** Identities named on a card; `detections.csv` has all. */
const maxIdentities = 20

const impersonatedText = ({ impersonates = [] }: Entry, words: ReportWording): string => {
  if (impersonates.length === 0) return ''
  const identities = impersonates.flatMap(({ name, role }) =>
    name !== undefined
      ? [knownName(nameIn(name, words.language).text, words.language).text]
      : role
        ? [nameText(role, words, (text) => shortened(text))]
        : [],
  )
  const names = [...new Set(identities)]
  const unnamed = impersonates.filter(({ name, role }) => name === undefined && !role).length
  const more = names.length - maxIdentities
  return words.say('manoeuvre.impersonates', {
    list: words.list([
      ...names.slice(0, maxIdentities),
      ...(more > 0 ? [words.say('manoeuvre.impersonates.more', { count: more })] : []),
    ]),
    named: names.length,
    unnamed,
  })
}

const maxEffects = 3

const effectRow = (entry: Entry, territory: Subject, words: ReportWording): Row | undefined => {
  const { effects, overallEffect } = outcomeOf([entry, ...entry.parts])
  if (effects.length === 0) return undefined
  const observed = effects.filter(({ effect }) => effect.state === 'observed')
  const more = observed.length - maxEffects
  return {
    label: words.say('manoeuvre.effect'),
    paragraphs: [
      ...observed.slice(0, maxEffects).map((one) => effectText(one, entry, territory, words)),
      ...(more > 0 ? [words.formatRich('effect.more', { count: more })] : []),
      // A part's statement does not describe its whole.
      ...(overallEffect === 'not given' ? [words.formatRich('effect.wholeNotGiven')] : []),
      ...effects.slice(observed.length).map((one) => effectText(one, entry, territory, words)),
    ],
  }
}

/**
 * Describes an effect as one source states it.
 * @param cut for short pages: printing of names and texts, and the title's maximum length
 */
export const effectText = (
  { effect, of }: SourcedEffect<Entry>,
  whole: Pick<Entry, 'id'>,
  territory: Pick<Subject, 'code'>,
  words: ReportWording,
  cut?: {
    readonly source: (name: Name) => string
    readonly text: (texts: Localised) => Words
    readonly title: number
  },
): readonly Segment[] => [
  ...words.formatRich(`effect.${effect.degree ?? effect.state}`, {
    source: [
      ...(effect.source
        ? words.formatRich('effect.source', { source: cut?.source(effect.source) ?? named(effect.source, words) })
        : []),
      ...inPart(of, whole, words, cut?.title),
      ...(effect.state === 'observed' ? plain(sharedText(of, territory, words)) : []),
    ],
  }),
  ...(effect.text
    ? [...plain(' '), ...(cut ? [cut.text(effect.text)] : originalOf(wordsOf(effect.text, words.language)))]
    : []),
]

/** Gives each framework a line: Meta's techniques are not DISARM's. */
const techniqueRows = ({ techniques }: Entry, facts: Pick<CardFacts, 'disarm'>, words: ReportWording): readonly Row[] =>
  [...Map.groupBy(techniques, frameworkOf)].map(([framework, own]) => {
    const known = new Map(framework === 'DISARM' ? facts.disarm.reported.map((one) => [one.id, one]) : [])
    const named = own.map(({ id, name }) => ({ id, name: techniqueName(name, known.get(id), words.language) }))
    const foreign = new Set(named.flatMap(({ name }) => name?.lang ?? []))
    const inWhich = words.say('manoeuvre.techniquesIn', {
      languages: words.list([...foreign].map((tag) => languageWord(tag, words))),
      part: named.every(({ name }) => name?.lang !== undefined) ? 'no' : 'yes',
    })
    return {
      label: words.say('manoeuvre.techniques'),
      note: words.say('manoeuvre.techniquesNote', { framework }),
      paragraphs: [
        named
          .flatMap(({ id, name }, at) => [
            ...plain(at === 0 ? '' : ' · '),
            { text: name ? `${id}\u00a0` : id },
            ...(name ? [name] : []),
          ])
          .concat(foreign.size === 0 ? [] : plain(` ${inWhich}`)),
      ],
    }
  })
