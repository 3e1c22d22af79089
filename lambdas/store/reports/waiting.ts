/** Local report queue, which survives the end of the program. */
import { randomUUID } from 'node:crypto'
import { type ReportMessage, reportMessageSchema } from '../../domain/report/messages.ts'
import { waitingPartition } from '../table/keys.ts'
import type { Table } from '../table/table.ts'

export type Waiting = {
  readonly place: string
  /** Undefined where the stored message is unreadable. */
  readonly message: ReportMessage | undefined
  readonly tries: number
}

export type WaitingLine = {
  add(message: ReportMessage, now: Date): Promise<Waiting>
  /** Counts a try before it is made. */
  begin(one: Waiting): Promise<void>
  done(one: Waiting): Promise<void>
  /** Oldest first. */
  all(): AsyncGenerator<Waiting>
}

export const waitingIn = (table: Table): WaitingLine => {
  const put = ({ place, message, tries }: Waiting) => table.put({ pk: waitingPartition, sk: place, message, tries })
  return {
    add: async (message, now) => {
      const one = { place: `${now.toISOString()}#${randomUUID()}`, message, tries: 0 }
      await put(one)
      return one
    },
    begin: async (one) => put({ ...one, tries: one.tries + 1 }),
    done: ({ place }) => table.remove({ pk: waitingPartition, sk: place }),
    all: async function* () {
      for await (const { sk, message, tries } of table.query(waitingPartition)) {
        yield { place: sk, message: reportMessageSchema.safeParse(message).data, tries: Number(tries) }
      }
    },
  }
}
