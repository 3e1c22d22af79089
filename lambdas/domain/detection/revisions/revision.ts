/** What becomes of a detection that comes in under an id which may already be known. */

import { type Ceiling, isUnder } from '../../access/caller.ts'
import { type Fault, fault, faultAt, type Reason } from '../../core/fault.ts'
import type { Marking } from '../../core/marking.ts'
import { canonicalHash } from '../../core/text/canonical.ts'
import { byHandName, type Detection } from '../detection.ts'
import type { Correcting } from './correction.ts'
import { type Guarded, loweredFault, loweringsOf } from './lowering.ts'

/** Whose an id is: the detector that used it first. */
export type Owner = {
  readonly detector: string
  /**
   * Who the record names as its author, as STIX does (`created_by_ref`), or who sent a record of that format without
   * one.
   */
  readonly author?: string | undefined
}

/** What the store knows of a detection's latest revision. */
export type Latest = {
  readonly revision: number
  readonly status: 'active' | 'withdrawn'
  readonly contentSha256: string
  /** Why it was withdrawn. */
  readonly reason?: Reason | undefined
  /** The intake that brought it, where it is withdrawn since that was undone. */
  readonly undone?: string | undefined
  readonly owner: Owner
  readonly marking: Marking
  readonly guarded?: Guarded | undefined
  readonly marked?: readonly Marking[] | undefined
  readonly territories: readonly Pick<Detection['territories'][number], 'code'>[]
}

/** What may be said of a record besides its content. */
export type Sending = {
  readonly author?: string | undefined
  /** What its sender is cleared for; nothing limits it where this is left out. */
  readonly ceiling?: Ceiling | undefined
  /** A person sends it who works on the store itself: what is *by hand* then corrects what any detector stored. */
  readonly byOperator?: boolean | undefined
  /** It corrects what is stored, in these fields alone. */
  readonly correcting?: Correcting | undefined
  /** A person has decided that it is a revision, whatever its sender; or that it may lower the marking. */
  readonly accepted?: 'as revision' | 'as new' | undefined
}

export type Decision =
  | { readonly kind: 'new' | 'revised'; readonly revision: number }
  /** The same content is there: nothing changes. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly fault: Fault }
  /** Nothing changes until a person decides. */
  | { readonly kind: 'contested'; readonly reason: Fault }

/** Equal for two records that say the same, whatever revision they claim. */
export const contentSha256 = ({ revision: _, ...content }: Detection): string => canonicalHash(content)

/** Two that both know an author are one where the authors are: a detector's name may be borne by several. */
const isSameOwner = (one: Owner, other: Owner): boolean =>
  one.author !== undefined && other.author !== undefined ? one.author === other.author : one.detector === other.detector

/**
 * A detection that says something new gets the next revision, or the higher one that it claims. What was withdrawn
 * stays so: a detector that sends it again must not bring it back unseen. An id belongs to the detector that used it
 * first: a record of another one is contested, and so is one that lowers the marking, or whose sender is not cleared
 * for what is stored. An id that is withdrawn since its intake was undone is free again, for no lower marking. What is
 * stored under an id has the strictest marking since the last lowering that was decided.
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
  // It should never have been there: what comes now is the first of its id, whoever sends it.
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

/** What its sender was cleared for is not kept with a record: it holds as long as the record waits. */
export const notCleared = fault('contested.notCleared')

/** Why a record is not its owner's own, if so. */
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
