import { clockPartition, type Key } from '../table/keys.ts'
import type { Table } from '../table/table.ts'

const key: Key = { pk: clockPartition, sk: 'DEAD-LETTERS' }

/** Milliseconds. Runs may begin some minutes earlier than the day before. */
const sentEveryMs = 23.5 * 3_600_000

/** Stores the count after sending, so that a failure sends twice rather than never. */
export const remindDaily = async (
  {
    table,
    now,
    send,
  }: {
    readonly table: Pick<Table, 'get' | 'put' | 'remove'>
    readonly now: Date
    readonly send: (count: number) => void
  },
  count: number,
): Promise<void> => {
  const sentAt = (await table.get(key))?.sentAt as string | undefined
  if (count === 0) {
    if (sentAt === undefined) return
    send(0)
    await table.remove(key)
  } else if (sentAt === undefined || now.getTime() - Date.parse(sentAt) >= sentEveryMs) {
    send(count)
    await table.put({ ...key, sentAt: now.toISOString() })
  }
}
