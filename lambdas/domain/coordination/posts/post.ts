import { listSha256, sha256 } from '../../core/text/canonical.ts'
import { placesTo, timeSorter } from '../graph/sort-times.ts'

export type Post = {
  readonly id: string
  /** The same in every file. */
  readonly account: string
  /** Milliseconds since 1970 UTC. */
  readonly at: number | undefined
  readonly text: string
  readonly platform?: string | undefined
  readonly language?: string | undefined
  /** Id of the original post. */
  readonly repostOf?: string | undefined
  readonly replyTo?: string | undefined
  readonly urls?: readonly string[] | undefined
  /** In addition to the text's: without `#`, in lower case. */
  readonly hashtags?: readonly string[] | undefined
  /** CooRTweet's `object_id`. */
  readonly object?: string | undefined
}

/** Text numbers share 53 bits with a hash. */
export const maxPosts = 2_000_000

/** Sorts by time, account and id; posts without a time come last. */
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

export const eachOnce = (sorted: readonly Post[]): readonly Post[] =>
  sorted.filter((post, at) => at === 0 || compare(sorted[at - 1] as Post, post) !== 0)

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
