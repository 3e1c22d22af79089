import { fault, quoted } from '../../domain/core/fault.ts'
import type { IntakeRecord } from '../record/record.ts'
import {
  columnIn,
  hasColumns,
  idsIn,
  instantOrWrong,
  type Notes,
  notesFor,
  readTable,
  type Wrong,
} from '../table/pair-table.ts'
import { isBlank } from '../table/table-cells.ts'
import { linkIn } from './cnt.ts'
import {
  type AccountLink,
  type CoordinationOptions,
  recordsOfLinks,
  recordsOfShares,
  type Share,
} from './coordination.ts'

const coortweet = {
  prefix: 'coortweet',
  name: 'CooRTweet',
  knownError: {
    fr: 'Deux comptes peuvent partager une même chose par hasard dans la fenêtre : seule la répétition parle de coordination.',
    en: 'Two accounts may share one thing within the window by chance: only repetition speaks of coordination.',
  },
}

/** The output of `detect_groups`, in all its versions' names, and the account network as a data frame. */
export const looksLikeCoortweet = (headings: readonly string[]): boolean =>
  holdsShares(headings) || hasColumns(headings, 'from', 'to', 'weight', 'edge_symmetry_score')

const holdsShares = (headings: readonly string[]): boolean =>
  hasColumns(headings, 'content_id', 'content_id_y') &&
  columnIn(headings, ['account_id', 'id_user']) >= 0 &&
  columnIn(headings, ['account_id_y', 'id_user_y']) >= 0

/**
 * Yields rejected rows, then a record for each connected set: of shares, which have times, or of links, which have
 * none.
 * @throws FileError where the file holds neither, or is too large
 */
export async function* readCoortweet(
  chunks: AsyncIterable<Uint8Array>,
  options: CoordinationOptions,
): AsyncGenerator<IntakeRecord> {
  const notes = notesFor(options)
  const { ones, rejects } = await readTable<Share | AccountLink>(chunks, options, (headings) =>
    holdsShares(headings) ? shareIn(headings, notes) : linkIn(headings, options.file),
  )
  for (const reject of rejects) yield { reject }
  yield* recordsOfShares(ones.filter(isShare), coortweet, options, notes)
  yield* recordsOfLinks(ones.filter(isLink), coortweet, options, notes)
  notes.report()
}

const isShare = (one: Share | AccountLink): one is Share => 'fromPost' in one
const isLink = (one: Share | AccountLink): one is AccountLink => !isShare(one)

const shareIn = (headings: readonly string[], notes: Notes): ((cells: readonly string[]) => Share | Wrong) => {
  const at = (...spellings: readonly string[]) => columnIn(headings, spellings)
  const itemAt = at('object_id')
  const columns = [at('account_id', 'id_user'), at('account_id_y', 'id_user_y'), at('content_id'), at('content_id_y')]
  const apartAt = at('timedelta', 'time_delta')
  const [timeAt, timeYAt] = [at('timestamp_share'), at('timestamp_share_y')]
  const timeIn = (cells: readonly string[], column: number) =>
    column < 0 ? { at: undefined } : instantOrWrong(cells[column] ?? '', headings[column] ?? '', notes)
  const idsOf = idsIn(headings, itemAt < 0 ? columns : [...columns, itemAt])
  return (cells) => {
    const ids = idsOf(cells)
    if ('wrong' in ids) return ids
    const written = cells[apartAt]?.trim() ?? ''
    const apart = isBlank(written) ? undefined : Math.abs(Number(written))
    if (Number.isNaN(apart)) {
      return { wrong: headings[apartAt] ?? '', fault: fault('pairs.seconds', { text: quoted(written) }) }
    }
    const time = timeIn(cells, timeAt)
    if ('wrong' in time) return time
    const timeY = timeIn(cells, timeYAt)
    if ('wrong' in timeY) return timeY
    const [older, newer] = timesOf(time.at, timeY.at, apart)
    const [from = '', to = '', id = '', idY = '', item = ''] = ids
    return { from, to, fromPost: { id, at: older }, toPost: { id: idY, at: newer }, item, apart }
  }
}

/**
 * CooRTweet puts the older post first, but not always its time. A missing time follows from the interval between both.
 */
const timesOf = (
  time: number | undefined,
  timeY: number | undefined,
  apart: number | undefined,
): readonly [older: number | undefined, newer: number | undefined] => {
  if (time !== undefined && timeY !== undefined) return [Math.min(time, timeY), Math.max(time, timeY)]
  const between = apart === undefined ? undefined : apart * 1_000
  if (timeY !== undefined) return [between === undefined ? undefined : timeY - between, timeY]
  return [time, time === undefined || between === undefined ? undefined : time + between]
}
