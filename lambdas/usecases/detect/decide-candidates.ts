/** Signed candidates become detections through the ordinary intake. */
import { type Caller, isUnder } from '../../domain/access/caller.ts'
import { faultText } from '../../domain/core/fault-text.ts'
import { asFault, type Fault, fault, faultAt } from '../../domain/core/fault.ts'
import { type Candidate, decisionIn, isWaiting } from '../../store/intake/candidates.ts'
import { ingestDetections, type IngestTally, type Sender, type RecordOutcome } from '../ingest/ingest-detections.ts'
import { undoBatch } from '../ingest/undo-batch.ts'
import type { DetectServices } from './keep-found.ts'

export { type Candidate, decisionIn, isWaiting } from '../../store/intake/candidates.ts'

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
type NotDecided = {
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
    const done = candidate && decisionIn(candidate)
    if (done?.by === decision.by && done.as === decision.state) return undefined
    if (done) return fasterThan(done)
    const reason = candidate
      ? fault('candidate.decided', { state: fault(`candidate.${candidate.state}`) })
      : fault('candidate.unknown')
    return { fault: 'decided', reason }
  }
  const { state, by, sender } = decision
  const withdrawn = await withdrawnBy(candidate, state, services)
  const beyond = [...(await services.detections.stored(withdrawn)).values()].some(
    (one) => sender.ceiling !== undefined && !isUnder(sender.ceiling, one),
  )
  if (beyond) return { fault: 'refused', reason: fault('contested.notCleared') }
  const taken = await services.candidates.take(candidate, { by, as: state }, services.clock())
  if ('faster' in taken) {
    return { ...changed, ...(taken.faster && { faster: taken.faster.by }) }
  }
  try {
    const carryOut = state === 'signed' ? sign : refuse
    return await carryOut(candidate, decision, withdrawn, services)
  } finally {
    await services.candidates.giveBack(candidate.id, taken.name)
  }
}

const fasterThan = ({ by, as }: NonNullable<ReturnType<typeof decisionIn>>): NotDecided => ({
  ...{ fault: 'decided', faster: by },
  reason: fault('candidate.decidedBy', { state: fault(`candidate.${as}`), by }),
})

const changed: NotDecided = { fault: 'decided', reason: fault('candidate.changed') }

/** Stores the detection first: signing again after an interruption only adds a duplicate. */
const sign = async (
  candidate: Candidate,
  decision: CandidateDecision,
  withdrawn: readonly string[],
  services: DetectServices,
): Promise<NotDecided | undefined> => {
  // Its detection stays as it is.
  if (candidate.lostAt !== undefined) return record(candidate, decision, services)
  const { by, sender } = decision
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
  const failed = await record(candidate, decision, services)
  if (failed) {
    const current = await services.candidates.get(candidate.id)
    // Refused concurrently: the stored detection must not count.
    if (current?.signedRevision !== candidate.revision && tally.accepted + tally.revised > 0)
      await undoBatch(tally.batch, by, services)
    return failed
  }
  const { detections, clock } = services
  for (const id of withdrawn)
    await detections.withdraw(id, { by, reason: fault('candidate.oneWith', { id: candidate.id }) }, clock())
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
  decision: CandidateDecision,
  withdrawn: readonly string[],
  services: DetectServices,
): Promise<NotDecided | undefined> => {
  const { by, reason = fault('candidate.lost') } = decision
  for (const id of withdrawn) await services.detections.withdraw(id, { by, reason }, services.clock())
  return record(candidate, decision, services)
}

const record = async (
  candidate: Candidate,
  { state, by, reason }: CandidateDecision,
  { candidates, clock }: DetectServices,
): Promise<NotDecided | undefined> => {
  const word = { state, by, ...(reason !== undefined && { reason }) }
  return (await candidates.decide(candidate, word, clock())) ? undefined : changed
}

/**
 * The detections that a decision withdraws: of a signed candidate that is no longer found, and of those that became part
 * of this one and would count twice.
 */
const withdrawnBy = async (
  { id, lostAt }: Candidate,
  state: CandidateDecision['state'],
  { candidates }: Pick<DetectServices, 'candidates'>,
): Promise<readonly string[]> => {
  // Refused growth leaves what is signed, and so does a lost candidate that is signed again.
  if ((state === 'refused') === (lostAt === undefined)) return []
  const all = await Array.fromAsync(candidates.all())
  const partsOf = (whole: string): readonly string[] =>
    all
      .filter((one) => one.state === 'merged' && one.mergedInto === whole)
      .flatMap((one) => [...(one.signedRevision === undefined ? [] : [one.id]), ...partsOf(one.id)])
  return [...(state === 'refused' ? [id] : []), ...partsOf(id)]
}
