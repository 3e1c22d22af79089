/** What waits for each reader's next digest, and which digests left: a reader's day has one at most. */
import { type DeliveryKey, deliveryId, deliveryKeyIn } from '../../domain/delivery/delivery.ts'
import type { DigestId } from '../../domain/delivery/digest.ts'
import { digestPartition, digestQueuePartition } from '../table/keys.ts'
import type { Table } from '../table/table.ts'

export type Digests = {
  /** Notes that a delivery waits; noted again it waits once. */
  wait(delivery: DeliveryKey, now: Date): Promise<void>
  /** All that wait, by reader. */
  waiting(): Promise<ReadonlyMap<string, readonly DeliveryKey[]>>
  /** It waits no more. */
  settled(delivery: DeliveryKey): Promise<void>
  /** Notes that a digest leaves with these deliveries; false where that day's has left, or is leaving. */
  begin(id: DigestId, deliveries: readonly DeliveryKey[], now: Date): Promise<boolean>
  /** What left in a digest. */
  of(id: DigestId): Promise<readonly DeliveryKey[] | undefined>
  /** It did not leave after all: that day may have another. */
  drop(id: DigestId): Promise<void>
}

/**
 * The mail service tells within days what became of a mail; a late report of a quarter's last week still waits its
 * turn.
 */
const keptDays = 100

export const digestsIn = (table: Table): Digests => {
  const waitingKey = (key: DeliveryKey) => ({ pk: digestQueuePartition, sk: deliveryId(key) })
  const leftKey = ({ recipient, day }: DigestId) => ({ pk: digestPartition(recipient), sk: day })
  const gone = (now: Date) => ({ expiresAt: Math.ceil(now.getTime() / 1_000) + keptDays * 86_400 })
  return {
    wait: async (delivery, now) => {
      await table.put({ ...waitingKey(delivery), ...gone(now) })
    },
    waiting: async () => {
      const keys: DeliveryKey[] = []
      for await (const { sk } of table.query(digestQueuePartition)) {
        const key = deliveryKeyIn(sk)
        if (key) keys.push(key)
      }
      return Map.groupBy(keys, ({ recipient }) => recipient)
    },
    settled: (delivery) => table.remove(waitingKey(delivery)),
    begin: (id, deliveries, now) =>
      table.putIf(
        { ...leftKey(id), deliveries: deliveries.map(deliveryId), ...gone(now) },
        { expression: 'attribute_not_exists(pk)' },
      ),
    of: async (id) => {
      const item = (await table.get(leftKey(id))) as { readonly deliveries: readonly string[] } | undefined
      return item?.deliveries.flatMap((name) => deliveryKeyIn(name) ?? [])
    },
    drop: (id) => table.remove(leftKey(id)),
  }
}
