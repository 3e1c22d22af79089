import {
  type AddedFigure,
  adder,
  amountIn,
  dayNumbers,
  isEstimate,
  leaveOut,
  nothing,
  qualifierOf,
  type Sum,
  take,
  unknown,
  wholeSum,
} from '../../core/figures.ts'
import { daysOf } from '../../core/time/period.ts'
import { ownSum } from '../../detection/stated-figures.ts'
import { byTime, type CountedDetection } from './counted-detection.ts'
import { isEach, type Many, only } from './many.ts'
import { everyPart, fold, type Tree } from './trees.ts'

/** Keys that a detection shares with one of another detector, by id. */
export type Overlaps = ReadonlyMap<CountedDetection['id'], readonly string[]>

const noKeys: readonly string[] = []

/** Finds shared keys: a text, a post address, or a campaign on a platform on a day. Drops keys of a single detector. */
export const overlapsOf = (counted: Many<CountedDetection>): Overlaps => {
  const found = new Map<string, readonly string[]>()
  let first: string | undefined
  const isOfFirst = ({ detector }: CountedDetection): boolean => {
    first ??= detector
    return detector === first
  }
  if (isEach(counted, isOfFirst)) return found
  const prints = shared(counted, ({ prints: all }) => all)
  const campaigns = shared(counted, ({ campaign }) => (campaign === undefined ? noKeys : [campaign.toLowerCase()]))
  const inCampaigns = only(counted, ({ campaign }) => campaign !== undefined && campaigns.has(campaign.toLowerCase()))
  const places = shared(inCampaigns, placesOf)
  for (const one of counted) {
    const own = [
      ...one.prints.filter((key) => prints.has(key)),
      ...(places.size === 0 || one.campaign === undefined ? noKeys : placesOf(one).filter((key) => places.has(key))),
    ]
    if (own.length > 0) found.set(one.id, own)
  }
  return found
}

const shared = (
  counted: Iterable<CountedDetection>,
  keysOf: (one: CountedDetection) => readonly string[],
): ReadonlySet<string> => {
  const first = new Map<string, string>()
  const several = new Set<string>()
  for (const one of counted) {
    for (const key of keysOf(one)) {
      const known = first.get(key)
      if (known === undefined) first.set(key, one.detector)
      else if (known !== one.detector) several.add(key)
    }
  }
  return several
}

const placesOf = (one: CountedDetection): readonly string[] => {
  const { campaign, span } = one
  if (campaign === undefined || !span) return noKeys
  const [first, last] = span
  const days = first === last ? [first] : daysOf({ first, last })
  const name = campaign.toLowerCase()
  return platformsOf(one).flatMap((platform) => days.map((day) => `${name}\0${platform}\0${day}`))
}

export type Added = { readonly sum: Sum; readonly isLeftOut: (tree: Tree) => boolean }

export type SumOf = (tree: Tree) => Sum

type Member = {
  /** Index among the trees that give or owe the figure. */
  readonly at: number
  readonly tree: Tree
  readonly sum: Sum
  readonly keys: readonly { readonly key: string; readonly detector: string }[]
}

export type Adding = { take(tree: Tree): void; added(): Added }

/**
 * Sums trees of which none is part of another. In a cluster of overlapping trees, the detector that saw most counts
 * first, then the next, skipping trees that overlap a counted one. Trees left out make the sum a floor, with the sum of
 * all as its ceiling.
 */
const addingUp = (sumOf: SumOf, overlaps: Overlaps): Adding => {
  const whole = adder()
  const byDay = new Map<string, { readonly count: number; readonly isEstimated: boolean }>()
  const overlapping: Member[] = []
  let due = 0
  const hold = (sum: Sum): void => {
    take(whole, sum)
    for (const [day, count, qualifier] of dayNumbers(sum)) {
      const known = byDay.get(day)
      const isEstimated = known?.isEstimated === true || isEstimate({ qualifier })
      byDay.set(day, { count: (known?.count ?? 0) + count, isEstimated })
    }
  }
  return {
    take: (tree) => {
      const sum = sumOf(tree)
      if (sum.notDue) return
      const keys = keysOf(tree, overlaps)
      if (keys.length > 0) overlapping.push({ at: due, tree, sum, keys })
      else hold(sum)
      due += 1
    },
    added: () => {
      const leftOut = new Set<string>()
      const taken = new Map<string, Set<string>>()
      for (const { tree, sum, keys } of largestFirst(overlapping)) {
        if (keys.some(({ key, detector }) => isTakenByAnother(taken.get(key), detector))) {
          leaveOut(whole, sum)
          leftOut.add(tree.id)
          continue
        }
        for (const { key, detector } of keys) taken.set(key, (taken.get(key) ?? new Set()).add(detector))
        hold(sum)
      }
      // Only wholes use the days of a sum, as floors.
      const days = [...byDay].map(
        ([day, { count, isEstimated }]) => [day, count, qualifierOf(true, isEstimated)] as const,
      )
      return { sum: { ...amountIn(whole), byDay: days }, isLeftOut: ({ id }) => leftOut.has(id) }
    },
  }
}

const addUp = (trees: Iterable<Tree>, sumOf: SumOf, overlaps: Overlaps): Added => {
  const adding = addingUp(sumOf, overlaps)
  for (const tree of trees) adding.take(tree)
  return adding.added()
}

/** Orders by the detector's total in the cluster, then by size: one large detection must not outweigh many. */
const largestFirst = (members: readonly Member[]): readonly Member[] => {
  const clusterOf = clusters(members)
  const seen = new Map<string, number>()
  const bySeer = (member: Member): string => `${clusterOf(member)}\0${member.tree.detector}`
  for (const member of members) seen.set(bySeer(member), (seen.get(bySeer(member)) ?? 0) + (member.sum.known ?? 0))
  return members.toSorted((a, b) => {
    // A tree without a figure must not displace one with a figure.
    const unknownLast = Number(a.sum.known === undefined) - Number(b.sum.known === undefined)
    if (unknownLast !== 0) return unknownLast
    const [one, other] = [bySeer(a), bySeer(b)]
    const more = one === other ? 0 : (seen.get(other) ?? 0) - (seen.get(one) ?? 0) || (one < other ? -1 : 1)
    return more || (b.sum.known ?? -1) - (a.sum.known ?? -1) || byTime(a.tree, b.tree)
  })
}

/** Joins only members with a figure, by keys of several detectors. */
const clusters = (members: readonly Member[]): ((member: Member) => number) => {
  const parent = members.map((_, at) => at)
  const root = (at: number): number => {
    let top = at
    for (let next = parent[top] ?? top; next !== top; next = parent[top] ?? top) top = next
    parent[at] = top
    return top
  }
  const first = new Map<string, number>()
  const seers = new Map<string, Set<string>>()
  const giving = members.filter(({ sum }) => sum.known !== undefined)
  for (const { keys } of giving) {
    for (const { key, detector } of keys) seers.set(key, (seers.get(key) ?? new Set()).add(detector))
  }
  for (const [at, { keys, sum }] of members.entries()) {
    if (sum.known === undefined) continue
    for (const { key } of keys) {
      if ((seers.get(key)?.size ?? 0) < 2) continue
      const before = first.get(key)
      if (before === undefined) first.set(key, at)
      else parent[root(at)] = root(before)
    }
  }
  const numbers = new Map(members.map((member, at) => [member, members[root(at)]?.at ?? -1]))
  return (member) => numbers.get(member) ?? -1
}

const isTakenByAnother = (detectors: ReadonlySet<string> | undefined, detector: string): boolean =>
  detectors !== undefined && (detectors.size > 1 || !detectors.has(detector))

const noPairs: readonly { readonly key: string; readonly detector: string }[] = []

const keysOf = (tree: Tree, overlaps: Overlaps) => {
  if (overlaps.size === 0) return noPairs
  return [tree, ...everyPart(tree)].flatMap(({ id, detector }) =>
    (overlaps.get(id) ?? noKeys).map((key) => ({ key, detector })),
  )
}

/** Manoeuvres with a hidden whole may be inside the others, so only the largest of these sums counts. */
export const addingAll = (sumOf: SumOf, overlaps: Overlaps): Adding => {
  const closed = addingUp(sumOf, overlaps)
  const open = new Map<string, Adding>()
  return {
    take: (tree) => {
      if (tree.open === undefined) return closed.take(tree)
      const group = open.get(tree.open) ?? addingUp(sumOf, overlaps)
      open.set(tree.open, group)
      group.take(tree)
    },
    added: () => (open.size === 0 ? closed.added() : largestOf(closed, open)),
  }
}

const largestOf = (closed: Adding, open: ReadonlyMap<string, Adding>): Added => {
  const groups: readonly (readonly [string | undefined, Adding])[] = [
    [undefined, closed],
    ...[...open].sort(([a], [b]) => (a < b ? -1 : 1)),
  ]
  const all = groups.map(([name, adding]) => ({ name, ...adding.added() }))
  const due = all.filter(({ sum }) => !sum.notDue)
  const [first] = due
  if (!first || (due.length === 1 && first.name === undefined)) return all[0] as Added
  const largest = due.reduce((best, one) => ((one.sum.known ?? -1) > (best.sum.known ?? -1) ? one : best))
  const whole = adder()
  for (const one of due) {
    if (one === largest) take(whole, one.sum)
    else leaveOut(whole, one.sum)
  }
  const others = new Set(due.flatMap(({ name }) => (name === largest.name ? [] : [name])))
  return {
    sum: { ...amountIn({ ...whole, floor: true }), byDay: largest.sum.byDay },
    isLeftOut: (tree) => others.has(tree.open) || (tree.open === largest.name && largest.isLeftOut(tree)),
  }
}

export const addAll = (trees: Iterable<Tree>, sumOf: SumOf, overlaps: Overlaps): Added => {
  const adding = addingAll(sumOf, overlaps)
  for (const tree of trees) adding.take(tree)
  return adding.added()
}

export const treeSums = (own: (node: CountedDetection) => Sum, overlaps: Overlaps): SumOf => {
  const known = new WeakMap<Tree, Sum>()
  const sumOf = (tree: Tree): Sum => {
    if (tree.parts.length === 0) return own(tree)
    const before = known.get(tree)
    if (before) return before
    return fold<Sum>(tree, (node) => {
      const sum = node.parts.length === 0 ? own(node) : wholeSum(own(node), addUp(node.parts, sumOf, overlaps).sum)
      if (node.parts.length > 0) known.set(node, sum)
      return sum
    })
  }
  return sumOf
}

export const ownFigure =
  (figure: AddedFigure) =>
  (node: CountedDetection): Sum =>
    figure === 'posts' ? node.posts : ownSum(node, figure)

/** @param platform in lower case */
export const ownOnPlatform =
  (platform: string) =>
  (node: CountedDetection): Sum => {
    const rows = (node.counts.byPlatform ?? []).filter((row) => row.posts && row.platform.toLowerCase() === platform)
    if (rows.length > 0) {
      const stated = adder()
      for (const { posts } of rows) {
        take(stated, { known: posts?.value, qualifier: posts?.qualifier ?? 'exact', notDue: false })
      }
      return { ...amountIn(stated), byDay: [] }
    }
    const named = platformsOf(node)
    return named.length === 1 && named[0] === platform ? node.posts : unstated(node)
  }

/** Posts of a part of a detection that states none for it. */
export const unstated = ({ posts }: CountedDetection): Sum => (posts.notDue ? nothing : unknown)

export const platformsWritten = ({ platforms, counts: { byPlatform } }: CountedDetection): readonly string[] =>
  byPlatform ? [...new Set([...platforms, ...byPlatform.map(({ platform }) => platform)])] : platforms

const platformsOf = (one: CountedDetection): readonly string[] => lowerCased(platformsWritten(one))

export const lowerCased = (names: readonly string[]): readonly string[] => [
  ...new Set(names.map((name) => name.toLowerCase())),
]
