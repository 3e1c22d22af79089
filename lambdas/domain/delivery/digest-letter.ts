/** Builds a digest. Each part shows at most what its own mail could show. */
import { capitalised } from '../core/language/language.ts'
import { type ReportWording, wordingOf } from '../core/language/report-wording.ts'
import { handlingName, markingSlug, strictest } from '../core/marking.ts'
import { type SubjectCode, subjectOf } from '../core/place/territory.ts'
import { parsePeriod } from '../core/time/period.ts'
import type { Report } from '../page/page.ts'
import { periodLine } from '../page/words/phrases.ts'
import {
  askOf,
  datedPeriod,
  footOf,
  type Letter,
  type LetterItem,
  type LetterOptions,
  letterOf,
  whoIs,
} from './letter.ts'

type Part = Pick<LetterOptions, 'content' | 'occasion'> & { readonly report: Report; readonly read: string }

type DigestOptions = Pick<LetterOptions, 'recipient' | 'contact' | 'fullUpTo'> & {
  readonly parts: readonly [Part, ...Part[]]
  readonly late: readonly { readonly subject: SubjectCode; readonly period: string }[]
  readonly paused: DigestOptions['late']
  readonly unsubscribe: string
}

export const digestLetterOf = ({
  recipient,
  parts,
  late,
  paused,
  unsubscribe,
  fullUpTo,
  ...asked
}: DigestOptions): Letter => {
  const words = wordingOf(recipient.language)
  const [{ report }] = parts
  const page = report.pages[words.language]
  const contact = asked.contact ?? report.house.contact
  const letters = parts.map(({ report: of, read, ...partOptions }) =>
    letterOf(of, { ...partOptions, recipient, links: { read, unsubscribe }, attached: false, fullUpTo }),
  )
  const marking = strictest(letters.map((one) => one.marking))
  const periods = [
    ...new Set(parts.map((one) => datedPeriod(one.report.period, one.report.pages[words.language].period, words))),
  ]
  const needsCode = letters.some(({ link }) => link?.notes.includes(words.say('mail.link.code')))
  const areCorrections = parts.every(({ occasion }) => occasion.kind === 'correction')
  const count = { count: parts.length, corrections: areCorrections ? 'yes' : 'no' }
  const who = whoIs(recipient)
  return {
    lang: words.language,
    subject: words.say('mail.digest.subject', { marking, periods: capitalised(periods.join(', ')), ...count }),
    // Never a campaign's name: mail programs show it on locked screens.
    preheader: words.list(parts.map((one) => one.report.pages[words.language].territory)),
    marking,
    markingSlug: markingSlug(marking),
    handling: words.say('mail.handling', { marking: handlingName[marking] }),
    organisation: page.house.organisation,
    tagline: page.tagline,
    territory: words.say('mail.digest.title', count),
    kind: words.say('mail.digest.kind'),
    period: periods.join(' · '),
    version: '',
    lead: '',
    sealed: '',
    shownFindings: null,
    link: null,
    items: letters.map((letter, at) => itemOf(letter, parts[at]?.occasion.kind === 'correction')),
    closing: [
      ...(late.length > 0
        ? [{ label: words.say('mail.digest.late'), text: namedText('mail.digest.late.text', late, words) }]
        : []),
      ...(paused.length > 0
        ? [{ label: words.say('mail.digest.paused'), text: namedText('mail.digest.paused.text', paused, words) }]
        : []),
      {
        label: words.say('mail.digest.links'),
        text: [words.say('mail.digest.links.note'), ...(needsCode ? [words.say('mail.digest.links.code')] : [])].join(
          ' ',
        ),
      },
      {
        label: words.say('mail.why'),
        text: words.say('mail.digest.why', { who: who.join(', '), named: who.length > 0 ? 'yes' : 'no' }),
      },
      askOf(contact, words),
    ],
    contact,
    ...footOf(page, unsubscribe, words),
  }
}

const summaryOf = ({ level, summary }: NonNullable<Letter['shownFindings']>): LetterItem['summary'] =>
  level ? [{ text: `${level.spoken}.`, strong: true }, { text: ' ' }, ...level.why] : summary

/** Of a report in a digest. */
const maxFacts = 3

const itemOf = ({ shownFindings, link, ...letter }: Letter, isCorrection: boolean): LetterItem => ({
  territory: letter.territory,
  kind: letter.kind,
  period: letter.period,
  version: letter.version,
  marking: letter.marking,
  // The digest implies that the reports are ready.
  lead: [isCorrection ? letter.lead : '', letter.sealed].filter(Boolean).join(' '),
  summary: shownFindings ? summaryOf(shownFindings) : [],
  facts: (shownFindings?.facts ?? []).slice(0, maxFacts),
  lines: (shownFindings?.changes?.rows ?? []).map(({ line }) => line),
  link: { label: link?.label ?? '', url: link?.url ?? '' },
})

const namedText = (
  key: 'mail.digest.late.text' | 'mail.digest.paused.text',
  named: DigestOptions['late'],
  words: ReportWording,
): string => {
  const names = named.map(({ subject, period: id }) => {
    const period = parsePeriod(id)
    return words.say('mail.digest.late.one', {
      territory: subjectOf(subject).name[words.language],
      period: datedPeriod(period, periodLine({ period }, words), words),
    })
  })
  return words.say(key, { names: words.list(names), count: named.length })
}
