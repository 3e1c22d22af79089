import { maximum, minimum } from '../core/lists.ts'
import type { SharedObject } from './candidate.ts'
import { type Claims, claimsOf, type JudgedSet, judge, type Null, nulls, type Reshuffle, reshuffled } from './chance.ts'
import { type Group, groupsOf } from './graph/groups.ts'
import { randomFrom } from './graph/random.ts'
import { eachOnce, inOrder, maxPosts, type Post, seedOf } from './posts/post.ts'
import { byCoortweetsRule, byOwnRule, type CoSharing, type OwnCoSharing } from './sharing/co-sharing.ts'
import { eachThingOnce } from './sharing/one-thing.ts'
import { type Shares, sharesOf } from './sharing/shares.ts'
import { type CopyPaste, copiesIn, leastAccounts as leastCopyingAccounts, leastPosts } from './texts/copy-paste.ts'

export const methods = ['copy-paste', 'co-sharing'] as const

export type Method = (typeof methods)[number]

/** All are part of the seed. */
export type Parameters = {
  readonly methods: readonly Method[]
  /** CooRTweet's rule only counts, for comparison. */
  readonly rule: 'own' | 'coortweet'
  readonly windowSeconds: number
  readonly minParticipation: number
  readonly crowdCap: number
  /** Number under each null. */
  readonly reshuffles: number
  /** Accounts by affiliation. */
  readonly affiliations: Readonly<Record<string, readonly string[]>>
}

export const usual = { windowSeconds: 60, crowdCap: 50, reshuffles: 20 } as const

export class DetectError extends Error {
  override name = 'DetectError'
}

export type FoundGroup = {
  /** Sorted. */
  readonly accounts: readonly string[]
  /** Pairs with two shared objects or more. */
  readonly pairs: number
  /** `objects` counts all shared by its accounts, `shared` lists those shared by most. */
  readonly objects: number
  readonly shared: readonly SharedObject[]
  readonly score: number
  /** Reshuffles with a group as strong. */
  readonly timesByChance: number
  /** Indices of the posts shared together, sorted. */
  readonly posts: readonly number[]
}

type FoundPair = { readonly accounts: readonly [string, string]; readonly weight: number }

type ByChance = { readonly repeatedEdges: readonly [least: number, most: number]; readonly largestScore: number }

type CoSharingFindings = {
  readonly counted: CoSharing & Partial<OwnCoSharing>
  readonly shares: number
  /** Posts without a time. */
  readonly untimed: number
  /** Undefined where the posts are too few, and under CooRTweet's rule. */
  readonly claims?: {
    readonly groups: readonly FoundGroup[]
    readonly pairs: readonly FoundPair[]
    readonly groupsByChance: number
    readonly reshuffles: number
    readonly byNull: Readonly<Record<Null, ByChance>>
    /** In the order of the given sets. */
    readonly judged: readonly JudgedSet[]
  }
}

export type Findings = {
  /** Sorted, without duplicates. */
  readonly posts: readonly Post[]
  readonly accounts: number
  /** Exact duplicates. */
  readonly doubles: number
  readonly seed: string
  readonly coSharing?: CoSharingFindings
  readonly copyPaste?: CopyPaste & {
    readonly isEnough: boolean
  }
}

export type Progress = { readonly what: 'copies' | 'chance' | 'apart'; readonly done: number; readonly of: number }

/** With fewer, reshuffles hardly differ from the posts. */
const leastShares = 100
const leastSharingAccounts = 10

/**
 * Yields progress, then returns the findings, whatever the order of posts.
 * @param sets of accounts found elsewhere, to be tested
 * @throws DetectError where the posts are too many, or their times too coarse for the window
 */
export function* findIn(
  given: readonly Post[],
  parameters: Parameters,
  sets: readonly (readonly string[])[] = [],
): Generator<Progress, Findings> {
  if (given.length > maxPosts) {
    throw new DetectError(
      `${given.length.toLocaleString('en')} posts, a run takes ${maxPosts.toLocaleString('en')}: part them by day, or by query`,
    )
  }
  const sorted = inOrder(given)
  const posts = parameters.rule === 'coortweet' ? sorted : eachOnce(sorted)
  refuseCoarseTimes(posts, parameters)
  const seed = seedOf(posts, parameters)
  const looksFor = (method: Method) => parameters.methods.includes(method)
  const copies = looksFor('copy-paste') ? yield* named(copiesIn(posts), 'copies') : undefined
  const accounts = new Set(posts.map(({ account }) => account)).size
  const coSharing = looksFor('co-sharing') ? yield* coSharingIn(posts, copies, parameters, { seed, sets }) : undefined
  return {
    posts,
    accounts,
    doubles: sorted.length - posts.length,
    seed,
    ...(coSharing && { coSharing }),
    ...(copies && {
      copyPaste: { ...copies, isEnough: copies.compared >= leastPosts && accounts >= leastCopyingAccounts },
    }),
  }
}

function* named<Done>(
  steps: Generator<{ readonly done: number; readonly of: number }, Done>,
  what: Progress['what'],
): Generator<Progress, Done> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value
    yield { what, ...step.value }
  }
}

/** One in sixty exact times is at second 0; below this share of others, most times are by the minute. */
const leastWithSeconds = 0.1

/** Times by the minute would put all posts of a minute at one instant. */
const refuseCoarseTimes = (posts: readonly Post[], { windowSeconds, methods: asked }: Parameters): void => {
  if (windowSeconds >= 120 || !asked.includes('co-sharing')) return
  const timed = posts.filter(({ at }) => at !== undefined)
  const exact = timed.filter(({ at = 0 }) => at % 60_000 !== 0)
  if (timed.length >= 20 && exact.length < leastWithSeconds * timed.length) {
    const some =
      exact.length === 0 ? '' : `, all but ${exact.length.toLocaleString('en')} of ${timed.length.toLocaleString('en')}`
    throw new DetectError(
      `the times of these posts know minutes only${some}, and a window of ${windowSeconds} s would hold all of a minute: export them with seconds, or give --window 120s or more`,
    )
  }
}

function* coSharingIn(
  posts: readonly Post[],
  copies: CopyPaste | undefined,
  parameters: Parameters,
  { seed, sets }: { readonly seed: string; readonly sets: readonly (readonly string[])[] },
): Generator<Progress, CoSharingFindings> {
  const windowMs = parameters.windowSeconds * 1_000
  const isActive = activeIn(posts, parameters)
  const all = sharesOf(posts, { copyOf: copyReader(copies), isTaken: ({ account }) => isActive(account) })
  const shares = parameters.rule === 'coortweet' ? all : eachThingOnce(all)
  const shareCounts = { shares: shares.times.length, untimed: shares.untimed }
  if (parameters.rule === 'coortweet') {
    return { counted: byCoortweetsRule(posts, shares, { windowMs, ...parameters }), ...shareCounts }
  }
  const rule = { windowMs, crowdCap: parameters.crowdCap, affiliations: affiliationsOf(shares, parameters) }
  const counted = byOwnRule(shares, rule)
  if (shares.times.length < leastShares || shares.accountNames.length < leastSharingAccounts)
    return { counted, ...shareCounts }
  const random = randomFrom(seed)
  const groups = groupsOf(counted.repeated, random)
  const reshuffles: Reshuffle[] = []
  const of = parameters.reshuffles * nulls.length
  for (const reshuffle of reshuffled(shares, rule, parameters.reshuffles, random)) {
    reshuffles.push(reshuffle)
    yield { what: 'chance', done: reshuffles.length, of }
  }
  const claims = yield* named(claimsOf(counted, groups, reshuffles, random), 'apart')
  return {
    counted,
    ...shareCounts,
    claims: {
      ...describeClaims(claims, shares, counted, windowMs),
      judged: judgedIn(sets, shares, counted, reshuffles),
    },
  }
}

const activeIn = (posts: readonly Post[], { rule, minParticipation }: Parameters): ((account: string) => boolean) => {
  if (rule === 'coortweet' || minParticipation <= 1) return () => true
  const counts = new Map<string, number>()
  for (const { account } of posts) counts.set(account, (counts.get(account) ?? 0) + 1)
  return (account) => (counts.get(account) ?? 0) >= minParticipation
}

const copyReader = (copies: CopyPaste | undefined): ((post: number) => string | undefined) => {
  const fingerprints = new Map<number, string>()
  for (const { posts, fingerprint } of copies?.clusters ?? []) for (const at of posts) fingerprints.set(at, fingerprint)
  return (post) => fingerprints.get(post)
}

const affiliationsOf = ({ accountNames }: Shares, { affiliations }: Parameters): Int32Array | undefined => {
  const lists = Object.values(affiliations)
  if (lists.length === 0) return undefined
  const numbers = new Map(lists.flatMap((accounts, number) => accounts.map((account) => [account, number] as const)))
  return Int32Array.from(accountNames, (name) => numbers.get(name) ?? -1)
}

const judgedIn = (
  sets: readonly (readonly string[])[],
  { accountNames }: Shares,
  counted: OwnCoSharing,
  reshuffles: readonly Reshuffle[],
): readonly JudgedSet[] => {
  const numbers = new Map(accountNames.map((name, number) => [name, number]))
  return sets.map((accounts) =>
    judge(new Set(accounts.flatMap((account) => numbers.get(account) ?? [])), counted, reshuffles),
  )
}

const describeClaims = (
  { groups, pairs, groupsByChance, reshuffles }: Claims,
  shares: Shares,
  counted: OwnCoSharing,
  windowMs: number,
): Omit<NonNullable<CoSharingFindings['claims']>, 'judged'> => {
  const { accountNames } = shares
  const nameOf = (account: number): string => accountNames[account] as string
  return {
    groups: groups.map((group) => ({
      accounts: group.accounts.map(nameOf).sort(),
      pairs: group.edges.length,
      score: group.score,
      timesByChance: reshuffles.filter(({ largestScore }) => largestScore >= group.score).length,
      ...sharedIn(group, shares, counted, windowMs),
    })),
    pairs: pairs.map(({ a, b, weight }) => ({ accounts: [nameOf(a), nameOf(b)].sort() as [string, string], weight })),
    groupsByChance,
    reshuffles: reshuffles.length,
    byNull: Object.fromEntries(
      nulls.map((one) => {
        const ofNull = reshuffles.filter((reshuffle) => reshuffle.null === one)
        const repeated = ofNull.map((reshuffle) => reshuffle.repeated)
        const largestScore = maximum(ofNull.map((reshuffle) => reshuffle.largestScore))
        return [one, { repeatedEdges: [minimum(repeated), maximum(repeated)], largestScore }]
      }),
    ) as unknown as Record<Null, ByChance>,
  }
}

const maxShared = 20

const sharedIn = (
  { accounts }: Group,
  shares: Shares,
  { isCrowded }: OwnCoSharing,
  windowMs: number,
): Pick<FoundGroup, 'objects' | 'shared' | 'posts'> => {
  const members = new Set(accounts)
  const posts = new Set<number>()
  const found: SharedObject[] = []
  for (let object = 0; object + 1 < shares.starts.length; object += 1) {
    const own: number[] = []
    for (let share = shares.starts[object] as number; share < (shares.starts[object + 1] as number); share += 1) {
      if (members.has(shares.accounts[share] as number) && !isCrowded[share]) own.push(share)
    }
    const together = new Set<number>()
    let ofAnother: number | undefined
    for (const [at, share] of own.entries()) {
      const before = own[at - 1]
      if (before !== undefined && shares.accounts[before] !== shares.accounts[share]) ofAnother = before
      if (ofAnother === undefined) continue
      if ((shares.times[share] as number) - (shares.times[ofAnother] as number) > windowMs) continue
      for (const one of [ofAnother, share]) together.add(shares.accounts[one] as number)
      posts.add(shares.posts[ofAnother] as number)
      posts.add(shares.posts[share] as number)
    }
    if (together.size > 0) found.push({ name: shares.objectNames[object] as string, accounts: together.size })
  }
  found.sort((one, other) => other.accounts - one.accounts || (one.name < other.name ? -1 : 1))
  return { objects: found.length, shared: found.slice(0, maxShared), posts: [...posts].sort((a, b) => a - b) }
}
