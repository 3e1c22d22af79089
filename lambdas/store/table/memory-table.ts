import { readCondition, unheldOf, withSetName } from './condition.ts'
import { checkKey, checkKeys, type ItemText, itemFrom, keyOf, projected, textOf, textsTogether } from './item-limits.ts'
import type { Key } from './keys.ts'
import type { Item, Range, Table } from './table.ts'

const pageItems = 16

/** Accepts and refuses the same items as the local table. */
export const memoryTable = (): Table => {
  const partitions = new Map<string, Map<string, ItemText>>()

  const find = ({ pk, sk }: Key): Item | undefined => {
    const text = partitions.get(pk)?.get(sk)
    return text && itemFrom(text)
  }
  const store = (item: Item, text = textOf(item)): void => {
    const partition = partitions.get(item.pk) ?? new Map<string, ItemText>()
    partitions.set(item.pk, partition.set(item.sk, text))
  }
  const getAll: Table['getAll'] = async (keys, only) => {
    checkKeys(keys)
    const found = keys.flatMap((key) => find(key) ?? [])
    return only ? found.map((item) => projected(item, only)) : found
  }
  const pages: Table['pages'] = async function* (pk, range = {}) {
    let left = range.limit ?? Number.POSITIVE_INFINITY
    const size = Math.min(range.atOnce ?? pageItems, pageItems)
    const sorts = sortsIn(partitions.get(pk), range)
    for (let at = 0; ; at += size) {
      const wanted = sorts.slice(at, at + Math.min(size, left))
      left -= wanted.length
      yield wanted.flatMap((sk) => find({ pk, sk }) ?? [])
      if (left === 0 || at + size >= sorts.length) return
    }
  }
  return {
    get: async (key) => {
      checkKey(key)
      return find(key)
    },
    getAll,
    getWrittenOnce: (keys) => getAll(keys),
    put: async (item) => store(item),
    putIf: async (item, condition) => {
      const text = textOf(item)
      if (!readCondition(condition)(find(item))) return false
      store(item, text)
      return true
    },
    putTogether: async (puts) => {
      const texts = textsTogether(puts)
      const failed = unheldOf(puts, find)
      if (failed.length === 0) for (const [at, { item }] of puts.entries()) store(item, texts[at])
      return failed
    },
    change: async (key, seen, set) => {
      checkKey(key)
      const item = find(key)
      if (!item || Object.entries(seen).some(([name, value]) => item[name] !== value)) return false
      store({ ...item, ...set, ...keyOf(key) })
      return true
    },
    addIf: async (key, { set, text }, fields, condition) => {
      checkKey(key)
      const item = find(key)
      if (!readCondition(withSetName(condition, set))(item)) return false
      const had = item?.[set] ?? new Set<string>()
      if (!(had instanceof Set)) throw new TypeError(`${set} is no set: nothing can be added to it`)
      store({ ...item, ...fields, ...keyOf(key), [set]: new Set([...had, text]) })
      return true
    },
    putAll: async (items) => {
      const texts = items.map(textOf)
      checkKeys(items)
      for (const [at, item] of items.entries()) store(item, texts[at])
    },
    query: async function* (pk, range) {
      for await (const page of pages(pk, range)) yield* page
    },
    pages,
    scan: async function* () {
      for (const [pk, items] of [...partitions]) yield [...items.keys()].flatMap((sk) => find({ pk, sk }) ?? [])
    },
    remove: async (key) => {
      checkKey(key)
      partitions.get(key.pk)?.delete(key.sk)
    },
    close: async () => partitions.clear(),
  }
}

const sortsIn = (items: ReadonlyMap<string, unknown> = new Map(), { beginsWith, from = '', to, backwards }: Range) => {
  const isIn = (sk: string): boolean =>
    beginsWith === undefined
      ? inBytes(sk, from) >= 0 && (to === undefined || inBytes(sk, to) <= 0)
      : sk.startsWith(beginsWith)
  const sorts = [...items.keys()].filter(isIn).sort(inBytes)
  return backwards ? sorts.reverse() : sorts
}

const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
