/** What an ingest would make of each record, as a person looks at it before anything is stored. */
import { textIn } from '../../domain/core/localised.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { Observed } from '../../domain/core/observed.ts'
import type { Counts, Detection } from '../../domain/detection/detection.ts'
import { doubtsOf } from '../../domain/detection/doubts.ts'
import type { IntakeRecord } from '../../intake/record/record.ts'
import type { Detections } from '../../store/detections.ts'
import type { RecordOutcome } from './ingest-detections.ts'

/** One record, and what would become of it. */
export type CheckedRecord = {
  /** From 1; null where the format has no lines. */
  readonly line: number | null
  readonly id: string | null
  readonly outcome: RecordOutcome['kind']
  /** The field that is wrong, and why the record is rejected or contested. */
  readonly path: string | null
  readonly message: string | null
  /** What would be stored; null for a reject, and for what is no detection. */
  readonly detection: CheckedDetection | null
  /** What was understood and may be meant otherwise, in plain words. */
  readonly doubts: readonly string[]
}

type CheckedDetection = Pick<Detection, 'territories'> & {
  readonly title: string
  readonly detector: string
  readonly observed: Observed
  readonly counts: Counts
  readonly marking: Marking
  readonly markingSource: Detection['markingSource'] | null
}

/** So many records are listed, so that a file of any size can be checked. */
export const recordsListed = 1_000

/** Lists records as they are told of: give `onOutcome` to the ingest. @param now to tell what is still to come */
export const checkList = (now: Date) => {
  const told: (readonly [IntakeRecord, RecordOutcome])[] = []
  return {
    onOutcome: (record: IntakeRecord, outcome: RecordOutcome): void => {
      if (told.length < recordsListed) told.push([record, outcome])
    },
    /** The first {@link recordsListed}, in the order in which they were decided of, each as it is stored after the ingest. */
    records: async ({ latest }: Pick<Detections, 'latest'>): Promise<readonly CheckedRecord[]> => {
      const records: CheckedRecord[] = []
      for (const [record, outcome] of told) {
        const id = 'detection' in record && isStored.has(outcome.kind) ? record.detection.id : undefined
        const stored = id === undefined ? undefined : await latest(id)
        records.push(checked(record, outcome, stored, now))
      }
      return records
    },
  }
}

/** What is stored is not what was sent where a person corrected it, or has placed it. */
const isStored: ReadonlySet<RecordOutcome['kind']> = new Set(['accepted', 'revised', 'unplaced'])

const checked = (
  record: IntakeRecord,
  outcome: RecordOutcome,
  stored: Detection | undefined,
  now: Date,
): CheckedRecord => {
  const detection = stored ?? ('detection' in record ? record.detection : undefined)
  const reject = outcome.kind === 'rejected' ? outcome.reject : undefined
  const line = reject?.line ?? ('line' in record ? record.line : undefined)
  return {
    line: line ?? null,
    id: reject?.id ?? detection?.id ?? null,
    outcome: outcome.kind,
    path: reject?.path ?? null,
    message: reject?.message ?? (outcome.kind === 'contested' ? outcome.message : null),
    detection: detection && !reject ? shown(detection) : null,
    doubts: detection && !reject ? doubtsOf(detection, now) : [],
  }
}

const shown = ({ title, detector, observed, territories, counts, marking, markingSource }: Detection) => ({
  title: textIn(title, 'en').text,
  detector: detector.name,
  observed,
  territories,
  counts,
  marking,
  markingSource: markingSource ?? null,
})
