/** Posts as they come from a collector, and the one order in which they are looked at, whatever order they came in. */
import { listSha256, sha256 } from '../core/canonical.ts'

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

/** Sorted by time, account and id, those without a time last; posts that are the same in everything come side by side. */
export const inOrder = (posts: readonly Post[]): readonly Post[] => {
  const timed = posts.filter(({ at }) => at !== undefined)
  const first = timed.reduce((least, { at = 0 }) => Math.min(least, at), Number.POSITIVE_INFINITY)
  // A time and a place in one number sort ten times as fast as posts do; times over more than 49 days leave no room for it.
  const keys = Float64Array.from(timed, ({ at = 0 }, place) => (at - first) * maxPlaces + place)
  if (!timed.every(({ at }) => Number.isInteger(at)) || !keys.every(Number.isSafeInteger))
    return posts.toSorted(compare)
  keys.sort()
  const delayOf = (place: number): number => Math.floor((keys[place] as number) / maxPlaces)
  const sorted = Array.from(keys, (key, place) => timed[key - delayOf(place) * maxPlaces] as Post)
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1
    while (to < sorted.length && delayOf(to) === delayOf(from)) to += 1
    if (to - from > 1) for (const [at, post] of sorted.slice(from, to).sort(compare).entries()) sorted[from + at] = post
    from = to
  }
  if (timed.length === posts.length) return sorted
  return [...sorted, ...posts.filter(({ at }) => at === undefined).sort(compare)]
}

const maxPlaces = 2 ** 21

/** Of sorted posts each once: a post in two files is one. */
export const eachOnce = (sorted: readonly Post[]): readonly Post[] =>
  sorted.filter((post, at) => at === 0 || compare(sorted[at - 1] as Post, post) !== 0)

/** Hexadecimal SHA-256 of sorted posts and of what they are looked at with: the seed of all chance in a run. */
export const seedOf = (sorted: readonly Post[], parameters: unknown): string =>
  sha256(`${listSha256(sorted, rowOf)}\n${JSON.stringify(parameters)}`)

const rowOf = (post: Post): readonly (string | number)[] => [post.at ?? '', post.account, post.id, ...restOf(post)]

const restOf = ({ text, platform, language, repostOf, replyTo, urls, hashtags, object }: Post): readonly string[] => [
  text,
  platform ?? '',
  language ?? '',
  repostOf ?? '',
  replyTo ?? '',
  object ?? '',
  ...(urls ?? []),
  ...(hashtags ?? []).map((hashtag) => `#${hashtag}`),
]

const compare = (a: Post, b: Post): number => {
  const [atA, atB] = [a.at ?? Number.POSITIVE_INFINITY, b.at ?? Number.POSITIVE_INFINITY]
  if (atA !== atB) return atA < atB ? -1 : 1
  if (a.account !== b.account) return a.account < b.account ? -1 : 1
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  const [restA, restB] = [JSON.stringify(restOf(a)), JSON.stringify(restOf(b))]
  return restA === restB ? 0 : restA < restB ? -1 : 1
}
