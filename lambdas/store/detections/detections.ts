/** Stored detections: immutable revisions, found by territory, time and as-of instant. */

import type { FoundBy, Linked } from '../../domain/aggregate/across.ts'
import type { Contribution, DetectionAsOf } from '../../domain/aggregate/tally.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import type { Detection, TerritoryAssignment } from '../../domain/detection/detection.ts'
import type { Correction } from '../../domain/detection/revisions/correction.ts'
import type { Who } from '../table/history.ts'
import type { Put, Table } from '../table/table.ts'
import { assignTerritories, decide, withdraw, withdrawals } from './by-hand.ts'
import {
  type Contested,
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
   * Returns outcomes in the order of the detections, whose ids must differ. A repeated call repairs an interrupted one.
   * A detection that the table refuses does not affect the others.
   */
  saveAll(
    detections: readonly Detection[],
    now: Date,
    sendingOf?: (detection: Detection) => Sent,
  ): Promise<readonly Outcome[]>
  contested(id?: string): AsyncGenerator<Contested>
  ifAccepted(contested: Contested): Promise<IfAccepted | undefined>
  /** Returns the decision on a record, or the last on an id. */
  decided(id: string, sha256?: string): Promise<Pick<Decided, 'by' | 'as'> | undefined>
  /** @returns the resulting id. @throws ContestError */
  decide(contested: Contested, decided: Deciding, now: Date): Promise<string>
  /**
   * Creates a revision with a place; a corrected file keeps it. @throws FaultError, NotActiveError
   * @param seen throws ChangedSinceError if another revision is current
   * @returns false if the same analyst already assigned the same
   */
  assignTerritories(
    id: string,
    territories: readonly TerritoryAssignment[],
    who: Who,
    now: Date,
    seen?: number,
  ): Promise<boolean>
  /**
   * False if already withdrawn. @throws NotActiveError
   * @param seen as in assignTerritories
   */
  withdraw(id: string, who: Required<Who>, now: Date, seen?: number): Promise<boolean>
  /** What withdraws active detections in another action's transaction. */
  withdrawals(ids: readonly string[], who: Required<Who>, now: Date): Promise<readonly Put[]>
  /**
   * Withdraws what a batch added and restores what it revised, in a new revision. Later changes stay; a lowered marking
   * waits for another analyst.
   */
  undo(id: string, undoing: Undoing, now: Date): Promise<Undone>
  /** The same record again is contested again. */
  undoContested(batch: string, now: Date): Promise<UndoneContested>
  corrections(id: string): Promise<readonly Correction[]>
  latest(id: string): Promise<Detection | undefined>
  /** @throws NotActiveError with the status as the reason */
  readActive(id: string): Promise<Active & { readonly detection: Detection }>
  /** Detections first observed in [from, to), milliseconds UTC, in the revision current at the as-of instant. */
  inWindow(
    territory: TerritoryCode,
    from: number,
    to: number,
    asOf: string,
    reading?: Reading,
  ): AsyncGenerator<DetectionAsOf>
  /** Counts all revisions; undefined if the table cannot count without reading. */
  count(territory: TerritoryCode, from: number, to: number): Promise<number | undefined>
  /** Detections over more than a day that began before `to` and end at or after `from`. */
  reaching(territory: TerritoryCode, from: number, to: number, asOf: string, seen?: Seen): AsyncGenerator<DetectionAsOf>
  named(territory: TerritoryCode, wanted: readonly Contribution[]): Promise<readonly DetectionAsOf[]>
  /**
   * Earliest first, up to a limit; if there are more, also the next one's marking. Detections above the cap have no
   * effect.
   */
  linked(
    link: FoundBy,
    asOf: string,
    limits: { readonly cap: Marking; readonly before: string; readonly most: number },
  ): Promise<{ readonly linked: readonly Linked[]; readonly more?: Marking }>
  bodies(found: readonly RevisionLocation[]): Promise<readonly DetectionAsOf[]>
  /** Leaves out withdrawn and unknown detections. */
  lineage(ids: readonly string[], asOf: string): Promise<ReadonlyMap<string, Lineage>>
  /** Includes withdrawn detections. */
  markings(ids: readonly string[]): Promise<ReadonlyMap<string, Marking>>
  unplaced(): AsyncGenerator<Unplaced>
  /** One query; leaves out unknown ids. */
  stored(ids: readonly string[]): Promise<ReadonlyMap<string, Stored>>
  /** Oldest first. */
  history(id: string): Promise<readonly Revision[]>
}

export const detectionsIn = (table: Table): Detections => ({
  saveAll: (detections, now, sendingOf) => saveAll(table, detections, now, sendingOf),
  contested: (id) => contestedNow(table, id),
  ifAccepted: (one) => ifAccepted(table, one),
  decided: (id, sha256) => decidedOf(table, id, sha256),
  decide: (one, decided, now) => decide(table, one, decided, now),
  assignTerritories: (id, territories, who, now, seen) => assignTerritories(table, id, territories, who, now, seen),
  withdraw: (id, who, now, seen) => withdraw(table, id, who, now, seen),
  withdrawals: (ids, who, now) => withdrawals(table, ids, who, now),
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
