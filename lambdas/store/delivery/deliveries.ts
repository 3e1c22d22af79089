/** The delivery ledger, with optimistic locking. */

import type { Marking } from '../../domain/core/marking.ts'
import type { SubjectCode } from '../../domain/core/place/territory.ts'
import type { Delivery, DeliveryKey } from '../../domain/delivery/delivery.ts'
import { deliveryPartition, deliverySort } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

export type Deliveries = {
  /** False if one exists. */
  create(delivery: Delivery): Promise<boolean>
  /** Undefined if the stored entry differs from `from`. */
  change(from: Delivery, changes: Partial<Omit<Delivery, keyof DeliveryKey | 'turn'>>): Promise<Delivery | undefined>
  get(key: DeliveryKey): Promise<Delivery | undefined>
  /** Sorted by edition, version and recipient. */
  about(territory: SubjectCode, period: string, cap?: Marking): Promise<readonly Delivery[]>
}

export const deliveriesIn = (table: Table): Deliveries => {
  const get = async (key: DeliveryKey): Promise<Delivery | undefined> => {
    const item = await table.get(keyOf(key))
    return item && deliveryOf(item)
  }
  return {
    get,
    create: (delivery) => table.putIf({ ...keyOf(delivery), ...delivery }, { expression: 'attribute_not_exists(pk)' }),
    change: async (from, changes) => {
      const to: Delivery = { ...from, ...changes, turn: from.turn + 1 }
      const seen = { expression: '#turn = :turn', names: { '#turn': 'turn' }, values: { ':turn': from.turn } }
      return (await table.putIf({ ...keyOf(to), ...to }, seen)) ? to : undefined
    },
    about: async (territory, period, cap) => {
      const range = cap === undefined ? {} : { beginsWith: deliverySort(cap) }
      return Array.fromAsync(table.query(deliveryPartition(territory, period), range), deliveryOf)
    },
  }
}

const keyOf = ({ territory, period, cap, version, recipient }: DeliveryKey) => ({
  pk: deliveryPartition(territory, period),
  sk: deliverySort(cap, version, recipient),
})

const deliveryOf = ({ pk: _pk, sk: _sk, ...delivery }: Item): Delivery => delivery as unknown as Delivery
