import { type ConfirmationLink, confirmSubscription, inspectConfirmation } from './confirm-subscription.ts'
import {
  type DeadLink,
  inspectLink,
  type LinkParts,
  type LinkServices,
  type LinkWish,
  type OpenedLink,
  openLink,
  type ShutLink,
} from './open-link.ts'
import { inspectUnsubscribe, type UnsubscribeLink, unsubscribe } from './unsubscribe.ts'

/** The `inspect…` functions change nothing. */
export type ReaderActions = {
  inspectLink(token: string): Promise<DeadLink | ShutLink>
  openLink(token: string, wish: LinkWish): Promise<OpenedLink>
  inspectUnsubscribe(token: string): Promise<UnsubscribeLink>
  unsubscribe(token: string, how: 'click' | 'button'): Promise<UnsubscribeLink>
  inspectConfirmation(token: string): Promise<ConfirmationLink>
  confirmSubscription(token: string): Promise<ConfirmationLink>
}

export const readerActions = (services: LinkServices, parts: LinkParts): ReaderActions => ({
  inspectLink: (token) => inspectLink(token, services),
  openLink: (token, wish) => openLink(token, wish, services, parts),
  inspectUnsubscribe: (token) => inspectUnsubscribe(token, services),
  unsubscribe: (token, how) => unsubscribe(token, how, services, parts.log),
  inspectConfirmation: (token) => inspectConfirmation(token, services),
  confirmSubscription: (token) => confirmSubscription(token, services, parts.log),
})
