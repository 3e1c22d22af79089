/** Detections that say a hostile value in every field that takes it. */
import { type DetectionInput, readDetection } from '../../lambdas/domain/detection/detection.ts'
import { input } from '../support/detections.ts'
import { corpus, type Hostile } from './corpus.ts'
import { ownFields } from './formats.ts'

/** What would take it out of the report, or away from the others. */
const apart: ReadonlySet<string> = new Set(['id', 'partOf', 'territories', 'observed.from', 'marking', 'accountSet'])

/** A record with the value in each field that takes it. It lies in New Caledonia's week 20. */
export const everywhere = ({ value }: Hostile, at: number): DetectionInput => {
  let record: DetectionInput = input({
    id: `hostile-${at}`,
    observed: { from: `2024-05-${13 + (at % 7)}` },
    counts: { posts: 1_000 - at },
  })
  for (const [field, said] of Object.entries(ownFields)) {
    if (apart.has(field)) continue
    const more = { ...record, ...said(value) }
    if ('detection' in readDetection(more)) record = more as DetectionInput
  }
  return record
}

export const hostileRecords: readonly DetectionInput[] = corpus.map(everywhere)
