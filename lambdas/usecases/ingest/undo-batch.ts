/** Undoes one intake: withdraws additions, restores revised detections, removes what waits. */
import { everything } from '../../domain/access/caller.ts'
import type { Undoing } from '../../store/detections/contested.ts'
import { type Batch, undoDays } from '../../store/intake/batches.ts'
import { wholesWithdrawn } from '../detections/parts-of.ts'
import type { IntakeServices } from '../services.ts'

export { type Batch, undoDays } from '../../store/intake/batches.ts'

export class UndoError extends Error {
  override name = 'UndoError'
  readonly by: string | undefined

  constructor(message: string, by?: string) {
    super(message)
    this.by = by
  }
}

export type UndoneBatch = {
  readonly batch: string
  readonly file: string
  /** Includes those that waited for a place. */
  readonly withdrawn: number
  /** Of these, those that waited for a place. */
  readonly unplaced: number
  readonly restored: number
  /** Undone earlier. */
  readonly already: number
  readonly gone: number
  /** Detections of other intakes whose whole was withdrawn here. The first {@link idsListed}. */
  readonly parts: readonly string[]
  readonly rejects: number
  readonly contested: number
  readonly runs: number
  readonly inputs: number
  readonly reopened: number
  /** Only account sets are left. */
  readonly isDone: boolean
  readonly did: UndoneAs
  /** Changed since, so they stay. The first {@link idsListed}. */
  readonly left: readonly string[]
  /** Of these, those changed by an analyst, which block undoing. The first {@link idsListed}. */
  readonly byHand: readonly string[]
  /** Lowering their marking needs confirmation. The first {@link idsListed}. */
  readonly waits: readonly string[]
  /** The intakes that changed them; undo these first. */
  readonly laterBatches: readonly string[]
  readonly accepted: readonly { readonly id: string; readonly by: string }[]
  readonly sets: readonly string[]
  /** Intakes that stored its repaired rows, which stay; one for each row. The first {@link idsListed}. */
  readonly repaired: readonly string[]
}

export type UndoneAs = 'undone' | 'undone in part' | 'nothing undone'

/** Counts all tries; undefined where there was none. */
export const undoneAs = ({ undoneAt, left, inPart = [] }: Batch): UndoneAs | undefined => {
  if (undoneAt !== undefined) return 'undone'
  if (left === undefined) return undefined
  const ended = inPart.filter(({ begun }) => !begun)
  return ended.length > 0 && ended.every(({ nothing }) => nothing) ? 'nothing undone' : 'undone in part'
}

export const isIdle = (undone: UndoneBatch): boolean =>
  undone.waits.length === 0 && (undone.did === 'nothing undone' || countTaken(undone) + undone.inputs === 0)

const countTaken = ({
  withdrawn,
  restored,
  rejects,
  contested,
  runs,
  reopened,
}: Pick<UndoneBatch, 'withdrawn' | 'restored' | 'rejects' | 'contested' | 'runs' | 'reopened'>): number =>
  withdrawn + restored + rejects + contested + runs + reopened

const idsListed = 1_000

const atOnce = 50

const dayMs = 86_400_000

/** Another command may take over after this time without progress. */
const undoingMs = 300_000

type UndoServices = Pick<IntakeServices, 'batches' | 'detections' | 'rejects' | 'sources' | 'clock'>

/**
 * Undoes what is possible; a second call continues.
 * @throws UndoError where the batch is unknown, undone, being undone, or too old
 */
export const undoBatch = async (
  name: string,
  by: string,
  services: UndoServices,
  reason?: string,
): Promise<UndoneBatch> => {
  const { batches, clock } = services
  const found = undoable(await batches.get(name), name, clock())
  const until = () => new Date(clock().getTime() + undoingMs)
  const { undoingUntil: _, undoingBy: __, inPart = [], ...batch } = found
  // Stored revisions bear this instant, which links them to this undoing.
  const now = clock()
  const line = { at: now.toISOString(), by, ...(reason !== undefined && { reason }) }
  // First, so that the actor is recorded even on a failure.
  const begun = { ...batch, undoingBy: by, inPart: [...inPart, { ...line, begun: true as const }] }
  if (!(await batches.takeUndoing(begun, now, until()))) throw await beingUndone(name, batches)
  const { undoingBy: ___, ...cutOff } = begun
  try {
    const goOn = () => batches.keep({ ...begun, undoingUntil: until().toISOString() })
    const { undone, leftInAll } = await undoSteps(batch, { batch: name, by, reason }, services, now, goOn)
    const { left: ____, ...known } = batch
    // Last, so that the same command can repeat an interrupted undoing.
    const end = undone.isDone
      ? {
          undoneAt: line.at,
          ...(reason !== undefined && { undoneReason: reason }),
          ...(inPart.length > 0 && { inPart }),
        }
      : {
          left: leftInAll,
          inPart: [...inPart, { ...line, ...(undone.did === 'nothing undone' && { nothing: true as const }) }],
        }
    await batches.keep({ ...known, undoneBy: by, ...end })
    return undone
  } catch (error) {
    await batches.keep(cutOff)
    throw error
  }
}

const beingUndone = async (name: string, batches: UndoServices['batches']): Promise<UndoError> => {
  const { undoingBy, undoneBy = undoingBy, undoingUntil } = (await batches.get(name)) ?? {}
  const until =
    undoingUntil === undefined ? '' : `; should that have been cut off, it can be undone from ${undoingUntil} on`
  return new UndoError(`${name} is being undone by ${undoneBy ?? 'another command'}${until}`, undoneBy)
}

const undoSteps = async (
  batch: Batch,
  undoing: Undoing,
  services: UndoServices,
  now: Date,
  goOn: () => Promise<void>,
) => {
  const { batches, detections, rejects, sources } = services
  const { name } = batch
  const sets = new Set<string>()
  const repaired: string[] = []
  const numbers = { rejects: 0, reopened: 0, runs: 0, inputs: 0 }
  const ids = idsUndone(undoing, now, detections)
  for await (const step of batches.steps(name)) {
    await goOn()
    await ids.undo(step.ids ?? [])
    for (const id of step.closed ?? []) if (await rejects.reopen(id, name, ids.stays)) numbers.reopened += 1
    for (const id of step.rejects ?? []) {
      const closedIn = (await rejects.get(id))?.closedIn
      if (await rejects.undo(id, name, now)) numbers.rejects += 1
      else if (closedIn !== undefined) repaired.push(closedIn)
    }
    for (const { detector, at } of step.words ?? [])
      if (await sources.undoRun(detector, at, name, now)) numbers.runs += 1
    for (const detector of step.inputs ?? []) if (await sources.undoInput(detector, batch, now)) numbers.inputs += 1
    for (const id of step.sets ?? []) sets.add(id)
  }
  const { undone: contested, accepted } = await detections.undoContested(name, now)
  await sources.undoStatements(name)
  const { leftInAll, ...summary } = ids.summary()
  const isDone = leftInAll + accepted.length === 0
  const isNothing = countTaken({ ...summary, ...numbers, contested: contested.length }) === 0
  // Only operators see the result.
  const parts = await ids.wholes.parts(everything, services)
  const undone: UndoneBatch = {
    batch: name,
    file: batch.file,
    ...summary,
    ...numbers,
    parts: parts.slice(0, idsListed),
    contested: contested.length,
    accepted,
    isDone,
    did: isDone ? 'undone' : isNothing ? 'nothing undone' : 'undone in part',
    sets: [...sets],
    repaired: repaired.slice(0, idsListed),
  }
  return { undone, leftInAll: leftInAll + accepted.length }
}

const idsUndone = (undoing: Undoing, now: Date, detections: UndoServices['detections']) => {
  const counts = { withdrawn: 0, unplaced: 0, restored: 0, already: 0, gone: 0, nothing: 0, left: 0, waits: 0 }
  const left: string[] = []
  const byHand: string[] = []
  const waits: string[] = []
  const laterBatches = new Set<string>()
  const staying = new Set<string>()
  // An id may be in several steps.
  const seen = new Set<string>()
  const wholes = wholesWithdrawn()
  const undoOne = async (id: string): Promise<void> => {
    const undone = await detections.undo(id, undoing, now)
    counts[undone.did] += 1
    if (undone.did === 'withdrawn' && undone.isUnplaced) counts.unplaced += 1
    if (undone.did === 'withdrawn' && undone.previous) wholes.add(undone.previous)
    if (undone.did === 'waits' || undone.did === 'left') staying.add(id)
    if (undone.did === 'waits' && waits.length < idsListed) waits.push(id)
    if (undone.did !== 'left') return
    if (left.length < idsListed) left.push(id)
    if (undone.since === undefined && byHand.length < idsListed) byHand.push(id)
    if (undone.since !== undefined) laterBatches.add(undone.since)
  }
  return {
    wholes,
    stays: (id: string): boolean => staying.has(id),
    undo: async (ids: readonly string[]): Promise<void> => {
      const fresh = ids.filter((id) => !seen.has(id))
      for (const id of fresh) seen.add(id)
      for (let at = 0; at < fresh.length; at += atOnce) await Promise.all(fresh.slice(at, at + atOnce).map(undoOne))
    },
    summary: () => ({
      withdrawn: counts.withdrawn,
      unplaced: counts.unplaced,
      restored: counts.restored,
      already: counts.already,
      gone: counts.gone,
      left: left.sort(),
      byHand: byHand.sort(),
      waits: waits.sort(),
      laterBatches: [...laterBatches].sort(),
      leftInAll: counts.left + counts.waits,
    }),
  }
}

const undoable = (batch: Batch | undefined, name: string, now: Date): Batch => {
  if (!batch) throw new UndoError(`no intake ${JSON.stringify(name)} is known: see vigie ingest list`)
  if (batch.undoneAt !== undefined) {
    throw new UndoError(`${name} was undone already, by ${batch.undoneBy}`, batch.undoneBy)
  }
  if (now.getTime() - Date.parse(batch.storedAt) > undoDays * dayMs) {
    throw new UndoError(
      `${name} is more than ${undoDays} days old (${batch.storedAt}): withdraw or correct its detections one by one`,
    )
  }
  return batch
}
