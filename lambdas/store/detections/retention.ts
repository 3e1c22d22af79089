/** Removes what has passed its retention, as forgetting removes an account: revisions, hashes and figures stay. */
import { randomBytes } from 'node:crypto'
import { type Recipient, removedMail } from '../../domain/delivery/recipient.ts'
import { expiredJson, type Removal, removedText, substitutesOf } from '../../domain/detection/revisions/expiry.ts'
import type { Note } from '../../domain/report/note.ts'
import {
  accountsPartition,
  bodyPartition,
  candidatesPartition,
  headKey,
  recipientsPartition,
  removalKey,
} from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'
import { type Change, cutInto, holdsText, mapTexts, recordsIn, type TextRecord, unchanged } from './redaction.ts'

const writesAtOnce = 25

type Kind = 'accounts' | 'addresses' | 'texts' | 'mailAddresses'

type Retention = {
  /**
   * A repeated call continues one that was cut off.
   * @param firstKept the first UTC day whose data stay; none for a kind that is kept permanently
   * @returns how many; for texts, of how many detections, candidates and notes
   */
  remove(firstKept: { readonly [kind in Kind]?: string }): Promise<{ readonly [kind in Kind]: number }>
}

export const retentionIn = (table: Table): Retention => ({
  remove: async (firstKept) => {
    const ages = await agesIn(table)
    const isOld = (kind: Kind, owner: string) => (ages.get(owner) ?? '~') < (firstKept[kind] ?? '')
    const young = { accounts: new Set<string>(), addresses: new Set<string>() }
    const removed = { accounts: new Set(), addresses: new Set(), texts: new Set() }
    const substitutes = substitutesOf(await keyOfRun(table))
    const recipients = (await Array.fromAsync(table.query(recipientsPartition))) as unknown as readonly (Recipient &
      Item)[]
    const left = recipients.filter((one) => hasLeftBefore(firstKept.mailAddresses ?? '', one))
    const removalOf = (owner: string, isCollecting: boolean): Removal => {
      const replacing = (kind: 'accounts' | 'addresses') => (value: string) => {
        // Counting compares addresses in lower case.
        const name = kind === 'accounts' ? value : value.toLowerCase()
        if (isCollecting) young[kind].add(name)
        if (young[kind].has(name)) return value
        const next = substitutes[kind](name)
        if (next !== name) removed[kind].add(next)
        return next
      }
      const replacingIn = (kind: 'accounts' | 'addresses') =>
        firstKept[kind] !== undefined && isOld(kind, owner) !== isCollecting ? replacing(kind) : undefined
      const text = !isCollecting && isOld('texts', owner)
      return { text, account: replacingIn('accounts'), address: replacingIn('addresses') }
    }
    const write = async (item: Item, changed: readonly Item[], owner = ''): Promise<unknown> => {
      // A revision may have come since the ages were read.
      const head = await table.get(headKey(owner))
      if (head && ageOf(head) > (ages.get(owner) ?? '')) return
      return changed.length > 1 ? table.putAll(changed) : table.putIf(changed[0] as Item, unchanged(item))
    }
    const due: (() => Promise<unknown>)[] = []
    if (firstKept.accounts ?? firstKept.addresses)
      for await (const items of recordsIn(table)) {
        const owner = ownerOf(items[0])
        if (owner !== undefined) expired(items, removalOf(owner, true))
      }
    for await (const items of recordsIn(table)) {
      const [item] = items
      const owner = ownerOf(item)
      const reader = left.find(({ id }) => item.pk.startsWith('DELIVERY#') && id === item.recipient)
      const removal = removalOf(owner ?? '', false)
      const changed = reader ? mapped(item, withoutAddress(reader)) : expired(items, removal, firstKept.texts)
      if (!changed) continue
      if (removal.text || item.pk.startsWith('NOTE#')) removed.texts.add(owner ?? item.sk)
      due.push(() => write(item, changed, owner))
      if (due.length === writesAtOnce) await Promise.all(due.splice(0).map((one) => one()))
    }
    await Promise.all(due.map((one) => one()))
    // After the deliveries, whose reasons may quote the address.
    for (const { name: _, organisation: __, ...item } of left)
      for (const changed of mapped(item, withoutAddress(item)) ?? []) await table.putIf(changed, unchanged(item))
    await table.put({ ...removalKey })
    const [accounts, addresses, texts] = [removed.accounts.size, removed.addresses.size, removed.texts.size]
    return { accounts, addresses, texts, mailAddresses: left.length }
  },
})

/** Stays until a run has ended, so that one continued later gives no account a second substitute. */
const keyOfRun = async (table: Table): Promise<string> => {
  const { key = randomBytes(32).toString('hex') } = (await table.get(removalKey)) ?? ({} as Partial<Item>)
  await table.put({ ...removalKey, key })
  return String(key)
}

/** The detection or candidate whose age decides, by id; an account list by its partition. */
const ownerOf = (item: Item): string | undefined => {
  const { pk, sk, id, head } = item
  if (pk === candidatesPartition) return sk
  if (pk.startsWith(accountsPartition)) return pk
  if (pk.startsWith(bodyPartition)) return pk.slice(bodyPartition.length)
  const owner = (head as Item | undefined)?.id ?? id
  return holdsText(item) && typeof owner === 'string' ? owner : undefined
}

const ageOf = ({ storedAt, foundAt }: Item): string => String(storedAt ?? foundAt ?? '')

/** Instants of the last storage. The latest revision of an account set stays young. */
const agesIn = async (table: Table): Promise<ReadonlyMap<string, string>> => {
  const ages = new Map<string, string>()
  const sets = new Map<string, Item>()
  const seen = (owner: string, age: string) => {
    if (age > (ages.get(owner) ?? '')) ages.set(owner, age)
  }
  for await (const page of table.scan()) {
    for (const item of page) {
      const isSet = item.pk.startsWith('ACCOUNTSET#')
      const owner = isSet ? `${accountsPartition}${item.sha256}` : ownerOf(item)
      if (owner !== undefined) seen(owner, ageOf(item))
      if (isSet && item.sk > (sets.get(item.pk)?.sk ?? '')) sets.set(item.pk, item)
    }
  }
  for (const { sha256 } of sets.values()) seen(`${accountsPartition}${sha256}`, '~')
  return ages
}

const mapped = (item: Item, change: Change): readonly Item[] | undefined => {
  const changed = mapTexts(item, change)
  return changed && [changed]
}

/** A call that was cut off may leave some parts, which nothing reads. */
const isWhole = (text: string): boolean => {
  try {
    return Boolean(JSON.parse(text))
  } catch {
    return false
  }
}

const noteTexts = new Set(['text', 'of', 'unknown', 'watch', 'recommended', 'avoid'])

/** Undefined where nothing changes. */
const expired = (items: TextRecord, removal: Removal, firstKept = ''): readonly Item[] | undefined => {
  const [item] = items
  const { pk, note = item } = item
  if (pk.startsWith('NOTE#')) {
    const { writtenAt, language } = note as Note
    if (!language || writtenAt >= firstKept) return undefined
    return mapped(item, (value, field) => (noteTexts.has(field) ? removedText[language] : value))
  }
  const { text, account, address } = removal
  if (!text && !account && !address) return undefined
  if (pk.startsWith(bodyPartition)) {
    const whole = items.map((part) => String(part.text)).join('')
    const next = isWhole(whole) ? expiredJson(whole, removal) : whole
    return next === whole ? undefined : cutInto(next, items)
  }
  const isList = pk.startsWith(accountsPartition)
  const isCandidate = pk === candidatesPartition
  return mapped(item, (value, field) => {
    if (field === 'json' || (isList && field === 'text')) return expiredJson(value, removal)
    if (isCandidate && field === 'ties') return account?.(value) ?? value
    // What its accounts shared, such as `url example.org/a`.
    return (isCandidate && field === 'name' && address?.(value)) || value
  })
}

/** Left, or never confirmed, and still has an address. */
const hasLeftBefore = (firstKept: string, { state, reason, addedAt, address }: Recipient): boolean => {
  const at = (typeof reason === 'object' && reason.values?.at) || addedAt
  return state !== 'active' && String(at) < firstKept && !address.endsWith(removedMail)
}

/** The id, a hash of the address, stays: a list brings back no one who left. */
const withoutAddress = ({ id, address }: Pick<Recipient, 'id' | 'address'>): Change => {
  const written = new RegExp(RegExp.escape(address), 'gi')
  return (text) => text.replace(written, `${id}${removedMail}`)
}
