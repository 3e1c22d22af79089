/** Clusters of copied texts: equal when normalised, or similar by Levenshtein distance. */
import { distance } from 'fastest-levenshtein'
import { maximum } from '../../core/lists.ts'
import { sha256 } from '../../core/text/canonical.ts'
import { unionFind } from '../graph/union-find.ts'
import type { Post } from '../posts/post.ts'
import { bands, candidatePairs, mayBeAlike, signaturesOf } from './min-hash.ts'
import { normalised } from './normalise.ts'

/** D3lta's default: 30.7 % of the characters may differ, even a negation. */
export const leastRatio = 0.693

/** Shorter texts are copies only where equal. */
const shortestCompared = 30
/** Excludes greetings and single words. */
const shortestText = 10

export const leastAccounts = 3
export const leastPosts = 5

export type CopyCluster = {
  /** Sorted indices of posts. */
  readonly posts: readonly number[]
  readonly accounts: number
  /** The commonest text; the earliest of several. */
  readonly exemplar: string
  /** SHA-256 of the normalised exemplar. */
  readonly fingerprint: string
  /** Posts similar to another member only. */
  readonly byChain: number
}

export type CopyPaste = {
  readonly pairs: number
  /** Sorted by first post. */
  readonly clusters: readonly CopyCluster[]
  /** Clusters of accounts that post one text at fixed times, such as weather or news services. */
  readonly automatic: readonly CopyCluster[]
  readonly compared: number
  readonly reposts: number
  readonly tooShort: number
}

/** 1 for equal texts. */
export const ratioOf = (one: string, other: string): number => {
  const longer = Math.max(one.length, other.length)
  return longer === 0 ? 1 : 1 - distanceOf(one, other) / longer
}

/** Skips the common prefix and suffix, which are most of a copy. */
const distanceOf = (one: string, other: string): number => {
  const shorter = Math.min(one.length, other.length)
  let start = 0
  while (start < shorter && one.charCodeAt(start) === other.charCodeAt(start)) start += 1
  let end = 0
  while (end < shorter - start && one.charCodeAt(one.length - 1 - end) === other.charCodeAt(other.length - 1 - end)) {
    end += 1
  }
  return distance(one.slice(start, one.length - end), other.slice(start, other.length - end))
}

export function* copiesIn(
  posts: readonly Post[],
): Generator<{ readonly done: number; readonly of: number }, CopyPaste> {
  const numbers = new Map<string, number>()
  const textOf = new Int32Array(posts.length).fill(-1)
  let [compared, reposts, tooShort] = [0, 0, 0]
  for (const [at, post] of posts.entries()) {
    if (post.text === '') continue
    if (isRepost(post)) {
      reposts += 1
      continue
    }
    const text = normalised(post.text)
    if (text.length < shortestText) {
      tooShort += 1
      continue
    }
    compared += 1
    const number = numbers.get(text) ?? numbers.size
    if (number === numbers.size) numbers.set(text, number)
    textOf[at] = number
  }
  const texts = [...numbers.keys()]
  numbers.clear()
  const united = unionFind(texts.length)
  const pairs = yield* uniteAlike(texts, united)
  const rootOf = (at: number): number => ((textOf[at] as number) < 0 ? -1 : united.rootOf(textOf[at] as number))
  const sizes = new Int32Array(texts.length)
  for (const at of posts.keys()) if (rootOf(at) >= 0) sizes[rootOf(at)] = (sizes[rootOf(at)] as number) + 1
  const copied = posts.keys().filter((at) => rootOf(at) >= 0 && (sizes[rootOf(at)] as number) >= leastPosts)
  const clustered = Map.groupBy(copied, rootOf)
  const found: CopyCluster[] = []
  for (const members of clustered.values()) {
    const accounts = new Set(members.map((at) => (posts[at] as Post).account)).size
    if (accounts >= leastAccounts)
      found.push({ posts: members, accounts, ...exemplarOf(members, posts, textOf, texts) })
  }
  const { true: automatic = [], false: clusters = [] } = Object.groupBy(found, (one) =>
    isAutomatic(one, posts) ? 'true' : 'false',
  )
  return { pairs, clusters, automatic, compared, reposts, tooShort }
}

const quarterHour = 900_000
const minute = 60_000
const most = 0.8

/** Whether most posts are by accounts that post in the same two minutes of quarter hours, of three or more. */
const isAutomatic = ({ posts: members }: CopyCluster, posts: readonly Post[]): boolean => {
  const ofAccounts = Map.groupBy(
    members.map((at) => posts[at] as Post),
    ({ account }) => account,
  )
  const atFixedTimes = [...ofAccounts.values()].filter((own) => {
    const bySlot = new Map(own.flatMap(({ at }) => (at === undefined ? [] : [[Math.floor(at / quarterHour), at]])))
    const minutes = new Int32Array(15)
    for (const at of bySlot.values()) {
      const number = Math.floor((at % quarterHour) / minute)
      for (const one of [number, (number + 1) % 15]) minutes[one] = (minutes[one] as number) + 1
    }
    return bySlot.size >= 3 && maximum(minutes) >= most * bySlot.size
  })
  return atFixedTimes.reduce((sum, own) => sum + own.length, 0) >= most * members.length
}

const isRepost = ({ repostOf, text }: Post): boolean => repostOf !== undefined || /^RT @\w+/.test(text)

function* uniteAlike(
  texts: readonly string[],
  { rootOf, unite }: ReturnType<typeof unionFind>,
): Generator<{ readonly done: number; readonly of: number }, number> {
  const lengthOf = (number: number): number => (texts[number] as string).length
  // Copies have similar lengths, and neighbours are compared first.
  const long = Int32Array.from(texts.keys().filter((number) => lengthOf(number) >= shortestCompared))
  long.sort((one, other) => lengthOf(one) - lengthOf(other) || one - other)
  // A text's signature takes about as long as its comparisons.
  const of = 2 * bands
  const signing = signaturesOf(Array.from(long, (number) => texts[number] as string))
  let step = signing.next()
  for (; !step.done; step = signing.next()) yield { done: Math.floor((bands * step.value.done) / long.length), of }
  const signatures = step.value
  let pairs = 0
  const lengths = long.map(lengthOf)
  const compare = (one: number, other: number) => {
    const [ofOne, ofOther] = [lengths[one] as number, lengths[other] as number]
    if (Math.min(ofOne, ofOther) < leastRatio * Math.max(ofOne, ofOther)) return
    if (!mayBeAlike(signatures, one, other)) return
    const [a, b] = [long[one] as number, long[other] as number]
    if (rootOf(a) === rootOf(b) || ratioOf(texts[a] as string, texts[b] as string) < leastRatio) return
    unite(a, b)
    pairs += 1
  }
  for (const { band } of candidatePairs(signatures, compare)) yield { done: bands + band + 1, of }
  return pairs
}

const exemplarOf = (
  members: readonly number[],
  posts: readonly Post[],
  textOf: Int32Array,
  texts: readonly string[],
) => {
  const byText = Map.groupBy(members, (at) => textOf[at] as number)
  let [commonest, count] = [-1, 0]
  for (const [text, holders] of byText) if (holders.length > count) [commonest, count] = [text, holders.length]
  const exemplar = texts[commonest] as string
  let byChain = 0
  for (const [text, holders] of byText) {
    if (text !== commonest && ratioOf(texts[text] as string, exemplar) < leastRatio) byChain += holders.length
  }
  const first = byText.get(commonest)?.[0] as number
  return { exemplar: (posts[first] as Post).text, fingerprint: sha256(exemplar), byChain }
}
