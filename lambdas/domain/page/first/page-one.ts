/** Page 1 of a territory: the level, what happened, the trend, what is not known, what to do. */
import type { LevelClaim } from '../../aggregate/level/level-effect.ts'
import type { LevelTest } from '../../aggregate/level/level.ts'
import { mayBeUnusual } from '../../aggregate/level/reading.ts'
import { bareNumber } from '../../core/figures.ts'
import { capitalised, type Segment, sentence } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { isPublicCap } from '../../core/marking.ts'
import type { Subject } from '../../core/place/territory.ts'
import { dayIn } from '../../core/time/period.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { changedText } from '../front/changes.ts'
import { nextDue } from '../front/closing.ts'
import { wholeFinding } from '../front/front.ts'
import { langOf } from '../front/note.ts'
import { unknownOf } from '../front/unknown.ts'
import { sharedText } from '../words/in-part.ts'
import { inputValues, levelMark, levelName, levelSign, numberValues, scaleOf } from '../words/level-words.ts'
import {
  inSentences,
  isAllOf,
  languageName,
  listOf,
  momentIn,
  named,
  namedActors,
  original,
  plain,
  sharedTerritoryCount,
  shortened,
  whenSeen,
} from '../words/phrases.ts'
import { effectText, statement, undecidedEffect } from './effect-text.ts'
import { nationalOf } from './national.ts'
import { changeOf, statedIn } from './stated.ts'
import { bandValues } from './trend.ts'
import { trendOf } from './trend.ts'

export type PageOne = ReturnType<typeof pageOne>

/** Line budgets, in items and characters: page 1 is one sheet. */
const budget = {
  ...{ unknown: 3, unknownTight: 2, actions: 3, actionsTight: 2, others: 2, loose: 700 },
  ...{
    statement: 120,
    claim: 90,
    effect: 110,
    reason: 90,
    title: 90,
    point: 130,
    pointTight: 85,
    judgement: 200,
    judgementTight: 120,
  },
} as const

export const pageOne = (facts: Facts, territory: Subject, words: ReportWording) => {
  const unknown = unknownItems(facts, territory, words)
  const rows = facts.group ? [] : rowsOf(facts, territory, words)
  const isLong = lengthOf(rows) > budget.loose
  const judgement = judgementOf(facts, territory, words, isLong ? budget.judgementTight : budget.judgement)
  const isTight = isLong || judgement !== null
  const most = facts.group ? 0 : isTight ? budget.unknownTight : budget.unknown
  const shown = fitting(unknown, facts, most, isTight ? budget.pointTight : budget.point)
  const moreUnknown = unknown.slice(shown.length)
  const advice = actionsOf(facts, words, isTight ? budget.actionsTight : budget.actions)
  const hasAdvice = advice.actions.length + advice.avoid.length > 0
  const correction = correctionOf(facts, words)
  const around = (judgement ? 4 : 0) + (hasAdvice ? 6 : 0) + (correction ? 2 : 0)
  const national = facts.group
    ? nationalOf(facts, facts.group, runningNote(facts, territory, words), around, words)
    : null
  const hasContact = facts.house.phone !== undefined || facts.house.contact !== undefined
  const hasBox = hasAdvice || (hasContact && national === null)
  return {
    title: words.say(national ? 'national.title' : 'front.happened'),
    subject: national ? '' : words.say('front.subject', { territory: territory.inSentence[words.language] }),
    when: words.say('front.when', {
      cadence: facts.period.cadence,
      number: Number(facts.period.id.slice(-2)),
      days: words.days(facts.period.first, facts.period.last),
      version: facts.version,
      made: momentDay(facts, territory, words),
    }),
    correction,
    level: facts.level ? levelBlock(facts, facts.level, territory, words) : null,
    national,
    rows,
    isTight,
    judgement,
    trend: trendOf(facts, words),
    unknown: {
      items: shown,
      more: moreUnknown.length > 0 ? words.say('front.unknown.more', { count: moreUnknown.length }) : '',
    },
    /** In the annex. */
    moreUnknown,
    ...advice,
    hasAdvice,
    hasContact,
    /** A nation's page has no room for the contact alone. */
    hasBox,
    /** Where the next report is named. */
    inContact: hasBox && hasContact,
    contact: {
      phone: facts.house.phone?.number ?? '',
      hours: facts.house.phone?.hours?.[words.language] ?? '',
      address: facts.house.contact ?? '',
    },
    next: nextText(facts, territory, words),
    method: words.say('front.method'),
    methodAnnex: words.say('front.methodAnnex'),
    watch: watchText(facts, words),
    made: words.say('front.automatic', { isJudged: judgement ? 'yes' : 'no' }),
  }
}

/** What the version before had wrong; the annex has the rest. */
const correctionOf = ({ changes }: Facts, words: ReportWording) => {
  const [first] = changes?.detections ?? []
  const more = (changes?.revised.length ?? 0) + (changes?.removed.length ?? 0) - 1
  const { level } = changes ?? {}
  if (!first && !level) return null
  return {
    label: words.say('front.corrects', { version: changes?.version ?? 0 }),
    text: inSentences([
      ...(level
        ? [plain(words.say('front.corrects.level', { before: levelSign(level.before), after: levelSign(level.after) }))]
        : []),
      ...(first ? [changedText(first, words)] : []),
      ...(more > 0 ? [plain(words.say('front.corrects.more', { count: more }))] : []),
    ]),
  }
}

const levelBlock = (facts: Facts, level: NonNullable<Facts['level']>, territory: Subject, words: ReportWording) => ({
  ...levelMark(level, words),
  last: level.last
    ? words.say('level.last', {
        ...numberValues(level.last.value, words),
        isAtLeast: level.last.isAtLeast ? 'yes' : 'no',
        name: levelName(level.last.value, words).toLocaleLowerCase(words.language),
        week: weekBefore(facts),
      })
    : '',
  why: inSentences([
    ...whyOf(facts, level, territory, words),
    plain(words.say('level.finding', { cadence: isRunning(facts) ? 'running' : facts.period.cadence })),
  ]),
  scale: scaleOf(words).map((one) => ({ ...one, isHere: one.steps === level.value })),
})

const weekBefore = ({ before }: Facts): number => Number(before.at(-1)?.period.slice(-2) ?? 0)

const whyOf = (
  facts: Facts,
  level: NonNullable<Facts['level']>,
  territory: Subject,
  words: ReportWording,
): readonly (readonly Segment[])[] => {
  const { weeks } = level
  if (!weeks || weeks.counts.length === 0) return reasonOf(facts, level, territory, words)
  const [first = [], ...more] = reasonOf(facts, level, territory, words)
  const isOfWeek = weeks.gravest !== undefined && level.tests.some(({ above }) => above !== undefined)
  const thatWeek = isOfWeek ? plain(words.say('level.why.thatWeek', { week: weekNumber(weeks.gravest) })) : []
  return [plain(capitalised(weeksText(weeks, words))), [...thatWeek, ...first], ...more]
}

const reasonOf = (
  facts: Facts,
  level: NonNullable<Facts['level']>,
  territory: Subject,
  words: ReportWording,
): readonly (readonly Segment[])[] => {
  const place = territory.inSentence[words.language]
  if (level.value === 'not watched') return [plain(words.say('level.why.unwatched', { territory: place }))]
  if (level.value === 'interrupted') return [plain(words.say('level.why.interrupted'))]
  if (level.claim) return [claimReason(facts, level.claim, words)]
  const above = level.tests.find((test) => test.above !== undefined)
  if (above) return [testReason(above, words), ...noEffect(facts, words)]
  if (level.detections > 0) {
    const isCompared = level.tests.length === 0 || level.tests.some(({ ordinary }) => ordinary)
    const isKnown = !level.tests.some(mayBeUnusual)
    const count = {
      count: facts.totals.manoeuvres,
      compared: isKnown ? (isCompared ? 'yes' : 'no') : 'unknown',
      effect: undecidedEffect(facts),
    }
    return [words.formatRich('level.why.detections', count), ...noEffect(facts, words)]
  }
  const inputs = inputValues(level)
  return [
    plain(
      words.say('level.why.none', {
        territory: place,
        count: ongoingCount(facts),
        other: undatedCount(facts) > 0 ? 'undated' : ongoingCount(facts) > 0 ? 'ongoing' : 'none',
      }),
    ),
    ...(inputs ? [plain(words.say('level.why.inputs', inputs))] : []),
  ]
}

const noEffect = (facts: Facts, words: ReportWording): readonly (readonly Segment[])[] =>
  facts.effects.stated.notGiven === facts.totals.manoeuvres &&
  undecidedEffect(facts) === 'none' &&
  !isPublicCap(facts.cap)
    ? [words.formatRich('front.effect.unknownStrong')]
    : []

/** The claim that decided the level, as its detection states it. */
const claimReason = (facts: Facts, claim: LevelClaim, words: ReportWording): readonly Segment[] => {
  const of = facts.manoeuvres.flatMap((one) => [one, ...one.parts]).find(({ id }) => id === claim.id)
  const values = {
    confirmed: claim.is === 'reported' ? 'no' : claim.isBySources ? 'sources' : 'yes',
    source:
      claim.source === undefined
        ? ''
        : words.say('level.why.source', { source: claim.source, others: claim.isBySources ? 'yes' : 'no' }),
    shared: of ? sharedText(of, facts.territory, words) : '',
  }
  const text = claim.field === 'breakout' ? of?.breakout?.evidence : of?.observedEffect?.text
  const effect = claim.degree === 'act' ? 'act' : 'effect'
  if (!text) return words.formatRich('level.why.effectOnly', { ...values, effect, category: claim.category ?? 0 })
  const key = claim.field === 'breakout' ? 'level.why.pickUp' : (`level.why.${effect}` as const)
  return words.formatRich(key, { ...values, text: statement(text, words, budget.reason) })
}

const testReason = (test: LevelTest, words: ReportWording): readonly Segment[] => {
  const { figure, total, ordinary, earlier = 0, above, leftOut = 0 } = test
  const values = { figure, phrase: capitalised(words.phrase(figure, total)), leftOut }
  if (above === 'ordinary week' && ordinary) {
    const { weeks, isNone } = ordinary
    return isNone
      ? words.formatRich('level.why.silence', { ...values, weeks })
      : words.formatRich('level.why.ordinary', { ...values, ...bandValues(ordinary) })
  }
  return above === 'earlier weeks'
    ? words.formatRich('level.why.earlier', { ...values, earlier })
    : words.formatRich('level.why.first', values)
}

const weeksText = (
  { gravest, counts }: NonNullable<NonNullable<Facts['level']>['weeks']>,
  words: ReportWording,
): string =>
  words.say('level.why.weeks', {
    list: words.list(
      counts.map(({ value, count }) =>
        words.say('level.weeks', {
          ...numberValues(value, words),
          name: levelName(value, words).toLocaleLowerCase(words.language),
          count,
        }),
      ),
    ),
    week: gravest === undefined ? 'none' : weekNumber(gravest),
  })

const weekNumber = (id: string): string => id.slice(-2).replace(/^0/, '')

const watchText = ({ level }: Facts, words: ReportWording): string => {
  const inputs = level && inputValues(level)
  const isGap = inputs?.whole === 'no' && inputs.arrived >= inputs.expected
  return inputs ? words.say('front.watch', { ...inputs, ...(isGap && { whole: 'gap' }) }) : ''
}

type FactRow = {
  readonly label: string
  readonly text: readonly Segment[]
  readonly small: readonly Segment[]
}

const row = (label: string, text: readonly Segment[], small: readonly Segment[] = []): FactRow => ({
  label,
  text,
  small,
})

/** Drops the other manoeuvres where the rest fills the sheet. */
const rowsOf = (facts: Facts, territory: Subject, words: ReportWording): readonly FactRow[] => {
  const [lead, ...others] = facts.manoeuvres
  if (!lead) return quietRows(facts, territory, words)
  const rows = [
    ...statedRows(lead, facts, territory, words),
    effectRow(facts, lead, words),
    row(words.say('dossier.size'), sizeText(facts, lead, territory, words)),
    originRow(lead, words),
    ...violenceRow(facts, words),
  ]
  return others.length === 0 || lengthOf(rows) > budget.loose ? rows : [...rows, othersRow(facts, others, words)]
}

const lengthOf = (rows: readonly FactRow[]): number =>
  rows.flatMap(({ text, small }) => [...text, ...small]).reduce((sum, { text }) => sum + text.length, 0)

/** The fact before the claim; without a fact, what a source reported. */
const statedRows = (lead: Entry, facts: Facts, territory: Subject, words: ReportWording): readonly FactRow[] => {
  const { established, claim } = statedIn(lead)
  const change = words.say('national.change', { change: changeOf(lead, facts) })
  const seen = capitalised(
    words.say('front.seenOn', {
      when: whenSeen(lead, territory, words),
      platforms:
        lead.platforms.length === 0
          ? ''
          : `, ${words.list(lead.platforms.slice(0, 3).map((one) => shortened(one, 30)))}`,
      change: change && `, ${change}`,
    }),
  )
  const source = (name: string | undefined) =>
    name === undefined ? '' : words.say('front.source', { source: shortened(name, 60) })
  const smallOf = (...texts: readonly string[]) => plain(texts.filter(Boolean).join(' '))
  const claimNote = words.say('front.claimNote')
  return [
    established
      ? row(
          words.say('front.established'),
          statement(established.text, words, budget.statement),
          smallOf(source(established.source), claim ? '' : seen),
        )
      : row(
          words.say('front.notVerified'),
          original(lead.title, words, (text) => words.quoted(shortened(text, budget.statement))),
          smallOf(claim ? '' : seen),
        ),
    ...(claim
      ? [
          row(
            words.say('front.claim'),
            statement(claim.text, words, budget.claim),
            smallOf(claimNote, seen, source(claim.source)),
          ),
        ]
      : []),
  ]
}

const othersRow = (facts: Facts, others: readonly Entry[], words: ReportWording): FactRow => {
  const titles = others
    .slice(0, budget.others)
    .map((one) => original(one.title, words, (text) => words.quoted(shortened(text, budget.title))))
  const more = moreText(facts, others.length, words)
  const list =
    more === '.' ? listOf(titles, words) : titles.flatMap((one, at) => (at === 0 ? one : [...plain(', '), ...one]))
  return row(words.say('manoeuvres.rest'), [...list, ...plain(more)])
}

/** A call to violence has its own mark; it does not set the level. */
const violenceRow = ({ manoeuvres }: Facts, words: ReportWording): readonly FactRow[] => {
  const calling = manoeuvres.filter((one) => [one, ...one.parts].some(({ breakout }) => breakout?.basis === 'violence'))
  const [first] = calling
  if (!first) return []
  const { posts } = first.figures
  return [
    row(words.say('front.violence'), [
      ...original(first.title, words, (text) => words.quoted(shortened(text, budget.title))),
      ...plain(posts.value ? ` (${words.phrase('posts', posts)})` : ''),
      ...plain(calling.length > 1 ? ` ${words.say('since.more', { count: calling.length - 1 })}.` : '.'),
    ]),
  ]
}

const moreText = ({ totals }: Facts, listed: number, words: ReportWording): string => {
  const more = Math.max(listed, totals.manoeuvres - 1) - budget.others
  return more > 0 ? ` ${words.say('since.more', { count: more })}.` : '.'
}

const sizeText = (facts: Facts, lead: Entry, territory: Subject, words: ReportWording): readonly Segment[] => {
  const { views, coordinatedAccounts: part } = lead.figures
  const size = lead.accountSet?.size
  return inSentences([
    ...wholeSize(facts, territory, words),
    ...(part.value && size
      ? [
          words.formatRich('front.size.set', {
            part: words.total(part),
            size: words.total(size),
            value: bareNumber(part),
            all: isAllOf(part, size) ? 'yes' : 'no',
          }),
        ]
      : []),
    ...(views.value ? [plain(`${capitalised(words.phrase('views', views))}.`)] : []),
  ])
}

/** Posts of this territory alone, then those that several share. */
const wholeSize = (facts: Facts, territory: Subject, words: ReportWording): readonly (readonly Segment[])[] => {
  const { joint } = facts
  if (!joint || joint.posts.value === null) return [sentence(wholeFinding(facts, territory, words, ''))]
  const valuesOf = (posts: Parameters<ReportWording['phrase']>[1]) => ({
    phrase: capitalised(words.phrase('posts', posts)),
    value: bareNumber(posts),
  })
  const count = sharedTerritoryCount(joint)
  const shared = words.formatRich('front.size.joint', { ...valuesOf(joint.posts), count })
  const { own } = joint
  return own?.value ? [words.formatRich('front.size.own', valuesOf(own)), shared] : [shared]
}

const effectRow = (facts: Facts, lead: Entry, words: ReportWording): FactRow => {
  const { effect, breakout } = effectText(lead, facts, words, budget.effect)
  return { label: words.say('manoeuvre.effect'), text: effect, small: breakout }
}

const originRow = (lead: Entry, words: ReportWording): FactRow => {
  const { actor, supposedOrigin } = lead
  const [key, source, name] = actor
    ? ([
        isSuspected(actor) ? 'suspected' : 'attributed',
        actor.attributedBy,
        namedActors(actor.name, words, short),
      ] as const)
    : supposedOrigin
      ? ([
          'suspected',
          supposedOrigin.by,
          supposedOrigin.place ? named(supposedOrigin.place, words) : plain(supposedOrigin.zone),
        ] as const)
      : (['unknown', undefined, []] as const)
  const text =
    source === undefined
      ? plain(words.say('front.origin.unknown'))
      : words.formatRich(`front.origin.${key}`, {
          source: named(source, words, short),
          name,
          date: statedOn(lead, words),
        })
  return { label: words.say('front.origin'), text, small: plain(words.say('front.origin.note')) }
}

/** The newest day of a source of its links. */
const statedOn = ({ actor }: Entry, words: ReportWording): string => {
  const days = (actor?.links ?? []).flatMap(({ source }) => (source?.date?.length === 10 ? [source.date] : []))
  const day = days.toSorted().at(-1)
  return day === undefined ? '' : ` (${words.days(day, day)})`
}

const short = (name: string): string => shortened(name, 60)

/** ICD 203: from *very likely* on, and where no likelihood is stated, the source attributes. */
const isSuspected = ({ likelihood }: NonNullable<Entry['actor']>): boolean =>
  likelihood !== undefined && likelihood !== 'very likely' && likelihood !== 'almost certain'

const ongoingCount = ({ ongoing, unlisted }: Facts): number => ongoing.length + unlisted.ongoing

const undatedCount = ({ undatedHere, unlisted }: Facts): number => undatedHere.length + unlisted.undatedHere

const quietRows = (facts: Facts, territory: Subject, words: ReportWording): readonly FactRow[] => {
  const within = words.say('period.within', { cadence: facts.period.cadence })
  const line = (key: 'ongoing' | 'undatedHere', count: number): readonly FactRow[] =>
    count === 0
      ? []
      : [{ label: words.say(key), text: words.formatRich(`finding.${key}`, { count, within }), small: [] }]
  return [
    {
      label: words.say('period.short.this', { cadence: facts.period.cadence }),
      text: wholeFinding(facts, territory, words, within),
      small: [],
    },
    ...line('ongoing', ongoingCount(facts)),
    ...line('undatedHere', undatedCount(facts)),
  ]
}

const judgementOf = ({ notes }: Facts, territory: Subject, words: ReportWording, most: number) => {
  const note = notes.find(({ blocks }) => blocks.length > 0)
  const items = note?.blocks.flatMap((block) => block.items) ?? []
  const whole = items.map(wholeText).join(' ')
  return note
    ? {
        title: words.say('front.judgement', {
          language: langOf(note, words) ? languageName(note.language, words) : 'same',
        }),
        text: shortened(whole, most),
        lang: langOf(note, words),
        by: words.say('front.judgement.signed', {
          author: note.author,
          moment: momentIn(Date.parse(note.writtenAt), territory, words),
        }),
      }
    : null
}

const nextText = (facts: Facts, territory: Subject, words: ReportWording): string => {
  const day = nextDue(facts, territory, words)
  return day && words.say('front.next', { day })
}

const momentDay = ({ asOf }: Facts, { zone }: Subject, words: ReportWording): string => {
  const day = dayIn(Date.parse(asOf), zone)
  return words.days(day, day)
}

const isRunning = ({ asOf, period }: Facts): boolean => Date.parse(asOf) < Date.parse(period.to)

/** Of a period that is not over; on a nation's page 1 in its summary. */
const runningNote = (facts: Facts, territory: Subject, words: ReportWording): readonly (readonly Segment[])[] => {
  const moment = momentIn(Date.parse(facts.asOf), territory, words)
  return isRunning(facts) ? [words.formatRich('running', { cadence: facts.period.cadence, moment })] : []
}

/** A note's points first, then what the sources leave open. */
const unknownItems = (facts: Facts, territory: Subject, words: ReportWording): readonly (readonly Segment[])[] => [
  ...runningNote(facts, territory, words),
  ...facts.notes.flatMap((note) => note.unknown ?? []),
  ...unknownOf(facts, words).items,
]

/** Cuts an analyst's point; a sentence of ours is whole, or in the annex. */
const fitting = (unknown: ReturnType<typeof unknownItems>, { notes }: Facts, most: number, chars: number) => {
  let left = most * chars
  return unknown.slice(0, most).flatMap((item) => {
    const shown = cut([item], notes.some((note) => note.unknown?.includes(item)) ? chars : most * chars)
    left -= wholeText(shown.flat()).length
    return left < 0 ? [] : shown
  })
}

const wholeText = (item: readonly Segment[]): string => item.map(({ text }) => text).join('')

/** Whole in the note's card or the annex. */
const cut = (items: readonly (readonly Segment[])[], most: number = budget.pointTight) =>
  items.map((item) => {
    const whole = wholeText(item)
    return whole.length <= most ? item : plain(shortened(whole, most))
  })

const actionsOf = ({ notes, house, level }: Facts, words: ReportWording, most: number) => {
  const ofNotes = (name: 'recommended' | 'avoid') => notes.flatMap((note) => note[name] ?? [])
  const advised = { actions: ofNotes('recommended'), avoid: ofNotes('avoid') }
  const guidance = typeof level?.value === 'number' ? house.guidance?.levels[`${level.value}`] : undefined
  const texts = (all: readonly { readonly fr: string; readonly en: string }[] = []) =>
    all.map((one) => plain(one[words.language]))
  const { actions, avoid } =
    advised.actions.length + advised.avoid.length > 0
      ? advised
      : { actions: texts(guidance?.do), avoid: texts(guidance?.avoid) }
  return { actions: cut(actions.slice(0, most)), avoid: cut(avoid.slice(0, 1)) }
}
