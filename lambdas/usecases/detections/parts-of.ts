/** The detections that say that they are a part of another one. */
import { type Ceiling, isUnder } from '../../domain/access/caller.ts'
import type { DetectionAsOf } from '../../domain/aggregate/tally.ts'
import type { Bounds } from '../../domain/core/period.ts'
import type { TerritoryCode } from '../../domain/core/territory.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import type { Services } from '../services.ts'

const dayMs = 86_400_000

/** Milliseconds UTC. */
type Stretch = Pick<Bounds, 'from' | 'to'>

/** From the first day of its first month to the last of its last, in every zone. */
const monthsOf = ({ from, to }: Detection['observed']): Stretch => {
  const [first, last] = [from, to].map((one) => new Date(one.length === 7 ? `${one}-01` : one)) as [Date, Date]
  const start = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), 1) - dayMs
  return { from: start, to: Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1, 1) + dayMs }
}

/** As they stand now, in some stretches of time, as far as somebody may know of them: each once for each stretch. */
export async function* partsIn(
  id: string,
  stretches: Iterable<{ readonly code: TerritoryCode } & Stretch>,
  ceiling: Ceiling,
  { detections, clock }: Pick<Services, 'detections' | 'clock'>,
): AsyncGenerator<DetectionAsOf> {
  // An id without signs that JSON escapes stands in its text.
  const mayBe = /^[\w./:#@ -]+$/.test(id) ? (json: string) => json.includes(id) : undefined
  for (const { code, from, to } of stretches) {
    for await (const one of detections.inWindow(code, from, to, clock().toISOString(), { mayBe })) {
      if (one.detection.partOf === id && isUnder(ceiling, one.detection)) yield one
    }
  }
}

/**
 * Ids of those that count for themselves once it is withdrawn: in its territories and the months in which it was seen.
 */
export const partsOf = async (
  { id, territories, observed }: Detection,
  ceiling: Ceiling,
  services: Pick<Services, 'detections' | 'clock'>,
): Promise<readonly string[]> => {
  const bounds = monthsOf(observed)
  const stretches = territories.map(({ code }) => ({ code, ...bounds }))
  const ids = await Array.fromAsync(partsIn(id, stretches, ceiling, services), ({ detection }) => detection.id)
  return [...new Set(ids)].filter((one) => one !== id).sort()
}
