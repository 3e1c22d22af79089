import { fault, quoted } from '../../domain/core/fault.ts'
import { capitalised } from '../../domain/core/language/language.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import type { Figure } from '../../domain/detection/detection.ts'
import { inBoth, joined, type Sayings, sayingsFor } from '../record/both-languages.ts'
import { FileError } from '../record/file-error.ts'
import type { IntakeOptions, IntakeRecord } from '../record/record.ts'
import { columnIn, hasColumns, idsIn, type Notes, notesFor, readTable, type Wrong } from '../table/pair-table.ts'
import { type NamedPosts, type PostTable, readPosts, type TablePost } from '../table/post-table.ts'
import { rawPostsIn } from '../table/raw-posts.ts'
import { oneLine } from '../text/one-line.ts'
import { type ClusterPost, clusterId, clusterRecord, figuresOf, isoOf } from './cluster-record.ts'
import { type Cluster, clustersOf, type Pair } from './clusters.ts'

const detector = {
  name: 'D3lta',
  knownError: {
    fr: '40\u202f% des textes traduits lui échappent\u00a0; ne distingue pas la négation.',
    en: 'Misses 40% of translated texts; does not see negation.',
  },
}

const duplications = ['copy', 'rewording', 'translation'] as const

type Duplication = (typeof duplications)[number]

/** D3lta's terms, without hyphens: it spells the first in two ways. */
const duplicationOf = new Map<string, Duplication>([
  ['copypasta', 'copy'],
  ['rewording', 'rewording'],
  ['translation', 'translation'],
])

type Match = Pair & { readonly duplication: Duplication }

type Seen = { language: string; text: string; grapheme: string }

type Member = ClusterPost & {
  readonly name: string
  /** Identifies the post across runs, together with its time. */
  readonly known: string
  readonly hasRow: boolean
  readonly language: string
  readonly text: string
  readonly grapheme: string
}

export const looksLikeD3lta = (headings: readonly string[]): boolean =>
  hasColumns(headings, 'source', 'target', 'dup_type')

/**
 * Yields rejected rows of both tables, then a record for each cluster. A cluster without any time is a reject, unless
 * one is stated.
 * @throws FileError where a table is invalid, the posts are missing, or the matches are too large
 */
export async function* readD3lta(
  chunks: AsyncIterable<Uint8Array>,
  options: IntakeOptions & { readonly posts?: PostTable | undefined },
): AsyncGenerator<IntakeRecord> {
  const notes = notesFor(options)
  const seen = new Map<string, Seen>()
  const { ones, rejects } = await readTable(chunks, options, (headings) => matchIn(headings, options.file, seen))
  if (!options.posts) {
    throw new FileError(fault('pairs.postsNeeded', { file: options.file }))
  }
  for (const reject of rejects) yield { reject }
  const named = yield* readPosts(options.posts, new Set(seen.keys()), options, notes)
  notes.add(fault('pairs.postsMissing', { file: options.posts.file }), seen.size - named.posts.size)
  const reading = { ...named, seen, options, sayings: sayingsFor(), languageOf: languageReader(notes) }
  for (const cluster of clustersOf(ones)) yield recordOf(cluster, reading)
  notes.report()
}

const matchIn = (
  headings: readonly string[],
  file: string,
  seen: Map<string, Seen>,
): ((cells: readonly string[]) => Match | Wrong) => {
  const at = (column: string) => columnIn(headings, [column])
  const [fromAt, toAt, duplicationAt] = [at('source'), at('target'), at('dup_type')]
  if (fromAt < 0 || toAt < 0 || duplicationAt < 0) {
    throw new FileError(rawPostsIn(headings, file) ?? fault('pairs.d3ltaColumns', { file }))
  }
  const [fromColumns, toColumns] = ['source', 'target'].map((side) => ({
    languageAt: at(`language_${side}`),
    textAt: at(`text_to_embed_${side}`),
    graphemeAt: at(`text_grapheme_${side}`),
  }))
  const idsOf = idsIn(headings, [fromAt, toAt])
  return (cells) => {
    const cell = (column: number): string => cells[column]?.trim() ?? ''
    const ids = idsOf(cells)
    if ('wrong' in ids) return ids
    const [from = '', to = ''] = ids
    if (from === to) return { wrong: headings[toAt] ?? '', fault: fault('pairs.duplicateOfItself') }
    const duplication = duplicationOf.get(
      cell(duplicationAt)
        .toLowerCase()
        .replace(/[\s_-]/g, ''),
    )
    if (duplication === undefined) {
      return {
        wrong: headings[duplicationAt] ?? '',
        fault: fault('pairs.duplication', { text: quoted(cell(duplicationAt)) }),
      }
    }
    for (const [name, columns] of [
      [from, fromColumns],
      [to, toColumns],
    ] as const) {
      if (seen.has(name) || !columns) continue
      const { languageAt, textAt, graphemeAt } = columns
      seen.set(name, { language: cell(languageAt), text: cell(textAt), grapheme: cell(graphemeAt) })
    }
    return { from, to, duplication }
  }
}

type Reading = NamedPosts & {
  readonly seen: ReadonlyMap<string, Seen>
  readonly options: IntakeOptions
  readonly sayings: Sayings
  readonly languageOf: (member: Member) => string | undefined
}

const recordOf = ({ members: names, pairs }: Cluster<Match>, reading: Reading): IntakeRecord => {
  const { posts, byId, seen, options, sayings, languageOf } = reading
  const members = names.map((name) => memberOf(name, posts.get(name), seen.get(name), byId)).sort(byTime)
  const [first] = members
  const text = commonest(members.map((member) => member.text))
  const grapheme = commonest(members.map((member) => member.grapheme))
  const figures = figuresOf(members, options)
  const rows = members.filter(({ hasRow }) => hasRow).length
  const facts = {
    posts: members.length,
    accounts: figures.counts.accounts,
    duplications: duplications
      .map((kind) => ({ kind, count: pairs.filter(({ duplication }) => duplication === kind).length }))
      .filter(({ count }) => count > 0),
    missing: members.length - rows,
    untimed: members.filter(({ hasRow, at }) => hasRow && at === undefined).length,
    sample: options.pseudonym ? withoutMentions(text) : text,
  }
  const input = {
    // The first post stays the same when the cluster grows.
    id: clusterId('d3lta', first?.at === undefined ? '' : isoOf(first.at), first?.known ?? ''),
    detector,
    kind: 'copy-paste' as const,
    ...describeCluster(facts, sayings),
    languages: [...new Set(members.flatMap((member) => languageOf(member) ?? []))].sort(),
    ...(grapheme !== '' && { fingerprints: [{ algorithm: 'D3lta text_grapheme, SHA-256', value: sha256(grapheme) }] }),
    ...figures,
  }
  const timeless =
    rows === 0 ? fault('cluster.postsNotInTable') : fault('cluster.postsWithoutTime', { count: members.length })
  return clusterRecord(input, options, timeless)
}

const memberOf = (name: string, row: TablePost | undefined, seen: Seen | undefined, byId: boolean): Member => {
  const { account, at, platform } = row ?? {}
  const text = row?.text ?? seen?.text ?? ''
  // Row numbers move when rows are added, so the text identifies such a post.
  const known = JSON.stringify(byId ? [name, account, ...(at === undefined ? [text] : [])] : [text, account])
  return {
    name,
    known,
    hasRow: row !== undefined,
    account,
    at,
    platform,
    language: row?.language ?? seen?.language ?? '',
    text,
    grapheme: seen?.grapheme ?? '',
  }
}

/** Sorts by time, with ties in a stable order. */
const byTime = (a: Member, b: Member): number => {
  const [atA, atB] = [a.at ?? Number.POSITIVE_INFINITY, b.at ?? Number.POSITIVE_INFINITY]
  if (atA !== atB) return atA < atB ? -1 : 1
  return a.known < b.known || (a.known === b.known && a.name < b.name) ? -1 : 1
}

const commonest = (texts: readonly string[]): string => {
  const counts = new Map<string, number>()
  for (const text of texts) if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1)
  let most: readonly [text: string, count: number] = ['', 0]
  for (const one of counts) if (one[1] > most[1]) most = one
  return most[0]
}

/** Mentions are account names too. */
const withoutMentions = (text: string): string => text.replace(/@[\p{L}\p{N}_][\p{L}\p{N}_.-]*/gu, '@…')

const languageNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })

/**
 * Reads language tags. D3lta keeps the last two letters of three-letter codes, which then name nothing or another
 * language.
 */
const languageReader = (notes: Notes): Reading['languageOf'] => {
  const known = new Map<string, string | undefined>()
  return ({ language }) => {
    if (language === '') return undefined
    if (!known.has(language)) known.set(language, tagOf(language))
    const tag = known.get(language)
    if (tag === undefined) notes.add(fault('posts.unknownLanguage'))
    return tag
  }
}

const tagOf = (written: string): string | undefined => {
  const tag = written.replaceAll('_', '-').toLowerCase()
  try {
    return /^[a-z]{2,3}(-[a-z\d]{2,8})*$/.test(tag) && languageNames.of(tag) !== undefined ? tag : undefined
  } catch {
    return undefined // not well-formed as a tag
  }
}

type ClusterFacts = {
  readonly posts: number
  readonly accounts: Figure | undefined
  readonly duplications: readonly { readonly kind: Duplication; readonly count: number }[]
  readonly missing: number
  readonly untimed: number
  /** Empty where no text is known. */
  readonly sample: string
}

const titleLength = 90
const sampleLength = 600

const describeCluster = (facts: ClusterFacts, { say, phrase, list }: Sayings) => {
  const { accounts, missing, untimed, sample } = facts
  const posts = phrase('posts', { value: facts.posts, qualifier: 'exact' })
  const kinds = list(facts.duplications.map(({ kind }) => say('copies.kind', { kind })))
  const pairs = list(facts.duplications.map((some) => say('copies.pairs', some)))
  const summary = [
    accounts
      ? say('copies.summary', { posts, pairs, accounts: phrase('accounts', accounts) })
      : say('copies.summaryBare', { posts, pairs }),
    ...(missing > 0 ? [say('copies.missing', { count: missing })] : []),
    ...(untimed > 0 ? [say('copies.untimed', { count: untimed })] : []),
  ]
  if (sample === '') {
    const title = say('copies.titleBare', { kinds, posts })
    return { title: { fr: capitalised(title.fr), en: capitalised(title.en) }, summary: joined(summary) }
  }
  const [short, long] = [oneLine(sample, titleLength), oneLine(sample, sampleLength)]
  return {
    title: inBoth(({ say, quoted, language }) =>
      capitalised(say('copies.title', { kinds: kinds[language], sample: quoted(short) })),
    ),
    summary: joined([...summary, inBoth(({ say, quoted }) => say('copies.sample', { sample: quoted(long) }))]),
  }
}
