import { faultText } from '../../../domain/core/fault-text.ts'
import { type Fault, fault } from '../../../domain/core/fault.ts'
import { strictest } from '../../../domain/core/marking.ts'
import { changedBetween } from '../../../domain/looking/explanation.ts'
import { ContestError, DecidedError } from '../../../store/detections/by-hand.ts'
import type { Contested, Decided } from '../../../store/detections/contested.ts'
import type { Services } from '../../services.ts'

type Decision = Decided & {
  /** Empty: all of the batch. */
  readonly ids: readonly string[]
  readonly batch?: string | undefined
  /** The beginning of the hash of one record. */
  readonly record?: string | undefined
  readonly reason?: string | undefined
}

export type Settled = {
  /** In order of arrival; `under` is the id it is stored under. */
  readonly settled: readonly { readonly id: string; readonly under: string }[]
  readonly failed: readonly { readonly id: string; readonly message: string }[]
}

type DecideServices = Pick<Services, 'detections' | 'clock'>

/** @returns the resulting id; throws ContestError */
export const decideOne = async (
  record: Contested,
  { reason, ...decided }: Omit<Decision, 'ids' | 'batch' | 'record'>,
  { detections, clock }: DecideServices,
): Promise<string> => {
  const tried = await detections.ifAccepted(record)
  const what = tried && decided.as === 'revision' ? changedBetween(tried.before, tried.after) : undefined
  // The history line keeps the strictest marking, since the detection's may now be lower.
  const marking = strictest([record.detection, ...(tried ? [tried.before, tried.after] : [])].map((one) => one.marking))
  return detections.decide(record, { ...decided, reason, what, marking }, clock())
}

/** @throws ContestError where neither ids nor a batch are given */
export const decideContested = async (
  { ids, batch, record = '', ...decision }: Decision,
  services: DecideServices,
): Promise<Settled> => {
  const { detections } = services
  if (ids.length === 0 && batch === undefined) throw new ContestError(fault('contest.name'))
  const settled: { id: string; under: string }[] = []
  const failed: { id: string; message: string }[] = []
  for (const id of ids.length > 0 ? new Set(ids) : [undefined]) {
    const waiting = (await Array.fromAsync(detections.undecided(id))).filter(
      (one) => one.sha256.startsWith(record) && (batch === undefined || (one.undoing ?? one).batch === batch),
    )
    if (id !== undefined && waiting.length === 0) {
      const faster = await detections.decided(id)
      const message = faultText(faster ? new DecidedError(id, faster).fault : fault('contest.unknown', { id }))
      failed.push({ id, message })
    }
    if (id === undefined && waiting.length === 0)
      throw new ContestError(fault('contest.nothing', { batch: batch ?? '' }))
    for (const group of Map.groupBy(waiting, ({ detection }) => detection.id).values()) {
      const many = decision.as === 'revision' ? severalIn(group) : undefined
      for (const one of group) {
        const its = one.detection.id
        try {
          if (many !== undefined) throw new ContestError(many)
          settled.push({ id: its, under: await decideOne(one, decision, services) })
        } catch (error) {
          if (!(error instanceof ContestError)) throw error
          failed.push({ id: its, message: faultText(error.fault) })
        }
      }
    }
  }
  return { settled, failed }
}

/** The order of several detectors' records does not show which is right. */
const severalIn = (group: readonly Contested[]): Fault | undefined => {
  const { id } = group[0]?.detection ?? { id: '' }
  const names = [...new Set(group.map(({ detection }) => detection.detector.name))]
  return names.length > 1 ? fault('contest.severalDetectors', { id, detectors: names.join(' and ') }) : undefined
}
