import { endOf, grownBy } from '../../domain/coordination/grown.ts'
import { fault } from '../../domain/core/fault.ts'
import { maximum, minimum } from '../../domain/core/lists.ts'
import { strictest } from '../../domain/core/marking.ts'
import type { FoundDetection, Looked } from '../../intake/posts/found-records.ts'
import type { Ran } from '../../intake/record/record.ts'
import { type Candidate, type FoundCandidate, isWaiting, type Kept, maxMembers } from '../../store/intake/candidates.ts'
import { ingestDetections } from '../ingest/ingest-detections.ts'
import type { IntakeServices, Services } from '../services.ts'

export type FoundTally = {
  readonly [outcome in Kept]: number
} & {
  /** Earlier candidates now merged into an older one. */
  readonly merged: number
  /** Earlier candidates not found again although all their posts were read. Signed ones wait for an analyst. */
  readonly withdrawn: number
  /** Candidate ids, in the order of the findings. */
  readonly ids: readonly string[]
  /** The monitoring record includes the run. */
  readonly word: boolean
}

export type DetectServices = IntakeServices & Pick<Services, 'candidates'>

type Run = {
  readonly word: Ran | undefined
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
  let isAnyOpen = false
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
      kept ? asGrowth(kept, keepsMarking ? markedAs(held, one) : one) : { ...one, members: ids },
      clock(),
    )
    tally[outcome] += 1
    const isSettled =
      outcome === 'refused'
        ? !others.some(isWaiting)
        : outcome === 'duplicate' && (kept?.lost?.from ?? kept?.state) === 'signed'
    isAnyOpen ||= !isSettled
    keptUnder.push(kept?.id ?? detection.id)
    for (const { id } of held) touched.add(id)
    // A refused one takes over nothing that waits.
    for (const other of outcome === 'refused' ? [] : others) {
      const mergedInto = kept?.id ?? detection.id
      const by = detection.detector.name
      // A signed one counts until an analyst signs the candidate that now holds its posts.
      if (await candidates.settle(other, { state: 'merged', by, mergedInto }, clock())) tally.merged += 1
    }
  }
  for (const lost of lostAmong([...new Set(before.values())], touched, looked)) {
    const reason = fault('candidate.lostInRun')
    if (await candidates.settle(lost, { state: 'withdrawn', by: looked.detector, reason }, clock()))
      tally.withdrawn += 1
  }
  // While findings wait for review, a 0 would be false.
  const isRecorded = word !== undefined && !isAnyOpen
  if (isRecorded) await ingestDetections([{ ran: word, raw: JSON.stringify(word) }], word.detector.name, services)
  return { ...tally, ids: keptUnder, word: isRecorded }
}

/** Returns candidates of the query that were not found again although all their posts were read. */
const lostAmong = (
  known: readonly Candidate[],
  touched: ReadonlySet<string>,
  { detector, methods, idsWithin }: Looked,
): readonly Candidate[] => {
  const asked = known.filter(
    ({ id, state, lost, signedRevision, members, detection }) =>
      !touched.has(id) &&
      !lost &&
      (state === 'open' || signedRevision !== undefined) &&
      detection.detector.name === detector &&
      // All posts are known only if the first is included and the list is not cut.
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

const markedAs = (held: readonly Candidate[], found: FoundDetection): FoundDetection => ({
  ...found,
  detection: { ...found.detection, marking: strictest(held.map(({ detection: { marking } }) => marking)) },
})

/** Returns the finding under the earlier id. A run without the first post adds to the known posts. */
const asGrowth = (kept: Candidate, { detection, ids, times, ...group }: FoundDetection): FoundCandidate => {
  // A file with fewer of the known posts removes nothing.
  if (ids.length < kept.members.length && ids.every((id) => kept.members.includes(id))) return kept
  if (ids.includes(kept.id)) return { detection: { ...detection, id: kept.id }, members: ids, ...group }
  const later = times.filter((at) => at !== undefined && at > endOf(kept.detection)).length
  return { detection: grownBy(kept.detection, detection, later), members: ids, ...group }
}

/** Ranks merged candidates for keeping the id: signed, then not refused, then earliest post. */
const rankOf = ({ signedRevision, state }: Candidate): number =>
  signedRevision !== undefined ? 0 : state === 'refused' ? 2 : 1
