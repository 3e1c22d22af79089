import { distance } from 'fastest-levenshtein'
import { asFault, type Reason } from '../../domain/core/fault.ts'
import { canonicalJson, sha256 } from '../../domain/core/text/canonical.ts'
import type { BatchOrigin } from '../../domain/detection/batch-origin.ts'
import type { Origin, Reject } from '../../intake/record/record.ts'
import { lineOf, type Who } from '../table/history.ts'
import { type Key, rejectDaysPartition, rejectKey, rejectPartition, rejectSort, rejectsOfKey } from '../table/keys.ts'
import type { Item, Put, Table } from '../table/table.ts'

export type KeptReject = Reject & {
  /** The same for the same record in any file. */
  readonly rejectId: string
  /** Other places, oldest first. */
  readonly also?: readonly Place[]
  /** ISO instant at which it first came; the others too. */
  readonly rejectedAt: string
  readonly triedAt?: string
  /** When its record was stored or dropped, or its intake undone. */
  readonly resolvedAt?: string
  readonly closedBy?: 'record' | 'drop' | 'undo'
  readonly closedIn?: string
  readonly closedFor?: string
  readonly reason?: Reason
} & Came

type Place = Pick<Reject, 'file' | 'line'> & Came

type Came = { readonly batch?: string; readonly from?: BatchOrigin }

type RejectSender = { readonly name: string; readonly byOperator?: boolean | undefined }

type StoredRecord = Pick<Reject, 'file' | 'context' | 'origin'> & {
  readonly id: string
  readonly line?: number | undefined
  readonly raw?: string | undefined
  /** Rejects that it corrects, as the analyst declares. */
  readonly fixedRejects?: readonly string[] | undefined
}

export type Rejects = {
  /** An open reject that exists gets the current reason. */
  keep(rejects: readonly Reject[], now: Date, came?: Came & { readonly sender?: string }): Promise<void>
  any(): Promise<boolean>
  /**
   * Closes rejects with the same text, the same id, or a corrected row in the old line of a file of the same name.
   * Another sender's rejects close only by the same text, except for an operator.
   * @returns the closed ones
   */
  stored(
    records: readonly StoredRecord[],
    by: { readonly batch: string; readonly sender: RejectSender },
    now: Date,
  ): Promise<readonly string[]>
  open(): AsyncGenerator<KeptReject>
  get(rejectId: string): Promise<KeptReject | undefined>
  /** False where it was closed before. */
  markFixed(rejectId: string, batch: string, now: Date): Promise<boolean>
  /** False where something else closed it, or its record stays. */
  reopen(rejectId: string, batch: string, stays: (id: string) => boolean): Promise<boolean>
  /** Closes it without a correction. False where it was closed before. */
  drop(rejectId: string, who: Required<Who>, now: Date): Promise<boolean>
  /** False where it belongs to another intake, or is open in one. */
  undo(rejectId: string, batch: string, now: Date): Promise<boolean>
  failedAgain(rejectId: string, reason: Pick<Reject, 'path' | 'fault' | 'message'>, now: Date): Promise<void>
  /** Rejected in [from, to) and open at the as-of instant; ISO instants. */
  count(from: string, to: string, asOf: string): Promise<number>
}

/** Formats whose records do not depend on the rest of the file. */
const ownFormats: ReadonlySet<string> = new Set(['ndjson', 'json'])

export const isOwnFormat = ({ format }: Origin): boolean => ownFormats.has(format)

/** The file's name where a part means nothing without its file. */
const kindOf = ({ file, context, origin }: Pick<Reject, 'file' | 'context' | 'origin'>): string => {
  if (origin && isOwnFormat(origin)) return 'own'
  return origin && context !== undefined ? canonicalJson([origin.format, context]) : nameOf(file)
}

/** From its text and how that is read. */
export const rejectIdOf = (reject: Pick<Reject, 'file' | 'sha256' | 'context' | 'origin'>): string =>
  sha256(`${kindOf(reject)}\n${reject.sha256}`).slice(0, 16)

export const rejectsIn = (table: Table): Rejects => {
  const get = async (rejectId: string): Promise<KeptReject | undefined> => {
    const item = await table.get(rejectKey(rejectId))
    return item && keptOf(item)
  }
  const unmended = { expression: 'attribute_not_exists(resolvedAt)' }
  const change = (kept: KeptReject): Promise<boolean> => table.putIf(itemOf(kept), unmended)

  const keepOne = async (
    rejectId: string,
    reject: Reject,
    came: Pick<KeptReject, 'rejectedAt'> & Came,
  ): Promise<KeptReject> => {
    const fresh: KeptReject = { ...reject, rejectId, ...came }
    const unclaimed = { expression: 'attribute_not_exists(pk)' }
    if (await table.putIf(itemOf(fresh), unclaimed)) return fresh
    const stored = (await get(rejectId)) ?? fresh
    if (stored.closedBy === 'undo') {
      const undone = { expression: 'resolvedAt = :then', values: { ':then': stored.resolvedAt } }
      return (await table.putIf(itemOf(fresh), undone)) ? fresh : ((await get(rejectId)) ?? fresh)
    }
    const also = withPlace(stored, placeIn({ ...reject, ...came }))
    if (stored.resolvedAt === undefined && (also || !isSame(stored, reject))) {
      const { path, fault, message, origin, context } = reject
      await change({ ...stored, path, fault, message, origin, context, ...(also && { also }) })
    }
    return stored
  }
  const close = async (
    rejectId: string,
    how: Pick<KeptReject, 'closedBy' | 'closedIn' | 'closedFor' | 'reason'>,
    now: Date,
    { isDue = () => true, along = [] }: { isDue?(kept: KeptReject): boolean; along?: readonly Put[] } = {},
  ): Promise<boolean> => {
    const stored = await get(rejectId)
    if (!stored || !isDue(stored)) return false
    const closed = { ...stored, ...how, resolvedAt: now.toISOString() }
    const puts = [{ item: itemOf(closed), condition: unmended }, { item: listed(closed) }, ...along]
    if ((await table.putTogether(puts)).length === 0) return true
    // A concurrent import may have listed it as open.
    await table.put(listed((await get(rejectId)) ?? stored))
    return false
  }

  /** Two concurrent calls may lose an entry: an analyst then closes that reject. */
  const index = async (kept: readonly KeptReject[], sender: string | undefined): Promise<void> => {
    if (kept.length > 0) await table.put(anyKey)
    for (const { rejectId, expiresAt, ...reject } of kept.map((one) => ({
      ...one,
      expiresAt: itemOf(one).expiresAt,
    }))) {
      for (const key of once([undefined, sender].flatMap((of) => keysOf(reject, of)))) {
        const { rejects = [] } = ((await table.get(key)) ?? {}) as { rejects?: readonly string[] }
        if (rejects.includes(rejectId)) continue
        await table.put({ ...key, rejects: [...rejects, rejectId].slice(-maxOfOne), expiresAt })
      }
    }
  }

  return {
    any: async () => (await table.get(anyKey)) !== undefined,
    stored: async (records, { batch, sender: { name, byOperator } }, now) => {
      const sender = byOperator ? undefined : name
      const leads = records.flatMap((record) =>
        [...keysOfText(record), ...keysOf(record, sender)].map((key) => ({ record, key })),
      )
      const found = new Map((await table.getAll(once(leads.map(({ key }) => key)))).map((item) => [item.pk, item]))
      const due = new Map<string, string>()
      for (const { record, key } of leads) {
        const item = found.get(key.pk)
        if (!item) continue
        const isSameText = !Array.isArray(item.rejects)
        const ids = isSameText ? [String(item.rejectId)] : (item.rejects as string[])
        for (const rejectId of ids) {
          const kept = isSameText ? keptOf(item) : await get(rejectId)
          // Later lines of the same file are newer than the stored record.
          const isLater = kept?.batch === batch && (kept.line ?? 0) > (record.line ?? Number.POSITIVE_INFINITY)
          const isOne = kept && (isSameText ? kindOf(kept) === kindOf(record) : isOf(kept, record))
          if (isOne && !isLater && kept.resolvedAt === undefined) due.set(rejectId, record.id)
        }
      }
      for (const { id, fixedRejects = [] } of records) {
        for (const rejectId of fixedRejects) if ((await get(rejectId))?.resolvedAt === undefined) due.set(rejectId, id)
      }
      const closed: string[] = []
      for (const [rejectId, closedFor] of due) {
        if (await close(rejectId, { closedBy: 'record', closedIn: batch, closedFor }, now)) closed.push(rejectId)
      }
      return closed
    },
    keep: async (rejects, now, { sender, ...intake } = {}) => {
      const came = { rejectedAt: now.toISOString(), ...intake }
      const each = new Map(rejects.map((reject) => [rejectIdOf(reject), reject]))
      const kept = await Promise.all([...each].map(([rejectId, reject]) => keepOne(rejectId, reject, came)))
      const days = new Set(kept.map((one) => one.rejectedAt.slice(0, 10)))
      // Restores list entries that an interrupted call left out.
      const open = kept.filter(({ resolvedAt }) => resolvedAt === undefined)
      await index(
        open.map(({ line: _, ...one }) => ({ ...one, ...placeIn(each.get(one.rejectId) ?? one) })),
        sender,
      )
      await table.putAll([...[...days].map((day) => ({ pk: rejectDaysPartition, sk: day })), ...kept.map(listed)])
    },
    open: async function* () {
      for await (const { sk: day } of table.query(rejectDaysPartition)) {
        let group: string[] = []
        for await (const item of table.query(rejectPartition(day))) {
          if (item.resolvedAt === undefined) group.push(String(item.rejectId))
          if (group.length < readTogether) continue
          yield* inOrder(await table.getAll(group.map(rejectKey)), group)
          group = []
        }
        yield* inOrder(await table.getAll(group.map(rejectKey)), group)
      }
    },
    get,
    markFixed: (rejectId, batch, now) => close(rejectId, { closedBy: 'record', closedIn: batch }, now),
    reopen: async (rejectId, batch, stays) => {
      const stored = await get(rejectId)
      if (stored?.closedIn !== batch) return false
      const { resolvedAt, closedBy: _, closedIn: __, closedFor, ...open } = stored
      if (closedFor !== undefined && stays(closedFor)) return false
      const seen = { expression: 'resolvedAt = :then', values: { ':then': resolvedAt } }
      if (!(await table.putIf(itemOf(open), seen))) return false
      await table.put(listed(open))
      return true
    },
    drop: (rejectId, { by, reason }, now) => {
      const line = lineOf({ at: now.toISOString(), did: 'dropped', by, id: rejectId, of: 'reject', reason })
      return close(rejectId, { closedBy: 'drop', reason }, now, { along: [{ item: line }] })
    },
    undo: async (rejectId, batch, now) => {
      const before = await get(rejectId)
      const isElsewhere = before?.also && [before, ...before.also].some((one) => one.batch !== batch)
      if (isElsewhere && (await change(without(before, batch)))) return false
      if (await close(rejectId, { closedBy: 'undo' }, now, { isDue: (kept) => kept.batch === batch })) return true
      const stored = await get(rejectId)
      if (stored?.batch !== batch || stored.closedIn === undefined) return false
      // It must not reopen where the intake that stored its record is undone too.
      const { closedIn: _, ...closed } = stored
      const seen = { expression: 'resolvedAt = :then', values: { ':then': stored.resolvedAt } }
      await table.putIf(itemOf({ ...closed, closedBy: 'undo' }), seen)
      return false
    },
    failedAgain: async (rejectId, reason, now) => {
      const stored = await get(rejectId)
      if (stored) await change({ ...stored, ...reason, triedAt: now.toISOString() })
    },
    count: async (from, to, asOf) => {
      let count = 0
      const days = { from: from.slice(0, 10), to: to.slice(0, 10) }
      for await (const { sk: day } of table.query(rejectDaysPartition, days)) {
        for await (const { sk, resolvedAt } of table.query(rejectPartition(day), { from, to })) {
          if (sk < to && (resolvedAt === undefined || String(resolvedAt) > asOf)) count += 1
        }
      }
      return count
    },
  }
}

const anyKey = rejectsOfKey({})

const maxOfOne = 20

const keysOf = (
  { file, id, line }: { file: string; id?: string | undefined; line?: number | undefined },
  sender: string | undefined,
): readonly Key[] => {
  const whose = sender === undefined ? {} : { sender }
  return [
    ...(id === undefined ? [] : [rejectsOfKey({ ...whose, id })]),
    ...(line === undefined ? [] : [rejectsOfKey({ ...whose, row: `${nameOf(file)}\n${line}` })]),
  ]
}

const keysOfText = ({ raw, ...record }: StoredRecord): readonly Key[] => {
  if (raw === undefined) return []
  return [rejectKey(rejectIdOf({ ...record, sha256: sha256(raw) }))]
}

const once = (keys: readonly Key[]): readonly Key[] => [...new Map(keys.map((key) => [key.pk, key])).values()]

const maxPlaces = 20

const placeIn = ({ file, line, batch, from }: Reject & Came): Place => ({
  file,
  ...(line !== undefined && { line }),
  ...(batch !== undefined && { batch }),
  ...(from && { from }),
})

const withPlace = ({ also = [], ...kept }: KeptReject, place: Place): readonly Place[] | undefined => {
  const isKnown = [kept, ...also].some(({ file }) => nameOf(file) === nameOf(place.file))
  return isKnown || also.length === maxPlaces ? undefined : [...also, place]
}

/** The next place becomes the first. */
const without = ({ also = [], ...kept }: KeptReject, batch: string): KeptReject => {
  const left = [placeIn(kept), ...also].filter((one) => one.batch !== batch)
  const [first = placeIn(kept), ...others] = left
  const { line: _, batch: __, ...reject } = kept
  return { ...reject, ...first, ...(others.length > 0 && { also: others }) }
}

const filesOf = ({ file, also = [] }: KeptReject): readonly string[] => [
  ...new Map([file, ...also.map((one) => one.file)].map((one) => [nameOf(one), one])).values(),
]

const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1)

/** A corrected row is mostly unchanged. */
const maxChangedShare = 0.3
const comparedChars = 2_000

const isOf = (kept: KeptReject, { file, id, raw = '' }: StoredRecord): boolean => {
  if (kept.id !== undefined) return kept.id === id
  return filesOf(kept).some((one) => nameOf(one) === nameOf(file)) && isFixedRow(kept.raw, raw)
}

const isFixedRow = (rejected: string, raw: string): boolean => {
  const [before, after] = [rejected.slice(0, comparedChars), raw.slice(0, comparedChars)]
  // A truncated line may continue where it ended.
  return (rejected !== '' && raw.startsWith(rejected)) || distance(before, after) <= maxChangedShare * before.length
}

/** Rejects may have 64 KB each. */
const readTogether = 25

const listed = ({ rejectId, rejectedAt, offset, resolvedAt }: KeptReject): Item => ({
  pk: rejectPartition(rejectedAt.slice(0, 10)),
  sk: rejectSort(rejectedAt, offset ?? 0, rejectId),
  rejectId,
  ...(resolvedAt !== undefined && { resolvedAt }),
})

/** Items of earlier versions have only a message. */
const keptOf = ({ pk: _pk, sk: _sk, expiresAt: _end, ...kept }: Item): KeptReject =>
  ({ fault: asFault(String(kept.message)), ...kept }) as unknown as KeptReject

/** In days. A record may name people, so it expires; the fact of its arrival stays. */
export const rejectDays = 365

const itemOf = (kept: KeptReject): Item => {
  const last = kept.resolvedAt ?? kept.triedAt ?? kept.rejectedAt
  return { ...rejectKey(kept.rejectId), ...kept, expiresAt: Math.ceil(Date.parse(last) / 1_000) + rejectDays * 86_400 }
}

function* inOrder(items: readonly Item[], ids: readonly string[]): Generator<KeptReject> {
  const byKey = new Map(items.map((item) => [item.pk, keptOf(item)]))
  for (const id of ids) {
    const kept = byKey.get(rejectKey(id).pk)
    if (kept && kept.resolvedAt === undefined) yield kept
  }
}

const isSame = (one: Reject, other: Reject): boolean => sayings(one) === sayings(other)

const sayings = ({ path, message, origin, context }: Reject): string =>
  canonicalJson({ path, message, origin, context })
