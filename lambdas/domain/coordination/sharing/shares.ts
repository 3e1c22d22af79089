/**
 * What posts share: repost and reply targets, addresses, hashtags, copied texts, each as an object that accounts share
 * at a time.
 */
import type { Post } from '../posts/post.ts'

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
  const accountNumbers = numbering()
  const objects = objectNumbering()
  // A column each, in the order of the posts.
  const ofObject: number[] = []
  const ofAccount: number[] = []
  const ofPost: number[] = []
  const ofTime: number[] = []
  /** The last post that shared an object: each post shares it once. */
  const lastPosts: number[] = []
  let [at, time, account] = [-1, 0, -1]
  const add = (kind: Kind, name: string) => {
    const object = objects.numberOf(kind, name)
    if (lastPosts[object] === at) return
    lastPosts[object] = at
    if (account < 0) account = accountNumbers.numberOf((posts[at] as Post).account)
    ofObject.push(object)
    ofAccount.push(account)
    ofPost.push(at)
    ofTime.push(time)
  }
  let untimed = 0
  let several = false
  for (const post of posts) {
    at += 1
    if (!isTaken(post)) continue
    if (post.at === undefined) {
      if (sharesSomething(post, copyOf(at))) untimed += 1
      continue
    }
    time = post.at
    account = -1
    const before = ofPost.length
    forEachObject(post, copyOf(at), add)
    if (ofPost.length > before + 1) several = true
  }
  const { order, starts } = byObject(ofObject, objects.names.length)
  const { numbers, names } = byAppearance(order, ofAccount, accountNumbers.names)
  return {
    accounts: numbers,
    times: new Float64Array(order.length).map((_, at) => ofTime[order[at] as number] as number),
    posts: order.map((share) => ofPost[share] as number),
    starts,
    accountNames: names,
    objectNames: objects.names,
    several,
    untimed,
  }
}

/** Numbers from 0 for names, in the order in which they come first. */
const numbering = () => {
  const numbers = new Map<string, number>()
  const names: string[] = []
  const numberOf = (name: string): number => {
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, names.length)
    return names.push(name) - 1
  }
  return { names, numberOf }
}

const kinds = ['object', 'repost', 'reply', 'copy', 'url', 'hashtag'] as const

type Kind = (typeof kinds)[number]

/**
 * As {@link numbering}, for names of several kinds: those that posts hold are looked up as they are, since a text of
 * its own for each share takes long.
 */
const objectNumbering = () => {
  const numbers = Object.fromEntries(kinds.map((kind) => [kind, new Map<string, number>()])) as Record<
    Kind,
    Map<string, number>
  >
  const names: string[] = []
  const numberOf = (kind: Kind, name: string): number => {
    const known = numbers[kind].get(name)
    if (known !== undefined) return known
    numbers[kind].set(name, names.length)
    return names.push(`${kind} ${name}`) - 1
  }
  return { names, numberOf }
}

/**
 * Shares in the order of their objects, and where those of each begin and the last end; those of one object stay in
 * their order.
 */
const byObject = (ofObject: readonly number[], objects: number) => {
  const starts = new Int32Array(objects + 1)
  for (const object of ofObject) starts[object + 1] = (starts[object + 1] as number) + 1
  for (let object = 0; object < objects; object += 1) {
    starts[object + 1] = (starts[object + 1] as number) + (starts[object] as number)
  }
  const next = starts.slice()
  const order = new Int32Array(ofObject.length)
  for (let share = 0; share < ofObject.length; share += 1) {
    const object = ofObject[share] as number
    const place = next[object] as number
    order[place] = share
    next[object] = place + 1
  }
  return { order, starts }
}

/** The accounts of shares in an order, numbered anew as they come first in it. */
const byAppearance = (order: Int32Array, ofAccount: readonly number[], accountNames: readonly string[]) => {
  const renumbered = new Int32Array(accountNames.length).fill(-1)
  const names: string[] = []
  const numbers = order.map((share) => {
    const account = ofAccount[share] as number
    if (renumbered[account] === -1) renumbered[account] = names.push(accountNames[account] as string) - 1
    return renumbered[account] as number
  })
  return { numbers, names }
}

/**
 * Some may come twice. A repost shares what it repeats and nothing else: its hashtags and addresses are those of the
 * other post.
 */
const forEachObject = (post: Post, copy: string | undefined, visit: (kind: Kind, name: string) => void): void => {
  const { object, repostOf, replyTo, urls = [], hashtags = [], text } = post
  if (object !== undefined) {
    if (object !== post.id) visit('object', object)
    return
  }
  if (repostOf !== undefined) {
    if (repostOf !== post.id) visit('repost', repostOf)
    return
  }
  if (replyTo !== undefined) visit('reply', replyTo)
  if (copy !== undefined) visit('copy', copy)
  for (const url of urls) visit('url', canonicalUrl(url))
  for (const hashtag of hashtags) visit('hashtag', hashtag)
  // Most texts hold neither, and to look for a sign costs little.
  if (text.includes('://')) {
    for (const [url] of text.matchAll(/https?:\/\/[^\s"'<>]+/gi)) visit('url', canonicalUrl(url))
  }
  if (text.includes('#')) {
    for (const [, hashtag = ''] of text.matchAll(/(?<![\p{L}\p{N}_&/#])#([\p{L}\p{N}\p{M}_]+)/gu))
      visit('hashtag', hashtag.toLowerCase())
  }
}

const sharesSomething = (post: Post, copy: string | undefined): boolean => {
  let isSomething = false
  forEachObject(post, copy, () => {
    isSomething = true
  })
  return isSomething
}

/** What platforms and mailings add to an address so as to know where a reader came from. */
const tracking =
  /^(utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|_hsenc|_hsmi|ref_src|ref_url|si|feature)$/

/**
 * One spelling of an address: without tracking parameters, fragment, `www.` and scheme; its parameters in their order.
 * As written where it is none.
 */
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
