import type { Reason } from '../core/fault.ts'
import { markingSlug, markings } from '../core/marking.ts'
import { isSubjectCode } from '../core/place/territory.ts'
import { isHeld } from '../core/time/instants.ts'
import type { EditionNamed } from '../report/manifest.ts'

/**
 * *PENDING*: to be sent · *SENDING*: being sent until the lease ends · *SENT*: accepted by the mail service · *FAILED*:
 * refused permanently · *WITHHELD*: its recipient may not receive it · *UNKNOWN*: possibly sent, so never resent
 * automatically.
 */
const deliveryStates = ['PENDING', 'SENDING', 'SENT', 'FAILED', 'WITHHELD', 'UNKNOWN'] as const

export type DeliveryState = (typeof deliveryStates)[number]

export type DeliveryKey = EditionNamed & {
  readonly version: number
  readonly recipient: string
}

export type Delivery = DeliveryKey & {
  readonly state: DeliveryState
  /** Counts changes, for optimistic locking. */
  readonly turn: number
  readonly corrects?: number
  readonly attempts: number
  /** ISO instants in UTC: of the last change, and of the end of the lease. */
  readonly at: string
  readonly leaseUntil?: string
  /** The mail service's id; an outbox assigns it before sending. */
  readonly messageId?: string
  readonly sender?: string
  readonly form?: 'link' | 'attachment'
  /** SHA-256 of the link's token. The token itself is only in the mail. */
  readonly linkHash?: string
  /** Waits for the reader's next digest, or was sent in one. */
  readonly by?: 'digest'
  readonly reason?: Reason
  /** ISO instant at which a mail about the recall of the version left, or may have. */
  readonly recallMailedAt?: string
}

/** A machine without a mail server writes its mails to files. */
export const isInOutbox = ({ state, messageId = '' }: Pick<Delivery, 'state' | 'messageId'>): boolean =>
  state === 'SENT' && messageId.endsWith('.eml')

/** In milliseconds; after it the outcome of a sending is unknown. */
export const sendingLeaseMs = 120_000

export const maxAttempts = 5

type NextStep = 'send' | 'wait' | 'lost' | 'done'

/** A SENDING whose lease has ended is lost: the mail may or may not have been sent. */
export const nextStep = ({ state, leaseUntil }: Delivery, now: string): NextStep => {
  if (state === 'PENDING') return 'send'
  if (state !== 'SENDING') return 'done'
  return leaseUntil !== undefined && isHeld(leaseUntil, sendingLeaseMs, now) ? 'wait' : 'lost'
}

/** Example: `NC.2024-W20.amber.1.0123abcd`. */
export const deliveryId = ({ territory, period, cap, version, recipient }: DeliveryKey): string =>
  [territory, period, markingSlug(cap), version, recipient].join('.')

/** Names a mail without an own entry in the ledger. `chance` makes it unique. */
export const shortMailId = (kind: 'code' | 'confirm' | 'recall', recipient: string, chance: string): string =>
  `${kind}.${recipient}.${chance}`

export const shortMailRecipientIn = (id: string): string | undefined =>
  /^(?:code|confirm|recall)\.([A-Za-z0-9-]{8,64})\.[0-9a-f]+$/.exec(id)?.[1]

export const deliveryKeyIn = (id: string): DeliveryKey | undefined => {
  const [territory = '', period = '', slug = '', number = '', recipient = '', ...more] = id.split('.')
  const cap = markings.find((marking) => markingSlug(marking) === slug)
  if (!isSubjectCode(territory) || !cap || !/^[1-9]\d{0,5}$/.test(number)) return undefined
  if (!/^[\w-]+$/.test(period) || !/^[A-Za-z0-9-]{8,64}$/.test(recipient) || more.length > 0) return undefined
  return { territory, period, cap, version: Number(number), recipient }
}
