/** The one table's contract: plain items in and out, by keys, ranges and conditions. */
import type { Key } from './keys.ts'

export type Item = Key & Readonly<Record<string, unknown>>

export type Fields = Readonly<Record<string, string | number>>

/** A condition on the item that is under a key: an expression with its names and values. */
export type Condition = {
  readonly expression: string
  readonly values?: Readonly<Record<string, unknown>>
  readonly names?: Readonly<Record<string, string>>
}

export type Range = {
  readonly from?: string
  /** Included. */
  readonly to?: string
  readonly beginsWith?: string
  readonly backwards?: boolean
  readonly limit?: number
  /**
   * How many the first page has at most, the next one not asked for before it is wanted: for callers that stop early.
   */
  readonly atOnce?: number
  /** Which of them are wanted, forwards and without a limit. A table may give all of them none the less. */
  readonly among?: Among
}

/** Tells items apart before they are read: of a group none is wanted, or all are. */
export type Among = {
  /** What items of one group have in common, which are next to each other. */
  group(sk: string): string
  /** Whether a group may be wanted, by the JSON of one of its items. */
  mayBe(json: string): boolean
}

export type Table = {
  /** How many partitions are worth asking for before their turn; none where an answer is at hand at once. */
  readonly readAhead?: number
  get(key: Key): Promise<Item | undefined>
  /** Items of the keys, in no order; a key without an item is passed over. */
  getAll(keys: readonly Key[], only?: readonly string[]): Promise<readonly Item[]>
  /** The same of items that are written once and do not change: half the read units. */
  getWrittenOnce(keys: readonly Key[]): Promise<readonly Item[]>
  put(item: Item): Promise<void>
  /**
   * Puts where the condition holds; false where it does not. A put that was carried out and whose answer was lost is
   * repeated and then answers false: callers look whether the item is already theirs.
   * @param along another item that is put in the same transaction: both are there, or neither
   */
  putIf(item: Item, condition: Condition, along?: Item): Promise<boolean>
  /** Sets fields of an item to others, and leaves its other fields alone; false where one is not as it was seen. */
  change(key: Key, seen: Fields, set: Fields): Promise<boolean>
  /** Adds a text to a set of an item where the condition holds, with other fields; false where it does not hold. */
  addIf(
    key: Key,
    to: { readonly set: string; readonly text: string },
    item: Fields,
    condition: Condition,
  ): Promise<boolean>
  /** Puts them all, in no order and without conditions. As any put, throws {@link RefusedItemError}. */
  putAll(items: readonly Item[]): Promise<void>
  /** Items of a partition by sort key, page after page. */
  query(pk: string, range?: Range): AsyncGenerator<Item>
  /** The same, a page at a time: for many items, since waiting for each would cost more than reading it. */
  pages(pk: string, range?: Range): AsyncGenerator<readonly Item[]>
  /**
   * How many items a range of a partition has, without reading them; left out where reading them takes no longer. An item
   * that was written just now may be missing.
   */
  count?(pk: string, range?: Range): Promise<number>
  /** Every item there is, a page at a time, in no order: for work on all that is stored. */
  scan(): AsyncGenerator<readonly Item[]>
  /** Takes an item out; nothing happens where there is none. */
  remove(key: Key): Promise<void>
  /** Waits for what is under way; nothing may be asked of the table afterwards. */
  close(): Promise<void>
}

/**
 * The table takes none of such items, however often they are put. Of several that were put together others may be
 * there.
 */
export class RefusedItemError extends Error {
  override name = 'RefusedItemError'
}
