/** Takes back what one intake did: what it added is withdrawn, what it revised is as before, what it left waiting is gone. */
import { type Batch, undoDays } from '../../store/batches.ts'
import type { IntakeServices } from '../services.ts'

export class UndoError extends Error {
  override name = 'UndoError'
}

export type UndoneBatch = {
  readonly batch: string
  readonly file: string
  /** How many detections, those that waited for a place included. */
  readonly withdrawn: number
  readonly restored: number
  /** How many records wait no longer: to be mended, or to be decided of. */
  readonly rejects: number
  readonly contested: number
  /** How many rejects of other intakes wait again, since the records that closed them are gone. */
  readonly reopened: number
  /** Ids of the batch that something else has changed since: they stay as they are. The first {@link idsListed}. */
  readonly left: readonly string[]
  /** Sets of accounts that it brought: they stay. */
  readonly sets: readonly string[]
}

export const idsListed = 1_000

/** Detections that are changed at once. */
const atOnce = 50

const dayMs = 86_400_000

/** @throws UndoError where no such batch is known, it was undone, or is too old */
export const undoBatch = async (
  name: string,
  by: string,
  services: Pick<IntakeServices, 'batches' | 'detections' | 'rejects' | 'sources' | 'clock'>,
): Promise<UndoneBatch> => {
  const { batches, detections, rejects, sources } = services
  const now = services.clock()
  const batch = undoable(await batches.get(name), name, now)
  const counts = { withdrawn: 0, restored: 0, 'not its own': 0 }
  const left = new Set<string>()
  const sets = new Set<string>()
  let closed = 0
  let reopened = 0
  const undoIds = async (ids: readonly string[], isSure: boolean) => {
    for (let at = 0; at < ids.length; at += atOnce) {
      const some = ids.slice(at, at + atOnce)
      const done = await Promise.all(some.map((id) => detections.undo(id, name, now)))
      for (const [place, one] of done.entries()) {
        counts[one] += 1
        if (one === 'not its own' && isSure && left.size < idsListed) left.add(some[place] as string)
      }
    }
  }
  // An id may be in several steps.
  const seen = new Set<string>()
  for await (const { ids = [], isSure = false, ...step } of batches.steps(name)) {
    const fresh = ids.filter((id) => !seen.has(id))
    for (const id of fresh) seen.add(id)
    await undoIds(fresh, isSure)
    for (const id of step.closed ?? []) if (await rejects.reopen(id, name)) reopened += 1
    for (const id of step.rejects ?? []) if (await rejects.undo(id, name, now)) closed += 1
    for (const { detector, at } of step.words ?? []) await sources.undoRun(detector, at, name, now)
    for (const detector of step.inputs ?? []) await sources.undoInput(detector, batch, now)
    for (const id of step.sets ?? []) sets.add(id)
  }
  const contested = await detections.undoContested(name, now)
  await sources.undoStatements(name)
  // Last: cut off before this, it is undone by the same command again.
  await batches.keep({ ...batch, undoneAt: now.toISOString(), undoneBy: by })
  const { withdrawn, restored } = counts
  const numbers = { withdrawn, restored, rejects: closed, reopened, contested: contested.length }
  return { batch: name, file: batch.file, ...numbers, left: [...left], sets: [...sets] }
}

const undoable = (batch: Batch | undefined, name: string, now: Date): Batch => {
  if (!batch) throw new UndoError(`no intake ${JSON.stringify(name)} is known: see vigie ingest list`)
  if (batch.undoneAt !== undefined) throw new UndoError(`${name} was undone already, by ${batch.undoneBy}`)
  if (now.getTime() - Date.parse(batch.storedAt) > undoDays * dayMs) {
    throw new UndoError(
      `${name} is more than ${undoDays} days old (${batch.storedAt}): withdraw or correct its detections one by one`,
    )
  }
  return batch
}
