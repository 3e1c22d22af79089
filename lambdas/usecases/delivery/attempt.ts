import type { Reason } from '../../domain/core/fault.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { type Delivery, maxAttempts, sendingLeaseMs } from '../../domain/delivery/delivery.ts'
import { digestDay } from '../../domain/delivery/digest.ts'
import { AddressRefusedError, type Mailer, MailRefusedError } from '../../mail/mailer.ts'
import type { OutgoingMail } from '../../mail/mime.ts'
import type { Services } from '../services.ts'

type Ledger = Pick<Services, 'deliveries' | 'clock' | 'run'>

type Carried = { readonly delivery: Delivery; readonly recorded: Pick<Delivery, 'form' | 'linkHash'> }

/** Result of an attempt; *busy*: another run holds one of the entries, and nothing was sent. */
type Attempted = 'sent' | 'again' | 'ended' | 'busy'

/**
 * Leases every entry, sends the mail and records the result. Entries whose answer was lost are left alone.
 * @param before last step before sending; false stops the mail
 */
export const attempt = async (
  { mail, name, carried }: { readonly mail: OutgoingMail; readonly name: string; readonly carried: readonly Carried[] },
  services: Ledger,
  mailer: Mailer,
  before: () => Promise<boolean> = async () => true,
): Promise<Attempted> => {
  const { clock, deliveries, run } = services
  const named = await mailer.outbox?.nextName(name)
  const sending: Delivery[] = []
  for (const { delivery, recorded } of carried) {
    const now = clock()
    const leased = await deliveries.change(delivery, {
      state: 'SENDING',
      at: now.toISOString(),
      attempts: delivery.attempts + 1,
      leaseUntil: new Date(now.getTime() + sendingLeaseMs).toISOString(),
      ...(named !== undefined && { messageId: named, sender: run }),
      ...recorded,
    })
    if (leased) sending.push(leased)
    else return giveBack(sending, services)
  }
  if (!(await before())) return giveBack(sending, services)
  try {
    const { messageId } = await mailer.send(mail, name, named)
    for (const { reason: _, ...one } of sending)
      await deliveries.change(one, { state: 'SENT', messageId, at: clock().toISOString() })
    return 'sent'
  } catch (error) {
    for (const one of sending) await settle(one, error, services, mailer.maxAttempts ?? maxAttempts)
    return error instanceof MailRefusedError ? 'again' : 'ended'
  }
}

const giveBack = async (
  sending: readonly Delivery[],
  { deliveries, clock }: Pick<Ledger, 'deliveries' | 'clock'>,
): Promise<'busy'> => {
  for (const one of sending) {
    await deliveries.change(one, { state: 'PENDING', attempts: one.attempts - 1, at: clock().toISOString() })
  }
  return 'busy'
}

const settle = async (sending: Delivery, error: unknown, services: Ledger, most: number): Promise<void> => {
  const { clock, deliveries } = services
  const reason = messageOf(error).slice(0, 500)
  const at = clock().toISOString()
  const lastTime = sending.attempts >= most
  if (error instanceof AddressRefusedError || (error instanceof MailRefusedError && lastTime)) {
    await deliveries.change(sending, { state: 'FAILED', reason, at })
  } else if (error instanceof MailRefusedError) await deliveries.change(sending, { state: 'PENDING', reason, at })
  else await lose(sending, reason, services)
}

/** Marks a delivery whose result is unknown. */
export const lose = async (
  delivery: Delivery,
  reason: Reason,
  { clock, deliveries }: Pick<Ledger, 'deliveries' | 'clock'>,
): Promise<void> => {
  await deliveries.change(delivery, { state: 'UNKNOWN', reason, at: clock().toISOString() })
}

/**
 * Settles a delivery whose sender stopped: *SENT* if the mail is in the outbox, pending if the sender is dead. Mail
 * services have no outbox: there it stays unchanged.
 */
export const asInOutbox = async (
  delivery: Delivery,
  { clock, deliveries, digests, isDeadRun }: Pick<Services, 'deliveries' | 'digests' | 'clock' | 'isDeadRun'>,
  { outbox }: Pick<Mailer, 'outbox'>,
): Promise<Delivery> => {
  const { reason: _, ...open } = delivery
  const { state, messageId, sender, leaseUntil } = open
  if (!outbox || (state !== 'SENDING' && state !== 'UNKNOWN')) return delivery
  if (messageId === undefined || sender === undefined || leaseUntil === undefined) return delivery
  // Must come first: a live sender may still write the mail afterwards.
  const isGone = isDeadRun?.(sender) === true
  const at = clock().toISOString()
  if (await outbox.has(messageId)) return (await deliveries.change(open, { state: 'SENT', at })) ?? delivery
  if (!isGone) return delivery
  const changed = await deliveries.change(open, { state: 'PENDING', attempts: open.attempts - 1, at })
  if (!changed) return delivery
  if (changed.by === 'digest') {
    const leased = new Date(Date.parse(leaseUntil) - sendingLeaseMs)
    await digests.drop({ recipient: changed.recipient, day: digestDay(leased) })
  }
  return changed
}
