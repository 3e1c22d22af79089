/** Keeps what was found in posts as candidates, each under the id that it had before it grew, with word of the run. */
import type { FoundDetection } from '../../intake/posts/told.ts'
import type { Ran } from '../../intake/record/record.ts'
import type { Kept } from '../../store/candidates.ts'
import { ingestDetections } from '../ingest/ingest-detections.ts'
import type { IntakeServices, Services } from '../services.ts'

export type FoundTally = {
  readonly [outcome in Kept]: number
} & {
  /** Candidates of before that are one with an older one now. */
  readonly merged: number
  /** The proof of watch has word of the run. */
  readonly word: boolean
}

export type DetectServices = IntakeServices & Pick<Services, 'candidates'>

/** @param word of the run; undefined where nothing could be told */
export const keepFound = async (
  found: readonly FoundDetection[],
  word: Ran | undefined,
  services: DetectServices,
): Promise<FoundTally> => {
  const { candidates, detections, clock } = services
  const tally = { new: 0, revised: 0, duplicate: 0, known: 0, merged: 0 }
  const before = new Map((await Array.fromAsync(candidates.all())).map((candidate) => [candidate.id, candidate]))
  for (const { detection, ids } of found) {
    const [kept, ...others] = ids.flatMap((id) => before.get(id) ?? []).filter(({ state }) => state !== 'merged')
    const outcome = await candidates.save(kept ? { ...detection, id: kept.id } : detection, clock())
    tally[outcome] += 1
    for (const other of others) {
      const reason = `one with ${kept?.id ?? detection.id}`
      if (!(await candidates.decide(other, { state: 'merged', by: detection.detector.name, reason }, clock()))) continue
      // Its posts stand under the older id now, and would count twice.
      if (other.signedRevision !== undefined) await detections.withdraw(other.id, reason, clock())
      tally.merged += 1
    }
  }
  if (word) await ingestDetections([{ ran: word, raw: JSON.stringify(word) }], word.detector.name, services)
  return { ...tally, word: word !== undefined }
}
