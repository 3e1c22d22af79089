/** Follows parts to wholes that are counted in another territory or period. */

import type { Whole, Wholes } from '../../../domain/aggregate/counting/trees.ts'
import { fitsUnder, type Marking } from '../../../domain/core/marking.ts'
import type { Services } from '../../services.ts'

export const followWholes = async (
  wanted: readonly Iterable<string>[],
  { cap, asOf }: { readonly cap: Marking; readonly asOf: string },
  { lineage }: Pick<Services['detections'], 'lineage'>,
): Promise<Wholes> => {
  const found = new Map<string, Whole>()
  const asked = new Set<string>()
  let ahead = new Set(wanted.flatMap((ids) => [...ids]))
  while (ahead.size > 0) {
    for (const id of ahead) asked.add(id)
    const next = new Set<string>()
    for (const [id, whole] of await lineage([...ahead], asOf)) {
      if (!fitsUnder(whole.marking, cap)) continue
      found.set(id, whole)
      if (whole.partOf !== undefined && !asked.has(whole.partOf)) next.add(whole.partOf)
    }
    ahead = next
  }
  return found
}
