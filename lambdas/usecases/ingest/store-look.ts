/** Stores a previewed file exactly once, one at a time. */
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
import { rememberChoices } from './remembered-mappings.ts'

/** A request on a stage lasts at most twenty seconds. */
const [waitMs, pauseMs] = [5_000, 50]

const waitUntil = async (isSo: () => Promise<boolean>): Promise<boolean> => {
  for (let waited = 0; waited <= waitMs; waited += pauseMs) {
    if (await isSo()) return true
    await pause(pauseMs)
  }
  return false
}

export const isBeingStored = ({ state, takenUntil = '' }: Look, now: Date): boolean =>
  state === 'taken' && takenUntil > now.toISOString()

/** Waits some seconds for a running store; *taken* where it lasts longer. */
export const settledLook = async (
  id: string,
  { who }: Pick<Caller, 'who'>,
  { looks, services: { clock } }: Desk,
): Promise<Look | undefined> => {
  let look: Look | undefined
  await waitUntil(async () => {
    look = await looks.get(who, id, clock())
    if (look?.state !== 'taken') return true
    if (!isBeingStored(look, clock())) await looks.change(who, look, { state: 'open', ...statedIn(look) })
    return false
  })
  return look
}

/**
 * *stored*: now or by an earlier press; *changed*: the result would differ; *gone*: discarded meanwhile; *busy*:
 * another request is storing.
 */
type StoredLook = { readonly did: 'stored'; readonly batch: string } | { readonly did: 'changed' | 'gone' | 'busy' }

/** @param seal of the preview that was shown */
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

const doneBefore = async (id: string, caller: Caller, desk: Desk): Promise<StoredLook> => {
  const look = await settledLook(id, caller, desk)
  if (look?.state === 'stored' && look.batch !== undefined) return { did: 'stored', batch: look.batch }
  return { did: look === undefined ? 'gone' : look.state === 'open' ? 'changed' : 'busy' }
}

/** Previews again and stores, without another store in between. */
const storeAsSeen = async (look: Look, seal: string, caller: Caller, by: string, desk: Desk): Promise<StoredLook> => {
  const seen = await lookAt(look, caller, by, desk)
  if (seen.seal !== seal || seen.fault !== undefined) return { did: 'changed' }
  const records = await recordsOf({ ...look, midnight: seen.midnight }, caller, desk, () => undefined, by)
  const tally = await ingestDetections(records, look.file, desk.services, {
    sender: senderFor(caller, by),
    lineOf: (record, at) => {
      const { detection } = record
      if (!isAimed(detection, look.aimed?.[rowKey(record, detection.id)])) return undefined
      return lineOf(placementAction(detection, look.file, { at, by }), recordKey(detection.id))
    },
  })
  if (tally.failure !== undefined)
    throw new Error(`${tally.failure}, after ${tally.read} records of a file that was previewed`)
  await keepSeenCounts(tally.batch, seen, caller, desk)
  await rememberChoices(look, seen, caller, { by, desk })
  return { did: 'stored', batch: tally.batch }
}

/** Limited callers later see only the counts of their preview. */
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

const isAimed = ({ territories }: Detection, answer: readonly TerritoryCode[] | undefined): boolean =>
  answer !== undefined &&
  territories.length > 0 &&
  territories.every(({ method, via }) => method === 'analyst' && via === undefined)

/** An answer in a preview is an analyst's action, like placing elsewhere. */
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
