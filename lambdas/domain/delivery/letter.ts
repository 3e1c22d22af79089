/** Builds the mail that announces a version, within what its marking allows. */
import { wideBreakout } from '../aggregate/counting/gravity.ts'
import { gravestEffect, manoeuvreWith, outcomeOf } from '../aggregate/outcome.ts'
import type { Segment } from '../core/language/language.ts'
import type { Language } from '../core/language/languages.ts'
import type { ReportWording } from '../core/language/report-wording.ts'
import { maximum } from '../core/lists.ts'
import { closedMarking, fitsUnder, handlingName, type Marking, markingSlug } from '../core/marking.ts'
import { subjectOf } from '../core/place/territory.ts'
import { harmless } from '../core/text/harmless.ts'
import type { ChangeTable } from '../page/front/changes.ts'
import { jointOf } from '../page/front/front.ts'
import { quietState } from '../page/front/quiet-state.ts'
import { sinceLine } from '../page/front/since.ts'
import type { Page, Report } from '../page/page.ts'
import { reportWordingOf } from '../page/words/edition-words.ts'
import { type BarValue, detectionsTotal, plain, sharedTerritoryCount, withheldFindings } from '../page/words/phrases.ts'
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
}

type LetterBar = { readonly value: BarValue; readonly isPeak: boolean }

export type LetterTimeline = {
  readonly title: string
  readonly note: string
  readonly bars: readonly LetterBar[]
  /** `written` is '' where bars share a label. */
  readonly marks: readonly { readonly label: string; readonly written: string; readonly span: number }[]
  readonly text: string
}

type LetterFigure = {
  readonly name: string
  readonly qualifier: string
  readonly value: string
  readonly before: string
  /** '' if either value is missing. */
  readonly change: string
  /** A word for an unusual figure, else ''. */
  readonly unusual: string
  readonly line: string
}

type LetterFindings = {
  readonly title: string
  readonly note: string
  /** The statement of a quiet period, else ''. */
  readonly statement: string
  readonly findings: readonly (readonly Segment[])[]
  readonly caveats: readonly { readonly label: string; readonly text: readonly Segment[] }[]
  /** Also among the caveats; '' if nothing is withheld. */
  readonly withheld: string
  readonly figures: {
    readonly title: string
    /** False for a dossier, which has no preceding period. */
    readonly isCompared: boolean
    readonly head: { readonly measure: string; readonly now: string; readonly before: string }
    readonly rows: readonly LetterFigure[]
  }
  readonly timeline: LetterTimeline | null
  readonly changes: {
    readonly title: string
    readonly sentences: readonly (readonly Segment[])[]
    readonly head: { readonly measure: string; readonly before: string; readonly after: string }
    readonly rows: readonly (ChangeTable['rows'][number] & { readonly line: string })[]
  } | null
  readonly howTo: { readonly label: string; readonly text: readonly Segment[] }
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
  readonly statement: string
  readonly findings: readonly (readonly Segment[])[]
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
  readonly unsubscribe: LetterLink & { readonly note: string }
  readonly accent: string
  readonly accentDark: string
}

const usualAccent = { light: '#0c4a57', dark: '#7cc0cc' } as const

const maxLabelledBars = 7
const maxSharedMarks = 5

export const letterOf = (report: Report, options: LetterOptions): Letter => {
  const { recipient, occasion, links, contact = report.house.contact } = options
  const words = reportWordingOf(report, recipient.language)
  const page = report.pages[words.language]
  // An unknown marking counts as the strictest.
  const marking = closedMarking(report.marking)
  const isOpen = fitsUnder(marking, maxMarkingDisclosed)
  const shownFindings = options.content === 'findings' && isOpen ? findingsOf(report, page, occasion, words) : null
  const isCorrection = occasion.kind === 'correction'
  const territory = subjectOf(report.territory.code)
  const lead = isCorrection
    ? words.say('mail.corrected', { version: report.version, before: occasion.version })
    : words.say('mail.ready', { flash: page.flash ? 'yes' : 'no' })
  const about = shownFindings ? newsOf(report, page, words) : page.kind
  const head = headOf(report, page, shownFindings !== null, words)
  return {
    lang: words.language,
    subject: words.say('mail.subject', {
      marking,
      correction: isCorrection ? 'yes' : 'no',
      territory: head.called,
      period: head.dated,
      about,
    }),
    preheader: shownFindings ? shownFindings.statement || textOf(shownFindings.findings[0] ?? []) : lead,
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
      ...(isCorrection ? [] : nextReport(page, words)),
      {
        label: words.say('mail.why'),
        text: whyText(recipient, territory.inSentence[words.language], words),
      },
      askOf(contact, words),
    ],
    ...footOf(page, links.unsubscribe, words),
  }
}

type Head = Pick<Letter, 'territory' | 'kind' | 'period'> & { readonly called: string; readonly dated: string }

/** Returns the subject line. A dossier has no period, and its campaign's name only if the marking allows it. */
const headOf = (report: Report, page: Page, showsFindings: boolean, words: ReportWording): Head => {
  const { territory, kind, period, dossier } = page
  if (!dossier) {
    const dated = page.flash ? period : datedPeriod(report.period, period, words)
    return { territory, kind, period, called: territory, dated }
  }
  const { last } = report.period
  const until = words.say('mail.until', { day: words.days(last, last) })
  if (!showsFindings) return { territory, kind, period: until, called: territory, dated: until }
  const name = unlinkedText(harmless(dossier.name))
  const called = words.say('mail.subject.dossier', { name, kind: dossier.kind })
  return { territory: name, kind: dossier.kind, period, called, dated: until }
}

export const askOf = (contact: string | undefined, words: ReportWording): Letter['closing'][number] => ({
  label: words.say('mail.ask'),
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

const findingsOf = (
  report: Report,
  page: Page,
  occasion: LetterOptions['occasion'],
  words: ReportWording,
): LetterFindings => {
  const { essentials, figures } = page
  const isCompared = !report.dossier
  const withheld = withheldFindings(report, words)
  // The page's last finding is the withheld notice: a separate field here, never cut off.
  const findings = essentials.findings.slice(0, essentials.findings.length - withheld.length)
  const caveats = [
    ...(page.since ? [{ label: words.say('since'), text: sinceLine(page.since, words) }] : []),
    ...(page.watch ? [{ label: words.say('watch.label'), text: unlinked(page.watch.text) }] : []),
    ...withheld.map((text) => ({ label: words.say('sources.withheld'), text })),
    ...flashCaveats(page),
  ]
  return {
    title: essentials.title,
    note: report.quiet ? '' : essentials.note,
    statement: essentials.statement ?? '',
    findings: [
      ...levelFinding(page),
      ...findings,
      ...(report.quiet && report.totals.watched ? [plain(words.say('mail.quiet.proof'))] : []),
    ].map(unlinked),
    caveats,
    withheld: withheld.map(textOf).join(' '),
    figures: {
      title: figures.title,
      isCompared,
      head: { measure: figures.head.measure, now: figures.head.now, before: figures.head.before },
      rows: figures.rows.map((row) => figureOf(row, isCompared ? figures.head : null, words)),
    },
    timeline: timelineOf(report, page, words),
    changes: occasion.kind === 'correction' ? changesOf(report, page, occasion.version, words) : null,
    howTo: {
      label: words.say('mail.howTo'),
      text: words.formatRich('mail.howTo.text', { compared: isCompared ? 'yes' : 'no' }),
    },
  }
}

const levelFinding = ({ first }: Page): readonly (readonly Segment[])[] =>
  first?.level ? [[{ text: `${first.level.spoken}.`, strong: true }, ...plain(' '), ...first.level.why]] : []

const flashCaveats = ({ flash, bounds }: Page): LetterFindings['caveats'] => {
  if (!flash) return []
  const [until] = bounds
  const { title, items } = flash.readers
  const last = items.at(-1)
  return [
    ...(until ? [{ label: until.label, text: plain(until.text) }] : []),
    ...(last ? [{ label: title, text: unlinked(last.text) }] : []),
  ]
}

/** @param head null where nothing is compared */
const figureOf = (
  { name, joint, value, reading, ...row }: Page['figures']['rows'][number],
  head: Page['figures']['head'] | null,
  words: ReportWording,
): LetterFigure => {
  const { before, change } = head ? row : { before: '', change: '' }
  const unusual = head && reading.sign === 'unusual' ? reading.word : ''
  const qualifier = [row.qualifier, joint].filter(Boolean).join(', ')
  const line = words.say('mail.figure.line', {
    name,
    qualifier,
    value,
    previous: head ? words.say('mail.figure.before', { previous: head.before, before }) : '',
    change: change ? words.say('mail.figure.change', { change }) : '',
    unusual: unusual ? words.say('mail.figure.unusual', { reading: unusual }) : '',
  })
  return { name, qualifier, value, before, change, unusual, line }
}

const timelineOf = (report: Report, page: Page, words: ReportWording): LetterTimeline | null => {
  const chart = page.time?.chart
  const most = maximum(
    (chart?.bars ?? []).map(({ value }) => (typeof value === 'number' ? value : 0)),
    0,
  )
  if (!chart || most === 0) return null
  const { bars, title, note, text } = chart
  const span = bars.length <= maxLabelledBars ? 1 : bars.length > 14 ? 7 : Math.ceil(bars.length / maxSharedMarks)
  const marks = bars.flatMap(({ written }, at) =>
    at % span === 0
      ? {
          label: markLabel(report, bars.length, at, span, words),
          written: span === 1 ? written : '',
          span: Math.min(span, bars.length - at),
        }
      : [],
  )
  return { title, note, text, marks, bars: bars.map(({ value }) => ({ value, isPeak: value === most })) }
}

/** The shortest unambiguous day or month of a bar: `mer. 15`, `1er mai`, then `8`. */
const markLabel = ({ days, period }: Report, bars: number, at: number, span: number, words: ReportWording): string => {
  const isMonthly = days.length > bars
  const date = isMonthly ? [...new Set(days.map(({ date }) => date.slice(0, 7)))][at] : days[at]?.date
  if (date === undefined) return ''
  const parts = isMonthly
    ? ({ month: 'short' } as const)
    : period.cadence === 'week'
      ? ({ weekday: 'short', day: 'numeric' } as const)
      : undefined
  if (parts) {
    const locale = words.language === 'fr' ? 'fr-FR' : 'en-GB'
    return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...parts }).format(new Date(date))
  }
  const isSameMonth = days[at - span]?.date.slice(0, 7) === date.slice(0, 7)
  return isSameMonth ? String(Number(date.slice(-2))) : words.days(date, date, { year: false })
}

const changesOf = (report: Report, page: Page, before: number, words: ReportWording): LetterFindings['changes'] => {
  const { changes } = report
  if (!changes || !page.changes) return null
  const between =
    changes.version > before ? [plain(words.say('mail.changes.between', { version: changes.version, before }))] : []
  return {
    title: words.say('mail.changes'),
    sentences: [...page.changes.sentences, ...between],
    head: page.changes.head,
    // The first table is this period's if any of its figures changed; the others are earlier periods'.
    rows: (changes.figures.length > 0 ? (page.changes.tables[0]?.rows ?? []) : []).map((row) => ({
      ...row,
      line: words.say('mail.changes.line', row),
    })),
  }
}

/** Contains no external text. */
const newsOf = (report: Report, page: Page, words: ReportWording): string => {
  if (page.flash) return page.flash.places
  return [reachedText(report, words), volumeText(report, page, words)].filter(Boolean).join(', ')
}

/** Reports archived by earlier versions have no effects. */
const reachedText = (
  report: Omit<Report, 'effects'> & Partial<Pick<Report, 'effects'>>,
  words: ReportWording,
): string => {
  const { reached = [] } = report.effects ?? {}
  if (reached.length === 0) return ''
  const nodes = reached.flatMap((entry) => {
    const whole = manoeuvreWith(entry.id, report.manoeuvres) ?? entry
    return [whole, ...whole.parts]
  })
  const observed = gravestEffect(nodes)
  const breakout = outcomeOf(nodes).breakout?.category ?? 0
  return words.say('mail.news.reached', {
    effect: observed ? (observed.degree === 'act' ? 'act' : 'observed') : 'none',
    breakout: breakout >= wideBreakout ? breakout : 0,
  })
}

const volumeText = (report: Report, page: Page, words: ReportWording): string => {
  if (report.quiet) {
    const { state, edition } = quietState(report)
    if (state === 'unwatched') return words.say('mail.news.unwatched')
    return words.say(state === 'earlier' ? 'mail.news.earlier' : 'mail.news.none', { edition, state })
  }
  const { posts, detections, isFloor } = report.totals
  if (posts.value) {
    const joint = jointOf(report)
    return words.say('mail.news.posts', {
      phrase: words.phrase('posts', { ...posts, value: posts.value }),
      value: posts.value,
      territories: joint ? sharedTerritoryCount(joint) : 0,
      joint: joint ? (joint.differ ? 'several' : 'some') : 'no',
    })
  }
  return detections > 0 ? words.phrase('detections', detectionsTotal(detections, isFloor)) : page.kind
}

/** With its year, for mailbox searches: `semaine 20 de 2024`. */
export const datedPeriod = (
  { id, cadence }: Pick<Report['period'], 'id' | 'cadence'>,
  otherwise: string,
  words: ReportWording,
): string =>
  cadence === 'week' ? words.say('mail.week', { number: Number(id.slice(-2)), year: id.slice(0, 4) }) : otherwise

/** Announces the next weekly report, so that readers notice if it is missing. */
const nextReport = (page: Page, words: ReportWording): Letter['closing'] =>
  page.closing
    .filter(({ label }) => label === words.say('next'))
    .map(({ label, paragraphs }) => ({ label, text: paragraphs.map(textOf).join(' ') }))

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
    .replace(/(?<=[\p{L}\p{N}_-])[.\u3002\uff0e](?=[\p{L}\p{N}_-]*\p{L}{2})/gu, '[.]')
    .replace(/(?<=[a-z0-9])(:\/\/)/giu, '[$1]')
    .replace(/(?<=\S)@(?=\S)/gu, '[@]')

const unlinked = (segments: readonly Segment[]): readonly Segment[] =>
  segments.map((segment) => ({ ...segment, text: unlinkedText(segment.text) }))
