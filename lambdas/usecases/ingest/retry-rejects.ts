/** Retries rejects unchanged (rules and programs change) or as fixed in a file. */

import { faultText, lineOf } from '../../domain/core/fault-text.ts'
import { type Fault, fault, faultAt, faultOfThrown, quoted } from '../../domain/core/fault.ts'
import { parseJson } from '../../domain/core/text/parse-json.ts'
import { elementsReader } from '../../intake/json/elements.ts'
import { oddityIn } from '../../intake/json/json-text.ts'
import { textIn } from '../../intake/json/json.ts'
import type { IntakeRecord, Origin } from '../../intake/record/record.ts'
import { isOwnFormat, type KeptReject } from '../../store/intake/rejects.ts'
import { type Action, lineOf as historyLine } from '../../store/table/history.ts'
import type { IntakeServices } from '../services.ts'
import {
  ingestDetections,
  type ListedReject,
  type RecordOutcome,
  rejectsListed,
  unknownSender,
} from './ingest-detections.ts'

export type RetryOptions = {
  read(text: string, about: { readonly file: string; readonly origin: Origin }): AsyncIterable<IntakeRecord>
  /**
   * Fixed rejects in JSON, concatenated or in an array: as exported with `raw` edited, or Vigie records with
   * `rejectId`. Default: all open rejects, unchanged.
   */
  readonly fixedFile?: AsyncIterable<Uint8Array> | undefined
  /** Kept with the batch. */
  readonly by?: string | undefined
  /** What an analyst did by hand: undoing the batch opens the reject again. */
  readonly corrected?: ((kept: KeptReject) => Pick<Action, 'what' | 'reason'>) | undefined
  readonly onRejected?: ((kept: KeptReject, reason: Fault) => void) | undefined
}

/** `tried` is the sum of `resolved` and `rejected`. */
export type Retried = {
  readonly tried: number
  /** Stored now or before. */
  readonly resolved: number
  readonly rejected: number
  /** Cannot be tried alone: their files have to be ingested again. */
  readonly left: number
  /** Fixed before. */
  readonly already: number
  /** Rejected again or left, up to a thousand. */
  readonly rejects: readonly ListedReject[]
  /** Entries of the fixed file that name no reject; lines from 1. */
  readonly unread: readonly { readonly line: number; readonly message: string }[]
  /** The intake that stored the fixed records. */
  readonly batch: string
  readonly failure?: string
}

type Candidate = { readonly kept: KeptReject; readonly text: string; readonly origin: Origin }

type Trial = {
  readonly kept: KeptReject
  isRead: boolean
  waiting: number
  reason: Fault | undefined
}

export const retryRejects = async (
  services: IntakeServices,
  { read, fixedFile, by, corrected, onRejected }: RetryOptions,
): Promise<Retried> => {
  const { rejects } = services
  const trials = new Map<string, Trial>()
  const trialOf = new WeakMap<IntakeRecord, Trial>()
  const listed: ListedReject[] = []
  const unread: { line: number; message: string }[] = []
  let left = 0
  let already = 0

  const list = ({ rejectId, file, line, id }: KeptReject, reason: Fault) => {
    const why = { path: reason.path ?? '', message: faultText(reason) }
    if (listed.length < rejectsListed) listed.push({ rejectId, file, line: line ?? null, id: id ?? null, ...why })
  }
  const leave = (kept: KeptReject, reason: Fault) => {
    left += 1
    list(kept, reason)
  }
  const asTheyAre = async function* (): AsyncGenerator<Candidate> {
    for await (const kept of rejects.open()) {
      const found = alone(kept)
      if ('code' in found) leave(kept, found)
      else yield found
    }
  }
  const readFixed = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Candidate> {
    for await (const { line, ...entry } of entriesOf(chunks)) {
      if ('reason' in entry) {
        unread.push({ line, message: lineOf(entry.reason) })
        continue
      }
      const kept = await rejects.get(entry.rejectId)
      if (!kept) unread.push({ line, message: faultText(fault('reject.unknown', { id: quoted(entry.rejectId) })) })
      else if (kept.resolvedAt !== undefined) already += 1
      else {
        const found = 'record' in entry ? inOwnForm(kept, entry.record) : alone(kept, entry.raw)
        if ('code' in found) leave(kept, found)
        else yield found
      }
    }
  }
  const records = async function* (): AsyncGenerator<IntakeRecord> {
    for await (const { kept, text, origin } of fixedFile ? readFixed(fixedFile) : asTheyAre()) {
      const trial: Trial = trials.get(kept.rejectId) ?? { kept, isRead: false, waiting: 0, reason: undefined }
      trials.set(kept.rejectId, trial)
      let found = 0
      try {
        for await (const record of read(text, { file: kept.file, origin })) {
          found += 1
          if ('reject' in record) trial.reason ??= faultAt(record.reject.path, record.reject.fault)
          else {
            trialOf.set(record, trial)
            trial.waiting += 1
            yield record
          }
        }
      } catch (error) {
        trial.reason ??= faultOfThrown(error)
      }
      trial.isRead = true
      if (found === 0) trial.reason ??= fault('reject.noRecord')
    }
  }
  const onOutcome = (record: IntakeRecord, outcome: RecordOutcome) => {
    const trial = trialOf.get(record)
    if (!trial) return
    trial.waiting -= 1
    if (outcome.kind === 'rejected') trial.reason ??= faultAt(outcome.reject.path, outcome.reject.fault)
  }
  const { failure, batch } = await ingestDetections(records(), 'rejects', services, {
    onOutcome,
    keepsRejects: true,
    isRetry: true,
    // The records came from others: only the batch is by the caller.
    sender: { ...unknownSender, by },
    ...(corrected && {
      fixedRejects: (record) => [trialOf.get(record)?.kept.rejectId ?? []].flat(),
      lineOf: (record, at) => {
        const kept = trialOf.get(record)?.kept
        const about = { at, by: by ?? unknownSender.name, id: record.detection.id, of: 'detection' } as const
        return kept && historyLine({ ...about, did: 'corrected', ...corrected(kept) })
      },
    }),
  })

  const now = services.clock()
  let stored = 0
  let rejected = 0
  for (const [rejectId, { kept, isRead, waiting, reason }] of trials) {
    if (reason) {
      rejected += 1
      list(kept, reason)
      onRejected?.(kept, reason)
      // A fault in the edited text is no reason to store for the kept one.
      if (fixedFile) continue
      const why = { path: reason.path ?? '', fault: reason, message: faultText(reason) }
      await rejects.failedAgain(rejectId, why, now)
    } else if (isRead && waiting === 0) {
      stored += 1
      await rejects.markFixed(rejectId, batch, now)
    }
  }
  return {
    tried: stored + rejected,
    resolved: stored,
    rejected,
    left,
    already,
    rejects: listed,
    unread,
    batch,
    ...(failure !== undefined && { failure }),
  }
}

/** It can be read without its file, and nothing of it is cut off. */
export const isWhole = (kept: KeptReject): boolean => !('code' in alone(kept))

const alone = (kept: KeptReject, text = kept.raw): Candidate | Fault => {
  const { raw, bytes, file, offset, sha256, context, origin } = kept
  if (!origin) return fault('reject.noOrigin')
  if (text === raw && Buffer.byteLength(raw) < bytes) {
    return offset === undefined
      ? fault('reject.tooLong', { bytes, file, sha256 })
      : fault('reject.tooLongFrom', { bytes, file, offset, sha256 })
  }
  // A fixed record in our format may span several lines.
  if (isOwnFormat(origin)) return { kept, text, origin: { ...origin, format: 'json' } }
  if (context !== undefined) return { kept, text: `${context}\n${text}\n`, origin }
  return fault('reject.partOfFile', { format: origin.format })
}

const inOwnForm = (kept: KeptReject, record: Readonly<Record<string, unknown>>): Candidate => {
  const { territories, observed } = kept.origin ?? {}
  const stated = { ...(territories && { territories }), ...(observed && { observed }) }
  return { kept, text: JSON.stringify(record), origin: { format: 'json', ...stated } }
}

type Entry =
  | { readonly line: number; readonly reason: Fault }
  | { readonly line: number; readonly rejectId: string; readonly raw: string }
  | { readonly line: number; readonly rejectId: string; readonly record: Readonly<Record<string, unknown>> }

async function* entriesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Entry> {
  const elements = elementsReader()
  for await (const chunk of chunks) {
    for (const element of elements.in(chunk)) yield { line: element.line, ...entryIn(textIn(element)) }
  }
  const { element } = elements.end()
  if (element) yield { line: element.line, ...entryIn(textIn(element)) }
}

type Unplaced<One> = One extends unknown ? Omit<One, 'line'> : never

const entryIn = (read: ReturnType<typeof textIn>): Unplaced<Entry> => {
  if (!('text' in read)) return { reason: read.fault }
  let value: unknown
  try {
    value = parseJson(read.text)
  } catch (error) {
    return { reason: fault('reject.notJson', { reason: faultOfThrown(error) }) }
  }
  if (typeof value !== 'object' || value === null) return { reason: fault('reject.noObject') }
  const odd = oddityIn(read.text)
  if (odd) return { reason: odd }
  const { rejectId, ...record } = value as Readonly<Record<string, unknown>>
  if (typeof rejectId !== 'string') return { reason: fault('reject.noId') }
  const { raw } = record
  return typeof raw === 'string' ? { rejectId, raw } : { rejectId, record }
}
