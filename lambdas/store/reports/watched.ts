/** The first run of a stage's watchdog, kept over deployments. */
import { clockPartition, type Key } from '../table/keys.ts'
import type { Table } from '../table/table.ts'

const key: Key = { pk: clockPartition, sk: 'WATCHED' }

/** Milliseconds by which the stage may be older than the hourly watchdog's first run. */
const headStartMs = 3_600_000

export const watchedSince = async (table: Pick<Table, 'get' | 'putIf'>, now: Date): Promise<Date> => {
  const since = new Date(now.getTime() - headStartMs).toISOString()
  const known = await table.get(key)
  if (known) return new Date(String(known.since))
  await table.putIf({ ...key, since }, { expression: 'attribute_not_exists(pk)' })
  return new Date(since)
}

/** The watch begins again at its next run. */
export const forgetWatch = (table: Pick<Table, 'remove'>): Promise<void> => table.remove(key)
