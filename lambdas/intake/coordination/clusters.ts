/** What hangs together by pairs: connected components, the same ones in whatever order the pairs come. */

export type Pair = { readonly from: string; readonly to: string }

export type Cluster<One extends Pair> = {
  /** Each once, sorted. */
  readonly members: readonly string[]
  /** In the order in which they were given. */
  readonly pairs: readonly One[]
}

/** The clusters that pairs make, sorted by their first member: each pair is in one of them. */
export const clustersOf = <One extends Pair>(pairs: readonly One[]): readonly Cluster<One>[] => {
  const numbers = new Map<string, number>()
  const parents: number[] = []
  const sizes: number[] = []
  const numberOf = (name: string): number => {
    const known = numbers.get(name)
    if (known !== undefined) return known
    const number = parents.length
    numbers.set(name, number)
    parents.push(number)
    sizes.push(1)
    return number
  }
  const rootOf = (number: number): number => {
    let at = number
    for (let parent = parents[at] ?? at; parent !== at; parent = parents[at] ?? at) {
      const above = parents[parent] ?? parent
      parents[at] = above // halves the way for the next one
      at = above
    }
    return at
  }
  for (const { from, to } of pairs) {
    const [a, b] = [rootOf(numberOf(from)), rootOf(numberOf(to))]
    if (a === b) continue
    const [large, small] = (sizes[a] ?? 1) < (sizes[b] ?? 1) ? [b, a] : [a, b]
    parents[small] = large
    sizes[large] = (sizes[large] ?? 1) + (sizes[small] ?? 1)
  }
  const clusters = new Map<number, { members: string[]; pairs: One[] }>()
  // Names in their order: the members of each cluster come sorted, and the clusters by their first one.
  for (const [name, number] of [...numbers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const root = rootOf(number)
    const cluster = clusters.get(root)
    if (cluster) cluster.members.push(name)
    else clusters.set(root, { members: [name], pairs: [] })
  }
  for (const pair of pairs) clusters.get(rootOf(numberOf(pair.from)))?.pairs.push(pair)
  return [...clusters.values()]
}
