import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Language } from '../../domain/core/language/languages.ts'
import { type MessageKey, type ReportWording, wordingOf } from '../../domain/core/language/report-wording.ts'
import { handlingName, markingSlug } from '../../domain/core/marking.ts'
import { editionTitles, placeNames } from '../../domain/delivery/recipient.ts'
import type { Organisation } from '../../domain/report/organisation.ts'
import { templateFolder } from '../../templating/folder.ts'
import { strictTemplates } from '../../templating/strict.ts'
import type { ConfirmationLink } from '../../usecases/links/confirm-subscription.ts'
import type { CodeState, DeadLink, LinkedReport } from '../../usecases/links/open-link.ts'
import type { UnsubscribeLink } from '../../usecases/links/unsubscribe.ts'

/** A page with a title and a sentence, also answered as JSON. */
export type Statement = { readonly title: string; readonly text: string }

export type Pages = {
  link(language: Language, report: LinkedReport): string
  code(language: Language, report: LinkedReport, code: CodeState): string
  leaving(link: UnsubscribeLink & { kind: 'found' }): string
  joining(link: ConfirmationLink & { kind: 'found' }): string
  statement(language: Language, statement: Statement, link?: PageLink): string
}

type PageLink = { readonly href: string; readonly label: string }

type Button = { readonly name: string; readonly value: string; readonly label: string }

const templateNames = ['link', 'code', 'statement'] as const
const partialNames = ['document', 'masthead', 'head', 'foot', 'report-head'] as const

export const openPages = (organisation: Organisation, styleSheet: string): Pages => {
  const folder = join(templateFolder('pages'), 'pages')
  const templates = strictTemplates()
  const compile = (name: string) => {
    const file = join(folder, `${name}.hbs`)
    return templates.compile(file, readFileSync(file, 'utf8'))
  }
  for (const name of partialNames) templates.partial(name, compile(name))
  const [linkPage, codePage, statementPage] = templateNames.map(compile)

  const frame = (words: ReportWording, title: string, report?: LinkedReport) => ({
    lang: words.language,
    title,
    styleSheet,
    tagline: words.say('brand.tagline'),
    house: { organisation: organisation.organisation ?? '', logo: organisation.logo ?? '' },
    ask: { label: words.say('web.ask'), text: organisation.contact ?? words.say('mail.ask.none') },
    marking: report?.marking ?? '',
    markingSlug: report ? markingSlug(report.marking) : '',
    head: report?.head ?? '',
  })
  const reportHead = (report: LinkedReport, words: ReportWording) => ({
    ...report,
    bounds: [
      { label: words.say('bounds.version'), text: versionText(report, words) },
      { label: words.say('list.marking'), text: words.say('mail.handling', { marking: handlingName[report.marking] }) },
    ],
  })
  const say = (
    words: ReportWording,
    { title, text }: Statement,
    { button = null, link = null }: { readonly button?: Button | null; readonly link?: PageLink | null } = {},
  ): string => statementPage?.({ ...frame(words, title), heading: title, text, button, link }) ?? ''

  return {
    link: (language, report) => {
      const words = wordingOf(language)
      const { asksForCode } = report
      return (
        linkPage?.({
          ...frame(words, report.documentTitle, report),
          report: reportHead(report, words),
          lead: words.say(asksForCode ? 'web.link.code.lead' : 'web.link.lead'),
          buttons: asksForCode
            ? [{ name: 'ask', value: 'code', label: words.say('web.link.code.ask') }]
            : fileButtons(words),
          note: words.say('web.link.logged'),
        }) ?? ''
      )
    },
    code: (language, report, code) => {
      const words = wordingOf(language)
      const isOpen = code.is !== 'over' && code.is !== 'used' && code.is !== 'unsent'
      return (
        codePage?.({
          ...frame(words, report.documentTitle, report),
          report: reportHead(report, words),
          isWrong: code.is !== 'sent',
          message: codeText(code, words),
          isOpen,
          label: words.say('web.code.label'),
          buttons: fileButtons(words),
          again:
            code.is === 'too many'
              ? null
              : { note: isOpen ? words.say('web.code.missing') : '', label: words.say('web.code.again') },
          note: words.say('web.link.logged'),
        }) ?? ''
      )
    },
    leaving: ({ language, left }) => {
      const words = wordingOf(language)
      if (left) return say(words, statementIn(words, 'web.leave.done.title', 'web.leave.done.text'))
      const button = { name: 'leave', value: 'yes', label: words.say('web.leave.button') }
      return say(words, statementIn(words, 'web.leave.title', 'web.leave.lead'), { button })
    },
    joining: ({ language, recipient, is }) => {
      const words = wordingOf(language)
      const titles = editionTitles(recipient, language)
      const places = words.list(titles ?? placeNames(recipient.territories, language))
      const scope = { places, of: titles ? 'reports' : 'territories' }
      if (is === 'active') {
        return say(words, {
          title: words.say('web.join.done.title'),
          text: words.say('web.join.done.text', scope),
        })
      }
      const button = { name: 'join', value: 'yes', label: words.say('web.join.button') }
      return say(words, { title: words.say('web.join.title'), text: words.say('web.join.lead', scope) }, { button })
    },
    statement: (language, statement, link) => say(wordingOf(language), statement, { link: link ?? null }),
  }
}

const fileButtons = (words: ReportWording): readonly Button[] => [
  { name: 'file', value: 'html', label: words.say('web.link.read') },
  { name: 'file', value: 'pdf', label: words.say('web.link.pdf') },
]

const versionText = ({ version, newer }: LinkedReport, words: ReportWording): string =>
  newer === undefined ? String(version) : words.say('web.version.newer', { version, newer })

export const codeText = (code: CodeState, words: ReportWording): string => {
  switch (code.is) {
    case 'wrong':
      return words.say('web.code.wrong', { left: code.left })
    case 'too many':
      return words.say('web.code.limit', { minutes: minutesUntil(code) })
    default:
      return words.say(`web.code.${code.is}`)
  }
}

export const minutesUntil = ({ from, now }: { readonly from: string; readonly now: string }): number =>
  Math.max(1, Math.ceil((Date.parse(from) - Date.parse(now)) / 60_000))

export const statementIn = (words: ReportWording, title: MessageKey, text: MessageKey): Statement => ({
  title: words.say(title),
  text: words.say(text),
})

export const refusalIn = (words: ReportWording, why: (DeadLink & { kind: 'refused' })['why']): Statement =>
  statementIn(words, 'web.refused.title', refusals.get(why) ?? 'web.refused.other')

const refusals = new Map<string, MessageKey>([
  ['recalled', 'web.refused.recalled'],
  ['unknown recipient', 'web.refused.left'],
  ['not active', 'web.refused.left'],
  ['awaits approval', 'web.refused.approval'],
  ['too many wrong codes', 'web.refused.codes'],
])
