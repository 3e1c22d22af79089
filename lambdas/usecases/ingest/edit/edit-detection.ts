/** Edits a detection after a trial, and only over the revision that the analyst saw. */
import { type Caller, isOperator, isUnder } from '../../../domain/access/caller.ts'
import type { Fault } from '../../../domain/core/fault.ts'
import { closedMarking, fitsUnder } from '../../../domain/core/marking.ts'
import type { TerritoryCode } from '../../../domain/core/place/territory.ts'
import type { AddedReply } from '../../../domain/detection/attribution-schema.ts'
import { knownUnder } from '../../../domain/detection/attribution.ts'
import { byHandName, type Detection } from '../../../domain/detection/detection.ts'
import { changedFields, fieldsOf } from '../../../domain/detection/revisions/correction.ts'
import { NotActiveError } from '../../../domain/detection/revisions/not-active.ts'
import { changedBetween, placesExplained } from '../../../domain/looking/explanation.ts'
import { ChangedSinceError } from '../../../store/detections/by-hand.ts'
import { partsOf } from '../../detections/parts-of.ts'
import type { IntakeServices } from '../../services.ts'
import { type Desk, limitOf } from '../desk.ts'
import { addReply } from './add-reply.ts'
import { applyPatch, type Patch } from './apply-patch.ts'
import { type CorrectionDone, CorrectionError, correctDetection, keepCorrection } from './correct-detection.ts'
import { effectOfCorrection, isCorrection, type EditEffect } from './edit-effect.ts'

export type DetectionEdit =
  | { readonly does: 'place'; readonly territories: readonly TerritoryCode[] }
  | { readonly does: 'correct'; readonly cells: Readonly<Record<string, string>> }
  | { readonly does: 'patch'; readonly patch: Patch }
  | { readonly does: 'withdraw' }
  /** Gives the fields the values of an earlier revision. */
  | { readonly does: 'restore'; readonly to: Detection }
  /** Adds a reply of the attributed actor. */
  | { readonly does: 'reply'; readonly reply: AddedReply }

export type EditRequest = {
  readonly id: string
  /** The revision that the form was made from. */
  readonly revision: number
  readonly by: string
  readonly reason: string
  readonly edit: DetectionEdit
}

/**
 * *changed*: another revision is current. *beyond*: the result would exceed the caller's ceiling. *refused*: the same
 * lower marking was turned down before.
 */
export type NotEdited =
  | { readonly fault: 'changed' | 'beyond' | 'refused' | 'same' }
  | { readonly fault: 'words'; readonly reason: Fault }

export const tryEdit = async (asked: EditRequest, caller: Caller, desk: Desk): Promise<EditEffect | NotEdited> => {
  const { edit: wanted } = asked
  if (wanted.does === 'reply' && wanted.reply.marking !== undefined) {
    if (!fitsUnder(closedMarking(wanted.reply.marking), caller.clearance)) return { fault: 'beyond' }
  }
  const trial = desk.trial(limitOf(caller))
  const before = (await trial.detections.stored([asked.id])).get(asked.id)
  if (!before || before.revision !== asked.revision) return { fault: 'changed' }
  const body = await before.body()
  const done = await carriedOut(asked, caller, trial, desk, trial.clock())
  if (typeof done === 'object') return done
  if (done === 'waits') return waiting(asked.id, body, caller, trial)
  const current = (await trial.detections.stored([asked.id])).get(asked.id)
  const after = current?.status === 'active' ? await current.body() : undefined
  if (after && !isUnder(caller, after)) return { fault: 'beyond' }
  const parts = after ? [] : await partsOf(body, caller, trial)
  return {
    before: body,
    ...(parts.length > 0 && { parts }),
    ...(after && { after }),
    changed: after ? changedBetween(body, after) : [],
    places: { before: placesExplained(body), after: after ? placesExplained(after) : [] },
  }
}

const waiting = async (
  id: string,
  before: Detection,
  caller: Caller,
  { detections }: IntakeServices,
): Promise<EditEffect | NotEdited> => {
  const record = (await Array.fromAsync(detections.contested(id))).findLast(isCorrection)
  if (!record) throw new Error(`the correction of ${id} waits, and is not among what does`)
  const effect = effectOfCorrection(before, record)
  return isUnder(caller, effect.after) ? { ...effect, waits: true } : { fault: 'beyond' }
}

/** Also finishes an earlier attempt that was cut off. */
export const editDetection = async (
  asked: EditRequest,
  caller: Caller,
  desk: Desk,
): Promise<NotEdited | 'done' | 'waits'> => {
  const tried = await tryEdit(asked, caller, desk)
  if ('fault' in tried && tried.fault !== 'same') return tried
  const done = await carriedOut(asked, caller, desk.services, desk, desk.services.clock())
  // The trial predicts waiting; *same* therefore means that it was turned down before.
  if (typeof done === 'object' && done.fault === 'same' && 'waits' in tried && tried.waits) return { fault: 'refused' }
  return done
}

const carriedOut = async (
  { id, revision, by, reason, edit: wanted }: EditRequest,
  caller: Caller,
  services: IntakeServices,
  { intake }: Desk,
  now: Date,
): Promise<NotEdited | 'done' | 'waits'> => {
  const { detections } = services
  // `byOperator` is safe here: `seen` pins the revision that the caller was permitted to see.
  const about = { id, by, reason, sender: { name: caller.who, byOperator: true, seen: revision } }
  const who = { by, ...(reason !== '' && { reason }) }
  try {
    switch (wanted.does) {
      case 'place': {
        const places = wanted.territories.map((code) => ({ code, method: 'analyst' as const, by }))
        const isNew = await detections.assignTerritories(id, places, who, now, revision)
        return isNew ? 'done' : { fault: 'same' }
      }
      case 'withdraw': {
        const isNew = await detections.withdraw(id, { by, reason }, now, revision)
        return isNew ? 'done' : { fault: 'same' }
      }
      case 'restore': {
        const { detection: current } = await detections.readActive(id)
        // A restored place needs no spelling, and an unreadable one would refuse its removal.
        const { revision: __, reported: ___, ...to } = wanted.to
        const detection = { ...to, detector: { name: byHandName, byHand: true as const } }
        const correction = { fields: fieldsRestored(current, to, caller), kind: 'correction' as const }
        return resultOf(await keepCorrection({ detection, correction }, about, services))
      }
      case 'correct': {
        const pseudonym = await (await intake()).pseudonyms()
        return resultOf(await correctDetection({ ...about, cells: wanted.cells, pseudonym }, services))
      }
      case 'patch': {
        const { detection: current } = await detections.readActive(id)
        return resultOf(await keepCorrection(applyPatch(current, wanted.patch, by), about, services))
      }
      case 'reply': {
        return resultOf(await addReply({ ...about, reply: wanted.reply }, services))
      }
    }
  } catch (error) {
    if (error instanceof ChangedSinceError || error instanceof NotActiveError) return { fault: 'changed' }
    if (error instanceof CorrectionError) return { fault: 'words', reason: error.fault }
    throw error
  }
}

const resultOf = ({ outcome }: CorrectionDone): NotEdited | 'done' | 'waits' =>
  outcome === 'contested' ? 'waits' : outcome === 'duplicate' ? { fault: 'same' } : 'done'

/** Skips fields with parts that the caller may not know. */
const fieldsRestored = (current: Detection, to: Detection, caller: Caller): readonly string[] => {
  const fields = [...new Set([current, to].flatMap(fieldsOf))]
  const hidden = [current, to].flatMap((one) => changedFields(one, knownUnder(one, caller.clearance), fields))
  return fields.filter((field) => !hidden.includes(field) && (field !== 'plates' || isOperator(caller)))
}
