import { keyOfCampaign } from '../../detection/campaigns.ts'
import { byTime } from './counted-detection.ts'
import { type Many, many } from './many.ts'
import type { Overlaps, SumOf } from './sums.ts'
import { alone, type Tree } from './trees.ts'

/** Trees that are one manoeuvre, by the id of the largest. Trees that are one alone are missing. */
type SameText = ReadonlyMap<string, readonly Tree[]>

/**
 * Finds trees with one text, in the same territories and campaign, that several detectors saw. The largest comes first.
 */
export const sameTextOf = (
  trees: Iterable<Tree>,
  overlaps: Overlaps,
  postsOf: SumOf,
  campaignOf: (tree: Tree) => string | undefined,
): SameText => {
  const found = new Map<string, readonly Tree[]>()
  if (overlaps.size === 0) return found
  const groupOf = new Map<Tree, readonly Tree[]>()
  for (const some of byText(trees, overlaps, campaignOf).values()) {
    if (some.every(({ detector }) => detector === some[0]?.detector)) continue
    const group = [...new Set(some.map((tree) => groupOf.get(tree) ?? [tree]))].flat()
    for (const tree of group) groupOf.set(tree, group)
  }
  const sizeOf = (tree: Tree): number => postsOf(tree).known ?? -1
  for (const group of new Set(groupOf.values())) {
    const members = group.toSorted((a, b) => sizeOf(b) - sizeOf(a) || byTime(a, b))
    if (members[0]) found.set(members[0].id, members)
  }
  return found
}

const byText = (
  trees: Iterable<Tree>,
  overlaps: Overlaps,
  campaignOf: (tree: Tree) => string | undefined,
): ReadonlyMap<string, readonly Tree[]> => {
  const groups = new Map<string, Tree[]>()
  for (const tree of trees) {
    // What a hidden whole contains is not known.
    if (tree.open !== undefined) continue
    for (const key of overlaps.get(tree.id) ?? []) {
      if (!key.startsWith('text\0') || !tree.prints.includes(key)) continue
      const place = [key, tree.territories.toSorted().join(), keyOfCampaign(campaignOf(tree) ?? '')].join('\0')
      const group = groups.get(place) ?? []
      group.push(tree)
      groups.set(place, group)
    }
  }
  return groups
}

/** The manoeuvre of each tree that is inside another one, by id. */
export type Leads = ReadonlyMap<string, string>

export const leadsIn = (sameText: SameText): Leads =>
  new Map([...sameText].flatMap(([lead, [, ...others]]) => others.map(({ id }) => [id, lead] as const)))

/** Makes each group one tree, whose parts include the others. Its sums are those of the members. */
export const joinedByText = (trees: Many<Tree>, sameText: SameText, leads: Leads): Many<Tree> => {
  if (sameText.size === 0) return trees
  return many(trees.length - leads.size, function* () {
    for (const tree of trees) {
      const [, ...others] = sameText.get(tree.id) ?? []
      if (others.length > 0) yield { ...alone(tree), parts: [...tree.parts, ...others] }
      else if (!leads.has(tree.id)) yield tree
    }
  })
}
