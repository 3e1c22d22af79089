import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { maxPosts, type Post } from '../../domain/coordination/posts/post.ts'
import { type PostMapping, postColumnNames, postMappingSchema } from '../../domain/coordination/posts/query.ts'
import { fault, faultOfThrown, quoted, inFile } from '../../domain/core/fault.ts'
import { refusalOf } from '../../domain/core/schema-fault.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { FileError } from '../record/file-error.ts'
import { notAlone, type Reject, rejectOf } from '../record/record.ts'
import { instantOrWrong, type Notes, rejectOfRow, type Wrong } from '../table/pair-table.ts'
import { platformOf, postColumns } from '../table/post-table.ts'
import { batchedSheetOf } from '../table/rows.ts'
import { idProblem, isBlank } from '../table/table-cells.ts'
import { stretchesOf } from '../text/chunks.ts'
import { fromUtf16, isNoText, peek } from '../text/text.ts'

const columns = {
  ...postColumns,
  account: `${postColumns.account} id_user`,
  object: 'object_id',
  repost_of:
    'repost_of repost_id retweet_of retweet_id retweeted_id retweeted_status_id shared_post_id retweet_tweetid referenced_tweets_retweeted_id id_repost',
  reply_to:
    'reply_to reply_id reply_to_id in_reply_to in_reply_to_id in_reply_to_status_id in_reply_to_tweetid referenced_tweets_replied_to_id reply_to_msg_id id_reponse',
  urls: 'urls link+final_link entities_urls link_attachment_link link_attached url links link expanded_urls liens lien',
  hashtags: 'hashtags hashtag entities_hashtags hashtag_names mots_diese mots_dieses mot_diese',
  source_account:
    'source_account original_author original_account reposted_author repost_author repost_user retweeted_user retweeted_username retweeted_author retweeted_user_id retweet_userid referenced_tweets_retweeted_author_id rt_author forwarded_from fwd_from auteur_original auteur_republie compte_source',
} satisfies Record<Column, string>

type Column = (typeof postColumnNames)[number]

/** @throws FileError that names the file and the place */
export const parsePostMapping = (value: unknown, file: string): PostMapping => {
  const read = postMappingSchema.safeParse(value)
  if (read.success) return read.data
  throw new FileError(inFile(file, refusalOf(read.error)))
}

type PostsOptions = {
  readonly file: string
  readonly mapping?: PostMapping | undefined
  /** Without it, account names are kept. */
  readonly pseudonym?: ((account: string) => string) | undefined
  readonly notes: Notes
}

type PostBatch = { readonly posts: readonly Post[]; readonly rejects: readonly Reject[] }

type ReadBatch = PostBatch & { readonly unusedTimes: number }

/** In characters, for one text and for all texts of a run. */
const longestText = 5_000
const maxTextChars = 1_000_000_000
const cutText = fault('posts.textCut', { max: longestText })

/** The files share strings, and together stay within {@link maxPosts} and {@link maxTextChars}. */
export const postReader = ({ pseudonym }: Pick<PostsOptions, 'pseudonym'> = {}) => {
  const names = new Map<string, string>()
  const accounts = new Map<string, string>()
  let [count, characters, unusedTimes] = [0, 0, 0]
  const shared = (text: string): string => {
    const known = names.get(text)
    if (known !== undefined) return known
    const own = apart(text)
    names.set(own, own)
    return own
  }
  const pseudonymFor = (account: string): string => {
    const own = pseudonym?.(account) ?? apart(account)
    accounts.set(apart(account), own)
    return own
  }
  const take: Take = (cell, headingOf, { notes, mapping }) => {
    const given = (column: Column): string | undefined => {
      const text = cell(column).trim()
      // twint has lists under the headings of ids.
      return isBlank(text) || /^[[{]/.test(text) ? undefined : text
    }
    const wrongId = (column: Column, id: string | undefined): Wrong | undefined => {
      const problem = id === undefined ? undefined : idProblem(id)
      return problem && { wrong: headingOf(column), fault: problem }
    }
    const name = cell('account').trim()
    const [id, object, repostOf, replyTo] = [given('id'), given('object'), given('repost_of'), given('reply_to')]
    const account = accounts.get(name)
    const wrong =
      (account === undefined ? wrongId('account', name) : undefined) ??
      wrongId('id', id) ??
      wrongId('object', object) ??
      wrongId('repost_of', repostOf) ??
      wrongId('reply_to', replyTo)
    if (wrong !== undefined) return wrong
    // X's datasets are in UTC.
    const zone = mapping?.zone ?? (headingOf('time') === 'tweet_time' ? 'UTC' : undefined)
    const time = instantOrWrong(cell('time'), headingOf('time'), notes, zone)
    if ('wrong' in time) return time
    if (time.at === undefined && given('time') !== undefined) unusedTimes += 1
    const whole = cell('text')
    if (whole.length > longestText) notes.add(cutText)
    const text = apart(whole.slice(0, longestText))
    const once = (value: string | undefined) => (value === undefined ? undefined : shared(value))
    const urls = urlsIn(listed(cell('urls'), /"expanded_url": ?"([^"]+)"/g))
    const hashtags = hashtagsIn(listed(cell('hashtags'), /"tag": ?"([^"]+)"/g))
    if (urls.length === 0 && !isBlank(cell('urls')))
      notes.add(fault('posts.noAddress', { column: quoted(headingOf('urls')) }))
    const source = given('source_account') ?? /^RT @(\w+)/.exec(text)?.[1]
    count += 1
    characters += text.length
    return {
      id: apart(id ?? ''),
      account: account ?? pseudonymFor(name),
      at: time.at,
      text,
      platform: once(given('platform')),
      language: once(given('language')),
      repostOf: once(repostOf),
      replyTo: once(replyTo),
      urls: urls.length === 0 ? none : urls.map(shared),
      hashtags: hashtags.length === 0 ? none : hashtags.map(shared),
      object: once(object),
      ...(source !== undefined && { source: accounts.get(source) ?? pseudonymFor(source) }),
    }
  }
  const refuseTooMany = (file: string) => {
    if (count <= maxPosts && characters <= maxTextChars) return
    throw new FileError(
      count > maxPosts
        ? fault('posts.tooMany', { file, max: maxPosts })
        : fault('posts.tooLong', { file, max: maxTextChars }),
    )
  }
  return async function* read(
    chunks: AsyncIterable<Uint8Array>,
    options: Omit<PostsOptions, 'pseudonym'>,
  ): AsyncGenerator<ReadBatch> {
    const { start: raw, all: bytes } = await peek(await unzipped(chunks, options.file))
    refuseNoText(raw, options.file)
    const { start, all } = await peek(await fromUtf16(bytes))
    const first = Buffer.from(start)
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trimStart()
      .charAt(0)
    if (first === '[') {
      throw new FileError(fault('posts.jsonArray', { file: options.file }))
    }
    for await (const batch of first === '{' ? linesOf(all, options, take) : rowsOf(all, options, take)) {
      refuseTooMany(options.file)
      yield { ...batch, unusedTimes }
      unusedTimes = 0
    }
  }
}

const archives = [
  ['ZIP', [0x50, 0x4b, 0x03, 0x04]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf]],
  ['RAR', [0x52, 0x61, 0x72, 0x21]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58]],
  ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd]],
] as const

/** @throws FileError where the bytes are no table */
const refuseNoText = (start: Uint8Array, file: string): void => {
  if (start.length === 0) throw new FileError(fault('file.isEmpty', { file }))
  const [kind] = archives.find(([, sign]) => sign.every((byte, at) => start[at] === byte)) ?? []
  if (kind === 'ZIP') {
    throw new FileError(fault('posts.zip', { file }))
  }
  if (kind !== undefined) throw new FileError(fault('posts.packed', { file, kind }))
  if (isNoText(start)) throw new FileError(fault('posts.noText', { file }))
}

const none: readonly string[] = []

type Take = (
  cell: (column: Column) => string,
  headingOf: (column: Column) => string,
  options: Pick<PostsOptions, 'notes' | 'mapping'>,
) => Post | Wrong

/** Copies a string: a slice would keep the whole line in memory. */
const apart = (text: string): string => (text.length < 13 ? text : Buffer.from(text).toString())

/** Takes one field of each object of a list, as twarc writes them. */
const listed = (cell: string, field: RegExp): string =>
  /^\[\s*\{/.test(cell)
    ? [...cell.matchAll(field)]
        .map(([, value = '']) =>
          value.replace(/\\u([\da-f]{4})/gi, (_, hex) => String.fromCharCode(Number(`0x${hex}`))),
        )
        .join(' ')
    : cell

const urlsIn = (cell: string): readonly string[] =>
  cell.includes('://')
    ? cell
        .split(/[\s,;|'"[\]]+(?=https?:\/\/)/i)
        .map((url) => url.replace(/^[\s,;|'"[\]]+|[\s,;|'"[\]]+$/g, ''))
        .filter((url) => /^https?:\/\//i.test(url))
    : none

const hashtagsIn = (cell: string): readonly string[] =>
  cell === '' ? none : [...cell.matchAll(/[\p{L}\p{N}\p{M}_]+/gu)].map(([hashtag]) => hashtag.toLowerCase())

const unzipped = async (chunks: AsyncIterable<Uint8Array>, file: string): Promise<AsyncIterable<Uint8Array>> => {
  const { start, all } = await peek(chunks)
  if (start[0] !== 0x1f || start[1] !== 0x8b) return all
  const source = Readable.from(all, { objectMode: false })
  const gunzip = createGunzip()
  source.on('error', (error) => gunzip.destroy(error))
  source.pipe(gunzip)
  return (async function* () {
    try {
      yield* gunzip as AsyncIterable<Uint8Array>
    } catch (cause) {
      throw new FileError(fault('posts.zippedCut', { file, reason: faultOfThrown(cause) }), { cause })
    }
  })()
}

async function* rowsOf(
  chunks: AsyncIterable<Uint8Array>,
  { file, mapping, notes }: Omit<PostsOptions, 'pseudonym'>,
  take: Take,
): AsyncGenerator<PostBatch> {
  const { headings, batches } = await batchedSheetOf(chunks, { file })
  const at = placesIn(headings, mapping, file)
  refuseOthers(headings, at, file)
  const used = new Set(Object.values(at).flat())
  const platform = platformOf(headings)
  for (const heading of headings.filter((heading, place) => heading.trim() !== '' && !used.has(place)))
    notes.add(fault('csv.columnUnused', { column: quoted(heading.slice(0, 60)) }))
  for await (const batch of batches) {
    const posts: Post[] = []
    const rejects: Reject[] = []
    for (const row of batch) {
      if ('reject' in row) {
        rejects.push(notAlone(row.reject))
        continue
      }
      const post = take(
        (column) => joined(row.cells, at[column]) || (column === 'platform' ? platform : ''),
        (column) => at[column].map((one) => headings[one]).join(' + ') || column,
        { notes, mapping },
      )
      if ('wrong' in post) rejects.push(rejectOfRow(row, file, post))
      else posts.push(post)
    }
    yield { posts, rejects }
  }
}

/** Joins cells, from the last that is complete by itself: one with a date or an address. */
const joined = (cells: readonly string[], at: readonly number[]): string => {
  if (at.length < 2) return cells[at[0] ?? -1] ?? ''
  const parts = at.map((one) => cells[one]?.trim() ?? '')
  const from = parts.findLastIndex((part) => /\d{4}-\d|\/|\d{9}/.test(part))
  return parts.slice(Math.max(0, from)).join(' ')
}

/** The mapping overrides the headings. */
const placesIn = (
  headings: readonly string[],
  mapping: PostMapping | undefined,
  file: string,
): Record<Column, readonly number[]> => {
  const plain = headings.map(folded)
  const mapped = Object.entries(mapping?.columns ?? {}).map(([heading, column]) => {
    const at = plain.indexOf(folded(heading))
    if (at < 0) throw new FileError(fault('posts.mappedColumnMissing', { file, column: quoted(heading) }))
    return { column, at }
  })
  return Object.fromEntries(
    postColumnNames.map((column): [Column, readonly number[]] => {
      const mappedColumn = mapped.find((one) => one.column === column)
      if (mappedColumn) return [column, [mappedColumn.at]]
      const free = plain.map((heading, at) => (mapped.some((one) => one.at === at) ? undefined : heading))
      const places = columns[column]
        .split(' ')
        .map((spelling) => spelling.split('+').map((one) => free.indexOf(folded(one))))
      return [column, places.find((all) => all.every((place) => place >= 0)) ?? []]
    }),
  ) as Record<Column, readonly number[]>
}

const refuseOthers = (headings: readonly string[], at: Record<Column, readonly number[]>, file: string): void => {
  const plain = headings.map(folded)
  if (plain.includes('content id y') || (plain.includes('source') && plain.includes('target'))) {
    throw new FileError(fault('posts.pairs', { file }))
  }
  if (at.account.length === 0) {
    throw new FileError(fault('posts.accountColumn', { file, columns: postColumnNames.join(', ') }))
  }
  const shared = ['text', 'object', 'repost_of', 'reply_to', 'urls', 'hashtags'] as const
  if (shared.every((column) => at[column].length === 0)) {
    throw new FileError(fault('posts.contentColumn', { file, columns: postColumnNames.join(', ') }))
  }
}

async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  { file, mapping, notes }: Omit<PostsOptions, 'pseudonym'>,
  take: Take,
): AsyncGenerator<PostBatch> {
  const columnOf = columnReader(mapping)
  let line = 0
  for await (const stretch of stretchesOf(chunks)) {
    const posts: Post[] = []
    const rejects: Reject[] = []
    const lines = typeof stretch === 'string' ? stretch.split('\n') : [stretch]
    for (const one of lines) {
      line += 1
      if (typeof one !== 'string') {
        rejects.push(rejectOf(one.text, { file, line, path: '', fault: one.damage }))
        continue
      }
      const text = one.replace(/^\ufeff/, '').trim()
      if (text === '') continue
      const cells = cellsIn(text, columnOf)
      const post =
        'wrong' in cells
          ? cells
          : take(
              (column) => cells.values[column] ?? '',
              (column) => cells.names[column] ?? column,
              { notes, mapping },
            )
      if ('wrong' in post) rejects.push(rejectOf(text, { file, line, path: post.wrong, fault: post.fault }))
      else posts.push(post)
    }
    yield { posts, rejects }
  }
}

type Known = { readonly column: Column; readonly rank: number }

const columnReader = (mapping: PostMapping | undefined): ((field: string) => Known | undefined) => {
  const spellings = new Map<string, Known>()
  for (const column of postColumnNames) {
    for (const [rank, spelling] of columns[column].split(' ').entries()) {
      const name = folded(spelling)
      if (!spellings.has(name)) spellings.set(name, { column, rank })
    }
  }
  for (const [heading, column] of Object.entries(mapping?.columns ?? {})) {
    spellings.set(folded(heading), { column, rank: -1 })
  }
  const known = new Map<string, Known | undefined>()
  return (field) => {
    if (!known.has(field)) {
      if (known.size > 10_000) known.clear() // a hostile file may invent fields
      known.set(field, spellings.get(folded(field)))
    }
    return known.get(field)
  }
}

type Cells = { readonly values: Partial<Record<Column, string>>; readonly names: Partial<Record<Column, string>> }

const cellsIn = (text: string, columnOf: (field: string) => Known | undefined): Cells | Wrong => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { wrong: '', fault: fault('posts.notObject') }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { wrong: '', fault: fault('posts.notObject') }
  }
  const values: Partial<Record<Column, string>> = {}
  const names: Partial<Record<Column, string>> = {}
  const ranks: Partial<Record<Column, number>> = {}
  for (const [field, held] of Object.entries(value)) {
    const known = columnOf(field)
    if (!known || held === null || known.rank >= (ranks[known.column] ?? Number.POSITIVE_INFINITY)) continue
    if (typeof held === 'number' && Number.isInteger(held) && !Number.isSafeInteger(held)) {
      return {
        wrong: field,
        fault: fault('number.beyondExact'),
      }
    }
    const cell = Array.isArray(held) ? held.filter((one) => typeof one === 'string').join(' ') : held
    if (typeof cell === 'object' || typeof cell === 'boolean') continue
    values[known.column] = String(cell)
    names[known.column] = field
    ranks[known.column] = known.rank
  }
  if (values.account === undefined) return { wrong: 'account', fault: fault('posts.accountMissing') }
  return { values, names }
}
