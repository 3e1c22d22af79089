/** Takes a mail and sends it: SES, or the outbox of a laptop. */
import type { OutgoingMail } from './mime.ts'

export type Mailer = {
  /**
   * One attempt, never more: what may have gone out is not repeated.
   * @param delivery the name by which the service's events speak of it
   * @param messageId what the outbox named ahead; refused where a mail has that name already
   * @throws MailRefusedError where it certainly was not sent and may be tried later; AddressRefusedError where it
   * certainly was not and never will be; anything else where it is unknown
   */
  send(mail: OutgoingMail, delivery: string, messageId?: string): Promise<{ readonly messageId: string }>
  readonly outbox?: Outbox
}

/** Mails that stay as files of this machine: whether one was sent is seen there. */
export type Outbox = {
  /** A name that no mail has yet. */
  nextName(delivery: string): Promise<string>
  has(messageId: string): Promise<boolean>
}

/** Not sent, for certain: too many, or not now. */
export class MailRefusedError extends Error {
  override name = 'MailRefusedError'
}

/** Not sent, for certain, and no other try will end better. */
export class AddressRefusedError extends Error {
  override name = 'AddressRefusedError'
}
