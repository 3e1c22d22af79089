/** One recipient for each address, to prevent double mails. */
import { pushAll } from '../../domain/core/lists.ts'
import { asciiAddress } from '../../domain/core/mail-address.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { type Recipient, recipientSchema, settingsChanged } from '../../domain/delivery/recipient.ts'
import { type Action, lineOf, type Who, writeAct } from '../table/history.ts'
import { recipientsPartition } from '../table/keys.ts'
import type { Condition, Item, Table } from '../table/table.ts'

export type Recipients = {
  add(recipient: Recipient, who: Who, now: Date): Promise<boolean>
  /** Overwrites unconditionally: for tests and restored lists. */
  replace(recipient: Recipient): Promise<void>
  /** False if any field changed since it was read. */
  change(from: Recipient, to: Recipient, who: Who, now: Date): Promise<boolean>
  /** Sets only the state, under the same condition. */
  setState(from: Recipient, to: Pick<Recipient, 'state' | 'reason'>): Promise<boolean>
  get(id: string): Promise<Recipient | undefined>
  all(): AsyncGenerator<Recipient>
}

/** The same for the same address, without revealing it. */
export const recipientId = (address: string): string => sha256(asciiAddress(address.trim()).toLowerCase()).slice(0, 16)

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
    // A change of no setting is not recorded.
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

const actionOf = (before: Recipient | undefined, after: Recipient): Pick<Action, 'did' | 'id' | 'of' | 'what'> => {
  const about = { id: after.id, of: 'recipient' as const }
  const isOff = ({ state }: Recipient): boolean => state === 'unsubscribed' || state === 'suppressed'
  if (!before) return { did: 'added', ...about }
  if (isOff(after) && !isOff(before)) return { did: 'paused', ...about }
  if (isOff(before) && !isOff(after)) return { did: 'resumed', ...about }
  const settings = settingsChanged(before, after).filter((name) => name !== 'state')
  return { did: 'changed', ...about, what: settings.length > 0 ? settings : ['state'] }
}

/** Compares lists by element, which every DynamoDB version supports. */
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
    } else if (typeof value === 'object') delete names[`#${field}`]
    else {
      parts.push(`#${field} = :${field}`)
      values[`:${field}`] = value
    }
  }
  return { expression: parts.join(' AND '), names, values }
}

/** Not validated here: `mayReceive` checks it. */
const recipientIn = ({ pk: _pk, sk: _sk, ...stored }: Item): Recipient => stored as unknown as Recipient
