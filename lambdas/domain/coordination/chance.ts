/** Tests co-sharing against reshuffled accounts (null A) and delays (null B). */
import { maximum } from '../core/lists.ts'
import type { Edge } from './graph/edges.ts'
import { type Group, groupsOf, scoreOf, strongestConnected } from './graph/groups.ts'
import { heldWithoutOthers } from './graph/leave-out.ts'
import { type Random, shuffle } from './graph/random.ts'
import { placesTo, timeSorter } from './graph/sort-times.ts'
import { byOwnRule, type OwnCoSharing, type OwnRule } from './sharing/co-sharing.ts'
import type { Shares } from './sharing/shares.ts'

/** A: accounts over all posts. B: delays after an object's first share. */
export const nulls = ['A', 'B'] as const

export type Null = (typeof nulls)[number]

/** Sorted by time within each object. */
type Dealt = { readonly times: Float64Array; readonly accounts: Int32Array }

/** Each account keeps its number of posts, each object its times. */
export const dealAccounts = (shares: Shares, random: Random): Dealt => {
  const { accounts, posts, times } = shares
  if (!shares.several) {
    const dealt = accounts.slice()
    shuffle(dealt, random)
    return { times, accounts: dealt }
  }
  // All shares of a post go to the same account.
  const placeOf = new Int32Array(posts.reduce((last, post) => Math.max(last, post), 0) + 1).fill(-1)
  const dealt = new Int32Array(placeOf.length)
  let count = 0
  for (let share = 0; share < posts.length; share += 1) {
    const post = posts[share] as number
    if (placeOf[post] !== -1) continue
    placeOf[post] = count
    dealt[count] = accounts[share] as number
    count += 1
  }
  shuffle(dealt.subarray(0, count), random)
  return { times, accounts: posts.map((post) => dealt[placeOf[post] as number] as number) }
}

/** Each object keeps its accounts and first share; delays move among objects of similar size. */
export const dealDelays = ({ accounts, times, starts }: Shares, random: Random): Dealt => {
  const dealt = times.slice()
  const firsts = new Float64Array(times.length)
  for (let object = 0; object + 1 < starts.length; object += 1) {
    const [start, end] = [starts[object] as number, starts[object + 1] as number]
    firsts.fill(times[start] as number, start, end)
  }
  for (const members of laterShares(starts)) {
    const delays = new Float64Array(members.length).map((_, at) => {
      const share = members[at] as number
      return (times[share] as number) - (firsts[share] as number)
    })
    shuffle(delays, random)
    for (let at = 0; at < members.length; at += 1) {
      const share = members[at] as number
      dealt[share] = (firsts[share] as number) + (delays[at] as number)
    }
  }
  return sortedWithin(starts, dealt, accounts)
}

/** Powers of two: 1, 2 to 3, 4 to 7 … */
const sizeClass = (shares: number): number => 31 - Math.clz32(shares)

const laterShares = (starts: Int32Array): readonly Int32Array[] => {
  const counts = new Int32Array(32)
  for (let object = 0; object + 1 < starts.length; object += 1) {
    const size = (starts[object + 1] as number) - (starts[object] as number)
    counts[sizeClass(size)] = (counts[sizeClass(size)] as number) + size - 1
  }
  const classes = Array.from(counts, (count) => new Int32Array(count))
  const filled = new Int32Array(32)
  for (let object = 0; object + 1 < starts.length; object += 1) {
    const [start, end] = [starts[object] as number, starts[object + 1] as number]
    const size = sizeClass(end - start)
    const members = classes[size] as Int32Array
    let place = filled[size] as number
    for (let share = start + 1; share < end; share += 1, place += 1) members[place] = share
    filled[size] = place
  }
  return classes
}

const sortedWithin = (starts: Int32Array, times: Float64Array, accounts: Int32Array): Dealt => {
  const order = placesTo(times.length)
  const sort = timeSorter(times.length)
  for (let object = 0; object + 1 < starts.length; object += 1) {
    sort(order, times, starts[object] as number, starts[object + 1] as number)
  }
  return {
    times: times.map((_, at) => times[order[at] as number] as number),
    accounts: order.map((share) => accounts[share] as number),
  }
}

export type Claims = {
  /** Strongest first. */
  readonly groups: readonly Group[]
  /** At most one in twenty is false; strongest first. */
  readonly pairs: readonly Edge[]
  /** Due to chance, or to the weight of other groups. */
  readonly groupsByChance: number
  readonly reshuffles: readonly Reshuffle[]
}

export type Reshuffle = {
  readonly null: Null
  /** 0 without groups. */
  readonly largestScore: number
  /** Score of its strongest connected accounts, possibly several groups. */
  readonly largestConnected: number
  /** Pairs of weight 2 and more; `weights` has their number by weight. */
  readonly repeated: number
  readonly weights: ReadonlyMap<number, number>
}

/** One run in twenty. */
const level = 0.05

export function* reshuffled(shares: Shares, rule: OwnRule, count: number, random: Random): Generator<Reshuffle> {
  for (let round = 0; round < count; round += 1) {
    for (const null_ of nulls) {
      const dealt = null_ === 'A' ? dealAccounts(shares, random) : dealDelays(shares, random)
      const { repeated } = byOwnRule(shares, rule, dealt.times, dealt.accounts)
      const weights = new Map<number, number>()
      for (const { weight } of repeated) weights.set(weight, (weights.get(weight) ?? 0) + 1)
      const largestScore = groupsOf(repeated, random)[0]?.score ?? 0
      yield {
        ...{ null: null_, largestScore, repeated: repeated.length, weights },
        largestConnected: scoreOf(strongestConnected(repeated)),
      }
    }
  }
}

/**
 * Returns what is beyond chance under each null, also without the other groups. Yields after each group tested again.
 */
export function* claimsOf(
  { repeated }: Pick<OwnCoSharing, 'repeated'>,
  groups: readonly Group[],
  reshuffles: readonly Reshuffle[],
  random: Random,
): Generator<{ readonly done: number; readonly of: number }, Claims> {
  const isBeyondChance = ({ score }: Group): boolean => chanceOf(score, reshuffles) <= level
  const held = yield* heldWithoutOthers({ repeated, groups, isBeyondChance }, random)
  const claimed = held.flatMap(({ parts }) => parts).sort((a, b) => b.score - a.score)
  const inGroups = new Set(claimed.flatMap(({ edges }) => edges))
  // True pairs of groups must not make room for false ones elsewhere.
  const rest = repeated.filter((edge) => !inGroups.has(edge))
  const least = leastWeight(rest, reshuffles)
  return {
    groups: claimed,
    pairs: rest
      .filter(({ weight }) => weight >= least)
      .sort((one, other) => other.weight - one.weight || one.a - other.a || one.b - other.b),
    groupsByChance: groups.length - held.filter(({ parts }) => parts.length > 0).length,
    reshuffles,
  }
}

/** The strongest connected part of a set found by another source. */
export type JudgedSet = {
  /** Accounts that share something in the posts. */
  readonly found: number
  readonly part: number
  readonly pairs: number
  readonly score: number
  /** Reshuffles with a part as strong. */
  readonly timesByChance: number
  readonly isBeyondChance: boolean
}

/** Compares with connected accounts, not groups: the set was chosen from the same posts and may be several groups. */
export const judge = (
  accounts: ReadonlySet<number>,
  { repeated }: Pick<OwnCoSharing, 'repeated'>,
  reshuffles: readonly Reshuffle[],
): JudgedSet => {
  const edges = strongestConnected(repeated.filter(({ a, b }) => accounts.has(a) && accounts.has(b)))
  const score = scoreOf(edges)
  return {
    found: accounts.size,
    part: new Set(edges.flatMap(({ a, b }) => [a, b])).size,
    pairs: edges.length,
    score,
    timesByChance: reshuffles.filter(({ largestConnected }) => largestConnected >= score).length,
    isBeyondChance: score > 0 && chanceOf(score, reshuffles, 'largestConnected') <= level,
  }
}

/** Returns how likely posts without coordination reach a score; the larger value of both nulls. */
const chanceOf = (
  score: number,
  reshuffles: readonly Reshuffle[],
  largest: 'largestScore' | 'largestConnected' = 'largestScore',
): number =>
  maximum(
    nulls.map((one) => {
      const ofNull = reshuffles.filter((reshuffle) => reshuffle.null === one)
      return (1 + ofNull.filter((one) => one[largest] >= score).length) / (ofNull.length + 1)
    }),
  )

/** Returns the lowest weight with at most one pair in twenty by chance. */
const leastWeight = (repeated: readonly Edge[], reshuffles: readonly Reshuffle[]): number => {
  const weights = [...new Set(repeated.map(({ weight }) => weight))].sort((a, b) => a - b)
  const lowest = weights.find((least) => {
    const found = repeated.filter(({ weight }) => weight >= least).length
    return nulls.every((one) => {
      const ofNull = reshuffles.filter((reshuffle) => reshuffle.null === one)
      const byChance = ofNull.reduce((sum, { weights: counts }) => sum + countFrom(counts, least), 0)
      return (1 + byChance) / (ofNull.length + 1) <= level * found
    })
  })
  return lowest ?? Number.POSITIVE_INFINITY
}

const countFrom = (counts: ReadonlyMap<number, number>, least: number): number =>
  [...counts].reduce((sum, [weight, count]) => (weight >= least ? sum + count : sum), 0)
