/** Groups of accounts: communities of the graph of repeated edges, by seeded Louvain. */
import { UndirectedGraph } from 'graphology'
import louvainModule from 'graphology-communities-louvain'
import type { Edge } from './edges.ts'
import type { Random } from './random.ts'
import { unionFind } from './union-find.ts'

export type Group = {
  /** Sorted. */
  readonly accounts: readonly number[]
  readonly edges: readonly Edge[]
  /** Sum of the distinct objects beyond the first, by edge. */
  readonly score: number
}

// The package is CommonJS: its typed default export is the module itself.
const louvain = louvainModule as unknown as typeof louvainModule.default

export const leastAccounts = 3

export const scoreOf = (edges: readonly Edge[]): number => edges.reduce((sum, { weight }) => sum + weight - 1, 0)

/** Returns the connected component with the highest score. */
export const strongestConnected = (edges: readonly Edge[]): readonly Edge[] => {
  const numbers = new Map<number, number>()
  for (const account of edges.flatMap(({ a, b }) => [a, b]))
    if (!numbers.has(account)) numbers.set(account, numbers.size)
  const { rootOf, unite } = unionFind(numbers.size)
  const placeOf = (account: number): number => numbers.get(account) as number
  for (const { a, b } of edges) unite(placeOf(a), placeOf(b))
  const [strongest = []] = [...Map.groupBy(edges, ({ a }) => rootOf(placeOf(a))).values()].sort(
    (one, other) => scoreOf(other) - scoreOf(one),
  )
  return strongest
}

export const groupOf = (edges: readonly Edge[]): Group => ({
  accounts: [...new Set(edges.flatMap(({ a, b }) => [a, b]))].sort((a, b) => a - b),
  edges,
  score: scoreOf(edges),
})

/**
 * Returns groups of at least three accounts, strongest first.
 * @param edges of weight 2 and more, sorted by account
 */
export const groupsOf = (edges: readonly Edge[], random: Random): readonly Group[] => {
  if (edges.length === 0) return []
  const graph = new UndirectedGraph<object, { weight: number }>()
  for (const { a, b, weight } of edges) graph.mergeEdge(a, b, { weight })
  const communityOf = louvain(graph, { rng: random })
  const found = new Map<number, Edge[]>()
  for (const edge of edges) {
    const community = communityOf[edge.a] as number
    if (community !== communityOf[edge.b]) continue
    const own = found.get(community) ?? []
    found.set(community, own)
    own.push(edge)
  }
  return [...found.values()]
    .map(groupOf)
    .filter(({ accounts }) => accounts.length >= leastAccounts)
    .sort((a, b) => b.score - a.score || (a.accounts[0] as number) - (b.accounts[0] as number))
}
