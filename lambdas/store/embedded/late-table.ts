/** A table whose file is created by the first write. */
import { memoryTable } from '../table/memory-table.ts'
import type { Table } from '../table/table.ts'

/** @param isThere whether another process has created it meanwhile */
export const lateTable = (make: () => Promise<Table>, isThere: () => boolean): Table => {
  let made: Promise<Table> | undefined
  const whole = (): Promise<Table> => {
    made ??= make()
    return made
  }
  const now = async (): Promise<Table> => (made !== undefined || isThere() ? whole() : memoryTable())
  /** Avoids creating a table for a failing condition. */
  const holds = async (tried: (empty: Table) => Promise<boolean>): Promise<boolean> =>
    made !== undefined || isThere() || tried(memoryTable())
  return {
    get: async (key) => (await now()).get(key),
    getAll: async (keys, only) => (await now()).getAll(keys, only),
    getWrittenOnce: async (keys) => (await now()).getWrittenOnce(keys),
    put: async (item) => (await whole()).put(item),
    putIf: async (item, condition) =>
      (await holds((empty) => empty.putIf(item, condition))) && (await whole()).putIf(item, condition),
    putTogether: async (puts) => {
      let failed: readonly number[] = []
      await holds(async (empty) => (failed = await empty.putTogether(puts)).length === 0)
      return failed.length > 0 ? failed : (await whole()).putTogether(puts)
    },
    change: async (key, seen, set) => (await now()).change(key, seen, set),
    addIf: async (key, to, item, condition) =>
      (await holds((empty) => empty.addIf(key, to, item, condition))) &&
      (await whole()).addIf(key, to, item, condition),
    putAll: async (items) => (items.length > 0 ? (await whole()).putAll(items) : undefined),
    query: async function* (pk, range) {
      yield* (await now()).query(pk, range)
    },
    pages: async function* (pk, range) {
      yield* (await now()).pages(pk, range)
    },
    scan: async function* () {
      yield* (await now()).scan()
    },
    remove: async (key) => (await now()).remove(key),
    close: async () => (await made)?.close(),
  }
}
