import { changedDaysIn } from './changed-days.ts'
import {
  clockPartition,
  instantPatterns,
  type Key,
  rejectDaysPartition,
  rejectedPartition,
  rejectPartition,
} from './keys.ts'
import type { Item, Table } from './table.ts'

/** Items with future instants. ISO instants in UTC. */
export type Ahead = {
  readonly counts: Readonly<Partial<Record<StoredKind, number>>>
  readonly items: number
  readonly since: string
  readonly latest: string
  /** A future observation that was stored afterwards: so the current clock is slow. */
  readonly observed?: string
  /** Sort keys of published versions as of a future instant; they stay. */
  readonly versions: readonly string[]
}

export const storedKinds = ['detections', 'inputs', 'rejects', 'notes', 'account sets'] as const

type StoredKind = (typeof storedKinds)[number]

export type Instants = {
  latest(): Promise<string | undefined>
  /** Keeps a later instant that was stored since `seen`. */
  settle(seen: string | undefined, now: string): Promise<void>
  /** Scans everything. Undefined without future instants. */
  ahead(clock: () => Date): Promise<Ahead | undefined>
  /**
   * Shifts future instants to before now; order and distances stay. An interrupted call resumes with the same offset.
   * Instants that have passed meanwhile stay, so that notes of those hours may change their order.
   * @returns by how many milliseconds
   */
  setBack(found: Ahead, clock: () => Date): Promise<number>
  /** An instant that has passed, regardless of the clock. */
  reached(): Promise<string | undefined>
  hasReached(instant: string): Promise<void>
}

const latestKey: Key = { pk: clockPartition, sk: 'LATEST' }
const reachedKey: Key = { pk: clockPartition, sk: 'REACHED' }
const measureKey: Key = { pk: clockPartition, sk: 'MEASURE' }

/** Fields with the instant at which an item was stored or changed. */
const stamps = ['storedAt', 'statedAt', 'writtenAt', 'rejectedAt', 'triedAt', 'resolvedAt'] as const

/** Tolerated difference to another machine's clock, in milliseconds. */
const toleratedMs = 5_000
const witnessedMs = 3_600_000
const changesAtOnce = 16

const instantForm = /\d{4}-\d\d-\d\dT[\d:.]+Z/

/** Reports keep their instants. */
const isIntake = ({ pk }: Key): boolean =>
  pk !== clockPartition &&
  instantPatterns.some((pattern) => (pattern.endsWith('*') ? pk.startsWith(pattern.slice(0, -1)) : pk === pattern))

/** Inputs, rejects in their lists, and notes. */
const hasInstantInKey = ({ pk }: Key): boolean => /^(SOURCE#|REJECT#|NOTE#)/.test(pk)

const instantsOf = (item: Item): readonly string[] => [
  ...stamps.flatMap((stamp) => (typeof item[stamp] === 'string' ? [item[stamp]] : [])),
  ...(hasInstantInKey(item) ? (instantForm.exec(item.sk) ?? []) : []),
]

const latestOf = (items: readonly Item[]): string | undefined =>
  items.filter(isIntake).flatMap(instantsOf).sort().at(-1)

/** Records the latest stored instant first, so that a crash hides nothing. */
export const keepingInstants = (table: Table): Table => {
  let known = ''
  let keeping: Promise<unknown> = Promise.resolve()
  const keep = (items: readonly Item[]): Promise<unknown> => {
    const latest = latestOf(items)
    if (latest === undefined || latest <= known) return keeping
    known = latest
    keeping = table
      .putIf(
        { ...latestKey, latest },
        { expression: 'attribute_not_exists(pk) OR latest < :now', values: { ':now': latest } },
      )
      .catch((error: unknown) => {
        known = ''
        throw error
      })
    return keeping
  }
  return {
    ...table,
    put: async (item) => {
      await keep([item])
      await table.put(item)
    },
    putIf: async (item, condition) => {
      await keep([item])
      return table.putIf(item, condition)
    },
    putTogether: async (puts) => {
      await keep(puts.map(({ item }) => item))
      return table.putTogether(puts)
    },
    putAll: async (items) => {
      await keep(items)
      await table.putAll(items)
    },
  }
}

/** Takes the unwrapped table: its corrections are not recorded as the latest instant. */
export const instantsIn = (table: Table): Instants => {
  const measure = async ({ latest }: Ahead, now: Date): Promise<number> => {
    // Counts up to now exclude now.
    const wanted = Date.parse(latest) - now.getTime() + 1
    const begun = await table.get(measureKey)
    if (begun && Number(begun.by) >= wanted) return Number(begun.by)
    await table.put({ ...measureKey, by: wanted })
    return wanted
  }

  const move = async (item: Item, to: Item): Promise<void> => {
    if (to.pk.startsWith('REJECT#')) await table.put({ pk: rejectDaysPartition, sk: to.sk.slice(0, 10) })
    await table.put(to)
    await table.remove(item)
  }

  return {
    latest: async () => (await table.get(latestKey))?.latest as string | undefined,
    settle: async (seen, now) => {
      const unchanged =
        seen === undefined
          ? { expression: 'attribute_not_exists(pk)' }
          : { expression: 'latest = :seen', values: { ':seen': seen } }
      await table.putIf({ ...latestKey, latest: now }, unchanged)
    },
    ahead: async (clock) => {
      const counts: Partial<Record<StoredKind, number>> = {}
      const versions: string[] = []
      let [items, since, latest, observed] = [0, '', '', '']
      for await (const page of table.scan()) {
        const now = clock().getTime()
        for (const item of page) {
          if (isPublished(item) && Date.parse(String(item.asOf)) > now + toleratedMs) versions.push(item.sk)
          const found = isIntake(item) ? instantsOf(item).filter((one) => Date.parse(one) > now + toleratedMs) : []
          if (found.length === 0) continue
          items += 1
          const kind = kindOf(item)
          if (kind) counts[kind] = 1 + (counts[kind] ?? 0)
          for (const one of found) {
            if (since === '' || one < since) since = one
            if (one > latest) latest = one
          }
          const from = item.pk.startsWith('DET#') ? instantForm.exec(item.sk)?.[0] : undefined
          if (from && Date.parse(from) > now + witnessedMs && from <= String(item.storedAt) && from > observed)
            observed = from
        }
      }
      if (items === 0) return undefined
      return { counts, items, since, latest, versions, ...(observed !== '' && { observed }) }
    },
    setBack: (found, clock) =>
      changedDaysIn(table).changingAll(async () => {
        const by = await measure(found, clock())
        const back = (instant: string, now: number): string =>
          Date.parse(instant) > now + toleratedMs ? new Date(Date.parse(instant) - by).toISOString() : instant
        const setOneBack = async (item: Item): Promise<void> => {
          const now = clock().getTime()
          if (item.pk === rejectDaysPartition) {
            // Its rejects move to another day.
            if (Date.parse(item.sk) > now + toleratedMs) await table.remove(item)
            return
          }
          const { seen, set } = changesOf(item, (instant) => back(instant, now), by)
          const sk = hasInstantInKey(item) ? item.sk.replace(instantForm, (instant) => back(instant, now)) : item.sk
          if (sk !== item.sk) {
            const pk = item.pk.startsWith('REJECT#') ? rejectPartition(sk.slice(0, 10)) : item.pk
            await move(item, { ...item, ...set, pk, sk })
          } else if (Object.keys(set).length > 0) await table.change(item, seen, set)
        }
        for await (const page of table.scan()) {
          const due = page.filter(
            (item) => isIntake(item) && (instantsOf(item).length > 0 || item.pk === rejectDaysPartition),
          )
          for (let at = 0; at < due.length; at += changesAtOnce) {
            await Promise.all(due.slice(at, at + changesAtOnce).map(setOneBack))
          }
        }
        await table.remove(measureKey)
        return by
      }),
    reached: async () => (await table.get(reachedKey))?.instant as string | undefined,
    hasReached: async (instant) => table.put({ ...reachedKey, instant }),
  }
}

const isPublished = ({ pk, state }: Item): boolean => pk.startsWith('REPORT#') && state === 'published'

const kindOf = ({ pk, sk }: Key): StoredKind | undefined => {
  // Earlier revisions may share the partition.
  if (pk.startsWith('DETECTION#') && sk !== 'HEAD') return undefined
  const [, kind] = kinds.find(([prefix]) => pk.startsWith(prefix)) ?? []
  return kind
}

const kinds: readonly (readonly [string, StoredKind])[] = [
  ['DETECTION#', 'detections'],
  ['SOURCE#', 'inputs'],
  [rejectedPartition, 'rejects'],
  ['NOTE#', 'notes'],
  ['ACCOUNTSET#', 'account sets'],
]

/** Old and new values; a reject's expiry moves along. */
const changesOf = (item: Item, back: (instant: string) => string, by: number) => {
  const seen: Record<string, string | number> = {}
  const set: Record<string, string | number> = {}
  for (const stamp of stamps) {
    const value = item[stamp]
    if (typeof value !== 'string' || back(value) === value) continue
    seen[stamp] = value
    set[stamp] = back(value)
  }
  const last = item.resolvedAt ?? item.triedAt ?? item.rejectedAt
  if (typeof item.expiresAt === 'number' && typeof last === 'string' && back(last) !== last) {
    seen.expiresAt = item.expiresAt
    set.expiresAt = item.expiresAt - Math.floor(by / 1_000)
  }
  return { seen, set }
}
