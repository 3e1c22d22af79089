import type { Key } from './keys.ts'

export type Item = Key & Readonly<Record<string, unknown>>

export type Fields = Readonly<Record<string, string | number>>

export type Condition = {
  readonly expression: string
  readonly values?: Readonly<Record<string, unknown>>
  readonly names?: Readonly<Record<string, string>>
}

export type Put = { readonly item: Item; readonly condition?: Condition | undefined }

/** Actions in a transaction: "Quotas and limits" of DynamoDB's developer guide, November 2026. */
export const mostTogether = 100

export type Range = {
  readonly from?: string
  /** Inclusive. */
  readonly to?: string
  readonly beginsWith?: string
  readonly backwards?: boolean
  readonly limit?: number
  /** Maximum size of the first page; later pages are requested only on demand. For callers that stop early. */
  readonly atOnce?: number
  /** Filter; only forwards and without a limit. A table may ignore it. */
  readonly among?: Among
}

/** Selects groups of items before they are read: all of a group or none. */
export type Among = {
  /** Returns the group's key. Items of one group are adjacent. */
  group(sk: string): string
  /** Whether a group may be wanted, judged by the JSON of one of its items. */
  mayBe(json: string): boolean
}

export type Table = {
  /** Number of partitions worth requesting ahead; undefined where answers are immediate. */
  readonly readAhead?: number
  get(key: Key): Promise<Item | undefined>
  /** Returns the items in no order; skips keys without an item. */
  getAll(keys: readonly Key[], only?: readonly string[]): Promise<readonly Item[]>
  /** Reads items that never change after they are written, for half the read units. */
  getWrittenOnce(keys: readonly Key[]): Promise<readonly Item[]>
  put(item: Item): Promise<void>
  /**
   * Returns false if the condition does not hold. After a lost answer the put is retried and returns false although it
   * succeeded, so callers must check whether the stored item is already theirs.
   */
  putIf(item: Item, condition: Condition): Promise<boolean>
  /**
   * Puts up to {@link mostTogether} items in one transaction. Returns the positions of those whose condition does not
   * hold; with any, nothing is put.
   */
  putTogether(puts: readonly Put[]): Promise<readonly number[]>
  /** Sets some fields of an item. Returns false if a field differs from `seen`. */
  change(key: Key, seen: Fields, set: Fields): Promise<boolean>
  /** Adds a text to an item's set, and sets other fields, if the condition holds; otherwise returns false. */
  addIf(
    key: Key,
    to: { readonly set: string; readonly text: string },
    item: Fields,
    condition: Condition,
  ): Promise<boolean>
  /** Puts items unconditionally, in no order. As any put, throws {@link RefusedItemError}. */
  putAll(items: readonly Item[]): Promise<void>
  query(pk: string, range?: Range): AsyncGenerator<Item>
  /** Same as `query`, page by page: with many items, awaiting each would cost more than reading it. */
  pages(pk: string, range?: Range): AsyncGenerator<readonly Item[]>
  /** Counts a range without reading it; undefined where reading is as fast. May miss items written just before. */
  count?(pk: string, range?: Range): Promise<number>
  scan(): AsyncGenerator<readonly Item[]>
  remove(key: Key): Promise<void>
  /** Waits for pending work. The table must not be used afterwards. */
  close(): Promise<void>
}

/** The table never accepts the item. Other items of the same call may have been written. */
export class RefusedItemError extends Error {
  override name = 'RefusedItemError'
}
