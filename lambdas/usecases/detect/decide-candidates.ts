/** Carries out what a person decided of candidates: signed ones are detections from then on, by the ordinary intake. */
import type { Candidate } from '../../store/candidates.ts'
import { ingestDetections, type Sender } from '../ingest/ingest-detections.ts'
import type { DetectServices } from './keep-found.ts'

type CandidateDecision = {
  readonly ids: readonly string[]
  readonly state: 'signed' | 'refused'
  /** Who decides. */
  readonly by: string
  readonly reason?: string | undefined
  readonly sender: Sender
}

export type DecidedCandidates = {
  readonly decided: readonly string[]
  /** What could not be carried out, and why; the others are. */
  readonly failed: readonly { readonly id: string; readonly message: string }[]
}

export const decideCandidates = async (
  { ids, state, by, reason, sender }: CandidateDecision,
  services: DetectServices,
): Promise<DecidedCandidates> => {
  const decided: string[] = []
  const failed: { id: string; message: string }[] = []
  for (const id of new Set(ids)) {
    const candidate = await services.candidates.get(id)
    const fault =
      !candidate || (candidate.state !== 'open' && candidate.lostAt === undefined)
        ? `no such candidate waits for a decision${candidate ? `: it is ${candidate.state}` : ''}`
        : await faultOfDeciding(candidate, { state, by, reason, sender }, services)
    if (fault === undefined && state === 'signed') await withdrawMerged(id, services)
    if (fault === undefined) decided.push(id)
    else failed.push({ id, message: fault })
  }
  return { decided, failed }
}

/** What was signed and is a part of this one now would count twice. */
const withdrawMerged = async (id: string, { candidates, detections, clock }: DetectServices): Promise<void> => {
  for await (const { id: other, state, mergedInto, signedRevision } of candidates.all()) {
    if (state !== 'merged' || mergedInto !== id || signedRevision === undefined) continue
    await detections.withdraw(other, `one with ${id}`, clock())
  }
}

const faultOfDeciding = async (
  candidate: Candidate,
  { state, by, reason, sender }: Omit<CandidateDecision, 'ids'>,
  services: DetectServices,
): Promise<string | undefined> => {
  if (state === 'signed') {
    // Stored first: after an interruption the person signs again, and the detection is a duplicate then.
    const file = `candidate ${candidate.id}, signed by ${by}`
    const tally = await ingestDetections([{ detection: candidate.detection }], file, services, { sender })
    const [reject, contest] = [tally.rejects[0], tally.contests[0]]
    if (reject) return `it cannot be stored: ${reject.path} ${reject.message}`
    if (contest) return `it is contested: ${contest.message}; see vigie contested list`
    if (tally.failure !== undefined) return tally.failure
  }
  // What was signed, is found no longer and is refused then counts no more.
  if (state === 'refused' && candidate.lostAt !== undefined) {
    await services.detections.withdraw(candidate.id, reason ?? 'found no longer', services.clock())
  }
  const isDecided = await services.candidates.decide(
    candidate,
    { state, by, ...(reason !== undefined && { reason }) },
    services.clock(),
  )
  return isDecided ? undefined : 'it has changed since: look at it again'
}
