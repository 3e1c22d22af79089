import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { fitsUnder, shortMarking } from '../../lambdas/domain/core/marking.ts'
import { everyReport } from '../../lambdas/domain/core/place/due.ts'
import { isFlashCode } from '../../lambdas/domain/core/place/territory.ts'
import { plural } from '../../lambdas/domain/core/text/plural.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { isInOutbox } from '../../lambdas/domain/delivery/delivery.ts'
import { type EditionReaders, readersByEdition } from '../../lambdas/domain/delivery/may-receive.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import { editionOf, reportId } from '../../lambdas/domain/report/manifest.ts'
import type { DeliveryMessage } from '../../lambdas/domain/report/messages.ts'
import { readIfThere } from '../../lambdas/keys/key-file.local.ts'
import { outboxMailer } from '../../lambdas/mail/mailer.local.ts'
import { smtpMailer } from '../../lambdas/mail/mailer.smtp.ts'
import type { Mailer } from '../../lambdas/mail/mailer.ts'
import { waitingMailsIn } from '../../lambdas/store/reports/waiting.ts'
import { mailingOn } from '../../lambdas/usecases/delivery/compose-mail.ts'
import { deliverReport, ledgerOf } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { type Mailing, NoSuchVersionError } from '../../lambdas/usecases/delivery/mailing.ts'
import type { ListedDelivery } from '../../lambdas/usecases/delivery/manage-deliveries.ts'
import { type DigestMailing, sendDigests } from '../../lambdas/usecases/delivery/send-digests.ts'
import { askToConfirm } from '../../lambdas/usecases/links/confirm-subscription.ts'
import type { Delivered, DeliveryHere, Digested } from './answers.ts'
import type { CliContext } from './home/context.ts'

/** In the data folder. */
const outbox = 'outbox'

/** Default address of `vigie serve`. */
const usualSite = 'http://127.0.0.1:8080'
/** Invalid domain: no mail leaves the machine. */
const usualSender = 'vigie@localhost.invalid'

export const deliverer = async (context: CliContext): Promise<(message: DeliveryMessage) => Promise<Delivered>> => {
  const { stage, services } = context
  if (stage) {
    return async (message) => {
      const editions = await editionsOf(message, services)
      await stage.send('DeliveryQueueUrl', message)
      const readers = readersOf(message, editions)
      const line = deliveryLine(message, editions, readers === 0 ? '' : handedTo(message, readers))
      return { line, readers, ...notCleared(message, editions) }
    }
  }
  const mailing = await mailingHere(context)
  const waiting = waitingMailsIn(context.table)
  return async (message) => {
    const editions = await editionsOf(message, services)
    const before = await ledgerOf(message, services)
    await waiting.begin(message, services.clock())
    const summary = await deliverReport(message, services, mailing).catch(async (error: unknown) => {
      if (error instanceof NoSuchVersionError) await waiting.done(message)
      throw error
    })
    await waiting.done(message)
    const counts = Object.entries(summary).filter(([, count]) => count > 0)
    // Without digests, pending mails are an error.
    const names: Partial<Record<string, string>> = { PENDING: 'PENDING for a digest' }
    if (mailing.mailer.outbox) names.SENT = 'written to the outbox'
    const states = counts.map(([state, count]) => `${count} ${names[state] ?? state}`).join(', ')
    const what = states !== '' && isDeepStrictEqual(before, summary) ? `nothing new: ${states} before` : states
    const readers = readersOf(message, editions)
    const advice = '; vigie deliveries list shows why, vigie deliveries resend sends one again'
    const line = `${deliveryLine(message, editions, what)}${hasArrived({ summary }) ? '' : advice}`
    return { line, readers, ...notCleared(message, editions), summary }
  }
}

/** Whether no mail has failed, or may have. */
export const hasArrived = ({ summary }: Pick<Delivered, 'summary'>): boolean =>
  !summary || summary.FAILED + summary.UNKNOWN === 0

/** Periods in `complete` are due at any hour. */
export const digester = async (context: CliContext): Promise<(complete?: ReadonlySet<string>) => Promise<Digested>> => {
  const { stage, services } = context
  if (stage) {
    return async () => {
      await stage.send('DeliveryQueueUrl', { kind: 'digests', scheduledAt: services.clock().toISOString() })
      return { line: "digests: handed to the stage's delivery, which sends those that are due" }
    }
  }
  const mailing = await mailingHere(context)
  return async (complete) => {
    const summary = await sendDigests({ scheduled: everyReport, ...(complete && { complete }) }, services, mailing)
    const { sent, reports, waiting } = summary
    const wait = waiting > 0 ? `; ${plural(waiting, 'reader')} had one today` : ''
    return {
      line: `digests: ${sent === 0 ? 'none sent' : `${sent} sent, ${plural(reports, 'report')} in all`}${wait}`,
      summary,
    }
  }
}

const editionsOf = async (
  { territory, period }: DeliveryMessage,
  { recipients }: CliContext['services'],
): Promise<readonly EditionReaders[]> =>
  readersByEdition({ territory, cadence: parsePeriod(period).cadence }, await Array.fromAsync(recipients.all()))

const readersOf = ({ cap }: DeliveryMessage, editions: readonly EditionReaders[]): number =>
  editions.find((one) => one.cap === cap)?.readers ?? 0

const notCleared = ({ cap }: DeliveryMessage, editions: readonly EditionReaders[]): Pick<Delivered, 'notCleared'> => {
  const below = editions.filter((one) => !fitsUnder(cap, one.cap))
  return below.length === 0 ? {} : { notCleared: below.reduce((sum, one) => sum + one.readers, 0) }
}

const handedTo = ({ to }: DeliveryMessage, readers: number): string => {
  const whom = plural(readers, 'recipient')
  return to === 'corrected'
    ? `handed to the stage's delivery, for those of ${whom} who had an earlier version`
    : `handed to the stage's delivery, for ${whom}; no reader is mailed the same version twice`
}

const notMailedText = {
  corrected: 'no reader had an earlier version with other content',
  everybody: 'every reader had an earlier version with the same content',
  recalled: 'no reader received it',
}

/** Lists editions with readers where this edition has none. */
const deliveryLine = (message: DeliveryMessage, editions: readonly EditionReaders[], what: string): string => {
  if (what !== '') return `${nameOf(message)}: ${what}`
  if (readersOf(message, editions) > 0) return `${nameOf(message)}: ${notMailedText[message.to]}`
  const others = editions.map(({ cap, readers }) => {
    const gets = readers === 1 ? '1 gets' : `${readers} get`
    return `${gets} ${shortMarking(cap)}: --cap ${shortMarking(cap)}`
  })
  const { territory, period, cap } = message
  const none = isFlashCode(territory)
    ? `no recipient of the ${shortMarking(cap)} edition may read every territory of ${territory}`
    : `no recipient gets the ${shortMarking(cap)} edition of ${territory} by ${parsePeriod(period).cadence}`
  const rest = others.length === 0 ? ['nor another one: see vigie recipients list'] : others
  return `${nameOf(message)}: ${[none, ...rest].join('; ')}`
}

/** In the data folder: where `vigie serve` was last. */
const addressFile = 'address'

/** By data folder: another process may serve it too. */
const servedHere = new Map<string, string>()

export const keepAddress = ({ folder }: Pick<CliContext, 'folder'>, url: string): Promise<void> => {
  servedHere.set(folder, url)
  return writeFile(join(folder, addressFile), url)
}

/** The address that links of mails name. */
export const siteHere = async ({ folder, services }: Pick<CliContext, 'folder' | 'services'>): Promise<string> => {
  const stated = process.env.VIGIE_SITE || (services.organisation.room ?? servedHere.get(folder))
  return stated ?? (await readFile(join(folder, addressFile), 'utf8').catch(() => usualSite)).trim()
}

type Sender = { readonly mailer: Mailer; readonly from: string }

/** Without a mail server, mails are files. @throws Error where the server's password may be read by others */
export const senderHere = async ({ folder, services }: Pick<CliContext, 'folder' | 'services'>): Promise<Sender> => {
  const { smtp, from: written = usualSender } = services.organisation.mail ?? {}
  const from = process.env.VIGIE_MAIL_FROM || written
  if (smtp === undefined) return { mailer: outboxMailer(join(folder, outbox)), from }
  const password = await secretHere('VIGIE_SMTP_PASSWORD', join(folder, 'smtp-password'))
  return { mailer: smtpMailer({ url: new URL(smtp), password, from }), from }
}

/** From the environment, else from the file. @throws Error where others may read the file */
export const secretHere = async (variable: string, file: string): Promise<string | undefined> =>
  process.env[variable] ||
  (await readIfThere(file, (message, cause) => new Error(message, { cause })))?.trim() ||
  undefined

/** A mail in the outbox is a file, whose name is its id. */
export const deliveryHere = (one: ListedDelivery, { stage }: Pick<CliContext, 'stage'>): DeliveryHere =>
  stage || !isInOutbox(one) ? one : { ...one, file: `${outbox}/${one.messageId}` }

export const mailingHere = async (context: CliContext): Promise<Mailing & DigestMailing> => {
  const { clock, organisation } = context.services
  const sender = { ...(await senderHere(context)), site: await siteHere(context) }
  return mailingOn({ ...sender, contact: organisation.contact, fullUpTo: organisation.mail?.fullUpTo, clock })
}

/** @throws Error for a stage without mail */
export const confirmer = async (context: CliContext): Promise<(recipient: Recipient) => Promise<void>> => {
  const { services, stage } = context
  const sender = stage ? await stage.sender() : { ...(await senderHere(context)), site: await siteHere(context) }
  return (recipient) => askToConfirm(recipient, services, { ...sender, organisation: services.organisation })
}

const nameOf = (message: DeliveryMessage): string => reportId(editionOf(message), message.version)
