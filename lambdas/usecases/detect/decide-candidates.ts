/** Signed candidates become detections through the ordinary intake. */
import { type Caller, isUnder } from '../../domain/access/caller.ts'
import { faultText } from '../../domain/core/fault-text.ts'
import { asFault, type Fault, fault, faultAt } from '../../domain/core/fault.ts'
import { type Candidate, isWaiting } from '../../store/intake/candidates.ts'
import { ingestDetections, type IngestTally, type Sender, type RecordOutcome } from '../ingest/ingest-detections.ts'
import { undoBatch } from '../ingest/undo-batch.ts'
import type { DetectServices } from './keep-found.ts'

export { type Candidate, isWaiting } from '../../store/intake/candidates.ts'

/** Changes with everything that a decision depends on. */
export const stampOf = ({ revision, state, lostAt }: Candidate): string => `${revision}.${state}.${lostAt ?? ''}`

type CandidateDecision = {
  readonly state: 'signed' | 'refused'
  readonly by: string
  readonly reason?: string | undefined
  readonly sender: Sender
}

export type DecidedCandidates = {
  readonly decided: readonly string[]
  readonly failed: readonly { readonly id: string; readonly message: string }[]
}

/**
 * *decided*: no longer open, or changed since it was read; `faster` names the other decider, if any. *refused*: the
 * intake rejects the detection.
 */
export type NotDecided = {
  readonly fault: 'decided' | 'refused'
  readonly reason: Fault
  readonly faster?: string
}

export const decideCandidates = async (
  { ids, ...decision }: CandidateDecision & { readonly ids: readonly string[] },
  services: DetectServices,
): Promise<DecidedCandidates> => {
  const decided: string[] = []
  const failed: { id: string; message: string }[] = []
  for (const id of new Set(ids)) {
    const failure = await decideCandidate(await services.candidates.get(id), decision, services)
    if (failure) failed.push({ id, message: faultText(failure.reason) })
    else decided.push(id)
  }
  return { decided, failed }
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
  if (!candidate || !isWaiting(candidate)) {
    const who = candidate?.decidedBy
    if (candidate && who !== undefined) return fasterThan(who, candidate.state)
    const reason = candidate
      ? fault('candidate.decided', { state: fault(`candidate.${candidate.state}`) })
      : fault('candidate.unknown')
    return { fault: 'decided', reason }
  }
  const { state, by } = decision
  const taken = await services.candidates.take(candidate, { by, as: state }, services.clock())
  if ('faster' in taken) {
    return taken.faster ? fasterThan(taken.faster.by, taken.faster.as) : changed
  }
  try {
    const carryOut = state === 'signed' ? sign : refuse
    return await carryOut(candidate, decision, services)
  } finally {
    await services.candidates.giveBack(candidate.id, taken.name)
  }
}

const fasterThan = (who: string, state: Candidate['state']): NotDecided => ({
  ...{ fault: 'decided', faster: who },
  reason: fault('candidate.decidedBy', { state: fault(`candidate.${state}`), by: who }),
})

const changed: NotDecided = { fault: 'decided', reason: fault('candidate.changed') }

/** Stores the detection first: signing again after an interruption only adds a duplicate. */
const sign = async (
  candidate: Candidate,
  { by, reason, sender }: CandidateDecision,
  services: DetectServices,
): Promise<NotDecided | undefined> => {
  const { candidates, clock } = services
  let outcome: RecordOutcome | undefined
  const tally = await ingestDetections(
    [{ detection: candidate.detection }],
    { kind: 'candidate', id: candidate.id, by },
    services,
    {
      sender,
      onOutcome: (_, its) => {
        outcome = its
      },
    },
  )
  const refusal = faultOf(outcome, tally)
  if (refusal !== undefined) return { fault: 'refused', reason: refusal }
  const word = { state: 'signed' as const, by, ...(reason !== undefined && { reason }) }
  if (!(await candidates.decide(candidate, word, clock()))) {
    const current = await candidates.get(candidate.id)
    // Refused concurrently: the stored detection must not count.
    if (current?.signedRevision !== candidate.revision && tally.accepted + tally.revised > 0)
      await undoBatch(tally.batch, by, services)
    return changed
  }
  await withdrawMerged(candidate.id, by, services)
  return undefined
}

const faultOf = (outcome: RecordOutcome | undefined, { failure }: IngestTally): Fault | undefined => {
  if (outcome?.kind === 'rejected') {
    const { path, fault: reason } = outcome.reject
    return fault('candidate.unstorable', { reason: faultAt(path, reason) })
  }
  if (outcome?.kind === 'contested') return fault('candidate.contested', { reason: outcome.reason })
  return failure === undefined ? undefined : asFault(failure)
}

const refuse = async (
  candidate: Candidate,
  { by, reason }: CandidateDecision,
  { candidates, detections, clock }: DetectServices,
): Promise<NotDecided | undefined> => {
  // A signed candidate that is no longer found and is now refused must not count.
  if (candidate.lostAt !== undefined)
    await detections.withdraw(candidate.id, { by, reason: reason ?? fault('candidate.lost') }, clock())
  const word = { state: 'refused' as const, by, ...(reason !== undefined && { reason }) }
  return (await candidates.decide(candidate, word, clock())) ? undefined : changed
}

/** Withdraws signed candidates that are now part of this one and would count twice. */
const withdrawMerged = async (
  id: string,
  by: string,
  { candidates, detections, clock }: DetectServices,
): Promise<void> => {
  for await (const { id: other, state, mergedInto, signedRevision } of candidates.all()) {
    if (state !== 'merged' || mergedInto !== id || signedRevision === undefined) continue
    await detections.withdraw(other, { by, reason: fault('candidate.oneWith', { id }) }, clock())
  }
}
