import { mergeSorted } from '../../domain/core/lists.ts'
import type { Key } from './keys.ts'
import { keyText } from './keys.ts'
import type { Item, Range, Table } from './table.ts'

const pageItems = 16

export type Readable = Pick<Table, 'get' | 'getAll' | 'query' | 'scan'>

/**
 * Writes only to `drafts`, which take precedence over `stored` in reads. Closing it closes the drafts. Items of
 * `stored` cannot be removed.
 * @param stored undefined if nothing is stored yet
 */
export const trialTable = (stored: Readable | undefined, drafts: Table): Table => {
  const get: Table['get'] = async (key) => (await drafts.get(key)) ?? (await stored?.get(key))

  const getAll: Table['getAll'] = async (keys, only) => {
    const found = new Set((await drafts.getAll(keys, ['pk', 'sk'])).map(keyText))
    const others = keys.filter((key) => !found.has(keyText(key)))
    return [
      ...(await drafts.getAll(
        keys.filter((key) => found.has(keyText(key))),
        only,
      )),
      ...((await stored?.getAll(others, only)) ?? []),
    ]
  }

  /** Copies the stored item to the drafts first, so that conditions see it. */
  const drafted = async (key: Key): Promise<void> => {
    if (await drafts.get(key)) return
    const item = await stored?.get(key)
    if (item) await drafts.putIf(item, { expression: 'attribute_not_exists(pk)' })
  }

  const query: Table['query'] = async function* (pk, range = {}) {
    let left = range.limit ?? Number.POSITIVE_INFINITY
    const streams = [drafts.query(pk, range), ...(stored ? [stored.query(pk, range)] : [])]
    for await (const item of merged(streams, range)) {
      if (left <= 0) return
      left -= 1
      yield item
    }
  }

  return {
    get,
    getAll,
    getWrittenOnce: (keys) => getAll(keys),
    put: drafts.put,
    putAll: drafts.putAll,
    putIf: async (item, condition) => {
      await drafted(item)
      return drafts.putIf(item, condition)
    },
    putTogether: async (puts) => {
      for (const { item } of puts) await drafted(item)
      return drafts.putTogether(puts)
    },
    change: async (key, seen, set) => {
      await drafted(key)
      return drafts.change(key, seen, set)
    },
    addIf: async (key, to, item, condition) => {
      await drafted(key)
      return drafts.addIf(key, to, item, condition)
    },
    query,
    pages: async function* (pk, range) {
      let page: Item[] = []
      for await (const item of query(pk, range)) {
        page.push(item)
        if (page.length < pageItems) continue
        yield page
        page = []
      }
      yield page
    },
    scan: async function* () {
      yield* drafts.scan()
      for await (const page of stored?.scan() ?? []) {
        const found = new Set((await drafts.getAll(page, ['pk', 'sk'])).map(keyText))
        yield page.filter((item) => !found.has(keyText(item)))
      }
    },
    remove: drafts.remove,
    close: drafts.close,
  }
}

/** Of two items with the same key, the first stream's wins. */
async function* merged(streams: readonly AsyncGenerator<Item>[], { backwards }: Range): AsyncGenerator<Item> {
  const sign = backwards ? -1 : 1
  let last: string | undefined
  for await (const item of mergeSorted(streams, (a, b) => sign * inBytes(a.sk, b.sk))) {
    if (item.sk !== last) yield item
    last = item.sk
  }
}

const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
