/** Analysts' actions: decide, place, withdraw. */

import { fault, FaultError, quoted } from '../../domain/core/fault.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { refusalOf } from '../../domain/core/schema-fault.ts'
import { isSameJson } from '../../domain/core/text/canonical.ts'
import { type Detection, detectionId, type TerritoryAssignment } from '../../domain/detection/detection.ts'
import { refusedOver, touched } from '../../domain/detection/revisions/correction.ts'
import { loweredFault, loweringsOf } from '../../domain/detection/revisions/lowering.ts'
import { NotActiveError } from '../../domain/detection/revisions/not-active.ts'
import { foreignTo } from '../../domain/detection/revisions/revision.ts'
import { changedBetween } from '../../domain/looking/explanation.ts'
import { type Line, lineOf, type Who, writeAct } from '../table/history.ts'
import type { Table } from '../table/table.ts'
import {
  type Contested,
  type ContestedItem,
  type Decided,
  decisionName,
  type Deciding,
  endTaking,
  takeContested,
  type Undoing,
} from './contested.ts'
import { readActive, readFor } from './found.ts'
import { correctionsIn, correctionsOf, type Head, headOf, heldOver, overOf, unchangedSince } from './items.ts'
import { bodyFrom, bodyOf, claim, complete, readHead, withdrawn } from './revisions.ts'
import { save } from './saving.ts'
import { undo } from './undoing.ts'

/** The stored revision differs from the one that the analyst saw; nothing is written. */
export class ChangedSinceError extends FaultError {
  override name = 'ChangedSinceError'
}

/** @param seen revision on which the change is based, if any */
const asSeen = (head: Head, seen: number | undefined): void => {
  if (seen === undefined || head.revision === seen) return
  throw new ChangedSinceError(fault('detection.changedSince', { id: head.id }))
}

/** A decision that cannot be carried out. */
export class ContestError extends FaultError {
  override name = 'ContestError'
}

/** Another analyst has decided, or is deciding. */
export class DecidedError extends ContestError {
  override name = 'DecidedError'
  readonly by: string | undefined

  constructor(id: string, faster: Pick<Decided, 'by' | 'as'> | undefined) {
    super(
      faster
        ? fault('contest.decidedBy', { id, by: faster.by, as: faster.as === 'refused' ? 'refused' : 'accepted' })
        : fault('contest.decided', { id }),
    )
    this.by = faster?.by
  }
}

/**
 * Locks the record against concurrent decisions, and unlocks it if nothing changed. The history line is written with
 * the first write, and again, complete, with the last.
 */
export const decide = async (table: Table, record: Contested, decided: Deciding, now: Date): Promise<string> => {
  const { detection, sha256 } = record
  const taken = await takeContested(table, { id: detection.id, sha256 }, decided, now)
  if (!('item' in taken)) throw new DecidedError(detection.id, taken.faster)
  const lineWith = (id: string, what = decided.what) =>
    decisionLine(taken.item, { marking: detection.marking, ...decided, what }, id, now)
  try {
    const { settled, isTaken, what } = await carriedOut(table, record, decided, { item: taken.item, lineWith }, now)
    const about = { by: decided.by, decidedAt: now.toISOString(), ...(isTaken && { under: settled.id }) }
    await endTaking(table, taken, { end: { state: decided.as, ...about }, line: lineWith(settled.id, what) })
    return settled.id
  } catch (error) {
    await endTaking(table, taken)
    throw error
  }
}

const decisionLine = (
  item: ContestedItem,
  { by, as, reason, what, marking }: Deciding & { readonly marking: Marking },
  id: string,
  now: Date,
): Line => {
  const about = { of: 'detection' as const, marking, ...(reason !== undefined && { reason }), ...(what && { what }) }
  const at = item.taking?.lineAt ?? now.toISOString()
  return lineOf({ at, did: as === 'refused' ? 'refused' : 'accepted', by, id, ...about }, decisionName(item))
}

type Taken = {
  readonly item: ContestedItem
  lineWith(id: string): Line
}

type CarriedOut = {
  readonly settled: Detection
  readonly isTaken: boolean
  readonly what?: readonly string[]
}

const carriedOut = async (
  table: Table,
  record: Contested,
  { as, seen }: Decided,
  { item, lineWith }: Taken,
  now: Date,
): Promise<CarriedOut> => {
  const { detection, author, correcting, undoing } = record
  if (as === 'refused')
    return undoing ? { settled: detection, isTaken: false } : refused(table, record, { item, lineWith }, now)
  if (undoing) {
    await undoAccepted(table, detection.id, undoing, { as, seen, line: lineWith(detection.id) }, now)
    return { settled: detection, isTaken: true }
  }
  if (as === 'new') await asForeign(table, detection, author)
  const settled = as === 'new' ? await renamed(table, detection) : detection
  const { outcome, items } = await save(table, settled, now, {
    author,
    accepted: as === 'new' ? 'as new' : 'as revision',
    line: lineWith(settled.id),
    ...(as === 'revision' && { correcting, seen, markingBefore: item.markingBefore, asked: item.asked }),
  })
  if (outcome.kind === 'refused' || outcome.kind === 'contested') {
    const { path: _, ...reason } = outcome.kind === 'refused' ? outcome.fault : outcome.reason
    throw new ContestError(fault('contest.failed', { id: settled.id, reason }))
  }
  await table.putAll(items)
  return { settled, isTaken: true }
}

const activeIn = async (table: Table, id: string): Promise<Detection | undefined> => {
  const found = await readFor(table, id)
  return found.status === 'active' ? bodyFrom(table, found.head, id, found.head.revision) : undefined
}

const refused = async (
  table: Table,
  { detection }: Contested,
  { item, lineWith }: Taken,
  now: Date,
): Promise<CarriedOut> => {
  const before = await activeIn(table, detection.id)
  const isTaken = await acceptOtherFields(table, detection, item, lineWith(detection.id), now)
  const after = isTaken ? await activeIn(table, detection.id) : undefined
  return { settled: detection, isTaken, ...(before && after && { what: changedBetween(before, after) }) }
}

const undoAccepted = async (
  table: Table,
  id: string,
  undoing: Undoing,
  { as, seen, line }: Pick<Decided, 'as' | 'seen'> & { readonly line: Line },
  now: Date,
): Promise<void> => {
  if (as === 'new') throw new ContestError(fault('contest.restores', { id, batch: undoing.batch }))
  const { head } = await readFor(table, id)
  if (seen !== undefined && head?.revision !== seen) throw new ContestError(fault('contest.changed', { id }))
  const { did } = await undo(table, id, undoing, now, line)
  if (did !== 'restored' && did !== 'already')
    throw new ContestError(fault('contest.changedSinceBatch', { id, batch: undoing.batch }))
}

const asForeign = async (table: Table, detection: Detection, author: string | undefined): Promise<void> => {
  const { latest } = await readFor(table, detection.id)
  if (!latest) return
  const isForeign = foreignTo(latest, detection, { author }) !== undefined
  const lowerings = loweringsOf(isForeign ? { ...latest, marked: [] } : latest, detection)
  const lowered = loweredFault(lowerings.filter((one) => !isForeign || one.of === 'part'))
  if (lowered !== undefined) throw new ContestError(fault('contest.lowers', { id: detection.id, reason: lowered }))
}

/** Prefixes the id with the detector's name. */
const renamed = async (table: Table, detection: Detection): Promise<Detection> => {
  const own = (id: string) => `${detection.detector.name}:${id}`
  const read = detectionId.safeParse(own(detection.id))
  if (!read.success) {
    throw new ContestError(
      fault('contest.id', { id: quoted(own(detection.id)), reason: { ...refusalOf(read.error), path: '' } }),
    )
  }
  const { partOf, revision: _, ...rest } = detection
  const whole = partOf !== undefined && (await readHead(table, own(partOf))) ? own(partOf) : partOf
  return { ...rest, id: read.data, ...(whole !== undefined && { partOf: whole }) }
}

/** Stores only fields that no analyst corrected. */
const acceptOtherFields = async (
  table: Table,
  detection: Detection,
  { author, correcting, base }: ContestedItem,
  line: Line,
  now: Date,
): Promise<boolean> => {
  await keepRefusal(table, detection, line)
  if (base === undefined) return false
  const { outcome, items } = await save(table, detection, now, { author, correcting, refusedBase: base, line })
  await table.putAll(items)
  return outcome.kind === 'revised' || outcome.kind === 'unplaced'
}

/** Keeps a correction when the detector sends the same again. */
const keepRefusal = async (table: Table, detection: Detection, line: Line): Promise<void> => {
  const found = await readFor(table, detection.id)
  if (found.status !== 'active') return
  const { head } = found
  const corrections = heldOver(detection, head)
  if (touched(detection, corrections).length === 0) return
  const next = { ...head, ...correctionsOf(refusedOver(detection, corrections)) }
  if (!isSameJson(next, head)) await writeAct(table, next, unchangedSince(head), line)
}

/** @returns false if the same analyst already assigned the same */
export const assignTerritories = async (
  table: Table,
  id: string,
  territories: readonly TerritoryAssignment[],
  who: Who,
  now: Date,
  seen?: number,
): Promise<boolean> => {
  const what = territories.map(({ code }) => code)
  const line = lineOf({ at: now.toISOString(), did: 'placed', ...who, id, of: 'detection', what })
  for (;;) {
    const {
      head,
      latest: { owner },
    } = await readActive(table, id)
    asSeen(head, seen)
    const body = await bodyFrom(table, head, id, head.revision)
    if (head.territories.length > 0) {
      await complete(table, head, body)
      if (isSameJson(head.territories, territories)) return false
      const places = head.territories.map(({ code, by }) => (by === undefined ? code : `${code}, by ${by}`)).join(', ')
      throw new FaultError(fault('detection.placedAlready', { id, places }))
    }
    const placed = { ...body, territories: [...territories] }
    const next = headOf(placed, head.revision + 1, head.contentSha256, owner, head, now)
    const claimed = await claim(
      table,
      { ...next, ...overOf(head), ...correctionsOf(correctionsIn(head)) },
      placed,
      head,
      line,
    )
    if (!claimed) continue
    await table.putAll(claimed.items)
    return true
  }
}

export const withdraw = async (
  table: Table,
  id: string,
  who: Required<Who>,
  now: Date,
  seen?: number,
): Promise<boolean> => {
  const line = lineOf({ at: now.toISOString(), did: 'withdrawn', ...who, id, of: 'detection' })
  for (;;) {
    const found = await readFor(table, id)
    if (found.status === 'unknown') throw new NotActiveError(found.fault)
    const { head } = found
    asSeen(head, seen)
    if (found.status === 'withdrawn') {
      await complete(table, head, await bodyOf(table, head))
      return false
    }
    if (await withdrawn(table, head, { reason: who.reason, by: who.by }, now, line)) return true
  }
}
