/** Plain items for the tests of the home: what is stored matters less than that all of it is. */
import type { Item, Table } from '../../lambdas/store/table/table.ts'

/** One of a batch's items, of 1 KB. */
export const itemOf = (partition: string, batch: number, at: number): Item => ({
  pk: partition,
  sk: `${String(batch).padStart(6, '0')}#${at}`,
  batch,
  text: 'x'.repeat(1_000),
})

/** How many items of each batch are in a partition, by the batch's number, in order. */
export const batchesIn = async (table: Table, partition: string): Promise<ReadonlyMap<number, number>> => {
  const counts = new Map<number, number>()
  for await (const { batch } of table.query(partition)) counts.set(Number(batch), 1 + (counts.get(Number(batch)) ?? 0))
  return counts
}
