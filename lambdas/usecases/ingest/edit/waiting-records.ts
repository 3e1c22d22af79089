/** Lists corrections that lower a marking, and contested records, within the caller's ceiling. */
import { accountOf, type Caller, isOperator, isUnder, mayDo, personOf } from '../../../domain/access/caller.ts'
import { pushAll } from '../../../domain/core/lists.ts'
import { type Marking, strictest } from '../../../domain/core/marking.ts'
import { isSameJson } from '../../../domain/core/text/canonical.ts'
import { innerMarkings, knownUnder } from '../../../domain/detection/attribution.ts'
import type { Detection } from '../../../domain/detection/detection.ts'
import { type Correction, partOf } from '../../../domain/detection/revisions/correction.ts'
import { revisionInEdition } from '../../../domain/detection/revisions/edition-overrides.ts'
import type { Lowering as LoweredMarking } from '../../../domain/detection/revisions/lowering.ts'
import { changedBetween, placesExplained } from '../../../domain/looking/explanation.ts'
import { namedMarking, type View } from '../../../domain/looking/filter.ts'
import { ContestError, DecidedError } from '../../../store/detections/by-hand.ts'
import type { Contested, Decided, Deciding } from '../../../store/detections/contested.ts'
import { viewFor } from '../../detections/view.ts'
import type { Services } from '../../services.ts'
import { type CorrectionRecord, isCorrection, type EditEffect } from './edit-effect.ts'

export type WaitingRecord = {
  readonly record: Contested
  readonly effect: EditEffect & { readonly after: Detection }
  readonly revision: number
  readonly storedRevision: number
  /** Manual corrections that would be lost. */
  readonly gives: readonly Correction[]
  /** Where filled, someone other than the sender has to accept it. */
  readonly lowers: readonly LoweredMarking[]
  /** Manual corrections that stay in force. */
  readonly keeps: readonly Correction[]
  readonly isForeign: boolean
  readonly isUncleared: boolean
  /** The strictest of the current and resulting detection, the record, and the names shown. */
  readonly marking: Marking
  readonly sender?: string | undefined
}

export type Lowering = WaitingRecord & { readonly record: CorrectionRecord }

type WaitingServices = Pick<Services, 'detections' | 'batches' | 'sources' | 'clock'>

/** Requires clearance for the detection before, the record, and the result. */
export const waitingRecordsFor = async (
  caller: Caller,
  services: WaitingServices,
  id?: string,
): Promise<readonly WaitingRecord[]> =>
  waitingAmong(await Array.fromAsync(services.detections.contested(id)), caller, services)

export const waitingAmong = async (
  records: readonly Contested[],
  caller: Caller,
  services: WaitingServices,
): Promise<readonly WaitingRecord[]> => {
  const found: WaitingRecord[] = []
  const view = records.length > 0 ? await viewFor(caller, services) : undefined
  for (let at = 0; at < records.length; at += atOnce) {
    const some = records.slice(at, at + atOnce).map((record) => view && waitingRecordOf(record, caller, view, services))
    pushAll(
      found,
      (await Promise.all(some)).flatMap((one) => one ?? []),
    )
  }
  return found
}

const atOnce = 20

const waitingRecordOf = async (
  record: Contested,
  caller: Caller,
  view: View,
  { detections, batches }: WaitingServices,
): Promise<WaitingRecord | undefined> => {
  const knowsAll = isOperator(caller)
  const tried = await detections.ifAccepted(record)
  if (!tried) return undefined
  const whole = [tried.before, tried.after, ...(isCorrection(record) ? [] : [record.detection])]
  if (!whole.every((one) => isUnder(caller, one))) return undefined
  const [before, after] = [knownUnder(tried.before, caller.clearance), knownUnder(tried.after, caller.clearance)]
  const { isForeign, isUncleared } = tried.against
  // A detector's name may be marked higher than its detection.
  const changed = changedBetween(before, after).filter((field) => knowsAll || field !== 'detector')
  // Hides waiting changes above the reader's ceiling; evidence images have their own markings.
  if (!knowsAll && changed.every((field) => field === 'plates') && !isForeign) return undefined
  const batch = tried.lowers.length > 0 && record.batch !== undefined ? await batches.get(record.batch) : undefined
  const places = { before: placesExplained(before), after: placesExplained(after) }
  return {
    ...{ record, effect: { before, after, changed, places } },
    ...{ revision: revisionInEdition(tried, caller.clearance), storedRevision: tried.revision },
    ...{
      gives: tried.gives,
      lowers: tried.lowers,
      keeps: tried.keeps.filter(({ field }) => isSameJson(partOf(tried.after, field), partOf(after, field))),
      isForeign,
      isUncleared,
      sender: (record.correcting ?? record.undoing)?.by ?? batch?.sender,
    },
    marking: strictest([
      ...whole.map(({ marking }) => marking),
      ...[before, after].flatMap(innerMarkings),
      ...whole.flatMap((one) => namedMarking(one, view) ?? []),
    ]),
  }
}

export const waitingRecordFor = async (
  { id, sha256 }: { readonly id: string; readonly sha256: string },
  caller: Caller,
  services: WaitingServices,
): Promise<WaitingRecord | undefined> =>
  (await waitingRecordsFor(caller, services, id)).find(({ record }) => record.sha256 === sha256)

export const isLowering = (waiting: WaitingRecord): waiting is Lowering => isCorrection(waiting.record)

/** Such a correction can only be turned down. */
export const isOvertaken = ({ record: { markingBefore }, effect }: WaitingRecord): boolean =>
  markingBefore !== undefined && markingBefore !== effect.before.marking

/**
 * Prevents senders from accepting their own lower marking. This cannot be checked without sign-in.
 * @param signedIn undefined where users do not sign in
 */
export const mayAccept = (caller: Caller, signedIn: string | undefined, waiting: WaitingRecord): boolean => {
  if (!mayDo(caller, 'detections:write')) return false
  if (signedIn === undefined || !(isLowering(waiting) || waiting.lowers.length > 0)) return true
  const { sender } = waiting
  if (sender === undefined) return true
  // Two sessions of one role are one account, and so are two tokens of one maker.
  const isOwn = [personOf(signedIn), personOf(caller.who)].includes(personOf(sender))
  return !isOwn && accountOf({ who: sender }) !== accountOf(caller)
}

/** @returns the resulting id; throws ContestError */
export const decideContested = async (
  record: Contested,
  decided: Pick<Deciding, 'by' | 'as' | 'seen' | 'reason'>,
  { detections, clock }: Pick<Services, 'detections' | 'clock'>,
): Promise<string> => {
  const tried = await detections.ifAccepted(record)
  const what = tried && decided.as === 'revision' ? changedBetween(tried.before, tried.after) : undefined
  // The history line keeps the strictest marking, since the detection's may now be lower.
  const marking = strictest([record.detection, ...(tried ? [tried.before, tried.after] : [])].map((one) => one.marking))
  return detections.decide(record, { ...decided, what, marking }, clock())
}

/** Writes nothing on a conflict: another decision, or *changed* where the revision seen is no longer current. */
export const decideWaiting = async (
  { record, storedRevision: seen }: Pick<WaitingRecord, 'record' | 'storedRevision'>,
  decided: Pick<Decided, 'as' | 'by'> & { readonly reason: string },
  services: Pick<Services, 'detections' | 'clock'>,
): Promise<'done' | 'changed' | { readonly faster: string | undefined }> => {
  try {
    await decideContested(record, { ...decided, seen }, services)
    return 'done'
  } catch (error) {
    if (error instanceof DecidedError) return { faster: error.by }
    if (error instanceof ContestError) return 'changed'
    throw error
  }
}
