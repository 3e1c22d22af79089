import type { OutgoingMail } from './mime.ts'

export type Mailer = {
  /**
   * Makes exactly one attempt: what may have been sent is not repeated.
   * @param delivery name in the service's events
   * @param messageId name reserved by the outbox; refused if a mail has it
   * @throws MailRefusedError where it certainly was not sent and may be retried; AddressRefusedError where it certainly
   * was not and never will be; anything else where unknown
   */
  send(mail: OutgoingMail, delivery: string, messageId?: string): Promise<{ readonly messageId: string }>
  readonly outbox?: Outbox
  /** Of a mail that is refused for now; those of a queue if omitted. */
  readonly maxAttempts?: number
}

/** Local files, which show whether a mail was sent. */
export type Outbox = {
  nextName(delivery: string): Promise<string>
  has(messageId: string): Promise<boolean>
}

export class MailRefusedError extends Error {
  override name = 'MailRefusedError'
}

/** Certainly not sent, and retries are useless. */
export class AddressRefusedError extends Error {
  override name = 'AddressRefusedError'
}
