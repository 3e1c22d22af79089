/**
 * Records that wait for a person, as far as somebody may know of them: corrections that lower a marking, and what
 * contests what is stored.
 */
import { type Caller, isOperator, isUnder, mayDo } from '../../../domain/access/caller.ts'
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
import type { Contested, Decided } from '../../../store/detections/contested.ts'
import { viewFor } from '../../detections/view.ts'
import type { Services } from '../../services.ts'
import { decideOne } from './decide-contested.ts'
import { type CorrectionRecord, isCorrection, type EditEffect } from './edit-effect.ts'

/** One of them, with what accepting it would change. */
export type WaitingRecord = {
  readonly record: Contested
  readonly effect: EditEffect & { readonly after: Detection }
  /** Of what stands, as the person is told it. */
  readonly revision: number
  /** Over which is written. */
  readonly storedRevision: number
  /** Corrections of persons that it would give up. */
  readonly gives: readonly Correction[]
  /** What it would make known more widely: another person than its sender accepts it. */
  readonly lowers: readonly LoweredMarking[]
  /** Corrections that hold over it. */
  readonly keeps: readonly Correction[]
  /** Another detector's than the one whose id it is. */
  readonly isForeign: boolean
  /** Its sender was not cleared for what is stored. */
  readonly isUncleared: boolean
  /** The strictest of what stands, of what would, of the record, and of the names that are told of it. */
  readonly marking: Marking
  readonly sender?: string | undefined
}

export type Lowering = WaitingRecord & { readonly record: CorrectionRecord }

type WaitingServices = Pick<Services, 'detections' | 'batches' | 'sources' | 'clock'>

/** As far as somebody may know of what stands, of the record, and of what would stand. */
export const waitingRecordsFor = async (
  caller: Caller,
  services: WaitingServices,
  id?: string,
): Promise<readonly WaitingRecord[]> =>
  waitingAmong(await Array.fromAsync(services.detections.contested(id)), caller, services)

/** The same of records that are read already. */
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

/** Records that are read at once. */
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
  // The name of a detector may be marked higher than what it found.
  const changed = changedBetween(before, after).filter((field) => knowsAll || field !== 'detector')
  // That something above the reader waits is not told either; plates have markings of their own.
  if (!knowsAll && changed.every((field) => field === 'plates') && !isForeign) return undefined
  const batch = tried.lowers.length > 0 && record.batch !== undefined ? await batches.get(record.batch) : undefined
  const places = { before: placesExplained(before), after: placesExplained(after) }
  return {
    ...{ record, effect: { before, after, changed, places } },
    ...{ revision: revisionInEdition(tried, caller.clearance), storedRevision: tried.revision },
    ...{
      gives: tried.gives,
      lowers: tried.lowers,
      // What the reader is not shown is not named either.
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

/**
 * Whether somebody has changed the marking since a correction of it was asked for: it can be turned down alone then.
 */
export const isOvertaken = ({ record: { markingBefore }, effect }: WaitingRecord): boolean =>
  markingBefore !== undefined && markingBefore !== effect.before.marking

/**
 * Nobody confirms a lower marking that he asked for himself; where nobody signs in that cannot be told. Whoever asked
 * may take it back.
 * @param signedIn none where nobody signs in
 */
export const mayAccept = (caller: Caller, signedIn: string | undefined, waiting: WaitingRecord): boolean => {
  if (!mayDo(caller, 'detections:write')) return false
  if (signedIn === undefined || !(isLowering(waiting) || waiting.lowers.length > 0)) return true
  return waiting.sender !== signedIn && waiting.sender !== caller.who
}

/**
 * Nothing is written where somebody else decides of it, who is told, or another revision stands than was seen, which is
 * *changed*.
 */
export const decideWaiting = async (
  { record, storedRevision: seen }: Pick<WaitingRecord, 'record' | 'storedRevision'>,
  decided: Pick<Decided, 'as' | 'by'> & { readonly reason: string },
  services: Pick<Services, 'detections' | 'clock'>,
): Promise<'done' | 'changed' | { readonly faster: string | undefined }> => {
  try {
    await decideOne(record, { ...decided, seen }, services)
    return 'done'
  } catch (error) {
    if (error instanceof DecidedError) return { faster: error.by }
    if (error instanceof ContestError) return 'changed'
    throw error
  }
}
