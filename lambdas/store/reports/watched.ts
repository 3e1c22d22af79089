/** Since when a stage is watched: its watchdog's first look, which stays written whatever is deployed after it. */
import { clockPartition, type Key } from '../table/keys.ts'
import type { Table } from '../table/table.ts'

const key: Key = { pk: clockPartition, sk: 'WATCHED' }

/** The stage may be so much older than the first look: it looks every hour. Milliseconds. */
const headStartMs = 3_600_000

/** The first call writes it down for good. */
export const watchedSince = async (table: Pick<Table, 'get' | 'putIf'>, now: Date): Promise<Date> => {
  const since = new Date(now.getTime() - headStartMs).toISOString()
  const known = await table.get(key)
  if (known) return new Date(String(known.since))
  await table.putIf({ ...key, since }, { expression: 'attribute_not_exists(pk)' })
  return new Date(since)
}
