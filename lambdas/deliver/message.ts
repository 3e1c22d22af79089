/** A letter as one MIME message: both texts, the timeline's picture, what is attached, and headers that nobody writes into. */
import { createHash } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { Letter } from '../domain/letter.ts'
import { partsOf } from './parts.ts'
import { timelinePicture } from './picture.ts'

/** A mail as it is sent: one MIME message. */
export type OutgoingMail = {
  readonly to: string
  readonly subject: string
  /** The whole message, RFC 5322. */
  readonly raw: Uint8Array
}

export type Mailbox = { readonly name?: string | undefined; readonly address: string }

export type Attachment = { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array }

export type Envelope = {
  readonly from: Mailbox
  readonly replyTo?: Mailbox | undefined
  readonly to: Mailbox
  /** Where one POST unsubscribes (RFC 8058). */
  readonly unsubscribe: string
  readonly attachments: readonly Attachment[]
  readonly date: Date
  /** Of the delivery: it names the message, so that whatever comes back about it can be matched. */
  readonly id: string
}

/** What a header or an address may not hold, or what a mail server would not take. */
export class MailError extends Error {
  override name = 'MailError'
}

/**
 * So large may a whole message be, in bytes as it is sent: SES takes 40 MB, many a mailbox no more than 10.
 */
export const mailBudget = 10_000_000

export const fitsBudget = ({ raw }: Pick<OutgoingMail, 'raw'>, budget = mailBudget): boolean => raw.length <= budget

/**
 * The mail as bytes; the same letter and envelope always make the same ones.
 * @throws MailError on an address, id or link that no header may carry
 */
export const composeMail = async (letter: Letter, envelope: Envelope): Promise<OutgoingMail> => {
  const { attachments, date, id } = envelope
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(id))
    throw new MailError(`no delivery has the id ${JSON.stringify(id)}`)
  const [from, to] = [checked(envelope.from), checked(envelope.to)]
  const host = from.address.slice(from.address.lastIndexOf('@') + 1)
  const cid = `timeline.${id}@${host}`
  const { html, text } = partsOf(letter, cid)
  const timeline = letter.told?.timeline
  const subject = oneLine(letter.subject)
  const composer = new MailComposer({
    from,
    to,
    ...(envelope.replyTo && { replyTo: checked(envelope.replyTo) }),
    subject,
    date,
    messageId: `<${id}@${host}>`,
    text,
    html,
    // Readable in a file, and no line longer than a mail server takes.
    encoding: 'quoted-printable',
    // A bare line feed is a line's end to one server and none to the next.
    newline: 'win',
    baseBoundary: createHash('sha256').update(id).digest('hex').slice(0, 24),
    attachments: [
      ...(timeline
        ? [
            {
              filename: 'timeline.png',
              contentType: 'image/png',
              contentDisposition: 'inline',
              cid,
              content: Buffer.from(timelinePicture(timeline, letter.accent)),
            },
          ]
        : []),
      ...attachments.map(({ name, contentType, bytes }) => ({
        filename: oneLine(name),
        contentType: oneLine(contentType),
        content: Buffer.from(bytes),
      })),
    ],
    headers: [
      { key: 'List-Unsubscribe', value: `<${webAddress(envelope.unsubscribe)}>` },
      { key: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
      { key: 'Auto-Submitted', value: 'auto-generated' },
      { key: 'X-Auto-Response-Suppress', value: 'All' },
      { key: 'Content-Language', value: letter.lang },
      { key: 'X-Vigie-Delivery', value: id },
    ],
    // Nothing is fetched or read that a text might name.
    disableUrlAccess: true,
    disableFileAccess: true,
  })
  return { to: to.address, subject, raw: new Uint8Array(await composer.compile().build()) }
}

/**
 * The mail with its files where the whole message stays within the budget, else without any. A letter says itself
 * whether something is attached, so each form has its own.
 */
export const composeWithin = async (
  letterFor: (attached: boolean) => Letter,
  envelope: Omit<Envelope, 'attachments'>,
  files: readonly Attachment[],
  budget: number = mailBudget,
): Promise<{ readonly mail: OutgoingMail; readonly attached: boolean }> => {
  const least = files.reduce((sum, { bytes }) => sum + encodedSize(bytes.length), 0)
  const letter = letterFor(files.length > 0)
  // What may not be told is not attached, whoever asks.
  if (files.length > 0 && letter.told && least <= budget) {
    const mail = await composeMail(letter, { ...envelope, attachments: files })
    if (fitsBudget(mail, budget)) return { mail, attached: true }
  }
  return { mail: await composeMail(letterFor(false), { ...envelope, attachments: [] }), attached: false }
}

/** Base64 makes four characters of three bytes, and lines of 76. */
const encodedSize = (bytes: number): number => {
  const characters = Math.ceil(bytes / 3) * 4
  return characters + 2 * Math.ceil(characters / 76)
}

const checked = ({ name, address }: Mailbox): { name: string; address: string } => {
  if (!/^[^\s\p{Cc}\p{Cf}<>()[\]:;,"\\@]{1,64}@[^\s\p{Cc}\p{Cf}<>()[\]:;,"\\@]{1,255}$/u.test(address)) {
    throw new MailError(`no mail goes to or from the address ${JSON.stringify(address)}`)
  }
  return { name: oneLine(name ?? ''), address }
}

/** Without what could end a header, or turn round how it reads. */
const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    // What looks like an encoded word would be read as one.
    .replaceAll('=?', '= ?')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()

const webAddress = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new MailError(`${JSON.stringify(text)} is no web address`)
  return url.href
}
