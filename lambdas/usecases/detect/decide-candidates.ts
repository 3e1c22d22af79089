/** Signed candidates become detections through the ordinary intake. */
import { type Caller, isUnder } from '../../domain/access/caller.ts'
import { asFault, type Fault, fault, faultAt } from '../../domain/core/fault.ts'
import { type Candidate, decisionIn, isWaiting } from '../../store/intake/candidates.ts'
import type { Put } from '../../store/table/table.ts'
import { ingestDetections, type IngestTally, type Sender, type RecordOutcome } from '../ingest/ingest-detections.ts'
import type { DetectServices } from './keep-found.ts'

export { type Candidate, decisionIn, isWaiting } from '../../store/intake/candidates.ts'

/** Changes with everything that a decision depends on. */
export const stampOf = ({ revision, state }: Candidate): string => `${revision}.${state}`

type CandidateDecision = {
  readonly state: 'signed' | 'refused'
  readonly by: string
  readonly reason?: string | undefined
  readonly sender: Sender
}

/**
 * *decided*: no longer open, or changed since it was read; `faster` names the other decider, if any. *refused*: the
 * intake rejects the detection.
 */
type NotDecided = {
  readonly fault: 'decided' | 'refused'
  readonly reason: Fault
  readonly faster?: string
}

/** Counts what was signed and refused, of what the caller may know. */
export const countDecided = async (
  caller: Caller,
  { candidates }: Pick<DetectServices, 'candidates'>,
): Promise<{ readonly signed: number; readonly refused: number }> => {
  const counts = { signed: 0, refused: 0 }
  for await (const { state, detection } of candidates.all()) {
    if ((state === 'signed' || state === 'refused') && isUnder(caller, detection)) counts[state] += 1
  }
  return counts
}

/** @param candidate as the analyst saw it: of two concurrent decisions only one takes effect */
export const decideCandidate = async (
  candidate: Candidate | undefined,
  decision: CandidateDecision,
  services: DetectServices,
): Promise<NotDecided | undefined> => {
  if (!candidate) return { fault: 'decided', reason: fault('candidate.unknown') }
  const { state, by, reason, sender } = decision
  if (!isWaiting(candidate)) {
    const done = decisionIn(candidate)
    if (done?.by !== by || done.as !== state) return decidedBefore(candidate)
    // Signed again, it completes what an interruption left.
    return state === 'signed' ? refusalOf(await store(candidate, decision, [], services)) : undefined
  }
  const { candidates, detections } = services
  const now = services.clock()
  const withdrawn = await withdrawnBy(candidate, state, services)
  const beyond = [...(await detections.stored(withdrawn)).values()].some(
    (one) => sender.ceiling !== undefined && !isUnder(sender.ceiling, one),
  )
  if (beyond) return { fault: 'refused', reason: fault('contested.notCleared') }
  const why =
    state === 'signed' ? fault('candidate.oneWith', { id: candidate.id }) : (reason ?? fault('candidate.lost'))
  const puts = [
    ...candidates.decision(candidate, { state, by, ...(reason !== undefined && { reason }) }, now),
    ...(await detections.withdrawals(withdrawn, { by, reason: why }, now)),
  ]
  // Signed although it is found no longer, its detection stays as it is.
  const stored =
    state === 'signed' && !candidate.lost
      ? await store(candidate, decision, puts, { ...services, clock: () => now })
      : undefined
  const refusal = refusalOf(stored)
  if (!refusal && stored && stored.outcome?.kind !== 'duplicate') return undefined
  if (!refusal && (await candidates.write(puts))) return undefined
  const current = await candidates.get(candidate.id)
  const isSame = current && stampOf(current) === stampOf(candidate)
  return (isSame && refusal) || (current && !isWaiting(current) ? decidedBefore(current) : changed)
}

const decidedBefore = (candidate: Candidate): NotDecided => {
  const done = decisionIn(candidate)
  const state = fault(`candidate.${candidate.state}`)
  return done
    ? { fault: 'decided', faster: done.by, reason: fault('candidate.decidedBy', { state, by: done.by }) }
    : { fault: 'decided', reason: fault('candidate.decided', { state }) }
}

const changed: NotDecided = { fault: 'decided', reason: fault('candidate.changed') }

type StoredCandidate = { readonly outcome: RecordOutcome | undefined; readonly tally: IngestTally }

/** @param puts written in the same transaction as its detection, unless that is a duplicate */
const store = async (
  { id, detection }: Candidate,
  { by, sender }: CandidateDecision,
  puts: readonly Put[],
  services: DetectServices,
): Promise<StoredCandidate> => {
  let outcome: RecordOutcome | undefined
  const tally = await ingestDetections([{ detection }], { kind: 'candidate', id, by }, services, {
    sender,
    keepsRejects: true,
    along: () => puts,
    onOutcome: (_, its) => {
      outcome = its
    },
  })
  return { outcome, tally }
}

const refusalOf = (stored: StoredCandidate | undefined): NotDecided | undefined => {
  const reason = stored && faultOf(stored.outcome, stored.tally)
  return reason && { fault: 'refused', reason }
}

const faultOf = (outcome: RecordOutcome | undefined, { failure }: IngestTally): Fault | undefined => {
  if (outcome?.kind === 'rejected') {
    const { path, fault: reason } = outcome.reject
    return fault('candidate.unstorable', { reason: faultAt(path, reason) })
  }
  if (outcome?.kind === 'contested') return fault('candidate.contested', { reason: outcome.reason })
  return failure === undefined ? undefined : asFault(failure)
}

/**
 * The detections that a decision withdraws: of a signed candidate that is no longer found, and of those that became part
 * of this one and would count twice.
 */
const withdrawnBy = async (
  { id, lost }: Candidate,
  state: CandidateDecision['state'],
  { candidates }: Pick<DetectServices, 'candidates'>,
): Promise<readonly string[]> => {
  // Refused growth leaves what is signed, and so does a lost candidate that is signed again.
  if ((state === 'refused') === !lost) return []
  const all = await Array.fromAsync(candidates.all())
  const partsOf = (whole: string): readonly string[] =>
    all
      .filter((one) => one.state === 'merged' && one.mergedInto === whole)
      .flatMap((one) => [...(one.signedRevision === undefined ? [] : [one.id]), ...partsOf(one.id)])
  return [...(state === 'refused' ? [id] : []), ...partsOf(id)]
}
