/** Rows of a CSV file as a stream: any usual encoding and separator, each row with where it stands; one bad row costs itself. */
import { parse } from 'csv-parse/sync'
import { type IntakeOptions, type Reject, rejectOf } from './intake.ts'
import { keptOfLong, type Line, linesOf, longestLine } from './lines.ts'
import { transcoded } from './text.ts'

export type Row = {
  /** The line on which it begins, from 1. */
  readonly line: number
  /** Where it begins in the file as UTF-8, in bytes. */
  readonly offset: number
  /** As it stands in the file, without the line's end. */
  readonly text: string
  /** As many as there are headings; empty where the row is shorter. */
  readonly cells: readonly string[]
}

export type Sheet = {
  /** As written, without spaces around; an unnamed column is empty. */
  readonly headings: readonly string[]
  readonly rows: AsyncGenerator<Row | { readonly reject: Reject }>
}

const separators = [',', ';', '\t', '|'] as const

/** So much text is parsed in one go. */
const blockChars = 1 << 17
/** A quoted cell over more lines than these has lost its closing quote. */
const mostLines = 1_000

/**
 * A CSV file with its headings in the first line that is not blank. Quotes follow RFC 4180; the separator is the one of
 * comma, semicolon, tab and bar that gives the most headings.
 */
export const sheetOf = async (
  chunks: AsyncIterable<Uint8Array>,
  { file }: Pick<IntakeOptions, 'file'>,
): Promise<Sheet> => {
  const records = recordsOf(linesOf(await transcoded(chunks)))
  for (let next = await records.next(); !next.done; next = await records.next()) {
    const first = next.value
    if (first.text.trim() === '') continue
    const separator = separatorOf(first.text)
    const headings = (tryCells([first], separator)?.[0] ?? []).map((heading) => heading.trim())
    return { headings, rows: rowsOf(records, { file, separator, width: headings.length }) }
  }
  return { headings: [], rows: noRows() }
}

/** The separator of a file's first line. */
export const separatorOf = (heading: string): string => {
  const widths = separators.map((separator) => ({
    separator,
    width: tryCells([{ text: heading }], separator)?.[0]?.length ?? 0,
  }))
  return widths.toSorted((a, b) => b.width - a.width)[0]?.separator ?? ','
}

type Raw = Pick<Line, 'number' | 'offset' | 'bytes'> & {
  readonly text: string
  /** Why it cannot be a row, where that shows before parsing. */
  readonly damage?: string
  readonly sha256?: string
}

async function* noRows(): AsyncGenerator<Row> {}

async function* rowsOf(
  records: AsyncIterable<Raw>,
  about: { readonly file: string; readonly separator: string; readonly width: number },
): AsyncGenerator<Row | { readonly reject: Reject }> {
  const { file, separator, width } = about
  let block: Raw[] = []
  let chars = 0
  const rowOf = (raw: Raw, cells: readonly string[] | undefined): Row | { reject: Reject } | undefined => {
    const { text, number, offset } = raw
    const reject = (message: string) => ({ reject: rejectFrom(raw, file, message) })
    if (raw.damage !== undefined) return reject(raw.damage)
    if (!cells) return reject('has a quote that is opened and not closed, or text after a closing one')
    if (cells.every((cell) => cell === '')) return undefined
    if (cells.slice(width).some((cell) => cell !== '')) {
      return reject(
        `has ${cells.length} cells under ${width} headings: put a cell that holds ${JSON.stringify(separator)} in quotes`,
      )
    }
    const padded = cells.length === width ? cells : Array.from({ length: width }, (_, at): string => cells[at] ?? '')
    return { line: number, offset, text, cells: padded }
  }
  const parsed = function* () {
    const whole = block.filter(({ damage }) => damage === undefined)
    const table = tryCells(whole, separator)
    let at = 0
    for (const raw of block) {
      const cells = raw.damage !== undefined ? undefined : table ? table[at++] : tryCells([raw], separator)?.[0]
      // Two stray quotes make one record of several lines: each may be a row of its own.
      if (!cells && raw.damage === undefined && raw.text.includes('\n')) {
        for (const one of linesIn(raw)) {
          const row = rowOf(one, tryCells([one], separator)?.[0])
          if (row) yield row
        }
        continue
      }
      const row = rowOf(raw, cells)
      if (row) yield row
    }
    block = []
    chars = 0
  }
  for await (const raw of records) {
    if (raw.text.trim() === '' && raw.damage === undefined) continue
    block.push(raw)
    chars += raw.text.length
    if (chars >= blockChars) yield* parsed()
  }
  yield* parsed()
}

const rejectFrom = (raw: Raw, file: string, message: string): Reject => ({
  ...rejectOf(raw.text, { file, line: raw.number, offset: raw.offset, path: '', message }),
  ...(raw.sha256 !== undefined && { sha256: raw.sha256, bytes: raw.bytes }),
})

/** Lines joined where a quoted cell goes on over a line's end. Quotes inside are doubled, so an even number closes it. */
async function* recordsOf(lines: AsyncIterable<Line>): AsyncGenerator<Raw> {
  let open: Raw[] = []
  let bytes = 0
  let odd = false
  const taken = function* (line: Raw): Generator<Raw> {
    const quotes = line.damage === undefined && hasOddQuotes(line.text)
    if (open.length === 0 && !quotes) {
      yield line
      return
    }
    open.push(line)
    bytes += line.bytes
    odd = odd !== quotes
    if (!odd && line.damage === undefined) {
      yield joined(open)
      open = []
      bytes = 0
    } else if (line.damage !== undefined || open.length > mostLines || bytes > longestLine) yield* closed()
  }
  /** The quote is never closed: its line is lost, and those after it stand for themselves. */
  const closed = function* (): Generator<Raw> {
    const [first, ...rest] = open
    open = []
    bytes = 0
    odd = false
    if (first) yield first.damage === undefined ? { ...first, damage: unclosed } : first
    for (const line of rest) yield* taken(line)
  }
  for await (const line of lines) yield* taken(rawOf(line))
  while (open.length > 0) yield* closed()
}

const unclosed = 'opens a quote that no later line closes: close it, or double each quote inside a cell'

const joined = (lines: readonly Raw[]): Raw => {
  const [first, ...rest] = lines as [Raw, ...Raw[]]
  return {
    ...first,
    bytes: lines.reduce((sum, line) => sum + line.bytes + 1, -1),
    text: [first, ...rest].map(({ text }) => text).join('\n'),
  }
}

const linesIn = (raw: Raw): readonly Raw[] => {
  let { number, offset } = raw
  return raw.text.split('\n').map((text) => {
    const bytes = Buffer.byteLength(text)
    const line = { number, offset, bytes, text }
    number += 1
    offset += bytes + 1
    return line
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const rawOf = ({ number, offset, bytes, head, tooLong, sha256 }: Line): Raw => {
  const lost = (damage: string): Raw => ({
    number,
    offset,
    bytes,
    text: Buffer.from(head.subarray(0, keptOfLong)).toString('utf8'),
    damage,
    ...(sha256 !== undefined && { sha256 }),
  })
  if (tooLong)
    return lost(`is ${bytes} bytes long, over the limit of ${longestLine}: see whether line ends are missing`)
  try {
    const text = utf8.decode(head)
    return text.includes('\0') ? lost('holds NUL bytes: save the file anew as UTF-8') : { number, offset, bytes, text }
  } catch {
    return lost('is not UTF-8, though the lines before it are: save the file anew as UTF-8')
  }
}

const hasOddQuotes = (text: string): boolean => {
  let odd = false
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) odd = !odd
  return odd
}

const cellsOf = (records: readonly { readonly text: string }[], delimiter: string): readonly (readonly string[])[] =>
  parse(records.map(({ text }) => text).join('\n'), {
    delimiter,
    record_delimiter: '\n',
    relax_column_count: true,
  })

/** The cells of each record, or undefined where one of them is broken. */
const tryCells = (
  records: readonly { readonly text: string }[],
  delimiter: string,
): readonly (readonly string[])[] | undefined => {
  try {
    const table = cellsOf(records, delimiter)
    return table.length === records.length ? table : undefined
  } catch {
    return undefined // the caller parses one by one, and names the broken one
  }
}
