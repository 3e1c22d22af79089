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

/** Visits each pair within the window once, the earlier share first. */
const forEachPair = (
  { starts }: Shares,
  times: Float64Array,
  accounts: Int32Array,
  windowMs: number,
  visit: (one: number, other: number, object: number) => void,
): void => {
  for (let object = 0; object + 1 < starts.length; object += 1) {
    const end = starts[object + 1] as number
    for (let one = starts[object] as number; one < end; one += 1) {
      const last = (times[one] as number) + windowMs
      for (let other = one + 1; other < end && (times[other] as number) <= last; other += 1) {
        if (accounts[one] !== accounts[other]) visit(one, other, object)
      }
    }
  }
}
