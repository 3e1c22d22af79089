/** One mail, sent at most once, with word in the ledger for each delivery that it carries. */
import type { Reason } from '../../domain/core/fault.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { type Delivery, maxAttempts, sendingLeaseMs } from '../../domain/delivery/delivery.ts'
import { digestDay } from '../../domain/delivery/digest.ts'
import { AddressRefusedError, type Mailer, MailRefusedError } from '../../mail/mailer.ts'
import type { OutgoingMail } from '../../mail/mime.ts'
import type { Services } from '../services.ts'

type Ledger = Pick<Services, 'deliveries' | 'clock' | 'run'>

/** A delivery that a mail carries, and what its entry says of that. */
export type Carried = { readonly delivery: Delivery; readonly recorded: Pick<Delivery, 'form' | 'linkHash'> }

/** What a try came to; *busy*: another run was at one of them, and nothing was sent. */
export type Attempted = 'sent' | 'again' | 'ended' | 'busy'

/**
 * Leases every entry, sends, and writes down what became of it. Where the answer is lost it is unknown whether the mail
 * is out: such entries are left alone.
 * @param before the last thing to be done ahead of the mail; false where it must not leave
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
    for (const one of sending) await deliveries.change(one, { state: 'SENT', messageId, at: clock().toISOString() })
    return 'sent'
  } catch (error) {
    for (const one of sending) await settle(one, error, services)
    return error instanceof MailRefusedError ? 'again' : 'ended'
  }
}

/** Nothing was sent of it: they wait as before. */
const giveBack = async (
  sending: readonly Delivery[],
  { deliveries, clock }: Pick<Ledger, 'deliveries' | 'clock'>,
): Promise<'busy'> => {
  for (const one of sending) {
    await deliveries.change(one, { state: 'PENDING', attempts: one.attempts - 1, at: clock().toISOString() })
  }
  return 'busy'
}

const settle = async (sending: Delivery, error: unknown, services: Ledger): Promise<void> => {
  const { clock, deliveries } = services
  const reason = messageOf(error).slice(0, 500)
  const at = clock().toISOString()
  const lastTime = sending.attempts >= maxAttempts
  if (error instanceof AddressRefusedError || (error instanceof MailRefusedError && lastTime)) {
    await deliveries.change(sending, { state: 'FAILED', reason, at })
  } else if (error instanceof MailRefusedError) await deliveries.change(sending, { state: 'PENDING', reason, at })
  else await lose(sending, reason, services)
}

/** Whether it went out is unknown. */
export const lose = async (
  delivery: Delivery,
  reason: Reason,
  { clock, deliveries }: Pick<Ledger, 'deliveries' | 'clock'>,
): Promise<void> => {
  await deliveries.change(delivery, { state: 'UNKNOWN', reason, at: clock().toISOString() })
}

/**
 * A delivery as the outbox shows it, where its sender did not note the end: *SENT* where its mail lies there, and to be
 * sent where its sender is gone and left none. Mail services show nothing: there it stays as it is.
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
  // Asked first: who lives may write it in between.
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
