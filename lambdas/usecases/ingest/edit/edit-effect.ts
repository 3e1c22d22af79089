/** What mending a detection would change: fields, and the reports in which it counts. */
import type { Detection } from '../../../domain/detection/detection.ts'
import { type Correcting, changedFields, withFields } from '../../../domain/detection/revisions/correction.ts'
import { type PlaceExplained, placesExplained } from '../../../domain/looking/explanation.ts'
import type { Contested } from '../../../store/detections/contested.ts'

/** What would change; `after` is missing of what would be withdrawn. */
export type EditEffect = {
  readonly before: Detection
  readonly after?: Detection
  readonly changed: readonly string[]
  /** It lowers the marking: it is asked for, and another person has to confirm it. */
  readonly waits?: true
  /** Detections that count for themselves once their whole is withdrawn. */
  readonly parts?: readonly string[]
  readonly places: { readonly before: readonly PlaceExplained[]; readonly after: readonly PlaceExplained[] }
}

/** A correction that a person has to confirm. */
export type CorrectionRecord = Contested & { readonly correcting: Correcting }

/** What would stand of a detection, were the correction confirmed. */
export const effectOfCorrection = (
  before: Detection,
  { detection: stated, correcting }: CorrectionRecord,
): EditEffect & { readonly after: Detection } => {
  const changed = changedFields(before, stated, correcting.fields)
  const after = withFields(before, stated, changed)
  return { before, after, changed, places: { before: placesExplained(before), after: placesExplained(after) } }
}

export const isCorrection = (record: Contested): record is CorrectionRecord => record.correcting?.kind === 'correction'
