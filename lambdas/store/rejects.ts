/** Records that could not be stored, kept with the reason until somebody mends them. */
import type { Reject } from '../intake/intake.ts'
import { rejectDaysPartition, rejectPartition, rejectSort } from './keys.ts'
import type { Table } from './table.ts'

export type KeptReject = Reject & { readonly rejectedAt: string }

export type Rejects = {
  /** Keeps rejects of one batch; `from` numbers the first one inside it. */
  keep(batch: string, from: number, rejects: readonly Reject[], now: Date): Promise<void>
  /** How many were rejected in [from, to), ISO instants. */
  count(from: string, to: string): Promise<number>
  /** All there are, the oldest day first. */
  all(): AsyncGenerator<KeptReject>
}

export const rejectsIn = (table: Table): Rejects => ({
  keep: async (batch, from, rejects, now) => {
    if (rejects.length === 0) return
    const rejectedAt = now.toISOString()
    const day = rejectedAt.slice(0, 10)
    await table.put({ pk: rejectDaysPartition, sk: day })
    await table.putAll(
      rejects.map((reject, at) => ({
        pk: rejectPartition(day),
        sk: rejectSort(`${rejectedAt}-${batch}`, from + at),
        rejectedAt,
        ...reject,
      })),
    )
  },
  count: async (from, to) => {
    let count = 0
    for await (const { sk: day } of table.query(rejectDaysPartition, {
      from: from.slice(0, 10),
      to: to.slice(0, 10),
    })) {
      for await (const { sk } of table.query(rejectPartition(day), { from, to })) if (sk < to) count += 1
    }
    return count
  },
  all: async function* () {
    for await (const { sk: day } of table.query(rejectDaysPartition)) {
      for await (const { pk: _pk, sk: _sk, ...reject } of table.query(rejectPartition(day))) yield reject as KeptReject
    }
  },
})
