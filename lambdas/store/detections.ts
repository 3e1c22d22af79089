/** Stored detections: revisions that are never edited, found again by territory, time and as-of instant. */
import { randomUUID } from 'node:crypto'
import { type Link, type Linked, linksOf } from '../domain/across.ts'
import { canonicalJson } from '../domain/canonical.ts'
import type { Detection, Placing } from '../domain/detection.ts'
import { closedMarking, fitsUnder, type Marking, markings } from '../domain/marking.ts'
import { contentSha256, type Decision, decide } from '../domain/revision.ts'
import type { Contribution, Sighting } from '../domain/tally.ts'
import type { TerritoryCode } from '../domain/territory.ts'
import {
  type Base,
  baseAt,
  baseOf,
  basesOf,
  chunkKey,
  detectionPartition,
  headKey,
  type Key,
  linkBase,
  linkPartition,
  linkRange,
  ongoingPartition,
  revisionKey,
  unplacedPartition,
  utcDays,
} from './keys.ts'
import { cutText, mostInItem, readParts } from './parts.ts'
import type { Item, Range, Table } from './table.ts'

/** What came of a detection that was to be stored. */
export type Outcome =
  | Exclude<Decision, { kind: 'new' | 'revised' }>
  | { readonly kind: 'accepted' | 'revised' | 'unplaced' }

export type Unplaced = { readonly detection: Detection; readonly storedAt: string }

export type Detections = {
  /**
   * Stores detections with different ids; the outcomes stand in their order. An interrupted call is healed by another
   * one with the same detections: what is missing of a stored revision is put back.
   */
  saveAll(detections: readonly Detection[], now: Date): Promise<readonly Outcome[]>
  /**
   * Gives a detection that came without a territory its place, in a new revision. What was received stays what it is:
   * the same file again is a duplicate, and a corrected one keeps the place. Throws PlacingError.
   */
  place(id: string, territories: readonly Placing[], now: Date): Promise<void>
  /** Withdraws it from every later report. False where it already was; throws UnknownDetectionError. */
  withdraw(id: string, reason: string, now: Date): Promise<boolean>
  /** The latest revision, whatever its status. */
  latest(id: string): Promise<Detection | undefined>
  /** Detections first observed in [from, to), in the revision current at the as-of instant; milliseconds UTC. */
  inWindow(territory: TerritoryCode, from: number, to: number, asOf: string): AsyncGenerator<Sighting>
  /** Detections over more than a day that began before `to` and end at or after `from`, as of an instant. */
  reaching(territory: TerritoryCode, from: number, to: number, asOf: string): AsyncGenerator<Sighting>
  /** Detections of a territory by what a count says of them. */
  named(territory: TerritoryCode, wanted: readonly Contribution[]): Promise<readonly Sighting[]>
  /**
   * Detections with a link that fit under a cap and began before an instant, the earliest first, as of another; at most
   * so many, and, where there are more, the marking of the next. What is above the cap has no part in the answer.
   */
  linked(
    link: Link,
    asOf: string,
    limits: { readonly cap: Marking; readonly before: string; readonly most: number },
  ): Promise<{ readonly linked: readonly Linked[]; readonly more?: Marking }>
  /** The bodies of what links led to. */
  bodies(linked: readonly Linked[]): Promise<readonly Sighting[]>
  /** What detections are part of, and their marking, as of an instant; what is withdrawn or not stored is left out. */
  lineage(ids: readonly string[], asOf: string): Promise<ReadonlyMap<string, Pick<Detection, 'partOf' | 'marking'>>>
  /** The newest marking of detections, withdrawn or not. */
  markings(ids: readonly string[]): Promise<ReadonlyMap<string, Marking>>
  unplaced(): AsyncGenerator<Unplaced>
}

export class UnknownDetectionError extends Error {
  override name = 'UnknownDetectionError'
}

export class PlacingError extends Error {
  override name = 'PlacingError'
}

/** An item that names one revision of a detection at one place. */
type Standing = Item & {
  readonly id: string
  readonly revision: number
  readonly storedAt: string
  /** *moved* where a later revision stands at another time or territory. */
  readonly status: 'active' | 'withdrawn' | 'moved'
}

type Head = Item & {
  readonly id: string
  readonly revision: number
  readonly status: 'active' | 'withdrawn'
  readonly storedAt: string
  /** Of the call that took this revision: where its answer is lost, it knows its own. */
  readonly claim: string
  /** Of the detection as it was received: a place that an analyst gave it later is not in it. */
  readonly contentSha256: string
  readonly territories: readonly Placing[]
  readonly bases: readonly Base[]
  /** Where earlier revisions stood and this one does not. */
  readonly left: readonly Base[]
  readonly body: Body
  /** Missing where its links were keyed without their marking: such a revision keeps those keys. */
  readonly linksBy?: 'marking'
  /** *placed later* where it came without a territory and has got one since. */
  readonly placing: 'placed' | 'unplaced' | 'placed later'
  readonly reason?: string
}

/** A detection as JSON, or how many chunk items hold it. */
type Body = { readonly json: string } | { readonly chunks: number }

export const detectionsIn = (table: Table): Detections => {
  const bodyFrom = async (item: Item & { readonly body: Body }, id: string, revision: number): Promise<Detection> => {
    const { body } = item
    if ('json' in body) return parse(body.json)
    const what = `detection ${id}, revision ${revision}`
    const parts = await readParts(table, body.chunks, (number) => chunkKey(id, revision, number), what)
    return parse(parts.join(''))
  }

  const readHead = async (id: string): Promise<Head | undefined> => (await table.get(headKey(id))) as Head | undefined

  /** Claims the next revision by its head; the items that the head promises are the caller's to put. */
  const save = async (received: Detection, now: Date): Promise<{ outcome: Outcome; items: readonly Item[] }> => {
    const sha256 = contentSha256(received)
    // Most detections are new: the first try spares the reading.
    let head: Head | undefined
    for (;;) {
      const decision = decide(head, received, sha256)
      if (decision.kind === 'refused') return { outcome: decision, items: [] }
      if (decision.kind === 'duplicate') {
        const stands = head as Head
        return { outcome: decision, items: stands.status === 'active' ? await missing(stands, received) : [] }
      }
      const placed = withPlaces(received, head)
      const next = headOf(placed, decision.revision, sha256, head, now)
      if (await table.putIf(next, unchangedSince(head))) {
        return { outcome: outcomeOf(decision.kind, next), items: itemsOf(next, placed) }
      }
      head = await readHead(received.id)
      // The claim went through and only its answer was lost.
      if (head && isSame(head, next)) return { outcome: outcomeOf(decision.kind, head), items: itemsOf(head, placed) }
    }
  }

  /** What an interrupted ingest left out of the revision that stands. */
  const missing = async (head: Head, received: Detection): Promise<readonly Item[]> => {
    const due = itemsOf(head, { ...received, territories: [...head.territories] })
    const found = new Set((await table.getAll(due, ['pk', 'sk'])).map(keyText))
    return due.filter((item) => !found.has(keyText(item)))
  }

  /** What stands of a partition's range as of an instant, a page at a time. */
  const current = async function* (pk: string, range: Range, asOf: string): AsyncGenerator<readonly Standing[]> {
    const standing = currentAt(asOf)
    for await (const page of table.pages(pk, range)) yield page.flatMap((item) => standing.past(item as Standing))
    yield standing.last()
  }

  const currentOneByOne = async function* (pk: string, range: Range, asOf: string): AsyncGenerator<Standing> {
    for await (const page of current(pk, range, asOf)) yield* page
  }

  const sightingOf = async (standing: Standing): Promise<Sighting> => ({
    detection: await bodyFrom(standing as Standing & { body: Body }, standing.id, standing.revision),
    revision: standing.revision,
    storedAt: standing.storedAt,
  })

  /** At once where the item holds the whole body, as nearly all do: a promise for each would cost more than reading it. */
  const sightingNow = (standing: Standing): Sighting | undefined => {
    const { body, revision, storedAt } = standing as Standing & { body: Body }
    return 'json' in body ? { detection: parse(body.json), revision, storedAt } : undefined
  }

  const headsOf = async (ids: readonly string[]): Promise<readonly Head[]> =>
    (await table.getAll([...new Set(ids)].map(headKey))) as readonly Head[]

  /** A detection as of an instant, in any of the places that its head knows. */
  const asOfInstant = async (head: Head, asOf: string): Promise<Detection | undefined> => {
    if (head.storedAt <= asOf) return head.status === 'active' ? bodyFrom(head, head.id, head.revision) : undefined
    for (const { pk, base } of [...head.bases, ...head.left]) {
      if (!pk.startsWith('DET#')) continue
      for await (const page of current(pk, { from: base, to: `${base}~` }, asOf)) {
        const standing = page.find(({ id }) => id === head.id)
        if (standing) return (await sightingOf(standing)).detection
      }
    }
    return undefined
  }

  return {
    saveAll: async (detections, now) => {
      const saved = await Promise.all(detections.map((detection) => save(detection, now)))
      await table.putAll(saved.flatMap(({ items }) => items))
      return saved.map(({ outcome }) => outcome)
    },
    place: async (id, territories, now) => {
      for (;;) {
        const head = await readHead(id)
        if (!head)
          throw new UnknownDetectionError(`no detection ${JSON.stringify(id)} is stored: see vigie unplaced list`)
        if (head.status === 'withdrawn')
          throw new PlacingError(`${id} was withdrawn (${head.reason}): it needs no place`)
        if (head.territories.length > 0) {
          const codes = head.territories.map(({ code }) => code).join(', ')
          throw new PlacingError(`${id} is placed already (${codes}): send a revision of it to place it elsewhere`)
        }
        const placed = { ...(await bodyFrom(head, id, head.revision)), territories: [...territories] }
        const next = headOf(placed, head.revision + 1, head.contentSha256, head, now)
        const claimed = await table.putIf(next, unchangedSince(head))
        if (!claimed && !isSame((await readHead(id)) as Head, next)) continue
        await table.putAll(itemsOf(next, placed))
        return
      }
    },
    withdraw: async (id, reason, now) => {
      for (;;) {
        const head = await readHead(id)
        if (!head)
          throw new UnknownDetectionError(`no detection ${JSON.stringify(id)} is stored: look its id up in a report`)
        if (head.status === 'withdrawn') {
          await table.putAll(itemsOf(head, undefined))
          return false
        }
        const next: Head = {
          ...head,
          revision: head.revision + 1,
          status: 'withdrawn',
          storedAt: now.toISOString(),
          claim: randomUUID(),
          reason,
        }
        const claimed = await table.putIf(next, unchangedSince(head))
        if (!claimed && !isSame((await readHead(id)) as Head, next)) continue
        await table.putAll(itemsOf(next, undefined))
        return true
      }
    },
    latest: async (id) => {
      const head = await readHead(id)
      return head && bodyFrom(head, id, bodyRevision(head))
    },
    inWindow: async function* (territory, from, to, asOf) {
      const range = { from: new Date(from).toISOString(), to: `${new Date(to - 1).toISOString()}~` }
      for (const day of utcDays(from, to)) {
        for await (const page of current(detectionPartition(territory, day), range, asOf)) {
          for (const standing of page) yield sightingNow(standing) ?? (await sightingOf(standing))
        }
      }
    },
    reaching: async function* (territory, from, to, asOf) {
      const before = new Date(to).toISOString()
      const ending = current(ongoingPartition(territory), { from: new Date(from).toISOString() }, asOf)
      const found: Standing[] = []
      for await (const page of ending) found.push(...page.filter((standing) => String(standing.from) < before))
      const items = await table.getAll(found.map(({ at }) => at as Key))
      if (items.length < found.length) {
        throw new Error(
          `${found.length - items.length} ongoing detections of ${territory} lack their items: ingest them again to put them back`,
        )
      }
      for (const item of items) yield await sightingOf(item as Standing)
    },
    named: async (territory, wanted) => {
      const keys = wanted.map(({ id, revision, from }) => revisionKey(baseAt(territory, from, id), revision))
      const items = await table.getAll(keys)
      return Promise.all(items.map((item) => sightingOf(item as Standing)))
    },
    linked: async (link, asOf, { cap, before, most }) => {
      const ranges = [...markings.filter((marking) => fitsUnder(marking, cap)), undefined]
      const streams = ranges.map((marking) => {
        const standing = currentOneByOne(linkPartition(link), { ...linkRange(marking, before), atOnce: most + 1 }, asOf)
        return linkedOf(standing, cap)
      })
      const linked = new Map<string, Linked>()
      for await (const one of mergedByTime(streams)) {
        if (linked.size === most && !linked.has(one.id)) return { linked: [...linked.values()], more: one.marking }
        linked.set(one.id, one)
      }
      return { linked: [...linked.values()] }
    },
    bodies: async (linked) => {
      const keys = linked.flatMap(({ id, observed, territories: [first], revision }) =>
        first ? [revisionKey(basesOf({ id, observed }, first.code).at, revision)] : [],
      )
      return Promise.all((await table.getAll(keys)).map((item) => sightingOf(item as Standing)))
    },
    lineage: async (ids, asOf) => {
      const found = new Map<string, Pick<Detection, 'partOf' | 'marking'>>()
      for (const head of await headsOf(ids)) {
        const detection = await asOfInstant(head, asOf)
        if (detection) found.set(head.id, { partOf: detection.partOf, marking: detection.marking })
      }
      return found
    },
    markings: async (ids) => {
      const found = new Map<string, Marking>()
      for (const head of await headsOf(ids)) {
        found.set(head.id, (await bodyFrom(head, head.id, bodyRevision(head))).marking)
      }
      return found
    },
    unplaced: async function* () {
      for await (const item of table.query(unplacedPartition)) {
        if (item.status !== 'unplaced') continue
        const head = item as Head
        yield { detection: await bodyFrom(head, head.id, head.revision), storedAt: head.storedAt }
      }
    },
  }
}

/** What link items tell, as far as it fits under a cap; the key of an older one does not say whether it does. */
const linkedOf = async function* (standings: AsyncIterable<Standing>, cap: Marking): AsyncGenerator<Linked> {
  for await (const standing of standings) {
    const { id, revision, from, to, observed, territories, posts, accounts } = standing as Standing & Linked
    const marking = closedMarking(standing.marking)
    if (fitsUnder(marking, cap)) yield { id, revision, from, to, observed, territories, marking, posts, accounts }
  }
}

/** Several streams that are each in order of time, as one. */
const mergedByTime = async function* (streams: readonly AsyncGenerator<Linked>[]): AsyncGenerator<Linked> {
  try {
    const heads = await Promise.all(streams.map(async (stream) => ({ stream, next: await stream.next() })))
    for (;;) {
      let first: (typeof heads)[number] | undefined
      for (const head of heads) {
        if (head.next.done) continue
        if (!first || first.next.done || isBefore(head.next.value, first.next.value)) first = head
      }
      if (!first || first.next.done) return
      yield first.next.value
      first.next = await first.stream.next()
    }
  } finally {
    await Promise.all(streams.map((stream) => stream.return(undefined)))
  }
}

const isBefore = (a: Linked, b: Linked): boolean => (a.from === b.from ? a.id < b.id : a.from < b.from)

/**
 * Items of one detection stand together: the current one is the highest revision stored at or before the instant, which
 * shows when the next detection begins.
 */
const currentAt = (asOf: string) => {
  let base: string | undefined
  let best: Standing | undefined
  const standing = (): readonly Standing[] => (best?.status === 'active' ? [best] : [])
  return {
    /** Takes the next item; gives the detection that ended before it, where that stands. */
    past: (item: Standing): readonly Standing[] => {
      const ended = baseOf(item) === base ? [] : standing()
      if (baseOf(item) !== base) best = undefined
      base = baseOf(item)
      if (item.storedAt <= asOf) best = item
      return ended
    },
    last: standing,
  }
}

const headOf = (detection: Detection, revision: number, sha256: string, before: Head | undefined, now: Date): Head => {
  const json = jsonOf(detection, revision)
  const bases = placesOf(detection, 'marking').map(({ base }) => base)
  const standing = new Set(bases.map(baseText))
  const earlier = new Map([...(before?.bases ?? []), ...(before?.left ?? [])].map((base) => [baseText(base), base]))
  return {
    ...headKey(detection.id),
    id: detection.id,
    revision,
    status: 'active',
    storedAt: now.toISOString(),
    claim: randomUUID(),
    contentSha256: sha256,
    territories: detection.territories,
    bases,
    left: [...earlier].filter(([text]) => !standing.has(text)).map(([, base]) => base),
    body: json.length <= mostInItem ? { json } : { chunks: cutText(json).length },
    linksBy: 'marking',
    placing:
      detection.territories.length === 0
        ? 'unplaced'
        : before && before.placing !== 'placed'
          ? 'placed later'
          : 'placed',
  }
}

/** Where a detection stands, and what its item there says: in each territory's time, among the ongoing, and at its links. */
const placesOf = (detection: Detection, linksBy: Head['linksBy']) => {
  type Place = { base: Base; says: (head: Pick<Head, 'revision' | 'body'>) => Readonly<Record<string, unknown>> }
  const inTime = detection.territories.map(({ code }) => basesOf(detection, code))
  const [earliest] = [...inTime].sort((a, b) => (a.from < b.from ? -1 : 1))
  const places: Place[] = inTime.flatMap(({ at, from, ongoing }): Place[] => [
    { base: at, says: ({ body }) => ({ body }) },
    ...(ongoing
      ? [{ base: ongoing, says: ({ revision }: Pick<Head, 'revision'>) => ({ from, at: revisionKey(at, revision) }) }]
      : []),
  ])
  if (!earliest) return places
  const { from, to } = earliest
  const { marking, counts } = detection
  const territories = detection.territories.map(({ code, method }) => ({ code, method }))
  const linked = {
    from,
    to,
    observed: detection.observed,
    territories,
    marking,
    posts: counts.posts,
    accounts: counts.accounts,
  }
  return [
    ...places,
    ...linksOf(detection).map(
      (link): Place => ({
        base: linkBase(link, { marking: linksBy && marking, from, id: detection.id }),
        says: () => linked,
      }),
    ),
  ]
}

/** Every item that a head promises, always the same ones for the same head. */
const itemsOf = (head: Head, detection: Detection | undefined): readonly Item[] => {
  const { id, revision, storedAt, status, body } = head
  const stamp = { id, revision, storedAt }
  const items: Item[] = head.left.map((base) => ({ ...revisionKey(base, revision), ...stamp, status: 'moved' }))
  if (!detection) {
    items.push(...head.bases.map((base) => ({ ...revisionKey(base, revision), ...stamp, status })))
    if (head.placing !== 'placed') items.push({ pk: unplacedPartition, sk: id, ...stamp, status, body })
    return items
  }
  for (const { base, says } of placesOf(detection, head.linksBy)) {
    items.push({ ...revisionKey(base, revision), ...stamp, status, ...says({ revision, body }) })
  }
  if ('chunks' in body) {
    const chunks = cutText(jsonOf(detection, revision))
    items.push(...chunks.map((text, number) => ({ ...chunkKey(id, revision, number), text })))
  }
  // Once placed, the detection stays in the list's partition as a trace.
  if (head.placing !== 'placed') items.push({ pk: unplacedPartition, sk: id, ...stamp, status: head.placing, body })
  return items
}

/** A place that an analyst gave stays, where a later revision still brings none. */
const withPlaces = (received: Detection, head: Head | undefined): Detection =>
  received.territories.length === 0 && head?.placing === 'placed later'
    ? { ...received, territories: [...head.territories] }
    : received

/** One text for one detection, so that a chunk that is put back fits the others. */
const jsonOf = (detection: Detection, revision: number): string => canonicalJson({ ...detection, revision })

const outcomeOf = (kind: 'new' | 'revised', head: Head): Outcome =>
  kind === 'revised' ? { kind } : { kind: head.placing === 'unplaced' ? 'unplaced' : 'accepted' }

const unchangedSince = (head: Head | undefined) =>
  head
    ? { expression: 'revision = :revision', values: { ':revision': head.revision } }
    : { expression: 'attribute_not_exists(pk)' }

const isSame = (found: Head, wanted: Head): boolean => found.claim === wanted.claim

/** A withdrawal has no body of its own. */
const bodyRevision = (head: Head): number => (head.status === 'withdrawn' ? head.revision - 1 : head.revision)

/** What is stored was checked when it came in; a marking that cannot be read is closed all the same. */
const parse = (json: string): Detection => {
  const detection = JSON.parse(json) as Detection
  const marking = closedMarking(detection.marking)
  return marking === detection.marking ? detection : { ...detection, marking }
}

const baseText = ({ pk, base }: Base): string => `${pk}\n${base}`

const keyText = ({ pk, sk }: Key): string => `${pk}\n${sk}`
