/** Formats each field of a detection for readers. */
import type { Segment } from '../../../domain/core/language/language.ts'
import type { MessageKey } from '../../../domain/core/language/report-wording.ts'
import { territoryOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import type { Counts, Detection, Figure, Localised } from '../../../domain/detection/detection.ts'
import {
  datedText,
  figureParts,
  hashtag,
  languageWord,
  nameText,
  shortened,
  titleOf,
} from '../../../domain/page/words/phrases.ts'
import { sourceName } from '../../../domain/page/words/watch.ts'
import type { RoomKey, RoomWording } from '../../shared/wording.ts'
import { shortHash, whenLine } from './names.ts'

type FieldName = Exclude<keyof Detection, 'counts' | 'revision'> | `counts.${keyof Counts}` | 'actor.replies'

type Printed = {
  readonly name: RoomKey | MessageKey
  readonly text: (detection: Detection, words: RoomWording) => string
}

export const figureText = (figure: Figure, words: RoomWording): string => {
  const { qualifier, value } = figureParts(figure, words)
  return figure.qualifier === 'exact' ? value : `${qualifier} ${value}`
}

const flat = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('')

const localisedText = (text: Localised | undefined, words: RoomWording): string =>
  text ? titleOf(text, words.language, maxText).text : ''

const maxText = 200

const maxNamed = 12

const listed = (all: readonly string[] | undefined, words: RoomWording): string => {
  const named = all ?? []
  const more = named.length - maxNamed
  const some = named.slice(0, maxNamed).map(harmless)
  return words.list(more > 0 ? [...some, words.say('room.value.more', { count: more })] : some)
}

const figureOf =
  (name: 'posts' | 'reposts' | 'accounts' | 'coordinatedAccounts' | 'videos' | 'views') =>
  ({ counts }: Detection, words: RoomWording): string =>
    counts[name] ? figureText(counts[name], words) : ''

const rowsOf = <Row extends { readonly posts?: Figure | undefined }>(
  rows: readonly Row[] | undefined,
  of: (row: Row) => string,
  words: RoomWording,
): string =>
  listed(
    rows?.map((row) =>
      row.posts ? words.say('room.mend.line', { label: of(row), text: figureText(row.posts, words) }) : of(row),
    ),
    words,
  )

const actorText = ({ actor }: Detection, words: RoomWording): string => {
  if (!actor) return ''
  const { attributedBy, name, likelihood, confidence, links = [] } = actor
  return [
    words.say('room.value.actor', { source: nameText(attributedBy, words), actor: nameText(name, words) }),
    ...(likelihood ? [words.say(`likelihood.${likelihood}`)] : []),
    ...(confidence
      ? [words.say('room.value.confidence', { level: words.say('confidence.level', { level: confidence }) })]
      : []),
    ...(links.length > 0 ? [words.say('room.value.links', { count: links.length })] : []),
  ].join(' · ')
}

const repliesText = ({ actor }: Detection, words: RoomWording): string =>
  (actor?.replies ?? [])
    .map(({ by, text, date, source, marking }) => {
      const about = [
        ...(source ? [titleOf(source.title, words.language).text] : []),
        ...(date === undefined ? [] : [datedText(date, words)]),
        ...(source?.archiveUrl === undefined ? [] : [harmless(source.archiveUrl)]),
        ...(marking ? [marking] : []),
      ]
      const line = words.say('room.mend.line', {
        label: harmless(nameText(by, words)),
        text: localisedText(text, words),
      })
      return about.length > 0 ? `${line} (${about.join(', ')})` : line
    })
    .join(' · ')

const statementOf =
  (name: 'claim' | 'established') =>
  ({ [name]: statement }: Detection, words: RoomWording): string =>
    statement ? [localisedText(statement.text, words), ...sourceTexts(statement, words)].join(' · ') : ''

const sourceTexts = ({ source }: { readonly source?: string | undefined }, words: RoomWording): readonly string[] =>
  source === undefined ? [] : [words.say('room.value.by', { name: harmless(source) })]

const confirmedTexts = (
  { confirmed }: Pick<NonNullable<Detection['breakout']>, 'confirmed'>,
  words: RoomWording,
): readonly string[] =>
  confirmed
    ? [
        words.say('room.value.confirmed', { name: harmless(confirmed.by) }),
        ...(confirmed.on === undefined ? [] : [datedText(confirmed.on, words)]),
      ]
    : []

const effectBy =
  (sentence: 'dossier.effect' | 'group.state.effect') =>
  ({ observedEffect }: Detection, words: RoomWording): string => {
    if (!observedEffect) return ''
    const { degree, state, text } = observedEffect
    return [
      words.say(`${sentence}.${degree ?? state}`),
      ...sourceTexts(observedEffect, words),
      ...(text ? [localisedText(text, words)] : []),
      ...confirmedTexts(observedEffect, words),
    ].join(' · ')
  }

export const effectLine = effectBy('group.state.effect')

const confidenceText = ({ confidence }: Detection, words: RoomWording): string => {
  if (!confidence) return ''
  const { level, score, source, platformDefault, of } = confidence
  const named =
    source === undefined ? '' : words.say('confidence.source', { source: harmless(nameText(source, words)) })
  return [
    ...(level ? [words.say('confidence.level', { level })] : []),
    ...(score === undefined ? [] : [words.say('confidence.score', { score, source: named })]),
    ...(platformDefault ? [words.say('confidence.default')] : []),
    ...(of ? [localisedText(of, words)] : []),
  ].join(' · ')
}

const originText = ({ supposedOrigin }: Detection, words: RoomWording): string => {
  if (!supposedOrigin) return ''
  const { zone, place, by, reason } = supposedOrigin
  return [
    ...(place === undefined ? [] : [harmless(nameText(place, words))]),
    zone,
    words.say('room.value.by', { name: harmless(nameText(by, words)) }),
    ...(reason === undefined ? [] : [harmless(nameText(reason, words))]),
  ].join(' · ')
}

const eventText = ({ event }: Detection, words: RoomWording): string => {
  if (!event) return ''
  const who = event.participants.map((one) =>
    'role' in one && typeof one.role === 'object'
      ? localisedText(one.role, words)
      : localisedText(one as Localised, words),
  )
  return [
    ...(event.place ? [localisedText(event.place, words)] : []),
    ...(who.length > 0 ? [listed(who, words)] : []),
  ].join(' · ')
}

const markingSourceText = ({ markingSource }: Detection, words: RoomWording): string => {
  if (!markingSource) return ''
  return words.say(markingSource === 'stated' ? 'room.value.stated' : `marking.${markingSource}`)
}

/** Complete by type: a new schema field must be added here to compile. */
const fields: Readonly<Record<FieldName, Printed>> = {
  id: { name: 'room.changed.id', text: ({ id }) => harmless(id) },
  partOf: { name: 'room.changed.partOf', text: ({ partOf = '' }) => harmless(partOf) },
  detector: {
    name: 'room.changed.detector',
    text: ({ detector }, words) => harmless(sourceName(detector.name, words)),
  },
  kind: { name: 'room.changed.kind', text: ({ kind }, words) => words.say(`kind.${kind}`) },
  title: { name: 'corrected.title', text: ({ title }, words) => titleOf(title, words.language).text },
  summary: { name: 'corrected.summary', text: ({ summary }, words) => localisedText(summary, words) },
  claim: { name: 'room.changed.claim', text: statementOf('claim') },
  established: { name: 'room.changed.established', text: statementOf('established') },
  territories: {
    name: 'corrected.territories',
    text: ({ territories }, words) => words.list(territories.map(({ code }) => territoryOf(code).name[words.language])),
  },
  observed: {
    name: 'corrected.observed',
    text: whenLine,
  },
  platforms: { name: 'corrected.platforms', text: ({ platforms }, words) => listed(platforms, words) },
  'counts.posts': { name: 'corrected.posts', text: figureOf('posts') },
  'counts.reposts': { name: 'corrected.reposts', text: figureOf('reposts') },
  'counts.accounts': { name: 'corrected.accounts', text: figureOf('accounts') },
  'counts.coordinatedAccounts': { name: 'corrected.coordinatedAccounts', text: figureOf('coordinatedAccounts') },
  'counts.videos': { name: 'corrected.videos', text: figureOf('videos') },
  'counts.views': { name: 'corrected.views', text: figureOf('views') },
  'counts.byPlatform': {
    name: 'room.changed.byPlatform',
    text: ({ counts }, words) => rowsOf(counts.byPlatform, ({ platform }) => platform, words),
  },
  'counts.byDay': {
    name: 'room.changed.byDay',
    text: ({ counts }, words) => rowsOf(counts.byDay, ({ day }) => words.days(day, day), words),
  },
  'counts.byInterval': {
    name: 'room.changed.byInterval',
    text: (detection, words) =>
      rowsOf(detection.counts.byInterval, ({ from }) => momentOf(from, detection, words), words),
  },
  // Accounts are counted, never named.
  accountRefs: {
    name: 'room.changed.accountRefs',
    text: ({ accountRefs: all }, words) => (all ? words.say('room.value.accounts', { count: all.length }) : ''),
  },
  coordinatedAccountRefs: {
    name: 'room.changed.coordinatedAccountRefs',
    text: ({ coordinatedAccountRefs: all }, words) =>
      all ? words.say('room.value.accounts', { count: all.length }) : '',
  },
  accountSet: {
    name: 'room.changed.accountSet',
    text: ({ accountSet }, words) =>
      accountSet
        ? [
            harmless(accountSet.name === undefined ? accountSet.id : nameText(accountSet.name, words)),
            ...(accountSet.size ? [figureText(accountSet.size, words)] : []),
          ].join(' · ')
        : '',
  },
  campaign: { name: 'room.changed.campaign', text: ({ campaign = '' }) => harmless(campaign) },
  actor: { name: 'room.changed.actor', text: (detection, words) => harmless(actorText(detection, words)) },
  'actor.replies': { name: 'room.changed.replies', text: repliesText },
  supposedOrigin: { name: 'room.changed.supposedOrigin', text: originText },
  timeZoneUnknown: {
    name: 'room.changed.timeZoneUnknown',
    text: ({ timeZoneUnknown: is }, words) =>
      is === undefined ? '' : words.say(is ? 'room.value.yes' : 'room.value.no'),
  },
  modusOperandi: {
    name: 'room.changed.modusOperandi',
    text: ({ modusOperandi: way }, words) =>
      way
        ? [
            harmless(nameText(way.name, words)),
            words.say('room.value.by', { name: harmless(nameText(way.attributedBy, words)) }),
          ].join(' · ')
        : '',
  },
  reported: {
    name: 'room.changed.reported',
    text: ({ reported = {} }, words) => {
      const { campaign, actor, platforms = [], territories = [] } = reported
      return listed(
        [campaign, actor, ...platforms, ...territories].flatMap((one) => one ?? []),
        words,
      )
    },
  },
  event: { name: 'room.changed.event', text: eventText },
  techniques: {
    name: 'room.changed.techniques',
    text: ({ techniques }, words) =>
      listed(
        techniques.map(({ id, name }) => (name === undefined ? id : `${id} ${nameText(name, words)}`)),
        words,
      ),
  },
  narratives: {
    name: 'room.changed.narratives',
    text: ({ narratives }, words) =>
      listed(
        narratives.map((one) => localisedText(one, words)),
        words,
      ),
  },
  hashtags: { name: 'room.changed.hashtags', text: ({ hashtags }, words) => listed(hashtags.map(hashtag), words) },
  languages: {
    name: 'room.changed.languages',
    text: ({ languages }, words) =>
      listed(
        languages.map((tag) => languageWord(tag, words)),
        words,
      ),
  },
  fingerprints: {
    name: 'room.changed.fingerprints',
    text: ({ fingerprints }, words) =>
      listed(
        fingerprints.map(({ algorithm, value }) => `${algorithm} ${value}`),
        words,
      ),
  },
  indicators: {
    name: 'room.changed.indicators',
    text: ({ indicators }, words) =>
      listed(
        indicators.map(({ value }) => value),
        words,
      ),
  },
  impersonates: {
    name: 'room.changed.impersonates',
    text: ({ impersonates = [] }, words) =>
      listed(
        impersonates.map(({ name, role }) =>
          name === undefined ? (role ? nameText(role, words) : words.say('room.value.unnamed')) : nameText(name, words),
        ),
        words,
      ),
  },
  observedEffect: { name: 'room.changed.observedEffect', text: effectBy('dossier.effect') },
  evidence: {
    name: 'room.changed.evidence',
    text: ({ evidence }, words) =>
      listed(
        evidence.map(({ label }) => localisedText(label, words)),
        words,
      ),
  },
  plates: { name: 'room.changed.plates', text: ({ plates }, words) => listed(plates?.map(shortHash), words) },
  quotes: {
    name: 'room.changed.quotes',
    text: ({ quotes }, words) =>
      listed(
        quotes?.map(({ text }) => words.quoted(text.slice(0, maxText))),
        words,
      ),
  },
  confidence: { name: 'room.changed.confidence', text: confidenceText },
  reliability: { name: 'room.changed.reliability', text: ({ reliability = '' }) => reliability },
  credibility: {
    name: 'room.changed.credibility',
    text: ({ credibility }, words) => (credibility === undefined ? '' : words.number(credibility)),
  },
  marking: { name: 'room.changed.marking', text: ({ marking }) => marking },
  markingSource: { name: 'room.changed.markingSource', text: markingSourceText },
  breakout: {
    name: 'room.changed.breakout',
    text: ({ breakout }, words) =>
      breakout
        ? [
            flat(
              words.formatRich('manoeuvre.breakout', {
                category: breakout.category,
                meaning: words.say(`breakout.${breakout.category as 1 | 2 | 3 | 4 | 5 | 6}`),
                part: '',
              }),
            ),
            ...(breakout.basis ? [words.say(`room.basis.${breakout.basis}`)] : []),
            ...(breakout.evidence ? [localisedText(breakout.evidence, words)] : []),
            ...confirmedTexts(breakout, words),
          ].join(' · ')
        : '',
  },
  criteria: {
    name: 'room.changed.criteria',
    text: ({ criteria }, words) =>
      criteria
        .map(({ criterion, state, evidence }) =>
          words.say('room.mend.line', {
            label: words.say(`criterion.${criterion}`),
            text: [words.say(`state.${state}`), ...(evidence ? [localisedText(evidence, words)] : [])].join(', '),
          }),
        )
        .join(' · '),
  },
}

const momentOf = (at: string, { territories }: Detection, words: RoomWording): string => {
  const [only] = territories
  return words.moment(Date.parse(at), only ? territoryOf(only.code).zone : 'UTC', { year: false })
}

const isField = (name: string): name is FieldName => Object.hasOwn(fields, name)

export const fieldNames = Object.keys(fields) as readonly FieldName[]

export const changedName = (name: string, words: RoomWording): string =>
  isField(name) ? words.say(fields[name].name as RoomKey) : name

/** Parts of a field that have their own column or form cell. */
const cellNames: Readonly<Record<string, RoomKey | MessageKey>> = {
  'observed.from': 'room.detections.from',
  'observed.to': 'room.detections.to',
  revision: 'room.cell.revision',
  'actor.name': 'room.changed.actor',
  'actor.attributedBy': 'room.cell.attributedBy',
  'actor.likelihood': 'room.cell.likelihood',
  'actor.confidence': 'room.cell.actorConfidence',
  'accountSet.id': 'room.changed.accountSet',
  'accountSet.name': 'room.cell.accountSetName',
  'accountSet.size': 'room.cell.accountSetSize',
  'event.place': 'room.cell.eventPlace',
  'event.participants': 'room.cell.participants',
  'claim.source': 'room.cell.claimSource',
  'established.source': 'room.cell.establishedSource',
  'observedEffect.confirmed': 'room.cell.effectConfirmed',
  'breakout.basis': 'room.cell.breakoutBasis',
  'breakout.confirmed': 'room.cell.breakoutConfirmed',
  'indicators.domain': 'room.cell.domains',
  'indicators.url': 'room.cell.urls',
  'indicators.ip': 'room.cell.ips',
  'indicators.email': 'room.cell.emails',
  'indicators.hash': 'room.cell.hashes',
  'indicators.account': 'room.cell.indicatorAccounts',
  'evidence.archiveUrl': 'room.cell.archives',
  'criteria.fundamental-interests': 'criterion.fundamental-interests',
  'criteria.foreign-actor': 'criterion.foreign-actor',
  'criteria.misleading-content': 'criterion.misleading-content',
  'criteria.artificial-dissemination': 'criterion.artificial-dissemination',
}

export const cellName = (name: string, words: RoomWording): string => {
  const own = cellNames[name]
  if (own !== undefined) return words.say(own as RoomKey)
  const [, of = '', part] = /^(title|summary|claim|established|counts\..+)\.([^.]+)$/.exec(name) ?? []
  if (part === 'qualifier') return words.say('room.cell.qualifier', { figure: changedName(of, words) })
  return part === undefined ? changedName(name, words) : `${changedName(of, words)} (${part})`
}

type Wrong = {
  readonly path: string
  readonly context?: string | undefined
}

/** A path that is no heading is one of Vigie's fields. */
export const faultPath = ({ path, context }: Wrong, words: RoomWording): string =>
  context === undefined || context.includes(path) ? path : cellName(path, words)

export const fieldText = (detection: Detection, name: string, words: RoomWording): string =>
  (isField(name) ? fields[name].text(detection, words) : '') || '–'

const maxChanged = 6
const maxChangeText = 100

export const changeLines = (
  {
    before,
    after,
    changed,
  }: { readonly before: Detection; readonly after: Detection; readonly changed: readonly string[] },
  words: RoomWording,
): readonly string[] => {
  const shortFieldText = (detection: Detection, name: string) =>
    shortened(fieldText(detection, name, words), maxChangeText)
  const more = changed.length - maxChanged
  return [
    ...changed.slice(0, maxChanged).map((name) =>
      words.say('room.mend.line', {
        label: changedName(name, words),
        text: `${shortFieldText(before, name)} → ${shortFieldText(after, name)}`,
      }),
    ),
    ...(more > 0 ? [words.say('room.change.more', { count: more })] : []),
  ]
}
