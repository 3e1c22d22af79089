/** A table that does one step after the other, when a test lets it: for what two processes do at the same time. */
import type { Table } from '../../lambdas/store/table/table.ts'

type Stepped = {
  readonly table: Table
  /** How many requests were let through. */
  taken(): number
  /** Lets so many more through, and comes back once nothing moves any more. */
  allow(steps: number): Promise<void>
  /** Lets everything through from now on. */
  allowAll(): void
}

export const stepped = (table: Table): Stepped => {
  let left = 0
  let taken = 0
  const waiting: (() => void)[] = []
  const pass = async <Done>(work: () => Promise<Done>): Promise<Done> => {
    if (left <= 0) await new Promise<void>((go) => waiting.push(go))
    left -= 1
    taken += 1
    return work()
  }
  const wake = () => {
    for (const go of waiting.splice(0, Math.max(0, Math.min(left, waiting.length)))) go()
  }
  const settled = async () => {
    for (let turn = 0; turn < 2; turn += 1) await new Promise((done) => setImmediate(done))
  }
  return {
    taken: () => taken,
    allow: async (steps) => {
      for (let step = 0; step < steps; step += 1) {
        left = 1
        wake()
        await settled()
      }
      left = 0
    },
    allowAll: () => {
      left = Number.POSITIVE_INFINITY
      wake()
    },
    table: {
      ...table,
      get: (key) => pass(() => table.get(key)),
      getAll: (keys, only) => pass(() => table.getAll(keys, only)),
      getWrittenOnce: (keys) => pass(() => table.getWrittenOnce(keys)),
      put: (item) => pass(() => table.put(item)),
      putIf: (item, condition) => pass(() => table.putIf(item, condition)),
      putTogether: (puts) => pass(() => table.putTogether(puts)),
      // No batch is one step: others may come between its items.
      putAll: async (items) => {
        for (const item of items) {
          await pass(() => table.put(item))
        }
      },
      query: async function* (pk, range) {
        await pass(async () => undefined)
        yield* table.query(pk, range)
      },
      pages: async function* (pk, range) {
        await pass(async () => undefined)
        yield* table.pages(pk, range)
      },
      remove: (key) => pass(() => table.remove(key)),
    },
  }
}
