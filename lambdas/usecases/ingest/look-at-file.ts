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
import { type Mapping, plainMapping } from '../../intake/csv/mapping.ts'
import { type ProposedColumn, proposeMapping } from '../../intake/csv/propose.ts'
import { once, readRecords, tableIn } from '../../intake/formats.ts'
import { preparing } from '../../intake/record/prepare.ts'
import type { IntakeRecord } from '../../intake/record/record.ts'
import { sheetNames } from '../../intake/xlsx/workbook.ts'
import type { Look } from '../../store/intake/looks.ts'
import type { KeptReject } from '../../store/intake/rejects.ts'
import type { IntakeServices } from '../services.ts'
import { checkList, recordsListed, rowKey, type SeenRecord } from './check-detections.ts'
import { type Desk, limitOf, senderFor } from './desk.ts'
import { type ReadRow, rejectsMeant, type UnreadRow } from './fixed-rejects.ts'
import { type Counts, countsIn, type IngestTally, ingestDetections } from './ingest-detections.ts'

export type { ProposedColumn } from '../../intake/csv/propose.ts'
export { type Look, type Stated, statedIn } from '../../store/intake/looks.ts'

/** Larger files go by command or drop bucket. */
export const maxLookBytes = 4 * 1024 * 1024
export const maxLookRecords = recordsListed

export type LookFault = 'too many' | 'accounts' | Fault

export type Seen = {
  readonly records: readonly SeenRecord[]
  readonly tally: IngestTally
  readonly counts: Counts
  readonly waits: Waits
  readonly table: TableSeen
  readonly notes: readonly Fault[]
  /** By record id; for stored records, only those that an analyst confirmed. */
  readonly fixedRejects: ReadonlyMap<string, KeptReject>
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

class LookError extends Error {
  override name = 'LookError'
  readonly fault: 'too many' | 'accounts'

  constructor(fault: LookError['fault']) {
    super(fault)
    this.fault = fault
  }
}

export const lookAt = async (look: Look, caller: Caller, by: string, desk: Desk): Promise<Seen> => {
  const trial = desk.trial(limitOf(caller))
  const list = checkList(trial.clock())
  const noted = new Map<string, Fault>()
  let fault: LookFault | undefined
  const records = bounded(
    await recordsOf(look, caller, desk, (what) => noted.set(JSON.stringify(what), what)),
    (found) => {
      fault = found
    },
  )
  const rows: ReadRow[] = []
  const storedRows: ReadRow[] = []
  const unread: UnreadRow[] = []
  const tally = await ingestDetections(records, look.file, trial, {
    sender: senderFor(caller, by),
    onOutcome: (record, outcome) => {
      list.onOutcome(record, outcome)
      if (outcome.kind === 'rejected') unread.push(outcome.reject)
      const isKept = outcome.kind === 'accepted' || outcome.kind === 'revised' || outcome.kind === 'unplaced'
      if ('detection' in record && record.raw !== undefined && (isKept || outcome.kind === 'duplicate'))
        (isKept ? rows : storedRows).push({ id: record.detection.id, line: record.line, raw: record.raw })
    },
  })
  fault ??= tally.failure === undefined ? undefined : asFault(tally.failure)
  const seen = (await list.seen(trial.detections)).map((one) => asKnown(one, caller))
  return {
    records: seen,
    tally,
    counts: countsIn(tally),
    table: await tableSeen(look, caller, desk, fault !== undefined || look.columns !== undefined || tally.unplaced > 0),
    waits: await waitsOf(tally, { trial, caller, desk }),
    notes: [...noted.values()],
    // The marking of an unreadable record is unknown.
    fixedRejects: limitOf(caller) ? new Map() : await findRejectMatches(look, { rows, storedRows, unread }, desk),
    fault,
    seal: canonicalHash({ look: look.id, seen, failure: tally.failure ?? null }),
  }
}

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

type Rows = {
  readonly rows: readonly ReadRow[]
  readonly storedRows: readonly ReadRow[]
  readonly unread: readonly UnreadRow[]
}

/** Keeps ticked matches whose row was stored by another way since. */
const findRejectMatches = async (
  { file, fixedRejects = [] }: Look,
  { rows, storedRows, unread }: Rows,
  { services: { rejects } }: Desk,
): Promise<Seen['fixedRejects']> => {
  const meant = await rejectsMeant(rows, unread, file, rejects)
  const known = new Set([...meant.values()].map(({ rejectId }) => rejectId))
  if (fixedRejects.every((id) => known.has(id))) return meant
  const ticked = [...(await rejectsMeant(storedRows, unread, file, rejects))].filter(
    ([, { rejectId }]) => fixedRejects.includes(rejectId) && !known.has(rejectId),
  )
  return new Map([...ticked, ...meant])
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

export type TableSeen = {
  readonly sheets: readonly string[]
  /** Empty for non-tables and where nothing is to be asked. */
  readonly columns: readonly ProposedColumn[]
}

export const tableSeen = async (
  look: Look,
  caller: Caller,
  { looks }: Pick<Desk, 'looks'>,
  withColumns = true,
): Promise<TableSeen> => {
  const { file, sheet } = look
  const bytes = await looks.bytes(caller.who, look)
  const sheets = sheetNames(bytes, file)
  if (!withColumns) return { sheets, columns: [] }
  if (sheets.length === 0 && /^\s*[[{]/.test(new TextDecoder().decode(bytes.subarray(0, 100))))
    return { sheets, columns: [] }
  try {
    const { columns } = await proposeMapping(await tableIn(once(bytes), { file, sheet, note: () => {} }), file)
    // A single column could be any text.
    return { sheets, columns: columns.length > 1 ? columns : [] }
  } catch {
    return { sheets, columns: [] }
  }
}

const mappingOf = ({ zone, columns }: Look): Mapping | undefined =>
  zone === undefined && !columns
    ? undefined
    : {
        ...plainMapping,
        ...(zone !== undefined && { zone }),
        columns: Object.fromEntries(
          Object.entries(columns ?? {}).map(([heading, name]) => [heading, name === null ? null : [name]]),
        ),
      }

const aimedAt = (detection: Detection, answer: readonly TerritoryCode[] = [], by: string | undefined): Detection => {
  const codes = detection.territories.length > 0 ? [] : answer
  if (codes.length === 0) return detection
  return {
    ...detection,
    territories: codes.map((code) => ({ code, method: 'analyst' as const, ...(by !== undefined && { by }) })),
  }
}

/** @param by who gave the answers; unknown before storing */
export const recordsOf = async (
  look: Look,
  caller: Caller,
  { looks, intake, services }: Desk,
  note: (what: Fault, count: number) => void,
  by?: string,
): Promise<AsyncIterable<IntakeRecord>> => {
  const { territories, observed, aimed, file, sheet } = look
  const mapping = mappingOf(look)
  const { placing, aliases, detectors, pseudonyms } = await intake()
  const prepare = preparing({
    rules: placing ? [placing] : [],
    aliases: aliases ? [aliases] : [],
    territories,
    detectors,
  })
  return readRecords(once(await looks.bytes(caller.who, look)), {
    file,
    format: 'auto',
    now: services.clock(),
    prepare: (detection, came) => aimedAt(prepare(detection), aimed?.[rowKey(came, detection.id)], by),
    note,
    pseudonyms,
    ...(sheet !== undefined && { sheet }),
    ...(mapping && { mapping }),
    ...(territories && { territories }),
    ...(observed !== undefined && { observed: parseObserved(observed) }),
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
      throw new LookError(fault)
    }
    yield next.value
  }
}
