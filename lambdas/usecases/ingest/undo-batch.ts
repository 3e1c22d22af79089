/**
 * Takes back what one intake did: what it added is withdrawn, what it revised is as before, what it left waiting is
 * gone.
 */
import { everything } from '../../domain/access/caller.ts'
import type { Undoing } from '../../store/detections/contested.ts'
import { type Batch, undoDays } from '../../store/intake/batches.ts'
import { wholesWithdrawn } from '../detections/parts-of.ts'
import type { IntakeServices } from '../services.ts'

export { type Batch, undoDays } from '../../store/intake/batches.ts'

export class UndoError extends Error {
  override name = 'UndoError'
  /** Who was faster, where a person was. */
  readonly by: string | undefined

  constructor(message: string, by?: string) {
    super(message)
    this.by = by
  }
}

export type UndoneBatch = {
  readonly batch: string
  readonly file: string
  /** How many detections this undoing took back, those that waited for a place included. */
  readonly withdrawn: number
  /** How many of these waited for a place, and wait no longer. */
  readonly unplaced: number
  readonly restored: number
  /** How many an earlier undoing took back, which stay so. */
  readonly already: number
  /** How many a person has withdrawn since, which stay so. */
  readonly gone: number
  /**
   * Detections of other intakes that were parts of what this undoing withdrew, and count for themselves now. The first
   * {@link idsListed}.
   */
  readonly parts: readonly string[]
  /** How many records wait no longer: to be mended, or to be decided of. */
  readonly rejects: number
  readonly contested: number
  /** How many words of runs of detectors count no more. */
  readonly runs: number
  /** How many detectors have one delivery fewer. */
  readonly inputs: number
  /** How many rejects of other intakes wait again, since the records that closed them are gone. */
  readonly reopened: number
  /** Nothing is left but sets of accounts. */
  readonly isDone: boolean
  readonly did: UndoneAs
  /** Ids of the batch that something else has changed since: they stay as they are. The first {@link idsListed}. */
  readonly left: readonly string[]
  /**
   * Of these, those that a person changed, and no intake: undoing cannot go on with them. The first {@link idsListed}.
   */
  readonly byHand: readonly string[]
  /** Ids whose marking would be lower: another person decides of each. The first {@link idsListed}. */
  readonly waits: readonly string[]
  /** The intakes that did so: once they are undone, what is left of this one can be. */
  readonly laterBatches: readonly string[]
  /** Contested records that a person has accepted since, by the id that they have: they stay. */
  readonly accepted: readonly { readonly id: string; readonly by: string }[]
  /** Sets of accounts that it brought: they stay. */
  readonly sets: readonly string[]
}

/** By which word it is told, wherever it is. */
export type UndoneAs = 'undone' | 'undone in part' | 'nothing undone'

/** How far a batch is undone by all tries so far; undefined where nobody has tried. */
export const undoneAs = ({ undoneAt, left, inPart = [] }: Batch): UndoneAs | undefined => {
  if (undoneAt !== undefined) return 'undone'
  if (left === undefined) return undefined
  const ended = inPart.filter(({ begun }) => !begun)
  return ended.length > 0 && ended.every(({ nothing }) => nothing) ? 'nothing undone' : 'undone in part'
}

/** Whether an undoing changes or asks anything: none does where all that is left has changed since. */
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

export const idsListed = 1_000

/** Detections that are changed at once. */
const atOnce = 50

const dayMs = 86_400_000

/** Another command may take over so long after the last sign of one that undoes. */
const undoingMs = 300_000

type UndoServices = Pick<IntakeServices, 'batches' | 'detections' | 'rejects' | 'sources' | 'clock'>

/**
 * Undoes what can be; the same again goes on with what was left.
 * @throws UndoError where no such batch is known, it was undone, is being undone, or is too old
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
  // What it stores bears the instant that is kept with it: by that it is known whose act a revision was.
  const now = clock()
  const line = { at: now.toISOString(), by, ...(reason !== undefined && { reason }) }
  // First: who undoes is known whatever becomes of it.
  const begun = { ...batch, undoingBy: by, inPart: [...inPart, { ...line, begun: true as const }] }
  if (!(await batches.takeUndoing(begun, now, until()))) throw await beingUndone(name, batches)
  const { undoingBy: ___, ...cutOff } = begun
  try {
    const goOn = () => batches.keep({ ...begun, undoingUntil: until().toISOString() })
    const { undone, leftInAll } = await undoSteps(batch, { batch: name, by, reason }, services, now, goOn)
    const { left: ____, ...known } = batch
    // Last: cut off before this, it is undone by the same command again.
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
  const numbers = { rejects: 0, reopened: 0, runs: 0, inputs: 0 }
  const ids = idsUndone(undoing, now, detections)
  for await (const step of batches.steps(name)) {
    await goOn()
    await ids.undo(step.ids ?? [])
    for (const id of step.closed ?? []) if (await rejects.reopen(id, name, ids.stays)) numbers.reopened += 1
    for (const id of step.rejects ?? []) if (await rejects.undo(id, name, now)) numbers.rejects += 1
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
  // What undoing does is told only to those who may know all that is stored.
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
  }
  return { undone, leftInAll: leftInAll + accepted.length }
}

/** Undoes detections, each once, and counts. */
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
