/** Parts and wholes: which detections are below which others, however long the chains are. */

import type { Marking } from '../../core/marking.ts'
import type { CountedDetection } from './counted-detection.ts'
import { type Many, many, only } from './many.ts'

/** A detection with its parts. */
export type Tree = CountedDetection

const noParts: readonly Tree[] = []

/**
 * Detections elsewhere (another territory, another period) that show under the cap, by id: through them a chain runs
 * on.
 */
export type Wholes = ReadonlyMap<string, Whole>

export type Whole = {
  readonly partOf?: string | undefined
  readonly campaign?: string | undefined
  readonly marking: Marking
}

/** The ids of wholes that a count cannot follow by itself: those of all that shows which do not count here. */
export const wholesWanted = (shown: Iterable<CountedDetection>): ReadonlySet<string> => {
  const here = new Set<string>()
  const wanted = new Set<string>()
  for (const { id, partOf, fit } of shown) {
    if (fit === 'counted') here.add(id)
    if (partOf !== undefined) wanted.add(partOf)
  }
  for (const id of wanted) if (here.has(id)) wanted.delete(id)
  return wanted
}

/**
 * Wholes with their parts, by first observation and id. The whole of a detection is the nearest up its chain that
 * counts here; a circle is cut at its smallest id. `through` are the markings of what is elsewhere and leads there.
 */
export const treesOf = (
  counted: Many<CountedDetection>,
  wholes: Wholes,
): { readonly trees: Many<Tree>; readonly through: readonly Marking[] } => {
  const parts = [...only(counted, ({ partOf }) => partOf !== undefined)]
  if (parts.length === 0) return { trees: counted, through: [] }
  const byIds = leadingThrough(counted, parts, wholes)
  const through = new Set<Marking>()
  const above = new Map<string, Above>()
  for (const one of parts) above.set(one.id, aboveOf(one, byIds, wholes, through))
  cutCircles(parts, above)
  // Only what has parts, or is open, becomes an object of its own.
  const grown = new Map<string, Tree & { readonly parts: Tree[] }>()
  for (const { whole } of above.values()) {
    const one = whole === undefined ? undefined : byIds.get(whole)
    if (one && !grown.has(one.id)) grown.set(one.id, { ...alone(one), parts: [] })
  }
  const roots = new Map<string, Tree>(grown)
  let inside = 0
  for (const one of parts) {
    const { whole, open } = above.get(one.id) ?? {}
    const here = grown.get(one.id) ?? one
    if (whole !== undefined) {
      grown.get(whole)?.parts.push(here)
      inside += 1
    } else if (open !== undefined) roots.set(one.id, { ...alone(here), parts: here.parts, open })
  }
  const trees = function* () {
    for (const one of counted) {
      const { id } = one
      if (above.get(id)?.whole === undefined) yield roots.get(id) ?? one
    }
  }
  return { trees: many(counted.length - inside, trees), through: [...through] }
}

/** Of what counts, all that a chain may lead through. */
const leadingThrough = (
  counted: Many<CountedDetection>,
  parts: readonly CountedDetection[],
  wholes: Wholes,
): ReadonlyMap<string, CountedDetection> => {
  const named = new Set([...parts, ...wholes.values()].map(({ partOf }) => partOf))
  return new Map([...only(counted, ({ id }) => named.has(id))].map((one) => [one.id, one]))
}

/** A copy, without parts, of one that may be read off columns. */
const alone = (one: CountedDetection): CountedDetection => ({
  id: one.id,
  revision: one.revision,
  editionRevision: one.editionRevision,
  partOf: one.partOf,
  fit: one.fit,
  from: one.from,
  day: one.day,
  lastDay: one.lastDay,
  kind: one.kind,
  detector: one.detector,
  campaign: one.campaign,
  prints: one.prints,
  span: one.span,
  territories: one.territories,
  platforms: one.platforms,
  hashtags: one.hashtags,
  narratives: one.narratives,
  languages: one.languages,
  techniques: one.techniques,
  counts: one.counts,
  posts: one.posts,
  refs: one.refs,
  effect: one.effect,
  attributed: one.attributed,
  setSize: one.setSize,
  marking: one.marking,
  parts: noParts,
})

type Above = { readonly whole?: string | undefined; readonly open?: string | undefined }

const aboveOf = (
  { partOf }: CountedDetection,
  here: ReadonlyMap<string, unknown>,
  wholes: Wholes,
  through: Set<Marking>,
): Above => {
  const seen = new Set<string>()
  for (let id = partOf; id !== undefined && !seen.has(id);) {
    if (here.has(id)) return { whole: id }
    const elsewhere = wholes.get(id)
    if (!elsewhere) return { open: id }
    through.add(elsewhere.marking)
    seen.add(id)
    id = elsewhere.partOf
  }
  return {}
}

/** Takes the whole away from the smallest id of each circle. */
const cutCircles = (parts: readonly CountedDetection[], above: Map<string, Above>): void => {
  const done = new Set<string>()
  for (const { id } of parts) {
    const path: string[] = []
    const onPath = new Map<string, number>()
    let at: string | undefined = id
    while (at !== undefined && !done.has(at) && !onPath.has(at)) {
      onPath.set(at, path.length)
      path.push(at)
      at = above.get(at)?.whole
    }
    const start = at === undefined || done.has(at) ? undefined : onPath.get(at)
    const [smallest] = start === undefined ? [] : path.slice(start).sort()
    if (smallest !== undefined) above.set(smallest, {})
    for (const one of path) done.add(one)
  }
}

/** A value for a tree, from its parts upwards. */
export const fold = <Value>(tree: Tree, of: (node: Tree, below: readonly Value[]) => Value): Value => {
  if (tree.parts.length === 0) return of(tree, [])
  const values = new Map<Tree, Value>()
  for (const node of [tree, ...everyPart(tree)].reverse()) {
    const below = node.parts.map((part) => values.get(part) as Value)
    values.set(node, of(node, below))
  }
  return values.get(tree) as Value
}

/** All that is below, each after its whole. */
export const everyPart = (tree: Tree): readonly Tree[] => {
  if (tree.parts.length === 0) return noParts
  const found: Tree[] = []
  const ahead: Tree[] = [tree]
  for (let node = ahead.pop(); node; node = ahead.pop()) {
    if (node !== tree) found.push(node)
    for (const part of node.parts.toReversed()) ahead.push(part)
  }
  return found
}

/** A tree and all that is below. */
export const nodesOf = (tree: Tree): readonly Tree[] => (tree.parts.length === 0 ? [tree] : [tree, ...everyPart(tree)])

/** A tree as what it is by itself, whatever may be above it. */
export const rooted = (tree: Tree): Tree => ({ ...alone(tree), parts: tree.parts, open: undefined })

/**
 * The trees of those of its nodes alone that have something: the whole of a node is the nearest above that has it too.
 */
export const treesWithin = (tree: Tree, has: (node: CountedDetection) => boolean): readonly Tree[] => {
  if (tree.parts.length === 0) return has(tree) ? [tree] : noParts
  type Grown = Tree & { readonly parts: Tree[] }
  const roots: Tree[] = []
  const ahead: { readonly node: Tree; readonly above: Grown | undefined }[] = [{ node: tree, above: undefined }]
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const { node, above } = next
    let here = above
    if (has(node)) {
      here = { ...alone(node), parts: [], open: tree.open }
      if (above) above.parts.push(here)
      else roots.push(here)
    }
    for (const part of node.parts) ahead.push({ node: part, above: here })
  }
  return roots
}
