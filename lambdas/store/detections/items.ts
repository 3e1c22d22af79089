import { randomUUID } from 'node:crypto'
import { foundByOf } from '../../domain/aggregate/across.ts'
import type { Reason } from '../../domain/core/fault.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { closedMarking, type Marking } from '../../domain/core/marking.ts'
import { canonicalJson } from '../../domain/core/text/canonical.ts'
import type { Detection, TerritoryAssignment } from '../../domain/detection/detection.ts'
import { type Correction, withPersonsPlace } from '../../domain/detection/revisions/correction.ts'
import { shownCorrectedFields, type EditionOverrides } from '../../domain/detection/revisions/edition-overrides.ts'
import type { Guarded } from '../../domain/detection/revisions/lowering.ts'
import type { Owner } from '../../domain/detection/revisions/revision.ts'
import { cutText, maxItemChars } from '../table/chunks.ts'
import {
  type Base,
  basesOf,
  chunkKey,
  headKey,
  type Key,
  linkBase,
  revisionKey,
  unplacedPartition,
} from '../table/keys.ts'
import type { Item } from '../table/table.ts'

export type RevisionItem = Item & {
  readonly id: string
  readonly revision: number
  readonly storedAt: string
  /** *moved* if a later revision is at another time or territory. */
  readonly status: 'active' | 'withdrawn' | 'moved'
  /** Corrected fields that a report may show. */
  readonly corrected?: readonly string[]
  /** Differences in editions that may not know all parts. */
  readonly below?: EditionOverrides
}

export type Head = Item & HeadFields

type HeadFields = {
  readonly id: string
  readonly revision: number
  readonly status: 'active' | 'withdrawn'
  readonly storedAt: string
  /** Lets a call recognise its write if the response is lost. */
  readonly claim: string
  /** Hash of the detection as received, without a place assigned later. */
  readonly contentSha256: string
  readonly territories: readonly TerritoryAssignment[]
  readonly owner: Owner
  readonly marking: Marking
  readonly guarded?: Guarded
  /** Markings of stricter parts, strictest first. */
  readonly marked?: readonly Marking[]
  /** Items that list the places left; kept outside so that a head stays small. */
  readonly left?: { readonly chunks: number }
  readonly body: Body
  readonly placing: 'placed' | 'unplaced' | 'placed later'
  readonly reason?: Reason
  /** Who withdrew it. */
  readonly by?: string
  readonly below?: EditionOverrides
  /** JSON; overrides the detector's records. */
  readonly corrections?: { readonly json: string }
  readonly batch?: string
  /** The last intake below a revision that no intake brought. */
  readonly over?: string
  /** The undone intake, if that withdrew the detection. */
  readonly undone?: string
  /** The undone intake, if that led to this revision. */
  readonly restored?: string
}

export type RevisedHead = Item & { readonly head: Head }

/** A detection as JSON, or its chunk items. */
export type Body = { readonly json: string } | { readonly chunks: number; readonly of: string }

export type NextHead = Key & Omit<HeadFields, 'left'>

export const headOf = (
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
    placing:
      detection.territories.length === 0
        ? 'unplaced'
        : before && before.placing !== 'placed'
          ? 'placed later'
          : 'placed',
  }
}

export const leavingOf = (previous: readonly Base[], current: readonly Base[]): readonly Base[] => {
  const kept = new Set(current.map(baseText))
  return [...new Map(previous.map((base) => [baseText(base), base])).values()].filter(
    (base) => !kept.has(baseText(base)),
  )
}

export const basesIn = (detection: Detection): readonly Base[] => placesOf(detection).map(({ base }) => base)

/** By territory and time, among the ongoing, and by link. */
const placesOf = (detection: Detection) => {
  type Place = {
    base: Base
    attributesFor: (
      head: Pick<Head, 'revision' | 'body' | 'corrections' | 'below'>,
    ) => Readonly<Record<string, unknown>>
  }
  const inTime = detection.territories.map(({ code }) => basesOf(detection, code))
  const [earliest] = [...inTime].sort((a, b) => (a.from < b.from ? -1 : 1))
  const places: Place[] = inTime.flatMap(({ at, from, ongoing }): Place[] => [
    {
      base: at,
      attributesFor: (head) => ({ body: head.body, ...correctedIn(head), ...(head.below && { below: head.below }) }),
    },
    ...(ongoing
      ? [
          {
            base: ongoing,
            attributesFor: ({ revision }: Pick<Head, 'revision'>) => ({ from, at: revisionKey(at, revision) }),
          },
        ]
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
    ...foundByOf(detection).map((link): Place => ({
      base: linkBase(link, { marking, from, id: detection.id }),
      attributesFor: () => linked,
    })),
  ]
}

/** In the head's partition. */
export const unplacedBase = (id: string): Base => ({ pk: headKey(id).pk, base: 'UNPLACED' })

const placeItem = ({ from, to, ...base }: Base, revision: number) => ({
  ...revisionKey(base, revision),
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
})

/** Deterministic for the same head. */
export const itemsOf = (head: Head, detection: Detection | undefined, left: readonly Base[]): readonly Item[] => {
  const { id, revision, storedAt, status, body } = head
  const stamp = { id, revision, storedAt }
  const items: Item[] = left.map((base) => ({ ...placeItem(base, revision), ...stamp, status: 'moved' }))
  if (status === 'withdrawn') {
    const bases = detection ? basesIn(detection) : []
    pushAll(
      items,
      leavingOf(bases, []).map((base) => ({ ...placeItem(base, revision), ...stamp, status })),
    )
    if (head.placing !== 'placed') items.push({ pk: unplacedPartition, sk: id, ...stamp, status, body })
    return items
  }
  if (detection) {
    for (const { base, attributesFor } of placesOf(detection)) {
      items.push({ ...revisionKey(base, revision), ...stamp, status, ...attributesFor(head) })
    }
    pushAll(items, chunksOf(head, detection))
    // The list holds only the latest revision of unplaced detections.
    if (detection.territories.length === 0)
      items.push({ ...revisionKey(unplacedBase(id), revision), ...stamp, status: head.status, body })
  }
  // Once placed, the detection stays in the list's partition as a trace.
  if (head.placing !== 'placed') items.push({ pk: unplacedPartition, sk: id, ...stamp, status: head.placing, body })
  return items
}

export const chunksOf = ({ id, revision, body }: HeadFields | NextHead, detection: Detection): readonly Item[] =>
  'chunks' in body
    ? cutText(jsonOf(detection, revision)).map((text, number) => ({ ...chunkKey(id, revision, number, body.of), text }))
    : []

export const leftKey = (id: string, revision: number, number: number, claim: string): Key =>
  chunkKey(id, revision, number, `${claim}.left`)

export const isLong = (json: string): boolean => json.length > maxItemChars

export const correctionsIn = (head: Pick<Head, 'corrections'> | undefined): readonly Correction[] =>
  head?.corrections ? JSON.parse(head.corrections.json).list : []

/** An object, since forgetting reads JSON by its fields. */
export const correctionsOf = (list: readonly Correction[]): Pick<Head, 'corrections'> =>
  list.length === 0 ? {} : { corrections: { json: canonicalJson({ list }) } }

/** Treats an analyst's place like a correction, except for records by hand. */
export const heldOver = ({ detector }: Detection, head: Head | undefined): readonly Correction[] =>
  head === undefined || detector.byHand
    ? correctionsIn(head)
    : withPersonsPlace(correctionsIn(head), [...head.territories], head.storedAt)

const correctedIn = (head: Pick<Head, 'corrections'>): Pick<RevisionItem, 'corrected'> => {
  const fields = shownCorrectedFields(correctionsIn(head))
  return fields.length > 0 ? { corrected: fields } : {}
}

/** Canonical, so that a restored chunk fits the others. */
const jsonOf = (detection: Detection, revision: number): string => canonicalJson({ ...detection, revision })

/** The revision number is not enough: it stays when an analyst confirms an undoing's withdrawal. */
export const unchangedSince = (head: Head | undefined) => {
  if (!head) return { expression: 'attribute_not_exists(pk)' }
  const { revision, claim } = head
  return { expression: 'revision = :revision AND claim = :claim', values: { ':revision': revision, ':claim': claim } }
}

/** The intake of the current revision, or of the last one below it. */
export const intakeOf = ({ batch, over }: Pick<HeadFields, 'batch' | 'over'>): string | undefined => batch ?? over

export const overOf = (before: Head | undefined): Pick<HeadFields, 'over'> => {
  const over = before && intakeOf(before)
  return over === undefined ? {} : { over }
}

export const isSame = (found: Head, wanted: Head): boolean => found.claim === wanted.claim

/** A withdrawal has no body. */
export const bodyRevision = (head: Head): number => (head.status === 'withdrawn' ? head.revision - 1 : head.revision)

/** An unreadable marking is treated as closed. */
export const parse = (json: string, id: string, revision: number): Detection => {
  let detection: Detection
  try {
    detection = JSON.parse(json)
  } catch (cause) {
    throw new Error(`detection ${id}, revision ${revision}, cannot be read from the store: withdraw it`, { cause })
  }
  const marking = closedMarking(detection.marking)
  return marking === detection.marking ? detection : { ...detection, marking }
}

const baseText = ({ pk, base }: Base): string => `${pk}\n${base}`
