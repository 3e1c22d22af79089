/** What the same posts give by chance: accounts dealt again (null A), or delays dealt again (null B), and what stands out against both. */
import { byOwnRule, type OwnCoSharing, type OwnRule } from './co-sharing.ts'
import type { Edge } from './edges.ts'
import { type Group, groupsOf, scoreOf, strongestConnected } from './groups.ts'
import { type Random, shuffle } from './random.ts'
import type { Shares } from './shares.ts'

/** A: accounts over all posts. B: the delays after an object's first share, over objects of like size. */
export const nulls = ['A', 'B'] as const

export type Null = (typeof nulls)[number]

/** Shares as chance might have dealt them; each object's sorted by time. */
type Dealt = { readonly times: Float64Array; readonly accounts: Int32Array }

/** Each account keeps its number of posts and each object its times; who posted what is chance. */
export const dealAccounts = (shares: Shares, random: Random): Dealt => {
  const { accounts, posts, times } = shares
  if (!shares.several) {
    const dealt = accounts.slice()
    shuffle(dealt, random)
    return { times, accounts: dealt }
  }
  // All that one post shares goes to the same account.
  const accountOf = new Map<number, number>()
  for (const [share, post] of posts.entries()) accountOf.set(post, accounts[share] as number)
  const dealt = Int32Array.from(accountOf.values())
  shuffle(dealt, random)
  const byPost = new Map([...accountOf.keys()].map((post, at) => [post, dealt[at] as number]))
  return { times, accounts: posts.map((post) => byPost.get(post) as number) }
}

/** Each object keeps its accounts and its first share; how long after it the others came is dealt among objects of like size. */
export const dealDelays = ({ accounts, times, starts }: Shares, random: Random): Dealt => {
  const classes = new Map<number, number[]>()
  for (let object = 0; object + 1 < starts.length; object += 1) {
    const [start, end] = [starts[object] as number, starts[object + 1] as number]
    const size = Math.floor(Math.log2(end - start))
    const members = classes.get(size) ?? []
    classes.set(size, members)
    for (let share = start + 1; share < end; share += 1) members.push(share)
  }
  const firstOf = new Float64Array(times.length)
  for (let object = 0; object + 1 < starts.length; object += 1) {
    firstOf.fill(times[starts[object] as number] as number, starts[object] as number, starts[object + 1] as number)
  }
  const dealt = times.slice()
  for (const [, members] of [...classes].sort(([a], [b]) => a - b)) {
    const delays = Float64Array.from(members, (share) => (times[share] as number) - (firstOf[share] as number))
    shuffle(delays, random)
    for (const [at, share] of members.entries()) dealt[share] = (firstOf[share] as number) + (delays[at] as number)
  }
  return sortedWithin(starts, dealt, accounts)
}

const sortedWithin = (starts: Int32Array, times: Float64Array, accounts: Int32Array): Dealt => {
  const order = Int32Array.from(times, (_, share) => share)
  for (let object = 0; object + 1 < starts.length; object += 1) {
    const [start, end] = [starts[object] as number, starts[object + 1] as number]
    if (end - start > 1) order.subarray(start, end).sort((a, b) => (times[a] as number) - (times[b] as number) || a - b)
  }
  return {
    times: Float64Array.from(order, (share) => times[share] as number),
    accounts: order.map((share) => accounts[share] as number),
  }
}

/** What stands out, and against what. */
export type Claims = {
  /** The strongest first. */
  readonly groups: readonly Group[]
  /** Pairs of accounts, in none of the groups, at no more than one false in twenty; the strongest first. */
  readonly pairs: readonly Edge[]
  /** Groups that were found and may be chance. */
  readonly groupsByChance: number
  readonly reshuffles: readonly Reshuffle[]
}

/** What one reshuffle came to. */
export type Reshuffle = {
  readonly null: Null
  /** The score of its strongest group; 0 where it has none. */
  readonly largestScore: number
  /** The score of its strongest accounts that hang together, which may be several groups. */
  readonly largestConnected: number
  /** Pairs of accounts of weight 2 and more, and how many there are of each weight. */
  readonly repeated: number
  readonly weights: ReadonlyMap<number, number>
}

/** A group may be due to chance in one run of twenty. */
const level = 0.05

/** One reshuffle under each null in turn. */
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

/** What of a run stands out under each null. */
export const claimsOf = (
  { repeated }: Pick<OwnCoSharing, 'repeated'>,
  groups: readonly Group[],
  reshuffles: readonly Reshuffle[],
): Claims => {
  const claimed = groups.filter(({ score }) => chanceOf(score, reshuffles) <= level)
  const inGroups = new Set(claimed.flatMap(({ edges }) => edges))
  const least = leastWeight(repeated, reshuffles)
  return {
    groups: claimed,
    pairs: repeated
      .filter((edge) => edge.weight >= least && !inGroups.has(edge))
      .sort((one, other) => other.weight - one.weight || one.a - other.a || one.b - other.b),
    groupsByChance: groups.length - claimed.length,
    reshuffles,
  }
}

/** A set of accounts that somebody else found, by the same test: what of it is strongest and hangs together by repeated edges. */
export type JudgedSet = {
  /** Of its accounts, those that share something in the posts. */
  readonly found: number
  /** Accounts and pairs of the strongest part, and its score. */
  readonly part: number
  readonly pairs: number
  readonly score: number
  /** Of all reshuffles, those with accounts that hang together as strongly. */
  readonly timesByChance: number
  readonly isBeyondChance: boolean
}

/** Against the strongest that hangs together in each reshuffle: the set was chosen from the same posts, and may be several groups in one. */
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

/** How likely the strongest group of posts without coordination is to reach a score: the larger figure of the two nulls. */
const chanceOf = (
  score: number,
  reshuffles: readonly Reshuffle[],
  largest: 'largestScore' | 'largestConnected' = 'largestScore',
): number =>
  Math.max(
    ...nulls.map((one) => {
      const ofNull = reshuffles.filter((reshuffle) => reshuffle.null === one)
      return (1 + ofNull.filter((one) => one[largest] >= score).length) / (ofNull.length + 1)
    }),
  )

/** The lowest weight at which, under each null, no more than one pair in twenty is expected to be chance. */
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
