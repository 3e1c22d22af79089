/** Stores a file of the reading room as it was seen: once, however often its button is pressed, and one at a time. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Caller } from '../../domain/access/caller.ts'
import { fault, quoted } from '../../domain/core/fault.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import { type Look, statedIn, storingLeaseMs } from '../../store/intake/looks.ts'
import { type Action, lineOf } from '../../store/table/history.ts'
import { recordKey, rowKey } from './check-detections.ts'
import { type Desk, limitOf, senderFor } from './desk.ts'
import { countsIn, ingestDetections } from './ingest-detections.ts'
import { lookAt, recordsOf, type Seen } from './look-at-file.ts'

/** A request lasts twenty seconds on a stage, and has its own work to do. */
const [waitMs, pauseMs] = [5_000, 50]

const waitUntil = async (isSo: () => Promise<boolean>): Promise<boolean> => {
  for (let waited = 0; waited <= waitMs; waited += pauseMs) {
    if (await isSo()) return true
    await pause(pauseMs)
  }
  return false
}

/** Whoever took it is at work still. */
export const isBeingStored = ({ state, takenUntil = '' }: Look, now: Date): boolean =>
  state === 'taken' && takenUntil > now.toISOString()

/**
 * The look once nobody stores it any more, for some seconds: *open* or *stored*, or *taken* where that takes longer;
 * undefined where there is none.
 */
export const settledLook = async (
  id: string,
  { who }: Pick<Caller, 'who'>,
  { looks, services: { clock } }: Desk,
): Promise<Look | undefined> => {
  let look: Look | undefined
  await waitUntil(async () => {
    look = await looks.get(who, id, clock())
    if (look?.state !== 'taken') return true
    // Who took it died: what he had stored by then shows as such.
    if (!isBeingStored(look, clock())) await looks.change(who, look, { state: 'open', ...statedIn(look) })
    return false
  })
  return look
}

/**
 * *stored* under an intake, by this press or one before it; *changed* where it would become something else now; *gone*
 * where it was thrown away meanwhile; *busy* where somebody stores for longer than a request can wait.
 */
export type StoredLook =
  | { readonly did: 'stored'; readonly batch: string }
  | { readonly did: 'changed' }
  | { readonly did: 'gone' }
  | { readonly did: 'busy' }

/** Stores what was seen, once, and only that. @param seal of what was seen */
export const storeLook = async (
  look: Look,
  seal: string,
  caller: Caller,
  by: string,
  desk: Desk,
): Promise<StoredLook> => {
  const { looks, services } = desk
  const takenUntil = new Date(services.clock().getTime() + storingLeaseMs).toISOString()
  const isMine = look.state === 'open' && (await looks.change(caller.who, look, { state: 'taken', takenUntil }))
  if (!isMine) return doneBefore(look.id, caller, desk)
  const taken: Look = { ...look, state: 'taken', takenUntil }
  const holder = randomUUID()
  try {
    const hasTurn = await waitUntil(() => looks.turn.take(holder, services.clock()))
    const done = hasTurn ? await storeAsSeen(look, seal, caller, by, desk) : ({ did: 'busy' } as const)
    if (done.did !== 'stored') {
      await looks.change(caller.who, taken, { state: 'open', ...statedIn(look) })
      return done
    }
    await looks.change(caller.who, taken, { state: 'stored', batch: done.batch })
    await looks.drop(caller.who, look.id, 'file')
    return done
  } catch (error) {
    await looks.change(caller.who, taken, { state: 'open', ...statedIn(look) })
    throw error
  } finally {
    await looks.turn.give(holder)
  }
}

/** What another press of the same button did. */
const doneBefore = async (id: string, caller: Caller, desk: Desk): Promise<StoredLook> => {
  const look = await settledLook(id, caller, desk)
  if (look?.state === 'stored' && look.batch !== undefined) return { did: 'stored', batch: look.batch }
  return { did: look === undefined ? 'gone' : look.state === 'open' ? 'changed' : 'busy' }
}

/** Looks once more and stores: nobody else may store between the two. */
const storeAsSeen = async (
  look: Look,
  seal: string,
  caller: Caller,
  by: string,
  desk: Desk,
): Promise<Extract<StoredLook, { did: 'stored' }> | { readonly did: 'changed' }> => {
  const seen = await lookAt(look, caller, by, desk)
  if (seen.seal !== seal || seen.fault !== undefined) return { did: 'changed' }
  const records = await recordsOf(look, caller, desk, () => undefined, by)
  const tally = await ingestDetections(records, look.file, desk.services, {
    sender: senderFor(caller, by),
    fixedRejects: ({ detection: { id } }) => {
      const rejectId = seen.fixedRejects.get(id)?.rejectId
      return rejectId !== undefined && look.fixedRejects?.includes(rejectId) ? [rejectId] : []
    },
    lineOf: (record, at) => {
      const { detection } = record
      if (!isAimed(detection, look.aimed?.[rowKey(record, detection.id)])) return undefined
      return lineOf(placementAction(detection, look.file, { at, by }), recordKey(detection.id))
    },
  })
  if (tally.failure !== undefined)
    throw new Error(`${tally.failure}, after ${tally.read} records of a file that was looked at`)
  await keepSeenCounts(tally.batch, seen, caller, desk)
  return { did: 'stored', batch: tally.batch }
}

/** Who may not know all that is stored learns of the intake what he had seen. */
const keepSeenCounts = async (
  name: string,
  { tally }: Seen,
  caller: Caller,
  { services: { batches } }: Desk,
): Promise<void> => {
  const kept = await batches.get(name)
  if (!kept || !limitOf(caller)) return
  await batches.keep({ ...kept, seenBefore: countsIn(tally) })
}

/** An answer placed it, and nothing else did. */
const isAimed = ({ territories }: Detection, answer: readonly TerritoryCode[] | undefined): boolean =>
  answer !== undefined &&
  territories.length > 0 &&
  territories.every(({ method, via }) => method === 'analyst' && via === undefined)

/**
 * An answer in a look is a person's act, as placing is elsewhere: where the record was placed, and what its file says
 * of it.
 */
const placementAction = (
  { id, territories, reported }: Detection,
  file: string,
  about: Pick<Action, 'at' | 'by'>,
): Action => {
  const words = reported?.territories ?? []
  return {
    ...about,
    ...{ did: 'placed', id, of: 'detection', what: territories.map(({ code }) => code) },
    reason:
      words.length === 0 ? fault('look.placed', { file }) : fault('look.placedFrom', { file, words: quoted(words) }),
  }
}
