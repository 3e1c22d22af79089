import { faultText } from '../../domain/core/fault-text.ts'
import { type Fault, fault, quoted } from '../../domain/core/fault.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { type Marking, strictest } from '../../domain/core/marking.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { textIn } from '../../domain/core/text/localised.ts'
import type { Observed } from '../../domain/core/time/observed.ts'
import type { Counts, Detection } from '../../domain/detection/detection.ts'
import { type Doubt, doubtFault, doubtsIn } from '../../domain/detection/names/doubts.ts'
import type { GivenAccountSet } from '../../domain/detection/revisions/account-set.ts'
import { partText } from '../../domain/detection/revisions/correction.ts'
import { changedBetween } from '../../domain/looking/explanation.ts'
import type { ReadOptions } from '../../intake/formats.ts'
import type { IntakeRecord } from '../../intake/record/record.ts'
import type { Detections } from '../../store/detections/detections.ts'
import type { RecordOutcome } from './ingest-detections.ts'

export type CheckedRecord = {
  /** From 1; null where the format has no lines. */
  readonly line: number | null
  readonly id: string | null
  readonly outcome: RecordOutcome['kind']
  readonly path: string | null
  readonly message: string | null
  /** Null for a reject and for records that are no detection. */
  readonly detection: CheckedDetection | null
  /** An empty text where a side has no value. */
  readonly changed: readonly { readonly field: string; readonly before: string; readonly after: string }[]
  readonly doubts: readonly string[]
}

type CheckedDetection = Pick<Detection, 'territories' | 'observedEffect'> & {
  readonly title: string
  readonly detector: string
  readonly observed: Observed
  readonly counts: Counts
  readonly marking: Marking
  readonly markingSource: Detection['markingSource'] | null
}

export const recordsListed = 1_000

export type SeenRecord = Pick<CheckedRecord, 'line' | 'id' | 'outcome' | 'path'> & {
  readonly reason: Fault | null
  readonly key: string
  /** The heading line, for a rejected table row. */
  readonly context: string | undefined
  readonly detection: Detection | undefined
  readonly doubts: readonly Doubt[]
  /** Includes what is stored under the id where that caused the refusal; unknown for unreadable records. */
  readonly marking: Marking | undefined
  /** An earlier record of the file has the same id. */
  readonly again: Fault | undefined
  readonly change: Change | undefined
}

/** Missing where a later record in the file has the same id. */
type Change = {
  readonly before: Detection
  readonly after: Detection
  readonly changed: readonly string[]
}

type ListedRecord = CheckedRecord & {
  readonly change: Change | undefined
  /** Equal for records with the same outcome, fault and doubts. */
  readonly kind: string
}

type ListedOutcome = {
  readonly record: IntakeRecord
  readonly outcome: RecordOutcome
  readonly file: string
  readonly before: Fault | undefined
}

/** Lists records: give `onOutcome` to the ingest. @param now decides which dates lie in the future */
export const checkList = (now: Date) => {
  const outcomes: ListedOutcome[] = []
  const newest = new Map<string, { readonly record: IntakeRecord; readonly file: string }>()
  return {
    onOutcome: (record: IntakeRecord, outcome: RecordOutcome, file = ''): void => {
      const isListed = outcomes.length < recordsListed
      const id = 'detection' in record && isStored.has(outcome.kind) ? record.detection.id : undefined
      const before = id === undefined ? undefined : newest.get(id)
      if (isListed) outcomes.push({ record, outcome, file, before: before && placeOf(before, file) })
      if (id !== undefined && (isListed || before)) newest.set(id, { record, file })
    },
    /** The first {@link recordsListed} in file order, as stored after the ingest. */
    records: async (detections: Pick<Detections, 'latest' | 'history'>): Promise<readonly ListedRecord[]> => {
      const listed = inOrder(outcomes)
      const stored = await storedOf(listed, newest, detections)
      return listed.map((one, at) => checked(one, stored[at] ?? {}, now))
    },
    seen: async (detections: Pick<Detections, 'latest' | 'history' | 'markings'>): Promise<readonly SeenRecord[]> => {
      const listed = inOrder(outcomes)
      const stored = await storedOf(listed, newest, detections)
      const speaking = listed.flatMap(({ record, outcome: { kind } }) =>
        'detection' in record && kind === 'contested' ? [record.detection.id] : [],
      )
      const currentMarkings = speaking.length > 0 ? await detections.markings(speaking) : new Map<string, Marking>()
      return listed.map((one, at) => {
        const seen = seenRecord(one, stored[at] ?? {}, now)
        const currentMarking = seen.outcome === 'contested' ? currentMarkings.get(seen.id ?? '') : undefined
        return currentMarking && seen.marking ? { ...seen, marking: strictest([seen.marking, currentMarking]) } : seen
      })
    },
  }
}

/** Restores line order: unreadable records are reported first. */
const inOrder = (outcomes: readonly ListedOutcome[]): readonly ListedOutcome[] => {
  const files = [...new Set(outcomes.map(({ file }) => file))]
  return outcomes
    .map((one) => ({ one, file: files.indexOf(one.file), line: lineOf(one) ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => a.file - b.file || (a.line === b.line ? 0 : a.line - b.line))
    .map(({ one }) => one)
}

const lineOf = ({ record, outcome }: Pick<ListedOutcome, 'record' | 'outcome'>): number | undefined =>
  (outcome.kind === 'rejected' ? outcome.reject.line : undefined) ?? ('line' in record ? record.line : undefined)

type StoredAfter = { readonly detection?: Detection | undefined; readonly change?: Change | undefined }

const storedOf = async (
  outcomes: readonly ListedOutcome[],
  newest: ReadonlyMap<string, { readonly record: IntakeRecord }>,
  detections: Pick<Detections, 'latest' | 'history'>,
): Promise<readonly StoredAfter[]> => {
  const found: StoredAfter[] = []
  for (let from = 0; from < outcomes.length; from += readTogether) {
    const read = outcomes.slice(from, from + readTogether).map(async ({ record, outcome }): Promise<StoredAfter> => {
      const id = 'detection' in record && isStored.has(outcome.kind) ? record.detection.id : undefined
      if (id === undefined || newest.get(id)?.record !== record) return {}
      const detection = await detections.latest(id)
      return { detection, change: outcome.kind === 'revised' ? await changeOf(id, detections) : undefined }
    })
    pushAll(found, await Promise.all(read))
  }
  return found
}

const changeOf = async (id: string, { history }: Pick<Detections, 'history'>): Promise<Change | undefined> => {
  const [before, after] = (await history(id)).slice(-2).map(({ detection }) => detection)
  return before && after && { before, after, changed: changedBetween(before, after) }
}

const readTogether = 32

const placeOf = ({ record, file }: { readonly record: IntakeRecord; readonly file: string }, here: string): Fault => {
  const place =
    'line' in record && record.line !== undefined ? fault('place.line', { line: record.line }) : fault('place.earlier')
  return file === here ? place : fault('place.ofFile', { place, file })
}

/** Includes duplicates: an analyst may have corrected the stored detection. */
const isStored: ReadonlySet<RecordOutcome['kind']> = new Set(['accepted', 'revised', 'unplaced', 'duplicate'])

/** Short, since a page may ask about hundreds. */
export const recordKey = (id: string): string => sha256(Buffer.from(id)).slice(0, 10)

/** Uses line and text, since an id may depend on how the file is read; or line and headings, since cells may change. */
export const rowKey = (
  { line, raw, context = raw }: Parameters<NonNullable<ReadOptions['prepare']>>[1],
  id: string,
): string => recordKey(line === undefined || context === undefined ? id : `${line}\n${context}`)

const seenRecord = (
  { record, outcome, before }: ListedOutcome,
  { detection: stored, change }: StoredAfter,
  now: Date,
): SeenRecord => {
  const came = stored ?? ('detection' in record ? record.detection : undefined)
  const reject = outcome.kind === 'rejected' ? outcome.reject : undefined
  const detection = reject ? undefined : came
  const line = lineOf({ record, outcome })
  const set = 'accountSet' in record ? record.accountSet : undefined
  const [id, row] = [reject?.id ?? came?.id ?? set?.id ?? null, 'detection' in record ? record : undefined]
  return {
    line: line ?? null,
    id,
    key: rowKey(row ?? {}, id ?? ''),
    outcome: outcome.kind,
    path: reject?.path ?? null,
    context: reject?.context,
    reason: reject?.fault ?? (outcome.kind === 'contested' ? outcome.reason : set ? setFault(set) : null),
    detection,
    doubts: detection ? [...otherDetection(change), ...doubtsIn(detection, now, row?.doubts)] : [],
    marking: detection?.marking,
    again: outcome.kind === 'revised' ? before && fault('doubt.sameId', { before }) : undefined,
    change,
  }
}

/** Two files may number their rows alike. */
export const otherDetection = (change: Pick<Change, 'changed'> | undefined): readonly Doubt[] =>
  ['title', 'observed', 'territories'].every((field) => change?.changed.includes(field))
    ? [{ kind: 'other detection' }]
    : []

const setFault = ({ name, accounts }: GivenAccountSet): Fault =>
  fault('accounts.becomeSet', { count: accounts.length, name: quoted(name) })

const checked = (one: ListedOutcome, stored: StoredAfter, now: Date): ListedRecord => {
  const {
    detection,
    again,
    doubts,
    change,
    reason,
    marking: _,
    key: __,
    context: ___,
    ...fields
  } = seenRecord(one, stored, now)
  return {
    ...fields,
    message: reason && faultText(reason),
    kind: JSON.stringify([
      ...[fields.outcome, fields.path, reason?.code],
      ...doubts.map((doubt) => (doubt.kind === 'cell' ? doubtFault(doubt).values?.column : doubt.kind)),
    ]),
    detection: detection ? shown(detection) : null,
    changed: change
      ? change.changed.map((field) => ({
          field,
          before: partText(change.before, field),
          after: partText(change.after, field),
        }))
      : [],
    change,
    doubts: [...(again ? [faultText(again)] : []), ...doubts.map((doubt) => faultText(doubtFault(doubt)))],
  }
}

const shown = ({
  title,
  detector,
  observed,
  territories,
  counts,
  observedEffect,
  marking,
  markingSource,
}: Detection) => ({
  title: textIn(title, 'en').text,
  detector: detector.name,
  observed,
  territories,
  counts,
  ...(observedEffect && { observedEffect }),
  marking,
  markingSource: markingSource ?? null,
})
