/** Pairs of accounts that share objects within a time window. */

import { type Edge, edgeCounts } from '../graph/edges.ts'
import type { Post } from '../posts/post.ts'
import type { Shares } from './shares.ts'

export type CoSharing = {
  /** Pairs of shares. */
  readonly pairs: number
  /** Pairs of accounts. */
  readonly edges: number
  /** Of weight 2 and more, sorted by account. */
  readonly repeated: readonly Edge[]
}

type WindowRule = {
  /** Milliseconds, inclusive. */
  readonly windowMs: number
}

/**
 * Follows CooRTweet's `detect_groups`: drops accounts with fewer than `minParticipation` posts, then pairs of which
 * neither account has that many posts in pairs. Weighs an edge by the remaining pairs.
 */
export const byCoortweetsRule = (
  posts: readonly Post[],
  shares: Shares,
  { windowMs, minParticipation }: WindowRule & { readonly minParticipation: number },
): CoSharing => {
  const isDropped = droppedAccounts(posts, shares, minParticipation)
  const { accounts, accountNames, posts: postOf } = shares
  const idOf = (share: number): string => (posts[postOf[share] as number] as Post).id
  const visit = (visited: (one: number, other: number, object: number) => void) =>
    forEachPair(shares, shares.times, accounts, windowMs, (one, other, object) => {
      if (!isDropped[accounts[one] as number] && !isDropped[accounts[other] as number]) visited(one, other, object)
    })
  const paired = new Set<string>()
  visit((one, other) => {
    paired.add(idOf(one))
    paired.add(idOf(other))
  })
  // As in CooRTweet, all rows of an id count.
  const participation = new Int32Array(accountNames.length)
  for (const [share, account] of accounts.entries()) {
    if (paired.has(idOf(share))) participation[account] = (participation[account] as number) + 1
  }
  const counts = edgeCounts(accountNames.length, false)
  let pairs = 0
  visit((one, other, object) => {
    const [a, b] = [accounts[one] as number, accounts[other] as number]
    if (Math.max(participation[a] as number, participation[b] as number) < minParticipation) return
    pairs += 1
    counts.add(a, b, object)
  })
  return { pairs, edges: counts.size, repeated: counts.atLeast(2) }
}

const droppedAccounts = (posts: readonly Post[], { accountNames }: Shares, least: number): readonly boolean[] => {
  const counts = new Map<string, number>()
  for (const { account } of posts) counts.set(account, (counts.get(account) ?? 0) + 1)
  return accountNames.map((name) => (counts.get(name) ?? 0) < least)
}

export type OwnRule = WindowRule & {
  /**
   * A share drops out where more than this many other accounts, or 20 times as many shares, have its object within the
   * window.
   */
  readonly crowdCap: number
  /** By account number; -1 for none. Pairs within one are left out. */
  readonly affiliations?: Int32Array | undefined
}

export type OwnCoSharing = CoSharing & {
  readonly crowded: number
  /** 1 for each crowded share. */
  readonly isCrowded: Uint8Array
  /** Pairs left out by affiliation. */
  readonly declared: number
}

/**
 * Weighs an edge by distinct objects, at most by either account's posts in them, so that one post with an address and
 * three hashtags counts once.
 * @param times original or reshuffled; sorted within each object
 */
export const byOwnRule = (
  shares: Shares,
  { windowMs, crowdCap, affiliations }: OwnRule,
  times: Float64Array = shares.times,
  accounts: Int32Array = shares.accounts,
): OwnCoSharing => {
  const isCrowded = crowdedShares(shares, times, accounts, windowMs, crowdCap)
  let declared = 0
  const visit = (visited: (one: number, other: number, object: number) => void) =>
    forEachPair(
      shares,
      times,
      accounts,
      windowMs,
      (one, other, object) => {
        const affiliation = affiliations?.[accounts[one] as number] ?? -1
        if (affiliation >= 0 && affiliation === affiliations?.[accounts[other] as number]) declared += 1
        else visited(one, other, object)
      },
      isCrowded,
    )
  const counts = edgeCounts(shares.accountNames.length, true)
  let pairs = 0
  visit((one, other, object) => {
    pairs += 1
    counts.add(accounts[one] as number, accounts[other] as number, object)
  })
  const leftOut = declared
  const repeated = counts.atLeast(2)
  return {
    pairs,
    edges: counts.size,
    repeated: shares.several ? withinPosts(repeated, shares, accounts, visit) : repeated,
    crowded: isCrowded.reduce((sum, one) => sum + one, 0),
    isCrowded,
    declared: leftOut,
  }
}

type Visit = (visited: (one: number, other: number, object: number) => void) => void

const withinPosts = (edges: readonly Edge[], shares: Shares, accounts: Int32Array, visit: Visit): readonly Edge[] => {
  if (edges.length === 0) return edges
  const total = shares.accountNames.length
  const posts = new Map(edges.map(({ a, b }) => [a * total + b, [new Set<number>(), new Set<number>()] as const]))
  visit((one, other) => {
    const [first, second] = (accounts[one] as number) < (accounts[other] as number) ? [one, other] : [other, one]
    const held = posts.get((accounts[first] as number) * total + (accounts[second] as number))
    held?.[0].add(shares.posts[first] as number)
    held?.[1].add(shares.posts[second] as number)
  })
  return edges.flatMap(({ a, b, weight }) => {
    const [ofA, ofB] = posts.get(a * total + b) ?? []
    const bounded = Math.min(weight, ofA?.size ?? 0, ofB?.size ?? 0)
    return bounded >= 2 ? [{ a, b, weight: bounded }] : []
  })
}

/** Visits each pair within the window once, the earlier share first. */
const forEachPair = (
  { starts }: Shares,
  times: Float64Array,
  accounts: Int32Array,
  windowMs: number,
  visit: (one: number, other: number, object: number) => void,
  isLeftOut?: Uint8Array,
): void => {
  for (let object = 0; object + 1 < starts.length; object += 1) {
    const end = starts[object + 1] as number
    for (let one = starts[object] as number; one < end; one += 1) {
      if (isLeftOut?.[one]) continue
      const last = (times[one] as number) + windowMs
      for (let other = one + 1; other < end && (times[other] as number) <= last; other += 1) {
        if (accounts[one] !== accounts[other] && !isLeftOut?.[other]) visit(one, other, object)
      }
    }
  }
}

/** A few accounts that share one object thousands of times a minute would take hours to pair. */
const maxSharesPerAccount = 20

const crowdedShares = (
  { starts, accountNames }: Shares,
  times: Float64Array,
  accounts: Int32Array,
  windowMs: number,
  cap: number,
): Uint8Array => {
  const isCrowded = new Uint8Array(times.length)
  const held = new Int32Array(accountNames.length)
  for (let object = 0; object + 1 < starts.length; object += 1) {
    const [start, end] = [starts[object] as number, starts[object + 1] as number]
    if (end - start <= cap + 1) continue
    let [first, last, distinct] = [start, start, 0]
    const leave = () => {
      const account = accounts[first] as number
      held[account] = (held[account] as number) - 1
      if (held[account] === 0) distinct -= 1
      first += 1
    }
    for (let share = start; share < end; share += 1) {
      const at = times[share] as number
      for (; last < end && (times[last] as number) <= at + windowMs; last += 1) {
        const account = accounts[last] as number
        if (held[account] === 0) distinct += 1
        held[account] = (held[account] as number) + 1
      }
      while ((times[first] as number) < at - windowMs) leave()
      if (distinct - 1 > cap || last - first > cap * maxSharesPerAccount) isCrowded[share] = 1
    }
    while (first < last) leave()
  }
  return isCrowded
}
