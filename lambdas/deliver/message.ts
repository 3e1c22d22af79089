/** A mail as it is sent: one MIME message. */
export type OutgoingMail = {
  readonly to: string
  readonly subject: string
  /** The whole message, RFC 5322. */
  readonly raw: Uint8Array
}
