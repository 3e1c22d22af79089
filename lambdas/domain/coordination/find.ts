import type { SharedObject } from './candidate.ts'
import { eachOnce, inOrder, maxPosts, type Post } from './posts/post.ts'
import { byCoortweetsRule, type CoSharing } from './sharing/co-sharing.ts'
import { leastOutside } from './sharing/evidence.ts'
import { groupsIn, type Groups, type PushingGroup } from './sharing/groups.ts'
import { netOf } from './sharing/net.ts'
import { type Shares, sharesOf } from './sharing/shares.ts'
import { type CopyPaste, copiesIn, leastAccounts as leastCopyingAccounts, leastPosts } from './texts/copy-paste.ts'

export const methods = ['copy-paste', 'co-sharing'] as const

export type Method = (typeof methods)[number]

export type Parameters = {
  readonly methods: readonly Method[]
  readonly windowSeconds: number
  /** Least posts of an account: only counts by CooRTweet's rule, for comparison. */
  readonly coortweet?: number | undefined
  /** Accounts by affiliation. */
  readonly affiliations: Readonly<Record<string, readonly string[]>>
}

export const usual = { windowSeconds: 60 } as const

/** Least fraction of the shares and pairs that a run must judge to count as watched. */
export const leastJudged = 0.9

export class DetectError extends Error {
  override name = 'DetectError'
}

export type FoundGroup = {
  /** Sorted. */
  readonly accounts: readonly string[]
  /** Natural logarithms: a group is reported above the threshold. */
  readonly evidence: number
  readonly threshold: number
  readonly isSourceKnown: boolean
  /** Pushed together, with how many of the accounts did. */
  readonly shared: readonly SharedObject[]
  /** Indices of the posts shared together, sorted. */
  readonly posts: readonly number[]
}

/** A group explained by few sources: what it pushes of one of them. */
export type Amplifiers = FoundGroup & { readonly source: string; readonly thingsOfSource: number }

/** Two accounts that share three things or more within the window. */
export type Tie = {
  readonly accounts: readonly [string, string]
  readonly things: number
  /** Mean of the delays between the two, in milliseconds. */
  readonly delay: number
}

export type CoSharingFindings = {
  readonly shares: number
  /** Posts without a time. */
  readonly untimed: number
  /** Under CooRTweet's rule. */
  readonly counted?: CoSharing
  /** Undefined where the posts are too few, and under CooRTweet's rule. */
  readonly judged?: {
    readonly groups: readonly FoundGroup[]
    readonly amplifiers: readonly Amplifiers[]
    /** Pairs from which groups were grown, and those left out since the work was too much. */
    readonly pairs: number
    readonly skipped: number
    /** Fraction of the shares and pairs that was judged. */
    readonly fraction: number
    /** Fraction of the shares whose source is known. */
    readonly sourced: number
    ties(among: 'groups' | 'all'): readonly Tie[]
  }
}

export type Findings = {
  /** Sorted, without duplicates. */
  readonly posts: readonly Post[]
  readonly accounts: number
  /** Exact duplicates. */
  readonly doubles: number
  readonly coSharing?: CoSharingFindings
  readonly copyPaste?: CopyPaste & {
    readonly isEnough: boolean
  }
}

export type Progress = { readonly what: 'copies' | 'shares'; readonly done: number; readonly of: number }

/**
 * Yields progress, then returns the findings, whatever the order of posts.
 * @throws DetectError where the posts are too many, or their times too coarse for the window
 */
export function* findIn(given: readonly Post[], parameters: Parameters): Generator<Progress, Findings> {
  if (given.length > maxPosts) {
    throw new DetectError(
      `${given.length.toLocaleString('en')} posts, a run takes ${maxPosts.toLocaleString('en')}: part them by day, or by query`,
    )
  }
  const sorted = inOrder(given)
  const posts = parameters.coortweet !== undefined ? sorted : eachOnce(sorted)
  refuseCoarseTimes(posts, parameters)
  const looksFor = (method: Method) => parameters.methods.includes(method)
  const copies = looksFor('copy-paste') ? yield* named(copiesIn(posts), 'copies') : undefined
  const accounts = new Set(posts.map(({ account }) => account)).size
  const coSharing = looksFor('co-sharing') ? yield* coSharingIn(posts, copies, parameters) : undefined
  return {
    posts,
    accounts,
    doubles: sorted.length - posts.length,
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
): Generator<Progress, CoSharingFindings> {
  const windowMs = parameters.windowSeconds * 1_000
  const accountFor = accountForIn(parameters)
  const shares = sharesOf(posts, { copyOf: copyReader(copies), accountFor })
  const counts = { shares: shares.times.length, untimed: shares.untimed }
  if (parameters.coortweet !== undefined) {
    const counted = byCoortweetsRule(posts, shares, { windowMs, minParticipation: parameters.coortweet })
    return { counted, ...counts }
  }
  if (shares.times.length < leastOutside) return counts
  const found = yield* named(groupsIn(netOf(shares, windowMs)), 'shares')
  if (!found.isEnough && found.groups.length === 0) return counts
  return { ...counts, judged: describeGroups(found, shares, windowMs) }
}

const copyReader = (copies: CopyPaste | undefined): ((post: number) => string | undefined) => {
  const fingerprints = new Map<number, string>()
  for (const { posts, fingerprint } of copies?.clusters ?? []) for (const at of posts) fingerprints.set(at, fingerprint)
  return (post) => fingerprints.get(post)
}

/** Accounts that declare that they act together count as one, the first of them. */
const accountForIn = ({ affiliations }: Parameters): ((account: string) => string) => {
  const firsts = new Map(
    Object.values(affiliations).flatMap((all) => all.map((account) => [account, all[0] ?? account] as const)),
  )
  return (account) => firsts.get(account) ?? account
}

const describeGroups = (
  { groups, amplifiers, seeds, skipped }: Groups,
  shares: Shares,
  windowMs: number,
): NonNullable<CoSharingFindings['judged']> => {
  const { starts, sourceOf, sourceNames, accountNames, times, untimed } = shares
  const nameOf = (account: number): string => accountNames[account] as string
  const describe = (group: PushingGroup) => describeGroup(group, shares, windowMs)
  const sourced = sourceOf.reduce(
    (sum, source, thing) => (source < 0 ? sum : sum + (starts[thing + 1] as number) - (starts[thing] as number)),
    0,
  )
  const grouped = new Map(groups.flatMap(({ members }, number) => members.map((member) => [member, number] as const)))
  return {
    groups: groups.map(describe),
    amplifiers: amplifiers.map((group) => ({
      ...describe(group),
      source: sourceNames[group.source] as string,
      thingsOfSource: group.thingsOfSource,
    })),
    pairs: seeds.length,
    skipped,
    fraction: (times.length / (times.length + untimed)) * (1 - skipped / Math.max(1, seeds.length)),
    sourced: sourced / times.length,
    ties: (among) =>
      seeds
        .filter(({ a, b }) => among === 'all' || (grouped.has(a) && grouped.get(a) === grouped.get(b)))
        .map(({ a, b, things, delay }) => ({
          accounts: [nameOf(a), nameOf(b)].sort() as [string, string],
          things,
          delay,
        })),
  }
}

const describeGroup = (
  { members, pushes, evidence, threshold, isSourceKnown }: PushingGroup,
  { accounts, times, starts, posts, accountNames, objectNames }: Shares,
  windowMs: number,
): FoundGroup => {
  const isMember = new Set(members)
  const together = new Set<number>()
  for (const { thing, from } of pushes) {
    for (let share = starts[thing] as number; share < (starts[thing + 1] as number); share += 1) {
      const isWithin = (times[share] as number) >= from && (times[share] as number) <= from + windowMs
      if (isWithin && isMember.has(accounts[share] as number)) together.add(posts[share] as number)
    }
  }
  return {
    accounts: members.map((account) => accountNames[account] as string).sort(),
    evidence: Math.round(evidence),
    threshold: Math.round(threshold),
    isSourceKnown,
    shared: pushes
      .map(({ thing, members: sharers }) => ({ name: objectNames[thing] as string, accounts: sharers }))
      .sort((one, other) => other.accounts - one.accounts || (one.name < other.name ? -1 : 1)),
    posts: [...together].sort((a, b) => a - b),
  }
}
