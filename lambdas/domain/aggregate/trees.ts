/** Parts and wholes: which detections are below which others, however long the chains are. */

import type { Marking } from '../core/marking.ts'
import { byTime, type CountedDetection } from './counted-detection.ts'

/** A detection with its parts. */
export type Tree = CountedDetection

/** Detections elsewhere (another territory, another period) that show under the cap, by id: through them a chain runs on. */
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
 * Wholes with their parts, by first observation and id. The whole of a detection is the nearest up its chain that counts
 * here; a circle is cut at its smallest id. `through` are the markings of what is elsewhere and leads there.
 */
export const treesOf = (
  counted: readonly CountedDetection[],
  wholes: Wholes,
): { readonly trees: readonly Tree[]; readonly through: readonly Marking[] } => {
  if (counted.every(({ partOf }) => partOf === undefined)) return { trees: counted, through: [] }
  const byIds = new Map(counted.map((one) => [one.id, one]))
  const through = new Set<Marking>()
  const above = new Map<string, Above>()
  for (const one of counted) above.set(one.id, aboveOf(one, byIds, wholes, through))
  cutCircles(counted, above)
  // Only what has parts, or is open, becomes an object of its own.
  const grown = new Map<string, Tree & { readonly parts: Tree[] }>()
  for (const { whole } of above.values()) {
    const one = whole === undefined ? undefined : byIds.get(whole)
    if (one && !grown.has(one.id)) grown.set(one.id, { ...one, parts: [] })
  }
  const roots: Tree[] = []
  for (const one of counted) {
    const { whole, open } = above.get(one.id) ?? {}
    const here = grown.get(one.id) ?? one
    if (whole !== undefined) grown.get(whole)?.parts.push(here)
    else roots.push(open === undefined ? here : { ...here, open })
  }
  return { trees: roots, through: [...through] }
}

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
const cutCircles = (counted: readonly CountedDetection[], above: Map<string, Above>): void => {
  const done = new Set<string>()
  for (const { id } of counted) {
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

const noParts: readonly Tree[] = []

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

/** The trees of those nodes alone that have something: the whole of a node is the nearest above that has it too. */
export const treesWithin = (trees: readonly Tree[], has: (node: CountedDetection) => boolean): readonly Tree[] => {
  const roots: Tree[] = []
  for (const tree of trees) {
    if (tree.parts.length === 0) {
      if (has(tree)) roots.push(tree)
      continue
    }
    type Grown = Tree & { readonly parts: Tree[] }
    const ahead: { readonly node: Tree; readonly above: Grown | undefined }[] = [{ node: tree, above: undefined }]
    for (let next = ahead.pop(); next; next = ahead.pop()) {
      const { node, above } = next
      let here = above
      if (has(node)) {
        here = { ...node, parts: [], open: tree.open }
        if (above) above.parts.push(here)
        else roots.push(here)
      }
      for (const part of node.parts) ahead.push({ node: part, above: here })
    }
  }
  return roots.sort(byTime)
}
