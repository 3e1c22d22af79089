/** Stored detections: revisions that are never edited, found again by territory, time and as-of instant. */

import type { FoundBy, Linked } from '../../domain/aggregate/across.ts'
import type { Contribution, DetectionAsOf } from '../../domain/aggregate/tally.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import type { Detection, TerritoryAssignment } from '../../domain/detection/detection.ts'
import type { Correction } from '../../domain/detection/revisions/correction.ts'
import type { Who } from '../table/history.ts'
import type { Table } from '../table/table.ts'
import { assignTerritories, decide, withdraw } from './by-hand.ts'
import {
  type Contested,
  contested,
  type Decided,
  type Deciding,
  decidedOf,
  type IfAccepted,
  type Outcome,
  type Sent,
  type UndoneContested,
  type Undoing,
  undoContested,
} from './contested.ts'
import { type Active, readActive, readFor } from './found.ts'
import { correctionsIn } from './items.ts'
import {
  bodies,
  count,
  history,
  inWindow,
  type Reading,
  type Lineage,
  lineage,
  linked,
  markings,
  named,
  type Revision,
  reaching,
  type Seen,
  type RevisionLocation,
  type Stored,
  stored,
  type Unplaced,
  unplaced,
} from './reading.ts'
import { bodyFrom, readHead } from './revisions.ts'
import { contestedNow, ifAccepted, saveAll } from './saving.ts'
import { type Undone, undo } from './undoing.ts'

export type Detections = {
  /**
   * Stores detections with different ids; the outcomes are in their order. An interrupted call is healed by another
   * one with the same detections: what is missing of a stored revision is put back. What the table refuses is refused
   * by itself, the others are whole.
   * @param sendingOf what is known of each besides its content
   */
  saveAll(
    detections: readonly Detection[],
    now: Date,
    sendingOf?: (detection: Detection) => Sent,
  ): Promise<readonly Outcome[]>
  /** Those that wait for a decision, of all ids or of one; the earliest of an id first. */
  contested(id?: string): AsyncGenerator<Contested>
  /**
   * Besides those the ones that are stored by now: a decision that was interrupted after its revision is completed by
   * the same decision.
   */
  undecided(id?: string): AsyncGenerator<Contested>
  /** What would stand, were one of them accepted; undefined where nothing stands under its id. */
  ifAccepted(contested: Contested): Promise<IfAccepted | undefined>
  /** Who decided of one of them, or of those of an id last; undefined where nobody has, or it is not kept. */
  decided(id: string, sha256?: string): Promise<Pick<Decided, 'by' | 'as'> | undefined>
  /** Carries out what a person decided of one of them. @returns the id that it has then; throws ContestError */
  decide(contested: Contested, decided: Deciding, now: Date): Promise<string>
  /**
   * Gives a detection that came without a territory its place, in a new revision. What was received stays what it is:
   * the same file again is a duplicate, and a corrected one keeps the place. Throws AssignmentError and NotActiveError.
   * @param seen the revision that this was drawn from: throws ChangedSinceError where another one stands
   * @returns false where the same person has placed it so before
   */
  assignTerritories(
    id: string,
    territories: readonly TerritoryAssignment[],
    who: Who,
    now: Date,
    seen?: number,
  ): Promise<boolean>
  /**
   * Withdraws it from every later report. False where it already was; throws NotActiveError.
   * @param seen as of assignTerritories
   */
  withdraw(id: string, who: Required<Who>, now: Date, seen?: number): Promise<boolean>
  /**
   * Takes back what a batch did to a detection, in a new revision: one that it added is withdrawn, one that it revised
   * is as before, which an earlier batch may have brought. What was changed again since stays, and what would have a
   * lower marking waits for another person.
   */
  undo(id: string, undoing: Undoing, now: Date): Promise<Undone>
  /** Takes out what the batch left to a person's decision; the same record again is contested again. */
  undoContested(batch: string, now: Date): Promise<UndoneContested>
  /** What persons have corrected of a detection. */
  corrections(id: string): Promise<readonly Correction[]>
  /** The active revision; undefined where there is none. */
  latest(id: string): Promise<Detection | undefined>
  /** The same for an action on it: throws NotActiveError, which has the status as the reason. */
  readActive(id: string): Promise<Active & { readonly detection: Detection }>
  /** Detections first observed in [from, to), in the revision current at the as-of instant; milliseconds UTC. */
  inWindow(
    territory: TerritoryCode,
    from: number,
    to: number,
    asOf: string,
    reading?: Reading,
  ): AsyncGenerator<DetectionAsOf>
  /**
   * Stored revisions of detections first observed in [from, to), current or not; undefined where the table cannot count
   * without reading.
   */
  count(territory: TerritoryCode, from: number, to: number): Promise<number | undefined>
  /** Detections over more than a day that began before `to` and end at or after `from`, as of an instant. */
  reaching(territory: TerritoryCode, from: number, to: number, asOf: string, seen?: Seen): AsyncGenerator<DetectionAsOf>
  /** Detections of a territory by what a count says of them. */
  named(territory: TerritoryCode, wanted: readonly Contribution[]): Promise<readonly DetectionAsOf[]>
  /**
   * Detections with a link that fit under a cap and began before an instant, the earliest first, as of another; at most
   * so many, and, where there are more, the marking of the next. What is above the cap has no part in the answer.
   */
  linked(
    link: FoundBy,
    asOf: string,
    limits: { readonly cap: Marking; readonly before: string; readonly most: number },
  ): Promise<{ readonly linked: readonly Linked[]; readonly more?: Marking }>
  /** The bodies of what was found by links or in time. */
  bodies(found: readonly RevisionLocation[]): Promise<readonly DetectionAsOf[]>
  /**
   * What detections are part of, their campaign and marking, as of an instant; what is withdrawn or not stored is left
   * out.
   */
  lineage(ids: readonly string[], asOf: string): Promise<ReadonlyMap<string, Lineage>>
  /** The newest marking of detections, withdrawn or not. */
  markings(ids: readonly string[]): Promise<ReadonlyMap<string, Marking>>
  unplaced(): AsyncGenerator<Unplaced>
  /** What is known of ids; those that are not stored are left out. One reading, whatever is stored under them. */
  stored(ids: readonly string[]): Promise<ReadonlyMap<string, Stored>>
  /** Its revisions, the first one first, as far as they can still be read. */
  history(id: string): Promise<readonly Revision[]>
}

export const detectionsIn = (table: Table): Detections => ({
  saveAll: (detections, now, sendingOf) => saveAll(table, detections, now, sendingOf),
  contested: (id) => contestedNow(table, id),
  undecided: (id) => contested(table, id),
  ifAccepted: (one) => ifAccepted(table, one),
  decided: (id, sha256) => decidedOf(table, id, sha256),
  decide: (one, decided, now) => decide(table, one, decided, now),
  assignTerritories: (id, territories, who, now, seen) => assignTerritories(table, id, territories, who, now, seen),
  withdraw: (id, who, now, seen) => withdraw(table, id, who, now, seen),
  undo: (id, undoing, now) => undo(table, id, undoing, now),
  undoContested: (batch, now) => undoContested(table, batch, now),
  corrections: async (id) => correctionsIn(await readHead(table, id)),
  latest: async (id) => {
    const found = await readFor(table, id)
    return found.status === 'active' ? bodyFrom(table, found.head, id, found.head.revision) : undefined
  },
  readActive: async (id) => {
    const found = await readActive(table, id)
    return { ...found, detection: await bodyFrom(table, found.head, id, found.head.revision) }
  },
  inWindow: (territory, from, to, asOf, how) => inWindow(table, territory, from, to, asOf, how),
  count: (territory, from, to) => count(table, territory, from, to),
  reaching: (territory, from, to, asOf, seen) => reaching(table, territory, from, to, asOf, seen),
  named: (territory, wanted) => named(table, territory, wanted),
  linked: (link, asOf, limits) => linked(table, link, asOf, limits),
  bodies: (found) => bodies(table, found),
  lineage: (ids, asOf) => lineage(table, ids, asOf),
  markings: (ids) => markings(table, ids),
  unplaced: () => unplaced(table),
  stored: (ids) => stored(table, ids),
  history: (id) => history(table, id),
})
