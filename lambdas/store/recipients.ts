/** Recipients: one for each address, since an address is what gets a mail twice. */
import { sha256 } from '../domain/canonical.ts'
import type { Recipient } from '../domain/recipient.ts'
import { recipientsPartition } from './keys.ts'
import type { Item, Table } from './table.ts'

export type Recipients = {
  /** False where the address is somebody's already. */
  add(recipient: Recipient): Promise<boolean>
  /** Puts it in the place of the one with its id. */
  replace(recipient: Recipient): Promise<void>
  /** The same, but only while its state and its reason are what they were; false where they are others by now. */
  change(from: Recipient, to: Recipient): Promise<boolean>
  get(id: string): Promise<Recipient | undefined>
  all(): AsyncGenerator<Recipient>
}

/** The id of an address's recipient: the same whoever adds it, and no address itself. */
export const recipientId = (address: string): string => sha256(address.trim().toLowerCase()).slice(0, 16)

export const recipientsIn = (table: Table): Recipients => ({
  add: (recipient) =>
    table.putIf(
      { pk: recipientsPartition, sk: recipient.id, ...recipient },
      { expression: 'attribute_not_exists(pk)' },
    ),
  replace: async (recipient) => {
    await table.put({ pk: recipientsPartition, sk: recipient.id, ...recipient })
  },
  change: ({ id, state, reason }, to) =>
    table.putIf(
      { pk: recipientsPartition, sk: id, ...to, id },
      {
        expression: `#state = :state AND ${reason === undefined ? 'attribute_not_exists(reason)' : 'reason = :reason'}`,
        names: { '#state': 'state' },
        values: { ':state': state, ...(reason !== undefined && { ':reason': reason }) },
      },
    ),
  get: async (id) => {
    const item = await table.get({ pk: recipientsPartition, sk: id })
    return item && recipientIn(item)
  },
  all: async function* () {
    for await (const item of table.query(recipientsPartition)) yield recipientIn(item)
  },
})

/** As it is stored: whether it is all that a recipient must be, `mayReceive` looks. */
const recipientIn = ({ pk: _pk, sk: _sk, ...stored }: Item): Recipient => stored as unknown as Recipient
