/** What an ingest would make of each record, as a person looks at it before anything is stored. */
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
import type { IntakeRecord } from '../../intake/record/record.ts'
import type { Detections } from '../../store/detections/detections.ts'
import type { RecordOutcome } from './ingest-detections.ts'

/** One record, and what would become of it. */
export type CheckedRecord = {
  /** From 1; null where the format has no lines. */
  readonly line: number | null
  readonly id: string | null
  readonly outcome: RecordOutcome['kind']
  /** The field that is wrong. */
  readonly path: string | null
  /** Why the record is rejected or contested, or what a list of accounts becomes. */
  readonly message: string | null
  /** What would be stored; null for a reject, and for what is no detection. */
  readonly detection: CheckedDetection | null
  /** Of a revision, each field in which it says otherwise than what stands; an empty text where one says nothing. */
  readonly changed: readonly { readonly field: string; readonly before: string; readonly after: string }[]
  /** What was understood and may be meant otherwise, in plain words. */
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

/** So many records are listed, so that a file of any size can be checked. */
export const recordsListed = 1_000

/** The same, for a page that says it in its reader's language. */
export type SeenRecord = Pick<CheckedRecord, 'line' | 'id' | 'outcome' | 'path'> & {
  /** Why the record is rejected or contested, or what a list of accounts becomes. */
  readonly reason: Fault | null
  /** What an answer about it is kept by. */
  readonly key: string
  /** Of a row of a table that is rejected: the line of its headings. */
  readonly context: string | undefined
  readonly detection: Detection | undefined
  readonly doubts: readonly Doubt[]
  /**
   * The strictest of it and of what is stored under its id, where that is why it is not stored; unknown of what cannot
   * be read.
   */
  readonly marking: Marking | undefined
  /** It is taken as a revision of another record of the same file. */
  readonly isAgain: boolean
  readonly change: Change | undefined
}

/** What a revision changes; of one that another of its id follows it is not told. */
export type Change = {
  readonly before: Detection
  readonly after: Detection
  /** Fields, as changes of detections are told. */
  readonly changed: readonly string[]
}

type ListedOutcome = {
  readonly record: IntakeRecord
  readonly outcome: RecordOutcome
  readonly file: string
  /** The record before it of the same id, as a person finds it. */
  readonly before: Fault | undefined
}

/** Lists records as they are told of: give `onOutcome` to the ingest. @param now to tell what is still to come */
export const checkList = (now: Date) => {
  const outcomes: ListedOutcome[] = []
  /** Of each id that is listed, its newest record and where that is. */
  const newest = new Map<string, { readonly record: IntakeRecord; readonly file: string }>()
  return {
    onOutcome: (record: IntakeRecord, outcome: RecordOutcome, file = ''): void => {
      const isListed = outcomes.length < recordsListed
      const id = 'detection' in record && isStored.has(outcome.kind) ? record.detection.id : undefined
      const before = id === undefined ? undefined : newest.get(id)
      if (isListed) outcomes.push({ record, outcome, file, before: before && placeOf(before, file) })
      if (id !== undefined && (isListed || before)) newest.set(id, { record, file })
    },
    /**
     * The first {@link recordsListed}, in the order of their files, each as it is stored after the ingest, with what it
     * changes; one that another of its id follows, as it came.
     */
    records: async (
      detections: Pick<Detections, 'latest' | 'history'>,
    ): Promise<readonly (CheckedRecord & { readonly change: Change | undefined })[]> => {
      const listed = inOrder(outcomes)
      const stored = await storedOf(listed, newest, detections)
      return listed.map((one, at) => checked(one, stored[at] ?? {}, now))
    },
    /** The same as values. */
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

/** What cannot be read is decided of at once, before what waits for the store: lines say what came first. */
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

/** What is stored after the ingest of each, in place of what came; of one that another of its id follows, nothing. */
const storedOf = async (
  outcomes: readonly ListedOutcome[],
  newest: ReadonlyMap<string, { readonly record: IntakeRecord }>,
  detections: Pick<Detections, 'latest' | 'history'>,
): Promise<readonly StoredAfter[]> => {
  const found: StoredAfter[] = []
  // A duplicate is read from the store itself, and a file may be all duplicates.
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

/** Between the last two revisions, as far as both can be read. */
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

/**
 * What is stored is not what was sent where a person corrected it, or has placed it: also where the same came before.
 */
const isStored: ReadonlySet<RecordOutcome['kind']> = new Set(['accepted', 'revised', 'unplaced', 'duplicate'])

/** What a form calls the record with an id: short, since a page may ask about hundreds. */
export const recordKey = (id: string): string => sha256(Buffer.from(id)).slice(0, 10)

/**
 * By its place and text, which stay whatever is said of how the file is read: an id may be made of what was understood.
 */
export const rowKey = ({ line, raw }: { readonly line?: number; readonly raw?: string }, id: string): string =>
  recordKey(line === undefined || raw === undefined ? id : `${line}\n${raw}`)

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
    doubts: detection ? doubtsIn(detection, now, row?.doubts) : [],
    marking: detection?.marking,
    isAgain: before !== undefined && outcome.kind === 'revised',
    change,
  }
}

const setFault = ({ name, accounts }: GivenAccountSet): Fault =>
  fault('accounts.becomeSet', { count: accounts.length, name: quoted(name) })

const checked = (
  one: ListedOutcome,
  stored: StoredAfter,
  now: Date,
): CheckedRecord & { readonly change: Change | undefined } => {
  const {
    detection,
    isAgain,
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
    detection: detection ? shown(detection) : null,
    changed: change
      ? change.changed.map((field) => ({
          field,
          before: partText(change.before, field),
          after: partText(change.after, field),
        }))
      : [],
    change,
    doubts: [
      ...(isAgain && one.before ? [faultText(fault('doubt.sameId', { before: one.before }))] : []),
      ...doubts.map((doubt) => faultText(doubtFault(doubt))),
    ],
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
