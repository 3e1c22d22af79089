/**
 * Findings in posts that need an analyst's signature. Reports list them without counting them. What changes one is one
 * transaction with its lines in each territory and the detections that it stores or withdraws.
 */
import {
  type CandidateLine,
  type CandidateSince,
  lineOf,
  type SharedObject,
  type Strength,
  type TiedPair,
  settled,
  waitingAt,
} from '../../domain/coordination/candidate.ts'
import type { Reason } from '../../domain/core/fault.ts'
import { messageOfFault } from '../../domain/core/fault.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import { canonicalHash } from '../../domain/core/text/canonical.ts'
import { type Detection, detectionId, readDetection } from '../../domain/detection/detection.ts'
import { lineOf as historyLine, type Who } from '../table/history.ts'
import { candidateLinesPartition, candidatesPartition } from '../table/keys.ts'
import type { Item, Put, Table } from '../table/table.ts'

/** Of what was proposed last: the finding, its growth, or its loss. *merged* and *withdrawn* end without an analyst. */
type CandidateState = 'open' | 'signed' | 'refused' | 'merged' | 'withdrawn'

export type Candidate = {
  readonly id: string
  readonly detection: Detection
  /** Ids of candidates that would begin with later posts: runs without the first post find this one by them. */
  readonly members: readonly string[]
  readonly strength?: Strength
  readonly shared?: readonly SharedObject[]
  /** The strongest pairs of a group. */
  readonly ties?: readonly TiedPair[]
  /** Hash before any account was forgotten: recognises a repeated finding without restoring names. */
  readonly foundSha256: string
  /** From 1, incremented with each growth. */
  readonly revision: number
  readonly state: CandidateState
  readonly foundAt: string
  readonly decidedAt?: string
  readonly decidedBy?: string
  /** The revision that counts; a later one may wait, or be refused. */
  readonly signedRevision?: number
  /** Signed, and no longer found since an ISO instant: proposed for withdrawal. `from` holds once it is found again. */
  readonly lost?: { readonly at: string; readonly from: CandidateState }
  readonly reason?: Reason
  /** The candidate that has its posts now. */
  readonly mergedInto?: string
  /** The last {@link maxLines}, for reports. */
  readonly lines: readonly CandidateLine[]
}

export const isWaiting = ({ state }: Pick<Candidate, 'state'>): boolean => state === 'open'

export type FoundCandidate = Pick<Candidate, 'detection' | 'members' | 'strength' | 'shared' | 'ties'>

type Decision = Who & { readonly state: 'signed' | 'refused' }

type Settled = Who & ({ readonly state: 'withdrawn' } | { readonly state: 'merged'; readonly mergedInto: string })

/** *refused*: refused before, and not grown enough to ask again. */
export type Kept = 'new' | 'revised' | 'duplicate' | 'refused'

export type Candidates = {
  /** Growth makes a new revision, which waits for an analyst. */
  save(found: FoundCandidate, now: Date): Promise<Kept>
  get(id: string): Promise<Candidate | undefined>
  /** Sorted by id. */
  all(): AsyncGenerator<Candidate>
  /** What a decision writes; its condition fails where the candidate has changed since it was read. */
  decision(candidate: Candidate, decision: Decision, now: Date): readonly Put[]
  /** Writes a decision with all that it changes. False where any of it has changed since it was read. */
  write(puts: readonly Put[]): Promise<boolean>
  /** Ends it without an analyst. One that counts and is found no longer waits for one. */
  settle(candidate: Candidate, settled: Settled, now: Date): Promise<boolean>
  /** Candidates that waited at an ISO instant, sorted by id. */
  waiting(territory: TerritoryCode, asOf: string): Promise<readonly CandidateSince[]>
}

export const candidatesIn = (table: Table): Candidates => {
  const get = async (id: string): Promise<Candidate | undefined> => {
    if (!detectionId.safeParse(id).success) return undefined
    const item = await table.get({ pk: candidatesPartition, sk: id })
    return item && candidateOf(item)
  }
  const write = async (puts: readonly Put[]): Promise<boolean> => (await table.putTogether(puts)).length === 0
  return {
    save: async (found, now) => {
      const detection = fitting(found.detection)
      const members = found.members.slice(-maxMembers)
      for (;;) {
        const before = await get(detection.id)
        const kept = keptOf(before, detection)
        const next =
          before && (kept === 'duplicate' || kept === 'refused')
            ? again(before, kept === 'refused' ? members : before.members, now)
            : grown(before, { ...found, detection, members }, now)
        if (next === before || (await write(putsOf(next, before)))) return kept
      }
    },
    get,
    all: async function* () {
      for await (const item of table.query(candidatesPartition)) yield candidateOf(item)
    },
    decision: (candidate, decision, now) => [
      ...putsOf(decided(candidate, decision, now), candidate),
      decisionLine(candidate, decision, now),
    ],
    write,
    settle: (candidate, settling, now) =>
      write(
        putsOf(
          settling.state === 'withdrawn' && candidate.signedRevision !== undefined
            ? lost(candidate, now)
            : decided(candidate, settling, now),
          candidate,
        ),
      ),
    waiting: async (territory, asOf) => {
      const found: CandidateSince[] = []
      for await (const { sk, lines } of table.query(candidateLinesPartition(territory))) {
        const one = waitingAt(sk, lines as readonly CandidateLine[], { territory, asOf })
        if (one) found.push(one)
      }
      return found
    },
  }
}

const grown = (
  before: Candidate | undefined,
  { detection, members, strength, shared, ties }: FoundCandidate,
  now: Date,
): Candidate => {
  const foundAt = now.toISOString()
  const revision = (before?.revision ?? 0) + 1
  const { signedRevision } = before ?? {}
  const line = lineOf(detection, { revision, foundAt, ...(strength && { strength }) })
  return {
    ...{ id: detection.id, detection, members, revision, foundAt, state: 'open' },
    foundSha256: contentOf(detection),
    lines: [...settled(before?.lines ?? [], foundAt), line].slice(-maxLines),
    ...(strength && { strength }),
    ...(shared && { shared }),
    ...(ties && { ties }),
    ...(signedRevision !== undefined && { signedRevision }),
  }
}

/** Found again as before. */
const again = (before: Candidate, members: readonly string[], now: Date): Candidate => {
  const { lost, ...rest } = before
  if (lost) return { ...rest, members, state: lost.from, lines: settled(before.lines, now.toISOString()) }
  return members === before.members ? before : { ...before, members }
}

const decided = (candidate: Candidate, { by, ...decision }: Decision | Settled, now: Date): Candidate => {
  const at = now.toISOString()
  const { lost, reason: _, mergedInto: __, signedRevision, ...rest } = candidate
  const counts =
    decision.state === 'signed' && !lost
      ? candidate.revision
      : decision.state === 'refused' && lost
        ? undefined
        : signedRevision
  return {
    ...{ ...rest, ...decision, decidedBy: by, decidedAt: at, lines: settled(candidate.lines, at) },
    ...(counts !== undefined && { signedRevision: counts }),
  }
}

/** It waits, although its detection counts. */
const lost = (candidate: Candidate, now: Date): Candidate => {
  const at = now.toISOString()
  const line = { ...lineOf(candidate.detection, { ...candidate, foundAt: at }), isLost: true }
  const lines = [...settled(candidate.lines, at), line].slice(-maxLines)
  return { ...candidate, state: 'open', lost: { at, from: candidate.state }, lines }
}

const decisionLine = ({ id, detection }: Candidate, { state, ...who }: Decision, now: Date): Put => ({
  item: historyLine({
    ...{ ...who, at: now.toISOString(), did: state, id, of: 'candidate', marking: detection.marking },
    what: detection.territories.map(({ code }) => code),
  }),
})

/** A refused candidate is offered again only after it has doubled. */
const growthAfterRefusal = 2

const keptOf = (before: Candidate | undefined, detection: Detection): Kept => {
  if (!before) return 'new'
  const state = before.lost?.from ?? before.state
  if (state === 'refused') {
    const hasDoubled = (['posts', 'accounts'] as const).some((figure) => {
      const [then, now] = [before.detection.counts[figure]?.value ?? 0, detection.counts[figure]?.value ?? 0]
      return then > 0 && now >= then * growthAfterRefusal
    })
    return hasDoubled ? 'revised' : 'refused'
  }
  const isUndecided = state === 'signed' ? before.signedRevision !== before.revision : before.lost?.from === 'open'
  if (state === 'withdrawn' || isUndecided) return 'revised'
  return [before.foundSha256, contentOf(before.detection)].includes(contentOf(detection)) ? 'duplicate' : 'revised'
}

/** The detector's description of itself is no growth. */
const contentOf = ({ detector: _, ...found }: Detection): string => canonicalHash(found)

const asSeen = (before: Candidate | undefined) =>
  before === undefined
    ? { expression: 'attribute_not_exists(pk)' }
    : {
        expression: '#revision = :revision AND #state = :state',
        names: { '#revision': 'revision', '#state': 'state' },
        values: { ':revision': before.revision, ':state': before.state },
      }

export const decisionIn = ({
  state,
  decidedBy,
}: Candidate): { readonly by: string; readonly as: 'signed' | 'refused' } | undefined =>
  decidedBy !== undefined && (state === 'signed' || state === 'refused') ? { by: decidedBy, as: state } : undefined

export const maxMembers = 500

/** Enough for half a year of daily growth. */
const maxLines = 200

/** An item has 400 KB: above this, only the number of accounts is kept. */
const maxRefs = 8_000

const fitting = (detection: Detection): Detection => {
  if ((detection.accountRefs?.length ?? 0) <= maxRefs) return detection
  const { accountRefs: _, ...rest } = detection
  return rest
}

const itemOf = ({ id, detection, ...about }: Candidate): Item => ({
  pk: candidatesPartition,
  sk: id,
  ...about,
  json: JSON.stringify(detection),
})

const putsOf = (candidate: Candidate, before: Candidate | undefined): readonly Put[] => {
  const { id, lines } = candidate
  const territories = new Set(lines.flatMap((line) => line.territories))
  return [
    { item: itemOf(candidate), condition: asSeen(before) },
    ...[...territories].map((code) => ({ item: { pk: candidateLinesPartition(code), sk: id, lines } })),
  ]
}

const candidateOf = ({ pk: _, sk, json, ...about }: Item): Candidate => {
  const read = readDetection(JSON.parse(String(json)))
  if ('refusal' in read) {
    throw new Error(`the candidate ${sk} cannot be read (${messageOfFault(read.refusal)}): refuse it`)
  }
  return { ...(about as Omit<Candidate, 'id' | 'detection'>), id: sk, detection: read.detection }
}
