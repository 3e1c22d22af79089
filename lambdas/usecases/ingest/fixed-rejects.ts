/**
 * Which rejects that are open the rows of a file may mend: those that close by themselves when it is stored are not
 * among them.
 */
import { isFixedRow, type KeptReject, type Rejects } from '../../store/intake/rejects.ts'

/** A row of the file that would be stored, or is. */
export type ReadRow = { readonly id: string; readonly line?: number | undefined; readonly raw: string }

/** A row of it that cannot be read: its reject is its own, whatever another row says. */
export type UnreadRow = { readonly line?: number | undefined; readonly sha256: string }

/** So many open rejects are compared. */
const mostCompared = 200
const comparedChars = 2_000

/** By the id of a record the reject that it may be: the row that says most of the same; a person says whether it is. */
export const rejectsMeant = async (
  rows: readonly ReadRow[],
  unread: readonly UnreadRow[],
  file: string,
  rejects: Pick<Rejects, 'any' | 'open'>,
): Promise<ReadonlyMap<string, KeptReject>> => {
  const found = new Map<string, KeptReject>()
  if (rows.length === 0 || !(await rejects.any())) return found
  const read = rows.map((row) => ({ ...row, cells: cellsOf(row.raw) }))
  let compared = 0
  for await (const reject of rejects.open()) {
    compared += 1
    if (compared > mostCompared) break
    // One with an id closes with the record of that id; one of a file of this name with its own row.
    if (reject.id !== undefined || reject.raw === '' || unread.some(isOwn(reject, file))) continue
    const cells = cellsOf(reject.raw)
    const [meant] = read
      .filter((row) => !found.has(row.id) && !(reject.file === file && reject.line === row.line))
      .map((row) => ({ row, shared: [...cells].filter((cell) => row.cells.has(cell)).length }))
      // To compare by letters costs more than to compare by cells.
      .filter(({ row, shared }) => shared * 2 >= cells.size && isFixedRow(reject.raw, row.raw))
      .sort(
        (one, other) =>
          other.shared - one.shared || Number(other.row.line === reject.line) - Number(one.row.line === reject.line),
      )
    if (meant) found.set(meant.row.id, reject)
  }
  return found
}

/** Whether the reject is that of a row: the same text in a file of any name, or another one in its place. */
const isOwn =
  (reject: KeptReject, file: string) =>
  ({ line, sha256 }: UnreadRow): boolean =>
    sha256 === reject.sha256 || (file === reject.file && line !== undefined && line === reject.line)

const cellsOf = (raw: string): ReadonlySet<string> =>
  new Set(
    raw
      .slice(0, comparedChars)
      .split(/[;,|\t]/)
      .map((cell) => cell.trim())
      .filter((cell) => cell !== ''),
  )
