/** Connected components of the numbers below `size`. */
type UnionFind = {
  rootOf(one: number): number
  /** Returns false where they were connected already. */
  unite(one: number, other: number): boolean
}

export const unionFind = (size: number): UnionFind => {
  const parents = new Int32Array(size).map((_, at) => at)
  const sizes = new Int32Array(size).fill(1)
  const rootOf = (one: number): number => {
    let at = one
    for (let parent = parents[at] as number; parent !== at; parent = parents[at] as number) {
      const above = parents[parent] as number
      parents[at] = above // halves the path
      at = above
    }
    return at
  }
  return {
    rootOf,
    unite: (one, other) => {
      const [a, b] = [rootOf(one), rootOf(other)]
      if (a === b) return false
      const [large, small] = (sizes[a] as number) < (sizes[b] as number) ? [b, a] : [a, b]
      parents[small] = large
      sizes[large] = (sizes[large] as number) + (sizes[small] as number)
      return true
    },
  }
}
