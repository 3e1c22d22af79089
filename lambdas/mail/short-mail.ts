/** Mails that a reader requests: the code for a report, the link that confirms an address. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ReportWording, wordingOf } from '../domain/core/language/report-wording.ts'
import type { Marking } from '../domain/core/marking.ts'
import { shortMailId } from '../domain/delivery/delivery.ts'
import { editionTitles, placeNames, type Recipient } from '../domain/delivery/recipient.ts'
import { templateFolder } from '../templating/folder.ts'
import { strictTemplates } from '../templating/strict.ts'
import { composeMessage, type OutgoingMail } from './mime.ts'

/** `id` is unique, for the mail service's events. */
type ShortMail = { readonly mail: OutgoingMail; readonly id: string }

type Envelope = {
  readonly to: Pick<Recipient, 'id' | 'address' | 'language' | 'territories' | 'editions'>
  readonly from: string
  readonly contact: string | undefined
  readonly date: Date
}

type CodeMail = Envelope & {
  readonly digits: string
  readonly about: {
    readonly territory: string
    readonly kind: string
    readonly period: string
    readonly marking: Marking
  }
}

type RecallMail = Envelope & {
  readonly about: CodeMail['about'] & { readonly version: number }
  readonly reason: string | undefined
  readonly inForce: number | undefined
}

type ConfirmationMail = Envelope & {
  readonly link: string
  readonly days: number
  readonly organisation: string | undefined
}

/** The code is only in the body: locked screens show subjects. */
export const codeMail = ({ digits, about, ...envelope }: CodeMail): Promise<ShortMail> => {
  const words = wordingOf(envelope.to.language)
  return compose('code', envelope, words, {
    subject: words.say('web.mail.code.subject'),
    lead: words.say('web.mail.code.lead'),
    code: digits,
    link: null,
    lines: [
      words.say('web.mail.code.about', about),
      words.say('web.mail.code.valid'),
      words.say('web.mail.code.stranger'),
      askLine(envelope.contact, words),
    ],
  })
}

export const recallMail = ({ about, reason, inForce, ...envelope }: RecallMail): Promise<ShortMail> => {
  const words = wordingOf(envelope.to.language)
  return compose('recall', envelope, words, {
    subject: words.say('mail.recall.subject', about),
    lead: words.say('mail.recall.lead', about),
    ...{ code: '', link: null },
    lines: [
      reason === undefined ? words.say('mail.recall.sealed') : words.say('mail.recall.reason', { reason }),
      words.say('mail.recall.next', {
        version: inForce ?? 0,
        recalled: about.version,
        // What it corrected of an earlier version is recalled with it.
        isEarlier: (inForce ?? 0) < about.version ? 'yes' : 'no',
      }),
      askLine(envelope.contact, words),
    ],
  })
}

export const confirmationMail = ({ link, days, organisation, ...envelope }: ConfirmationMail): Promise<ShortMail> => {
  const words = wordingOf(envelope.to.language)
  const titles = editionTitles(envelope.to, words.language)
  const places = words.list(titles ?? placeNames(envelope.to.territories, words.language))
  return compose('confirm', envelope, words, {
    subject: words.say('web.mail.join.subject'),
    lead: organisation
      ? words.say('web.mail.join.lead.by', { organisation, places })
      : words.say('web.mail.join.lead', { places }),
    code: '',
    link: { label: words.say('web.join.button'), url: link },
    lines: [
      words.say('web.mail.join.valid', { days }),
      words.say('web.mail.join.stranger'),
      askLine(envelope.contact, words),
    ],
  })
}

const askLine = (contact: string | undefined, words: ReportWording): string =>
  words.say('web.mail.ask', { contact: contact ?? words.say('mail.ask.none'), known: contact ? 'yes' : 'no' })

type Letter = {
  readonly subject: string
  readonly lead: string
  readonly code: string
  readonly link: { readonly label: string; readonly url: string } | null
  readonly lines: readonly string[]
}

const compose = async (
  kind: 'code' | 'confirm' | 'recall',
  { to, from, contact, date }: Envelope,
  { language }: ReportWording,
  letter: Letter,
): Promise<ShortMail> => {
  const id = shortMailId(kind, to.id, randomBytes(6).toString('hex'))
  const mail = await composeMessage({
    id,
    from: { name: 'Vigie', address: from },
    to: { address: to.address },
    contact,
    subject: letter.subject,
    date,
    lang: language,
    text: plainText(letter),
    html: page()({ ...letter, lang: language }),
  })
  return { mail, id }
}

const plainText = ({ lead, code, link, lines }: Letter): string =>
  [lead, ...(code ? [code] : []), ...(link ? [`${link.label}\n${link.url}`] : []), ...lines, ''].join('\n\n')

let opened: ReturnType<ReturnType<typeof strictTemplates>['compile']> | undefined

const page = () => {
  const file = join(templateFolder('mail'), 'mail', 'short.hbs')
  opened ??= strictTemplates().compile(file, readFileSync(file, 'utf8'))
  return opened
}
