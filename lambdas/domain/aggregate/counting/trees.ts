/** Builds trees of wholes and parts. Uses no recursion: chains may be long. */

import type { Marking } from '../../core/marking.ts'
import type { CountedDetection } from './counted-detection.ts'
import { type Many, many, only } from './many.ts'

export type Tree = CountedDetection

const noParts: readonly Tree[] = []

/** Visible detections of other territories or periods, by id. */
export type Wholes = ReadonlyMap<string, Whole>

export type Whole = {
  readonly partOf?: string | undefined
  readonly campaign?: string | undefined
  readonly marking: Marking
}

/** Collects ids of wholes that are not counted here and must be loaded. */
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
 * Sorts by first observation and id. A detection's whole is the nearest counted one up its chain. `through`: markings
 * of wholes elsewhere on the chain.
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
  // Only wholes and open detections become separate objects.
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

const leadingThrough = (
  counted: Many<CountedDetection>,
  parts: readonly CountedDetection[],
  wholes: Wholes,
): ReadonlyMap<string, CountedDetection> => {
  const named = new Set([...parts, ...wholes.values()].map(({ partOf }) => partOf))
  return new Map([...only(counted, ({ id }) => named.has(id))].map((one) => [one.id, one]))
}

/** Copies a detection, possibly a row of columns, without parts. */
export const alone = (one: CountedDetection): CountedDetection => ({
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
  isByGroup: one.isByGroup,
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

/** Cuts each cycle at its smallest id. */
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

export const fold = <Value>(tree: Tree, of: (node: Tree, below: readonly Value[]) => Value): Value => {
  if (tree.parts.length === 0) return of(tree, [])
  const values = new Map<Tree, Value>()
  for (const node of [tree, ...everyPart(tree)].reverse()) {
    const below = node.parts.map((part) => values.get(part) as Value)
    values.set(node, of(node, below))
  }
  return values.get(tree) as Value
}

/** Returns all parts below, each after its whole. */
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

export const nodesOf = (tree: Tree): readonly Tree[] => (tree.parts.length === 0 ? [tree] : [tree, ...everyPart(tree)])

/** Detaches a tree from any hidden whole. */
export const rooted = (tree: Tree): Tree => ({ ...alone(tree), parts: tree.parts, open: undefined })

/** Each node's whole is its nearest matching ancestor. */
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
