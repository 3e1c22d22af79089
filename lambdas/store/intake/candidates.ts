/**
 * What a machine found in posts, kept apart from all detections until a person signs or refuses it: reports list it,
 * and count nothing of it.
 */
import {
  type CandidateLine,
  lineOf,
  type SharedObject,
  type Strength,
  settled,
  type WaitingCandidate,
  waitingAt,
} from '../../domain/coordination/candidate.ts'
import type { Reason } from '../../domain/core/fault.ts'
import { messageOfFault } from '../../domain/core/fault.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import { canonicalHash } from '../../domain/core/text/canonical.ts'
import { type Detection, readDetection } from '../../domain/detection/detection.ts'
import { lineOf as historyLine, type Line, type Who, writeAct } from '../table/history.ts'
import { candidateLinesPartition, candidatesPartition } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'
import { type Deciding, take, type Taken, type Taking } from './taking.ts'

type CandidateState = 'open' | 'signed' | 'refused' | 'merged' | 'withdrawn'

export type Candidate = {
  readonly id: string
  readonly detection: Detection
  /**
   * Ids that it would have if it began with one of its last posts: a later run that has these and not the first finds
   * it by them.
   */
  readonly members: readonly string[]
  readonly strength?: Strength
  /** Of a group: what most of its accounts shared. */
  readonly shared?: readonly SharedObject[]
  /**
   * Hash of what was found, before any account of it was forgotten: the same found again is known by it, and brings no
   * name back.
   */
  readonly foundSha256: string
  /** From 1, one more with each growth. */
  readonly revision: number
  readonly state: CandidateState
  /** ISO instants: when this revision was found, and when it was decided of. */
  readonly foundAt: string
  readonly decidedAt?: string
  readonly decidedBy?: string
  /** The revision that was signed last: a later one waits beside it. */
  readonly signedRevision?: number
  /** Growth of a signed one that was refused: it stays signed, and later growth is measured against this. */
  readonly refusedRevision?: number
  /** ISO instant at which a run read all of its posts and found it no longer: a signed one then waits for a person. */
  readonly lostAt?: string
  /** Why it is refused, merged or withdrawn. */
  readonly reason?: Reason
  /** The candidate that holds its posts now. */
  readonly mergedInto?: string
  /** Its revisions as reports list them, the last {@link maxLines}. */
  readonly lines: readonly CandidateLine[]
}

/** Waits for a person: it is new, has grown, or was signed and is found no longer. */
export const isWaiting = ({ state, lostAt }: Candidate): boolean => state === 'open' || lostAt !== undefined

/** What a run found. */
export type FoundCandidate = Pick<Candidate, 'detection' | 'members' | 'strength' | 'shared'>

/** What a person decided. */
export type Decision = Who & { readonly state: 'signed' | 'refused' }

/** What a run of a detector found of one that was there. */
type Settled = Who & ({ readonly state: 'withdrawn' } | { readonly state: 'merged'; readonly mergedInto: string })

/**
 * What became of what was found. One that is `refused` was so before, and has not grown enough to be asked about again.
 */
export type Kept = 'new' | 'revised' | 'duplicate' | 'refused'

type DecidingOfOne = Deciding<'signed' | 'refused'>

export type Candidates = {
  /** Keeps what was found; growth of what is there is a revision, and waits for a person again. */
  save(found: FoundCandidate, now: Date): Promise<Kept>
  get(id: string): Promise<Candidate | undefined>
  /** Sorted by id. */
  all(): AsyncGenerator<Candidate>
  /** Takes the revision that was looked at for one decision. */
  take(candidate: Candidate, deciding: DecidingOfOne, now: Date): Promise<Taken<Item, DecidingOfOne['as']>>
  /** Nothing comes of it: others may decide. */
  giveBack(id: string, name: string): Promise<void>
  /** Marks the revision that was looked at. False where it has changed since. */
  decide(candidate: Candidate, decision: Decision, now: Date): Promise<boolean>
  /** The same for a run of a detector, which is no act of a person. */
  settle(candidate: Candidate, settled: Settled, now: Date): Promise<boolean>
  /** What waits for a person in a territory, or waited at an ISO instant, sorted by id. */
  waiting(territory: TerritoryCode, asOf: string): Promise<readonly WaitingCandidate[]>
}

export const candidatesIn = (table: Table): Candidates => {
  const get = async (id: string): Promise<Candidate | undefined> => {
    const item = await table.get({ pk: candidatesPartition, sk: id })
    return item && candidateOf(item)
  }
  /** Lines follow the candidate, and are written again with each run: one that was cut off between the two heals. */
  const list = async (candidate: Candidate): Promise<void> => {
    const { id, lines } = candidate
    for (const territory of new Set(lines.flatMap(({ territories }) => territories))) {
      await table.putIf(
        { pk: candidateLinesPartition(territory), sk: id, seq: seqOf(candidate), lines },
        { expression: 'attribute_not_exists(pk) OR seq < :next', values: { ':next': seqOf(candidate, 1) } },
      )
    }
  }
  /** False where it is not as it was seen. */
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
        if (before && kept === 'duplicate') {
          const { lostAt: _, ...again } = before
          if (before.lostAt === undefined) await list(before)
          else if (!(await put(again, before))) continue
          return kept
        }
        if (before && kept === 'refused') {
          // What was refused is found again by what is new of it.
          if (await put({ ...before, members }, before)) return kept
          continue
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
      const found: WaitingCandidate[] = []
      for await (const { sk, lines } of table.query(candidateLinesPartition(territory))) {
        const one = waitingAt(sk, lines as readonly CandidateLine[], { territory, asOf })
        if (one) found.push(one)
      }
      return found
    },
  }
}

/** The next revision, which waits for a person. */
const grown = (
  before: Candidate | undefined,
  { detection, members, strength, shared }: FoundCandidate,
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
    ...(signedRevision !== undefined && { signedRevision }),
  }
}

/**
 * What was signed stays so where its growth is refused, and where no run finds it any more; it is signed no more where
 * it is refused then.
 */
const decided = (candidate: Candidate, { by, ...decision }: Decision | Settled, now: Date): Candidate => {
  const at = now.toISOString()
  const { lostAt, reason: _, mergedInto: __, signedRevision, ...rest } = candidate
  const isSigned = signedRevision !== undefined
  const base = { ...rest, ...decision, decidedBy: by, decidedAt: at, lines: settled(candidate.lines, at) }
  if (decision.state === 'signed') return { ...base, signedRevision: candidate.revision }
  if (!isSigned || (decision.state === 'refused' && lostAt !== undefined)) return base
  if (decision.state === 'merged') return { ...base, signedRevision }
  // Who signed it stays with it.
  if (decision.state === 'withdrawn') return { ...candidate, state: 'signed', lostAt: at, lines: base.lines }
  return { ...base, state: 'signed', signedRevision, refusedRevision: candidate.revision }
}

const decisionLine = ({ id, detection }: Candidate, { state, ...who }: Decision, now: Date): Line =>
  historyLine({
    ...{ ...who, at: now.toISOString(), did: state, id, of: 'candidate', marking: detection.marking },
    what: detection.territories.map(({ code }) => code),
  })

/** A person who refused something is not asked again before it has doubled. */
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
  // Found again, it waits again.
  if (before.state === 'withdrawn') return 'revised'
  return [before.foundSha256, contentOf(before.detection)].includes(contentOf(detection)) ? 'duplicate' : 'revised'
}

/** What was found. How the detector describes itself and its run is no growth. */
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

/** A person's decision of what waits no more. */
const decisionIn = ({ state, decidedBy }: Candidate): DecidingOfOne | undefined =>
  decidedBy !== undefined && (state === 'signed' || state === 'refused') ? { by: decidedBy, as: state } : undefined

/** One more with each revision, and with each decision of one. */
const seqOf = ({ revision, lines }: Candidate, more = 0): string =>
  String(2 * revision + (lines.at(-1)?.settledAt === undefined ? 0 : 1) + more).padStart(8, '0')

/** So many of its last posts a candidate is found by: 13 KB. */
export const maxMembers = 500

/**
 * A report as of an instant lists the revision that waited then: of one that grew each day, for half a year and more.
 */
const maxLines = 200

/** One item holds 400 KB: of more accounts than these the number stays, and who they are does not. */
const maxRefs = 8_000

/** A detection as one item can hold it. */
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
