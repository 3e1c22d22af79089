/** Objects that posts share: repost and reply targets, addresses, hashtags, copied texts. */
import type { Post } from '../posts/post.ts'

/** Sorted by object, then by time. */
export type Shares = {
  /** Index in `accountNames`. */
  readonly accounts: Int32Array
  /** Milliseconds since 1970 UTC. */
  readonly times: Float64Array
  readonly posts: Int32Array
  /** First share of each object; the last entry is the end. */
  readonly starts: Int32Array
  readonly accountNames: readonly string[]
  readonly objectNames: readonly string[]
  /** By object: who made it, such as the author of a reposted post or the host of an address; -1 where unknown. */
  readonly sourceOf: Int32Array
  readonly sourceNames: readonly string[]
  readonly untimed: number
}

type Sharing = {
  /** By the post's index. */
  readonly copyOf?: (post: number) => string | undefined
  /** The account that stands for others. */
  readonly accountFor?: (account: string) => string
}

/** Takes posts sorted by time. */
export const sharesOf = (
  posts: readonly Post[],
  { copyOf = () => undefined, accountFor = (account) => account }: Sharing = {},
): Shares => {
  const accountNumbers = numbering()
  const objects = objectNumbering()
  const ofObject: number[] = []
  const ofAccount: number[] = []
  const ofPost: number[] = []
  const ofTime: number[] = []
  /** A post shares an object once. */
  const lastPosts: number[] = []
  let [at, time, account] = [-1, 0, -1]
  const sources: (string | undefined)[] = []
  const add = (kind: Kind, name: string, source?: string) => {
    const object = objects.numberOf(kind, name)
    sources[object] ??= source
    if (lastPosts[object] === at) return
    lastPosts[object] = at
    if (account < 0) account = accountNumbers.numberOf(accountFor((posts[at] as Post).account))
    ofObject.push(object)
    ofAccount.push(account)
    ofPost.push(at)
    ofTime.push(time)
  }
  let untimed = 0
  for (const post of posts) {
    at += 1
    if (post.at === undefined) {
      if (sharesSomething(post, copyOf(at))) untimed += 1
      continue
    }
    time = post.at
    account = -1
    forEachObject(post, copyOf(at), add)
  }
  for (const { id, account: author } of posts) for (const object of objects.ofPost(id)) sources[object] ??= author
  const sourceNumbers = numbering()
  const { order, starts } = byObject(ofObject, objects.names.length)
  const { numbers, names } = byAppearance(order, ofAccount, accountNumbers.names)
  return {
    accounts: numbers,
    times: new Float64Array(order.length).map((_, at) => ofTime[order[at] as number] as number),
    posts: order.map((share) => ofPost[share] as number),
    starts,
    accountNames: names,
    objectNames: objects.names,
    sourceOf: Int32Array.from(objects.names, (_, object) => {
      const source = sources[object]
      return source === undefined ? -1 : sourceNumbers.numberOf(source)
    }),
    sourceNames: sourceNumbers.names,
    untimed,
  }
}

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

/** As {@link numbering}, with a map per kind: building a text for each share is slow. */
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
  /** Where the post itself is shared. */
  const ofPost = (id: string) => [numbers.repost.get(id), numbers.reply.get(id)].filter((one) => one !== undefined)
  return { names, numberOf, ofPost }
}

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

/** A repost shares only its target; its hashtags and addresses belong to the other post. */
const forEachObject = (
  post: Post,
  copy: string | undefined,
  visit: (kind: Kind, name: string, source?: string) => void,
): void => {
  const { object, repostOf, replyTo, source, urls = [], hashtags = [], text } = post
  const visitUrl = (written: string): void => {
    const url = canonicalUrl(written)
    visit('url', url, sourceOfUrl(url))
  }
  if (object !== undefined) {
    if (object !== post.id) visit('object', object, source)
    return
  }
  if (repostOf !== undefined) {
    if (repostOf !== post.id) visit('repost', repostOf, source)
    return
  }
  if (replyTo !== undefined) visit('reply', replyTo, source)
  if (copy !== undefined) visit('copy', copy)
  for (const url of urls) visitUrl(url)
  for (const hashtag of hashtags) visit('hashtag', hashtag)
  // A cheap test: most texts have neither.
  if (text.includes('://')) {
    for (const [url] of text.matchAll(/https?:\/\/[^\s"'<>]+/gi)) visitUrl(url)
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

/** Hosts of many authors: the address begins with the author, or does not name one. */
const author = /^(?:(?:x|twitter|tiktok|facebook|vk)\.com|t\.me(?:\/s)?)\/[^/?]+/
const isOfMany =
  /^(?:(?:youtube|instagram|threads|linkedin|reddit|dailymotion|rumble|odysee|google|tinyurl|fb)\.[a-z]+|youtu\.be|t\.co|bit\.ly|is\.gd|goo\.gl|ok\.ru|bsky\.app|fb\.watch)\//

const sourceOfUrl = (url: string): string | undefined =>
  isOfMany.test(url) ? undefined : (author.exec(url)?.[0] ?? url.split('/', 1)[0])

/** Tracking parameters of platforms and mailings. */
const tracking =
  /^(utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|_hsenc|_hsmi|ref_src|ref_url|si|feature)$/

/**
 * Normalises an address: drops tracking parameters, fragment, `www.` and scheme, and sorts the parameters. Returns
 * other texts unchanged.
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
