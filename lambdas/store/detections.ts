/** Stored detections: revisions that are never edited, found again by territory, time and as-of instant. */

import { randomUUID } from 'node:crypto'
import { type DetectionLink, type Linked, linksOf } from '../domain/aggregate/across.ts'
import type { Contribution, DetectionAsOf } from '../domain/aggregate/tally.ts'
import { canonicalJson } from '../domain/core/canonical.ts'
import { closedMarking, fitsUnder, type Marking, markings } from '../domain/core/marking.ts'
import { plural } from '../domain/core/plural.ts'
import type { TerritoryCode } from '../domain/core/territory.ts'
import {
  type Correcting,
  type Correction,
  changedFields,
  corrected,
  correctionsAfter,
  refusedOver,
  touched,
  touches,
  uncorrected,
  withFields,
  withSpelling,
} from '../domain/detection/correction.ts'
import { type Detection, detectionId, faultOf, type TerritoryAssignment } from '../domain/detection/detection.ts'
import { misspeltIn, noTerritory } from '../domain/detection/gazetteer.ts'
import {
  contentSha256,
  type Decision,
  decide,
  type Latest,
  type Owner,
  type Sending,
} from '../domain/detection/revision.ts'
import { undoEnds } from './batches.ts'
import { cutText, MissingPartsError, maxItemChars, readParts } from './chunks.ts'
import {
  type Base,
  baseAt,
  baseOf,
  basesOf,
  bodyPartitionOf,
  chunkKey,
  contestedKey,
  contestedPartition,
  contestedRange,
  detectionPartition,
  faultOfKey,
  headKey,
  type Key,
  keyText,
  linkBase,
  linkPartition,
  linkRange,
  ongoingPartition,
  revisedHeadKey,
  revisionKey,
  unplacedPartition,
  utcDays,
} from './keys.ts'
import { type Item, type Range, RefusedItemError, type Table } from './table.ts'

/** What came of a detection that was to be stored. */
type Outcome = Exclude<Decision, { kind: 'new' | 'revised' }> | { readonly kind: 'accepted' | 'revised' | 'unplaced' }

type Unplaced = { readonly detection: Detection; readonly storedAt: string }

/** A record that changes nothing until a person decides. */
export type Contested = {
  readonly detection: Detection
  /** Of the record as it came, by which it is found. */
  readonly sha256: string
  /** Why it is no revision by itself. */
  readonly reason: string
  readonly author?: string | undefined
  /** It is a correction of these fields alone. */
  readonly correcting?: Correcting | undefined
  /** The intake in which it first came. */
  readonly batch?: string | undefined
  /** ISO instant at which it first came. */
  readonly storedAt: string
}

/**
 * *left* where something else has changed it since, over what the batch did: which intake did, where it was one. *nothing*
 * where nothing of the batch is in it.
 */
export type Undone =
  | { readonly did: 'withdrawn' | 'restored' | 'nothing' }
  | { readonly did: 'left'; readonly since: string | undefined }

export type UndoneContested = {
  /** Ids of those that wait no longer. */
  readonly undone: readonly string[]
  /** Those that a person has accepted since: what they became stays. */
  readonly accepted: readonly { readonly id: string; readonly by: string }[]
}

export type Decided = {
  /** Who decided. */
  readonly by: string
  /** What became of it: a revision of what its id names, a detection under the id `<detector>:<id>`, or nothing. */
  readonly as: 'revision' | 'new' | 'refused'
}

export type Detections = {
  /**
   * Stores detections with different ids; the outcomes are in their order. An interrupted call is healed by another
   * one with the same detections: what is missing of a stored revision is put back. What the table refuses is refused
   * by itself, the others are whole.
   * @param sendingOf what is known of each besides its content
   */
  saveAll(
    detections: readonly Detection[],
    now: Date,
    sendingOf?: (detection: Detection) => Sending & { readonly batch?: string },
  ): Promise<readonly Outcome[]>
  /** Those that wait for a decision, of all ids or of one; the earliest of an id first. */
  contested(id?: string): AsyncGenerator<Contested>
  /** Carries out what a person decided of one of them. @returns the id that it has then; throws ContestError */
  decide(contested: Contested, decided: Decided, now: Date): Promise<string>
  /**
   * Gives a detection that came without a territory its place, in a new revision. What was received stays what it is:
   * the same file again is a duplicate, and a corrected one keeps the place. Throws PlacingError.
   */
  assignTerritories(id: string, territories: readonly TerritoryAssignment[], now: Date): Promise<void>
  /** Withdraws it from every later report. False where it already was; throws UnknownDetectionError. */
  withdraw(id: string, reason: string, now: Date): Promise<boolean>
  /**
   * Takes back what a batch did to a detection, in a new revision: one that it added is withdrawn, one that it revised is as
   * before, which an earlier batch may have brought. What was changed again since stays.
   */
  undo(id: string, batch: string, now: Date): Promise<Undone>
  /** Takes out what the batch left to a person's decision; the same record again is contested again. */
  undoContested(batch: string, now: Date): Promise<UndoneContested>
  /** What persons have corrected of a detection. */
  corrections(id: string): Promise<readonly Correction[]>
  /** The latest revision, whatever its status. */
  latest(id: string): Promise<Detection | undefined>
  /** Detections first observed in [from, to), in the revision current at the as-of instant; milliseconds UTC. */
  inWindow(territory: TerritoryCode, from: number, to: number, asOf: string, seen?: Seen): AsyncGenerator<DetectionAsOf>
  /** Detections over more than a day that began before `to` and end at or after `from`, as of an instant. */
  reaching(territory: TerritoryCode, from: number, to: number, asOf: string, seen?: Seen): AsyncGenerator<DetectionAsOf>
  /** Detections of a territory by what a count says of them. */
  named(territory: TerritoryCode, wanted: readonly Contribution[]): Promise<readonly DetectionAsOf[]>
  /**
   * Detections with a link that fit under a cap and began before an instant, the earliest first, as of another; at most
   * so many, and, where there are more, the marking of the next. What is above the cap has no part in the answer.
   */
  linked(
    link: DetectionLink,
    asOf: string,
    limits: { readonly cap: Marking; readonly before: string; readonly most: number },
  ): Promise<{ readonly linked: readonly Linked[]; readonly more?: Marking }>
  /** The bodies of what links led to. */
  bodies(linked: readonly Linked[]): Promise<readonly DetectionAsOf[]>
  /** What detections are part of, and their marking, as of an instant; what is withdrawn or not stored is left out. */
  lineage(ids: readonly string[], asOf: string): Promise<ReadonlyMap<string, Pick<Detection, 'partOf' | 'marking'>>>
  /** The newest marking of detections, withdrawn or not. */
  markings(ids: readonly string[]): Promise<ReadonlyMap<string, Marking>>
  unplaced(): AsyncGenerator<Unplaced>
  /** What is known of ids; those that are not stored are left out. One reading, whatever is stored under them. */
  stored(ids: readonly string[]): Promise<ReadonlyMap<string, Stored>>
  /** Its revisions, the first one first, as far as they can still be read. */
  history(id: string): Promise<readonly Revision[]>
}

/** A detection as its latest revision says it. */
export type Stored = {
  readonly id: string
  readonly revision: number
  readonly status: 'active' | 'withdrawn'
  readonly storedAt: string
  /** Why it was withdrawn. */
  readonly reason?: string | undefined
  readonly marking: Marking
  readonly territories: readonly TerritoryAssignment[]
  /** The intake that brought the revision. */
  readonly batch?: string | undefined
  /** The whole; of one that is withdrawn what was withdrawn. */
  body(): Promise<Detection>
}

/** A revision as it was stored. What a detection said that came without a territory is not kept once it has one. */
export type Revision = {
  readonly revision: number
  readonly status: 'active' | 'withdrawn'
  readonly storedAt: string
  readonly detection?: Detection
}

/** Kept up to date by a reading: the latest instant at which anything in it was stored, whether it counts as of then or not. */
export type Seen = { latest: string }

export class UnknownDetectionError extends Error {
  override name = 'UnknownDetectionError'
}

class AssignmentError extends Error {
  override name = 'AssignmentError'
}

/** What was decided cannot be carried out. */
export class ContestError extends Error {
  override name = 'ContestError'
}

/** An item that names one revision of a detection at one place. */
type RevisionItem = Item & {
  readonly id: string
  readonly revision: number
  readonly storedAt: string
  /** *moved* where a later revision is at another time or territory. */
  readonly status: 'active' | 'withdrawn' | 'moved'
  /** Fields that persons corrected in it, as a report may tell them. */
  readonly corrected?: readonly string[]
}

type Head = Item & HeadFields

type HeadFields = {
  readonly id: string
  readonly revision: number
  readonly status: 'active' | 'withdrawn'
  readonly storedAt: string
  /** Of the call that took this revision: where its answer is lost, it knows its own. */
  readonly claim: string
  /** Of the detection as it was received: a place that an analyst gave it later is not in it. */
  readonly contentSha256: string
  readonly territories: readonly TerritoryAssignment[]
  /** Whose the id is; heads of earlier versions of Vigie do not say it, nor the marking. */
  readonly owner?: Owner
  readonly marking?: Marking
  /**
   * Where the revision before stood and this one does not: how many items hold it, so that a head never grows with what
   * it rests on. Heads of earlier versions hold it themselves, of all revisions before.
   */
  readonly left?: { readonly chunks: number } | readonly Base[]
  /** Where it is, in heads of earlier versions; it follows from the body. */
  readonly bases?: readonly Base[]
  readonly body: Body
  /** Missing where its links were keyed without their marking: such a revision keeps those keys. */
  readonly linksBy?: 'marking'
  /** *placed later* where it came without a territory and has got one since. */
  readonly placing: 'placed' | 'unplaced' | 'placed later'
  readonly reason?: string
  /** What persons corrected, as JSON: it holds over what its detector sends. */
  readonly corrections?: { readonly json: string }
  /** The intake that brought this revision. */
  readonly batch?: string
  /** Where no intake brought it: the last one that brought one beneath it. */
  readonly over?: string
  /** The intake that brought it, where it is withdrawn since that was undone. */
  readonly undone?: string
  /** The intake that revised it, where this revision is since that was undone. */
  readonly restored?: string
}

/** What a head was before a batch revised it. */
type RevisedHead = Item & { readonly head: Head }

/** A detection as JSON, or how many chunk items hold it, and which; those of earlier versions of Vigie bear no name. */
type Body = { readonly json: string } | { readonly chunks: number; readonly of?: string }

type ContestedItem = Item &
  Omit<Contested, 'detection'> & {
    readonly id: string
    readonly chunks: number
    /** Of the last change: forgetting an account writes over the item. */
    readonly claim: string
    readonly state: 'open' | 'undone' | Decided['as']
    readonly by?: string
    readonly decidedAt?: string
    /** The id that it has since, where it was accepted. */
    readonly under?: string
  }

export const detectionsIn = (table: Table): Detections => {
  const bodyFrom = async (item: Item & { readonly body: Body }, id: string, revision: number): Promise<Detection> => {
    const { body } = item
    if ('json' in body) return parse(body.json, id, revision)
    const what = `detection ${id}, revision ${revision}`
    const parts = await readParts(table, body.chunks, (number) => chunkKey(id, revision, number, body.of), what)
    return parse(parts.join(''), id, revision)
  }

  const readHead = async (id: string): Promise<Head | undefined> => (await table.get(headKey(id))) as Head | undefined

  /** Undefined where an earlier version of Vigie was interrupted before it had put the body's parts. */
  const bodyOf = async (head: Head): Promise<Detection | undefined> => {
    try {
      return await bodyFrom(head, head.id, bodyRevision(head))
    } catch (error) {
      if (error instanceof MissingPartsError) return undefined
      throw error
    }
  }

  const latestOf = async (head: Head): Promise<Latest & { readonly owner: Owner }> => {
    const { owner, marking } = head
    if (owner && marking) return { ...head, owner, marking: closedMarking(marking) }
    const body = await bodyOf(head)
    return { ...head, owner: owner ?? { detector: body?.detector.name ?? '' }, marking: closedMarking(body?.marking) }
  }

  const leftBy = async ({ id, revision, claim, left = [] }: Head): Promise<readonly Base[]> => {
    if (!('chunks' in left)) return left
    const what = `what detection ${id}, revision ${revision}, left`
    const parts = await readParts(table, left.chunks, (number) => leftKey(id, revision, number, claim), what)
    return JSON.parse(parts.join('')) as readonly Base[]
  }

  /**
   * Where any revision up to a head's stood and the next did not. What a call that did not get its revision put is read
   * too: it leads to nothing else, and is passed over where it is not whole.
   */
  const leftEver = async ({ id, left }: Head): Promise<readonly Base[]> => {
    const texts = new Map<string, string>()
    for await (const { sk, text } of table.query(bodyPartitionOf(id))) {
      const [whose = ''] = sk.split('#')
      if (whose.endsWith('.left')) texts.set(whose, `${texts.get(whose) ?? ''}${text}`)
    }
    const bases = [...texts.values()].flatMap((text): readonly Base[] => {
      try {
        return JSON.parse(text)
      } catch {
        return []
      }
    })
    return [...(left && !('chunks' in left) ? left : []), ...bases]
  }

  /** What a revision puts besides its head. */
  const promisedBy = async (head: Head, body: Detection | undefined): Promise<readonly Item[]> =>
    itemsOf(head, body, await leftBy(head))

  /** Puts what an interrupted call left out of a revision: the next one marks only what this one stood on. */
  const complete = async (head: Head, body: Detection | undefined): Promise<void> =>
    table.putAll(await missing(await promisedBy(head, body)))

  /** Those that are not there. */
  const missing = async (due: readonly Item[]): Promise<readonly Item[]> => {
    const found = new Set((await table.getAll(due, ['pk', 'sk'])).map(keyText))
    return due.filter((item) => !found.has(keyText(item)))
  }

  /**
   * Takes a revision by its head, once all that the head leads to is there. The items that it promises are the caller's
   * to put. Undefined where another call has changed the head.
   */
  const claim = async (
    next: NextHead,
    placed: Detection,
    before: Head | undefined,
  ): Promise<{ readonly head: Head; readonly items: readonly Item[] } | undefined> => {
    const { id, revision } = next
    const body = before && (await bodyOf(before))
    if (before) await complete(before, body)
    const left = before
      ? leavingOf(
          [...(before.bases ?? []), ...(body ? basesIn(body, before.linksBy) : [])],
          basesIn(placed, next.linksBy),
        )
      : []
    const leftText = left.length > 0 ? cutText(canonicalJson(left)) : []
    const head: Head = { ...next, ...(leftText.length > 0 && { left: { chunks: leftText.length } }) }
    const items = itemsOf(head, placed, left)
    for (const item of items) {
      const fault = faultOfKey(item)
      if (fault !== undefined) throw new RefusedItemError(fault)
    }
    await table.putAll([
      ...leftText.map((text, number) => ({ ...leftKey(id, revision, number, head.claim), text })),
      ...chunksOf(head, placed),
    ])
    if (await table.putIf(head, unchangedSince(before))) return { head, items }
    // The claim may have gone through with its answer lost.
    const found = await readHead(id)
    return found && isSame(found, head) ? { head, items } : undefined
  }

  const save = async (
    given: Detection,
    now: Date,
    sending: Sending & { readonly batch?: string },
  ): Promise<{ readonly outcome: Outcome; readonly items: readonly Item[] }> => {
    let received = given
    // Most detections are new: the first try spares the reading, but where parts would be put before the claim.
    // The order of its fields does not change how long its text is.
    let head = isLong(JSON.stringify({ ...received, revision: 1 })) ? await readHead(received.id) : undefined
    for (;;) {
      const latest = head && (await latestOf(head))
      if (head && latest && isCorrection(head, latest, received, sending)) {
        const done = await correct(head, received, sending, now)
        if (done) return done
        head = await readHead(received.id)
        continue
      }
      const own = latest && isPartial(head as Head, latest, given, sending) ? head : undefined
      // Where a person has placed it since, the same row says nothing new.
      if (own?.placing === 'placed' && misspeltIn(given).length > 0) {
        return { outcome: misspelt(given), items: [] }
      }
      received = own ? await completed(own, given, sending) : given
      const sha256 = contentSha256(received)
      const decision = decide(latest, received, sha256, sending)
      if (decision.kind === 'refused') return { outcome: decision, items: [] }
      if (decision.kind === 'contested') {
        return { outcome: await contest(received, sha256, decision.message, sending, now), items: [] }
      }
      if (decision.kind === 'duplicate') {
        const stands = head as Head
        if (stands.status !== 'active') return { outcome: decision, items: [] }
        const placed = { ...corrected(received, correctionsIn(stands)), territories: [...stands.territories] }
        return { outcome: decision, items: await missing(await promisedBy(stands, placed)) }
      }
      const kept = decision.kind === 'revised' ? correctionsIn(head) : []
      const clash = touched(received, kept)
      if (clash.length > 0 && sending.accepted !== 'as revision') {
        return { outcome: await contest(received, sha256, touches(clash), sending, now), items: [] }
      }
      const corrections = kept.filter((one) => !clash.includes(one))
      const placed = withPlaces(corrected(received, corrections), head)
      const owner = (decision.kind === 'revised' && latest?.owner) || {
        detector: received.detector.name,
        author: sending.author,
      }
      const next = { ...headOf(placed, decision.revision, sha256, owner, head, now), ...correctionsOf(corrections) }
      const claimed = await claimFor(sending.batch, next, placed, head, now)
      if (claimed) return { outcome: outcomeOf(head, claimed.head), items: claimed.items }
      head = await readHead(received.id)
    }
  }

  /** A row of a sheet with the fields that it does not say as they are. */
  const completed = async (
    head: Head,
    { revision, ...said }: Detection,
    { correcting }: Sending,
  ): Promise<Detection> => {
    const { revision: _, ...body } = await bodyFrom(head, head.id, head.revision)
    const stands = receivedIn(head, body)
    const fields = correcting?.fields ?? []
    const whole = withFields(stands, said, changedFields(stands, said, fields))
    return {
      ...(fields.includes('territories') ? withSpelling(whole, said) : whole),
      detector: said.detector,
      ...(revision !== undefined && { revision }),
    }
  }

  /** What a person says of some fields of what another detector stored. Undefined where another call has changed the head. */
  const correct = async (
    head: Head,
    said: Detection,
    sending: Sending & { readonly batch?: string },
    now: Date,
  ): Promise<{ readonly outcome: Outcome; readonly items: readonly Item[] } | undefined> => {
    const { id, revision } = head
    const { fields, by, reason } = sending.correcting as Correcting
    if (fields.includes('territories') && misspeltIn(said).length > 0) return { outcome: misspelt(said), items: [] }
    const stands = await bodyFrom(head, id, revision)
    const changed = changedFields(stands, said, fields)
    if (changed.length === 0) {
      return { outcome: { kind: 'duplicate' }, items: await missing(await promisedBy(head, stands)) }
    }
    const isLower = changed.includes('marking') && fitsUnder(said.marking, stands.marking)
    if (isLower && !sending.accepted) {
      const message = `lowers the marking from ${stands.marking} to ${said.marking}`
      return { outcome: await contest(said, contentSha256(said), message, sending, now), items: [] }
    }
    const about = { by, reason, at: now.toISOString() }
    const corrections = correctionsAfter(correctionsIn(head), { stands, said, fields: changed }, about)
    const body = withFields(stands, said, changed)
    const { owner } = await latestOf(head)
    const next = { ...headOf(body, revision + 1, head.contentSha256, owner, head, now), ...correctionsOf(corrections) }
    if (isLong(next.corrections?.json ?? '')) {
      const message = 'corrects more than can be kept beside a detection: send it under an id of its own'
      return { outcome: { kind: 'refused', message }, items: [] }
    }
    const claimed = await claimFor(sending.batch, next, body, head, now)
    return claimed && { outcome: outcomeOf(head, claimed.head), items: claimed.items }
  }

  /** Claims a revision that an intake brought, so that it can be undone. */
  const claimFor = async (
    batch: string | undefined,
    next: NextHead,
    placed: Detection,
    before: Head | undefined,
    now: Date,
  ) => {
    if (batch === undefined) return claim({ ...next, ...overOf(before) }, placed, before)
    if (before && before.batch !== batch) await keepRevised(batch, before, now)
    return claim({ ...next, batch }, placed, before)
  }

  /** Whether what a batch did is beneath what stands of a detection. */
  const isBeneath = async (batch: string, head: Head): Promise<boolean> => {
    const passed = new Set<string>()
    for (let at = intakeOf(head); at !== undefined && !passed.has(at); ) {
      if (at === batch) return true
      passed.add(at)
      at = intakeOf((await revisedBy(at, head.id)) ?? {})
    }
    return false
  }

  /** What a detection was before a batch revised it. */
  const revisedBy = async (batch: string, id: string): Promise<Head | undefined> =>
    ((await table.get(revisedHeadKey(batch, id))) as RevisedHead | undefined)?.head

  const keepRevised = (batch: string, head: Head, now: Date): Promise<void> =>
    table.put({ ...revisedHeadKey(batch, head.id), head, expiresAt: undoEnds(now) })

  /** Keeps a record for a person to decide of, once for the same content. */
  const contest = async (
    detection: Detection,
    sha256: string,
    reason: string,
    { author, batch, correcting }: Sending & { readonly batch?: string },
    now: Date,
  ): Promise<Outcome> => {
    const { id } = detection
    const key = contestedKey(id, sha256)
    const known = (await table.get(key)) as ContestedItem | undefined
    if (known && known.state !== 'open' && known.state !== 'undone') return { kind: 'duplicate' }
    if (!known || known.state === 'undone') {
      const parts = cutText(canonicalJson(detection))
      await table.putAll(parts.map((text, number) => ({ ...chunkKey(id, 0, number, sha256), text })))
      const about = { author, batch, correcting, reason, storedAt: now.toISOString() }
      const chunks = parts.length
      const item: ContestedItem = { ...key, id, sha256, chunks, claim: randomUUID(), state: 'open', ...about }
      await table.putIf(
        item,
        known
          ? { expression: 'claim = :claim', values: { ':claim': known.claim } }
          : { expression: 'attribute_not_exists(pk)' },
      )
    }
    return { kind: 'contested', message: reason }
  }

  /** Puts the items of all; where the table refuses one, each detection's own, so that the others are whole. */
  const putEach = async (
    saved: readonly { readonly outcome: Outcome; readonly items: readonly Item[] }[],
  ): Promise<readonly Outcome[]> => {
    try {
      await table.putAll(saved.flatMap(({ items }) => items))
      return saved.map(({ outcome }) => outcome)
    } catch (error) {
      if (!(error instanceof RefusedItemError)) throw error
    }
    const outcomes: Outcome[] = []
    for (const { outcome, items } of saved) {
      const put = table.putAll(items).then(() => outcome)
      outcomes.push(await put.catch((error: unknown) => refusalOf(error).outcome))
    }
    return outcomes
  }

  /** A contested record under the id that its detector's name makes its own, and so the whole of which it is a part. */
  const renamed = async (detection: Detection): Promise<Detection> => {
    const own = (id: string) => `${detection.detector.name}:${id}`
    const read = detectionId.safeParse(own(detection.id))
    if (!read.success) {
      throw new ContestError(
        `${JSON.stringify(own(detection.id))} ${faultOf(read.error)}: give it an id of its own at its source`,
      )
    }
    const { partOf, revision: _, ...rest } = detection
    const whole = partOf !== undefined && (await readHead(own(partOf))) ? own(partOf) : partOf
    return { ...rest, id: read.data, ...(whole !== undefined && { partOf: whole }) }
  }

  /** The same from its detector again does not touch what a person corrected. */
  const keepRefusal = async (detection: Detection): Promise<void> => {
    const head = await readHead(detection.id)
    const corrections = correctionsIn(head)
    if (!head || touched(detection, corrections).length === 0) return
    await table.putIf({ ...head, ...correctionsOf(refusedOver(detection, corrections)) }, unchangedSince(head))
  }

  /** Withdraws what a head is of. False where another call has changed it. */
  const withdrawn = async (head: Head, why: Pick<Head, 'reason' | 'undone'>, now: Date): Promise<boolean> => {
    const body = await bodyOf(head)
    await complete(head, body)
    const { left: _, batch: __, over: ___, undone: ____, restored: _____, ...stands } = head
    const next: Head = {
      ...stands,
      ...(why.undone === undefined && overOf(head)),
      ...why,
      // What is withdrawn already keeps the number by which its body is found.
      revision: head.status === 'withdrawn' ? head.revision : head.revision + 1,
      status: 'withdrawn',
      storedAt: head.status === 'withdrawn' ? head.storedAt : now.toISOString(),
      claim: randomUUID(),
    }
    const claimed = await table.putIf(next, unchangedSince(head))
    const found = claimed ? next : await readHead(head.id)
    if (!found || !isSame(found, next)) return false
    await table.putAll(itemsOf(next, body, []))
    return true
  }

  /** What is current in a partition's range as of an instant, a page at a time. */
  const current = async function* (
    pk: string,
    range: Range,
    asOf: string,
    seen?: Seen,
  ): AsyncGenerator<readonly RevisionItem[]> {
    const newest = currentAt(asOf, seen)
    for await (const page of table.pages(pk, range)) yield page.flatMap((item) => newest.past(item as RevisionItem))
    yield newest.last()
  }

  const currentOneByOne = async function* (pk: string, range: Range, asOf: string): AsyncGenerator<RevisionItem> {
    for await (const page of current(pk, range, asOf)) yield* page
  }

  const detectionFrom = async (item: RevisionItem): Promise<DetectionAsOf> => ({
    detection: await bodyFrom(item as RevisionItem & { body: Body }, item.id, item.revision),
    revision: item.revision,
    storedAt: item.storedAt,
    corrected: item.corrected,
  })

  /** At once where the item holds the whole body, as nearly all do: a promise for each would cost more than reading it. */
  const detectionAtOnce = (item: RevisionItem): DetectionAsOf | undefined => {
    const { body, revision, storedAt, corrected } = item as RevisionItem & { body: Body }
    return 'json' in body
      ? { detection: parse(body.json, item.id, revision), revision, storedAt, corrected }
      : undefined
  }

  const headsOf = async (ids: readonly string[]): Promise<readonly Head[]> =>
    (await table.getAll([...new Set(ids)].map(headKey))) as readonly Head[]

  /** Where it stands and where it has stood, in time and at its links. */
  const placesEver = async (head: Head, body: Detection | undefined): Promise<readonly Base[]> =>
    leavingOf([...(head.bases ?? []), ...(body ? basesIn(body, head.linksBy) : []), ...(await leftEver(head))], [])

  /** A detection as of an instant, in any of the places where it has stood. */
  const asOfInstant = async (head: Head, asOf: string): Promise<Detection | undefined> => {
    const body = await bodyOf(head)
    if (head.storedAt <= asOf) return head.status === 'active' ? body : undefined
    for (const { pk, base } of await placesEver(head, body)) {
      if (!pk.startsWith('DET#')) continue
      for await (const page of current(pk, { from: base, to: `${base}~` }, asOf)) {
        const item = page.find(({ id }) => id === head.id)
        if (item) return (await detectionFrom(item)).detection
      }
    }
    return undefined
  }

  const historyOf = async (head: Head): Promise<readonly Revision[]> => {
    const { id, revision, status, storedAt } = head
    const body = await bodyOf(head)
    const revisions = new Map<number, Revision>()
    for (const { pk, base } of await placesEver(head, body)) {
      if (!pk.startsWith('DET#')) continue
      for await (const item of table.query(pk, { from: base, to: `${base}~` })) {
        const one = item as RevisionItem
        const known = revisions.get(one.revision)
        if (one.id !== id || known?.detection || one.revision > revision) continue
        const its = { revision: one.revision, storedAt: one.storedAt }
        if (one.status === 'active') revisions.set(one.revision, { ...its, ...(await revisionFrom(one)) })
        else revisions.set(one.revision, { ...its, status: one.status === 'moved' ? 'active' : 'withdrawn' })
      }
    }
    const latest = { revision, status, storedAt }
    revisions.set(revision, status === 'active' && body ? { ...latest, detection: body } : latest)
    return [...revisions.values()].sort((a, b) => a.revision - b.revision)
  }

  const revisionFrom = async (item: RevisionItem): Promise<Pick<Revision, 'status' | 'detection'>> => ({
    status: 'active',
    detection: (await detectionFrom(item)).detection,
  })

  const storedOf = async (head: Head): Promise<Stored> => {
    const { id, revision, status, storedAt, reason, territories, batch } = head
    const { marking } = await latestOf(head)
    const body = () => bodyFrom(head, id, bodyRevision(head))
    return { id, revision, status, storedAt, reason, marking, territories, batch, body }
  }

  return {
    saveAll: async (detections, now, sendingOf = () => ({})) => {
      const tried = await Promise.allSettled(
        detections.map((detection) => save(detection, now, sendingOf(detection)).catch(refusalOf)),
      )
      // What goes wrong with one leaves the others whole.
      const outcomes = await putEach(tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
      const failed = tried.find((one) => one.status === 'rejected')
      if (failed) throw failed.reason
      return outcomes
    },
    contested: async function* (id) {
      const range = id === undefined ? {} : contestedRange(id)
      const open = (await Array.fromAsync(table.query(contestedPartition, range))).filter(isOpen)
      const inOrder = open.sort((a, b) => compare(a.id, b.id) || compare(a.storedAt, b.storedAt))
      for (const { id: its, chunks, sha256, author, batch, correcting, reason, storedAt } of inOrder) {
        const what = `the contested record ${its}`
        const parts = await readParts(table, chunks, (number) => chunkKey(its, 0, number, sha256), what)
        yield { detection: parse(parts.join(''), its, 0), sha256, author, batch, correcting, reason, storedAt }
      }
    },
    decide: async ({ detection, sha256, author, correcting }, { by, as }, now) => {
      const key = contestedKey(detection.id, sha256)
      const item = (await table.get(key)) as ContestedItem | undefined
      if (!item || !isOpen(item)) throw new ContestError(`${detection.id} waits for no decision any more`)
      const settled = as === 'new' ? await renamed(detection) : detection
      if (as !== 'refused') {
        const accepted = as === 'new' ? 'as new' : 'as revision'
        const { outcome, items } = await save(settled, now, {
          author,
          accepted,
          ...(as === 'revision' && { correcting }),
        })
        if (outcome.kind === 'refused' || outcome.kind === 'contested') {
          throw new ContestError(`${settled.id} ${outcome.message}`)
        }
        await table.putAll(items)
      } else await keepRefusal(detection)
      const about = { by, decidedAt: now.toISOString(), ...(as !== 'refused' && { under: settled.id }) }
      const decided: ContestedItem = { ...item, state: as, ...about, claim: randomUUID() }
      await table.putIf(decided, { expression: 'claim = :claim', values: { ':claim': item.claim } })
      return settled.id
    },
    assignTerritories: async (id, territories, now) => {
      for (;;) {
        const head = await readHead(id)
        if (!head)
          throw new UnknownDetectionError(`no detection ${JSON.stringify(id)} is stored: see vigie unplaced list`)
        if (head.status === 'withdrawn')
          throw new AssignmentError(`${id} was withdrawn (${head.reason}): it needs no place`)
        if (head.territories.length > 0) {
          const codes = head.territories.map(({ code }) => code).join(', ')
          throw new AssignmentError(`${id} is placed already (${codes}): send a revision of it to place it elsewhere`)
        }
        const placed = { ...(await bodyFrom(head, id, head.revision)), territories: [...territories] }
        const { owner } = await latestOf(head)
        const next = headOf(placed, head.revision + 1, head.contentSha256, owner, head, now)
        const claimed = await claim({ ...next, ...overOf(head), ...correctionsOf(correctionsIn(head)) }, placed, head)
        if (!claimed) continue
        await table.putAll(claimed.items)
        return
      }
    },
    withdraw: async (id, reason, now) => {
      for (;;) {
        const head = await readHead(id)
        if (!head)
          throw new UnknownDetectionError(`no detection ${JSON.stringify(id)} is stored: look its id up in a report`)
        if (head.status === 'withdrawn' && head.undone === undefined) {
          await complete(head, await bodyOf(head))
          return false
        }
        if (await withdrawn(head, { reason }, now)) return true
      }
    },
    undo: async (id, batch, now) => {
      for (;;) {
        const head = await readHead(id)
        if (head?.undone === batch) return { did: 'withdrawn' }
        if (head?.restored === batch) return { did: 'restored' }
        if (!head) return { did: 'nothing' }
        if (head.batch !== batch) {
          return (await isBeneath(batch, head)) ? { did: 'left', since: head.batch } : { did: 'nothing' }
        }
        const before = await revisedBy(batch, id)
        if (!before || before.status === 'withdrawn') {
          const undone = before?.undone ?? batch
          if (await withdrawn(head, { reason: `the intake ${undone} was undone`, undone }, now))
            return { did: 'withdrawn' }
          continue
        }
        const body = await bodyFrom(before, id, before.revision)
        const { owner } = await latestOf(before)
        const next = headOf(body, head.revision + 1, before.contentSha256, owner, head, now)
        const kept = correctionsOf(correctionsIn(before))
        // What an earlier batch brought stays that one's: it can be undone next.
        const brought = before.batch === undefined ? overOf(before) : { batch: before.batch }
        const claimed = await claim({ ...next, ...kept, ...brought, restored: batch }, body, head)
        if (!claimed) continue
        await table.putAll(claimed.items)
        return { did: 'restored' }
      }
    },
    undoContested: async (batch, now) => {
      const undone: string[] = []
      const accepted: UndoneContested['accepted'][number][] = []
      for await (const item of table.query(contestedPartition)) {
        if (item.batch !== batch) continue
        const { state, id, under = id, by = '' } = item as ContestedItem
        if (state === 'revision' || state === 'new') {
          const stands = await readHead(under)
          if (stands?.status === 'active') accepted.push({ id: under, by })
        }
        if (!isOpen(item)) continue
        const next: ContestedItem = { ...item, state: 'undone', decidedAt: now.toISOString(), claim: randomUUID() }
        if (await table.putIf(next, { expression: 'claim = :claim', values: { ':claim': item.claim } }))
          undone.push(item.id)
      }
      return { undone, accepted }
    },
    corrections: async (id) => correctionsIn(await readHead(id)),
    latest: async (id) => {
      const head = await readHead(id)
      return head && bodyFrom(head, id, bodyRevision(head))
    },
    inWindow: async function* (territory, from, to, asOf, seen) {
      const range = { from: new Date(from).toISOString(), to: `${new Date(to - 1).toISOString()}~` }
      for (const day of utcDays(from, to)) {
        for await (const page of current(detectionPartition(territory, day), range, asOf, seen)) {
          for (const item of page) yield detectionAtOnce(item) ?? (await detectionFrom(item))
        }
      }
    },
    reaching: async function* (territory, from, to, asOf, seen) {
      const before = new Date(to).toISOString()
      const ending = current(ongoingPartition(territory), { from: new Date(from).toISOString() }, asOf, seen)
      const found: RevisionItem[] = []
      for await (const page of ending) found.push(...page.filter((item) => String(item.from) < before))
      const items = await table.getAll(found.map(({ at }) => at as Key))
      if (items.length < found.length) {
        throw new Error(
          `items are missing of ${plural(found.length - items.length, 'ongoing detection')} of ${territory}: ingest them again to put them back`,
        )
      }
      for (const item of items) yield await detectionFrom(item as RevisionItem)
    },
    named: async (territory, wanted) => {
      const keys = wanted.map(({ id, revision, from }) => revisionKey(baseAt(territory, from, id), revision))
      const items = await table.getAll(keys)
      return Promise.all(items.map((item) => detectionFrom(item as RevisionItem)))
    },
    linked: async (link, asOf, { cap, before, most }) => {
      const ranges = [...markings.filter((marking) => fitsUnder(marking, cap)), undefined]
      const streams = ranges.map((marking) => {
        const items = currentOneByOne(linkPartition(link), { ...linkRange(marking, before), atOnce: most + 1 }, asOf)
        return linkedOf(items, cap)
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
      return Promise.all((await table.getWrittenOnce(keys)).map((item) => detectionFrom(item as RevisionItem)))
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
    stored: async (ids) => {
      const all = await Promise.all((await headsOf(ids)).map(storedOf))
      return new Map(all.map((one) => [one.id, one]))
    },
    history: async (id) => {
      const head = await readHead(id)
      return head ? historyOf(head) : []
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
const linkedOf = async function* (items: AsyncIterable<RevisionItem>, cap: Marking): AsyncGenerator<Linked> {
  for await (const item of items) {
    const { id, revision, from, to, observed, territories, posts, accounts } = item as RevisionItem & Linked
    const marking = closedMarking(item.marking)
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
 * Items of one detection are together: the current one is the highest revision stored at or before the instant, which
 * shows when the next detection begins.
 */
const currentAt = (asOf: string, seen: Seen = { latest: '' }) => {
  let base: string | undefined
  let best: RevisionItem | undefined
  const active = (): readonly RevisionItem[] => (best?.status === 'active' ? [best] : [])
  return {
    /** Takes the next item; gives the detection that ended before it, where that is active. */
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

/** A head without what its revision leaves. */
type NextHead = Key & Omit<HeadFields, 'left' | 'bases'>

const headOf = (
  detection: Detection,
  revision: number,
  sha256: string,
  owner: Owner,
  before: Head | undefined,
  now: Date,
): NextHead => {
  const json = jsonOf(detection, revision)
  const claim = randomUUID()
  return {
    ...headKey(detection.id),
    id: detection.id,
    revision,
    status: 'active',
    storedAt: now.toISOString(),
    claim,
    contentSha256: sha256,
    territories: detection.territories,
    owner,
    marking: detection.marking,
    body: isLong(json) ? { chunks: cutText(json).length, of: claim } : { json },
    linksBy: 'marking',
    placing:
      detection.territories.length === 0
        ? 'unplaced'
        : before && before.placing !== 'placed'
          ? 'placed later'
          : 'placed',
  }
}

/** The places that a detection has left, each once. */
const leavingOf = (stood: readonly Base[], stands: readonly Base[]): readonly Base[] => {
  const kept = new Set(stands.map(baseText))
  return [...new Map(stood.map((base) => [baseText(base), base])).values()].filter((base) => !kept.has(baseText(base)))
}

const basesIn = (detection: Detection, linksBy: Head['linksBy']): readonly Base[] =>
  placesOf(detection, linksBy).map(({ base }) => base)

/** Where a detection is, and what its item there says: in each territory's time, among the ongoing, and at its links. */
const placesOf = (detection: Detection, linksBy: Head['linksBy']) => {
  type Place = {
    base: Base
    says: (head: Pick<Head, 'revision' | 'body' | 'corrections'>) => Readonly<Record<string, unknown>>
  }
  const inTime = detection.territories.map(({ code }) => basesOf(detection, code))
  const [earliest] = [...inTime].sort((a, b) => (a.from < b.from ? -1 : 1))
  const places: Place[] = inTime.flatMap(({ at, from, ongoing }): Place[] => [
    { base: at, says: (head) => ({ body: head.body, ...correctedIn(head) }) },
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

/** What an item says of its place, also where the detection has left it. */
const placeItem = ({ from, to, ...base }: Base, revision: number) => ({
  ...revisionKey(base, revision),
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
})

/** Every item that a head promises, always the same ones for the same head; its body where it can be read. */
const itemsOf = (head: Head, detection: Detection | undefined, left: readonly Base[]): readonly Item[] => {
  const { id, revision, storedAt, status, body } = head
  const stamp = { id, revision, storedAt }
  const items: Item[] = left.map((base) => ({ ...placeItem(base, revision), ...stamp, status: 'moved' }))
  if (status === 'withdrawn') {
    const stands = [...(head.bases ?? []), ...(detection ? basesIn(detection, head.linksBy) : [])]
    items.push(...leavingOf(stands, []).map((base) => ({ ...placeItem(base, revision), ...stamp, status })))
    if (head.placing !== 'placed') items.push({ pk: unplacedPartition, sk: id, ...stamp, status, body })
    return items
  }
  if (detection) {
    for (const { base, says } of placesOf(detection, head.linksBy)) {
      items.push({ ...revisionKey(base, revision), ...stamp, status, ...says(head) })
    }
    items.push(...chunksOf(head, detection))
  }
  // Once placed, the detection stays in the list's partition as a trace.
  if (head.placing !== 'placed') items.push({ pk: unplacedPartition, sk: id, ...stamp, status: head.placing, body })
  return items
}

/** The parts of a body that one item cannot hold. */
const chunksOf = ({ id, revision, body }: HeadFields | NextHead, detection: Detection): readonly Item[] =>
  'chunks' in body
    ? cutText(jsonOf(detection, revision)).map((text, number) => ({ ...chunkKey(id, revision, number, body.of), text }))
    : []

const leftKey = (id: string, revision: number, number: number, claim: string): Key =>
  chunkKey(id, revision, number, `${claim}.left`)

const isLong = (json: string): boolean => json.length > maxItemChars

const isOpen = (item: Item): item is ContestedItem => item.state === 'open'

const correctionsIn = (head: Pick<Head, 'corrections'> | undefined): readonly Correction[] =>
  head?.corrections ? JSON.parse(head.corrections.json).list : []

/** As a head holds them: an object, since forgetting reads JSON by its fields. */
const correctionsOf = (list: readonly Correction[]): Pick<Head, 'corrections'> =>
  list.length === 0 ? {} : { corrections: { json: canonicalJson({ list }) } }

/** Without the marking: that it was another one is not told. */
const correctedIn = (head: Pick<Head, 'corrections'>): Pick<RevisionItem, 'corrected'> => {
  const fields = correctionsIn(head).flatMap(({ field }) => (field === 'marking' ? [] : [field]))
  return fields.length > 0 ? { corrected: fields.sort() } : {}
}

/** Whether a record of its own detector leaves fields open that are stored. */
const isPartial = (
  head: Head,
  { owner }: { readonly owner: Owner },
  { detector }: Detection,
  { correcting }: Sending,
): boolean => correcting?.kind === 'row' && head.status === 'active' && owner.detector === detector.name

/** Whether a record says otherwise in some fields alone. */
const isCorrection = (
  head: Head,
  { owner }: { readonly owner: Owner },
  { detector }: Detection,
  { correcting }: Sending,
): boolean =>
  correcting !== undefined &&
  head.status === 'active' &&
  (correcting.kind === 'correction' || owner.detector !== detector.name)

/** What was received, without what persons have corrected and placed since; as it stands where its hash does not show that. */
const receivedIn = (head: Head, body: Detection): Detection => {
  const sent = uncorrected(body, correctionsIn(head))
  return [sent, { ...sent, territories: [] }].find((one) => contentSha256(one) === head.contentSha256) ?? body
}

/**
 * A place that an analyst gave stays, where a later revision still brings none; any place stays, where one is meant that is
 * misspelt: a slip of the hand must not take a detection out of reports.
 */
const withPlaces = (received: Detection, head: Head | undefined): Detection =>
  received.territories.length === 0 &&
  head?.undone === undefined &&
  (head?.placing === 'placed later' || misspeltIn(received).length > 0)
    ? { ...received, territories: [...(head?.territories ?? [])] }
    : received

/** Whose person can write it right at once. */
const misspelt = (said: Detection): Outcome => ({
  kind: 'refused',
  path: 'territories',
  message: misspeltIn(said).map(noTerritory).join('; '),
})

/** One text for one detection, so that a chunk that is put back fits the others. */
const jsonOf = (detection: Detection, revision: number): string => canonicalJson({ ...detection, revision })

/** A revision that takes the detection its place is told as what it leaves: one that waits for a place. */
const outcomeOf = (before: Head | undefined, head: Head): Outcome => {
  const isNew = before === undefined || before.undone !== undefined
  if (head.placing === 'unplaced' && (isNew || before.placing !== 'unplaced')) return { kind: 'unplaced' }
  return { kind: isNew ? 'accepted' : 'revised' }
}

/** The number alone does not tell: a withdrawal that an undoing made, and a person has made his own, keeps it. */
const unchangedSince = (head: Head | undefined) => {
  if (!head) return { expression: 'attribute_not_exists(pk)' }
  const { revision, claim } = head
  return claim === undefined
    ? { expression: 'revision = :revision', values: { ':revision': revision } }
    : { expression: 'revision = :revision AND claim = :claim', values: { ':revision': revision, ':claim': claim } }
}

/** The intake that brought what stands, or what is beneath it. */
const intakeOf = ({ batch, over }: Pick<HeadFields, 'batch' | 'over'>): string | undefined => batch ?? over

/** Of a revision that no intake brought. */
const overOf = (before: Head | undefined): Pick<HeadFields, 'over'> => {
  const over = before && intakeOf(before)
  return over === undefined ? {} : { over }
}

const isSame = (found: Head, wanted: Head): boolean => found.claim === wanted.claim

/** A withdrawal has no body of its own. */
const bodyRevision = (head: Head): number => (head.status === 'withdrawn' ? head.revision - 1 : head.revision)

/** What is stored was checked when it came in; a marking that cannot be read is closed all the same. */
const parse = (json: string, id: string, revision: number): Detection => {
  let detection: Detection
  try {
    detection = JSON.parse(json)
  } catch (cause) {
    throw new Error(`detection ${id}, revision ${revision}, cannot be read from the store: withdraw it`, { cause })
  }
  const marking = closedMarking(detection.marking)
  return marking === detection.marking ? detection : { ...detection, marking }
}

/** A detection of which the table takes no item. */
const refusalOf = (error: unknown): { outcome: Outcome; items: readonly Item[] } => {
  if (!(error instanceof RefusedItemError)) throw error
  return { outcome: { kind: 'refused', message: `cannot be stored: ${error.message}` }, items: [] }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const baseText = ({ pk, base }: Base): string => `${pk}\n${base}`
