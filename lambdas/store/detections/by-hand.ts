/** What a person does to what is stored: decide, place, withdraw. */

import { refusedOver, touched } from '../../domain/detection/correction.ts'
import { type Detection, detectionId, faultOf, type TerritoryAssignment } from '../../domain/detection/detection.ts'
import { loweredText, loweringsOf } from '../../domain/detection/lowering.ts'
import { NotActiveError } from '../../domain/detection/not-active.ts'
import { foreignTo } from '../../domain/detection/revision.ts'
import type { Table } from '../table.ts'
import {
  type Contested,
  type ContestedItem,
  type Decided,
  endTaking,
  takeContested,
  type Undoing,
} from './contested.ts'
import { readActive, readFor } from './found.ts'
import { correctionsIn, correctionsOf, type Head, headOf, heldOver, overOf, unchangedSince } from './items.ts'
import { bodyFrom, bodyOf, claim, complete, readHead, withdrawn } from './revisions.ts'
import { save } from './saving.ts'
import { undo } from './undoing.ts'

/** Another revision stands than the one that somebody saw: nothing is written. */
export class ChangedSinceError extends Error {
  override name = 'ChangedSinceError'
}

/** @param seen the revision that somebody drew a change from; none where nobody did */
const asSeen = (head: Head, seen: number | undefined): void => {
  if (seen === undefined || head.revision === seen) return
  throw new ChangedSinceError(
    `${head.id} is at revision ${head.revision}, and this was drawn from ${seen}: look at it again`,
  )
}

export class AssignmentError extends Error {
  override name = 'AssignmentError'
}

/** What was decided cannot be carried out. */
export class ContestError extends Error {
  override name = 'ContestError'
}

/** Somebody else has decided of it, or does so just now. */
export class DecidedError extends ContestError {
  override name = 'DecidedError'
  readonly by: string | undefined

  constructor(id: string, faster: Pick<Decided, 'by' | 'as'> | undefined) {
    const who = faster && `: ${faster.by} has ${faster.as === 'refused' ? 'refused' : 'accepted'} it`
    super(`${id} waits for no decision any more${who ?? ''}`)
    this.by = faster?.by
  }
}

/** Takes the record first, so that of two who decide at once one does, and gives it back where nothing came of it. */
export const decide = async (table: Table, record: Contested, decided: Decided, now: Date): Promise<string> => {
  const { detection, sha256 } = record
  const taken = await takeContested(table, { id: detection.id, sha256 }, decided, now)
  if (!('item' in taken)) throw new DecidedError(detection.id, taken.faster)
  try {
    const { settled, isTaken } = await carriedOut(table, record, decided, taken.item, now)
    const about = { by: decided.by, decidedAt: now.toISOString(), ...(isTaken && { under: settled.id }) }
    await endTaking(table, taken, { state: decided.as, ...about })
    return settled.id
  } catch (error) {
    await endTaking(table, taken)
    throw error
  }
}

const carriedOut = async (
  table: Table,
  { detection, author, correcting, undoing }: Contested,
  { as, seen }: Decided,
  item: ContestedItem,
  now: Date,
): Promise<{ readonly settled: Detection; readonly isTaken: boolean }> => {
  if (undoing) {
    if (as !== 'refused') await undoAccepted(table, detection.id, undoing, { as, seen }, now)
    return { settled: detection, isTaken: as !== 'refused' }
  }
  if (as === 'new') await asForeign(table, detection, author)
  const settled = as === 'new' ? await renamed(table, detection) : detection
  if (as !== 'refused') {
    const accepted = as === 'new' ? 'as new' : 'as revision'
    const { outcome, items } = await save(table, settled, now, {
      author,
      accepted,
      ...(as === 'revision' && { correcting, seen, stood: item.stood, asked: item.asked }),
    })
    if (outcome.kind === 'refused' || outcome.kind === 'contested') {
      throw new ContestError(`${settled.id} ${outcome.message}`)
    }
    await table.putAll(items)
  }
  const isTaken = as === 'refused' ? await takeBeside(table, detection, item, now) : true
  return { settled, isTaken }
}

const undoAccepted = async (
  table: Table,
  id: string,
  undoing: Undoing,
  { as, seen }: Pick<Decided, 'as' | 'seen'>,
  now: Date,
): Promise<void> => {
  if (as === 'new') throw new ContestError(`${id} is what undoing ${undoing.batch} restores: it has no id of its own`)
  const { head } = await readFor(table, id)
  if (seen !== undefined && head?.revision !== seen) throw new ContestError(`${id} has changed since: look at it again`)
  const { did } = await undo(table, id, undoing, now, true)
  if (did !== 'restored' && did !== 'already')
    throw new ContestError(`${id} has changed since ${undoing.batch}, which cannot be undone there any more`)
}

/** An id of its own is for another detector's record: words of the same one would get a lower marking through it. */
const asForeign = async (table: Table, detection: Detection, author: string | undefined): Promise<void> => {
  const { latest } = await readFor(table, detection.id)
  if (!latest || foreignTo(latest, detection, { author }) !== undefined) return
  const lowered = loweredText(loweringsOf(latest, detection))
  if (lowered !== undefined) throw new ContestError(`${detection.id} ${lowered}: accept it as a revision, or refuse it`)
}

/** A contested record under the id that its detector's name makes its own, and so the whole of which it is a part. */
const renamed = async (table: Table, detection: Detection): Promise<Detection> => {
  const own = (id: string) => `${detection.detector.name}:${id}`
  const read = detectionId.safeParse(own(detection.id))
  if (!read.success) {
    throw new ContestError(
      `${JSON.stringify(own(detection.id))} ${faultOf(read.error)}: give it an id of its own at its source`,
    )
  }
  const { partOf, revision: _, ...rest } = detection
  const whole = partOf !== undefined && (await readHead(table, own(partOf))) ? own(partOf) : partOf
  return { ...rest, id: read.data, ...(whole !== undefined && { partOf: whole }) }
}

/** Refuses what touches persons' corrections, and takes the rest, as the next revision of its detector would be. */
const takeBeside = async (
  table: Table,
  detection: Detection,
  { author, correcting, base }: ContestedItem,
  now: Date,
): Promise<boolean> => {
  await keepRefusal(table, detection)
  if (base === undefined) return false
  const { outcome, items } = await save(table, detection, now, { author, correcting, beside: base })
  await table.putAll(items)
  return outcome.kind === 'revised' || outcome.kind === 'unplaced'
}

/** The same from its detector again does not touch what a person corrected. */
const keepRefusal = async (table: Table, detection: Detection): Promise<void> => {
  const found = await readFor(table, detection.id)
  if (found.status !== 'active') return
  const { head } = found
  const corrections = heldOver(detection, head)
  if (touched(detection, corrections).length === 0) return
  await table.putIf({ ...head, ...correctionsOf(refusedOver(detection, corrections)) }, unchangedSince(head))
}

export const assignTerritories = async (
  table: Table,
  id: string,
  territories: readonly TerritoryAssignment[],
  now: Date,
  seen?: number,
): Promise<void> => {
  for (;;) {
    const {
      head,
      latest: { owner },
    } = await readActive(table, id)
    asSeen(head, seen)
    if (head.territories.length > 0) {
      const codes = head.territories.map(({ code, by }) => (by === undefined ? code : `${code}, by ${by}`)).join(', ')
      throw new AssignmentError(
        `${id} is placed already (${codes}): vigie correct ${id} --set territories=… places it elsewhere`,
      )
    }
    const placed = { ...(await bodyFrom(table, head, id, head.revision)), territories: [...territories] }
    const next = headOf(placed, head.revision + 1, head.contentSha256, owner, head, now)
    const claimed = await claim(
      table,
      { ...next, ...overOf(head), ...correctionsOf(correctionsIn(head)) },
      placed,
      head,
    )
    if (!claimed) continue
    await table.putAll(claimed.items)
    return
  }
}

export const withdraw = async (
  table: Table,
  id: string,
  reason: string,
  now: Date,
  seen?: number,
): Promise<boolean> => {
  for (;;) {
    const found = await readFor(table, id)
    if (found.status === 'unknown') throw new NotActiveError(found.fault)
    const { head } = found
    asSeen(head, seen)
    if (found.status === 'withdrawn') {
      await complete(table, head, await bodyOf(table, head))
      return false
    }
    if (await withdrawn(table, head, { reason }, now)) return true
  }
}
