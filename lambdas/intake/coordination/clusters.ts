/** Connected components of pairs, independent of their order. */
import { unionFind } from '../../domain/coordination/graph/union-find.ts'

export type Pair = { readonly from: string; readonly to: string }

export type Cluster<One extends Pair> = {
  /** Unique, sorted. */
  readonly members: readonly string[]
  /** In input order. */
  readonly pairs: readonly One[]
}

export const clustersOf = <One extends Pair>(pairs: readonly One[]): readonly Cluster<One>[] => {
  const numbers = new Map<string, number>()
  const numberOf = (name: string): number => {
    const number = numbers.get(name) ?? numbers.size
    numbers.set(name, number)
    return number
  }
  const ends = pairs.map(({ from, to }) => [numberOf(from), numberOf(to)] as const)
  const { rootOf, unite } = unionFind(numbers.size)
  for (const [from, to] of ends) unite(from, to)
  const clusters = new Map<number, { members: string[]; pairs: One[] }>()
  // Sorts both members and clusters.
  for (const [name, number] of [...numbers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const root = rootOf(number)
    const cluster = clusters.get(root)
    if (cluster) cluster.members.push(name)
    else clusters.set(root, { members: [name], pairs: [] })
  }
  for (const pair of pairs) clusters.get(rootOf(numberOf(pair.from)))?.pairs.push(pair)
  return [...clusters.values()]
}
