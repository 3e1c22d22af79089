/**
 * Removes an account from all stored detections: the only edit of stored data. Revisions, figures and times stay, so
 * that reports do not change.
 */

import type { Redaction, Spelling } from '../../domain/detection/revisions/redaction.ts'
import { dropSummaries } from '../reports/summaries.ts'
import { changedDaysIn } from '../table/changed-days.ts'
import {
  accountsPartition,
  bodyPartition,
  forgottenPartition,
  lookPartition,
  partitions,
  rejectedPartition,
} from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

export type Redacted = {
  readonly items: number
  readonly rejects: number
}

/** What names an account. `of` is a kind of item, `archive` or `outbox`. */
export type Naming = {
  readonly of: string
  readonly id: string
  readonly revision?: number
  readonly as: Spelling
}

export type Forgetting = {
  /**
   * Records time and numbers, never the account, before the first change and after the last.
   * @param at ISO instant
   */
  redact(redaction: Omit<Redaction, 'foundIn'>, at: string): Promise<Redacted>
  /** Searches all items. */
  search(foundIn: Redaction['foundIn']): Promise<{ readonly items: number; readonly found: readonly Naming[] }>
  /** Removes expired items, as DynamoDB does by itself. @returns how many */
  expire(now: Date): Promise<number>
  /** Earliest first; an interrupted redaction has 0 items. */
  noted(): Promise<readonly (Redacted & { readonly at: string })[]>
}

export const forgettingIn = (table: Table): Forgetting => {
  /** Joins the parts first, since a name may be split between them. */
  const redactBody = async (
    parts: TextRecord,
    { json }: Pick<Redaction, 'json'>,
    begin: () => Promise<void>,
  ): Promise<number> => {
    const text = parts.map((part) => String(part.text)).join('')
    const redacted = json(text)
    if (redacted === text) return 0
    await begin()
    await table.putAll(cutInto(redacted, parts))
    return parts.length
  }

  const redactItem = async (
    found: Item,
    redaction: Omit<Redaction, 'foundIn'>,
    begin: () => Promise<void>,
  ): Promise<boolean> => {
    for (let item: Item | undefined = found; item; item = await table.get(item)) {
      const redacted = mapTexts(item, changeOf(item, redaction))
      if (!redacted) return false
      await begin()
      if (await table.putIf(redacted, unchanged(item))) return true
    }
    return false
  }

  return {
    redact: async (redaction, at) => {
      let hasBegun = false
      const begin = async (): Promise<void> => {
        if (!hasBegun) await table.put({ pk: forgottenPartition, sk: at, items: 0, rejects: 0 })
        hasBegun = true
      }
      let items = 0
      let rejects = 0
      await changedDaysIn(table).changingAll(async () => {
        for await (const record of recordsIn(table)) {
          const [item] = record
          // A previewed file may name the account.
          if (item.pk.startsWith(lookPartition)) await table.remove(item)
          if (!holdsText(item)) continue
          if (item.pk.startsWith(bodyPartition)) items += await redactBody(record, redaction, begin)
          else if (await redactItem(item, redaction, begin)) {
            items += 1
            if (isReject(item)) rejects += 1
          }
        }
      })
      // A hashtag or a narrative may name the account.
      await dropSummaries(table)
      if (items > 0) await table.put({ pk: forgottenPartition, sk: at, items, rejects })
      return { items, rejects }
    },
    search: async (foundIn) => {
      const found = new Map<string, Naming>()
      let items = 0
      for await (const record of recordsIn(table)) {
        items += record.length
        const as = spellingIn(record, foundIn)
        if (as === undefined) continue
        const naming = { ...whereIs(record[0]), as }
        const key = JSON.stringify({ ...naming, as: '' })
        if (found.get(key)?.as !== 'name') found.set(key, naming)
      }
      return { items, found: [...found.values()] }
    },
    expire: async (now) => {
      let expired = 0
      for await (const page of table.scan()) {
        for (const { pk, sk, expiresAt } of page) {
          if (typeof expiresAt !== 'number' || expiresAt * 1_000 > now.getTime()) continue
          await table.remove({ pk, sk })
          expired += 1
        }
      }
      return expired
    },
    noted: async () => {
      const items = await Array.fromAsync(table.query(forgottenPartition, { to: '9' }))
      return items.map(({ sk, items: count, rejects }) => ({ at: sk, items: Number(count), rejects: Number(rejects) }))
    },
  }
}

/** An item, or the parts of one body. */
export type TextRecord = readonly [Item, ...Item[]]

/** Bodies come last. */
export const recordsIn = async function* (table: Table): AsyncGenerator<TextRecord> {
  const bodies = new Set<string>()
  for await (const page of table.scan()) {
    for (const item of page) {
      if (item.pk.startsWith(bodyPartition)) bodies.add(item.pk)
      else yield [item]
    }
  }
  for (const pk of bodies) {
    // The others list places that revisions left.
    const parts = (await Array.fromAsync(table.query(pk))).filter(({ sk }) => !sk.includes('.left#'))
    yield* Map.groupBy(parts, ({ sk }) => sk.slice(0, sk.indexOf('#'))).values() as Iterable<[Item, ...Item[]]>
  }
}

const isReject = ({ pk }: Item): boolean => pk.startsWith(rejectedPartition)

const patterns = [...partitions.intake, ...partitions.candidates, ...partitions.notes, ...partitions.plates]

/** Items of readers and reports name no account. */
export const holdsText = ({ pk }: Item): boolean => patterns.some(isPatternOf(pk))

const isPatternOf =
  (pk: string) =>
  (pattern: string): boolean =>
    pattern.endsWith('*') ? pk.startsWith(pattern.slice(0, -1)) : pk === pattern

/** Unlike redaction, searches keys and names of fields too. */
const spellingIn = (record: TextRecord, foundIn: Redaction['foundIn']): Spelling | undefined => {
  const [item] = record
  const found = new Set<Spelling | undefined>()
  const look = (text: string, field = ''): string => {
    found.add(foundIn(text)).add(foundIn(field))
    return text
  }
  look(`${item.pk}\n${item.sk}`)
  if (item.pk.startsWith(bodyPartition)) look(record.map(({ text }) => String(text)).join(''))
  else mapTexts(item, look)
  return (['name', 'pseudonym'] as const).find((one) => found.has(one))
}

const whereIs = ({ pk, sk, id, revision }: Item): Omit<Naming, 'as'> => {
  const kind = Object.entries(partitions).find(([, of]) => of.some(isPatternOf(pk)))?.[0]
  const isBody = pk.startsWith(bodyPartition)
  const which = isBody ? Number(sk.slice(0, 16)) : revision
  const key = [pk.split('#').slice(1).join('#'), ...(isBody || sk === 'HEAD' ? [] : [sk])].filter(Boolean).join(' ')
  return {
    of: kind ?? pk,
    id: typeof id === 'string' ? id : key,
    ...(typeof which === 'number' && { revision: which }),
  }
}

/** Fields that refer to other items, or are compared with them. */
const foundBy = new Set(['id', 'ids', 'pk', 'sk', 'base', 'claim', 'sha256', 'contentSha256'])
const rejectFoundBy = new Set(['rejectId', 'sha256'])

export type Change = (text: string, field: string) => string

const changeOf = (item: Item, { text, json, raw }: Omit<Redaction, 'foundIn'>): Change => {
  if (isReject(item)) return (value, field) => (rejectFoundBy.has(field) ? value : raw(value))
  if (item.pk.startsWith(accountsPartition)) return json
  return (value, field) => (foundBy.has(field) ? value : field === 'json' ? json(value) : text(value))
}

/** Undefined where nothing changes. Keys stay. */
export const mapTexts = ({ pk, sk, ...rest }: Item, change: Change): Item | undefined => {
  let changed = false
  const map = (value: unknown, field: string): unknown => {
    if (typeof value === 'string') {
      const next = change(value, field)
      if (next !== value) changed = true
      return next
    }
    if (Array.isArray(value)) return value.map((one) => map(one, field))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, map(one, name)]))
  }
  const mapped = map(rest, '') as object
  return changed ? { ...mapped, pk, sk } : undefined
}

/** Keeps the number of parts, which other items record. */
export const cutInto = (text: string, parts: readonly Item[]): readonly Item[] => {
  const size = Math.ceil(text.length / parts.length)
  let from = 0
  return parts.map((part, at) => {
    const end = at === parts.length - 1 ? text.length : from + size
    const cut = /[\ud800-\udbff]/.test(text.charAt(end - 1)) && end < text.length ? end + 1 : end
    const piece = { ...part, text: text.slice(from, cut) }
    from = cut
    return piece
  })
}

/** Every item that another run may change carries one of these marks. */
export const unchanged = (item: Item) => {
  const marks = ['claim', 'resolvedAt', 'triedAt', 'message', 'revision', 'state', 'turn'] as const
  const names = Object.fromEntries(marks.map((mark) => [`#${mark}`, mark]))
  const held = marks.filter((mark) => item[mark] !== undefined)
  return {
    expression: marks
      .map((mark) => (held.includes(mark) ? `#${mark} = :${mark}` : `attribute_not_exists(#${mark})`))
      .join(' AND '),
    names,
    ...(held.length > 0 && { values: Object.fromEntries(held.map((mark) => [`:${mark}`, item[mark]])) }),
  }
}
