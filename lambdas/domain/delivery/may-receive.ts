/**
 * The one decision on who may have a report: at queueing, at sending and at download. What it does not know, it
 * refuses.
 */
import * as z from 'zod'
import { type Fault, fault } from '../core/fault.ts'
import { fitsUnder, type Marking, markings } from '../core/marking.ts'
import { subjectCodeSchema } from '../core/place/subject-code.ts'
import { isFlashCode } from '../core/place/territory.ts'
import {
  cadences,
  editionFor,
  maxMarkingMailed,
  maxMarkingDisclosed,
  namesEdition,
  type Recipient,
  recipientSchema,
  unreadableIn,
  wantsEdition,
} from './recipient.ts'

/** What of a version decides who may have it. */
const deliverableSchema = z.strictObject({
  territory: subjectCodeSchema(),
  cadence: z.enum(cadences),
  /** Nothing above it is in the version. */
  cap: z.enum(markings),
  /** The highest marking of what it shows. */
  marking: z.enum(markings),
  state: z.enum(['published', 'held', 'recalled']),
  /** The organisation holds reports until an analyst's note approves them, and none has. */
  awaitsApproval: z.boolean(),
  quiet: z.boolean(),
  /** Of a flash note: until when it holds has passed. */
  expired: z.boolean().optional(),
})

export type Deliverable = z.output<typeof deliverableSchema>

export type Refusal =
  | 'unknown report'
  | 'unknown recipient'
  | 'not published'
  | 'recalled'
  | 'awaits approval'
  /** A flash note, after the instant until which it holds. */
  | 'expired'
  | 'not active'
  | 'clearance'
  | 'never mailed'
  | 'another territory'
  /** It asked for this report, but may not read every territory of it. */
  | 'not every territory'
  | 'another edition'
  | 'another cadence'
  | 'quiet'

/** Why a delivery is withheld, as its entry says it. */
export const withheldFor = (why: Refusal): Fault => fault(`withheld.${why}`)

export type Permission =
  | {
      readonly may: true
      /** Above GREEN a mail says only that there is a report: nothing of what is in it, and nothing attached. */
      readonly content: 'findings' | 'nothing'
      readonly form: 'link' | 'attachment'
    }
  | { readonly may: false; readonly why: Refusal }

const no = (why: Refusal): Permission => ({ may: false, why })

/**
 * Whether a recipient may have a version by mail, or read it by the link of a mail. Both are looked at as what they are
 * found to be, not as what a type says: whatever is malformed or unheard of is refused.
 */
export const mayReceive = (report: unknown, recipient: unknown): Permission => {
  const version = deliverableSchema.safeParse(report).data
  if (!version) return no('unknown report')
  const reader = recipientSchema.safeParse(recipient).data
  if (!reader) return no('unknown recipient')
  const { cap, marking, territory, cadence, state, awaitsApproval, quiet, expired } = version
  if (state === 'recalled') return no('recalled')
  if (state !== 'published') return no('not published')
  if (reader.state !== 'active') return no('not active')
  if (!fitsUnder(cap, maxMarkingMailed) || !fitsUnder(marking, maxMarkingMailed)) return no('never mailed')
  if (!fitsUnder(cap, reader.clearance) || !fitsUnder(marking, reader.clearance)) return no('clearance')
  // A flash note comes between reports, whichever of these a reader gets.
  if (!isFlashCode(territory) && !reader.cadences.includes(cadence)) return no('another cadence')
  if (unreadableIn(reader, territory).length > 0) {
    return no(namesEdition(reader, territory) ? 'not every territory' : 'another territory')
  }
  if (!wantsEdition(reader, territory)) return no('another edition')
  if (expired) return no('expired')
  if (awaitsApproval) return no('awaits approval')
  if (quiet && reader.quiet === 'skip') return no('quiet')
  const content = fitsUnder(marking, maxMarkingDisclosed) ? 'findings' : 'nothing'
  return { may: true, content, form: content === 'findings' ? reader.form : 'link' }
}

/** Asks by territory, cadence and marking alone. */
const unhindered = { state: 'published', awaitsApproval: false, quiet: false, expired: false } as const

/** A report as the edition that is the recipient's own: published, with something in it. */
export const supposedFor = (
  recipient: Pick<Recipient, 'clearance'>,
  { territory, cadence, awaitsApproval = false }: Pick<Deliverable, 'territory' | 'cadence'> & Partial<Deliverable>,
): Deliverable => {
  const cap = editionFor(recipient)
  return { territory, cadence, cap, marking: cap, ...unhindered, awaitsApproval }
}

/**
 * Whether a recipient has an entry in the ledger of a version, if only a withheld one. Who asked for a report without
 * the right to all of it has one, so that its absence is explained.
 */
export const isConcerned = (report: Deliverable, recipient: unknown): boolean => {
  const decided = mayReceive({ ...report, ...unhindered }, recipient)
  return decided.may || decided.why === 'not every territory'
}

export type EditionReaders = { readonly cap: Marking; readonly readers: number }

/** How many recipients each edition of such a report is for, from the freest; editions without any are left out. */
export const readersByEdition = (
  { territory, cadence }: Pick<Deliverable, 'territory' | 'cadence'>,
  recipients: readonly unknown[],
): readonly EditionReaders[] => {
  const editions = recipients.flatMap((one) => {
    const recipient = recipientSchema.safeParse(one).data
    if (!recipient) return []
    const supposed = supposedFor(recipient, { territory, cadence })
    return mayReceive(supposed, recipient).may ? [supposed.cap] : []
  })
  return markings
    .map((cap) => ({ cap, readers: editions.filter((one) => one === cap).length }))
    .filter(({ readers }) => readers > 0)
}
