/** Builds a MIME message: no header injection, no overlong lines, nothing fetched. */
import { createHash } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import { mailAddressSchema } from '../domain/core/mail-address.ts'

export type OutgoingMail = {
  readonly to: string
  readonly subject: string
  readonly raw: Uint8Array
}

type Mailbox = { readonly name?: string | undefined; readonly address: string }

export type Attachment = { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array }

export type Message = {
  /** Matches replies and events to the message. */
  readonly id: string
  readonly from: Mailbox
  /** The organisation's contact: replies go to it if it is a mail address. */
  readonly contact: string | undefined
  readonly to: Mailbox
  readonly subject: string
  readonly date: Date
  readonly lang: string
  readonly text: string
  readonly html: string
  readonly picture?: { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array } | undefined
  readonly attachments?: readonly Attachment[]
  readonly headers?: Readonly<Record<string, string>>
}

const hostOf = ({ address }: Mailbox): string => address.slice(address.lastIndexOf('@') + 1)

export const cidOf = ({ id, from }: Pick<Message, 'id' | 'from'>): string => `trend.${id}@${hostOf(from)}`

/**
 * Deterministic.
 * @throws Error on an address or id that headers cannot carry
 */
export const composeMessage = async (message: Message): Promise<OutgoingMail> => {
  const { id, date, lang, text, html, picture, attachments = [], headers = {} } = message
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(id)) {
    throw new Error(`no delivery has the id ${JSON.stringify(id)}`)
  }
  const [from, to] = [checked(message.from), checked(message.to)]
  const subject = headerText(message.subject)
  const replyTo = mailAddressSchema.safeParse(message.contact).data
  const composer = new MailComposer({
    from,
    to,
    ...(replyTo !== undefined && { replyTo: { name: '', address: replyTo } }),
    subject,
    date,
    messageId: `<${id}@${hostOf(from)}>`,
    text: withLineFeeds(text),
    html: withLineFeeds(html),
    // Readable in a file, with lines that mail servers accept.
    encoding: 'quoted-printable',
    // Only some servers treat a bare line feed as a line end.
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
    // Texts must not make the composer fetch or read anything.
    disableUrlAccess: true,
    disableFileAccess: true,
  })
  return { to: to.address, subject, raw: new Uint8Array(await composer.compile().build()) }
}

/** Some servers treat a bare carriage return as a line end. The composer turns line feeds into both. */
const withLineFeeds = (text: string): string => text.replace(/\r\n?/g, '\n')

const fileOf = ({ name, contentType, bytes }: Attachment) => ({
  filename: headerText(name),
  contentType: headerText(contentType),
  content: Buffer.from(bytes),
})

const checked = ({ name, address }: Mailbox): { name: string; address: string } => {
  if (!/^[^\s\p{Cc}\p{Cf}<>()[\]:;,"\\@]{1,64}@[^\s\p{Cc}\p{Cf}<>()[\]:;,"\\@]{1,255}$/u.test(address)) {
    throw new Error(`no mail goes to or from the address ${JSON.stringify(address)}`)
  }
  return { name: headerText(name ?? ''), address }
}

/** Removes characters that end a header or reverse its reading direction. */
const headerText = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    // Otherwise it would be read as an encoded word.
    .replaceAll('=?', '= ?')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()
