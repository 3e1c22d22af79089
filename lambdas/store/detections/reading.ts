/** Reads detections as of an instant. */

import type { FoundBy, Linked } from '../../domain/aggregate/across.ts'
import type { Contribution, DetectionAsOf } from '../../domain/aggregate/tally.ts'
import type { Reason } from '../../domain/core/fault.ts'
import { mergeSorted, pushAll } from '../../domain/core/lists.ts'
import { markings as allMarkings, closedMarking, fitsUnder, type Marking } from '../../domain/core/marking.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import { plural } from '../../domain/core/text/plural.ts'
import type { Detection, TerritoryAssignment } from '../../domain/detection/detection.ts'
import type { EditionOverrides } from '../../domain/detection/revisions/edition-overrides.ts'
import {
  baseAt,
  baseOf,
  basesOf,
  detectionPartition,
  type Key,
  linkPartition,
  linkRange,
  ongoingPartition,
  revisionKey,
  revisionsOf,
  unplacedPartition,
  utcDays,
} from '../table/keys.ts'
import type { Range, Table } from '../table/table.ts'
import { type Body, bodyRevision, type Head, parse, type RevisionItem, unplacedBase } from './items.ts'
import { bodyFrom, bodyOf, headsOf, latestOf, placesEver, readHead } from './revisions.ts'

export type Unplaced = { readonly detection: Detection; readonly storedAt: string }

export type Stored = {
  readonly id: string
  readonly revision: number
  readonly status: 'active' | 'withdrawn'
  readonly storedAt: string
  readonly reason?: Reason | undefined
  readonly by?: string | undefined
  readonly marking: Marking
  readonly territories: readonly TerritoryAssignment[]
  readonly batch?: string | undefined
  /** Set if an undoing made the revision. */
  readonly restored?: string | undefined
  readonly below?: EditionOverrides | undefined
  /** For a withdrawn detection, the withdrawn content. */
  body(): Promise<Detection>
}

/** Versions before 0.1.0 dropped revisions without a territory once the detection had one. */
export type Revision = {
  readonly revision: number
  readonly below?: EditionOverrides | undefined
  readonly status: 'active' | 'withdrawn'
  readonly storedAt: string
  readonly detection?: Detection
}

/** Latest storage instant of anything read, even after the as-of instant. */
export type Seen = { latest: string }

export type Reading = {
  readonly seen?: Seen | undefined
  /** Filters by a detection's JSON, possibly with escaped quotes; bodies in chunks always pass. */
  readonly mayBe?: ((json: string) => boolean) | undefined
}

export const inWindow = async function* (
  table: Table,
  territory: TerritoryCode,
  from: number,
  to: number,
  asOf: string,
  { seen, mayBe }: Reading = {},
): AsyncGenerator<DetectionAsOf> {
  const range: Range = {
    ...observedWithin(from, to),
    ...(mayBe && !seen && { among: { group: (sk) => baseOf({ pk: '', sk }), mayBe: orInPieces(mayBe) } }),
  }
  const days = utcDays(from, to).map((day) => current(table, detectionPartition(territory, day), range, asOf, seen))
  for await (const page of oneAfterTheOther(days, table.readAhead)) {
    for (const item of page) {
      const { body } = item as RevisionItem & { body: Body }
      if (mayBe && 'json' in body && !mayBe(body.json)) continue
      yield detectionAtOnce(item) ?? (await detectionFrom(table, item))
    }
  }
}

const observedWithin = (from: number, to: number): Range => ({
  from: new Date(from).toISOString(),
  to: `${new Date(to - 1).toISOString()}~`,
})

/** A new table reads 12,000 units a second: more than four concurrent pages of 1 MB would be refused. */
const countsAtOnce = 4

export const count = async (
  table: Table,
  territory: TerritoryCode,
  from: number,
  to: number,
): Promise<number | undefined> => {
  if (!table.count) return undefined
  const range = observedWithin(from, to)
  const days = utcDays(from, to)
  let sum = 0
  for (let at = 0; at < days.length; at += countsAtOnce) {
    const some = days.slice(at, at + countsAtOnce)
    const counts = await Promise.all(some.map((day) => table.count?.(detectionPartition(territory, day), range)))
    for (const one of counts) sum += one ?? 0
  }
  return sum
}

/** Starts the next streams early so that their waits overlap. */
const oneAfterTheOther = async function* <One>(
  streams: readonly AsyncGenerator<One>[],
  ahead = 0,
): AsyncGenerator<One> {
  const firsts: Promise<IteratorResult<One>>[] = []
  try {
    for (const [at, stream] of streams.entries()) {
      for (const next of streams.slice(firsts.length, at + 1 + ahead)) {
        const first = next.next()
        first.catch(() => undefined) // thrown below, in its turn
        firsts.push(first)
      }
      let read = await firsts[at]
      while (read && !read.done) {
        yield read.value
        read = await stream.next()
      }
    }
  } finally {
    await Promise.allSettled(streams.map((stream) => stream.return(undefined)))
  }
}

/** The body's JSON is a string here: letters and digits are unchanged. */
const orInPieces =
  (mayBe: (json: string) => boolean) =>
  (item: string): boolean =>
    mayBe(item) || (!item.includes('"body":{"json":') && item.includes('"body":{'))

export const reaching = async function* (
  table: Table,
  territory: TerritoryCode,
  from: number,
  to: number,
  asOf: string,
  seen?: Seen,
): AsyncGenerator<DetectionAsOf> {
  const before = new Date(to).toISOString()
  const ending = current(table, ongoingPartition(territory), { from: new Date(from).toISOString() }, asOf, seen)
  const found: RevisionItem[] = []
  for await (const page of ending)
    pushAll(
      found,
      page.filter((item) => String(item.from) < before),
    )
  const items = await table.getAll(found.map(({ at }) => at as Key))
  if (items.length < found.length) {
    throw new Error(
      `items are missing of ${plural(found.length - items.length, 'ongoing detection')} of ${territory}: ingest them again to put them back`,
    )
  }
  for (const item of items) yield await detectionFrom(table, item as RevisionItem)
}

export const named = async (
  table: Table,
  territory: TerritoryCode,
  wanted: readonly Contribution[],
): Promise<readonly DetectionAsOf[]> => {
  const keys = wanted.map(({ id, revision, from }) => revisionKey(baseAt(territory, from, id), revision))
  const items = await table.getAll(keys)
  return Promise.all(items.map((item) => detectionFrom(table, item as RevisionItem)))
}

export const linked = async (
  table: Table,
  link: FoundBy,
  asOf: string,
  { cap, before, most }: { readonly cap: Marking; readonly before: string; readonly most: number },
): Promise<{ readonly linked: readonly Linked[]; readonly more?: Marking }> => {
  const streams = allMarkings
    .filter((marking) => fitsUnder(marking, cap))
    .map((marking) => {
      const items = currentOneByOne(
        table,
        linkPartition(link),
        { ...linkRange(marking, before), atOnce: most + 1 },
        asOf,
      )
      return linkedOf(items, cap)
    })
  const found = new Map<string, Linked>()
  for await (const one of mergeSorted(streams, byTime)) {
    if (found.size === most && !found.has(one.id)) return { linked: [...found.values()], more: one.marking }
    found.set(one.id, one)
  }
  return { linked: [...found.values()] }
}

export type RevisionLocation = Pick<Linked, 'id' | 'observed' | 'territories' | 'revision'>

export const bodies = async (table: Table, found: readonly RevisionLocation[]): Promise<readonly DetectionAsOf[]> => {
  const keys = found.flatMap(({ id, observed, territories: [first], revision }) =>
    first ? [revisionKey(basesOf({ id, observed }, first.code).at, revision)] : [],
  )
  return Promise.all((await table.getWrittenOnce(keys)).map((item) => detectionFrom(table, item as RevisionItem)))
}

export type Lineage = Pick<Detection, 'partOf' | 'campaign' | 'marking'>

export const lineage = async (
  table: Table,
  ids: readonly string[],
  asOf: string,
): Promise<ReadonlyMap<string, Lineage>> => {
  const found = new Map<string, Lineage>()
  for (const head of await headsOf(table, ids)) {
    const detection = await asOfInstant(table, head, asOf)
    if (!detection) continue
    const { partOf, campaign, marking } = detection
    found.set(head.id, { partOf, campaign, marking })
  }
  return found
}

export const markings = async (table: Table, ids: readonly string[]): Promise<ReadonlyMap<string, Marking>> => {
  const found = new Map<string, Marking>()
  for (const head of await headsOf(table, ids)) {
    found.set(head.id, (await bodyFrom(table, head, head.id, bodyRevision(head))).marking)
  }
  return found
}

export const stored = async (table: Table, ids: readonly string[]): Promise<ReadonlyMap<string, Stored>> =>
  new Map((await headsOf(table, ids)).map((head) => [head.id, storedOf(table, head)]))

export const history = async (table: Table, id: string): Promise<readonly Revision[]> => {
  const head = await readHead(table, id)
  return head ? historyOf(table, head) : []
}

export const unplaced = async function* (table: Table): AsyncGenerator<Unplaced> {
  for await (const item of table.query(unplacedPartition)) {
    if (item.status !== 'unplaced') continue
    const head = item as Head
    yield { detection: await bodyFrom(table, head, head.id, head.revision), storedAt: head.storedAt }
  }
}

const current = async function* (
  table: Table,
  pk: string,
  range: Range,
  asOf: string,
  seen?: Seen,
): AsyncGenerator<readonly RevisionItem[]> {
  const newest = currentAt(asOf, seen)
  for await (const page of table.pages(pk, range)) yield page.flatMap((item) => newest.past(item as RevisionItem))
  yield newest.last()
}

const currentOneByOne = async function* (
  table: Table,
  pk: string,
  range: Range,
  asOf: string,
): AsyncGenerator<RevisionItem> {
  for await (const page of current(table, pk, range, asOf)) yield* page
}

const detectionFrom = async (table: Table, item: RevisionItem): Promise<DetectionAsOf> => ({
  detection: await bodyFrom(table, item as RevisionItem & { body: Body }, item.id, item.revision),
  revision: item.revision,
  storedAt: item.storedAt,
  corrected: item.corrected,
  below: item.below,
})

/** Synchronous: a promise for each would cost more than reading. */
const detectionAtOnce = (item: RevisionItem): DetectionAsOf | undefined => {
  const { body, revision, storedAt, corrected, below } = item as RevisionItem & { body: Body }
  if (!('json' in body)) return undefined
  return { detection: parse(body.json, item.id, revision), revision, storedAt, corrected, below }
}

/** Searches all of its past places. */
const asOfInstant = async (table: Table, head: Head, asOf: string): Promise<Detection | undefined> => {
  const body = await bodyOf(table, head)
  if (head.storedAt <= asOf) return head.status === 'active' ? body : undefined
  for (const { pk, base } of await placesEver(table, head, body)) {
    if (!pk.startsWith('DET#')) continue
    for await (const page of current(table, pk, { from: base, to: `${base}~` }, asOf)) {
      const item = page.find(({ id }) => id === head.id)
      if (item) return (await detectionFrom(table, item)).detection
    }
  }
  return undefined
}

const historyOf = async (table: Table, head: Head): Promise<readonly Revision[]> => {
  const { id, revision, status, storedAt } = head
  const body = await bodyOf(table, head)
  const revisions = new Map<number, Revision>()
  for (const { pk, base } of await placesEver(table, head, body)) {
    if (!pk.startsWith('DET#')) continue
    for await (const item of table.query(pk, { from: base, to: `${base}~` })) {
      const one = item as RevisionItem
      const known = revisions.get(one.revision)
      if (one.id !== id || known?.detection || one.revision > revision) continue
      const its = { revision: one.revision, storedAt: one.storedAt }
      if (one.status === 'active') revisions.set(one.revision, { ...its, ...(await revisionFrom(table, one)) })
      else revisions.set(one.revision, { ...its, status: one.status === 'moved' ? 'active' : 'withdrawn' })
    }
  }
  const unplacedHere = unplacedBase(id)
  for await (const item of table.query(unplacedHere.pk, { beginsWith: revisionsOf(unplacedHere) })) {
    const one = item as RevisionItem & { readonly body: Body }
    if (one.revision > revision || revisions.get(one.revision)?.detection) continue
    const detection = await bodyFrom(table, one, id, one.revision)
    revisions.set(one.revision, { revision: one.revision, storedAt: one.storedAt, status: 'active', detection })
  }
  const latest = { revision, status, storedAt, below: head.below }
  revisions.set(revision, status === 'active' && body ? { ...latest, detection: body } : latest)
  return [...revisions.values()].sort((a, b) => a.revision - b.revision)
}

const revisionFrom = async (
  table: Table,
  item: RevisionItem,
): Promise<Pick<Revision, 'status' | 'detection' | 'below'>> => ({
  status: 'active',
  detection: (await detectionFrom(table, item)).detection,
  below: item.below,
})

const storedOf = (table: Table, head: Head): Stored => {
  const { id, revision, status, storedAt, reason, by, territories, batch, restored, below } = head
  const { marking } = latestOf(head)
  const body = () => bodyFrom(table, head, id, bodyRevision(head))
  return { id, revision, status, storedAt, reason, by, marking, territories, batch, restored, below, body }
}

const linkedOf = async function* (items: AsyncIterable<RevisionItem>, cap: Marking): AsyncGenerator<Linked> {
  for await (const item of items) {
    const { id, revision, from, to, observed, territories, posts, accounts } = item as RevisionItem & Linked
    const marking = closedMarking(item.marking)
    if (fitsUnder(marking, cap)) yield { id, revision, from, to, observed, territories, marking, posts, accounts }
  }
}

const byTime = (a: Linked, b: Linked): number => (a.from === b.from ? (a.id < b.id ? -1 : 1) : a.from < b.from ? -1 : 1)

/**
 * Selects the highest revision stored by the instant. Items of a detection are adjacent, so the next detection's start
 * completes it.
 */
const currentAt = (asOf: string, seen: Seen = { latest: '' }) => {
  let base: string | undefined
  let best: RevisionItem | undefined
  const active = (): readonly RevisionItem[] => (best?.status === 'active' ? [best] : [])
  return {
    /** Returns the detection that ended before this item, if active. */
    past: (item: RevisionItem): readonly RevisionItem[] => {
      const ended = baseOf(item) === base ? [] : active()
      if (baseOf(item) !== base) best = undefined
      base = baseOf(item)
      if (item.storedAt <= asOf) best = item
      if (item.storedAt > seen.latest) seen.latest = item.storedAt
      return ended
    },
    last: active,
  }
}
