/** Stores each detection, recognises it as a duplicate, or keeps it as a reject; none is dropped. */

import { randomBytes } from 'node:crypto'
import { noTerritory } from '../../domain/aggregate/watch/watch.ts'
import { faultText } from '../../domain/core/fault-text.ts'
import { type Fault, fault, faultAt, quoted } from '../../domain/core/fault.ts'
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
import { type IntakeRecord, type Reject, rejectOf } from '../../intake/record/record.ts'
import { baseName } from '../../intake/stix/objects.ts'
import type { BatchStep, Batch as KeptBatch } from '../../store/intake/batches.ts'
import { rejectIdOf } from '../../store/intake/rejects.ts'
import type { SourceInput } from '../../store/intake/sources.ts'
import type { Line } from '../../store/table/history.ts'
import type { Put } from '../../store/table/table.ts'
import type { IntakeServices } from '../services.ts'

/** Counts records; `read` is the sum of the others. Reveals what is stored: operators only. */
export type IngestTally = {
  readonly read: number
  readonly accepted: number
  readonly revised: number
  readonly duplicates: number
  readonly unplaced: number
  readonly contested: number
  readonly runs: number
  readonly rejected: number
  /** The first {@link rejectsListed}; the store keeps all. */
  readonly rejects: readonly ListedReject[]
  readonly contests: readonly { readonly id: string; readonly message: string }[]
  readonly batch: string
  readonly spread: readonly { readonly group: string; readonly territories: number; readonly records: number }[]
  readonly receipt: Receipt
  /** Why reading stopped early; earlier records are stored and counted. */
  readonly failure?: string
  /** The store failed, not the file: a retry may succeed. */
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

/** For senders who may not know what is stored, on which it does not depend. */
type Receipt = {
  readonly read: number
  /** Not rejected for their own content. */
  readonly received: number
  readonly rejected: number
  readonly rejects: readonly ListedReject[]
  readonly failure?: string
}

/** Bounds memory for broken files of any size. */
export const rejectsListed = 1_000

export type RecordOutcome =
  | { readonly kind: 'accepted' | 'revised' | 'duplicate' | 'unplaced' | 'run' }
  | { readonly kind: 'contested'; readonly reason: Fault }
  | { readonly kind: 'rejected'; readonly reject: Reject }

/** Limits of records and characters stored at once. */
const batchSize = 64
const batchChars = 2_000_000
/** A set may hold a million accounts. */
const setsInMemory = 4
/** Tolerates clocks that differ by minutes. */
const clockSkewMs = 600_000

export type Sender = {
  readonly name: string
  readonly by?: string | undefined
  readonly reason?: string | undefined
  readonly seen?: number | undefined
} & Pick<Sending, 'ceiling' | 'byOperator'>

export const unknownSender: Sender = { name: 'unknown' }

export type IngestOptions = {
  readonly onOutcome?: (record: IntakeRecord, outcome: RecordOutcome) => void
  /** Rejects that an analyst matched to the record; they close with it. */
  readonly fixedRejects?: ((record: Incoming) => readonly string[]) | undefined
  /** An analyst's action on a stored record, at an ISO instant. */
  readonly lineOf?: ((record: Incoming, at: string) => Line | undefined) | undefined
  /** What an analyst's decision about the record writes in the same transaction. */
  readonly along?: (() => readonly Put[]) | undefined
  /** The caller keeps the rejects. */
  readonly keepsRejects?: boolean
  /** The records are rejects that are imported again. */
  readonly isRetry?: true
  readonly sender?: Sender
  readonly atOnce?: number
}

export type Counts = {
  -readonly [count in keyof IngestTally as number extends IngestTally[count] ? count : never]: number
}
type Incoming = Extract<IntakeRecord, { detection: unknown }>
type Word = Extract<IntakeRecord, { ran: unknown }>
type Refused = {
  readonly record: IntakeRecord
  readonly reject: Reject
  /** The reason depends on what is stored. */
  readonly byStore?: true
}

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
  readonly along: IngestOptions['along']
}

/** @param source the file name, or another origin */
export const ingestDetections = async (
  records: AsyncIterable<IntakeRecord> | Iterable<IntakeRecord>,
  source: string | BatchOrigin,
  services: IntakeServices,
  {
    onOutcome,
    fixedRejects,
    lineOf,
    along,
    keepsRejects = false,
    isRetry,
    sender = unknownSender,
    atOnce = batchSize,
  }: IngestOptions = {},
): Promise<IngestTally> => {
  const { accountSets, sources } = services
  const now = services.clock()
  const name = `${now.toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`
  const by = sender.by === undefined || sender.by === sender.name ? {} : { by: sender.by }
  const [file, from] = typeof source === 'string' ? [source] : [originName(source), source]
  const about = {
    name,
    file,
    ...(from && { from }),
    ...(isRetry && { isRetry }),
    sender: sender.name,
    ...by,
    storedAt: now.toISOString(),
  }
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
  const batch: Batch = { file, name, now, sender, services, tally, journal, fixedRejects, lineOf, along }
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
  // A decision's transaction holds them.
  if (inputs.length > 0 && !along) {
    await journal.add({ inputs: inputs.map(({ name: of }) => of) })
    await sources.recordInputs(inputs, name, now)
  }
  const result = tally.result(failure, unreadable)
  const markings = [...inputs.flatMap(({ brought }) => [...brought.keys()]), ...detections.otherMarkings]
  // The marking of a reject is unknown.
  const marking = strictest([...markings, ...(result.rejected > 0 || markings.length === 0 ? [usualCap] : [])])
  await journal.close({ counts: countsIn(result), marking })
  return result
}

type Journal = ReturnType<typeof openJournal>

type End = Pick<KeptBatch, 'counts' | 'marking'>

/** Records each step before it is written, so that an interrupted intake can be undone. */
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
    /** For a decision's transaction: one that is not carried out leaves no intake. */
    whole: (step: BatchStep, end: End) => batches.whole({ ...batch, ...end }, step, now),
    hasBegun: (): void => void (steps = 1),
    correct: (number: number, step: BatchStep): Promise<void> => batches.keepStep(batch.name, number, step, now),
    close: async (end: End): Promise<void> => {
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

const countOf = {
  accepted: 'accepted',
  revised: 'revised',
  duplicate: 'duplicates',
  unplaced: 'unplaced',
  contested: 'contested',
  run: 'runs',
} as const

const countsOfOne = (kind: keyof typeof countOf): Counts => ({ ...noCounts, read: 1, [countOf[kind]]: 1 })

const inputOf = ({ detector, marking, territories }: Detection): SourceInput => ({
  name: detector.name,
  brought: new Map([[marking, { detector, found: { [setOf(territories)]: 1 } }]]),
})

type Brought = { readonly detector: Detection['detector']; readonly found: Record<string, number> }

const setOf = (territories: Detection['territories']): string =>
  territories
    .map(({ code }) => code)
    .sort()
    .join(' ') || noTerritory

type Kept = Exclude<RecordOutcome, { kind: 'rejected' }>

type TallyParts = Pick<Batch, 'now' | 'name' | 'sender' | 'journal'> & {
  readonly from: BatchOrigin | undefined
  readonly rejects?: IntakeServices['rejects']
  readonly onOutcome: IngestOptions['onOutcome']
}

const openTally = ({ rejects, now, name, from, sender, onOutcome, journal }: TallyParts) => {
  const counts = { ...noCounts }
  const listed: ListedReject[] = []
  /** Rejects that do not depend on what is stored. */
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
    /** @param unreadable why reading failed; any other failure is the store's */
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

const accountSetReader = (accountSets: IntakeServices['accountSets']) => {
  const sets = new Map<string, AccountSet | undefined>()
  return {
    latest: async (id: string): Promise<AccountSet | undefined> => {
      if (!sets.has(id)) {
        if (sets.size === setsInMemory) sets.clear()
        const set = await accountSets.latest(id)
        // Sorts again: the pseudonym of a forgotten account is in the old name's place.
        sets.set(id, set && { ...set, accounts: set.accounts.toSorted() })
      }
      return sets.get(id)
    },
    forget: (id: string): void => void sets.delete(id),
  }
}

const detectionWriter = (
  { file, name, now, sender, services, tally, journal, fixedRejects, lineOf, along }: Batch,
  sets: AccountSetReader,
  atOnce: number,
) => {
  let group = new Map<string, { readonly record: Incoming; readonly detection: Detection }>()
  let chars = 0
  let hadRejects: boolean | undefined
  const brought = new Map<string, Map<Marking, Brought>>()

  /** Contested records and corrections: not new findings, but part of the intake's marking. */
  const otherMarkings = new Set<Marking>()

  const remember = ({ detector, marking, territories }: Detection): void => {
    const known = brought.get(detector.name) ?? new Map<Marking, Brought>()
    const { found = {} } = known.get(marking) ?? {}
    found[setOf(territories)] = 1 + (found[setOf(territories)] ?? 0)
    brought.set(detector.name, known.set(marking, { detector, found }))
  }
  /** Fills omitted mandatory fields from the stored active detection. */
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
    const ids = [...incomingById.keys()]
    const step = along ? 1 : await journal.add({ ids })
    const brings = incoming.map(({ detection }) => inputOf(detection))
    if (along) await services.sources.introduce(brings, name, now)
    const decided =
      along &&
      (({ marking }: Detection, kind: 'accepted' | 'revised' | 'unplaced') => [
        ...along(),
        ...journal.whole({ ids, inputs: brings.map(({ name: of }) => of) }, { counts: countsOfOne(kind), marking }),
        ...services.sources.inputPuts(brings, name, now),
      ])
    const outcomes = await services.detections.saveAll(
      incoming.map(({ detection }) => detection),
      now,
      ({ id }) => {
        const record = incomingById.get(id)?.record
        const correcting = record && correctingBy(record, sender, file)
        const line = record && lineOf?.(record, now.toISOString())
        return {
          ceiling,
          byOperator,
          seen,
          batch: name,
          author: authorOf(record, sender),
          correcting,
          line,
          along: decided,
        }
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
    if (!along) await journal.correct(step, { ids: stored })
    else if (stored.length > 0) journal.hasBegun()
    if (tally.hasRefused()) await tally.keepRefused()
    await closeRejects(incoming.filter((_, at) => isKnown(outcomes[at])))
  }
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
      const stray =
        tooLong(record.detection) ??
        strayFigureIn(record.detection) ??
        confirmedByProgram(record.detection) ??
        placedBeyond(record.detection, sender)
      if (stray) return tally.refuse({ record, reject: refusalOf(record, file, stray) })
      // Stores first on a repeated id, so that the second record revises the first, as across files.
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

const wordWriter = ({ file, name, now, services, tally, journal }: Batch) => {
  let words: Word[] = []
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

const isKnown = (outcome: { readonly kind: string } | undefined): boolean =>
  isStored(outcome) || outcome?.kind === 'duplicate'

const isStored = (outcome: { readonly kind: string } | undefined): boolean => storedKinds.has(outcome?.kind ?? '')

const authorOf = (record: Incoming | undefined, sender: Sender): string | undefined =>
  record?.author === null ? sender.name : record?.author

/** Only operators may correct any detector's detections by hand. */
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

/** A prefix may have made the id too long. */
const tooLong = ({ id }: Detection): Refusal | undefined => {
  if (id.length <= 128) return undefined
  const { error } = detectionId.safeParse(id)
  return error && faultAt('id', fault('id.tooLongWithPrefix', { reason: { ...zodRefusal(error), path: '' } }))
}

/** Only an analyst confirms: in a correction, or in a record by hand. */
const confirmedByProgram = ({ detector, ...detection }: Detection): Refusal | undefined => {
  const field = (['observedEffect', 'breakout'] as const).find((one) => detection[one]?.confirmed)
  if (detector.byHand || field === undefined) return undefined
  return faultAt(`${field}.confirmed`, fault('confirmed.byProgram', { detector: quoted(detector.name) }))
}

/** A record of a territory that its sender may not read would count in reports of others. */
const placedBeyond = ({ territories }: Detection, { ceiling }: Sender): Refusal | undefined => {
  const beyond = territories.map(({ code }) => code).filter((code) => ceiling && !ceiling.territories.includes(code))
  return beyond.length > 0
    ? faultAt('territories', fault('territories.beyond', { codes: beyond.join(' ') }))
    : undefined
}

const refusalOf = (record: Incoming | Word, file: string, reason: Fault): Reject => {
  const { line, raw, context, origin } = record
  const about = {
    ...{ file, path: reason.path ?? '', fault: reason },
    ...(line !== undefined && { line }),
    ...('detection' in record && { id: record.detection.id }),
  }
  if (raw !== undefined) return rejectOf(raw, { ...about, context, origin })
  // Without source text, the reject is kept in Vigie's own format.
  const { detection } = record as Incoming
  return rejectOf(JSON.stringify(detection), { ...about, origin: { format: 'ndjson' } })
}
