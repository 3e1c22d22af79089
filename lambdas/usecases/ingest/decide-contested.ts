/** Carries out what a person decided of contested records: as revisions, under ids of their own, or not at all. */

import { ContestError } from '../../store/detections/by-hand.ts'
import type { Contested, Decided } from '../../store/detections/contested.ts'
import type { Services } from '../services.ts'

type Decision = Decided & {
  /** Of the records; all of the batch where there is none. */
  readonly ids: readonly string[]
  /** Those alone that came in one intake. */
  readonly batch?: string | undefined
}

export type Settled = {
  /** In the order in which they came; `under` is the id under which it is. */
  readonly settled: readonly { readonly id: string; readonly under: string }[]
  /** What could not be carried out, and why; the others are. */
  readonly failed: readonly { readonly id: string; readonly message: string }[]
}

/** @throws ContestError where neither an id nor a batch says which */
export const decideContested = async (
  { ids, batch, by, as }: Decision,
  { detections, history, clock }: Pick<Services, 'detections' | 'history' | 'clock'>,
): Promise<Settled> => {
  if (ids.length === 0 && batch === undefined) throw new ContestError('name the records, or their batch with --batch')
  const settled: { id: string; under: string }[] = []
  const failed: { id: string; message: string }[] = []
  for (const id of ids.length > 0 ? new Set(ids) : [undefined]) {
    const waiting = (await Array.fromAsync(detections.contested(id))).filter(
      (one) => batch === undefined || one.batch === batch,
    )
    if (id !== undefined && waiting.length === 0) failed.push({ id, message: 'no such record waits for a decision' })
    for (const group of Map.groupBy(waiting, ({ detection }) => detection.id).values()) {
      const many = as === 'revision' ? severalIn(group) : undefined
      for (const one of group) {
        const its = one.detection.id
        try {
          if (many !== undefined) throw new ContestError(many)
          const under = await detections.decide(one, { by, as }, clock())
          settled.push({ id: its, under })
          const did = as === 'refused' ? 'refused' : 'accepted'
          await history.add({ at: clock().toISOString(), did, by, id: under, of: 'detection' })
        } catch (error) {
          if (!(error instanceof ContestError)) throw error
          failed.push({ id: its, message: error.message })
        }
      }
    }
  }
  return { settled, failed }
}

/** Revisions of one detection follow each other; which of several detectors' is right cannot be told by their order. */
const severalIn = (group: readonly Contested[]): string | undefined => {
  const names = [...new Set(group.map(({ detection }) => detection.detector.name))]
  return names.length > 1
    ? `${names.join(' and ')} both wait under this id: choose one with --batch, or store them --as-new`
    : undefined
}
