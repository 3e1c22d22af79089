/** Local queues of reports and mails, which survive the end of the program. */
import { randomUUID } from 'node:crypto'
import { canonicalJson } from '../../domain/core/text/canonical.ts'
import {
  type DeliveryMessage,
  deliveryMessageSchema,
  type ReportMessage,
  reportMessageSchema,
} from '../../domain/report/messages.ts'
import { waitingMailsPartition, waitingPartition } from '../table/keys.ts'
import type { Table } from '../table/table.ts'

export type Waiting = {
  readonly place: string
  /** Undefined where the stored message is unreadable. */
  readonly message: ReportMessage | undefined
  readonly tries: number
}

export type WaitingLine = ReturnType<typeof waitingIn>

export const waitingIn = (table: Table) => {
  const put = ({ place, message, tries }: Waiting) => table.put({ pk: waitingPartition, sk: place, message, tries })
  return {
    add: async (message: ReportMessage, now: Date): Promise<Waiting> => {
      const one = { place: `${now.toISOString()}#${randomUUID()}`, message, tries: 0 }
      await put(one)
      return one
    },
    /** Counts a try before it is made. */
    begin: (one: Waiting) => put({ ...one, tries: one.tries + 1 }),
    done: ({ place }: Waiting) => table.remove({ pk: waitingPartition, sk: place }),
    /** Oldest first. */
    all: async function* (): AsyncGenerator<Waiting> {
      for await (const { sk, message, tries } of table.query(waitingPartition)) {
        yield { place: sk, message: reportMessageSchema.safeParse(message).data, tries: Number(tries) }
      }
    },
  }
}

/** Deliveries that have begun and are not done. */
export const waitingMailsIn = (table: Table) => {
  const keyOf = (message: DeliveryMessage) => ({ pk: waitingMailsPartition, sk: canonicalJson(message) })
  return {
    begin: (message: DeliveryMessage, now: Date) => table.put({ ...keyOf(message), at: now.toISOString() }),
    done: (message: DeliveryMessage) => table.remove(keyOf(message)),
    /** @param before ISO instant; all of them by default */
    begun: async (before = '~'): Promise<readonly DeliveryMessage[]> => {
      const all = (await Array.fromAsync(table.query(waitingMailsPartition))).filter(({ at }) => String(at) <= before)
      return all.map(({ sk }) => deliveryMessageSchema.parse(JSON.parse(sk)))
    },
  }
}
