import { isFixedRow, type KeptReject, type Rejects } from '../../store/intake/rejects.ts'

export type ReadRow = { readonly id: string; readonly line?: number | undefined; readonly raw: string }

/** An unreadable row; its reject belongs to it alone. */
export type UnreadRow = { readonly line?: number | undefined; readonly sha256: string }

const mostCompared = 200
const comparedChars = 2_000

/** Returns, by record id, the most similar reject, for an analyst to confirm. */
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
    // These close automatically: by record id, or by row for a file of the same name.
    if (reject.id !== undefined || reject.raw === '' || unread.some(isOwn(reject, file))) continue
    const cells = cellsOf(reject.raw)
    const [meant] = read
      .filter((row) => !found.has(row.id) && !(reject.file === file && reject.line === row.line))
      .map((row) => ({ row, shared: [...cells].filter((cell) => row.cells.has(cell)).length }))
      .filter(({ row, shared }) => shared * 2 >= cells.size && isFixedRow(reject.raw, row.raw))
      .sort(
        (one, other) =>
          other.shared - one.shared || Number(other.row.line === reject.line) - Number(one.row.line === reject.line),
      )
    if (meant) found.set(meant.row.id, reject)
  }
  return found
}

/** Matches the same text in any file, or the same line of the same file. */
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
