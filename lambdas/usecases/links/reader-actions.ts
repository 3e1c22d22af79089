/** What readers without accounts may do, as the web asks for it. */
import { type JoiningLink, joinList, lookAtJoining } from './confirm-subscription.ts'
import {
  type DeadLink,
  type LinkParts,
  type LinkServices,
  type LinkWish,
  lookAtLink,
  type OpenedLink,
  openLink,
  type ShutLink,
} from './open-link.ts'
import { type LeavingLink, leaveList, lookAtLeaving } from './unsubscribe.ts'

/** Looking changes nothing; the rest does what its name says. */
export type Readers = {
  lookAtLink(token: string): Promise<DeadLink | ShutLink>
  openLink(token: string, wish: LinkWish): Promise<OpenedLink>
  lookAtLeaving(token: string): Promise<LeavingLink>
  leaveList(token: string, how: 'one click' | 'a button'): Promise<LeavingLink>
  lookAtJoining(token: string): Promise<JoiningLink>
  joinList(token: string): Promise<JoiningLink>
}

export const readersOn = (services: LinkServices, parts: LinkParts): Readers => ({
  lookAtLink: (token) => lookAtLink(token, services),
  openLink: (token, wish) => openLink(token, wish, services, parts),
  lookAtLeaving: (token) => lookAtLeaving(token, services),
  leaveList: (token, how) => leaveList(token, how, services, parts.log),
  lookAtJoining: (token) => lookAtJoining(token, services),
  joinList: (token) => joinList(token, services, parts.log),
})
