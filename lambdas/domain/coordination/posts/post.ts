/** Posts as they come from a collector, and the one order in which they are looked at, whatever order they came in. */
import { listSha256, sha256 } from '../../core/text/canonical.ts'
import { placesTo, timeSorter } from '../graph/sort-times.ts'

export type Post = {
  readonly id: string
  /** A name or a pseudonym, the same in every file. */
  readonly account: string
  /** Milliseconds since 1970 UTC; undefined where the file does not say it. */
  readonly at: number | undefined
  /** Empty where there is none. */
  readonly text: string
  readonly platform?: string | undefined
  readonly language?: string | undefined
  /** The id of the post that this one repeats, or answers. */
  readonly repostOf?: string | undefined
  readonly replyTo?: string | undefined
  readonly urls?: readonly string[] | undefined
  /** Beside those in the text: without their sign, in lower case. */
  readonly hashtags?: readonly string[] | undefined
  /** What was shared, where the collector names it itself (CooRTweet's object_id). */
  readonly object?: string | undefined
}

/** Posts beyond this number are refused: text numbers share 53 bits with a hash. */
export const maxPosts = 2_000_000

/**
 * Sorted by time, account and id, those without a time last; posts that are the same in everything come side by side.
 */
export const inOrder = (posts: readonly Post[]): readonly Post[] => {
  const timed = posts.filter(({ at }) => at !== undefined)
  const times = new Float64Array(timed.length).map((_, place) => timed[place]?.at as number)
  const order = placesTo(timed.length)
  timeSorter(order.length)(order, times, 0, order.length)
  const timeOf = (at: number): number => times[order[at] as number] as number
  const sorted = Array.from(order, (place) => timed[place] as Post)
  for (let from = 0; from < sorted.length;) {
    let to = from + 1
    while (to < sorted.length && timeOf(to) === timeOf(from)) to += 1
    if (to - from > 1) for (const [at, post] of sorted.slice(from, to).sort(compare).entries()) sorted[from + at] = post
    from = to
  }
  if (timed.length === posts.length) return sorted
  return [...sorted, ...posts.filter(({ at }) => at === undefined).sort(compare)]
}

/** Of sorted posts each once: a post in two files is one. */
export const eachOnce = (sorted: readonly Post[]): readonly Post[] =>
  sorted.filter((post, at) => at === 0 || compare(sorted[at - 1] as Post, post) !== 0)

/** Hexadecimal SHA-256 of sorted posts and of what they are looked at with: the seed of all chance in a run. */
export const seedOf = (sorted: readonly Post[], parameters: unknown): string =>
  sha256(`${listSha256(sorted, rowOf)}\n${JSON.stringify(parameters)}`)

const rowOf = (post: Post): readonly (string | number)[] => {
  const { text, platform = '', language = '', repostOf = '', replyTo = '', object = '' } = post
  const row = [post.at ?? '', post.account, post.id, text, platform, language, repostOf, replyTo, object]
  for (const url of post.urls ?? []) row.push(url)
  for (const hashtag of post.hashtags ?? []) row.push(`#${hashtag}`)
  return row
}

const compare = (a: Post, b: Post): number => {
  if (a.at !== b.at) return (a.at ?? Number.POSITIVE_INFINITY) < (b.at ?? Number.POSITIVE_INFINITY) ? -1 : 1
  if (a.account !== b.account) return a.account < b.account ? -1 : 1
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  const [rowA, rowB] = [JSON.stringify(rowOf(a)), JSON.stringify(rowOf(b))]
  return rowA === rowB ? 0 : rowA < rowB ? -1 : 1
}
