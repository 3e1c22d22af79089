import { parsePeriod } from '../../domain/core/time/period.ts'
import type { Delivery, DeliveryState } from '../../domain/delivery/delivery.ts'
import type { Deliverable } from '../../domain/delivery/may-receive.ts'
import type { Recipient } from '../../domain/delivery/recipient.ts'
import { isExpired } from '../../domain/flash/flash.ts'
import type { Report } from '../../domain/page/page.ts'
import type { Mailer } from '../../mail/mailer.ts'
import type { OutgoingMail } from '../../mail/mime.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import type { Services } from '../services.ts'

export type MailToWrite = {
  readonly delivery: Delivery
  readonly recipient: Recipient
  readonly report: Report
  readonly content: 'findings' | 'nothing'
  readonly form: 'link' | 'attachment'
  readonly links: { readonly read: string; readonly unsubscribe: string }
  file(name: string): Promise<Uint8Array>
}

type RecallToWrite = {
  readonly recipient: Recipient
  readonly report: Report
  /** Undefined where the marking keeps it out of mails. */
  readonly reason: string | undefined
  readonly inForce: number | undefined
}

export type Mailing = {
  readonly mailer: Mailer
  write(mail: MailToWrite): Promise<{ readonly mail: OutgoingMail; readonly form: 'link' | 'attachment' }>
  writeRecall(mail: RecallToWrite): Promise<{ readonly mail: OutgoingMail; readonly id: string }>
  /** Base URL of links, without a trailing slash: `https://reports.example.org`. */
  readonly site: string
}

export type DeliveryServices = Pick<
  Services,
  | 'reports'
  | 'notes'
  | 'archive'
  | 'recipients'
  | 'schedules'
  | 'deliveries'
  | 'digests'
  | 'tokens'
  | 'organisation'
  | 'clock'
  | 'run'
  | 'isDeadRun'
  | 'log'
>

/** The version can never be delivered. */
export class NoSuchVersionError extends Error {
  override name = 'NoSuchVersionError'
}

export type VersionFacts = { readonly entry: VersionEntry; readonly report: Report; readonly awaitsApproval: boolean }

/** @param now only when mailing: a mailed version stays readable through its link after it expires */
export const deliverableOf = (
  {
    entry,
    report,
    awaitsApproval,
  }: Omit<VersionFacts, 'report'> & { readonly report: Pick<Report, 'quiet'> & Partial<Pick<Report, 'flash'>> },
  now?: string,
): Deliverable => ({
  territory: entry.territory,
  cadence: parsePeriod(entry.period).cadence,
  cap: entry.cap,
  marking: entry.published?.marking ?? 'TLP:RED',
  state: entry.recalled ? 'recalled' : entry.state === 'published' ? 'published' : 'held',
  awaitsApproval,
  quiet: report.quiet,
  ...(report.flash && now !== undefined && { expired: isExpired(report.flash, now) }),
})

/** States in which the mail was read, or may have been. */
export const reached: ReadonlySet<DeliveryState> = new Set(['SENT', 'UNKNOWN'])
