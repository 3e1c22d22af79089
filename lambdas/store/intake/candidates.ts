/** Findings in posts that need an analyst's signature. Reports list them without counting them. */
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
import { lineOf as historyLine, type Line, type Who, writeAct } from '../table/history.ts'
import { candidateLinesPartition, candidatesPartition } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'
import { type Deciding, take, type Taken, type Taking } from './taking.ts'

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
  readonly decidedAs?: 'signed' | 'refused'
  /** A later revision may be waiting. */
  readonly signedRevision?: number
  /** Refused growth of a signed candidate, with which later growth is compared. */
  readonly refusedRevision?: number
  /** ISO instant at which a run no longer found it; a signed candidate then waits. */
  readonly lostAt?: string
  /** Lost while a growth waited, which waits again once it is found. */
  readonly hasOpenGrowth?: true
  readonly reason?: Reason
  /** The candidate that has its posts now. */
  readonly mergedInto?: string
  /** The last {@link maxLines}, for reports. */
  readonly lines: readonly CandidateLine[]
}

/** Whether it is new, has grown, or was signed and is no longer found. */
export const isWaiting = ({ state, lostAt }: Candidate): boolean => state === 'open' || lostAt !== undefined

export type FoundCandidate = Pick<Candidate, 'detection' | 'members' | 'strength' | 'shared' | 'ties'>

type Decision = Who & { readonly state: 'signed' | 'refused' }

type Settled = Who & ({ readonly state: 'withdrawn' } | { readonly state: 'merged'; readonly mergedInto: string })

/** *refused*: refused before, and not grown enough to ask again. */
export type Kept = 'new' | 'revised' | 'duplicate' | 'refused'

type DecidingOfOne = Deciding<'signed' | 'refused'>

export type Candidates = {
  /** Growth makes a new revision, which waits for an analyst. */
  save(found: FoundCandidate, now: Date): Promise<Kept>
  get(id: string): Promise<Candidate | undefined>
  /** Sorted by id. */
  all(): AsyncGenerator<Candidate>
  /** Locks the reviewed revision for one decision. */
  take(candidate: Candidate, deciding: DecidingOfOne, now: Date): Promise<Taken<Item, DecidingOfOne['as']>>
  /** Releases the lock without a decision. */
  giveBack(id: string, name: string): Promise<void>
  /** False where it has changed since the review. */
  decide(candidate: Candidate, decision: Decision, now: Date): Promise<boolean>
  /** Like `decide`, without a line in the history. */
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
  /** Each run writes the lines again, which repairs an interrupted write. */
  const list = async (candidate: Candidate): Promise<void> => {
    const { id, lines } = candidate
    for (const territory of new Set(lines.flatMap(({ territories }) => territories))) {
      await table.putIf(
        { pk: candidateLinesPartition(territory), sk: id, seq: seqOf(candidate), lines },
        { expression: 'attribute_not_exists(pk) OR seq < :next', values: { ':next': seqOf(candidate, 1) } },
      )
    }
  }
  /** False where the candidate has changed. */
  const put = async (candidate: Candidate, before: Candidate | undefined, line?: Line): Promise<boolean> => {
    const item = itemOf(candidate)
    const isPut = line ? writeAct(table, item, asSeen(before), line) : table.putIf(item, asSeen(before))
    if (!(await isPut)) return false
    await list(candidate)
    return true
  }
  return {
    save: async (found, now) => {
      const detection = fitting(found.detection)
      const members = found.members.slice(-maxMembers)
      for (;;) {
        const before = await get(detection.id)
        const kept = keptOf(before, detection)
        if (before && (kept === 'duplicate' || kept === 'refused')) {
          const { lostAt, ...again } = { ...before, ...(kept === 'refused' && { members }) }
          const lines = lostAt === undefined ? before.lines : settled(before.lines, now.toISOString())
          if (kept === 'duplicate' && lostAt === undefined) await list(before)
          else if (!(await put({ ...again, lines }, before))) continue
          return kept
        }
        if (await put(grown(before, { ...found, detection, members }, now), before)) return kept
      }
    },
    get,
    all: async function* () {
      for await (const item of table.query(candidatesPartition)) yield candidateOf(item)
    },
    take: (candidate, deciding, now) =>
      take<CandidateItem, DecidingOfOne['as']>(deciding, now, {
        read: () => table.get({ pk: candidatesPartition, sk: candidate.id }) as Promise<CandidateItem | undefined>,
        isOpen: (item) => {
          const current = candidateOf(item)
          return isWaiting(current) && current.revision === candidate.revision
        },
        decisionIn: (item) => decisionIn(candidateOf(item)),
        write: (item, taking) =>
          table.putIf({ ...item, taking, takingName: taking.name }, untaken(candidate, item.taking)),
      }),
    giveBack: async (id, name) => {
      const item = await table.get({ pk: candidatesPartition, sk: id })
      if (!item || item.takingName !== name) return
      const { taking: _, takingName: __, ...free } = item
      await table.putIf(free as Item, { expression: 'takingName = :name', values: { ':name': name } })
    },
    decide: (candidate, decision, now) =>
      put(decided(candidate, decision, now), candidate, decisionLine(candidate, decision, now)),
    settle: (candidate, settling, now) => put(decided(candidate, settling, now), candidate),
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

/** A signed candidate stays signed, unless refused after being lost. */
const decided = (candidate: Candidate, { by, ...decision }: Decision | Settled, now: Date): Candidate => {
  const at = now.toISOString()
  const { lostAt, reason: _, mergedInto: __, signedRevision, ...rest } = candidate
  const isSigned = signedRevision !== undefined
  const base = { ...rest, ...decision, decidedBy: by, decidedAt: at, lines: settled(candidate.lines, at) }
  if (decision.state === 'signed') {
    const signed = (lostAt === undefined ? undefined : signedRevision) ?? candidate.revision
    return { ...base, decidedAs: 'signed', signedRevision: signed }
  }
  if (!isSigned || (decision.state === 'refused' && lostAt !== undefined)) return base
  if (decision.state === 'merged') return { ...base, signedRevision }
  if (decision.state === 'withdrawn') return lost(candidate, base.lines, at)
  return { ...base, state: 'signed', decidedAs: 'refused', signedRevision, refusedRevision: candidate.revision }
}

/** It waits again, as a revision of its own, although its detection counts. */
const lost = (candidate: Candidate, lines: readonly CandidateLine[], at: string): Candidate => {
  const revision = candidate.revision + 1
  const line = { ...lineOf(candidate.detection, { ...candidate, revision, foundAt: at }), isLost: true }
  return {
    ...{ ...candidate, state: 'signed', lostAt: at, revision, lines: [...lines, line] },
    ...(candidate.state === 'open' && { hasOpenGrowth: true }),
    ...(candidate.refusedRevision === candidate.revision && { refusedRevision: revision }),
  }
}

const decisionLine = ({ id, detection }: Candidate, { state, ...who }: Decision, now: Date): Line =>
  historyLine({
    ...{ ...who, at: now.toISOString(), did: state, id, of: 'candidate', marking: detection.marking },
    what: detection.territories.map(({ code }) => code),
  })

/** A refused candidate is offered again only after it has doubled. */
const growthAfterRefusal = 2

const keptOf = (before: Candidate | undefined, detection: Detection): Kept => {
  if (!before) return 'new'
  if (before.state === 'refused' || before.refusedRevision === before.revision) {
    const hasDoubled = (['posts', 'accounts'] as const).some((figure) => {
      const [then, now] = [before.detection.counts[figure]?.value ?? 0, detection.counts[figure]?.value ?? 0]
      return then > 0 && now >= then * growthAfterRefusal
    })
    return hasDoubled ? 'revised' : 'refused'
  }
  if (before.state === 'withdrawn' || before.hasOpenGrowth) return 'revised'
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

type CandidateItem = Item & { readonly taking?: Taking<DecidingOfOne['as']> }

const untaken = (candidate: Candidate, before: CandidateItem['taking']) => {
  const { expression, ...seen } = asSeen(candidate)
  return before === undefined
    ? { ...seen, expression: `${expression} AND attribute_not_exists(taking)` }
    : { ...seen, expression: `${expression} AND takingName = :name`, values: { ...seen.values, ':name': before.name } }
}

/** The last decision: a signed candidate whose growth was refused stays signed. */
export const decisionIn = ({ state, decidedBy, decidedAs }: Candidate): DecidingOfOne | undefined =>
  decidedBy !== undefined && (state === 'signed' || state === 'refused')
    ? { by: decidedBy, as: decidedAs ?? state }
    : undefined

/** Incremented with each revision and each decision. */
const seqOf = ({ revision, lines }: Candidate, more = 0): string =>
  String(2 * revision + (lines.at(-1)?.settledAt === undefined ? 0 : 1) + more).padStart(8, '0')

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

const candidateOf = ({ pk: _, sk, json, taking: __, takingName: ___, ...about }: Item): Candidate => {
  const read = readDetection(JSON.parse(String(json)))
  if ('refusal' in read) {
    throw new Error(`the candidate ${sk} cannot be read (${messageOfFault(read.refusal)}): refuse it`)
  }
  return { ...(about as Omit<Candidate, 'id' | 'detection'>), id: sk, detection: read.detection }
}
