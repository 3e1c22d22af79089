/** Reads a table with the cells that an analyst typed in place of its own. */
import type { Fault } from '../domain/core/fault.ts'
import { once, tableIn } from './formats.ts'
import { quotedRow, separatorOf, sheetOf } from './table/rows.ts'
import { transcoded } from './text/text.ts'

/** By `line.column`: lines from 1, columns from 0. */
type TypedCells = Readonly<Record<string, string>>

export type TypedTable = {
  readonly headings: readonly string[]
  /** By line, with typed cells in place; without rows that do not split into cells. */
  readonly rows: ReadonlyMap<number, readonly string[]>
  /** The whole table as CSV; each row keeps its line. */
  readonly bytes: Uint8Array
}

type Options = {
  readonly file: string
  readonly sheet?: string | undefined
  readonly note?: (what: Fault, count: number) => void
}

/** @throws FileError where the file cannot be read */
export const typedTable = async (bytes: Uint8Array, cells: TypedCells, options: Options): Promise<TypedTable> => {
  const text = Buffer.concat(await Array.fromAsync(await transcoded(await tableIn(once(bytes), { ...options }))))
  const { headings, context = '', rows } = await sheetOf(once(text), options)
  const separator = /^sep=(.)\n/.exec(context)?.[1] ?? separatorOf(context)
  const read = new Map<number, readonly string[]>()
  const parts: Uint8Array[] = []
  let from = 0
  for await (const row of rows) {
    if ('reject' in row) continue
    const { line, offset, text: before } = row
    // Between tabs, a quoted cell has none.
    const typedAt = (at: number) => cells[`${line}.${at}`]?.replaceAll(separator === '\t' ? '\t' : '\0', ' ')
    const typed = row.cells.map((cell, at) => typedAt(at) ?? cell)
    read.set(line, typed)
    if (typed.every((cell, at) => cell === row.cells[at])) continue
    const after = quotedRow(typed, separator)
    // Blank lines keep the numbers of the rows below.
    parts.push(
      text.subarray(from, offset),
      Buffer.from(after.padEnd(after.length + breaksIn(before) - breaksIn(after), '\n')),
    )
    from = offset + Buffer.byteLength(before)
  }
  return { headings, rows: read, bytes: Buffer.concat([...parts, text.subarray(from)]) }
}

/** Of the start of a file; empty where it is no table. */
export const headingsIn = async (start: Uint8Array, file: string): Promise<readonly string[]> =>
  (await sheetOf(once(start), { file }).catch(() => ({ headings: [] }))).headings

const breaksIn = (text: string): number => text.split('\n').length - 1

/** On one line, where the cell in its place had no more. */
export const typedCell = (typed: string, before: string): string => {
  const text = typed.replace(/\r\n?/g, '\n').toWellFormed()
  return breaksIn(text) > breaksIn(before) ? text.replaceAll('\n', ' ') : text
}
