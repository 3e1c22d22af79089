import type { Letter } from '../domain/delivery/letter.ts'
import { partsOf } from './body.ts'
import { type Attachment, cidOf, composeMessage, type Message, type OutgoingMail } from './mime.ts'
import { trendPicture } from './picture.ts'

export type Envelope = Pick<Message, 'from' | 'to' | 'date' | 'id'> & {
  /** One-click unsubscription by POST (RFC 8058). */
  readonly unsubscribe: string
  readonly attachments: readonly Attachment[]
}

/** SES allows 40 MB, many mailboxes only 10. */
const maxMailBytes = 10_000_000

export const fitsBudget = ({ raw }: Pick<OutgoingMail, 'raw'>, budget = maxMailBytes): boolean => raw.length <= budget

/**
 * Deterministic.
 * @throws Error on an address, id or link that headers cannot carry
 */
export const composeMail = async (letter: Letter, envelope: Envelope): Promise<OutgoingMail> => {
  const { unsubscribe, ...message } = envelope
  const trend = letter.shownFindings?.trend
  return composeMessage({
    ...message,
    ...partsOf(letter, cidOf(envelope)),
    subject: letter.subject,
    lang: letter.lang,
    contact: letter.contact,
    picture: trend
      ? {
          name: 'trend.png',
          contentType: 'image/png',
          bytes: trendPicture(trend, letter.accent),
        }
      : undefined,
    headers: {
      'List-Unsubscribe': `<${webAddress(unsubscribe)}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'X-Vigie-Delivery': envelope.id,
    },
  })
}

/** Adds all files if the message fits the budget, else none. Letters mention attachments, so each form has its own. */
export const composeWithin = async (
  letterFor: (attached: boolean) => Letter,
  envelope: Omit<Envelope, 'attachments'>,
  files: readonly Attachment[],
  budget: number = maxMailBytes,
): Promise<{ readonly mail: OutgoingMail; readonly attached: boolean }> => {
  const least = files.reduce((sum, { bytes }) => sum + encodedSize(bytes.length), 0)
  const letter = letterFor(files.length > 0)
  // Without findings that the reader may see, nothing is attached.
  if (files.length > 0 && letter.shownFindings && least <= budget) {
    const mail = await composeMail(letter, { ...envelope, attachments: files })
    if (fitsBudget(mail, budget)) return { mail, attached: true }
  }
  return { mail: await composeMail(letterFor(false), { ...envelope, attachments: [] }), attached: false }
}

/** Base64 turns three bytes into four characters, in lines of 76. */
const encodedSize = (bytes: number): number => {
  const characters = Math.ceil(bytes / 3) * 4
  return characters + 2 * Math.ceil(characters / 76)
}

const webAddress = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`${JSON.stringify(text)} is no web address`)
  return url.href
}
