/** Analysts' actions: decide, place, withdraw. */

import { fault, FaultError, quoted } from '../../domain/core/fault.ts'
import { refusalOf } from '../../domain/core/schema-fault.ts'
import { isSameJson } from '../../domain/core/text/canonical.ts'
import { type Detection, detectionId, type TerritoryAssignment } from '../../domain/detection/detection.ts'
import { loweredFault, loweringsOf } from '../../domain/detection/revisions/lowering.ts'
import { NotActiveError } from '../../domain/detection/revisions/not-active.ts'
import { foreignTo } from '../../domain/detection/revisions/revision.ts'
import { changedBetween } from '../../domain/looking/explanation.ts'
import { lineOf, type Who } from '../table/history.ts'
import { contestedKey } from '../table/keys.ts'
import type { Put, Table } from '../table/table.ts'
import {
  type Contested,
  type ContestedItem,
  type Decided,
  decisionIn,
  type Deciding,
  endingOf,
  isOpen,
  type Undoing,
} from './contested.ts'
import { readActive, readFor } from './found.ts'
import { correctionsIn, correctionsOf, type Head, headOf, overOf, unchangedSince } from './items.ts'
import { bodyFrom, bodyOf, claim, complete, OvertakenError, readHead, withdrawalPuts, withdrawn } from './revisions.ts'
import { refusedOnce, save } from './saving.ts'
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

/** Decides in one transaction with all that it changes. The same decision again completes it. */
export const decide = async (table: Table, record: Contested, decided: Deciding, now: Date): Promise<string> => {
  const { detection, sha256 } = record
  for (;;) {
    const item = (await table.get(contestedKey(detection.id, sha256))) as ContestedItem | undefined
    const done = item && decisionIn(item)
    if (done?.by === decided.by && done.as === decided.as) return completed(table, item?.under ?? detection.id)
    if (!item || !isOpen(item)) throw new DecidedError(detection.id, done)
    try {
      return await carriedOut(table, record, decided, { item, endedAs: endedBy(item, record, decided, now) }, now)
    } catch (error) {
      if (!(error instanceof OvertakenError)) throw error
    }
  }
}

const completed = async (table: Table, id: string): Promise<string> => {
  const head = await readHead(table, id)
  if (head) await complete(table, head, await bodyOf(table, head))
  return id
}

type EndedAs = (id: string, taken?: { readonly what: readonly string[] | undefined }) => readonly Put[]

/** Ends the record with the decision and its line. */
const endedBy =
  (item: ContestedItem, { detection }: Contested, decided: Deciding, now: Date): EndedAs =>
  (id, taken) => {
    const { by, as, reason, marking = detection.marking } = decided
    const what = taken?.what ?? decided.what
    const about = { of: 'detection' as const, marking, ...(reason !== undefined && { reason }), ...(what && { what }) }
    const at = now.toISOString()
    return [
      endingOf(item, { state: as, by, decidedAt: at, ...(taken && { under: id }) }),
      { item: lineOf({ at, did: as === 'refused' ? 'refused' : 'accepted', by, id, ...about }) },
    ]
  }

const together = async (table: Table, puts: readonly Put[]): Promise<void> => {
  if ((await table.putTogether(puts)).length > 0) throw new OvertakenError('what a decision changes has changed')
}

const carriedOut = async (
  table: Table,
  record: Contested,
  { as, seen }: Decided,
  { item, endedAs }: { readonly item: ContestedItem; readonly endedAs: EndedAs },
  now: Date,
): Promise<string> => {
  const { detection, author, correcting, undoing } = record
  const { id } = detection
  if (as === 'refused') {
    if (undoing) await together(table, endedAs(id))
    else await refused(table, detection, item, endedAs, now)
    return id
  }
  if (undoing) {
    await undoAccepted(table, id, undoing, { as, seen, along: endedAs(id, { what: undefined }) }, now)
    return id
  }
  if (as === 'new') await asForeign(table, detection, author)
  const settled = as === 'new' ? await renamed(table, detection) : detection
  const along = endedAs(settled.id, { what: undefined })
  const { outcome, items } = await save(table, settled, now, {
    author,
    accepted: as === 'new' ? 'as new' : 'as revision',
    along: () => along,
    ...(as === 'revision' && { correcting, seen, markingBefore: item.markingBefore, asked: item.asked }),
  })
  if (outcome.kind === 'refused' || outcome.kind === 'contested') {
    const { path: _, ...reason } = outcome.kind === 'refused' ? outcome.fault : outcome.reason
    throw new ContestError(fault('contest.failed', { id: settled.id, reason }))
  }
  if (outcome.kind === 'duplicate') await together(table, along)
  await table.putAll(items)
  return settled.id
}

/** Stores only fields that no analyst corrected. */
const refused = async (
  table: Table,
  detection: Detection,
  { author, correcting, base }: ContestedItem,
  endedAs: EndedAs,
  now: Date,
): Promise<void> => {
  const { id } = detection
  const found = await readFor(table, id)
  const head = found.status === 'active' ? found.head : undefined
  if (head && base !== undefined) {
    const before = await bodyFrom(table, head, id, head.revision)
    const along = (stored: Detection) => endedAs(id, { what: changedBetween(before, stored) })
    const { outcome, items } = await save(table, detection, now, { author, correcting, refusedBase: base, along })
    if (outcome.kind === 'revised' || outcome.kind === 'unplaced') return table.putAll(items)
  }
  const next = head && refusedOnce(head, detection)
  const kept = head && next && !isSameJson(next, head) ? [{ item: next, condition: unchangedSince(head) }] : []
  await together(table, [...kept, ...endedAs(id)])
}

const undoAccepted = async (
  table: Table,
  id: string,
  undoing: Undoing,
  { as, seen, along }: Pick<Decided, 'as' | 'seen'> & { readonly along: readonly Put[] },
  now: Date,
): Promise<void> => {
  if (as === 'new') throw new ContestError(fault('contest.restores', { id, batch: undoing.batch }))
  const { head } = await readFor(table, id)
  if (seen !== undefined && head?.revision !== seen) throw new ContestError(fault('contest.changed', { id }))
  const { did } = await undo(table, id, undoing, now, { along })
  if (did === 'already') await together(table, along)
  else if (did !== 'restored' && did !== 'withdrawn')
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
      { line },
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
    if (await withdrawn(table, head, { reason: who.reason, by: who.by }, now, { line })) return true
  }
}

/** What withdraws active detections in another action's transaction. */
export const withdrawals = async (
  table: Table,
  ids: readonly string[],
  who: Required<Who>,
  now: Date,
): Promise<readonly Put[]> => {
  const puts = ids.map(async (id) => {
    const found = await readFor(table, id)
    if (found.status !== 'active') return []
    const line = lineOf({ at: now.toISOString(), did: 'withdrawn', ...who, id, of: 'detection' })
    return [...(await withdrawalPuts(table, found.head, who, now)), { item: line }]
  })
  return (await Promise.all(puts)).flat()
}
