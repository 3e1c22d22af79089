/** Records that change nothing until an analyst decides. */

import { randomUUID } from 'node:crypto'
import { asFault, type Fault } from '../../domain/core/fault.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { canonicalJson, isSameJson } from '../../domain/core/text/canonical.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import type { Correcting, Correction } from '../../domain/detection/revisions/correction.ts'
import type { EditionOverrides } from '../../domain/detection/revisions/edition-overrides.ts'
import type { Lowering } from '../../domain/detection/revisions/lowering.ts'
import type { Decision, Sending } from '../../domain/detection/revisions/revision.ts'
import { cutText, readParts } from '../table/chunks.ts'
import { type Line, writeAct } from '../table/history.ts'
import { chunkKey, contestedKey, contestedPartition, contestedRange } from '../table/keys.ts'
import type { Item, Put, Table } from '../table/table.ts'
import { readFor } from './found.ts'
import { parse } from './items.ts'

export type Outcome = (
  | Exclude<Decision, { kind: 'new' | 'revised' }>
  | { readonly kind: 'accepted' | 'revised' | 'unplaced' }
) & {
  /** A correction of another detector's record, without a new finding. */
  readonly corrects?: true
}

export type Undoing = { readonly batch: string; readonly by: string; readonly reason?: string | undefined }

export type Sent = Sending & {
  readonly batch?: string
  /** The correction is refused if another revision is current. */
  readonly seen?: number | undefined
  /** The marking when a lowering was requested. */
  readonly markingBefore?: Marking | undefined
  /** Keys of corrections and lowered markings. */
  readonly asked?: readonly string[] | undefined
  /** Hash of the detector's previous record, if only analysts' corrections contradict the new one. */
  readonly base?: string | undefined
  /** For an analyst's action; an intake is recorded separately. */
  readonly line?: Line | undefined
  /** What a decision writes in the same transaction, by the detection as stored. */
  readonly along?: ((stored: Detection, kind: 'accepted' | 'revised' | 'unplaced') => readonly Put[]) | undefined
  /** Set if an undoing would restore this record. */
  readonly undoing?: Undoing | undefined
  /** For a refused record: other fields are stored if the detector sent nothing since this hash. */
  readonly refusedBase?: string | undefined
}

export type IfAccepted = {
  readonly before: Detection
  readonly after: Detection
  readonly revision: number
  /** Differences in editions with a lower cap. */
  readonly below: EditionOverrides | undefined
  readonly gives: readonly Correction[]
  readonly lowers: readonly Lowering[]
  /** With a lower marking, these remaining corrections become more widely known too. */
  readonly keeps: readonly Correction[]
  readonly against: Against
}

export type Against = {
  readonly isForeign: boolean
  readonly isUncleared: boolean
  readonly isStored: boolean
  /** Undefined if no objection remains. */
  readonly reason: Fault | undefined
}

export type Contested = {
  readonly detection: Detection
  /** Of the record as received; part of its key. */
  readonly sha256: string
  readonly reason: Fault
  readonly author?: string | undefined
  /** Set if it corrects only these fields. */
  readonly correcting?: Correcting | undefined
  /** Set for an undoing that lowers the marking, instead of a record. */
  readonly undoing?: Undoing | undefined
  /** The marking when a lowering was requested; a later change ends it. */
  readonly markingBefore?: Marking | undefined
  /** Set if a refusal stores its other fields: see {@link Sent}. */
  readonly base?: string | undefined
  /** The first intake that contained it. */
  readonly batch?: string | undefined
  /** ISO instant of first receipt. */
  readonly storedAt: string
}

export type UndoneContested = {
  readonly undone: readonly string[]
  /** Accepted in the meantime; their results stay. */
  readonly accepted: readonly { readonly id: string; readonly by: string }[]
}

export type Decided = {
  readonly by: string
  /** A revision of its id, a new detection `<detector>:<id>`, or nothing. */
  readonly as: 'revision' | 'new' | 'refused'
  /** If another revision is current, the decision fails. */
  readonly seen?: number | undefined
}

export type Deciding = Decided & {
  readonly reason?: string | undefined
  readonly what?: readonly string[] | undefined
  /** Defaults to the record's marking. */
  readonly marking?: Marking
}

export type ContestedItem = Item &
  Omit<Contested, 'detection'> & {
    readonly id: string
    readonly chunks: number
    /** Detects that forgetting an account rewrote the item. */
    readonly claim: string
    readonly state: 'open' | 'undone' | Decided['as']
    readonly by?: string
    readonly decidedAt?: string
    readonly under?: string
    readonly asked?: readonly string[] | undefined
    readonly base?: string | undefined
  }

/** Stores a record for a decision, once for the same content. */
export const contest = async (
  table: Table,
  detection: Detection,
  sha256: string,
  reason: Fault,
  { author, batch, correcting, undoing, markingBefore, asked, base, line }: Sent,
  now: Date,
): Promise<Outcome> => {
  const { id } = detection
  const key = contestedKey(id, sha256)
  const known = (await table.get(key)) as ContestedItem | undefined
  // Requested again after a change of marking, it is a new question.
  const isAnother =
    known?.markingBefore !== undefined &&
    markingBefore !== undefined &&
    !isSameJson([known.markingBefore, known.asked], [markingBefore, asked])
  if (known && !isAnother && known.state !== 'open' && known.state !== 'undone') return { kind: 'duplicate' }
  if (!known || isAnother || known.state === 'undone') {
    const parts = cutText(canonicalJson(detection))
    await table.putAll(parts.map((text, number) => ({ ...chunkKey(id, 0, number, sha256), text })))
    const { parts: _, ...kept } = correcting ?? {}
    const by = correcting && { correcting: kept as Correcting }
    const about = {
      author,
      batch,
      ...by,
      undoing,
      markingBefore,
      asked,
      base,
      reason,
      storedAt: now.toISOString(),
    }
    const chunks = parts.length
    const item: ContestedItem = { ...key, id, sha256, chunks, claim: randomUUID(), state: 'open', ...about }
    const unchanged = known
      ? { expression: 'claim = :claim', values: { ':claim': known.claim } }
      : { expression: 'attribute_not_exists(pk)' }
    await (line?.did === 'asked' ? writeAct(table, item, unchanged, line) : table.putIf(item, unchanged))
  }
  return { kind: 'contested', reason }
}

export const contested = async function* (table: Table, id?: string): AsyncGenerator<Contested> {
  const range = id === undefined ? {} : contestedRange(id)
  const open = (await Array.fromAsync(table.query(contestedPartition, range))).filter(isOpen)
  const inOrder = open.sort((a, b) => compare(a.id, b.id) || compare(a.storedAt, b.storedAt))
  for (const {
    id: its,
    chunks,
    sha256,
    author,
    base,
    batch,
    correcting,
    undoing,
    markingBefore,
    reason,
    storedAt,
  } of inOrder) {
    const what = `the contested record ${its}`
    const parts = await readParts(table, chunks, (number) => chunkKey(its, 0, number, sha256), what)
    const detection = parse(parts.join(''), its, 0)
    const about = { author, base, batch, correcting, undoing, markingBefore, storedAt }
    yield { detection, sha256, ...about, reason: asFault(reason) }
  }
}

/** Ends a record, if it has not changed since it was read. */
export const endingOf = (item: ContestedItem, end: Partial<ContestedItem>): Put => ({
  item: { ...item, ...end, claim: randomUUID() },
  condition: { expression: 'claim = :claim', values: { ':claim': item.claim } },
})

export const decisionIn = ({
  state,
  by = '',
}: Pick<ContestedItem, 'state' | 'by'>): Pick<Decided, 'by' | 'as'> | undefined =>
  state === 'open' || state === 'undone' ? undefined : { by, as: state }

export const decidedOf = async (
  table: Table,
  id: string,
  sha256?: string,
): Promise<Pick<Decided, 'by' | 'as'> | undefined> => {
  const items =
    sha256 === undefined
      ? await Array.fromAsync(table.query(contestedPartition, contestedRange(id)))
      : [await table.get(contestedKey(id, sha256))]
  const decided = (items as readonly (ContestedItem | undefined)[]).flatMap((item) => {
    const decision = item && decisionIn(item)
    return decision ? [{ decision, at: item.decidedAt ?? '' }] : []
  })
  return decided.sort((one, other) => compare(one.at, other.at)).at(-1)?.decision
}

export const undoContested = async (table: Table, batch: string, now: Date): Promise<UndoneContested> => {
  const undone: string[] = []
  const accepted: UndoneContested['accepted'][number][] = []
  for await (const item of table.query(contestedPartition)) {
    if (item.batch !== batch) continue
    const { state, id, under = id, by = '' } = item as ContestedItem
    if (state === 'revision' || state === 'new' || (state === 'refused' && item.under !== undefined)) {
      const { status } = await readFor(table, under)
      if (status === 'active') accepted.push({ id: under, by })
    }
    if (!isOpen(item)) continue
    const ending = endingOf(item, { state: 'undone', decidedAt: now.toISOString() })
    if ((await table.putTogether([ending])).length === 0) undone.push(item.id)
  }
  return { undone, accepted }
}

export const isOpen = (item: Item): item is ContestedItem => item.state === 'open'

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
