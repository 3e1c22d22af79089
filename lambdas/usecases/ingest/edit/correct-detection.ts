import { asFault, type Fault, fault, faultAt, FaultError, several } from '../../../domain/core/fault.ts'
import type { Detection } from '../../../domain/detection/detection.ts'
import { changedFields, type Correction } from '../../../domain/detection/revisions/correction.ts'
import { applyEdit, type Edit, fieldsOfEdit } from '../../../intake/csv/apply-edit.ts'
import type { IntakeRecord } from '../../../intake/record/record.ts'
import { ChangedSinceError } from '../../../store/detections/by-hand.ts'
import type { IntakeServices } from '../../services.ts'
import { ingestDetections, type Sender } from '../ingest-detections.ts'

export class CorrectionError extends FaultError {
  override name = 'CorrectionError'
}

/** Unknown field or unreadable value; nothing was tried. */
export class CorrectionWordError extends CorrectionError {
  override name = 'CorrectionWordError'
}

export type CorrectionAsked = {
  readonly id: string
  readonly by: string
  readonly reason: string
  readonly sender: Sender
}

export type CorrectionDone = {
  readonly outcome: 'revised' | 'duplicate' | 'contested'
  readonly batch: string
  readonly over?: readonly Pick<Correction, 'field' | 'by' | 'at'>[]
}

type Asked = CorrectionAsked & Omit<Edit, 'by'>

const maxTries = 20

/**
 * Retries on a concurrent revision that leaves the same fields unchanged, unless the sender named a revision.
 * @returns *duplicate* where all fields have these values already
 * @throws CorrectionWordError where a field is unknown or a cell cannot be understood
 * @throws ChangedSinceError where the sender's revision is not current, or a concurrent one touches the same fields
 * @throws NotActiveError where no such detection is active
 * @throws CorrectionError where the result contradicts what is stored
 */
export const correctDetection = async (asked: Asked, services: IntakeServices): Promise<CorrectionDone> => {
  const { detections } = services
  const { detection: first } = await detections.readActive(asked.id)
  const { fields } = orThrow(fieldsOfEdit(asked.cells))
  let current = first
  for (let tries = 1; ; tries += 1) {
    const before = await detections.corrections(asked.id)
    try {
      const done = await correctOver(current, asked, services)
      const over = before.filter(({ field }) => done.outcome === 'revised' && fields.includes(field))
      return over.length === 0 ? done : { ...done, over: over.map(({ field, by, at }) => ({ field, by, at })) }
    } catch (error) {
      if (!(error instanceof ChangedSinceError) || asked.sender.seen !== undefined) throw error
      current = (await detections.readActive(asked.id)).detection
      const changed = changedFields(first, current, fields)
      if (changed.length > 0 || tries === maxTries) throw await changedBetween(asked.id, changed, detections)
    }
  }
}

const changedBetween = async (
  id: string,
  fields: readonly string[],
  { corrections }: Pick<IntakeServices['detections'], 'corrections'>,
): Promise<ChangedSinceError> => {
  const theirs = (await corrections(id)).filter(({ field }) => fields.includes(field))
  const changes = theirs.map(({ field, by }) => `${field} by ${by}`).join(', ') || fields.join(', ') || 'other fields'
  return new ChangedSinceError(fault('detection.changedMeanwhile', { id, changes }))
}

const correctOver = async (
  current: Detection,
  { cells, pseudonym, ...about }: Asked,
  services: IntakeServices,
): Promise<CorrectionDone> => {
  const record = orThrow(applyEdit(current, { cells, pseudonym, by: about.by }))
  return keepCorrection(record, { ...about, sender: { seen: current.revision, ...about.sender } }, services)
}

const orThrow = <Value extends object>(value: Value | { readonly faults: readonly Fault[] }): Value => {
  if ('faults' in value) throw new CorrectionWordError(several(value.faults))
  return value
}

export const changedSince = (id: string): ChangedSinceError =>
  new ChangedSinceError(fault('detection.changedSince', { id }))

export const keepCorrection = async (
  record: IntakeRecord,
  { id, by, reason, sender }: CorrectionAsked,
  services: IntakeServices,
): Promise<CorrectionDone> => {
  const rejects: Fault[] = []
  const tally = await ingestDetections([record], { kind: 'correction', id }, services, {
    sender: { ...sender, by, reason },
    keepsRejects: true,
    onOutcome: (_, outcome) => {
      if (outcome.kind === 'rejected') rejects.push(faultAt(outcome.reject.path, outcome.reject.fault))
    },
  })
  const [reject] = rejects
  if (reject?.path === 'revision')
    throw new ChangedSinceError(fault('detection.revisionRefused', { id, reason: { ...reject, path: '' } }))
  if (reject && sender.seen !== undefined) {
    const now = (await services.detections.stored([id])).get(id)
    if (now?.revision !== sender.seen) throw changedSince(id)
  }
  if (reject) throw new CorrectionError(reject)
  if (tally.failure !== undefined) throw new CorrectionError(asFault(tally.failure))
  const outcome = tally.contested > 0 ? 'contested' : tally.revised + tally.unplaced > 0 ? 'revised' : 'duplicate'
  return { outcome, batch: tally.batch }
}
