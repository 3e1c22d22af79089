/** Account numbers, the smaller first. */
export type Edge = { readonly a: number; readonly b: number; readonly weight: number }

/** About 1 GB. */
const maxEdges = 10_000_000

type EdgeCounts = {
  readonly size: number
  /** Counts an object once per pair, if objects come one after the other. */
  add(a: number, b: number, object: number): void
  /** Sorted by account. */
  atLeast(weight: number): readonly Edge[]
}

/**
 * @param distinct counts objects instead of shares
 * @throws Error above `most` edges
 */
export const edgeCounts = (accounts: number, distinct: boolean, most: number = maxEdges): EdgeCounts => {
  const edges = new Map<number, { weight: number; last: number }>()
  return {
    get size() {
      return edges.size
    },
    add: (one, other, object) => {
      const key = one < other ? one * accounts + other : other * accounts + one
      const edge = edges.get(key)
      if (edge) {
        if (!distinct || edge.last !== object) edge.weight += 1
        edge.last = object
        return
      }
      if (edges.size === most) {
        throw new Error(
          `more than ${most.toLocaleString('en')} pairs of accounts shared something within the window: take a shorter window, or fewer posts at once`,
        )
      }
      edges.set(key, { weight: 1, last: object })
    },
    atLeast: (least) =>
      [...edges]
        .flatMap(([key, { weight }]): Edge[] =>
          weight < least ? [] : [{ a: Math.floor(key / accounts), b: key % accounts, weight }],
        )
        .sort((one, other) => one.a - other.a || one.b - other.b),
  }
}
