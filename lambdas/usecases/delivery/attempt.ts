/** One mail, sent at most once, with word in the ledger for each delivery that it carries. */
import { messageOf } from '../../domain/core/thrown.ts'
import { type Delivery, maxAttempts, sendingLeaseMs } from '../../domain/delivery/delivery.ts'
import { AddressRefusedError, type Mailer, MailRefusedError } from '../../mail/mailer.ts'
import type { OutgoingMail } from '../../mail/mime.ts'
import type { Services } from '../services.ts'

type Ledger = Pick<Services, 'deliveries' | 'clock'>

/** A delivery that a mail carries, and what its entry says of that. */
export type Carried = { readonly delivery: Delivery; readonly said: Pick<Delivery, 'form' | 'linkHash'> }

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
  const { clock, deliveries } = services
  const sending: Delivery[] = []
  for (const { delivery, said } of carried) {
    const now = clock()
    const leased = await deliveries.change(delivery, {
      state: 'SENDING',
      at: now.toISOString(),
      attempts: delivery.attempts + 1,
      leaseUntil: new Date(now.getTime() + sendingLeaseMs).toISOString(),
      ...said,
    })
    if (leased) sending.push(leased)
    else return giveBack(sending, services)
  }
  if (!(await before())) return giveBack(sending, services)
  try {
    const { messageId } = await mailer.send(mail, name)
    for (const one of sending) await deliveries.change(one, { state: 'SENT', messageId, at: clock().toISOString() })
    return 'sent'
  } catch (error) {
    for (const one of sending) await settle(one, error, services)
    return error instanceof MailRefusedError ? 'again' : 'ended'
  }
}

/** Nothing was sent of it: they wait as before. */
const giveBack = async (sending: readonly Delivery[], { deliveries, clock }: Ledger): Promise<'busy'> => {
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
export const lose = async (delivery: Delivery, reason: string, { clock, deliveries }: Ledger): Promise<void> => {
  await deliveries.change(delivery, { state: 'UNKNOWN', reason, at: clock().toISOString() })
}
