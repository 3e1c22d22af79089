/** Rows by name: platforms, kinds, hashtags, narratives, languages, each with its detections and posts. */

import { type Adder, addedTotal, adder, leaveOut, type Total, take, totalOf } from '../../core/figures.ts'
import { type Marking, strictest } from '../../core/marking.ts'
import { textIn } from '../../core/text/localised.ts'
import { keyOfCampaign } from '../../detection/campaigns.ts'
import type { Localised } from '../../detection/detection.ts'
import type { CountedDetection } from './counted-detection.ts'
import type { Many } from './many.ts'
import {
  type Adding,
  addingAll,
  type Overlaps,
  ownFigure,
  ownOnPlatform,
  platformsOf,
  platformsWritten,
  type SumOf,
  treeSums,
} from './sums.ts'
import type { Nearest } from './threads.ts'
import { nodesOf, type Tree, treesWithin } from './trees.ts'

/** Something named, how many detections have it, and how many posts those hold, each counted once. */
export type Share = {
  readonly name: string
  readonly detections: number
  readonly posts: Total
  readonly marking: Marking
}

/**
 * A narrative under its English name, else its French one, else the first there is; with every wording that was given.
 */
export type NarrativeShare = Share & { readonly texts: Localised }

/** What shares are made of. */
type Counting = {
  readonly trees: Many<Tree>
  readonly overlaps: Overlaps
  /** The posts of a manoeuvre, its parts with it. */
  readonly posts: SumOf
}

/** One name under its spellings, and what names it so far. */
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

/** Detections and manoeuvres by the names that they give, compared in lower case. */
const grouped = (
  trees: Iterable<Tree>,
  namesOf: (node: CountedDetection) => readonly string[],
  postsOf: (name: string) => Adding,
  /** Told of each manoeuvre with a name, once for each. */
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
        // A name that a detection or a manoeuvre gives twice counts once there.
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
  groups
    .map(({ spelled, posts, detections, marking }) => ({
      name: commonest(spelled),
      detections,
      posts: totalOf(posts.added().sum),
      marking,
    }))
    .sort(byShare)

/** With the posts of the manoeuvres that have a name, whole. */
export const sharesBy = (
  { trees, overlaps, posts }: Counting,
  namesOf: (node: CountedDetection) => readonly string[],
): readonly Share[] => {
  const takeTree = (group: Group, tree: Tree): void => {
    group.posts.take(tree)
    // The posts are the whole manoeuvre's.
    for (const { marking } of nodesOf(tree)) markedToo(group, marking)
  }
  return sharesIn(grouped(trees, namesOf, () => addingAll(posts, overlaps), takeTree))
}

/** How many manoeuvres a campaign has, and their posts, each counted once. */
export type CampaignShare = {
  readonly name: string
  readonly manoeuvres: number
  readonly posts: Total
  readonly marking: Marking
}

/**
 * By the nearest campaign up the chain of wholes, those of the gravest manoeuvres first; with the posts that its
 * manoeuvres add to the total, as the rows below its name say.
 * @param placeOf the campaign of a manoeuvre
 * @param isLeftOut of a manoeuvre whose posts the total leaves out
 * @param gravest the manoeuvres that are kept apart, in their order; campaigns of none of them follow by time
 */
export const campaignShares = (
  { trees, posts }: Pick<Counting, 'trees' | 'posts'>,
  placeOf: (tree: Tree) => Pick<Nearest, 'campaign' | 'through'>,
  isLeftOut: (tree: Tree) => boolean,
  gravest: readonly Tree[],
): readonly CampaignShare[] => {
  type Campaign = { name: string; manoeuvres: number; marking: Marking; readonly posts: Adder }
  const campaigns = new Map<string, Campaign>()
  for (const tree of trees) {
    const { campaign: name, through } = placeOf(tree)
    const key = name && keyOfCampaign(name)
    if (key === undefined || name === undefined) continue
    const campaign: Campaign = campaigns.get(key) ?? {
      ...{ name, manoeuvres: 0, marking: 'TLP:CLEAR', posts: adder() },
    }
    campaigns.set(key, campaign)
    if (name < campaign.name) campaign.name = name
    campaign.manoeuvres += 1
    const sum = posts(tree)
    if (isLeftOut(tree)) leaveOut(campaign.posts, sum)
    else take(campaign.posts, sum)
    // Of what is part of a whole that does not show, there may be more.
    if (tree.open !== undefined && !sum.notDue) campaign.posts.floor = true
    for (const { marking } of nodesOf(tree)) markedToo(campaign, marking)
    for (const marking of through) markedToo(campaign, marking)
  }
  const ofGravest = gravest.flatMap((tree) => placeOf(tree).campaign ?? []).map(keyOfCampaign)
  const inOrder = new Set([...ofGravest, ...campaigns.keys()])
  const sorted = [...inOrder].flatMap((key) => campaigns.get(key) ?? [])
  return sorted.map(({ name, manoeuvres, posts: sum, marking }) => ({
    name,
    manoeuvres,
    posts: addedTotal(sum),
    marking,
  }))
}

/** With the posts of the detections of each kind. */
export const kindShares = ({ trees, overlaps }: Counting): readonly Share[] => {
  const own = treeSums(ownFigure('posts'), overlaps)
  const takeTree = ({ name, posts }: Group, tree: Tree): void => {
    for (const one of treesWithin(tree, ({ kind }) => kind === name)) posts.take(one)
  }
  return sharesIn(
    grouped(
      trees,
      ({ kind }) => [kind],
      () => addingAll(own, overlaps),
      takeTree,
    ),
  )
}

/** With the posts on each platform. */
export const platformShares = ({ trees, overlaps }: Counting): readonly Share[] => {
  const takeTree = ({ name, posts }: Group, tree: Tree): void => {
    for (const one of treesWithin(tree, (node) => platformsOf(node).includes(name))) posts.take(one)
  }
  const postsOn = (platform: string): Adding => addingAll(treeSums(ownOnPlatform(platform), overlaps), overlaps)
  return sharesIn(grouped(trees, platformsWritten, postsOn, takeTree))
}

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
      // Of two wordings, one that no order of input changes.
      if (other === undefined || text < other) known.set(language, text)
    }
  }
  return sharesBy(counting, ({ narratives }) => narratives.map(nameOf)).map((share) => {
    const texts = [...(wordings.get(share.name.toLowerCase()) ?? [])].sort(([one], [other]) => (one < other ? -1 : 1))
    return { ...share, texts: Object.fromEntries(texts) }
  })
}

const byShare = (a: Share, b: Share): number =>
  (b.posts.value ?? -1) - (a.posts.value ?? -1) || b.detections - a.detections || (a.name < b.name ? -1 : 1)

const commonest = (spelled: Group['spelled']): string =>
  spelled.toSorted((a, b) => b.times - a.times || (a.name < b.name ? -1 : 1))[0]?.name ?? ''
