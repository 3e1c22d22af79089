import type { Detection } from '../../../domain/detection/detection.ts'
import { type Correcting, changedFields, withFields } from '../../../domain/detection/revisions/correction.ts'
import { type PlaceExplained, placesExplained } from '../../../domain/looking/explanation.ts'
import type { Contested } from '../../../store/detections/contested.ts'

/** `after` is missing for a withdrawal. */
export type EditEffect = {
  readonly before: Detection
  readonly after?: Detection
  readonly changed: readonly string[]
  /** Lowers the marking, so another analyst has to confirm it. */
  readonly waits?: true
  readonly parts?: readonly string[]
  readonly places: { readonly before: readonly PlaceExplained[]; readonly after: readonly PlaceExplained[] }
}

export type CorrectionRecord = Contested & { readonly correcting: Correcting }

export const effectOfCorrection = (
  before: Detection,
  { detection: stated, correcting }: CorrectionRecord,
): EditEffect & { readonly after: Detection } => {
  const changed = changedFields(before, stated, correcting.fields)
  const after = withFields(before, stated, changed)
  return { before, after, changed, places: { before: placesExplained(before), after: placesExplained(after) } }
}

export const isCorrection = (record: Contested): record is CorrectionRecord => record.correcting?.kind === 'correction'
