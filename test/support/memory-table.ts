/** A table in this process's memory, for tests of many thousand writes; it keeps the contract of a table. */
import type { Key } from '../../lambdas/store/keys.ts'
import { type Condition, type Item, type Range, RefusedItemError, type Table } from '../../lambdas/store/table.ts'

/** DynamoDB's limits on an item and on a page, in bytes. */
const mostInItem = 400 * 1024
const mostInPage = 1024 ** 2

export const memoryTable = (): Table => {
  const partitions = new Map<string, Map<string, Item>>()

  const get = ({ pk, sk }: Key): Item | undefined => partitions.get(pk)?.get(sk)
  const put = (item: Item): void => {
    if (sizeOf(item) > mostInItem) throw new RefusedItemError('Item size has exceeded the maximum allowed size')
    const partition = partitions.get(item.pk) ?? new Map<string, Item>()
    partitions.set(item.pk, partition.set(item.sk, structuredClone(item)))
  }
  const pages = async function* (pk: string, range: Range = {}): AsyncGenerator<readonly Item[]> {
    const { beginsWith = '', from, to, backwards, limit = Number.POSITIVE_INFINITY } = range
    const isIn = ({ sk }: Item) =>
      sk.startsWith(beginsWith) &&
      (from === undefined || bytes(sk, from) >= 0) &&
      (to === undefined || bytes(sk, to) <= 0)
    const sorted = [...(partitions.get(pk)?.values() ?? [])].filter(isIn).sort((a, b) => bytes(a.sk, b.sk))
    yield* paged((backwards ? sorted.reverse() : sorted).slice(0, limit))
  }
  return {
    get: async (key) => get(key),
    getAll: async (keys, only) =>
      keys.flatMap((key) => {
        const item = get(key)
        if (!item) return []
        return [only ? (Object.fromEntries(only.map((name) => [name, item[name]])) as Item) : item]
      }),
    put: async (item) => put(item),
    putIf: async (item, condition) => {
      if (!holds(get(item), condition)) return false
      put(item)
      return true
    },
    change: async (key, seen, set) => {
      const item = get(key)
      if (!item || Object.entries(seen).some(([name, value]) => item[name] !== value)) return false
      put({ ...item, ...set })
      return true
    },
    addIf: async (key, { set, text }, fields, condition) => {
      const item = get(key)
      if (!holds(item, { ...condition, names: { '#set': set, ...condition.names } })) return false
      put({ ...item, ...key, ...fields, [set]: new Set([...((item?.[set] as Set<string>) ?? []), text]) })
      return true
    },
    putAll: async (items) => items.forEach(put),
    query: async function* (pk, range) {
      for await (const page of pages(pk, range)) yield* page
    },
    pages,
    scan: async function* () {
      yield* paged([...partitions.values()].flatMap((partition) => [...partition.values()]))
    },
    remove: async ({ pk, sk }) => void partitions.get(pk)?.delete(sk),
    create: async () => {},
    close: () => {},
  }
}

const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const sizeOf = (item: Item): number => Buffer.byteLength(JSON.stringify(item))

function* paged(items: readonly Item[]): Generator<readonly Item[]> {
  let page: Item[] = []
  let size = 0
  for (const item of items) {
    page.push(item)
    size += sizeOf(item)
    if (size <= mostInPage) continue
    yield page
    page = []
    size = 0
  }
  yield page
}

/**
 * The conditions that Vigie puts by: an attribute is not there, has a value, or is a lesser text; a set is small enough or
 * holds a text; joined by AND or OR.
 */
const holds = (item: Item | undefined, { expression, names = {}, values = {} }: Condition): boolean => {
  const one = (term: string): boolean => {
    const absent = /^attribute_not_exists\(([#\w]+)\)$/.exec(term)?.[1]
    if (absent !== undefined) return item?.[names[absent] ?? absent] === undefined
    const [, sized, most = ''] = /^size\(([#\w]+)\) < (:\w+)$/.exec(term) ?? []
    if (sized !== undefined) return ((item?.[names[sized] ?? sized] as Set<string>)?.size ?? 0) < Number(values[most])
    const [, holding, held = ''] = /^contains\(([#\w]+), (:\w+)\)$/.exec(term) ?? []
    if (holding !== undefined) return (item?.[names[holding] ?? holding] as Set<unknown>)?.has(values[held]) ?? false
    const [, name = '', sign, value = ''] = /^([#\w]+) (=|<) (:\w+)$/.exec(term) ?? []
    if (name === '') throw new Error(`${term} is no condition that the table in memory knows`)
    const is = item?.[names[name] ?? name]
    if (item === undefined || is === undefined) return false
    return sign === '=' ? is === values[value] : bytes(String(is), String(values[value])) < 0
  }
  return expression.split(' OR ').some((part) => part.split(' AND ').every(one))
}
