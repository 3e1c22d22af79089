/** A correction that lowers a marking, which waits for another person: listed, looked at, confirmed or turned down. */
import { type Caller, isUnder, mayDo } from '../../domain/access/caller.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import { toldRevision } from '../../domain/detection/told-below.ts'
import { ContestError } from '../../store/detections/by-hand.ts'
import type { Services } from '../services.ts'
import { type CorrectionRecord, effectOfCorrection, isCorrection, type MendEffect } from './mend-effect.ts'

/** A correction alone waits as one: what lowers a marking in a detector's own record is decided of by `vigie contested`. */
export type Lowering = {
  readonly record: CorrectionRecord
  readonly effect: MendEffect & { readonly after: Detection }
  /** Of what stands, as the person is told it. */
  readonly revision: number
  /** Over which is written. */
  readonly storedRevision: number
}

type LoweringServices = Pick<Services, 'detections' | 'history' | 'clock'>

/** As far as somebody may know of what stands and of what would. */
export const loweringsFor = async (
  caller: Caller,
  { detections }: Pick<Services, 'detections'>,
  id?: string,
): Promise<readonly Lowering[]> => {
  const records = (await Array.fromAsync(detections.contested(id))).filter(isCorrection)
  const stored = await detections.stored([...new Set(records.map(({ detection }) => detection.id))])
  const found: Lowering[] = []
  for (const record of records) {
    const stands = stored.get(record.detection.id)
    if (stands?.status !== 'active' || !isUnder(caller, stands)) continue
    const effect = effectOfCorrection(await stands.body(), record)
    if (isUnder(caller, effect.after)) {
      const revision = toldRevision(stands, caller.clearance)
      found.push({ record, effect, revision, storedRevision: stands.revision })
    }
  }
  return found
}

export const loweringFor = async (
  { id, sha256 }: { readonly id: string; readonly sha256: string },
  caller: Caller,
  services: Pick<Services, 'detections'>,
): Promise<Lowering | undefined> =>
  (await loweringsFor(caller, services, id)).find(({ record }) => record.sha256 === sha256)

/** Whether somebody has changed the marking since it was asked for: it can be turned down alone then. */
export const isOvertaken = ({ record: { stood }, effect }: Lowering): boolean =>
  stood !== undefined && stood !== effect.before.marking

/** Nobody confirms what he asked for himself; where nobody signs in that cannot be told. Whoever asked may take it back. */
export const mayConfirm = (
  caller: Caller,
  signedIn: string | undefined,
  { record }: Pick<Lowering, 'record'>,
): boolean => mayDo(caller, 'detections:write') && record.correcting.by !== signedIn

/** @returns false where somebody has decided of it, or another revision stands than was seen: nothing is written then */
export const decideLowering = async (
  { record, storedRevision: seen }: Pick<Lowering, 'record' | 'storedRevision'>,
  { as, by, reason }: { readonly as: 'revision' | 'refused'; readonly by: string; readonly reason: string },
  { detections, history, clock }: LoweringServices,
): Promise<boolean> => {
  try {
    await detections.decide(record, { as, by, seen }, clock())
  } catch (error) {
    if (error instanceof ContestError) return false
    throw error
  }
  const { id } = record.detection
  const did = as === 'revision' ? 'accepted' : 'refused'
  await history.add({ at: clock().toISOString(), did, by, id, of: 'detection', reason })
  return true
}
