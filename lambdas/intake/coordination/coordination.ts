import { type Fault, fault } from '../../domain/core/fault.ts'
import type { Localised } from '../../domain/detection/detection.ts'
import { joined, type Sayings, sayingsFor } from '../record/both-languages.ts'
import type { IntakeOptions, IntakeRecord } from '../record/record.ts'
import type { Notes } from '../table/pair-table.ts'
import { type ClusterPost, clusterId, clusterRecord, figuresOf, isoOf, refsOf } from './cluster-record.ts'
import { clustersOf, type Pair } from './clusters.ts'

export type Share = Pair & {
  readonly fromPost: SharedPost
  readonly toPost: SharedPost
  /** Empty where the detector compares texts. */
  readonly item: string
  /** Seconds between the two posts. */
  readonly apart?: number | undefined
}

type SharedPost = { readonly id: string; readonly at?: number | undefined }

export type AccountLink = Pair & {
  /** A count or a strength. */
  readonly weight?: number | undefined
  /** The detector's term for the shared behaviour; may be empty. */
  readonly type: string
}

export type CoordinationOptions = IntakeOptions & {
  /** Drops weaker pairs, and counts them in a note. Default: no limit. */
  readonly leastWeight?: number | undefined
}

type Detector = { readonly prefix: string; readonly name: string; readonly knownError: Localised }

export const recordsOfShares = (
  all: readonly Share[],
  { prefix, name, knownError }: Detector,
  options: CoordinationOptions,
  notes: Notes,
): readonly IntakeRecord[] => {
  const { leastWeight = 1 } = options
  const between = withoutLoops(all, notes)
  const kept = leastWeight > 1 ? repeated(between, leastWeight) : between
  notes.add(belowLeast(leastWeight), between.length - kept.length)
  const window = greatest(all, ({ apart }) => apart)
  const detector = { name, knownError, ...(window !== undefined && { thresholds: { time_window: `≥ ${window} s` } }) }
  const sayings = sayingsFor()
  return clustersOf(kept).map(({ pairs }) => {
    const posts = postsIn(pairs)
    const first = posts.reduce(earlier)
    const shares = [...sharesByPair(pairs).values()]
    const once = shares.filter((count) => count === 1).length
    notes.add(fault('pairs.singleShare'), once)
    const figures = figuresOf(posts, options)
    const facts = {
      accounts: figures.accountRefs?.length ?? 0,
      posts: posts.length,
      items: itemsIn(pairs),
      pairs: shares.length,
      repeated: shares.length - once,
      apart: greatest(pairs, ({ apart }) => apart),
    }
    const input = {
      id: clusterId(prefix, first.at === undefined ? '' : isoOf(first.at), first.id, first.account),
      detector,
      kind: 'coordinated-sharing' as const,
      ...describeShares(facts, sayings),
      ...figures,
    }
    return clusterRecord(input, options, fault('cluster.noShareTimes'))
  })
}

export const recordsOfLinks = (
  all: readonly AccountLink[],
  { prefix, name, knownError }: Detector,
  options: CoordinationOptions,
  notes: Notes,
): readonly IntakeRecord[] => {
  // A weight may be a share or a similarity, below 1.
  const { leastWeight = 0, observed } = options
  const between = withoutLoops(all, notes)
  const kept = between.filter(({ weight = leastWeight }) => weight >= leastWeight)
  notes.add(belowLeast(leastWeight), between.length - kept.length)
  const lowest = least(kept, ({ weight }) => weight)
  const detector = { name, knownError, ...(lowest !== undefined && { thresholds: { min_edge_weight: `≤ ${lowest}` } }) }
  const sayings = sayingsFor()
  return clustersOf(kept).map(({ members, pairs }) => {
    const types = [...new Set(pairs.map(({ type }) => type))].sort()
    const accountRefs = refsOf(members, options)
    const facts = {
      accounts: accountRefs.length,
      pairs: new Set(pairs.map(pairOf)).size,
      type: (types.length === 1 && types[0]) || 'other',
      weight: greatest(pairs, ({ weight }) => weight),
    }
    const input = {
      // Another network or time makes another detection of the same accounts.
      id: clusterId(prefix, ...types, observed?.from ?? '', observed?.to ?? '', accountRefs[0] ?? ''),
      detector,
      kind: 'coordinated-sharing' as const,
      ...describeLinks(facts, sayings),
      counts: { accounts: accountRefs.length },
      accountRefs,
    }
    return clusterRecord(input, options, fault('cluster.linksHaveNoTimes'))
  })
}

const withoutLoops = <One extends Pair>(all: readonly One[], notes: Notes): readonly One[] => {
  const between = all.filter(({ from, to }) => from !== to)
  notes.add(fault('pairs.selfPair'), all.length - between.length)
  return between
}

const belowLeast = (weight: number): Fault => fault('pairs.belowWeight', { weight })

const pairOf = ({ from, to }: Pair): string => (from < to ? `${from}\n${to}` : `${to}\n${from}`)

const sharesByPair = (shares: readonly Share[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const share of shares) {
    const pair = pairOf(share)
    counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }
  return counts
}

const repeated = (shares: readonly Share[], least: number): readonly Share[] => {
  const counts = sharesByPair(shares)
  return shares.filter((share) => (counts.get(pairOf(share)) ?? 0) >= least)
}

const itemsIn = (shares: readonly Share[]): number => {
  const items = new Set<string>()
  for (const { item } of shares) if (item !== '') items.add(item)
  return items.size
}

type AccountPost = ClusterPost & SharedPost & { readonly account: string }

/** Returns each post of an account once, at its earliest time. */
const postsIn = (shares: readonly Share[]): readonly AccountPost[] => {
  const posts = new Map<string, AccountPost>()
  const take = ({ id, at }: SharedPost, account: string) => {
    // Ids of several platforms may collide.
    const key = (posts.get(id)?.account ?? account) === account ? id : `${id}\n${account}`
    const known = posts.get(key)
    if (!known || (at !== undefined && at < (known.at ?? Number.POSITIVE_INFINITY))) posts.set(key, { id, account, at })
  }
  for (const { from, to, fromPost, toPost } of shares) {
    take(fromPost, from)
    take(toPost, to)
  }
  return [...posts.values()]
}

const earlier = (a: AccountPost, b: AccountPost): AccountPost => {
  const [atA, atB] = [a.at ?? Number.POSITIVE_INFINITY, b.at ?? Number.POSITIVE_INFINITY]
  if (atA !== atB) return atA < atB ? a : b
  if (a.id !== b.id) return a.id < b.id ? a : b
  return a.account < b.account ? a : b
}

const greatest = <One>(all: readonly One[], read: (one: One) => number | undefined): number | undefined =>
  bestOf(all, read, (a, b) => a > b)

const least = <One>(all: readonly One[], read: (one: One) => number | undefined): number | undefined =>
  bestOf(all, read, (a, b) => a < b)

const bestOf = <One>(
  all: readonly One[],
  read: (one: One) => number | undefined,
  better: (a: number, b: number) => boolean,
): number | undefined => {
  let best: number | undefined
  for (const one of all) {
    const value = read(one)
    if (value !== undefined && (best === undefined || better(value, best))) best = value
  }
  return best
}

const exactly = (value: number) => ({ value, qualifier: 'exact' }) as const

type SharesFacts = {
  readonly accounts: number
  readonly posts: number
  readonly items: number
  readonly pairs: number
  readonly repeated: number
  readonly apart: number | undefined
}

const describeShares = ({ items, pairs, repeated, apart, ...counts }: SharesFacts, { say, phrase }: Sayings) => {
  const accounts = phrase('accounts', exactly(counts.accounts))
  const posts = phrase('posts', exactly(counts.posts))
  const ofItems = items > 0
  return {
    title: ofItems
      ? say('coordinated.shared', { accounts, objects: items })
      : say('coordinated.linked', { accounts, type: 'co_similar_tweet' }),
    summary: joined([
      ...(ofItems ? [say('coordinated.sharedSummary', { accounts, posts, objects: items })] : []),
      ...(apart === undefined ? [] : [say('coordinated.apart', { seconds: apart })]),
      say('coordinated.repeated', { pairs, repeated }),
    ]),
  }
}

type LinksFacts = {
  readonly accounts: number
  readonly pairs: number
  readonly type: string
  readonly weight: number | undefined
}

const describeLinks = ({ accounts, pairs, type, weight }: LinksFacts, { say, phrase }: Sayings) => ({
  title: say('coordinated.linked', { accounts: phrase('accounts', exactly(accounts)), type }),
  summary: joined([
    say('coordinated.linkedSummary', { pairs }),
    ...(weight === undefined ? [] : [say('coordinated.weight', { weight })]),
  ]),
})
