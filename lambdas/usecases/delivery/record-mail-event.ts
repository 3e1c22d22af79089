/** Mail events settle unknown deliveries and suppress dead addresses. */
import * as z from 'zod'
import { type Fault, fault, messageOfFault } from '../../domain/core/fault.ts'
import {
  type Delivery,
  type DeliveryKey,
  deliveryId,
  deliveryKeyIn,
  shortMailRecipientIn,
} from '../../domain/delivery/delivery.ts'
import { digestIn } from '../../domain/delivery/digest.ts'
import type { Services } from '../services.ts'

const about = { emailAddress: z.string(), diagnosticCode: z.string().optional(), status: z.string().optional() }

/** SES event from EventBridge; `delivery` is the tag on our mails. */
export const mailEventSchema = z.object({
  detail: z.object({
    eventType: z.string(),
    mail: z.object({
      messageId: z.string(),
      tags: z.object({ delivery: z.array(z.string()).min(1) }),
    }),
    bounce: z.object({ bounceType: z.string(), bouncedRecipients: z.array(z.object(about)).optional() }).optional(),
    complaint: z.object({ complaintFeedbackType: z.string().nullish() }).optional(),
    reject: z.object({ reason: z.string().optional() }).optional(),
  }),
})

export type MailEvent = z.output<typeof mailEventSchema>

export type MailEventServices = Pick<Services, 'deliveries' | 'digests' | 'recipients' | 'clock'>

export class UnknownDeliveryError extends Error {
  override name = 'UnknownDeliveryError'
}

/**
 * Processes one event; repeated and late events are harmless.
 * @returns the result, for the log
 */
export const recordMailEvent = async ({ detail }: MailEvent, services: MailEventServices): Promise<string> => {
  const name = detail.mail.tags.delivery[0]?.replaceAll('_', '.') ?? '' // tags hold no dots
  const short = shortMailRecipientIn(name)
  if (short !== undefined) {
    // A one-time code or a subscription request: it has no ledger entry.
    const { suppress } = meaningOf(detail, services.clock().toISOString())
    if (suppress) await suppressRecipient({ recipient: short }, suppress, services)
    return suppress ? `recipient suppressed: ${messageOfFault(suppress)}` : 'nothing new'
  }
  const digest = digestIn(name)
  const keys = digest ? ((await services.digests.of(digest)) ?? []) : [deliveryKeyIn(name)].flatMap((key) => key ?? [])
  if (keys.length === 0) throw new UnknownDeliveryError(`no delivery ${JSON.stringify(name)} is in the ledger`)
  const came: string[] = []
  for (const key of keys) came.push(await recordOf(key, detail, services))
  return [...new Set(came)].join('; ')
}

const recordOf = async (
  key: DeliveryKey,
  detail: MailEvent['detail'],
  services: MailEventServices,
): Promise<string> => {
  for (;;) {
    const delivery = await services.deliveries.get(key)
    if (!delivery) throw new UnknownDeliveryError(`no delivery ${deliveryId(key)} is in the ledger`)
    const at = services.clock().toISOString()
    const { state, suppress } = meaningOf(detail, at)
    if (suppress) await suppressRecipient(delivery, suppress, services)
    const to = state && stateAfter(delivery, state)
    if (!to) return suppress ? `recipient suppressed: ${messageOfFault(suppress)}` : 'nothing new'
    const reason = suppress ?? reasonOf(detail)
    const changes = { state: to, at, messageId: detail.mail.messageId, ...(reason !== undefined && { reason }) }
    if (await services.deliveries.change(delivery, changes)) return to
  }
}

type Meaning = { readonly state?: 'SENT' | 'FAILED'; readonly suppress?: Fault }

const meaningOf = (detail: MailEvent['detail'], at: string): Meaning => {
  switch (detail.eventType) {
    case 'Send':
    case 'Delivery':
      return { state: 'SENT' }
    case 'Reject':
      return { state: 'FAILED' }
    case 'Bounce':
      return detail.bounce?.bounceType === 'Permanent'
        ? {
            state: 'FAILED',
            suppress: fault('recipient.bounced', { at, detail: reasonOf(detail) ?? fault('recipient.noReason') }),
          }
        : {}
    case 'Complaint':
      return {
        suppress: fault('recipient.complained', {
          at,
          detail: detail.complaint?.complaintFeedbackType ?? fault('recipient.noReason'),
        }),
      }
    default:
      return {}
  }
}

const reasonOf = ({ bounce, reject }: MailEvent['detail']): string | undefined => {
  const [first] = bounce?.bouncedRecipients ?? []
  return (first?.diagnosticCode ?? first?.status ?? reject?.reason)?.slice(0, 300)
}

/** A failure is final; a confirmed sending settles every unknown state. */
const stateAfter = ({ state }: Delivery, reported: 'SENT' | 'FAILED'): 'SENT' | 'FAILED' | undefined => {
  if (state === reported || state === 'FAILED') return undefined
  return reported
}

const suppressRecipient = async (
  { recipient: id }: Pick<Delivery, 'recipient'>,
  reason: Fault,
  { recipients }: MailEventServices,
): Promise<void> => {
  for (;;) {
    const recipient = await recipients.get(id)
    if (recipient?.state !== 'active') return
    if (await recipients.setState(recipient, { state: 'suppressed', reason })) return
  }
}
