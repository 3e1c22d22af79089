/** Streams CSV rows with positions. One bad row costs only itself. */

import { parse } from 'csv-parse/sync'
import { type Fault, fault, quoted } from '../../domain/core/fault.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { type IntakeOptions, type Reject, rejectOf } from '../record/record.ts'
import { type Stretch, stretchesOf, watched } from '../text/chunks.ts'
import { maxLineBytes } from '../text/lines.ts'
import { transcoded } from '../text/text.ts'

type Place = {
  /** From 1. */
  readonly line: number
  /** Bytes before it in UTF-8. */
  readonly offset: number
}

export type Row = Place & {
  /** Without the line end. */
  readonly text: string
  /** As many as headings; empty where the row is shorter. */
  readonly cells: readonly string[]
  /** How many cells a shorter row has. */
  readonly given?: number
}

type Sheet = {
  /** Trimmed; an unnamed column is empty. */
  readonly headings: readonly string[]
  readonly head?: Row | undefined
  /** Text that is needed to read one row alone. */
  readonly context?: string | undefined
  readonly rows: AsyncGenerator<RowOrReject>
}

export type RowOrReject = Row | { readonly reject: Reject }

type Batch = readonly RowOrReject[]

/** Rows examined in advance to find a column's date order. */
const lookAhead = 1_000
const lookAheadChars = 4_000_000

const separators = [',', ';', '\t', '|'] as const

/** A quoted cell with more lines has lost its closing quote. */
const maxLinesPerCell = 1_000

/**
 * The first non-blank line has the headings. Quotes follow RFC 4180; between tabs, those that do not enclose a
 * field are text. The separator is from Excel's `sep=;` line, else
 * comma, semicolon, tab or bar, whichever gives most headings.
 */
export const sheetOf = async (
  chunks: AsyncIterable<Uint8Array>,
  options: Pick<IntakeOptions, 'file'>,
): Promise<Sheet> => {
  const { batches, ...sheet } = await batchedSheetOf(chunks, options)
  return { ...sheet, rows: oneByOne(batches) }
}

/** Like {@link sheetOf}, in batches: awaiting each row is slow in large files. */
export const batchedSheetOf = async (
  chunks: AsyncIterable<Uint8Array>,
  { file }: Pick<IntakeOptions, 'file'>,
): Promise<Omit<Sheet, 'rows'> & { readonly batches: AsyncGenerator<Batch> }> => {
  const { bytes, isClosed } = watched(await transcoded(chunks))
  const records = recordsOf(stretchesOf(bytes))
  let statedSeparator: string | undefined
  for (let next = await records.next(); !next.done; next = await records.next()) {
    for (const [at, raw] of next.value.entries()) {
      const excels = /^"?sep=([^"])"?$/i.exec(raw.text)?.[1]
      if (statedSeparator === undefined && excels !== undefined) {
        statedSeparator = excels
        continue
      }
      const separator = statedSeparator ?? separatorOf(raw.text)
      const context = statedSeparator === undefined ? raw.text : `sep=${statedSeparator}\n${raw.text}`
      const cells = raw.damage === undefined ? cellsOf([raw], separator)?.[0] : undefined
      const { line, offset, text } = raw
      return {
        headings: (cells ?? []).map((heading) => heading.trim()),
        head: cells && { line, offset, text, cells },
        context: cells && context,
        // Without headings each row is a reject, so that none is lost.
        batches: batchesOf(
          next.value.slice(cells ? at + 1 : at),
          records,
          { file, separator, width: cells?.length ?? 0, context: cells && context },
          isClosed,
        ),
      }
    }
  }
  return { headings: [], batches: noBatches() }
}

export const firstOf = async (batches: AsyncIterator<Batch>): Promise<readonly RowOrReject[]> => {
  const first: RowOrReject[] = []
  for (let chars = 0; first.length < lookAhead && chars < lookAheadChars;) {
    const next = await batches.next()
    if (next.done) break
    pushAll(first, next.value)
    for (const row of next.value) chars += 'reject' in row ? row.reject.raw.length : row.text.length
  }
  return first
}

export const separatorOf = (heading: string): string => {
  const widths = separators.map((separator) => ({
    separator,
    width: heading.includes(separator) ? (cellsOf([{ text: heading }], separator)?.[0]?.length ?? 0) : 0,
  }))
  return widths.toSorted((a, b) => b.width - a.width)[0]?.separator ?? ','
}

type Raw = Place & {
  readonly text: string
  readonly isQuoted: boolean
  /** The file may be cut here. */
  readonly isUnended?: boolean
  /** Damage visible before parsing. */
  readonly damage?: Fault
  /** Length and hash of the whole, where the text is only its start. */
  readonly whole?: { readonly bytes: number; readonly sha256: string }
}

type Form = Pick<Sheet, 'context'> & { readonly file: string; readonly separator: string; readonly width: number }

async function* noBatches(): AsyncGenerator<Batch> {}

async function* oneByOne(batches: AsyncIterable<Batch>): AsyncGenerator<RowOrReject> {
  for await (const batch of batches) for (const row of batch) yield row
}

async function* batchesOf(
  first: readonly Raw[],
  records: AsyncIterable<readonly Raw[]>,
  form: Form,
  isClosed: () => boolean,
): AsyncGenerator<Batch> {
  let held = first
  for await (const batch of records) {
    yield rowsIn(held, form)
    held = batch
  }
  const last = held.at(-1)
  yield rowsIn(last && !isClosed() ? held.with(-1, { ...last, isUnended: true }) : held, form)
}

const rowsIn = (batch: readonly Raw[], form: Form): Batch => {
  const { separator } = form
  const table = parsed(
    batch.filter(({ isQuoted }) => isQuoted),
    separator,
  )
  let at = 0
  const rows: RowOrReject[] = []
  for (const raw of batch) {
    const cells = raw.isQuoted ? table[at++] : raw.text.split(separator)
    // Two stray quotes join several lines: each may be a row.
    if (!cells && raw.text.includes('\n')) pushAll(rows, rowsIn(linesOf(raw), form))
    else {
      const row = rowOf(raw, cells, form)
      if (row) rows.push(row)
    }
  }
  return rows
}

const rowOf = (
  raw: Raw,
  cells: readonly string[] | undefined,
  { file, separator, width, context }: Form,
): RowOrReject | undefined => {
  const { text, line, offset } = raw
  const reject = (reason: Fault) => ({
    reject: { ...rejectOf(text, { file, line, offset, path: '', fault: reason, context }), ...raw.whole },
  })
  if (raw.damage !== undefined) return reject(raw.damage)
  if (!cells) return reject(fault('csv.quote'))
  if (isBlank(cells)) return undefined
  if (cells.length === width) return { line, offset, text, cells }
  // A short row is intended, but a cut date or number would be read as another value.
  if (raw.isUnended && cells.length < width) {
    return reject(fault('csv.cutRow', { cells: cells.length, headings: width }))
  }
  if (cells.length > width && !isBlank(cells.slice(width))) {
    return reject(fault('csv.tooManyCells', { cells: cells.length, headings: width, separator: quoted(separator) }))
  }
  const padded = Array.from({ length: width }, (_, at): string => cells[at] ?? '')
  return { line, offset, text, cells: padded, ...(cells.length < width && { given: cells.length }) }
}

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell === '' || cell.trim() === '')

const parsed = (records: readonly Raw[], separator: string): readonly (readonly string[] | undefined)[] => {
  const table = cellsOf(records, separator)
  if (table) return table
  if (records.length <= 1) return [undefined]
  const half = records.length >> 1
  return [...parsed(records.slice(0, half), separator), ...parsed(records.slice(half), separator)]
}

const cellsOf = (
  records: readonly { readonly text: string }[],
  delimiter: string,
): readonly (readonly string[])[] | undefined => {
  try {
    const isTabbed = delimiter === '\t'
    const table = parse(records.map(({ text }) => (isTabbed ? withTextQuotes(text) : text)).join('\n'), {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
    })
    if (table.length !== records.length) return undefined
    return isTabbed ? table.map((cells) => cells.map((cell) => cell.replaceAll(textQuote, '"'))) : table
  } catch {
    return undefined // the caller searches smaller batches for the broken one
  }
}

/** Lines with this byte are never parsed. */
const textQuote = '\0'

/** Quotes around a tab-separated field, or also those not closed by the end; else any other, captured. */
const enclosing = /(?<![^\t\n])"[^"\t]*(?:""[^"\t]*)*"(?![^\t\r\n])|(")/g
const enclosingOrOpen = /(?<![^\t\n])"[^"\t]*(?:""[^"\t]*)*(?:"(?![^\t\r\n])|$)|(")/g

const withTextQuotes = (text: string, pattern = enclosing): string =>
  text.replace(pattern, (quotes, other) => (other === undefined ? quotes : textQuote))

const linesOf = (raw: Raw): readonly Raw[] => {
  let { line, offset } = raw
  return raw.text.split('\n').map((text) => {
    const one = { line, offset, text: withoutReturn(text), isQuoted: text.includes('"') }
    line += 1
    offset += Buffer.byteLength(text) + 1
    return one
  })
}

const withoutReturn = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text)

async function* recordsOf(stretches: AsyncIterable<Stretch>): AsyncGenerator<readonly Raw[]> {
  let place: Place = { line: 1, offset: 0 }
  let open: string | undefined
  let isTabbed: boolean | undefined
  for await (const stretch of stretches) {
    const lost = typeof stretch === 'string' ? undefined : stretch
    const text = [open, lost ? undefined : stretch].filter((part) => part !== undefined).join('\n')
    if (text.trim() !== '') isTabbed ??= separatorOf(/^.*\S.*$/m.exec(text)?.[0] ?? '') === '\t'
    if (open !== undefined || !lost) {
      const done = cut(text, place, lost !== undefined, isTabbed)
      yield done.records
      place = done.place
      open = done.open
    }
    if (lost) {
      const { bytes, sha256 } = lost
      yield [{ ...place, text: lost.text, isQuoted: false, damage: lost.damage, whole: { bytes, sha256 } }]
      place = { line: place.line + 1, offset: place.offset + bytes + 1 }
    }
  }
  if (open !== undefined) yield cut(open, place, true, isTabbed).records
}

/**
 * Quotes inside a cell are doubled, so an even number closes it. An open rest is returned with its place, or given up
 * at the end of the file.
 */
const cut = (
  text: string,
  place: Place,
  isLast: boolean,
  isTabbed = false,
): { readonly records: readonly Raw[]; readonly place: Place; readonly open: string | undefined } => {
  const records: Raw[] = []
  const marked = isTabbed ? withTextQuotes(text, enclosingOrOpen) : text
  const isAscii = Buffer.byteLength(text) === text.length
  let { line, offset } = place
  let start = 0
  let lines = 0
  let quotes = 0
  let quote = marked.indexOf('"')
  const take = (end: number, damage?: Fault) => {
    const record = text.slice(start, end)
    if (damage !== undefined) records.push({ line, offset, text: withoutReturn(record), isQuoted: false, damage })
    else if (record.trim() !== '') records.push({ line, offset, text: withoutReturn(record), isQuoted: quotes > 0 })
    line += lines
    offset += (isAscii ? record.length : Buffer.byteLength(record)) + 1
    start = end + 1
    lines = 0
    quotes = 0
  }
  let from = 0
  while (from <= text.length) {
    const found = text.indexOf('\n', from)
    const end = found < 0 ? text.length : found
    for (; quote >= 0 && quote < end; quote = marked.indexOf('"', quote + 1)) quotes += 1
    lines += 1
    from = end + 1
    if (quotes % 2 === 0) take(end)
    else if (lines > maxLinesPerCell || end - start > maxLineBytes || (isLast && found < 0)) {
      const first = text.indexOf('\n', start)
      lines = 1
      take(first < 0 ? end : first, isTabbed ? undefined : unclosed)
      from = start
      quote = marked.indexOf('"', start)
    }
  }
  return { records, place: { line, offset }, open: start <= text.length ? text.slice(start) : undefined }
}

const unclosed = fault('csv.openQuote')

export const quotedRow = (cells: readonly string[], separator = ','): string =>
  cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(separator)
