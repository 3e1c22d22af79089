import { manoeuvreWith, outcomeOf } from '../../aggregate/outcome.ts'
import { eachWidened } from '../../core/figures.ts'
import { type Segment, sentence } from '../../core/language/language.ts'
import { type TerritoryCode, territoryOf } from '../../core/place/territory.ts'
import type { Subject } from '../../core/place/territory.ts'
import { dayIn, parsePeriod } from '../../core/time/period.ts'
import type { Localised } from '../../detection/detection.ts'
import { type FlashFacts, hoursSince, weeklyState } from '../../flash/flash.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { changesSection } from '../front/changes.ts'
import { langOf } from '../front/note.ts'
import type { Unknown } from '../front/unknown.ts'
import { effectText } from '../manoeuvre/manoeuvre.ts'
import type { FlashWording } from '../words/edition-words.ts'
import { inPart, sharedText } from '../words/in-part.ts'
import { hrefOf } from '../words/links.ts'
import {
  breakoutMeaning,
  clusterValues,
  figurePhrases,
  hashtag,
  inSentences,
  named,
  namedActors,
  nameText,
  plain,
  type Row,
  shortened,
  whenSeen,
  type Words,
  wordsOf,
} from '../words/phrases.ts'

/** Text limits: more detections leave less room each. */
type Room = {
  readonly title: number
  readonly effect: number
  readonly content: number
  readonly hashtags: number
  readonly name: number
  /** True: each block announces the pending links; false: the section on the unknown does so once. */
  readonly computing: boolean
}

/** An analyst's judgement takes the room of one block. */
const roomFor = (entryCount: number, { notes }: Facts): Room => {
  const isJudged = notes.some(({ blocks, likelihood }) => blocks.length > 0 || likelihood)
  const blocks = entryCount + (isJudged ? 1 : 0)
  return blocks === 1
    ? { title: 140, effect: 160, content: 300, hashtags: 5, name: 80, computing: true }
    : blocks === 2
      ? { title: 110, effect: 110, content: 200, hashtags: 3, name: 60, computing: true }
      : { title: 80, effect: 70, content: 120, hashtags: 2, name: 60, computing: false }
}

const maxNamed = 5
const maxPlaces = 4

export type FlashSection = NonNullable<ReturnType<typeof flashSection>>

export const flashSection = (facts: Facts, territory: Subject, words: FlashWording) => {
  const { flash } = facts
  if (!flash) return null
  const named = new Set(flash.ids)
  const entries = facts.manoeuvres.flatMap((whole) => [whole, ...whole.parts]).filter(({ id }) => named.has(id))
  return {
    places: placesText(flash.territories, words),
    when: whenText(facts, flash, words),
    blocks: entries.map((entry, at) =>
      blockOf(
        entry,
        at,
        {
          entries,
          manoeuvres: facts.manoeuvres,
          room: roomFor(entries.length, facts),
          isRunning: flash.isRunning !== false,
          links: weeklyIn(facts, words),
        },
        territory,
        words,
      ),
    ),
    readers: readersOf(facts, words),
  }
}

const placesText = (codes: readonly TerritoryCode[], words: FlashWording): string =>
  codes.length > maxPlaces
    ? words.say('dossier.territories', { count: codes.length })
    : words.list(codes.map((code) => territoryOf(code).name[words.language]))

/** Safe for mails and addresses under any marking: names neither place nor content. */
export const flashPeriod = ({ asOf }: Facts, words: FlashWording): string =>
  words.say('flash.utc', { moment: words.moment(Date.parse(asOf), 'UTC') })

/** `17 mai 2024, 06 h 30 (Nouméa) · 42 heures après le premier message` */
const whenText = ({ asOf }: Facts, flash: FlashFacts, words: FlashWording): string => {
  const home = territoryOf(flash.home)
  const hours = hoursSince(flash.first, asOf)
  const moment = words.say('flash.moment', {
    moment: words.moment(Date.parse(asOf), home.zone),
    town: home.town[words.language],
  })
  const since =
    hours === undefined
      ? words.say('flash.sinceWhen', { when: words.observed({ ...flash.first, to: flash.first.from }, home.zone) })
      : hours < longAgo
        ? words.say('flash.sinceHours', { count: hours })
        : words.say('flash.sinceDays', { count: Math.floor(hours / 24) })
  return `${moment} · ${since}`
}

/** In hours; longer times are shown in days. */
const longAgo = 96

export const flashBounds = (facts: Facts, flash: FlashFacts, words: FlashWording) => [
  { label: words.say('flash.until'), text: untilText(facts, flash, words), ...weeklyLink(facts, flash, words) },
  { label: words.say('criteria.state'), text: words.say('flash.state.text', stateOf(flash)) },
  { label: words.say('flash.readers'), text: receiversText(flash, words) },
  {
    label: words.say('bounds.version'),
    text: words.say('flash.version', {
      version: facts.version,
      code: facts.territory.code,
      utc: words.moment(Date.parse(facts.asOf), 'UTC', { year: false }),
      hash: words.say('version.fingerprint', { hash: facts.snapshotSha256.slice(0, 16) }),
    }),
  },
]

const stateOf = (flash: Pick<FlashFacts, 'isRunning'> | undefined) => ({
  running: flash?.isRunning ? 'yes' : 'no',
})

const untilText = (facts: Facts, flash: FlashFacts, words: FlashWording): string => {
  const { until, reportDue, home } = flash
  const { zone, town } = territoryOf(home)
  const moment = words.say('flash.moment', {
    moment: words.moment(Date.parse(until), zone),
    town: town[words.language],
  })
  const weekly = weeklyIn(facts, words)
  if (until === reportDue) return words.say('flash.untilReport', { moment, number: weekly.number })
  return words.say('flash.untilMoment', {
    ...{ ...weekly, moment, reported: reportDue < until ? 'yes' : 'no' },
    day: words.days(dayIn(Date.parse(reportDue), zone), dayIn(Date.parse(reportDue), zone)),
  })
}

const weeklyIn = ({ flash, asOf, period }: Facts, { language }: Pick<FlashWording, 'language'>) => ({
  state: flash ? weeklyState(flash, asOf) : 'none',
  number: weekNumber(period),
  territory: flash?.weekly ? territoryOf(flash.weekly.territory).name[language] : '',
  version: flash?.weekly?.version ?? 0,
})

const weeklyLink = (facts: Facts, { weekly }: FlashFacts, words: FlashWording) =>
  weekly?.isLinked
    ? { link: { text: words.say('mail.read'), href: hrefOf({ ...weekly, period: facts.period.id }, facts, words) } }
    : {}

const weekNumber = ({ id }: Facts['period']): number => Number(parsePeriod(id).id.slice(-2))

const receiversText = ({ readers }: FlashFacts, words: FlashWording): string => {
  const list = words.list(readers.named.slice(0, maxNamed).map((name) => shortened(name, 60)))
  return words.say('flash.readersText', { count: readers.count, list, named: list ? 'yes' : 'no' })
}

const blockOf = (
  entry: Entry,
  at: number,
  {
    entries,
    manoeuvres,
    room,
    isRunning,
    links,
  }: {
    readonly entries: readonly Entry[]
    readonly manoeuvres: Facts['manoeuvres']
    readonly room: Room
    readonly isRunning: boolean
    readonly links: ReturnType<typeof weeklyIn>
  },
  territory: Subject,
  words: FlashWording,
) => {
  const whole = entries.findIndex(({ id }) => id === entry.partOf)
  const row = (label: string, ...paragraphs: Row['paragraphs'][number][]): readonly Row[] => {
    const paragraph = inSentences(paragraphs.filter((one) => one.length > 0))
    return paragraph.length > 0 ? [{ label, paragraphs: [paragraph] }] : []
  }
  const floored = { ...entry, figures: eachWidened(entry.figures, isRunning ? ['running'] : []) }
  const below = belowIn(entry, manoeuvres)
  return {
    anchor: `flash-${at + 1}`,
    label: words.say('flash.manoeuvre', { number: at + 1, whole: whole + 1 }),
    marking: entry.marking,
    title: cutText(entry.title, room.title, words),
    rows: [
      ...row(
        words.say('manoeuvre.effect'),
        ...effectTexts(below, room, territory, words),
        breakoutText(below, room, territory, words),
      ),
      ...row(words.say('manoeuvre.content'), ...contentText(entry, room, words)),
      ...row(words.say('dossier.size'), sizeText(floored, territory, words)),
      ...row(words.say('manoeuvre.actor'), actorText(entry, room, words)),
      ...row(
        words.say('flash.links'),
        linksText(floored, room, words),
        room.computing ? words.formatRich('flash.computing', links) : [],
      ),
    ],
  }
}

/** Cuts between words where possible: a number is never cut. */
const cutText = (texts: Localised, most: number, words: FlashWording): Words => {
  const whole = wordsOf(texts, words.language)
  const cut = shortened(whole.text, most)
  if (cut === whole.text) return whole
  const end = cut.lastIndexOf(' ')
  return { ...whole, text: end > cut.length / 2 ? `${cut.slice(0, end)}…` : cut }
}

/** A detection with all its parts: effects of parts count for their whole. */
type Below = readonly Entry[]

/** Returns a detection and all its parts, itself first. */
const belowIn = (entry: Entry, manoeuvres: Facts['manoeuvres']): Below => {
  const whole = manoeuvreWith(entry.id, manoeuvres)
  const found = new Map([[entry.id, entry]])
  for (let known = 0; known < found.size;) {
    known = found.size
    for (const part of whole?.parts ?? []) if (found.has(part.partOf ?? '')) found.set(part.id, part)
  }
  return [...found.values()]
}

/** Returns the gravest observed effect, and a contradicting claim if there is one. */
const effectTexts = (
  nodes: Below,
  room: Room,
  territory: Subject,
  words: FlashWording,
): readonly (readonly Segment[])[] => {
  const { effects, overallEffect } = outcomeOf(nodes)
  if (effects.length === 0) return [words.formatRich('flash.effect.notGiven')]
  const [first, ...others] = effects
  const contrary = others.find(({ effect }) => effect.state !== 'observed')
  const effectLines = [first, contrary].flatMap((one) =>
    one
      ? [
          effectText(one, nodes[0] ?? one.of, territory, words, {
            source: (name) => shortened(nameText(name, words), room.name),
            text: (texts) => cutText(texts, room.effect, words),
            title: room.name,
          }),
        ]
      : [],
  )
  return overallEffect === 'not given' ? [words.formatRich('effect.wholeNotGiven'), ...effectLines] : effectLines
}

const breakoutText = (nodes: Below, room: Room, territory: Subject, words: FlashWording): readonly Segment[] => {
  const { breakout, ratedBy } = outcomeOf(nodes)
  const [whole] = nodes
  return breakout && whole
    ? words.formatRich('flash.breakout', {
        category: breakout.category,
        meaning: breakoutMeaning(breakout, words),
        part: [...inPart(ratedBy, whole, words, room.name), ...plain(sharedText(ratedBy ?? whole, territory, words))],
      })
    : words.formatRich('flash.unrated')
}

const contentText = (
  { summary, narratives, hashtags }: Entry,
  room: Room,
  words: FlashWording,
): readonly (readonly Segment[])[] => {
  const text = summary ?? narratives[0]
  const tags = hashtags.slice(0, room.hashtags).map((one) => shortened(hashtag(one), 30))
  return [...(text ? [[cutText(text, room.content, words)]] : []), plain(tags.join(' '))]
}

const sizeText = (entry: Entry, territory: Subject, words: FlashWording): readonly Segment[] => {
  const when = whenSeen(entry, territory, words)
  const platforms = entry.platforms.slice(0, maxNamed).map((one) => shortened(one, 20))
  const phrases = figurePhrases(entry, words, ['posts', 'accounts', 'reposts', 'videos', 'views'])
  return words.formatRich('flash.sizeText', {
    where: [...platforms, shortened(when, 80)].join(', '),
    figures: phrases.length > 0 ? words.list(phrases) : words.say('flash.sizeUnknown'),
    posts: entry.figures.posts.value === null && phrases.length > 0 ? 'unknown' : 'known',
  })
}

const actorText = ({ actor }: Entry, room: Room, words: FlashWording): readonly Segment[] =>
  actor
    ? words.formatRich('flash.actor', {
        source: shortened(nameText(actor.attributedBy, words), room.name),
        actor: namedActors(actor.name, words, (text) => shortened(text, room.name)),
      })
    : words.formatRich('manoeuvre.attributionNone')

const linksText = (entry: Entry, room: Room, words: FlashWording): readonly Segment[] => {
  const { accountSet, campaign, figures } = entry
  if (accountSet?.size && figures.coordinatedAccounts.value) {
    const name = named(accountSet.name ?? accountSet.id, words, (text) => words.quoted(shortened(text, room.name)))
    return sentence(words.formatRich('flash.set', { ...clusterValues(entry, words), name }))
  }
  return campaign === undefined
    ? []
    : words.formatRich('flash.campaign', { campaign: words.quoted(shortened(campaign, room.name)) })
}

const readersOf = ({ notes, house }: Facts, words: FlashWording) => {
  const adviceOf = (name: 'avoid' | 'recommended') =>
    notes.flatMap((note) => (note[name] ?? []).map((text) => ({ text, lang: langOf(note, words) })))
  const [avoid, recommended] = [adviceOf('avoid'), adviceOf('recommended')]
  const own = (text: readonly Segment[]) => ({ text, lang: '' })
  const contact = house.contact ?? ''
  return {
    title: words.say('flash.forReaders'),
    note: words.say(avoid.length > 0 ? 'flash.byAnalyst' : 'flash.byMachine'),
    items: [
      ...recommended,
      own(contact ? words.formatRich('flash.report', { contact }) : words.formatRich('flash.reportNobody')),
      ...(avoid.length > 0 ? avoid : [own(words.formatRich('flash.doNotRelay'))]),
    ],
  }
}

/** Adds links, which only the weekly report computes. */
export const flashUnknown = (unknown: Unknown, facts: Facts, words: FlashWording): Unknown => ({
  ...unknown,
  items: [...unknown.items, plain(words.say('flash.unknownLinks', weeklyIn(facts, words)))],
})

export const flashChanges = (facts: Facts, territory: Subject, words: FlashWording): readonly Row[] => {
  const [first] = changesSection(facts, territory, words)?.sentences ?? []
  return first ? [{ label: words.say('changes'), paragraphs: [first] }] : []
}
