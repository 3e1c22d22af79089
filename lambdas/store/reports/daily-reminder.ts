/** Sends a count once a day until it is 0, as of messages in dead-letter queues. */
import { clockPartition, type Key } from '../table/keys.ts'
import type { Table } from '../table/table.ts'

const key: Key = { pk: clockPartition, sk: 'DEAD-LETTERS' }

/** A day, less the minutes by which a run may begin earlier than that of the day before. Milliseconds. */
const sentEveryMs = 23.5 * 3_600_000

/**
 * Sends the count where a day has passed since it was last sent, and 0 once. What was sent is stored after it, so that
 * a failure between the two sends twice rather than never.
 */
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
