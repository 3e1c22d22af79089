/** Decides who may have a report, for queueing, sending and download. Refuses anything unknown. */
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

const deliverableSchema = z.strictObject({
  territory: subjectCodeSchema(),
  cadence: z.enum(cadences),
  /** The version contains nothing above it. */
  cap: z.enum(markings),
  marking: z.enum(markings),
  state: z.enum(['published', 'held', 'recalled']),
  /** An analyst's note must approve the report and is still missing. */
  awaitsApproval: z.boolean(),
  quiet: z.boolean(),
  expired: z.boolean().optional(),
})

export type Deliverable = z.output<typeof deliverableSchema>

export type Refusal =
  | 'unknown report'
  | 'unknown recipient'
  | 'not published'
  | 'recalled'
  | 'awaits approval'
  /** A flash note after the end of its validity. */
  | 'expired'
  | 'not active'
  | 'clearance'
  | 'never mailed'
  | 'another territory'
  /** The recipient chose this report but may not read all of its territories. */
  | 'not every territory'
  | 'another edition'
  | 'another cadence'
  | 'quiet'

export const withheldFor = (why: Refusal): Fault => fault(`withheld.${why}`)

export type Permission =
  | {
      readonly may: true
      /** Above `fullUpTo` a mail only announces the report. */
      readonly content: 'findings' | 'nothing'
      readonly form: 'link' | 'attachment'
    }
  | { readonly may: false; readonly why: Refusal }

const no = (why: Refusal): Permission => ({ may: false, why })

/**
 * Decides whether a recipient may have a version by mail or link. Malformed or unknown arguments are refused.
 *
 * @param fullUpTo the highest marking at which a mail shows findings; files are attached up to GREEN only
 */
export const mayReceive = (
  report: unknown,
  recipient: unknown,
  fullUpTo: Marking = maxMarkingDisclosed,
): Permission => {
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
  // Flash notes are sent whatever cadences a reader has chosen.
  if (!isFlashCode(territory) && !reader.cadences.includes(cadence)) return no('another cadence')
  if (unreadableIn(reader, territory).length > 0) {
    return no(namesEdition(reader, territory) ? 'not every territory' : 'another territory')
  }
  if (!wantsEdition(reader, territory)) return no('another edition')
  if (expired) return no('expired')
  if (awaitsApproval) return no('awaits approval')
  if (quiet && reader.quiet === 'skip') return no('quiet')
  const content = fitsUnder(marking, fullUpTo) ? 'findings' : 'nothing'
  const mayAttach = content === 'findings' && fitsUnder(marking, maxMarkingDisclosed)
  return { may: true, content, form: mayAttach ? reader.form : 'link' }
}

/** Leaves only territory, cadence and marking to decide. */
const unhindered = { state: 'published', awaitsApproval: false, quiet: false, expired: false } as const

/** A hypothetical report in the recipient's own edition. */
export const supposedFor = (
  recipient: Pick<Recipient, 'clearance'>,
  { territory, cadence, awaitsApproval = false }: Pick<Deliverable, 'territory' | 'cadence'> & Partial<Deliverable>,
): Deliverable => {
  const cap = editionFor(recipient)
  return { territory, cadence, cap, marking: cap, ...unhindered, awaitsApproval }
}

/**
 * Decides whether a recipient gets an entry. A withheld entry explains a missing mail to a recipient who chose the
 * report.
 */
export const isConcerned = (report: Deliverable, recipient: unknown): boolean => {
  const decided = mayReceive({ ...report, ...unhindered }, recipient)
  return decided.may || decided.why === 'not every territory'
}

export type EditionReaders = { readonly cap: Marking; readonly readers: number }

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
