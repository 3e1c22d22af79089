/** Keeps what was found in posts as candidates, each under the id that it had before it grew, with word of the run. */
import { endOf, grownBy } from '../../domain/coordination/grown.ts'
import { fault } from '../../domain/core/fault.ts'
import { maximum, minimum } from '../../domain/core/lists.ts'
import type { FoundDetection, Looked } from '../../intake/posts/found-records.ts'
import type { Ran } from '../../intake/record/record.ts'
import { type Candidate, type FoundCandidate, type Kept, maxMembers } from '../../store/intake/candidates.ts'
import { ingestDetections } from '../ingest/ingest-detections.ts'
import type { IntakeServices, Services } from '../services.ts'

export type FoundTally = {
  readonly [outcome in Kept]: number
} & {
  /** Candidates of before that are one with an older one now. */
  readonly merged: number
  /**
   * Candidates of before that this run would have found, since it read all of their posts; signed ones wait for a
   * person.
   */
  readonly withdrawn: number
  /** Under which id each is kept, in the order of what was found. */
  readonly ids: readonly string[]
  /** The proof of watch has word of the run. */
  readonly word: boolean
}

export type DetectServices = IntakeServices & Pick<Services, 'candidates'>

type Run = {
  /** Of the run; undefined where nothing could be told. */
  readonly word: Ran | undefined
  /** What was found before keeps its own. */
  readonly keepsMarking: boolean
  readonly looked: Looked
}

export const keepFound = async (
  found: readonly FoundDetection[],
  { word, keepsMarking, looked }: Run,
  services: DetectServices,
): Promise<FoundTally> => {
  const { candidates, clock } = services
  const tally = { new: 0, revised: 0, duplicate: 0, refused: 0, merged: 0, withdrawn: 0 }
  const keptUnder: string[] = []
  const touched = new Set<string>()
  const before = new Map<string, Candidate>()
  for await (const candidate of candidates.all()) {
    if (candidate.state === 'merged') continue
    for (const id of [candidate.id, ...candidate.members]) before.set(id, candidate)
  }
  for (const one of found) {
    const { detection, ids } = one
    const held = [...new Set(ids.flatMap((id) => before.get(id) ?? []))]
    const [kept, ...others] = held.toSorted((a, b) => rankOf(a) - rankOf(b))
    const outcome = await candidates.save(
      kept ? asGrowth(kept, keepsMarking ? markedAs(kept, one) : one) : { ...one, members: ids },
      clock(),
    )
    tally[outcome] += 1
    keptUnder.push(kept?.id ?? detection.id)
    for (const { id } of held) touched.add(id)
    for (const other of others) {
      const mergedInto = kept?.id ?? detection.id
      const by = detection.detector.name
      // Where it was signed it counts until a person signs the one that holds its posts now.
      if (await candidates.settle(other, { state: 'merged', by, mergedInto }, clock())) tally.merged += 1
    }
  }
  for (const lost of lostAmong([...new Set(before.values())], touched, looked)) {
    const reason = fault('candidate.lostInRun')
    if (await candidates.settle(lost, { state: 'withdrawn', by: looked.detector, reason }, clock()))
      tally.withdrawn += 1
  }
  if (word) await ingestDetections([{ ran: word, raw: JSON.stringify(word) }], word.detector.name, services)
  return { ...tally, ids: keptUnder, word: word !== undefined }
}

/**
 * Candidates of the same query and territories whose posts the run read, all of them, with the same parameters, and
 * that it has not found.
 */
const lostAmong = (
  known: readonly Candidate[],
  touched: ReadonlySet<string>,
  { detector, methods, idsWithin }: Looked,
): readonly Candidate[] => {
  const asked = known.filter(
    ({ id, state, lostAt, members, detection }) =>
      !touched.has(id) &&
      (state === 'open' || (state === 'signed' && lostAt === undefined)) &&
      detection.detector.name === detector &&
      // Of a candidate that has its first post and is not cut, all posts are known.
      members.includes(id) &&
      members.length < maxMembers,
  )
  return methods.flatMap((method) => {
    const own = asked.filter(({ detection: { kind } }) => (kind === 'copy-paste') === (method === 'copy-paste'))
    if (own.length === 0) return []
    const read = idsWithin(method, {
      from: minimum(own.map(({ detection: { observed } }) => Date.parse(observed.from))),
      to: maximum(own.map(({ detection }) => endOf(detection))),
    })
    return own.filter(({ members }) => members.every((id) => read.has(id)))
  })
}

const markedAs = ({ detection: { marking } }: Candidate, found: FoundDetection): FoundDetection => ({
  ...found,
  detection: { ...found.detection, marking },
})

/**
 * What was found, under the id of before. A run that has not the first post, since its posts begin later, adds to what
 * is known.
 */
const asGrowth = (kept: Candidate, { detection, ids, times, ...group }: FoundDetection): FoundCandidate => {
  // A part of what is known, by a file that holds less of it, takes nothing away.
  if (ids.length < kept.members.length && ids.every((id) => kept.members.includes(id))) return kept
  if (ids.includes(kept.id)) return { detection: { ...detection, id: kept.id }, members: ids, ...group }
  const later = times.filter((at) => at !== undefined && at > endOf(kept.detection)).length
  return { detection: grownBy(kept.detection, detection, later), members: ids, ...group }
}

/**
 * Of candidates that have become one, the id stays that a person has signed, else one that was not refused; of several
 * the one with the earliest post.
 */
const rankOf = ({ signedRevision, state }: Candidate): number =>
  signedRevision !== undefined ? 0 : state === 'refused' ? 2 : 1
