/** Rows by name: platforms, kinds, hashtags, narratives, languages, each with its detections and posts. */

import { type Total, totalOf } from '../core/figures.ts'
import { textIn } from '../core/localised.ts'
import { type Marking, strictest } from '../core/marking.ts'
import { keyOfCampaign } from '../detection/campaigns.ts'
import type { Localised } from '../detection/detection.ts'
import type { CountedDetection } from './counted-detection.ts'
import {
  addAll,
  type Overlaps,
  ownFigure,
  ownOnPlatform,
  platformsOf,
  platformsWritten,
  type SumOf,
  treeSums,
} from './sums.ts'
import { everyPart, type Tree, treesWithin } from './trees.ts'

/** Something named, how many detections have it, and how many posts those hold, each counted once. */
export type Share = {
  readonly name: string
  readonly detections: number
  readonly posts: Total
  readonly marking: Marking
}

/** A narrative under its English name, else its French one, else the first there is; with every wording that was given. */
export type NarrativeShare = Share & { readonly texts: Localised }

/** What shares are made of. */
type Counting = {
  readonly trees: readonly Tree[]
  readonly overlaps: Overlaps
  /** The posts of a manoeuvre, its parts with it. */
  readonly posts: SumOf
}

/** One name under its spellings, with what names it. */
type Group = {
  readonly spelled: { readonly name: string; times: number }[]
  readonly nodes: CountedDetection[]
  readonly trees: Tree[]
}

/** Detections and manoeuvres by the names that they give, compared in lower case. */
const grouped = (trees: readonly Tree[], namesOf: (node: CountedDetection) => readonly string[]) => {
  const groups = new Map<string, Group>()
  const spellings = new Map<string, { readonly spelling: Group['spelled'][number]; readonly group: Group }>()
  const found = (name: string) => {
    const known = spellings.get(name)
    if (known) return known
    const key = name.toLowerCase()
    const group = groups.get(key) ?? { spelled: [], nodes: [], trees: [] }
    groups.set(key, group)
    const first = { spelling: { name, times: 0 }, group }
    group.spelled.push(first.spelling)
    spellings.set(name, first)
    return first
  }
  for (const tree of trees) {
    for (const node of tree.parts.length === 0 ? [tree] : [tree, ...everyPart(tree)]) {
      for (const name of namesOf(node)) {
        const { spelling, group } = found(name)
        spelling.times += 1
        // A name that a detection or a manoeuvre gives twice counts once there.
        if (group.nodes.at(-1) !== node) group.nodes.push(node)
        if (group.trees.at(-1) !== tree) group.trees.push(tree)
      }
    }
  }
  return groups
}

const shareOf = ({ spelled, nodes }: Group, posts: Total): Share => ({
  name: commonest(spelled),
  detections: nodes.length,
  posts,
  marking: strictest(nodes.map(({ marking }) => marking)),
})

/** With the posts of the manoeuvres that have a name, whole. */
export const sharesBy = (
  { trees, overlaps, posts }: Counting,
  namesOf: (node: CountedDetection) => readonly string[],
): readonly Share[] =>
  [...grouped(trees, namesOf).values()]
    .map((group) => {
      const { marking, ...share } = shareOf(group, totalOf(addAll(group.trees, posts, overlaps).sum))
      // The posts are the whole manoeuvre's.
      const all = group.trees.flatMap((tree) => [tree.marking, ...everyPart(tree).map((part) => part.marking)])
      return { ...share, marking: strictest([marking, ...all]) }
    })
    .sort(byShare)

/** How many manoeuvres a campaign has, and their posts, each counted once. */
export type CampaignShare = {
  readonly name: string
  readonly manoeuvres: number
  readonly posts: Total
  readonly marking: Marking
}

/** By the campaign of the whole. */
export const campaignShares = ({ trees, overlaps, posts }: Counting): readonly CampaignShare[] =>
  [...Map.groupBy(trees, ({ campaign }) => campaign && keyOfCampaign(campaign))].flatMap(([key, members]) => {
    const [name] = members.flatMap(({ campaign }) => campaign ?? []).sort()
    if (key === undefined || name === undefined) return []
    const nodes = members.flatMap((tree) => [tree, ...everyPart(tree)])
    return [
      {
        name,
        manoeuvres: members.length,
        posts: totalOf(addAll(members, posts, overlaps).sum),
        marking: strictest(nodes.map(({ marking }) => marking)),
      },
    ]
  })

/** With the posts of the detections of each kind. */
export const kindShares = ({ trees, overlaps }: Counting): readonly Share[] => {
  const own = treeSums(ownFigure('posts'), overlaps)
  return [...grouped(trees, ({ kind }) => [kind])]
    .map(([kind, group]) =>
      shareOf(
        group,
        totalOf(
          addAll(
            treesWithin(group.trees, (node) => node.kind === kind),
            own,
            overlaps,
          ).sum,
        ),
      ),
    )
    .sort(byShare)
}

/** With the posts on each platform. */
export const platformShares = ({ trees, overlaps }: Counting): readonly Share[] =>
  [...grouped(trees, platformsWritten)]
    .map(([platform, group]) => {
      const bearing = treesWithin(group.trees, (node) => platformsOf(node).includes(platform))
      return shareOf(group, totalOf(addAll(bearing, treeSums(ownOnPlatform(platform), overlaps), overlaps).sum))
    })
    .sort(byShare)

const nameOf = (texts: Localised): string => textIn(texts, 'en').text

export const narrativeShares = (
  counting: Counting,
  counted: readonly CountedDetection[],
): readonly NarrativeShare[] => {
  const wordings = new Map<string, Map<string, string>>()
  for (const texts of new Set(counted.flatMap(({ narratives }) => narratives))) {
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
