/** Records that change nothing until a person decides. */

import { randomUUID } from 'node:crypto'
import { asFault, type Fault } from '../../domain/core/fault.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { canonicalJson, isSameJson } from '../../domain/core/text/canonical.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import type { Correcting, Correction } from '../../domain/detection/revisions/correction.ts'
import type { EditionOverrides } from '../../domain/detection/revisions/edition-overrides.ts'
import type { Lowering } from '../../domain/detection/revisions/lowering.ts'
import type { Decision, Sending } from '../../domain/detection/revisions/revision.ts'
import { type Held, take, type Taken, type Taking, takingIn } from '../intake/taking.ts'
import { cutText, readParts } from '../table/chunks.ts'
import { type Line, lineKey, writeAct } from '../table/history.ts'
import { chunkKey, contestedKey, contestedPartition, contestedRange } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'
import { readFor } from './found.ts'
import { parse } from './items.ts'

/** What came of a detection that was to be stored. */
export type Outcome = (
  | Exclude<Decision, { kind: 'new' | 'revised' }>
  | { readonly kind: 'accepted' | 'revised' | 'unplaced' }
) & {
  /** It says otherwise of what another detector stored, and found nothing itself. */
  readonly corrects?: true
}

/** An intake that is undone, by whom and why. */
export type Undoing = { readonly batch: string; readonly by: string; readonly reason?: string | undefined }

/** What is known of a detection besides its content. */
export type Sent = Sending & {
  readonly batch?: string
  /** The revision that a correction was drawn from: it is refused where another one stands. */
  readonly seen?: number | undefined
  /** Of a correction that lowers a marking: the one that stood when it was asked for. */
  readonly markingBefore?: Marking | undefined
  /** What a decision is asked about: keys of corrections and of lower markings. */
  readonly asked?: readonly string[] | undefined
  /** Hash of what its detector had sent last, where nothing but persons' corrections speaks against a record. */
  readonly base?: string | undefined
  /** Of the person whose act it is; none where an intake brings it, which tells of itself. */
  readonly line?: Line | undefined
  /** It is what an undoing would restore. */
  readonly undoing?: Undoing | undefined
  /** It was refused: what it says beside the corrections is taken, where its detector sent nothing since this. */
  readonly refusedBase?: string | undefined
}

/** What would stand of a detection, were a contested record accepted. */
export type IfAccepted = {
  readonly before: Detection
  readonly after: Detection
  /** Of what stands. */
  readonly revision: number
  /** What of it caps are told otherwise. */
  readonly below: EditionOverrides | undefined
  /** Corrections that it would give up. */
  readonly gives: readonly Correction[]
  /** What it would make known more widely. */
  readonly lowers: readonly Lowering[]
  /** Corrections of persons that hold over it: with a lower marking they become known more widely too. */
  readonly keeps: readonly Correction[]
  /** What else speaks against it, of what stands. */
  readonly against: Against
}

export type Against = {
  /** Its id is another detector's, or another author's. */
  readonly isForeign: boolean
  /** Its sender was not cleared for what is stored under its id. */
  readonly isUncleared: boolean
  /** The same is stored already. */
  readonly isStored: boolean
  /** With the corrections that it touches; undefined where nothing does any more. */
  readonly reason: Fault | undefined
}

/** A record that changes nothing until a person decides. */
export type Contested = {
  readonly detection: Detection
  /** Of the record as it came, by which it is found. */
  readonly sha256: string
  /** Why it is no revision by itself, of what is stored when it is read. */
  readonly reason: Fault
  readonly author?: string | undefined
  /** It is a correction of these fields alone. */
  readonly correcting?: Correcting | undefined
  /** It is no record, and what an undoing that lowers the marking would restore. */
  readonly undoing?: Undoing | undefined
  /** Of a correction or an undoing that lowers a marking: the one that stood then. Another one since ends it. */
  readonly markingBefore?: Marking | undefined
  /** The intake in which it first came. */
  readonly batch?: string | undefined
  /** ISO instant at which it first came. */
  readonly storedAt: string
}

export type UndoneContested = {
  /** Ids of those that wait no longer. */
  readonly undone: readonly string[]
  /** Those that a person has accepted since: what they became stays. */
  readonly accepted: readonly { readonly id: string; readonly by: string }[]
}

export type Decided = {
  /** Who decided. */
  readonly by: string
  /** What became of it: a revision of what its id names, a detection under the id `<detector>:<id>`, or nothing. */
  readonly as: 'revision' | 'new' | 'refused'
  /** The revision that somebody saw beside it; where another one stands, it is not carried out. */
  readonly seen?: number | undefined
}

/** With what the history shows of it. */
export type Deciding = Decided & {
  readonly reason?: string | undefined
  /** Fields that it changes. */
  readonly what?: readonly string[] | undefined
  /** As strict as all that was said of it; the record's own where it is left out. */
  readonly marking?: Marking
}

export type ContestedItem = Item &
  Omit<Contested, 'detection'> & {
    readonly id: string
    readonly chunks: number
    /** Of the last change: forgetting an account writes over the item. */
    readonly claim: string
    readonly state: 'open' | 'undone' | Decided['as']
    readonly taking?: Taking<Decided['as']>
    readonly by?: string
    readonly decidedAt?: string
    /** The id that it has since, where it was accepted, or what it says beside persons' corrections was. */
    readonly under?: string
    readonly asked?: readonly string[] | undefined
    readonly base?: string | undefined
  }

/** Keeps a record for a person to decide of, once for the same content. */
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
  // Asked for again after somebody changed the marking, it is another question.
  const isAnother =
    known?.markingBefore !== undefined &&
    markingBefore !== undefined &&
    !isSameJson([known.markingBefore, known.asked], [markingBefore, asked])
  if (known && !isAnother && known.state !== 'open' && known.state !== 'undone') return { kind: 'duplicate' }
  if (!known || isAnother || known.state === 'undone') {
    const parts = cutText(canonicalJson(detection))
    await table.putAll(parts.map((text, number) => ({ ...chunkKey(id, 0, number, sha256), text })))
    // What is kept is whole by now.
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
    const about = { author, batch, correcting, undoing, markingBefore, storedAt }
    yield { detection, sha256, ...about, reason: asFault(reason) }
  }
}

/** Writes over an item that nobody has changed since. */
const replace = (table: Table, item: ContestedItem, next: Partial<ContestedItem>, line?: Line): Promise<boolean> => {
  const changed: ContestedItem = { ...item, ...next, claim: randomUUID() }
  const unchanged = { expression: 'claim = :claim', values: { ':claim': item.claim } }
  return line ? writeAct(table, changed, unchanged, line) : table.putIf(changed, unchanged)
}

const decisionIn = ({ state, by = '' }: Pick<ContestedItem, 'state' | 'by'>): Pick<Decided, 'by' | 'as'> | undefined =>
  state === 'open' || state === 'undone' ? undefined : { by, as: state }

/** What was decided of a record, or of those of an id last. */
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

/** Takes a record for one decision. */
export const takeContested = (
  table: Table,
  { id, sha256 }: Pick<ContestedItem, 'id' | 'sha256'>,
  deciding: Pick<Decided, 'by' | 'as'>,
  now: Date,
): Promise<Taken<ContestedItem, Decided['as']>> =>
  take<ContestedItem, Decided['as']>(deciding, now, {
    read: async () => (await table.get(contestedKey(id, sha256))) as ContestedItem | undefined,
    isOpen,
    decisionIn,
    write: async (item, taking) =>
      replace(table, item, { taking: { ...taking, lineAt: await lineAtOf(table, item, taking) } }),
  })

/** Lines of decisions of one record at one instant are one. */
export const decisionName = ({ sha256 }: Pick<ContestedItem, 'sha256'>): string => sha256.slice(0, 16)

/** A decision that was cut off after its line goes on under that one, where the same person decides the same again. */
const lineAtOf = async (table: Table, item: ContestedItem, { by, as, at }: Taking<Decided['as']>): Promise<string> => {
  const { by: whose, as: what, lineAt } = item.taking ?? {}
  if (lineAt === undefined || whose !== by || what !== as) return at
  return (await table.get(lineKey(lineAt, decisionName(item)))) ? lineAt : at
}

/** Ends what was taken: it is decided, or open again where nothing is given. */
export const endTaking = async (
  table: Table,
  { item: { id, sha256 }, name }: Held<ContestedItem>,
  decided?: { readonly end: Partial<ContestedItem>; readonly line: Line },
): Promise<void> => {
  for (;;) {
    const found = (await table.get(contestedKey(id, sha256))) as ContestedItem | undefined
    if (found?.taking?.name !== name) return
    const { taking: _, ...item } = found
    if (await replace(table, item as ContestedItem, decided?.end ?? {}, decided?.line)) return
  }
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
    const taking = takingIn(item, now)
    if (taking) accepted.push({ id: under, by: taking.by })
    else if (await replace(table, item, { state: 'undone', decidedAt: now.toISOString() })) undone.push(item.id)
  }
  return { undone, accepted }
}

export const isOpen = (item: Item): item is ContestedItem => item.state === 'open'

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
