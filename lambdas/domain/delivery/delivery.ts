/**
 * What is written down of each mail: one entry for each version and recipient, whose state only ever moves along these
 * lines.
 */
import type { Reason } from '../core/fault.ts'
import { markingSlug, markings } from '../core/marking.ts'
import { isSubjectCode } from '../core/place/territory.ts'
import { isHeld } from '../core/time/instants.ts'
import type { EditionNamed } from '../report/manifest.ts'

/**
 * *PENDING*: to be sent · *SENDING*: a run is sending it, until its lease ends · *SENT*: taken by the mail service ·
 * *FAILED*: refused for good · *WITHHELD*: its recipient may not have it · *UNKNOWN*: it may have gone out or not, so
 * it is not sent again by itself.
 */
const deliveryStates = ['PENDING', 'SENDING', 'SENT', 'FAILED', 'WITHHELD', 'UNKNOWN'] as const

export type DeliveryState = (typeof deliveryStates)[number]

export type DeliveryKey = EditionNamed & {
  readonly version: number
  readonly recipient: string
}

export type Delivery = DeliveryKey & {
  readonly state: DeliveryState
  /** Counts the changes: a writer says which one it saw. */
  readonly turn: number
  /** The version that its recipient got before, which this one corrects. */
  readonly corrects?: number
  /** How often it was tried. */
  readonly attempts: number
  /** ISO instants in UTC: of the last change, and the end of the lease. */
  readonly at: string
  readonly leaseUntil?: string
  /** The mail service's name for the message; an outbox gives it ahead of the sending. */
  readonly messageId?: string
  /** The run that sends it into an outbox. */
  readonly sender?: string
  readonly form?: 'link' | 'attachment'
  /** SHA-256 of the token of its link; the token itself is in the mail alone. */
  readonly linkHash?: string
  /** It waits for its reader's next digest, or went out in one. */
  readonly by?: 'digest'
  /** Why it is in its state, for people. */
  readonly reason?: Reason
}

/** How long sending one mail may take before it is not known what became of it, in milliseconds. */
export const sendingLeaseMs = 120_000

/** Refused so often, it is given up. */
export const maxAttempts = 5

/** What a recipient's delivery still needs. */
type NextStep = 'send' | 'wait' | 'lost' | 'done'

/** A SENDING whose lease has ended is lost: the mail may be out, or never have left. */
export const nextStep = ({ state, leaseUntil }: Delivery, now: string): NextStep => {
  if (state === 'PENDING') return 'send'
  if (state !== 'SENDING') return 'done'
  return leaseUntil !== undefined && isHeld(leaseUntil, sendingLeaseMs, now) ? 'wait' : 'lost'
}

/** One name for mail services and people: `NC.2024-W20.amber.1.0123abcd`. */
export const deliveryId = ({ territory, period, cap, version, recipient }: DeliveryKey): string =>
  [territory, period, markingSlug(cap), version, recipient].join('.')

/**
 * Names a mail that is no delivery: the code for a link, or the question whether to be on the list. `chance` tells it
 * from others.
 */
export const shortMailId = (kind: 'code' | 'confirm', recipient: string, chance: string): string =>
  `${kind}.${recipient}.${chance}`

/** Whose mail a name of {@link shortMailId} is, or undefined where it is none. */
export const shortMailRecipientIn = (id: string): string | undefined =>
  /^(?:code|confirm)\.([A-Za-z0-9-]{8,64})\.[0-9a-f]+$/.exec(id)?.[1]

/** The key in a name of {@link deliveryId}, or undefined where it is none. */
export const deliveryKeyIn = (id: string): DeliveryKey | undefined => {
  const [territory = '', period = '', slug = '', number = '', recipient = '', ...more] = id.split('.')
  const cap = markings.find((marking) => markingSlug(marking) === slug)
  if (!isSubjectCode(territory) || !cap || !/^[1-9]\d{0,5}$/.test(number)) return undefined
  if (!/^[\w-]+$/.test(period) || !/^[A-Za-z0-9-]{8,64}$/.test(recipient) || more.length > 0) return undefined
  return { territory, period, cap, version: Number(number), recipient }
}
