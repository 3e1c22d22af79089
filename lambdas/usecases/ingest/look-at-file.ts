import { type Caller, isUnder } from '../../domain/access/caller.ts'
import { asFault, type Fault, faultOfThrown } from '../../domain/core/fault.ts'
import { languages } from '../../domain/core/language/languages.ts'
import { strictest } from '../../domain/core/marking.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import { canonicalHash } from '../../domain/core/text/canonical.ts'
import { parseObserved } from '../../domain/core/time/observed.ts'
import { innerMarkings, knownUnder } from '../../domain/detection/attribution.ts'
import { type Detection, textFields } from '../../domain/detection/detection.ts'
import { changedBetween } from '../../domain/looking/explanation.ts'
import { fields } from '../../intake/csv/fields.ts'
import { type Mapping, parseMapping } from '../../intake/csv/mapping.ts'
import { type ProposedColumn, proposeMapping } from '../../intake/csv/propose.ts'
import { once, readRecords } from '../../intake/formats.ts'
import { preparing } from '../../intake/record/prepare.ts'
import type { IntakeRecord, Origin } from '../../intake/record/record.ts'
import { type TypedTable, typedTable } from '../../intake/typed-cells.ts'
import { sheetNames } from '../../intake/xlsx/workbook.ts'
import type { Look } from '../../store/intake/looks.ts'
import type { IntakeServices } from '../services.ts'
import { checkList, recordsListed, rowKey, type SeenRecord } from './check-detections.ts'
import { type Desk, limitOf, senderFor } from './desk.ts'
import { type Counts, countsIn, type IngestTally, ingestDetections } from './ingest-detections.ts'

export type { ProposedColumn } from '../../intake/csv/propose.ts'
export { typedCell } from '../../intake/typed-cells.ts'
export { type Look, type Stated, statedIn } from '../../store/intake/looks.ts'

/** Larger files go by command or drop bucket. */
export const maxLookBytes = 4 * 1024 * 1024
export const maxLookRecords = recordsListed

type LookFault = 'too many' | 'accounts' | Fault

export type Seen = {
  readonly records: readonly SeenRecord[]
  readonly tally: IngestTally
  readonly counts: Counts
  readonly waits: Waits
  readonly table: TableSeen
  /** As in {@link Look}, where the file or its author asks. */
  readonly midnight: Look['midnight']
  readonly notes: readonly { readonly what: Fault; readonly count: number }[]
  /** Prevents storing any part. */
  readonly fault: LookFault | undefined
  /** Equal for equal previews, so that only what was shown is stored. */
  readonly seal: string
}

export type Waits = {
  /** New in the inbox. */
  readonly fresh: number
  /** In the inbox already. */
  readonly already: number
  /** Dropped or fixed before; they do not come back. */
  readonly closed: number
  /** Unreadable records, which wait for an operator. */
  readonly elsewhere: number
}

export const lookAt = async (look: Look, caller: Caller, by: string, desk: Desk): Promise<Seen> => {
  const seen = await lookOnce(look, caller, by, desk)
  const isAsked = look.midnight === undefined && seen.notes.some(({ what }) => what.code === 'csv.midnightUtc')
  return isAsked ? lookOnce({ ...look, midnight: 'day' }, caller, by, desk) : seen
}

const lookOnce = async (look: Look, caller: Caller, by: string, desk: Desk): Promise<Seen> => {
  const trial = desk.trial(limitOf(caller))
  const list = checkList(trial.clock())
  const noted = new Map<string, Seen['notes'][number]>()
  let fault: LookFault | undefined
  const records = bounded(
    await recordsOf(look, caller, desk, (what, count) => noted.set(JSON.stringify(what), { what, count })),
    (found) => {
      fault = found
    },
  )
  let isTable = look.columns !== undefined
  const tally = await ingestDetections(records, look.file, trial, {
    sender: senderFor(caller, by),
    onOutcome: (record, outcome) => {
      isTable ||= !('accountSet' in record) && ('reject' in record ? record.reject : record).origin?.format === 'csv'
      list.onOutcome(record, outcome)
    },
  })
  fault ??= tally.failure === undefined ? undefined : asFault(tally.failure)
  const seen = (await list.seen(trial.detections)).map((one) => asKnown(one, caller))
  return {
    records: seen,
    tally,
    counts: countsIn(tally),
    table: await tableSeen(look, caller, desk, isTable || isTableFault(fault)),
    midnight: look.midnight,
    waits: await waitsOf(tally, { trial, caller, desk }),
    notes: [...noted.values()],
    fault,
    seal: canonicalHash({ look: look.id, cells: look.cells ?? {}, seen, failure: tally.failure ?? null }),
  }
}

/** A table of detections whose columns are not understood. */
const isTableFault = (fault: LookFault | undefined): boolean =>
  typeof fault === 'object' && /^(?:csv\.|file\.noFormat)/.test(fault.code)

/** Limits a revision's changes to what the caller may know. */
const asKnown = (seen: SeenRecord, caller: Caller): SeenRecord => {
  const { change, marking } = seen
  if (!change) return seen
  const whole = [change.before, change.after]
  if (!whole.every((one) => isUnder(caller, one))) return { ...seen, change: undefined }
  const [before, after] = [knownUnder(change.before, caller.clearance), knownUnder(change.after, caller.clearance)]
  // A detector's name may be marked higher than its detection; evidence images have their own markings.
  const changed = changedBetween(before, after).filter(
    (field) => !limitOf(caller) || (field !== 'detector' && field !== 'plates'),
  )
  const markings = [...(marking ? [marking] : []), before.marking, ...[before, after].flatMap(innerMarkings)]
  return { ...seen, change: { before, after, changed }, marking: strictest(markings) }
}

/** Counts a repeated record once; records closed by an analyst stay closed. */
const waitsOf = async (
  tally: IngestTally,
  { trial, caller, desk }: { readonly trial: IntakeServices; readonly caller: Caller; readonly desk: Desk },
): Promise<Waits> => {
  const limit = limitOf(caller)
  const before = desk.trial(limit)
  const ids = [...new Set(tally.contests.map(({ id }) => id))]
  const countIn = async ({ detections }: Pick<IntakeServices, 'detections'>): Promise<number> => {
    let count = 0
    for (const id of ids) for await (const _ of detections.contested(id)) count += 1
    return count
  }
  const contested = ids.length > 0 ? (await countIn(trial)) - (await countIn(before)) : 0
  const base = { fresh: tally.unplaced + contested, already: tally.contested - contested, closed: 0 }
  if (limit) return { ...base, elsewhere: tally.rejected }
  const rejects = [...new Set(tally.rejects.map(({ rejectId }) => rejectId))]
  const known = await Promise.all(rejects.map((id) => desk.services.rejects.get(id)))
  const open = known.filter((one) => one && one.resolvedAt === undefined).length
  const closed = known.filter((one) => one?.resolvedAt !== undefined && one.closedBy !== 'undo').length
  const fresh = rejects.length - open - closed
  return {
    ...{ fresh: base.fresh + fresh, already: base.already + tally.rejected - fresh - closed, closed },
    elsewhere: 0,
  }
}

/** Fields that a column may fill, as mappings name them. */
export const columnNames: readonly string[] = fields.flatMap(({ name }) =>
  textFields.some((one) => one === name) ? [name, ...languages.map((language) => `${name}.${language}`)] : [name],
)

export type TableSeen = Pick<TypedTable, 'headings' | 'rows'> & {
  readonly sheets: readonly string[]
  /** Those with a heading; empty for non-tables and where nothing is to be asked. */
  readonly columns: readonly ProposedColumn[]
}

export const tableSeen = async (
  look: Look,
  caller: Caller,
  { looks }: Pick<Desk, 'looks'>,
  withColumns = true,
): Promise<TableSeen> => {
  const { file, sheet, cells = {} } = look
  const bytes = await looks.bytes(caller.who, look)
  const sheets = sheetNames(bytes, file)
  const none = { sheets, headings: [], rows: new Map(), columns: [] }
  if (!withColumns) return none
  try {
    const { headings, rows, bytes: typed } = await typedTable(bytes, cells, { file, sheet })
    const { columns } = await proposeMapping(once(typed), file)
    // A single column could be any text.
    return columns.length > 1 ? { sheets, headings, rows, columns } : none
  } catch {
    return none
  }
}

const mappingOf = ({ zone, columns, midnight, file }: Look): Mapping | undefined =>
  zone === undefined && !columns && midnight === undefined
    ? undefined
    : parseMapping({ zone, midnight, columns: columns ?? {} }, file)

const aimedAt = (detection: Detection, answer: readonly TerritoryCode[] = [], by: string | undefined): Detection => {
  const codes = detection.territories.length > 0 ? [] : answer
  if (codes.length === 0) return detection
  return {
    ...detection,
    territories: codes.map((code) => ({ code, method: 'analyst' as const, ...(by !== undefined && { by }) })),
  }
}

/** The organisation's rules, and what an analyst stated for the whole file. */
export const readingFor = async (
  { territories, observed }: Omit<Origin, 'format'>,
  { intake }: Pick<Desk, 'intake'>,
) => {
  const { placing, aliases, detectors, pseudonyms } = await intake()
  const rules = { rules: placing ? [placing] : [], aliases: aliases ? [aliases] : [], detectors }
  return {
    ...{ prepare: preparing({ ...rules, territories }), pseudonyms },
    ...(territories && { territories }),
    ...(observed && { observed }),
  }
}

/** @param by who gave the answers; unknown before storing */
export const recordsOf = async (
  look: Look,
  caller: Caller,
  desk: Desk,
  note: (what: Fault, count: number) => void,
  by?: string,
): Promise<AsyncIterable<IntakeRecord>> => {
  const { territories, observed, aimed, file, sheet, cells } = look
  const mapping = mappingOf(look)
  const stated = {
    ...(territories && { territories }),
    ...(observed !== undefined && { observed: parseObserved(observed) }),
  }
  const { prepare, ...reading } = await readingFor(stated, desk)
  const bytes = await desk.looks.bytes(caller.who, look)
  const typed = cells && (await typedTable(bytes, cells, { file, sheet, note: (what) => note(what, 1) })).bytes
  return readRecords(once(typed ?? bytes), {
    ...{ file, format: 'auto', note, now: desk.services.clock(), ...reading },
    prepare: (detection, came) => aimedAt(prepare(detection), aimed?.[rowKey(came, detection.id)], by),
    ...(sheet !== undefined && { sheet }),
    ...(mapping && { mapping }),
  })
}

async function* bounded(
  records: AsyncIterable<IntakeRecord>,
  fail: (fault: LookFault) => void,
): AsyncGenerator<IntakeRecord> {
  let read = 0
  const reading = records[Symbol.asyncIterator]()
  for (;;) {
    const next = await reading.next().catch((error: unknown) => {
      fail(faultOfThrown(error))
      throw error
    })
    if (next.done) return
    read += 1
    // Account sets have no territory, so no ceiling can limit them.
    const fault = read > maxLookRecords ? 'too many' : 'accountSet' in next.value ? 'accounts' : undefined
    if (fault) {
      fail(fault)
      throw new Error(fault)
    }
    yield next.value
  }
}
