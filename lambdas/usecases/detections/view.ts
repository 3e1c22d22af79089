/** The parts of a stored detection that a reader may see. */
import { type Ceiling, isUnder } from '../../domain/access/caller.ts'
import type { DetectionAsOf } from '../../domain/aggregate/tally.ts'
import { declaredMarkings } from '../../domain/aggregate/watch/watch.ts'
import { detectionId } from '../../domain/detection/detection.ts'
import { storedAtInEdition } from '../../domain/detection/revisions/edition-overrides.ts'
import { detectorIn, type View } from '../../domain/looking/filter.ts'
import { type Entry, entryOf, harmlessIn } from '../../domain/report/facts.ts'
import type { Stored } from '../../store/detections/reading.ts'
import type { Services } from '../services.ts'

export type LookServices = Pick<Services, 'detections' | 'sources' | 'batches' | 'clock'>

/** Texts neutralised, addresses defanged, accounts never shown singly. */
export type Shown = Omit<Entry, 'parts' | 'own'> & {
  /** ISO instant. */
  readonly storedAt: string
}

export const viewFor = async (ceiling: Ceiling, { sources, clock }: LookServices): Promise<View> => {
  const now = clock().toISOString()
  return { ceiling, declared: declaredMarkings(await sources.asOf(now, now), ceiling.clearance) }
}

/** Treats a detection that the reader may not know as not stored. */
export const storedFor = async (
  id: string,
  { ceiling }: View,
  { detections }: LookServices,
): Promise<Stored | undefined> => {
  if (!detectionId.safeParse(id).success) return undefined
  const stored = (await detections.stored([id])).get(id)
  return stored && isUnder(ceiling, stored) ? stored : undefined
}

export const currentOf = async ({ revision, storedAt, below, body }: Stored): Promise<DetectionAsOf> => ({
  detection: await body(),
  ...{ revision, storedAt, below },
})

/** Filters these ids to active detections that the reader may know. */
const knownAmong = async (
  ids: readonly string[],
  { ceiling }: View,
  { detections }: LookServices,
): Promise<ReadonlySet<string>> => {
  if (ids.length === 0) return new Set()
  const stored = [...(await detections.stored(ids)).values()]
  return new Set(stored.filter((one) => one.status === 'active' && isUnder(ceiling, one)).map(({ id }) => id))
}

export const shownTo = async (
  found: readonly DetectionAsOf[],
  view: View,
  services: LookServices,
): Promise<readonly Shown[]> => {
  const wholes = await knownAmong(
    found.flatMap(({ detection: { partOf } }) => (partOf === undefined ? [] : [partOf])),
    view,
    services,
  )
  return found.map((current) => {
    const { detection } = current
    const { parts: _, own: __, ...entry } = entryOf(current, view.ceiling.clearance)
    const { partOf } = detection
    return {
      ...harmlessIn({ ...entry, detector: detectorIn(detection, view) }),
      ...(partOf !== undefined && wholes.has(partOf) && { partOf }),
      storedAt: storedAtInEdition(current, view.ceiling.clearance),
    }
  })
}
