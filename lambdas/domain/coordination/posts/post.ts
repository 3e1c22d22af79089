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
  /** Account that made what the post shares. */
  readonly source?: string | undefined
  readonly urls?: readonly string[] | undefined
  /** In addition to the text's: without `#`, in lower case. */
  readonly hashtags?: readonly string[] | undefined
  /** CooRTweet's `object_id`. */
  readonly object?: string | undefined
}

/** Text numbers share 53 bits with a hash. */
export const maxPosts = 2_000_000

/** Sorts by time, account and id; posts without a time come last. */
export const inOrder = (posts: readonly Post[]): readonly Post[] => posts.toSorted(compare)

export const eachOnce = (sorted: readonly Post[]): readonly Post[] =>
  sorted.filter((post, at) => at === 0 || compare(sorted[at - 1] as Post, post) !== 0)

const rowOf = (post: Post): readonly (string | number)[] => {
  const { text, platform = '', language = '', repostOf = '', replyTo = '', object = '', source = '' } = post
  const row = [post.at ?? '', post.account, post.id, text, platform, language, repostOf, replyTo, object, source]
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
