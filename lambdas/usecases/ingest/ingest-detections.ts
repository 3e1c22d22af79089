/**
 * Takes detections in: each stored, found to be there already, or kept as a reject with its reason; nothing is dropped.
 */

import { randomBytes } from 'node:crypto'
import { faultText } from '../../domain/core/fault-text.ts'
import { type Fault, fault, faultAt } from '../../domain/core/fault.ts'
import { type Marking, strictest, usualCap } from '../../domain/core/marking.ts'
import { refusalOf as zodRefusal, type Refusal } from '../../domain/core/schema-fault.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { type BatchOrigin, originName } from '../../domain/detection/batch-origin.ts'
import { byHandName, type Detection, detectionId } from '../../domain/detection/detection.ts'
import { groupsIn } from '../../domain/detection/names/doubts.ts'
import { strayFigureIn } from '../../domain/detection/names/stray-figures.ts'
import { type AccountSet, withAccountSet } from '../../domain/detection/revisions/account-set.ts'
import type { Correcting } from '../../domain/detection/revisions/correction.ts'
import { notActiveFault, type NotActive, NotActiveError } from '../../domain/detection/revisions/not-active.ts'
import type { Sending } from '../../domain/detection/revisions/revision.ts'
import { isFresh } from '../../domain/flash/fresh.ts'
import { type IntakeRecord, type Reject, rejectOf } from '../../intake/record/record.ts'
import { baseName } from '../../intake/stix/objects.ts'
import type { BatchStep, Batch as KeptBatch } from '../../store/intake/batches.ts'
import { rejectIdOf } from '../../store/intake/rejects.ts'
import type { SourceInput } from '../../store/intake/sources.ts'
import type { Line } from '../../store/table/history.ts'
import type { IntakeServices } from '../services.ts'

/** Counted in records; `read` is the sum of the others. For operators: it tells of what is stored. */
export type IngestTally = {
  readonly read: number
  readonly accepted: number
  readonly revised: number
  readonly duplicates: number
  readonly unplaced: number
  /** Kept for a person to decide of. */
  readonly contested: number
  /** A detector's words that it ran, as far as they are new. */
  readonly runs: number
  readonly rejected: number
  /** The first {@link rejectsListed}; all are kept in the store. */
  readonly rejects: readonly ListedReject[]
  /** Of the contested, the first {@link rejectsListed}. */
  readonly contests: readonly { readonly id: string; readonly message: string }[]
  /** The name of this intake, by which it can be undone. */
  readonly batch: string
  /** Groups of territories by which records were placed, as they were written. */
  readonly spread: readonly { readonly group: string; readonly territories: number; readonly records: number }[]
  readonly receipt: Receipt
  /** Why reading stopped before the file's end; what had been read by then is stored and counted. */
  readonly failure?: string
  /** It was the store and not the file: the same again may end otherwise. */
  readonly storeFailed?: true
}

export type ListedReject = {
  readonly rejectId: string
  readonly file: string
  readonly line: number | null
  readonly id: string | null
  readonly path: string
  readonly message: string
}

/** What a sender is told who may not know what is stored: the same, whatever that is. */
type Receipt = {
  readonly read: number
  /** Not rejected for what they say themselves. */
  readonly received: number
  readonly rejected: number
  readonly rejects: readonly ListedReject[]
  readonly failure?: string
}

/** So many rejects are listed in a tally, so that a broken file of any size needs no more memory. */
export const rejectsListed = 1_000

/** What became of a record. */
export type RecordOutcome =
  | { readonly kind: 'accepted' | 'revised' | 'duplicate' | 'unplaced' | 'run' }
  | { readonly kind: 'contested'; readonly reason: Fault }
  | { readonly kind: 'rejected'; readonly reject: Reject }

/** Records on their way to the store at once, unless the caller knows better, and how much text of theirs. */
const batchSize = 64
const batchChars = 2_000_000
/** A set may hold a million accounts. */
const setsInMemory = 4
/** Clocks differ by some minutes. */
const clockSkewMs = 600_000

/** Who sends records, and where it is cleared to send them. */
export type Sender = {
  readonly name: string
  /** Who corrects what is stored, and why, where what is sent does that. */
  readonly by?: string | undefined
  readonly reason?: string | undefined
  /** The revision that a correction was drawn from. */
  readonly seen?: number | undefined
} & Pick<Sending, 'ceiling' | 'byOperator'>

/** A sender who may put files there. */
export const unknownSender: Sender = { name: 'unknown' }

export type IngestOptions = {
  /** Told what became of each record. */
  readonly onOutcome?: (record: IntakeRecord, outcome: RecordOutcome) => void
  /** Rejects that a person says a record is, which are closed with it. */
  readonly fixedRejects?: ((record: Incoming) => readonly string[]) | undefined
  /** The line in the history of a person's own act on a record that is stored, at an ISO instant. */
  readonly lineOf?: ((record: Incoming, at: string) => Line | undefined) | undefined
  /** The caller keeps the rejects of these records itself. */
  readonly keepsRejects?: boolean
  readonly sender?: Sender
  /** How many detections are on their way to the store at once. */
  readonly atOnce?: number
}

/** The numbers of a tally. */
export type Counts = {
  -readonly [count in keyof IngestTally as number extends IngestTally[count] ? count : never]: number
}
type Incoming = Extract<IntakeRecord, { detection: unknown }>
type Word = Extract<IntakeRecord, { ran: unknown }>
type Refused = {
  readonly record: IntakeRecord
  readonly reject: Reject
  /** It rests on what is stored, not on the record alone. */
  readonly byStore?: true
}

/** Where records come from, and when: what every step of one intake shares. */
type Batch = {
  readonly file: string
  readonly name: string
  readonly now: Date
  readonly sender: Sender
  readonly services: IntakeServices
  readonly tally: Tally
  readonly journal: Journal
  readonly fixedRejects: IngestOptions['fixedRejects']
  readonly lineOf: IngestOptions['lineOf']
}

/** @param source the name of the file, or what brought the records in place of one */
export const ingestDetections = async (
  records: AsyncIterable<IntakeRecord> | Iterable<IntakeRecord>,
  source: string | BatchOrigin,
  services: IntakeServices,
  {
    onOutcome,
    fixedRejects,
    lineOf,
    keepsRejects = false,
    sender = unknownSender,
    atOnce = batchSize,
  }: IngestOptions = {},
): Promise<IngestTally> => {
  const { accountSets, sources } = services
  const now = services.clock()
  const name = `${now.toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`
  const by = sender.by === undefined || sender.by === sender.name ? {} : { by: sender.by }
  const [file, from] = typeof source === 'string' ? [source] : [originName(source), source]
  const about = { name, file, ...(from && { from }), sender: sender.name, ...by, storedAt: now.toISOString() }
  const journal = openJournal(about, now, services.batches)
  const tally = openTally({
    now,
    name,
    sender,
    onOutcome,
    journal,
    from,
    ...(!keepsRejects && { rejects: services.rejects }),
  })
  const batch: Batch = { file, name, now, sender, services, tally, journal, fixedRejects: fixedRejects, lineOf }
  const sets = accountSetReader(accountSets)
  const detections = detectionWriter(batch, sets, atOnce)
  const words = wordWriter(batch)

  let failure: string | undefined
  let unreadable: string | undefined
  const reading = async function* () {
    try {
      yield* records
    } catch (error) {
      unreadable = messageOf(error)
      throw error
    }
  }
  try {
    for await (const record of reading()) {
      if ('reject' in record) tally.refuse({ record, reject: record.reject })
      else if ('detection' in record) await detections.take(record)
      else if ('ran' in record) words.take(record)
      else {
        await journal.add({ sets: [record.accountSet.id] })
        const outcome = await accountSets.save(record.accountSet, now)
        sets.forget(record.accountSet.id)
        tally.count(record, { kind: outcome })
      }
      if (detections.isFull()) await detections.store()
      if (words.isFull()) await words.store()
      if (tally.isFull()) await tally.keepRefused()
    }
  } catch (error) {
    failure = messageOf(error)
  }
  await detections.store()
  await words.store()
  await tally.keepRefused()
  const inputs = detections.inputs(words.selfReporting)
  if (inputs.length > 0) await journal.add({ inputs: inputs.map(({ name: of }) => of) })
  await sources.recordInputs(inputs, name, now)
  const result = tally.result(failure, unreadable)
  const markings = [...inputs.flatMap(({ brought }) => [...brought.keys()]), ...detections.otherMarkings]
  // What a reject is marked nobody knows.
  const marking = strictest([...markings, ...(result.rejected > 0 || markings.length === 0 ? [usualCap] : [])])
  await journal.close({ counts: countsIn(result), marking })
  return result
}

type Journal = ReturnType<typeof openJournal>

/** Writes down what an intake is about to write, before it does: cut off, it can still be undone. */
const openJournal = (batch: KeptBatch, now: Date, batches: IntakeServices['batches']) => {
  let steps = 0
  return {
    /** @returns the step's number */
    add: async (step: BatchStep): Promise<number> => {
      if (steps === 0) await batches.keep(batch)
      steps += 1
      await batches.keepStep(batch.name, steps, step, now)
      return steps
    },
    correct: (number: number, step: BatchStep): Promise<void> => batches.keepStep(batch.name, number, step, now),
    close: async (end: Pick<KeptBatch, 'counts' | 'marking'>): Promise<void> => {
      if (steps > 0) await batches.keep({ ...batch, ...end })
    },
  }
}

export const countsIn = (tally: IngestTally): Counts => {
  const names = Object.keys(noCounts) as (keyof Counts)[]
  return Object.fromEntries(names.map((name) => [name, tally[name]])) as Counts
}

const noCounts: Counts = {
  read: 0,
  accepted: 0,
  revised: 0,
  duplicates: 0,
  unplaced: 0,
  contested: 0,
  runs: 0,
  rejected: 0,
}

type Tally = ReturnType<typeof openTally>

/** What an outcome is counted as. */
const countOf = {
  accepted: 'accepted',
  revised: 'revised',
  duplicate: 'duplicates',
  unplaced: 'unplaced',
  contested: 'contested',
  run: 'runs',
} as const

type Kept = Exclude<RecordOutcome, { kind: 'rejected' }>

type TallyParts = Pick<Batch, 'now' | 'name' | 'sender' | 'journal'> & {
  readonly from: BatchOrigin | undefined
  readonly rejects?: IntakeServices['rejects']
  readonly onOutcome: IngestOptions['onOutcome']
}

/** Counts what became of each record, and keeps the rejects where it is given a place for them. */
const openTally = ({ rejects, now, name, from, sender, onOutcome, journal }: TallyParts) => {
  const counts = { ...noCounts }
  const listed: ListedReject[] = []
  /** Rejects that rest on their records alone. */
  const own: ListedReject[] = []
  let ownRejected = 0
  const contests: { readonly id: string; readonly message: string }[] = []
  let refused: Refused[] = []

  const spread = new Map<string, { territories: number; records: number }>()

  const count = (record: IntakeRecord, outcome: Kept): void => {
    for (const [group, codes] of 'detection' in record ? groupsIn(record.detection.territories) : []) {
      const { territories = 0, records = 0 } = spread.get(group) ?? {}
      spread.set(group, { territories: Math.max(territories, codes.length), records: records + 1 })
    }
    counts[countOf[outcome.kind]] += 1
    counts.read += 1
    onOutcome?.(record, outcome)
  }
  const list = ({ record, reject, byStore }: Refused): void => {
    const { line, id, path, message } = reject
    const place = { file: reject.file, line: line ?? null, id: id ?? null }
    const listedReject = { rejectId: rejectIdOf(reject), ...place, path, message }
    if (listed.length < rejectsListed) listed.push(listedReject)
    if (!byStore) ownRejected += 1
    if (!byStore && own.length < rejectsListed) own.push(listedReject)
    onOutcome?.(record, { kind: 'rejected', reject })
  }
  return {
    count,
    contest: (record: Incoming, reason: Fault): void => {
      count(record, { kind: 'contested', reason })
      if (contests.length < rejectsListed) contests.push({ id: record.detection.id, message: faultText(reason) })
    },
    refuse: (one: Refused): void => void refused.push(one),
    hasRefused: (): boolean => refused.length > 0,
    hasRejected: (): boolean => refused.length + counts.rejected > 0,
    isFull: (): boolean => refused.length >= batchSize,
    keepRefused: async (): Promise<void> => {
      const rejected = refused.map(({ reject }) => reject)
      if (rejects && rejected.length > 0) {
        await journal.add({ rejects: rejected.map(rejectIdOf) })
        await rejects.keep(rejected, now, { batch: name, ...(from && { from }), sender: sender.name })
      }
      for (const one of refused) list(one)
      counts.rejected += refused.length
      counts.read += refused.length
      refused = []
    },
    /** @param unreadable why the records could not be read on; any other failure is the store's */
    result: (failure: string | undefined, unreadable: string | undefined): IngestTally => {
      const receipt: Receipt = {
        read: counts.read,
        received: counts.read - ownRejected,
        rejected: ownRejected,
        rejects: own,
        ...(unreadable !== undefined && { failure: unreadable }),
      }
      const failed = failure !== undefined && {
        failure,
        ...(unreadable === undefined && { storeFailed: true as const }),
      }
      const groups = [...spread].map(([group, numbers]) => ({ group, ...numbers }))
      return { ...counts, rejects: listed, contests, batch: name, spread: groups, receipt, ...failed }
    },
  }
}

type AccountSetReader = ReturnType<typeof accountSetReader>

/** The newest revision of a set, a few of them kept. */
const accountSetReader = (accountSets: IntakeServices['accountSets']) => {
  const sets = new Map<string, AccountSet | undefined>()
  return {
    latest: async (id: string): Promise<AccountSet | undefined> => {
      if (!sets.has(id)) {
        if (sets.size === setsInMemory) sets.clear()
        const set = await accountSets.latest(id)
        // An account that was forgotten since has another name in its old place.
        sets.set(id, set && { ...set, accounts: set.accounts.toSorted() })
      }
      return sets.get(id)
    },
    forget: (id: string): void => void sets.delete(id),
  }
}

/** Stores detections, many at once, and remembers what each detector brought. */
const detectionWriter = (
  { file, name, now, sender, services, tally, journal, fixedRejects, lineOf }: Batch,
  sets: AccountSetReader,
  atOnce: number,
) => {
  let group = new Map<string, { readonly record: Incoming; readonly detection: Detection }>()
  let chars = 0
  let hadRejects: boolean | undefined
  const brought = new Map<string, Map<Marking, { readonly detector: Detection['detector']; readonly found: number }>>()

  /** Of what is contested, and of corrections: they bring nothing that somebody found, and the intake is about them. */
  const otherMarkings = new Set<Marking>()

  const remember = ({ detector, marking }: Detection): void => {
    const known = brought.get(detector.name) ?? new Map()
    brought.set(detector.name, known.set(marking, { detector, found: 1 + (known.get(marking)?.found ?? 0) }))
  }
  /** Records that leave out what each detection has, with that as it is stored; without an active one they are rejects. */
  const completed = async (all: typeof group): Promise<typeof group> => {
    const known = [...all].map(async ([id, one]) => {
      const { record, detection } = one
      if (!record.missing) return [[id, one] as const]
      try {
        const { detection: current } = await services.detections.readActive(id)
        const whole = { ...record, detection: withMissing(record, record.detection, current) }
        return [[id, { record: whole, detection: withMissing(record, detection, current) }] as const]
      } catch (error) {
        if (!(error instanceof NotActiveError)) throw error
        const reason = noneToComplete(record.missing, error.fault)
        tally.refuse({ record, reject: refusalOf(record, file, reason), byStore: true })
        return []
      }
    })
    return new Map((await Promise.all(known)).flat())
  }
  const store = async (): Promise<void> => {
    const incomingById = await completed(group)
    const incoming = [...incomingById.values()]
    group = new Map()
    chars = 0
    if (incoming.length === 0) return
    const { ceiling, byOperator, seen } = sender
    const step = await journal.add({ ids: [...incomingById.keys()] })
    const outcomes = await services.detections.saveAll(
      incoming.map(({ detection }) => detection),
      now,
      ({ id }) => {
        const record = incomingById.get(id)?.record
        const correcting = record && correctingBy(record, sender, file)
        const line = record && lineOf?.(record, now.toISOString())
        return { ceiling, byOperator, seen, batch: name, author: authorOf(record, sender), correcting, line }
      },
    )
    for (const [at, outcome] of outcomes.entries()) {
      const { record } = incoming[at] as (typeof incoming)[number]
      if (outcome.kind === 'refused') {
        tally.refuse({ record, reject: refusalOf(record, file, { path: 'id', ...outcome.fault }), byStore: true })
      } else if (outcome.kind === 'contested') {
        tally.contest(record, outcome.reason)
        otherMarkings.add(record.detection.marking)
      } else {
        tally.count(record, outcome)
        if (outcome.corrects || record.missing) otherMarkings.add(record.detection.marking)
        else remember(record.detection)
      }
    }
    const stored = incoming.flatMap(({ detection }, at) => (isStored(outcomes[at]) ? [detection.id] : []))
    const fresh = incoming.flatMap(({ detection }) => (isFresh(detection.observed, now) ? [detection.id] : []))
    const kept = new Set(stored)
    await journal.correct(step, { ids: stored, fresh: fresh.filter((id) => kept.has(id)) })
    if (tally.hasRefused()) await tally.keepRefused()
    await closeRejects(incoming.filter((_, at) => isKnown(outcomes[at])))
  }
  /** Of records that are stored now: nothing is to be mended any more. */
  const closeRejects = async (stored: readonly { readonly record: Incoming }[]): Promise<void> => {
    hadRejects ??= await services.rejects.any()
    if (!hadRejects && !tally.hasRejected()) return
    const records = stored.map(({ record }) => {
      const { detection, line, raw, context, origin } = record
      return { file, id: detection.id, line, raw, context, origin, fixedRejects: fixedRejects?.(record) }
    })
    const closed = await services.rejects.stored(records, { batch: name, sender }, now)
    if (closed.length > 0) await journal.add({ closed })
  }
  return {
    take: async (record: Incoming): Promise<void> => {
      const { id, accountSet } = record.detection
      const missing = correctingBy(record, sender, file) ? undefined : record.missing?.[0]
      if (missing) {
        const { field: _, ...reason } = missing
        return tally.refuse({ record, reject: refusalOf(record, file, reason) })
      }
      const filled = accountSet ? withAccountSet(record.detection, await sets.latest(accountSet.id)) : record
      if ('refusal' in filled) {
        tally.refuse({ record, reject: refusalOf(record, file, filled.refusal), byStore: true })
        return
      }
      const stray = tooLong(record.detection) ?? strayFigureIn(record.detection)
      if (stray) return tally.refuse({ record, reject: refusalOf(record, file, stray) })
      // The same id twice in one file: the second comes after the first, as in two files.
      if (group.has(id)) await store()
      group.set(id, { record, detection: filled.detection })
      chars += record.raw?.length ?? 0
    },
    isFull: (): boolean => group.size >= atOnce || chars >= batchChars,
    store,
    otherMarkings,
    inputs: (selfReporting: ReadonlySet<string>): readonly SourceInput[] =>
      [...brought].map(([of, found]) => ({ name: of, brought: found, reportsOwnRuns: selfReporting.has(of) })),
  }
}

/** Stores what detectors say of their runs. */
const wordWriter = ({ file, name, now, services, tally, journal }: Batch) => {
  let words: Word[] = []
  /** Detectors that say themselves when they found what the file holds of them. */
  const selfReporting = new Set<string>()
  return {
    selfReporting,
    take: (record: Word): void => {
      const { at, detector, found } = record.ran
      if (Date.parse(at) > now.getTime() + clockSkewMs) {
        tally.refuse({ record, reject: refusalOf(record, file, faultAt('ran', fault('ran.future', { at }))) })
        return
      }
      if (found > 0) selfReporting.add(detector.name)
      words.push(record)
    },
    isFull: (): boolean => words.length >= batchSize,
    store: async (): Promise<void> => {
      const pending = words
      words = []
      if (pending.length === 0) return
      await journal.add({ words: pending.map(({ ran }) => ({ detector: ran.detector.name, at: ran.at })) })
      const stored = await Promise.all(pending.map(({ ran }) => services.sources.recordRun(ran, now, name)))
      for (const [at, { isNew, found }] of stored.entries()) {
        const word = pending[at] as Word
        const { ran } = word
        if (found === ran.found) tally.count(word, { kind: isNew ? 'run' : 'duplicate' })
        else {
          const values = { found: ran.found, at: ran.at, stored: found }
          const reason = faultAt('found', fault('ran.otherCount', values))
          tally.refuse({ record: word, reject: refusalOf(word, file, reason), byStore: true })
        }
      }
    },
  }
}

const storedKinds: ReadonlySet<string> = new Set(['accepted', 'revised', 'unplaced'])

/** Stored now, or before. */
const isKnown = (outcome: { readonly kind: string } | undefined): boolean =>
  isStored(outcome) || outcome?.kind === 'duplicate'

const isStored = (outcome: { readonly kind: string } | undefined): boolean => storedKinds.has(outcome?.kind ?? '')

/** A format that names authors is its sender's where it names none. */
const authorOf = (record: Incoming | undefined, sender: Sender): string | undefined =>
  record?.author === null ? sender.name : record?.author

/** A person who works on the store itself corrects by hand what any detector stored. */
const correctingBy = (
  { detection, correction, missing }: Incoming,
  sender: Sender,
  file: string,
): Correcting | undefined => {
  const { name, byHand } = detection.detector
  if (!correction || !byHand || !sender.byOperator) return undefined
  const {
    by = name === byHandName ? sender.name : name,
    reason = fault('correction.byHand', { file: baseName(file) }),
  } = sender
  return { ...correction, ...(missing && { fromStored: true }), by, reason }
}

const withMissing = ({ missing, correction }: Incoming, detection: Detection, current: Detection): Detection => {
  const fields = (missing ?? []).map(({ field }) => field).filter((field) => !correction?.fields.includes(field))
  return { ...detection, ...Object.fromEntries(fields.map((field) => [field, current[field]])) }
}

const noneToComplete = ([{ field }, second]: NonNullable<Incoming['missing']>, state: NotActive): Refusal => {
  if (state.code !== 'unknown') return notActiveFault(state)
  const code = second ? 'missing.titleAndDate' : field === 'title' ? 'missing.title' : 'missing.date'
  return faultAt(state.path, fault(code))
}

/** A prefix may have made an id too long. */
const tooLong = ({ id }: Detection): Refusal | undefined => {
  if (id.length <= 128) return undefined
  const { error } = detectionId.safeParse(id)
  return error && faultAt('id', fault('id.tooLongWithPrefix', { reason: { ...zodRefusal(error), path: '' } }))
}

/** A reject of what was read well, and what the store or its own date speaks against. */
const refusalOf = (record: Incoming | Word, file: string, reason: Fault): Reject => {
  const { line, raw, context, origin } = record
  const about = {
    ...{ file, path: reason.path ?? '', fault: reason },
    ...(line !== undefined && { line }),
    ...('detection' in record && { id: record.detection.id }),
  }
  if (raw !== undefined) return rejectOf(raw, { ...about, context, origin })
  // Without a text of its own it is kept in Vigie's.
  const { detection } = record as Incoming
  return rejectOf(JSON.stringify(detection), { ...about, origin: { format: 'ndjson' } })
}
