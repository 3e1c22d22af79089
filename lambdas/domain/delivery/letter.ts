/** Builds the mail that announces a version, within what its marking allows. */
import { capitalised, type Segment } from '../core/language/language.ts'
import type { Language } from '../core/language/languages.ts'
import type { ReportWording } from '../core/language/report-wording.ts'
import { closedMarking, fitsUnder, handlingName, type Marking, markingSlug } from '../core/marking.ts'
import { type Subject, subjectOf } from '../core/place/territory.ts'
import { harmless } from '../core/text/harmless.ts'
import type { PageOne } from '../page/first/page-one.ts'
import type { Trend } from '../page/first/trend.ts'
import type { ChangeTable } from '../page/front/changes.ts'
import { nextDue } from '../page/front/closing.ts'
import type { Page, Report } from '../page/page.ts'
import { reportWordingOf } from '../page/words/edition-words.ts'
import { plain, type Row } from '../page/words/phrases.ts'
import { maxMarkingDisclosed, type Recipient } from './recipient.ts'

export type LetterOptions = {
  readonly recipient: Pick<Recipient, 'language' | 'name' | 'organisation'>
  /** As {@link mayReceive} decided. The report's marking may still forbid content. */
  readonly content: 'findings' | 'nothing'
  /** A correction names the version that this reader received before. */
  readonly occasion: { readonly kind: 'first' } | { readonly kind: 'correction'; readonly version: number }
  /** Links to our own pages, never directly to a file. */
  readonly links: { readonly read: string; readonly unsubscribe: string }
  readonly attached: boolean
  /** Defaults to the organisation's contact. */
  readonly contact?: string | undefined
  /** Up to which marking a mail shows findings; defaults to GREEN. */
  readonly fullUpTo?: Marking | undefined
}

type LetterFact = { readonly label: string; readonly text: readonly Segment[]; readonly small: readonly Segment[] }

export type LetterTrend = Pick<Trend, 'title' | 'points' | 'band' | 'spoken'>

type LetterFindings = {
  readonly title: string
  /** Null for a nation, a dossier and a flash note. */
  readonly level: NonNullable<PageOne['level']> | null
  /** Of a nation; else empty. */
  readonly summary: readonly Segment[]
  readonly tiles: readonly { readonly name: string; readonly spoken: string; readonly was: string }[]
  readonly facts: readonly LetterFact[]
  readonly lists: readonly { readonly title: string; readonly items: readonly (readonly Segment[])[] }[]
  readonly trend: LetterTrend | null
  readonly changes: {
    readonly title: string
    readonly sentences: readonly (readonly Segment[])[]
    readonly head: { readonly measure: string; readonly before: string; readonly after: string }
    readonly rows: readonly (ChangeTable['rows'][number] & { readonly line: string })[]
  } | null
}

type LetterLink = { readonly label: string; readonly url: string }

/** A report in a digest, shorter than its own mail. */
export type LetterItem = {
  readonly territory: string
  readonly kind: string
  readonly period: string
  readonly version: string
  readonly marking: Marking
  /** Which version it replaces, or why details are withheld; else ''. */
  readonly lead: string
  /** The level with its reason; of a nation the levels of its territories. */
  readonly summary: readonly Segment[]
  readonly facts: readonly LetterFact[]
  readonly lines: readonly string[]
  readonly link: LetterLink
}

export type Letter = {
  readonly lang: Language
  readonly subject: string
  /** The preview text in a list of mails. */
  readonly preheader: string
  readonly marking: Marking
  readonly markingSlug: string
  readonly handling: string
  readonly organisation: string
  readonly tagline: string
  readonly territory: string
  readonly kind: string
  readonly period: string
  readonly version: string
  readonly lead: string
  readonly sealed: string
  /** Null if the marking forbids findings in a mail. */
  readonly shownFindings: LetterFindings | null
  readonly link: (LetterLink & { readonly notes: readonly string[] }) | null
  readonly items: readonly LetterItem[]
  readonly closing: readonly { readonly label: string; readonly text: string }[]
  readonly contact: string | undefined
  readonly unsubscribe: LetterLink & { readonly note: string }
  readonly accent: string
  readonly accentDark: string
}

const usualAccent = { light: '#0c4a57', dark: '#7cc0cc' } as const

export const letterOf = (report: Report, options: LetterOptions): Letter => {
  const { recipient, occasion, links, contact = report.house.contact, fullUpTo = maxMarkingDisclosed } = options
  const words = reportWordingOf(report, recipient.language)
  const page = report.pages[words.language]
  // An unknown marking counts as the strictest.
  const marking = closedMarking(report.marking)
  const isOpen = fitsUnder(marking, maxMarkingDisclosed)
  const shownFindings =
    options.content === 'findings' && fitsUnder(marking, fullUpTo) ? findingsOf(report, page, occasion, words) : null
  // Mail programs show subjects and previews on locked screens.
  const openFindings = isOpen ? shownFindings : null
  const isCorrection = occasion.kind === 'correction'
  const territory = subjectOf(report.territory.code)
  const lead = isCorrection
    ? words.say('mail.corrected', { version: report.version, before: occasion.version })
    : words.say('mail.ready', { flash: page.flash ? 'yes' : 'no' })
  const about = openFindings ? newsOf(page) : page.kind
  const head = headOf(report, page, shownFindings !== null, openFindings !== null, words)
  return {
    lang: words.language,
    subject: words.say('mail.subject', {
      marking,
      correction: isCorrection ? 'yes' : 'no',
      territory: head.called,
      period: head.dated,
      about,
    }),
    preheader: openFindings ? previewOf(openFindings) : lead,
    marking,
    markingSlug: markingSlug(marking),
    handling: words.say('mail.handling', { marking: handlingName[marking] }),
    organisation: page.house.organisation,
    tagline: page.tagline,
    territory: head.territory,
    kind: head.kind,
    period: head.period,
    version: [words.say('mail.version', { version: report.version }), page.banner].filter(Boolean).join(' · '),
    lead: shownFindings && !isCorrection ? '' : lead,
    sealed: shownFindings ? '' : words.say('mail.sealed', { open: isOpen ? 'yes' : 'no', marking }),
    shownFindings,
    link: {
      label: words.say('mail.read'),
      url: links.read,
      notes: [
        ...(shownFindings && options.attached ? [words.say('mail.attached')] : []),
        words.say('mail.link.note'),
        ...(isOpen ? [] : [words.say('mail.link.code')]),
      ],
    },
    items: [],
    closing: [
      ...(isCorrection ? [] : nextReport(report, territory, words)),
      ...(shownFindings ? phoneOf(page, words) : []),
      {
        label: words.say('mail.why'),
        text: whyText(recipient, territory.inSentence[words.language], words),
      },
      askOf(contact, words),
    ],
    contact,
    ...footOf(page, links.unsubscribe, words),
  }
}

/** The parts of a mail that any report allows, whatever its marking. */
export const closedHead = (report: Report, words: ReportWording): Pick<Letter, 'territory' | 'kind' | 'period'> =>
  headOf(report, report.pages[words.language], false, false, words)

type Head = Pick<Letter, 'territory' | 'kind' | 'period'> & { readonly called: string; readonly dated: string }

/** Returns the subject line. A dossier has no period, and its campaign's name only if the marking allows it. */
const headOf = (report: Report, page: Page, showsFindings: boolean, isOpen: boolean, words: ReportWording): Head => {
  const { territory, kind, period, dossier } = page
  if (!dossier) {
    const dated = page.flash ? period : datedPeriod(report.period, period, words)
    return { territory, kind, period, called: territory, dated }
  }
  const { last } = report.period
  const until = words.say('mail.until', { day: words.days(last, last) })
  if (!showsFindings) return { territory, kind, period: until, called: territory, dated: until }
  const name = unlinkedText(harmless(dossier.name))
  const called = isOpen ? words.say('mail.subject.dossier', { name, kind: dossier.kind }) : territory
  return { territory: name, kind: dossier.kind, period, called, dated: until }
}

export const askOf = (contact: string | undefined, words: ReportWording): Letter['closing'][number] => ({
  label: words.say('web.ask'),
  text: contact ? words.say('mail.ask.contact', { contact }) : words.say('mail.ask.none'),
})

export const footOf = (
  page: Page,
  unsubscribe: string,
  words: ReportWording,
): Pick<Letter, 'unsubscribe' | 'accent' | 'accentDark'> => ({
  unsubscribe: { label: words.say('mail.unsubscribe'), url: unsubscribe, note: words.say('mail.unsubscribe.note') },
  accent: page.house.accent || usualAccent.light,
  accentDark: page.house.accentDark || usualAccent.dark,
})

/** Null for a page of an earlier program without a page 1 to repeat. */
const findingsOf = (
  report: Report,
  page: Page,
  occasion: LetterOptions['occasion'],
  words: ReportWording,
): LetterFindings | null => {
  const shown = page.flash
    ? flashFindings(page, page.flash, words)
    : page.dossier
      ? { facts: page.dossier.key.map(factOf), lists: [unknownList(page.dossier.unknown.items, words)] }
      : page.first
        ? firstFindings(page.first, words)
        : null
  if (!shown) return null
  const { facts = [], lists = [], ...others } = shown
  return {
    ...{ title: words.say('front.happened'), level: null, summary: [], tiles: [], trend: null },
    ...others,
    facts: facts.map(({ label, text, small }) => ({ label, text: unlinked(text), small: unlinked(small) })),
    lists: lists.flatMap(({ title, items }) => (items.length > 0 ? [{ title, items: items.map(unlinked) }] : [])),
    changes: occasion.kind === 'correction' ? changesOf(report, page, occasion.version, words) : null,
  }
}

type Shown = Partial<LetterFindings>

const firstFindings = (first: PageOne, words: ReportWording): Shown => {
  const { title, level, national, rows, trend, unknown, moreUnknown, actions, avoid } = first
  const facts = national ? national.manoeuvres.rows.map((one) => nationalFact(one, words)) : rows
  // The summary counts the others.
  const tiles = (national?.tiles ?? []).flatMap(({ name, level: mark, was }) =>
    mark && (mark.steps > 0 || was) ? [{ name, spoken: mark.spoken, was }] : [],
  )
  return {
    title: tiles.length + facts.length > 0 ? title : '',
    level: level && { ...level, why: unlinked(level.why) },
    ...{ trend, summary: national?.summary ?? [], tiles, facts },
    lists: [
      unknownList([...unknown.items, ...moreUnknown], words),
      {
        title: words.say('front.actions'),
        items: [...actions, ...avoid.map((item) => [...plain(`${words.say('front.avoid')} `), ...item])],
      },
    ],
  }
}

const nationalFact = (
  {
    claim,
    where,
    campaign,
    change,
    effect,
    spread,
    size,
  }: NonNullable<PageOne['national']>['manoeuvres']['rows'][number],
  words: ReportWording,
): LetterFact => ({
  label: [where, unlinkedText(campaign), change].filter(Boolean).join(' · '),
  text: claim,
  small: [
    ...plain(`${words.say('manoeuvre.effect')} – `),
    ...effect,
    ...plain(` ${[spread, size && `${capitalised(size)}.`].filter(Boolean).join(' ')}`),
  ],
})

const unknownList = (items: readonly (readonly Segment[])[], words: ReportWording) => ({
  title: words.say('front.unknown'),
  items,
})

const flashFindings = (
  { bounds: [until], unknown }: Page,
  { blocks, readers }: NonNullable<Page['flash']>,
  words: ReportWording,
): Shown => ({
  facts: [
    ...blocks.flatMap(({ label, title: { text, lang }, rows }) => [
      { label, text: [{ text, strong: true as const, ...(lang && { lang }) }], small: [] },
      ...rows.map(factOf),
    ]),
    ...(until ? [{ label: until.label, text: plain(until.text), small: [] }] : []),
  ],
  lists: [
    unknownList(unknown?.items ?? [], words),
    { title: readers.title, items: readers.items.map(({ text }) => text) },
  ],
})

const factOf = ({ label, paragraphs }: Row): LetterFact => ({
  label,
  text: paragraphs.flatMap((one, at) => (at === 0 ? one : [...plain(' '), ...one])),
  small: [],
})

const phoneOf = ({ first }: Page, words: ReportWording): Letter['closing'] =>
  first?.contact.phone
    ? [
        {
          label: words.say('contact'),
          text: [first.contact.phone, first.contact.hours].filter(Boolean).join(', '),
        },
      ]
    : []

const previewOf = ({ level, summary, facts }: LetterFindings): string =>
  level ? `${level.spoken}. ${textOf(level.why)}` : textOf(summary) || textOf(facts[0]?.text ?? [])

const changesOf = (report: Report, page: Page, before: number, words: ReportWording): LetterFindings['changes'] => {
  const { changes } = report
  if (!changes || !page.changes) return null
  const between =
    changes.version > before ? [plain(words.say('mail.changes.between', { version: changes.version, before }))] : []
  return {
    title: words.say('mail.changes'),
    sentences: [...page.changes.sentences, ...between].map(unlinked),
    head: page.changes.head,
    // The first table is this period's if any of its figures changed; the others are earlier periods'.
    rows: (changes.figures.length > 0 ? (page.changes.tables[0]?.rows ?? []) : []).map((row) => ({
      ...row,
      line: words.say('mail.changes.line', row),
    })),
  }
}

/** Contains no external text. */
const newsOf = ({ flash, first, kind }: Page): string =>
  flash?.places ?? first?.level?.spoken ?? first?.national?.headline.replace(/\.$/, '') ?? kind

/** With its year, for mailbox searches: `semaine 20 de 2024`. */
export const datedPeriod = (
  { id, cadence }: Pick<Report['period'], 'id' | 'cadence'>,
  otherwise: string,
  words: ReportWording,
): string =>
  cadence === 'week' ? words.say('mail.week', { number: Number(id.slice(-2)), year: id.slice(0, 4) }) : otherwise

/** Readers notice if it is missing. */
const nextReport = (report: Report, territory: Subject, words: ReportWording): Letter['closing'] => {
  const day = nextDue(report, territory, words)
  return day === '' ? [] : [{ label: words.say('next'), text: capitalised(day) }]
}

const whyText = (recipient: LetterOptions['recipient'], territory: string, words: ReportWording): string => {
  const who = whoIs(recipient)
  return who.length === 0
    ? words.say('mail.why.address', { territory })
    : words.say('mail.why.named', { who: who.join(', '), territory })
}

/** External text, so links are disarmed. */
export const whoIs = ({ name, organisation }: LetterOptions['recipient']): readonly string[] =>
  [name, organisation].flatMap((one) => (one === undefined ? [] : unlinkedText(harmless(one))))

const textOf = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('')

/** Mail programs turn bare hosts and any scheme into links, so a title could carry one. */
const unlinkedText = (text: string): string =>
  text
    .replace(/[\u200b-\u200f\u2060\ufeff]/g, '')
    .replace(/\b(mailto|sms|tel):/giu, '$1[:]')
    .replace(/(?<=[\p{L}\p{N}_-])[.\u3002\uff0e\uff61](?=[\p{L}\p{N}_-]*\p{L}{2})/gu, '[.]')
    .replace(/(?<=[a-z0-9])(:\/\/)/giu, '[$1]')
    .replace(/(?<=\S)@(?=\S)/gu, '[@]')

const unlinked = (segments: readonly Segment[]): readonly Segment[] =>
  segments.map((segment) => ({ ...segment, text: unlinkedText(segment.text) }))
