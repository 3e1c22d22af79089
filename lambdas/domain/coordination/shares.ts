/** What posts share: repost and reply targets, addresses, hashtags, copied texts, each as an object that accounts share at a time. */
import type { Post } from './post.ts'

/** Shares in columns, sorted by object and, within each, by time. */
export type Shares = {
  /** The account of each share, by its place in `accountNames`. */
  readonly accounts: Int32Array
  /** Milliseconds since 1970 UTC. */
  readonly times: Float64Array
  /** The post of each share, by its place among the posts. */
  readonly posts: Int32Array
  /** Where the shares of each object begin, and at last where they end. */
  readonly starts: Int32Array
  readonly accountNames: readonly string[]
  readonly objectNames: readonly string[]
  /** Some post shares several objects. */
  readonly several: boolean
  /** Posts left out since they have no time. */
  readonly untimed: number
}

/** Which posts share what, beside what they say themselves. */
export type Sharing = {
  /** The copied text that a post holds, by its place among the posts; undefined where it holds none. */
  readonly copyOf?: (post: number) => string | undefined
  readonly isTaken?: (post: Post) => boolean
}

/** The shares of posts that are sorted by time. */
export const sharesOf = (
  posts: readonly Post[],
  { copyOf = () => undefined, isTaken = () => true }: Sharing = {},
): Shares => {
  const accountNumbers = new Map<string, number>()
  const objectNumbers = new Map<string, number>()
  const numberIn = (numbers: Map<string, number>, name: string): number => {
    const number = numbers.get(name) ?? numbers.size
    if (number === numbers.size) numbers.set(name, number)
    return number
  }
  const ofObject: number[] = []
  const ofPost: number[] = []
  const counts: number[] = []
  let untimed = 0
  let several = false
  for (const [at, post] of posts.entries()) {
    const names = isTaken(post) ? objectsOf(post, copyOf(at)) : []
    if (names.length === 0) continue
    if (post.at === undefined) {
      untimed += 1
      continue
    }
    if (names.length > 1) several = true
    for (const name of names) {
      const object = numberIn(objectNumbers, name)
      counts[object] = (counts[object] ?? 0) + 1
      ofObject.push(object)
      ofPost.push(at)
    }
  }
  const starts = new Int32Array(objectNumbers.size + 1)
  for (const [object, count] of counts.entries()) starts[object + 1] = (starts[object] as number) + count
  const next = starts.slice()
  const order = new Int32Array(ofPost.length)
  for (const [share, object] of ofObject.entries()) {
    const place = next[object] as number
    order[place] = ofPost[share] as number
    next[object] = place + 1
  }
  const accounts = order.map((at) => numberIn(accountNumbers, (posts[at] as Post).account))
  return {
    accounts,
    times: Float64Array.from(order, (at) => (posts[at] as Post).at as number),
    posts: order,
    starts,
    accountNames: [...accountNumbers.keys()],
    objectNames: [...objectNumbers.keys()],
    several,
    untimed,
  }
}

/** Each once. A repost shares what it repeats and nothing else: its hashtags and addresses are those of the other post. */
const objectsOf = (post: Post, copy: string | undefined): readonly string[] => {
  const { object, repostOf, replyTo, urls = [], hashtags = [], text } = post
  if (object !== undefined) return object === post.id ? [] : [`object ${object}`]
  if (repostOf !== undefined) return repostOf === post.id ? [] : [`repost ${repostOf}`]
  const names = new Set<string>()
  if (replyTo !== undefined) names.add(`reply ${replyTo}`)
  if (copy !== undefined) names.add(`copy ${copy}`)
  for (const url of urls) names.add(`url ${canonicalUrl(url)}`)
  for (const hashtag of hashtags) names.add(`hashtag ${hashtag}`)
  if (text !== '') {
    for (const [url] of text.matchAll(/https?:\/\/[^\s"'<>]+/gi)) names.add(`url ${canonicalUrl(url)}`)
    for (const [, hashtag = ''] of text.matchAll(/(?<![\p{L}\p{N}_&/#])#([\p{L}\p{N}\p{M}_]+)/gu))
      names.add(`hashtag ${hashtag.toLowerCase()}`)
  }
  return [...names]
}

/** What platforms and mailings add to an address so as to know where a reader came from. */
const tracking =
  /^(utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|_hsenc|_hsmi|ref_src|ref_url|si|feature)$/

/** One spelling of an address: without tracking parameters, fragment, `www.` and scheme; its parameters in their order. As written where it is none. */
export const canonicalUrl = (written: string): string => {
  const parsed = URL.parse(written.trim().replace(/[.,;:!?)\]…»]+$/, ''))
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return written.trim()
  const kept = [...parsed.searchParams].filter(([name]) => !tracking.test(name.toLowerCase()))
  const query = kept
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&')
  const host = parsed.host.replace(/^(?:www|m|mobile)\./, '')
  return `${host}${parsed.pathname.replace(/\/+$/, '')}${query === '' ? '' : `?${query}`}`
}
