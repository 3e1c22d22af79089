import { fault, quoted } from '../../domain/core/fault.ts'
import { FileError } from '../record/file-error.ts'
import type { IntakeRecord } from '../record/record.ts'
import { columnIn, hasColumns, idsIn, notesFor, readTable, type Wrong } from '../table/pair-table.ts'
import { rawPostsIn } from '../table/raw-posts.ts'
import { type AccountLink, type CoordinationOptions, recordsOfLinks } from './coordination.ts'

const toolkit = {
  prefix: 'cnt',
  name: 'Coordination Network Toolkit',
  knownError: {
    fr: 'Sous un poids minimal faible, beaucoup de liens ne sont que coïncidences.',
    en: 'With a low minimum weight many links are mere coincidence.',
  },
}

/** Detects the output of `--output_format csv` and the toolkit's own network tables. */
export const looksLikeCnt = (headings: readonly string[]): boolean =>
  hasColumns(headings, 'source', 'target', 'weight', 'edge_type') || hasColumns(headings, 'user_1', 'user_2', 'weight')

/**
 * Yields rejected rows, then a record for each connected set. Networks have no times: without a stated one each set is
 * a reject.
 * @throws FileError where the file is no list of links, or too large
 */
export async function* readCnt(
  chunks: AsyncIterable<Uint8Array>,
  options: CoordinationOptions,
): AsyncGenerator<IntakeRecord> {
  const notes = notesFor(options)
  const { ones, rejects } = await readTable(chunks, options, (headings) => linkIn(headings, options.file))
  for (const reject of rejects) yield { reject }
  yield* recordsOfLinks(ones, toolkit, options, notes)
  notes.report()
}

/** @throws FileError where the headings name no two accounts */
export const linkIn = (
  headings: readonly string[],
  file: string,
): ((cells: readonly string[]) => AccountLink | Wrong) => {
  const fromAt = columnIn(headings, ['source', 'user_1', 'from'])
  const toAt = columnIn(headings, ['target', 'user_2', 'to'])
  const weightAt = columnIn(headings, ['weight'])
  const typeAt = columnIn(headings, ['edge_type'])
  if (fromAt < 0 || toAt < 0) {
    throw new FileError(rawPostsIn(headings, file) ?? fault('pairs.noTwoAccounts', { file }))
  }
  const idsOf = idsIn(headings, [fromAt, toAt])
  return (cells) => {
    const ids = idsOf(cells)
    if ('wrong' in ids) return ids
    const written = cells[weightAt]?.trim() ?? ''
    const weight = written === '' ? undefined : Number(written.replace(',', '.'))
    if (weight !== undefined && !(Number.isFinite(weight) && weight > 0)) {
      return {
        wrong: headings[weightAt] ?? '',
        fault: fault('pairs.weight', { text: quoted(written) }),
      }
    }
    const [from = '', to = ''] = ids
    return { from, to, weight, type: cells[typeAt]?.trim().toLowerCase() ?? '' }
  }
}
