import { type Fault, fault, quoted } from '../../domain/core/fault.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { FileError } from '../record/file-error.ts'
import { type IntakeOptions, notAlone, type Reject } from '../record/record.ts'
import { columnIn, instantOrWrong, type Notes, rejectOfRow, type Wrong } from './pair-table.ts'
import { batchedSheetOf } from './rows.ts'
import { idProblem, isBlank } from './table-cells.ts'

export type PostTable = { readonly file: string; readonly chunks: AsyncIterable<Uint8Array> }

/** Undefined: not in the row. Times in milliseconds since 1970 UTC. */
export type TablePost = {
  readonly account: string | undefined
  readonly at: number | undefined
  readonly platform: string | undefined
  readonly language: string | undefined
  readonly text: string | undefined
}

export type NamedPosts = {
  /** Keyed by the name that pairs use. */
  readonly posts: ReadonlyMap<string, TablePost>
  /** Names are post ids, not row numbers. */
  readonly byId: boolean
}

/**
 * Headings of Vigie, detectors, CrowdTangle, Meta Content Library, twint, twarc, X's datasets, TikTok's API, 4CAT and
 * TGStat: case and signs are ignored, the first match wins. `+` joins columns.
 */
export const postColumns = {
  id: 'id post_id message_id tweet_id tweetid status_id content_id doc_id identifiant id_post id_message',
  account:
    'account account_id user_id userid author_id post_owner_id user author username screen_name user_screen_name author_username user_username handle facebook_id user_name post_owner_name page_name group_name sender_id from_id channel chat compte id_compte auteur utilisateur',
  time: 'unix_timestamp timestamp created_at published_at posted_at datetime creation_time create_time created_time tweet_time post_created date_time date+time+timezone date+time time date timestamp_share heure horodatage date_heure publie_le',
  text: 'text full_text original message content body tweet tweet_text video_description caption description texte contenu',
  platform: 'platform network plateforme reseau',
  language: 'language lang langue',
}

/** Headings of one platform's tables, which have no column for it. */
const ownHeadings: readonly (readonly [platform: string, headings: string])[] = [
  ['Facebook', 'facebook_id'],
  ['X', 'tweet tweet_id tweetid tweet_text user_screen_name conversation_id'],
  ['TikTok', 'video_description'],
  ['Telegram', 'fwd_from'],
]

export const platformOf = (headings: readonly string[]): string =>
  ownHeadings.find(([, own]) => columnIn(headings, own.split(' ')) >= 0)?.[0] ?? ''

/**
 * Reads the wanted posts; unreadable rows become rejects. A post is identified by its id, else by pandas's index (an
 * unnamed first column), else by its row number from 0.
 * @throws FileError where a column without substitute is missing, or no wanted post is found
 */
export async function* readPosts(
  { file, chunks }: PostTable,
  wanted: ReadonlySet<string>,
  { observed }: Pick<IntakeOptions, 'observed'>,
  notes: Notes,
): AsyncGenerator<{ readonly reject: Reject }, NamedPosts> {
  const { headings, batches } = await batchedSheetOf(chunks, { file })
  const at = (column: keyof typeof postColumns) => columnIn(headings, postColumns[column].split(' '))
  if (at('account') < 0) throw new FileError(fault('posts.noAccountColumn', { file }))
  if (at('time') < 0 && !observed) {
    throw new FileError(fault('posts.noTimeColumn', { file }))
  }
  const idAt = at('id')
  const indexAt = ['', 'unnamed 0'].includes(folded(headings[0] ?? '')) ? 0 : -1
  const named = [idAt, indexAt]
    .filter((column) => column >= 0)
    .map((column) => ({ column, posts: new Map<string, TablePost>() }))
  const numbered = named.length === 0 ? [{ column: -1, posts: new Map<string, TablePost>() }] : []
  const ways = [...named, ...numbered]
  const postIn = postReader(headings, at, notes)
  let rowNumber = -1
  for await (const batch of batches) {
    for (const row of batch) {
      rowNumber += 1
      if ('reject' in row) {
        yield { reject: notAlone(row.reject) }
        continue
      }
      const nameBy = (column: number) => (column < 0 ? String(rowNumber) : (row.cells[column]?.trim() ?? ''))
      const known = ways.filter(({ column }) => wanted.has(nameBy(column)))
      if (known.length === 0) {
        const problem = idAt < 0 ? undefined : idProblem(nameBy(idAt))
        if (problem) yield { reject: rejectOfRow(row, file, { wrong: headings[idAt] ?? '', fault: problem }) }
        continue
      }
      const post = postIn(row.cells)
      if ('wrong' in post) {
        yield { reject: rejectOfRow(row, file, post) }
        continue
      }
      for (const { column, posts } of known) {
        const other = posts.get(nameBy(column))
        if (other) notes.add(fault('posts.twice', { file }))
        posts.set(nameBy(column), other ? earlier(other, post) : post)
      }
    }
  }
  const [best] = ways.toSorted((a, b) => b.posts.size - a.posts.size)
  if (!best || (best.posts.size === 0 && wanted.size > 0)) {
    throw new FileError(strangers(file, wanted, headings[idAt] ?? headings[indexAt]))
  }
  return { posts: best.posts, byId: best.column === idAt && idAt >= 0 }
}

const strangers = (file: string, wanted: ReadonlySet<string>, idColumn: string | undefined): Fault => {
  const names = quoted([...wanted].slice(0, 3).map((name) => name.slice(0, 40)))
  return idColumn === undefined
    ? fault('posts.noRowNumbers', { file, names })
    : fault('posts.notInColumn', { file, names, column: quoted(idColumn) })
}

const postReader = (
  headings: readonly string[],
  columnOf: (column: keyof typeof postColumns) => number,
  notes: Notes,
): ((cells: readonly string[]) => TablePost | Wrong) => {
  const accountAt = columnOf('account')
  const timeAt = columnOf('time')
  const others = [columnOf('platform'), columnOf('language'), columnOf('text')]
  return (cells) => {
    const [account, platform, language, text] = [accountAt, ...others].map((column) => {
      const cell = cells[column]?.trim() ?? ''
      return isBlank(cell) ? undefined : cell
    })
    const problem = account === undefined ? undefined : idProblem(account)
    if (problem) return { wrong: headings[accountAt] ?? '', fault: problem }
    const time = instantOrWrong(cells[timeAt] ?? '', headings[timeAt] ?? '', notes)
    if ('wrong' in time) return time
    return { account, at: time.at, platform, language, text }
  }
}

const earlier = (a: TablePost, b: TablePost): TablePost => {
  const [atA, atB] = [a.at ?? Number.POSITIVE_INFINITY, b.at ?? Number.POSITIVE_INFINITY]
  if (atA !== atB) return atA < atB ? a : b
  return JSON.stringify(a) <= JSON.stringify(b) ? a : b
}
