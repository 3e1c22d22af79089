/** Deliveries that wait for digests, and digests sent: at most one per reader and day. */
import { type DeliveryKey, deliveryId, deliveryKeyIn } from '../../domain/delivery/delivery.ts'
import type { DigestId } from '../../domain/delivery/digest.ts'
import { digestPartition, digestQueuePartition } from '../table/keys.ts'
import type { Table } from '../table/table.ts'

export type Digests = {
  wait(delivery: DeliveryKey, now: Date): Promise<void>
  waiting(): Promise<ReadonlyMap<string, readonly DeliveryKey[]>>
  settled(delivery: DeliveryKey): Promise<void>
  /** False if that day's digest was sent or is being sent. */
  begin(id: DigestId, deliveries: readonly DeliveryKey[], now: Date): Promise<boolean>
  of(id: DigestId): Promise<readonly DeliveryKey[] | undefined>
  /** Allows that day another digest. */
  drop(id: DigestId): Promise<void>
}

/** Mail results arrive within days, but a late report of a quarter's last week may still wait. */
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
