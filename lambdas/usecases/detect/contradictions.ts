import type { Contradiction } from '../../domain/checkup/archive-findings.ts'
import type { Stored } from '../../store/detections/reading.ts'
import type { Candidate } from '../../store/intake/candidates.ts'

type Deciding = Pick<Candidate, 'id' | 'state' | 'mergedInto' | 'signedRevision'>

/** Decisions about candidates that the stored detections contradict. An open one is not decided. */
export const contradictionsIn = async (services: {
  readonly candidates: { all(): AsyncIterable<Deciding> }
  readonly detections: {
    stored(ids: readonly string[]): Promise<ReadonlyMap<string, Pick<Stored, 'status' | 'reason'>>>
  }
}): Promise<readonly Contradiction[]> => {
  const all = new Map((await Array.fromAsync(services.candidates.all())).map((one) => [one.id, one]))
  const stored = await services.detections.stored([...all.keys()])
  return [...all.values()].flatMap((candidate): readonly Contradiction[] => {
    const { id, state } = candidate
    const found = stored.get(id)
    const isActive = found?.status === 'active'
    if (state === 'signed' && !isActive && !isWithdrawnByAnalyst(found)) return [{ id, state, isActive }]
    return isActive && isUncounted(candidate, all) ? [{ id, state, isActive }] : []
  })
}

/** Not by a decision about a candidate. */
const isWithdrawnByAnalyst = (found: Pick<Stored, 'reason'> | undefined): boolean =>
  found !== undefined && !(typeof found.reason === 'object' && found.reason.code.startsWith('candidate.'))

const isUncounted = (
  { state, mergedInto, signedRevision }: Deciding,
  all: ReadonlyMap<string, Deciding>,
  seen: ReadonlySet<string> = new Set(),
): boolean => {
  if (state === 'withdrawn') return true
  // Refused growth leaves what was signed.
  if (state === 'refused') return signedRevision === undefined
  const whole = state === 'merged' && mergedInto !== undefined ? all.get(mergedInto) : undefined
  if (!whole || seen.has(whole.id)) return false
  return whole.state === 'signed' || (whole.state === 'merged' && isUncounted(whole, all, new Set([...seen, whole.id])))
}
