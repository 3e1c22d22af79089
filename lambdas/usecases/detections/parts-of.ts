/** The detections that count for themselves once their whole is withdrawn. */
import { type Ceiling, isUnder } from '../../domain/access/caller.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import type { Services } from '../services.ts'

const dayMs = 86_400_000

/** From the first day of its first month to the last of its last, in every zone. */
const monthsOf = ({ from, to }: Detection['observed']): readonly [number, number] => {
  const [first, last] = [from, to].map((one) => new Date(one.length === 7 ? `${one}-01` : one)) as [Date, Date]
  const start = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), 1) - dayMs
  return [start, Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1, 1) + dayMs]
}

/**
 * Ids of what says that it is a part of it, as far as somebody may know of them: in its territories and the months in
 * which it was seen.
 */
export const partsOf = async (
  { id, territories, observed }: Detection,
  ceiling: Ceiling,
  { detections, clock }: Pick<Services, 'detections' | 'clock'>,
): Promise<readonly string[]> => {
  const parts = new Set<string>()
  const [from, to] = monthsOf(observed)
  // An id without signs that JSON escapes stands in its text.
  const mayBe = /^[\w./:#@ -]+$/.test(id) ? (json: string) => json.includes(id) : undefined
  for (const { code } of territories) {
    for await (const { detection } of detections.inWindow(code, from, to, clock().toISOString(), { mayBe })) {
      if (detection.partOf === id && detection.id !== id && isUnder(ceiling, detection)) parts.add(detection.id)
    }
  }
  return [...parts].sort()
}
