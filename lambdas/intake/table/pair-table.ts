import { type Fault, fault, quoted } from '../../domain/core/fault.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { FileError } from '../record/file-error.ts'
import { type IntakeOptions, notAlone, type Reject, rejectOf } from '../record/record.ts'
import { batchedSheetOf, type Row } from './rows.ts'
import { idProblem, instantIn, zoneOffsets } from './table-cells.ts'

export const maxPairsBytes = 64 * 1024 * 1024

export type Wrong = { readonly wrong: string; readonly fault: Fault }

type Table<One> = { readonly ones: readonly One[]; readonly rejects: readonly Reject[] }

/**
 * `open` receives the headings and returns the row reader.
 * @throws FileError where the file exceeds {@link maxPairsBytes}, or what `open` throws
 */
export const readTable = async <One extends object>(
  chunks: AsyncIterable<Uint8Array>,
  { file }: Pick<IntakeOptions, 'file'>,
  open: (headings: readonly string[]) => (cells: readonly string[]) => One | Wrong,
): Promise<Table<One>> => {
  const { headings, batches } = await batchedSheetOf(upToLimit(chunks, file), { file })
  const read = open(headings)
  const ones: One[] = []
  const rejects: Reject[] = []
  for await (const batch of batches) {
    for (const row of batch) {
      if ('reject' in row) {
        rejects.push(notAlone(row.reject))
        continue
      }
      const one = read(row.cells)
      if ('wrong' in one) rejects.push(rejectOfRow(row, file, one))
      else ones.push(one)
    }
  }
  return { ones, rejects }
}

export const rejectOfRow = ({ text, line, offset }: Row, file: string, { wrong, fault: reason }: Wrong): Reject =>
  rejectOf(text, { file, line, offset, path: wrong, fault: reason })

async function* upToLimit(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.byteLength
    if (length > maxPairsBytes) {
      throw new FileError(fault('pairs.tooLarge', { file, max: maxPairsBytes / 1024 ** 2 }))
    }
    yield chunk
  }
}

/** Finds the first spelling, ignoring case and punctuation; -1 where none matches. */
export const columnIn = (headings: readonly string[], spellings: readonly string[]): number => {
  const plain = headings.map(folded)
  return spellings.map((spelling) => plain.indexOf(folded(spelling))).find((at) => at >= 0) ?? -1
}

export const hasColumns = (headings: readonly string[], ...columns: readonly string[]): boolean =>
  columns.every((column) => columnIn(headings, [column]) >= 0)

/** Checks each id once. Ids stay text, since they exceed 2^53; equal ids share one string. */
export const idsIn = (
  headings: readonly string[],
  columns: readonly number[],
): ((cells: readonly string[]) => readonly string[] | Wrong) => {
  const known = new Map<string, string>()
  return (cells) => {
    const ids: string[] = []
    for (const column of columns) {
      const cell = cells[column] ?? ''
      let id = known.get(cell)
      if (id === undefined) {
        id = cell.trim()
        const problem = idProblem(id)
        if (problem !== undefined) return { wrong: headings[column] ?? '', fault: problem }
        known.set(cell, id)
      }
      ids.push(id)
    }
    return ids
  }
}

export const instantOrWrong = (
  cell: string,
  column: string,
  notes: Notes,
  zone?: string,
): { readonly at: number | undefined } | Wrong => {
  const written = instantIn(cell, zone)
  if ('at' in written) return written
  if (written.none === 'unreadable') {
    return { wrong: column, fault: fault('pairs.time', { text: quoted(cell) }) }
  }
  if (written.none === 'zone') {
    const zones = Object.keys(zoneOffsets).join(', ')
    return { wrong: column, fault: fault('pairs.zone', { text: quoted(cell), zones }) }
  }
  if (written.none === 'no offset') notes.add(fault('pairs.noOffset'))
  return { at: undefined }
}

export type Notes = {
  add(what: Fault, count?: number): void
  report(): void
}

export const notesFor = ({ note }: Pick<IntakeOptions, 'note'>): Notes => {
  const counts = new Map<string, { readonly what: Fault; readonly count: number }>()
  return {
    add: (what, count = 1) => {
      const key = JSON.stringify(what)
      if (count > 0) counts.set(key, { what, count: (counts.get(key)?.count ?? 0) + count })
    },
    report: () => {
      for (const { what, count } of counts.values()) note?.(what, count)
    },
  }
}
