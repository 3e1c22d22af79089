import { type Ceiling, isUnder } from '../../access/caller.ts'
import { type Fault, fault, faultAt, type Reason } from '../../core/fault.ts'
import type { Marking } from '../../core/marking.ts'
import { canonicalHash } from '../../core/text/canonical.ts'
import { byHandName, type Detection } from '../detection.ts'
import type { Correcting } from './correction.ts'
import { type Guarded, loweredFault, loweringsOf } from './lowering.ts'

/** The owner of an id: the first detector that used it. */
export type Owner = {
  readonly detector: string
  /** The author that the record names, as in STIX (`created_by_ref`), or else its sender. */
  readonly author?: string | undefined
}

export type Latest = {
  readonly revision: number
  readonly status: 'active' | 'withdrawn'
  readonly contentSha256: string
  readonly reason?: Reason | undefined
  /** The undone intake that had brought it. */
  readonly undone?: string | undefined
  readonly owner: Owner
  readonly marking: Marking
  readonly guarded?: Guarded | undefined
  readonly marked?: readonly Marking[] | undefined
  readonly territories: readonly Pick<Detection['territories'][number], 'code'>[]
}

export type Sending = {
  readonly author?: string | undefined
  /** The sender's clearance; no limit if left out. */
  readonly ceiling?: Ceiling | undefined
  /** The sender operates the store: records *by hand* then correct any detector's. */
  readonly byOperator?: boolean | undefined
  readonly correcting?: Correcting | undefined
  /** An analyst has accepted it as a revision, whatever its sender, or its lower marking. */
  readonly accepted?: 'as revision' | 'as new' | undefined
}

export type Decision =
  | { readonly kind: 'new' | 'revised'; readonly revision: number }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly fault: Fault }
  /** Waits for an analyst's decision. */
  | { readonly kind: 'contested'; readonly reason: Fault }

/** Ignores the claimed revision. */
export const contentSha256 = ({ revision: _, ...content }: Detection): string => canonicalHash(content)

/** Compares authors where both are known: several may share a detector name. */
const isSameOwner = (one: Owner, other: Owner): boolean =>
  one.author !== undefined && other.author !== undefined ? one.author === other.author : one.detector === other.detector

/**
 * Gives new content the next revision, or the higher one claimed. A withdrawn detection stays withdrawn, even if its
 * detector sends it again. Contested are: another owner's record, a lower marking, a sender without clearance for the
 * stored record. An id whose intake was undone is free again, but not for a lower marking.
 */
export const decide = (
  latest: Latest | undefined,
  detection: Detection,
  sha256: string,
  sending: Sending = {},
): Decision => {
  const claimed = detection.revision
  if (!latest) return { kind: 'new', revision: claimed ?? 1 }
  const loweredBy = (): Fault | undefined =>
    sending.accepted === 'as revision' ? undefined : loweredFault(loweringsOf(latest, detection))
  // The undone intake should never have happened: any sender may use the id again.
  if (latest.undone !== undefined) {
    const lowered = loweredBy()
    if (lowered !== undefined) return { kind: 'contested', reason: lowered }
    return { kind: 'new', revision: Math.max(claimed ?? 0, latest.revision + 1) }
  }
  if (sha256 === latest.contentSha256) return { kind: 'duplicate' }
  const foreign = foreignTo(latest, detection, sending)
  if (foreign !== undefined) return { kind: 'contested', reason: foreign }
  if (latest.status === 'withdrawn') {
    const { reason } = latest
    return {
      kind: 'refused',
      fault: faultAt(
        'id',
        reason === undefined ? fault('revision.withdrawn') : fault('revision.withdrawnFor', { reason }),
      ),
    }
  }
  const next = latest.revision + 1
  const lowered = loweredBy()
  if (sending.accepted && lowered === undefined) return { kind: 'revised', revision: next }
  if (claimed !== undefined && claimed <= latest.revision) {
    const values = { claimed: String(claimed), stored: String(latest.revision) }
    return { kind: 'refused', fault: faultAt('id', fault('revision.notHigher', values)) }
  }
  if (lowered !== undefined) return { kind: 'contested', reason: lowered }
  return { kind: 'revised', revision: claimed ?? next }
}

/** The sender's clearance is not stored with a record: this fault holds as long as the record waits. */
export const notCleared = fault('contested.notCleared')

export const foreignTo = (latest: Latest, { detector }: Detection, sending: Sending): Fault | undefined => {
  const { author, ceiling, byOperator, accepted } = sending
  if (accepted === 'as revision') return undefined
  if (ceiling && !isUnder(ceiling, latest)) return notCleared
  if (byOperator && detector.byHand) return undefined
  const sender: Owner = { detector: detector.name, author }
  return isSameOwner(latest.owner, sender) ? undefined : foreignText(latest.owner, sender)
}

const foreignText = (owner: Owner, sender: Owner): Fault => {
  if (!isByHand(owner))
    return isByHand(sender)
      ? fault('contested.byHandOverDetector', { owner: nameOf(owner), author: authorOf(sender) })
      : fault('contested.otherDetector', { owner: nameOf(owner), sender: nameOf(sender) })
  return isByHand(sender)
    ? fault('contested.otherByHand', { author: authorOf(owner), other: authorOf(sender) })
    : fault('contested.detectorOverByHand', { author: authorOf(owner), sender: nameOf(sender) })
}

const isByHand = ({ detector }: Owner): boolean => detector === byHandName

const nameOf = (owner: Owner): string => `${owner.detector}${authorOf(owner)}`

const authorOf = ({ author }: Owner): string => (author === undefined ? '' : ` (${author})`)
