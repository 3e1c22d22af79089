/**
 * Goes through all that is stored of detections and takes an account out of it, in every revision: the one thing that edits what
 * was stored. Revisions keep their numbers, figures and times, so that reports stay what they are.
 */
import type { Redaction } from '../domain/redaction.ts'
import { bodyPartition, forgottenPartition, partitions, rejectedPartition } from './keys.ts'
import type { Item, Table } from './table.ts'

export type Redacted = {
  /** Items that named the account. */
  readonly items: number
  /** Those of them that are records which were never stored as detections. */
  readonly rejects: number
}

export type Forgetting = {
  redact(redaction: Redaction): Promise<Redacted>
  /** Takes out what has passed its time, as DynamoDB does by itself. @returns how many items */
  expire(now: Date): Promise<number>
  /** Keeps that it was done: when and how much, and not whom. */
  note(redacted: Redacted, at: string): Promise<void>
  /** What was noted, the earliest first. */
  noted(): Promise<readonly (Redacted & { readonly at: string })[]>
}

export const forgettingIn = (table: Table): Forgetting => {
  /** A body in parts is read whole, since a name may stand where it is cut. */
  const redactBody = async (pk: string, { stored }: Redaction): Promise<number> => {
    const parts = await Array.fromAsync(table.query(pk))
    const changed: Item[] = []
    for (const revision of Map.groupBy(parts, ({ sk }) => sk.slice(0, sk.indexOf('#'))).values()) {
      const text = revision.map((part) => String(part.text)).join('')
      const redacted = stored(text)
      if (redacted !== text) changed.push(...cutInto(redacted, revision))
    }
    await table.putAll(changed)
    return changed.length
  }

  /** Changes an item as it is, whatever happens to it meanwhile. */
  const redactItem = async (found: Item, redaction: Redaction): Promise<boolean> => {
    const text = isReject(found) ? redaction.raw : redaction.stored
    for (let item: Item | undefined = found; item; item = await table.get(item)) {
      const redacted = mapTexts(item, text)
      if (!redacted) return false
      if (await table.putIf(redacted, unchanged(item))) return true
    }
    return false
  }

  return {
    redact: async (redaction) => {
      let items = 0
      let rejects = 0
      const bodies = new Set<string>()
      for await (const page of table.scan()) {
        for (const item of page) {
          if (!holdsText(item)) continue
          if (item.pk.startsWith(bodyPartition)) {
            bodies.add(item.pk)
          } else if (await redactItem(item, redaction)) {
            items += 1
            if (isReject(item)) rejects += 1
          }
        }
      }
      for (const pk of bodies) items += await redactBody(pk, redaction)
      return { items, rejects }
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
    note: async (redacted, at) => table.put({ pk: forgottenPartition, sk: at, ...redacted }),
    noted: async () => {
      const items = await Array.fromAsync(table.query(forgottenPartition))
      return items.map(({ sk, items: count, rejects }) => ({ at: sk, items: Number(count), rejects: Number(rejects) }))
    },
  }
}

const isReject = ({ pk }: Item): boolean => pk.startsWith(rejectedPartition)

const patterns = [...partitions.intake, ...partitions.notes]

/** Of detections and notes; what is known of readers and reports names no account. */
const holdsText = ({ pk }: Item): boolean =>
  patterns.some((pattern) => (pattern.endsWith('*') ? pk.startsWith(pattern.slice(0, -1)) : pk === pattern))

/** Undefined where nothing changes. Keys stay: nothing is found by an account's name. */
const mapTexts = ({ pk, sk, ...rest }: Item, change: (text: string) => string): Item | undefined => {
  let changed = false
  const map = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const next = change(value)
      if (next !== value) changed = true
      return next
    }
    if (Array.isArray(value)) return value.map(map)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, map(one)]))
  }
  const mapped = map(rest) as object
  return changed ? { ...mapped, pk, sk } : undefined
}

/** Into as many parts as before, since their number is known elsewhere. */
const cutInto = (text: string, parts: readonly Item[]): readonly Item[] => {
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

/** What is written over an item and may be changed by another run carries one of these. */
const unchanged = (item: Item) => {
  const marks = ['claim', 'mendedAt', 'triedAt', 'message'] as const
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
