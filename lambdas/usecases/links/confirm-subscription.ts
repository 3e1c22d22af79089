/** Double opt-in: a pending recipient becomes active by the button behind a mailed link. */

import type { Language } from '../../domain/core/language/languages.ts'
import type { Recipient } from '../../domain/delivery/recipient.ts'
import type { Organisation } from '../../domain/report/organisation.ts'
import type { Mailer } from '../../mail/mailer.ts'
import { confirmationMail } from '../../mail/short-mail.ts'
import { newToken } from '../../store/delivery/tokens.ts'
import type { Log } from '../log.ts'
import { readerOf, type SubscriptionServices } from './unsubscribe.ts'

/** Days. */
const confirmationDays = 30

export type ConfirmationLink =
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'found'
      readonly language: Language
      readonly recipient: Pick<Recipient, 'territories' | 'editions'>
      /** `left`: no longer asked; only the list's operator can add the reader again. */
      readonly is: 'pending' | 'active' | 'left'
    }

/** Mails the link. @throws what the mailer throws */
export const askToConfirm = async (
  recipient: Recipient,
  { tokens, clock }: Pick<SubscriptionServices, 'tokens' | 'clock'>,
  parts: { readonly mailer: Mailer; readonly from: string; readonly site: string; readonly organisation: Organisation },
): Promise<void> => {
  const token = newToken()
  const now = clock()
  const until = new Date(now.getTime() + confirmationDays * 86_400_000).toISOString()
  await tokens.grant(token, { kind: 'confirm', recipient: recipient.id }, until)
  const { mail, id } = await confirmationMail({
    to: recipient,
    from: parts.from,
    link: `${parts.site}/confirm/${token}`,
    days: confirmationDays,
    organisation: parts.organisation.organisation,
    contact: parts.organisation.contact,
    date: now,
  })
  await parts.mailer.send(mail, id)
}

/** Reads only. */
export const inspectConfirmation = async (token: string, services: SubscriptionServices): Promise<ConfirmationLink> => {
  const found = await readerOf(token, 'confirm', services)
  return found ? joiningOf(found) : { kind: 'unknown' }
}

/** Changes only pending recipients. */
export const confirmSubscription = async (
  token: string,
  services: SubscriptionServices,
  log: Log,
): Promise<ConfirmationLink> => {
  for (;;) {
    const found = await readerOf(token, 'confirm', services)
    if (!found) return { kind: 'unknown' }
    if (found.state !== 'pending') return joiningOf(found)
    if (await services.recipients.setState(found, { state: 'active' })) {
      log('recipient confirmed', { recipient: found.id, at: services.clock().toISOString() })
      return joiningOf({ ...found, state: 'active' })
    }
  }
}

const joiningOf = ({ language, territories, editions, state }: Recipient): ConfirmationLink => ({
  kind: 'found',
  language,
  recipient: { territories, editions },
  is: state === 'pending' || state === 'active' ? state : 'left',
})
