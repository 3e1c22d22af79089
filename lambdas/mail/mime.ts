/**
 * One MIME message of texts and files: headers that no text can break into, lines that every server takes, nothing
 * fetched.
 */
import { createHash } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'

/** A mail as it is sent: one MIME message. */
export type OutgoingMail = {
  readonly to: string
  readonly subject: string
  /** The whole message, RFC 5322. */
  readonly raw: Uint8Array
}

type Mailbox = { readonly name?: string | undefined; readonly address: string }

export type Attachment = { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array }

/** What a header or an address may not hold, or what a mail server would not take. */
export class MailError extends Error {
  override name = 'MailError'
}

export type Message = {
  /** Names the message, so that whatever comes back about it can be matched. */
  readonly id: string
  readonly from: Mailbox
  readonly replyTo?: Mailbox | undefined
  readonly to: Mailbox
  readonly subject: string
  readonly date: Date
  readonly lang: string
  readonly text: string
  readonly html: string
  /** Shown in the text, under the name that `cidOf` gives. */
  readonly picture?: { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array } | undefined
  readonly attachments?: readonly Attachment[]
  /** Beside those of every mail. */
  readonly headers?: Readonly<Record<string, string>>
}

const hostOf = ({ address }: Mailbox): string => address.slice(address.lastIndexOf('@') + 1)

/** The name of a message's picture, as its HTML says it. */
export const cidOf = ({ id, from }: Pick<Message, 'id' | 'from'>): string => `timeline.${id}@${hostOf(from)}`

/**
 * The mail as bytes; the same message always makes the same ones.
 * @throws MailError on an address or id that no header may carry
 */
export const composeMessage = async (message: Message): Promise<OutgoingMail> => {
  const { id, date, lang, text, html, picture, attachments = [], headers = {} } = message
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(id)) {
    throw new MailError(`no delivery has the id ${JSON.stringify(id)}`)
  }
  const [from, to] = [checked(message.from), checked(message.to)]
  const subject = headerText(message.subject)
  const composer = new MailComposer({
    from,
    to,
    ...(message.replyTo && { replyTo: checked(message.replyTo) }),
    subject,
    date,
    messageId: `<${id}@${hostOf(from)}>`,
    text: withLineFeeds(text),
    html: withLineFeeds(html),
    // Readable in a file, and no line longer than a mail server takes.
    encoding: 'quoted-printable',
    // A bare line feed is a line's end to one server and none to the next.
    newline: 'win',
    baseBoundary: createHash('sha256').update(id).digest('hex').slice(0, 24),
    attachments: [
      ...(picture ? [{ ...fileOf(picture), contentDisposition: 'inline' as const, cid: cidOf({ id, from }) }] : []),
      ...attachments.map(fileOf),
    ],
    headers: [
      ...Object.entries(headers).map(([key, value]) => ({ key, value })),
      { key: 'Auto-Submitted', value: 'auto-generated' },
      { key: 'X-Auto-Response-Suppress', value: 'All' },
      { key: 'Content-Language', value: lang },
    ],
    // Nothing is fetched or read that a text might name.
    disableUrlAccess: true,
    disableFileAccess: true,
  })
  return { to: to.address, subject, raw: new Uint8Array(await composer.compile().build()) }
}

/** A bare carriage return ends a line to some servers: the composer knows line feeds, and makes both of each. */
const withLineFeeds = (text: string): string => text.replace(/\r\n?/g, '\n')

const fileOf = ({ name, contentType, bytes }: Attachment) => ({
  filename: headerText(name),
  contentType: headerText(contentType),
  content: Buffer.from(bytes),
})

const checked = ({ name, address }: Mailbox): { name: string; address: string } => {
  if (!/^[^\s\p{Cc}\p{Cf}<>()[\]:;,"\\@]{1,64}@[^\s\p{Cc}\p{Cf}<>()[\]:;,"\\@]{1,255}$/u.test(address)) {
    throw new MailError(`no mail goes to or from the address ${JSON.stringify(address)}`)
  }
  return { name: headerText(name ?? ''), address }
}

/** Without what could end a header, or turn round how it reads. */
const headerText = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    // What looks like an encoded word would be read as one.
    .replaceAll('=?', '= ?')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()
