/** Mail by a server of the organisation. */
import { Readable } from 'node:stream'
import SmtpConnection from 'nodemailer/lib/smtp-connection'
import { messageOf } from '../domain/core/text/thrown.ts'
import { AddressRefusedError, type Mailer, MailRefusedError } from './mailer.ts'

type SmtpOptions = {
  /** `smtp:` (STARTTLS) or `smtps:`, with the user's name where the server asks for it. */
  readonly url: URL
  readonly password: string | undefined
  readonly from: string
  /** In milliseconds, for each answer; a sending takes three times as long at most, less than its lease. */
  readonly patience?: number
  /** Further certificates to trust. */
  readonly ca?: string | undefined
}

/** Five days of hourly attempts, as mail servers make. */
const maxAttempts = 120

export const smtpMailer = ({ url, password, from, patience = 30_000, ca }: SmtpOptions): Mailer => ({
  maxAttempts,
  send: async ({ to, raw }, delivery) => {
    const isSecure = url.protocol === 'smtps:'
    const connection = new SmtpConnection({
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port) || (isSecure ? 465 : 587),
      secure: isSecure,
      // A server on this machine may have no certificate, or its own.
      ...(isSecure || !isLoopback(url.hostname) ? { requireTLS: !isSecure } : { ignoreTLS: true }),
      ...{ connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience, dnsTimeout: patience },
      ...(ca !== undefined && { tls: { ca } }),
    })
    let isHandedOver = false
    // Read once the server has accepted sender and recipient, and asks for the message.
    const message = new Readable({
      read() {
        isHandedOver = true
        this.push(raw)
        this.push(null)
      },
    })
    const user = decodeURIComponent(url.username)
    const sending = async () => {
      await answered(connection, (done) => connection.connect(done))
      if (user !== '') await answered(connection, (done) => connection.login({ user, pass: password ?? '' }, done))
      await answered(connection, (done) => connection.send({ from, to: [to], use8BitMime: true }, message, done))
    }
    const { promise: late, reject } = Promise.withResolvers<never>()
    // A server that answers bit by bit never leaves the connection idle.
    const timer = setTimeout(() => reject(new Error(`${url.host} does not end its answers`)), 3 * patience)
    try {
      await Promise.race([sending(), late])
      connection.quit()
      return { messageId: delivery }
    } catch (error) {
      connection.close()
      throw classified(error, isHandedOver, password ? secretsOf(user, password) : [])
    } finally {
      clearTimeout(timer)
    }
  },
})

const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[::1\]|::1)$/.test(host)

/** A connection may also fail between two commands. */
const answered = (connection: SmtpConnection, ask: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((done, fail) => {
    connection.once('error', fail)
    ask((error) => {
      connection.off('error', fail)
      if (error) fail(error)
      else done()
    })
  })

/** Their permanent refusal concerns this mail alone. */
const ofThisMail: readonly string[] = ['RCPT TO', 'DATA']

/** As a server may repeat them: of AUTH PLAIN, AUTH LOGIN, and as they are. */
const secretsOf = (user: string, password: string): readonly string[] => [
  ...[`\0${user}\0${password}`, password].map((text) => Buffer.from(text).toString('base64')),
  password,
]

const classified = (error: unknown, isHandedOver: boolean, secrets: readonly string[]): unknown => {
  const { responseCode, command = '' } = error as { readonly responseCode?: number; readonly command?: string }
  const text = secrets.reduce((masked, secret) => masked.replaceAll(secret, '…'), messageOf(error))
  if (responseCode !== undefined && responseCode >= 500 && ofThisMail.includes(command))
    return new AddressRefusedError(text)
  // Without an answer to the whole message, it may have been sent.
  const isRefused = !isHandedOver || (responseCode !== undefined && command === 'DATA')
  return isRefused ? new MailRefusedError(text) : new Error(text)
}
