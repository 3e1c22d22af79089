import { type Adder, addedTotal, adder, leaveOut, type Sum, type Total, take, totalOf } from '../../core/figures.ts'
import { type Marking, strictest } from '../../core/marking.ts'
import { textIn } from '../../core/text/localised.ts'
import { keyOfCampaign } from '../../detection/campaigns.ts'
import type { Localised } from '../../detection/detection.ts'
import type { CountedDetection } from './counted-detection.ts'
import type { Many } from './many.ts'
import type { Leads } from './same-text.ts'
import {
  type Adding,
  addingAll,
  type Overlaps,
  lowerCased,
  ownOnPlatform,
  platformsWritten,
  type SumOf,
  treeSums,
  unstated,
} from './sums.ts'
import type { Nearest } from './threads.ts'
import { nodesOf, type Tree, treesWithin } from './trees.ts'

export type Share = {
  readonly name: string
  readonly detections: number
  readonly posts: Total
  readonly marking: Marking
}

/** Named in English, else French, else the first language given. */
export type NarrativeShare = Share & { readonly texts: Localised }

type Counting = {
  readonly trees: Many<Tree>
  readonly overlaps: Overlaps
}

type Names = (node: CountedDetection) => readonly string[]

type Group = {
  readonly name: string
  readonly spelled: { readonly name: string; times: number }[]
  readonly posts: Adding
  detections: number
  marking: Marking
  lastNode: CountedDetection | undefined
  lastTree: Tree | undefined
}

const markedToo = (group: { marking: Marking }, marking: Marking): void => {
  if (marking !== group.marking) group.marking = strictest([group.marking, marking])
}

/** Groups by name, compared in lower case. */
const grouped = (
  trees: Iterable<Tree>,
  namesOf: (node: CountedDetection) => readonly string[],
  postsOf: (name: string) => Adding,
  takeTree: (group: Group, tree: Tree) => void,
): readonly Group[] => {
  const groups = new Map<string, Group>()
  const spellings = new Map<string, { readonly spelling: Group['spelled'][number]; readonly group: Group }>()
  const found = (written: string) => {
    const known = spellings.get(written)
    if (known) return known
    const name = written.toLowerCase()
    const group = groups.get(name) ?? {
      ...{ name, spelled: [], posts: postsOf(name), detections: 0 },
      ...{ marking: 'TLP:CLEAR' as const, lastNode: undefined, lastTree: undefined },
    }
    groups.set(name, group)
    const first = { spelling: { name: written, times: 0 }, group }
    group.spelled.push(first.spelling)
    spellings.set(written, first)
    return first
  }
  for (const tree of trees) {
    for (const node of nodesOf(tree)) {
      for (const name of namesOf(node)) {
        const { spelling, group } = found(name)
        spelling.times += 1
        // A name repeated within a detection or manoeuvre counts once.
        if (group.lastNode !== node) {
          group.detections += 1
          markedToo(group, node.marking)
        }
        group.lastNode = node
        if (group.lastTree !== tree) takeTree(group, tree)
        group.lastTree = tree
      }
    }
  }
  return [...groups.values()]
}

const sharesIn = (groups: readonly Group[]): readonly Share[] =>
  groups.map(({ spelled, posts, detections, marking }) => ({
    name: commonest(spelled),
    detections,
    posts: totalOf(posts.added().sum),
    marking,
  }))

/** @param ownOf the posts of a detection that are of the name, in lower case */
export const sharesBy = (
  { trees, overlaps }: Counting,
  namesOf: Names,
  ownOf: (name: string) => (node: CountedDetection) => Sum = ownOfOnly(namesOf),
  order = byShare,
): readonly Share[] => {
  const takeTree = ({ name, posts }: Group, tree: Tree): void => {
    const has = (node: CountedDetection): boolean => lowerCased(namesOf(node)).includes(name)
    for (const one of tree.parts.length === 0 ? [tree] : treesWithin(tree, has)) posts.take(one)
  }
  const postsOf = (name: string): Adding => addingAll(treeSums(ownOf(name), overlaps), overlaps)
  return sharesIn(grouped(trees, namesOf, postsOf, takeTree)).toSorted(order)
}

/** All posts of a detection that has no other name: a source states none for one of several. */
const ownOfOnly =
  (namesOf: Names) =>
  (name: string) =>
  (node: CountedDetection): Sum => {
    const names = lowerCased(namesOf(node))
    return names.length === 1 && names[0] === name ? node.posts : unstated(node)
  }

/** Most detections first: few have posts of their own. */
export const namedShares = (counting: Counting, namesOf: Names): readonly Share[] =>
  sharesBy(counting, namesOf, undefined, (a, b) => b.detections - a.detections || byShare(a, b))

export type CampaignShare = {
  readonly name: string
  readonly manoeuvres: number
  readonly posts: Total
  readonly marking: Marking
}

/**
 * Groups by the nearest campaign up the chain of wholes, gravest first.
 * @param isLeftOut whether the total leaves out the manoeuvre's posts
 * @param gravest in order; other campaigns follow by time
 * @param leads of trees with one text, which are one manoeuvre
 */
export const campaignShares = (
  { trees, posts }: Pick<Counting, 'trees'> & { readonly posts: SumOf },
  placeOf: (tree: Tree) => Pick<Nearest, 'campaign' | 'through'>,
  isLeftOut: (tree: Tree) => boolean,
  gravest: readonly Tree[],
  leads: Leads,
): readonly CampaignShare[] => {
  type Campaign = { name: string; readonly manoeuvres: Set<string>; marking: Marking; readonly posts: Adder }
  const campaigns = new Map<string, Campaign>()
  for (const tree of trees) {
    const { campaign: name, through } = placeOf(tree)
    const key = name && keyOfCampaign(name)
    if (key === undefined || name === undefined) continue
    const campaign: Campaign = campaigns.get(key) ?? {
      ...{ name, manoeuvres: new Set<string>(), marking: 'TLP:CLEAR', posts: adder() },
    }
    campaigns.set(key, campaign)
    if (name < campaign.name) campaign.name = name
    campaign.manoeuvres.add(leads.get(tree.id) ?? tree.id)
    const sum = posts(tree)
    if (isLeftOut(tree)) leaveOut(campaign.posts, sum)
    else take(campaign.posts, sum)
    // A hidden whole may have more posts.
    if (tree.open !== undefined && !sum.notDue) campaign.posts.floor = true
    for (const { marking } of nodesOf(tree)) markedToo(campaign, marking)
    for (const marking of through) markedToo(campaign, marking)
  }
  const ofGravest = gravest.flatMap((tree) => placeOf(tree).campaign ?? []).map(keyOfCampaign)
  const inOrder = new Set([...ofGravest, ...campaigns.keys()])
  const sorted = [...inOrder].flatMap((key) => campaigns.get(key) ?? [])
  return sorted.map(({ name, manoeuvres, posts: sum, marking }) => ({
    name,
    manoeuvres: manoeuvres.size,
    posts: addedTotal(sum),
    marking,
  }))
}

export const platformShares = (counting: Counting): readonly Share[] =>
  sharesBy(counting, platformsWritten, ownOnPlatform)

const nameOf = (texts: Localised): string => textIn(texts, 'en').text

export const narrativeShares = (counting: Counting, counted: Iterable<CountedDetection>): readonly NarrativeShare[] => {
  const wordings = new Map<string, Map<string, string>>()
  const given = new Set<Localised>()
  for (const { narratives } of counted) for (const texts of narratives) given.add(texts)
  for (const texts of given) {
    const name = nameOf(texts).toLowerCase()
    const known = wordings.get(name) ?? new Map<string, string>()
    wordings.set(name, known)
    for (const [language, text] of Object.entries(texts)) {
      const other = known.get(language)
      // Picks the wording independently of input order.
      if (other === undefined || text < other) known.set(language, text)
    }
  }
  return namedShares(counting, ({ narratives }) => narratives.map(nameOf)).map((share) => {
    const texts = [...(wordings.get(share.name.toLowerCase()) ?? [])].sort(([one], [other]) => (one < other ? -1 : 1))
    return { ...share, texts: Object.fromEntries(texts) }
  })
}

const byShare = (a: Share, b: Share): number =>
  (b.posts.value ?? -1) - (a.posts.value ?? -1) || b.detections - a.detections || (a.name < b.name ? -1 : 1)

const commonest = (spelled: Group['spelled']): string =>
  spelled.toSorted((a, b) => b.times - a.times || (a.name < b.name ? -1 : 1))[0]?.name ?? ''
