import { messageOf } from '../../domain/core/text/thrown.ts'
import { type Delivery, deliveryId, nextStep } from '../../domain/delivery/delivery.ts'
import { mayReceive } from '../../domain/delivery/may-receive.ts'
import { editionOf, reportId } from '../../domain/report/manifest.ts'
import type { DeliveryMessage } from '../../domain/report/messages.ts'
import { AddressRefusedError, MailRefusedError } from '../../mail/mailer.ts'
import { versionInForce } from '../../store/reports/reports.ts'
import { readVersion } from '../archive/read-version.ts'
import { type DeliveryServices, deliverableOf, type Mailing, NoSuchVersionError, reached } from './mailing.ts'

/** Entries of readers who have the version, or may have it soon, and do not know of its recall. */
export const isRecallDue = ({ state, recallMailedAt }: Delivery): boolean =>
  recallMailedAt === undefined && (reached.has(state) || state === 'SENDING')

/**
 * Mails a recall at most once to each active reader whom the version reached, even if they no longer get the report.
 * @param due see {@link isRecallDue}
 * @throws NoSuchVersionError if the version is not recalled; Error once all others are informed
 */
export const informOfRecall = async (
  message: DeliveryMessage,
  due: readonly Delivery[],
  services: DeliveryServices,
  mailing: Mailing,
): Promise<void> => {
  const versions = await services.reports.versions(editionOf(message))
  const { recalled, ...entry } = versions.find(({ version }) => version === message.version) ?? {}
  if (!recalled || !('version' in entry))
    throw new NoSuchVersionError(`${reportId(editionOf(message), message.version)} is not recalled`)
  const { report } = await readVersion(entry, services)
  // The reason has the marking of the edition, whose readers see it.
  const deliverable = { ...deliverableOf({ entry, report, awaitsApproval: false }), marking: entry.cap }
  const left: string[] = []
  for (const delivery of due) {
    if (nextStep(delivery, services.clock().toISOString()) === 'wait') {
      left.push(`${deliveryId(delivery)} is being sent`)
      continue
    }
    const recipient = await services.recipients.get(delivery.recipient)
    if (recipient?.state !== 'active') continue
    const decided = mayReceive(deliverable, recipient, services.organisation.mail?.fullUpTo)
    const { mail, id } = await mailing.writeRecall({
      recipient,
      report,
      reason: decided.may && decided.content === 'findings' ? recalled.reason : undefined,
      inForce: versionInForce(versions)?.version,
    })
    // Recorded first: a crash must not mail it twice.
    const recorded = await services.deliveries.change(delivery, { recallMailedAt: services.clock().toISOString() })
    try {
      if (recorded) await mailing.mailer.send(mail, id)
      else left.push(`${deliveryId(delivery)} changed meanwhile`)
    } catch (error) {
      services.log(`recall not mailed: ${deliveryId(delivery)}: ${messageOf(error)}`)
      if (!(error instanceof MailRefusedError) || error instanceof AddressRefusedError || !recorded) continue
      const { recallMailedAt: _, ...open } = recorded
      await services.deliveries.change(open, {})
      left.push(messageOf(error))
    }
  }
  if (left.length > 0) throw new Error(`recall not mailed yet to ${left.length}: ${left[0]}`)
}
