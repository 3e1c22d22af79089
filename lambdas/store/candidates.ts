/** What a machine found in posts, kept apart from all detections until a person signs or refuses it: no report reads it. */
import { canonicalHash } from '../domain/core/canonical.ts'
import { type Detection, readDetection } from '../domain/detection/detection.ts'
import { candidatesPartition } from './keys.ts'
import type { Item, Table } from './table.ts'

type CandidateState = 'open' | 'signed' | 'refused' | 'merged'

export type Candidate = {
  readonly id: string
  readonly detection: Detection
  /** Ids that it would have if it began with one of its last posts: a later run that has these and not the first finds it by them. */
  readonly members: readonly string[]
  /** Hash of what was found, before any account of it was forgotten: the same found again is known by it, and brings no name back. */
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
  /** Why it is refused or merged. */
  readonly reason?: string
  /** The candidate that holds its posts now. */
  readonly mergedInto?: string
}

/** Who decided what. */
export type Decision = { readonly by: string; readonly reason?: string } & (
  | { readonly state: 'signed' | 'refused' }
  | { readonly state: 'merged'; readonly mergedInto: string }
)

/** What became of what was found. A `known` one was refused, and has not grown enough to be asked about again. */
export type Kept = 'new' | 'revised' | 'duplicate' | 'known'

export type Candidates = {
  /** Keeps what was found; growth of what is there is a revision, and waits for a person again. */
  save(found: Pick<Candidate, 'detection' | 'members'>, now: Date): Promise<Kept>
  get(id: string): Promise<Candidate | undefined>
  /** Sorted by id. */
  all(): AsyncGenerator<Candidate>
  /** Marks the revision that a person looked at. False where it has changed since. */
  decide(candidate: Candidate, decision: Decision, now: Date): Promise<boolean>
}

export const candidatesIn = (table: Table): Candidates => {
  const get = async (id: string): Promise<Candidate | undefined> => {
    const item = await table.get({ pk: candidatesPartition, sk: id })
    return item && candidateOf(item)
  }
  return {
    save: async ({ detection: given, members: all }, now) => {
      const detection = fitting(given)
      const members = all.slice(-maxMembers)
      for (;;) {
        const before = await get(detection.id)
        const kept = keptOf(before, detection)
        if (kept === 'duplicate') return kept
        if (kept === 'known') {
          // What was refused is found again by what is new of it.
          if (before && (await table.putIf(itemOf({ ...before, members }), asSeen(before)))) return kept
          continue
        }
        const { signedRevision } = before ?? {}
        const fresh: Candidate = {
          id: detection.id,
          detection,
          members,
          foundSha256: contentOf(detection),
          revision: (before?.revision ?? 0) + 1,
          state: 'open',
          foundAt: now.toISOString(),
          ...(signedRevision !== undefined && { signedRevision }),
        }
        if (await table.putIf(itemOf(fresh), asSeen(before))) return kept
      }
    },
    get,
    all: async function* () {
      for await (const item of table.query(candidatesPartition)) yield candidateOf(item)
    },
    decide: async (candidate, { by, ...decision }, now) =>
      table.putIf(
        itemOf({
          ...candidate,
          ...decision,
          decidedBy: by,
          decidedAt: now.toISOString(),
          ...(decision.state === 'signed' && { signedRevision: candidate.revision }),
        }),
        asSeen(candidate),
      ),
  }
}

/** A person who refused something is not asked again before it has doubled. */
const growthAfterRefusal = 2

const keptOf = (before: Candidate | undefined, detection: Detection): Kept => {
  if (!before) return 'new'
  if ([before.foundSha256, contentOf(before.detection)].includes(contentOf(detection))) return 'duplicate'
  if (before.state !== 'refused') return 'revised'
  const hasDoubled = (['posts', 'accounts'] as const).some((figure) => {
    const [then, now] = [before.detection.counts[figure]?.value ?? 0, detection.counts[figure]?.value ?? 0]
    return then > 0 && now >= then * growthAfterRefusal
  })
  return hasDoubled ? 'revised' : 'known'
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

/** So many of its last posts a candidate is found by: 13 KB. */
const maxMembers = 500

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

const candidateOf = ({ pk: _, sk, json, ...about }: Item): Candidate => {
  const read = readDetection(JSON.parse(String(json)))
  if ('refusal' in read) {
    throw new Error(`the candidate ${sk} cannot be read (${read.refusal.path} ${read.refusal.message}): refuse it`)
  }
  return { ...(about as Omit<Candidate, 'id' | 'detection'>), id: sk, detection: read.detection }
}
