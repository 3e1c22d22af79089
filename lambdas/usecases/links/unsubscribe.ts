/** The unsubscribe link. Mail programs use it with one POST; a GET never unsubscribes. */
import { fault } from '../../domain/core/fault.ts'
import type { Language } from '../../domain/core/language/languages.ts'
import type { Log } from '../log.ts'
import type { Services } from '../services.ts'
import { isToken } from './open-link.ts'

export type SubscriptionServices = Pick<Services, 'recipients' | 'tokens' | 'clock'>

export type UnsubscribeLink =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'found'; readonly language: Language; readonly left: boolean }

/** Reads only. */
export const inspectUnsubscribe = async (token: string, services: SubscriptionServices): Promise<UnsubscribeLink> => {
  const found = await readerOf(token, 'unsubscribe', services)
  return found ? { kind: 'found', language: found.language, left: found.state === 'unsubscribed' } : { kind: 'unknown' }
}

/** Unsubscribes permanently; idempotent. Stores `how`. */
export const unsubscribe = async (
  token: string,
  how: 'click' | 'button',
  services: SubscriptionServices,
  log: Log,
): Promise<UnsubscribeLink> => {
  for (;;) {
    const found = await readerOf(token, 'unsubscribe', services)
    if (!found) return { kind: 'unknown' }
    const left = { kind: 'found', language: found.language, left: true } as const
    if (found.state === 'unsubscribed') return left
    const at = services.clock().toISOString()
    const before = found.state === 'suppressed' ? found.reason : undefined
    const reason = before
      ? fault('recipient.leftByMailAfter', { how, at, before })
      : fault('recipient.leftByMail', { how, at })
    if (await services.recipients.setState(found, { state: 'unsubscribed', reason })) {
      log('recipient left', { recipient: found.id, by: how, at })
      return left
    }
  }
}

export const readerOf = async (
  token: string,
  kind: 'unsubscribe' | 'confirm',
  { recipients, tokens, clock }: SubscriptionServices,
) => {
  const grant = isToken(token) ? await tokens.open(token, clock().toISOString()) : undefined
  return grant?.kind === kind ? recipients.get(grant.recipient) : undefined
}
