import { randomUUID } from 'node:crypto'
import { closedMarking } from '../../domain/core/marking.ts'
import { canonicalJson } from '../../domain/core/text/canonical.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import { editionOverridesOf } from '../../domain/detection/revisions/edition-overrides.ts'
import { guardedAfter, markedIn } from '../../domain/detection/revisions/lowering.ts'
import type { Latest, Owner } from '../../domain/detection/revisions/revision.ts'
import { cutText, MissingPartsError, readParts } from '../table/chunks.ts'
import type { Line } from '../table/history.ts'
import { itemSize, mostBytesTogether } from '../table/item-limits.ts'
import { type Base, bodyPartition, bodyPartitionOf, chunkKey, faultOfKey, headKey, keyText } from '../table/keys.ts'
import { type Item, mostTogether, type Put, RefusedItemError, type Table } from '../table/table.ts'
import {
  type Body,
  basesIn,
  bodyRevision,
  chunksOf,
  correctionsIn,
  type Head,
  isSame,
  itemsOf,
  leavingOf,
  leftKey,
  type NextHead,
  overOf,
  parse,
  unchangedSince,
} from './items.ts'

export const readHead = async (table: Table, id: string): Promise<Head | undefined> =>
  (await table.get(headKey(id))) as Head | undefined

export const bodyFrom = async (
  table: Table,
  item: Item & { readonly body: Body },
  id: string,
  revision: number,
): Promise<Detection> => {
  const { body } = item
  if ('json' in body) return parse(body.json, id, revision)
  const what = `detection ${id}, revision ${revision}`
  const parts = await readParts(table, body.chunks, (number) => chunkKey(id, revision, number, body.of), what)
  return parse(parts.join(''), id, revision)
}

/** Undefined where parts are lost. */
export const bodyOf = async (table: Table, head: Head): Promise<Detection | undefined> => {
  try {
    return await bodyFrom(table, head, head.id, bodyRevision(head))
  } catch (error) {
    if (error instanceof MissingPartsError) return undefined
    throw error
  }
}

export const latestOf = (head: Head): Latest & { readonly owner: Owner } => ({
  ...head,
  marking: closedMarking(head.marking),
})

const leftBy = async (table: Table, { id, revision, claim, left }: Head): Promise<readonly Base[]> => {
  if (!left) return []
  const what = `what detection ${id}, revision ${revision}, left`
  const parts = await readParts(table, left.chunks, (number) => leftKey(id, revision, number, claim), what)
  return JSON.parse(parts.join('')) as readonly Base[]
}

/** Includes places from calls that failed to claim their revision: they lead nowhere. Skips incomplete ones. */
const leftEver = async (table: Table, { id }: Head): Promise<readonly Base[]> => {
  const texts = new Map<string, string>()
  for await (const { sk, text } of table.query(bodyPartitionOf(id))) {
    const [whose = ''] = sk.split('#')
    if (whose.endsWith('.left')) texts.set(whose, `${texts.get(whose) ?? ''}${text}`)
  }
  return [...texts.values()].flatMap((text): readonly Base[] => {
    try {
      return JSON.parse(text)
    } catch {
      return []
    }
  })
}

/** Items that a revision puts in addition to its head. */
export const promisedBy = async (table: Table, head: Head, body: Detection | undefined): Promise<readonly Item[]> =>
  itemsOf(head, body, await leftBy(table, head))

/** Puts items that an interrupted call left out: the next revision marks only places of this one. */
export const complete = async (table: Table, head: Head, body: Detection | undefined): Promise<void> =>
  table.putAll(await missing(table, await promisedBy(table, head, body)))

export const missing = async (table: Table, due: readonly Item[]): Promise<readonly Item[]> => {
  const found = new Set((await table.getAll(due, ['pk', 'sk'])).map(keyText))
  return due.filter((item) => !found.has(keyText(item)))
}

/** What an analyst's action writes in the same transaction. An intake has none. */
export type Act = { readonly line?: Line | undefined; readonly along?: readonly Put[] }

/** What an action writes along has changed since it was read; nothing is written. */
export class OvertakenError extends Error {
  override name = 'OvertakenError'
}

/**
 * Claims a revision by its head, after putting all that the head refers to. The caller puts the returned items.
 * Undefined where another call has changed the head.
 * @throws OvertakenError
 */
export const claim = async (
  table: Table,
  next: NextHead,
  placed: Detection,
  before: Head | undefined,
  act: Act,
): Promise<{ readonly head: Head; readonly items: readonly Item[] } | undefined> => {
  const { id, revision } = next
  const body = before && (await bodyOf(table, before))
  if (before) await complete(table, before, body)
  const left = body ? leavingOf(basesIn(body), basesIn(placed)) : []
  const leftText = left.length > 0 ? cutText(canonicalJson(left)) : []
  const below = editionOverridesOf(
    { revision, detection: placed, corrections: correctionsIn(next) },
    before && { ...before, isActive: before.status === 'active', detection: body },
  )
  const guarded = guardedAfter(before?.guarded, placed)
  const marked = markedIn(placed)
  const head: Head = {
    ...next,
    ...(guarded && { guarded }),
    ...(marked.length > 0 && { marked }),
    storedAt: stampAfter(before, next.storedAt),
    ...(below && { below }),
    ...(leftText.length > 0 && { left: { chunks: leftText.length } }),
  }
  const items = itemsOf(head, placed, left)
  for (const item of items) {
    const fault = faultOfKey(item)
    if (fault !== undefined) throw new RefusedItemError(fault)
  }
  await table.putAll([
    ...leftText.map((text, number) => ({ ...leftKey(id, revision, number, head.claim), text })),
    ...chunksOf(head, placed),
  ])
  const due = await putHead(table, { head, items, before }, act)
  return due && { head, items: due }
}

/** Returns the items that are still to put; undefined where another call has changed the head. */
const putHead = async (
  table: Table,
  { head, items, before }: { readonly head: Head; readonly items: readonly Item[]; readonly before: Head | undefined },
  { line, along = [] }: Act,
): Promise<readonly Item[] | undefined> => {
  const condition = unchangedSince(before)
  if (line || along.length > 0) {
    const puts = [{ item: head, condition }, ...(line ? [{ item: line }] : []), ...along]
    const together = fitting(puts, items)
    const failed = await table.putTogether([...puts, ...together.map((item) => ({ item }))])
    if (failed.length === 0) return items.filter((item) => !together.includes(item))
    if (failed.some((at) => at > 0)) throw new OvertakenError(`what belongs to an action on ${head.id} has changed`)
  } else if (await table.putIf(head, condition)) return items
  // The claim may have succeeded although its answer was lost.
  const found = await readHead(table, head.id)
  return found && isSame(found, head) ? items : undefined
}

/** What counts comes first. What does not fit into the transaction is put after it, or by a repeated action. */
const fitting = (puts: readonly Put[], items: readonly Item[]): readonly Item[] => {
  let bytes = puts.reduce((sum, { item }) => sum + itemSize(item), 0)
  return items
    .filter(({ pk }) => !pk.startsWith(bodyPartition))
    .toSorted((one, other) => Number(one.pk.startsWith('LINK#')) - Number(other.pk.startsWith('LINK#')))
    .slice(0, Math.max(0, mostTogether - puts.length))
    .filter((item) => (bytes += itemSize(item)) <= mostBytesTogether / 2)
}

/** Stamps must not decrease while revisions increase: another clock, or a call that began earlier, may be behind. */
const stampAfter = (before: Pick<Head, 'storedAt'> | undefined, now: string): string =>
  before && now < before.storedAt ? new Date(Date.parse(before.storedAt) + 1).toISOString() : now

type Why = Pick<Head, 'reason' | 'by' | 'undone'>

const withdrawal = async (table: Table, head: Head, why: Why, now: Date) => {
  const body = await bodyOf(table, head)
  await complete(table, head, body)
  const { left: _, batch: __, over: ___, undone: ____, restored: _____, ...kept } = head
  const next: Head = {
    ...kept,
    ...(why.undone === undefined && overOf(head)),
    ...why,
    // The body is found by this number.
    revision: head.status === 'withdrawn' ? head.revision : head.revision + 1,
    status: 'withdrawn',
    storedAt: head.status === 'withdrawn' ? head.storedAt : stampAfter(head, now.toISOString()),
    claim: randomUUID(),
  }
  return { head: next, items: itemsOf(next, body, []), before: head }
}

/** Withdraws in another action's transaction. */
export const withdrawalPuts = async (table: Table, before: Head, why: Why, now: Date): Promise<readonly Put[]> => {
  const { head, items } = await withdrawal(table, before, why, now)
  return [{ item: head, condition: unchangedSince(before) }, ...items.map((item) => ({ item }))]
}

/** False where another call has changed the head. */
export const withdrawn = async (table: Table, head: Head, why: Why, now: Date, act: Act): Promise<boolean> => {
  const due = await putHead(table, await withdrawal(table, head, why, now), act)
  if (!due) return false
  await table.putAll(due)
  return true
}

export const headsOf = async (table: Table, ids: readonly string[]): Promise<readonly Head[]> =>
  (await table.getAll([...new Set(ids)].map(headKey))) as readonly Head[]

export const placesEver = async (table: Table, head: Head, body: Detection | undefined): Promise<readonly Base[]> =>
  leavingOf([...(body ? basesIn(body) : []), ...(await leftEver(table, head))], [])
