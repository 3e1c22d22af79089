import { type Ceiling, isUnder } from '../../domain/access/caller.ts'
import type { DetectionAsOf } from '../../domain/aggregate/tally.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import type { Bounds } from '../../domain/core/time/period.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import type { Services } from '../services.ts'

const dayMs = 86_400_000

/** Milliseconds UTC. */
type Stretch = Pick<Bounds, 'from' | 'to'>

/** Returns whole months, widened by a day on each side to cover every time zone. */
const monthsOf = ({ from, to }: Detection['observed']): Stretch => {
  const [first, last] = [from, to].map((one) => new Date(one.length === 7 ? `${one}-01` : one)) as [Date, Date]
  const start = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), 1) - dayMs
  return { from: start, to: Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1, 1) + dayMs }
}

type Stretches = Iterable<{ readonly code: TerritoryCode } & Stretch>

type PartAsOf = DetectionAsOf & { readonly detection: { readonly partOf: string } }

/**
 * Yields all parts in the stretches as of an ISO instant; a part may come once for each stretch.
 * @param sought text that the JSON of each wanted part contains
 */
export async function* everyPartIn(
  stretches: Stretches,
  asOf: string,
  { detections }: Pick<Services, 'detections'>,
  sought = 'partOf',
): AsyncGenerator<PartAsOf> {
  const mayBe = (json: string) => json.includes(sought)
  for (const { code, from, to } of stretches) {
    for await (const one of detections.inWindow(code, from, to, asOf, { mayBe })) if (isPart(one)) yield one
  }
}

const isPart = (one: DetectionAsOf): one is PartAsOf => one.detection.partOf !== undefined

export async function* partsIn(
  wholes: ReadonlySet<string>,
  stretches: Stretches,
  ceiling: Ceiling,
  services: Pick<Services, 'detections' | 'clock'>,
): AsyncGenerator<PartAsOf> {
  const [id = ''] = wholes
  // Only an id without characters that JSON escapes appears literally in the text.
  const sought = wholes.size === 1 && /^[\w./:#@ -]+$/.test(id) ? id : undefined
  for await (const one of everyPartIn(stretches, services.clock().toISOString(), services, sought))
    if (wholes.has(one.detection.partOf) && isUnder(ceiling, one.detection)) yield one
}

/** Returns ids of parts that then count on their own. */
export const partsOf = (
  whole: Detection,
  ceiling: Ceiling,
  services: Pick<Services, 'detections' | 'clock'>,
): Promise<readonly string[]> => {
  const wholes = wholesWithdrawn()
  wholes.add(whole)
  return wholes.parts(ceiling, services)
}

/** Collects wholes, to read each territory and month once. */
export const wholesWithdrawn = () => {
  const ids = new Set<string>()
  const seen = new Map<TerritoryCode, Map<string, Stretch>>()
  return {
    add: ({ id, territories, observed }: Pick<Detection, 'id' | 'territories' | 'observed'>): void => {
      ids.add(id)
      const stretch = monthsOf(observed)
      for (const { code } of territories) {
        const its = seen.get(code) ?? new Map()
        seen.set(code, its.set(`${stretch.from} ${stretch.to}`, stretch))
      }
    },
    parts: async (ceiling: Ceiling, services: Pick<Services, 'detections' | 'clock'>): Promise<readonly string[]> => {
      const stretches = [...seen].flatMap(([code, its]) => joined(its.values()).map((one) => ({ code, ...one })))
      const found = await Array.fromAsync(partsIn(ids, stretches, ceiling, services), ({ detection }) => detection.id)
      return [...new Set(found)].filter((id) => !ids.has(id)).sort()
    },
  }
}

/** Merges overlapping stretches. */
const joined = (stretches: Iterable<Stretch>): readonly Stretch[] => {
  const all: Stretch[] = []
  for (const one of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last && one.from <= last.to) all[all.length - 1] = { from: last.from, to: Math.max(last.to, one.to) }
    else all.push(one)
  }
  return all
}
