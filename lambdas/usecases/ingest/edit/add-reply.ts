/** Adds a reply of the attributed actor as a correction. */
import { fault, faultAt } from '../../../domain/core/fault.ts'
import { strictest } from '../../../domain/core/marking.ts'
import { refusalOf } from '../../../domain/core/schema-fault.ts'
import { isSameJson } from '../../../domain/core/text/canonical.ts'
import { type AddedReply, addedReply, attributionReplies } from '../../../domain/detection/attribution-schema.ts'
import { byHandName, readDetection } from '../../../domain/detection/detection.ts'
import { repliesField } from '../../../domain/detection/revisions/correction.ts'
import type { IntakeServices } from '../../services.ts'
import {
  type CorrectionAsked,
  type CorrectionDone,
  changedSince,
  CorrectionError,
  CorrectionWordError,
  keepCorrection,
} from './correct-detection.ts'

/**
 * @returns *duplicate* where the same reply exists
 * @throws CorrectionWordError where a part cannot be understood
 * @throws ChangedSinceError where the revision changed since the sender read it
 * @throws NotActiveError where no such detection is active
 * @throws CorrectionError where the attribution names no actor who could reply
 */
export const addReply = async (
  { reply: given, ...asked }: CorrectionAsked & { readonly reply: AddedReply },
  services: IntakeServices,
): Promise<CorrectionDone> => {
  const { id, sender } = asked
  const read = addedReply.safeParse(given)
  if (!read.success) {
    throw new CorrectionWordError(refusalOf(read.error))
  }
  const { head, detection: current } = await services.detections.readActive(id)
  const { seen = head.revision } = sender
  if (seen !== head.revision) throw changedSince(id)
  const { actor } = current
  if (!actor) throw new CorrectionError(fault('reply.noActor', { id }))
  const { replies = [] } = actor
  const isThere = replies.some((one) => isSameJson(one, read.data))
  const all = attributionReplies.safeParse(isThere ? replies : [...replies, read.data])
  if (!all.success) throw new CorrectionError(faultAt(repliesField, refusalOf(all.error)))
  const manual = readDetection({
    ...{ id, kind: current.kind, title: current.title, detector: { name: byHandName, byHand: true } },
    observed: { from: current.observed.from, to: current.observed.to },
    marking: strictest([current.marking, ...(read.data.marking ? [read.data.marking] : [])]),
  })
  if ('refusal' in manual) throw new CorrectionError(manual.refusal)
  const record = {
    detection: { ...manual.detection, actor: { ...actor, replies: all.data } },
    correction: { fields: [repliesField], kind: 'correction' as const },
  }
  // Requires the revision that was read: writing the whole list could lose a concurrent reply.
  return keepCorrection(record, { ...asked, sender: { seen: head.revision, ...sender } }, services)
}
