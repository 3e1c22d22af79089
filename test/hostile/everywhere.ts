/** Detections with a hostile value in every field that accepts it. */
import { type DetectionInput, readDetection } from '../../lambdas/domain/detection/detection.ts'
import { input } from '../support/detections.ts'
import { corpus, type Hostile } from './corpus.ts'
import { ownFields } from './formats.ts'

/** Fields that decide whether a report shows the detection. */
const apart: ReadonlySet<string> = new Set(['id', 'partOf', 'territories', 'observed.from', 'marking', 'accountSet'])

/** A record of New Caledonia in week 20. */
export const everywhere = ({ value }: Hostile, at: number): DetectionInput => {
  let record: DetectionInput = input({
    id: `hostile-${at}`,
    observed: { from: `2024-05-${13 + (at % 7)}` },
    counts: { posts: 1_000 - at },
  })
  for (const [field, withValue] of Object.entries(ownFields)) {
    if (apart.has(field)) continue
    const more = { ...record, ...withValue(value) }
    if ('detection' in readDetection(more)) record = more as DetectionInput
  }
  return record
}

export const hostileRecords: readonly DetectionInput[] = corpus.map(everywhere)
