/** Recipients: one for each address, since an address is what gets a mail twice. */
import { pushAll } from '../../domain/core/lists.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { type Recipient, recipientSchema, settingsChanged } from '../../domain/delivery/recipient.ts'
import { type Action, lineOf, type Who, writeAct } from '../table/history.ts'
import { recipientsPartition } from '../table/keys.ts'
import type { Condition, Item, Table } from '../table/table.ts'

export type Recipients = {
  /** False where the address is on the list already. */
  add(recipient: Recipient, who: Who, now: Date): Promise<boolean>
  /** Puts it in the place of the one with its id, whatever that one says by now: for tests and restored lists. */
  replace(recipient: Recipient): Promise<void>
  /** The same, but only while everything is as it was read; false where anything is other by now. */
  change(from: Recipient, to: Recipient, who: Who, now: Date): Promise<boolean>
  /** What a reader's own link or the mail service does: on the same condition, and to nothing else of a recipient. */
  setState(from: Recipient, to: Pick<Recipient, 'state' | 'reason'>): Promise<boolean>
  get(id: string): Promise<Recipient | undefined>
  all(): AsyncGenerator<Recipient>
}

/** The id of an address's recipient: the same wherever it is added, and not the address itself. */
export const recipientId = (address: string): string => sha256(address.trim().toLowerCase()).slice(0, 16)

export const recipientsIn = (table: Table): Recipients => ({
  add: (recipient, who, now) =>
    writeAct(
      table,
      itemOf(recipient),
      { expression: 'attribute_not_exists(pk)' },
      lineOf({ ...actionOf(undefined, recipient), ...who, at: now.toISOString() }),
    ),
  replace: async (recipient) => table.put(itemOf(recipient)),
  change: (from, to, who, now) => {
    const item = itemOf({ ...to, id: from.id })
    // What changes nothing is no act.
    if (settingsChanged(from, to).length === 0) return table.putIf(item, stillAs(from))
    return writeAct(table, item, stillAs(from), lineOf({ ...actionOf(from, to), ...who, at: now.toISOString() }))
  },
  setState: (from, { state, reason }) => {
    const { reason: _, ...kept } = from
    return table.putIf(itemOf({ ...kept, state, ...(reason !== undefined && { reason }) }), stillAs(from))
  },
  get: async (id) => {
    const item = await table.get({ pk: recipientsPartition, sk: id })
    return item && recipientIn(item)
  },
  all: async function* () {
    for await (const item of table.query(recipientsPartition)) yield recipientIn(item)
  },
})

const itemOf = (recipient: Recipient): Item => ({ pk: recipientsPartition, sk: recipient.id, ...recipient })

/** What was done to one, as the history shows it. */
const actionOf = (before: Recipient | undefined, after: Recipient): Pick<Action, 'did' | 'id' | 'of' | 'what'> => {
  const about = { id: after.id, of: 'recipient' as const }
  const isOff = ({ state }: Recipient): boolean => state === 'unsubscribed' || state === 'suppressed'
  if (!before) return { did: 'added', ...about }
  if (isOff(after) && !isOff(before)) return { did: 'paused', ...about }
  if (isOff(before) && !isOff(after)) return { did: 'resumed', ...about }
  const settings = settingsChanged(before, after).filter((name) => name !== 'state')
  return { did: 'changed', ...about, what: settings.length > 0 ? settings : ['state'] }
}

/** Holds while each field is what it was; lists are compared member by member, as every DynamoDB can. */
const stillAs = (from: Recipient): Condition => {
  const stored: Readonly<Record<string, unknown>> = from
  const parts: string[] = []
  const names: Record<string, string> = {}
  const values: Record<string, unknown> = {}
  for (const field of new Set([...Object.keys(recipientSchema.shape), ...Object.keys(stored)])) {
    const value = stored[field]
    names[`#${field}`] = field
    if (value === undefined) parts.push(`attribute_not_exists(#${field})`)
    else if (Array.isArray(value)) {
      parts.push(`size(#${field}) = :${field}`)
      pushAll(
        parts,
        value.map((_, at) => `#${field}[${at}] = :${field}${at}`),
      )
      Object.assign(values, { [`:${field}`]: value.length })
      for (const [at, one] of value.entries()) values[`:${field}${at}`] = one
      // A fault: it changes with the state.
    } else if (typeof value === 'object') delete names[`#${field}`]
    else {
      parts.push(`#${field} = :${field}`)
      values[`:${field}`] = value
    }
  }
  return { expression: parts.join(' AND '), names, values }
}

/** As it is stored: whether it is all that a recipient must be, `mayReceive` looks. */
const recipientIn = ({ pk: _pk, sk: _sk, ...stored }: Item): Recipient => stored as unknown as Recipient
