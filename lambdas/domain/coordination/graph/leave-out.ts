/**
 * Louvain weighs ties against the whole net: a heavy group makes unrelated accounts around it merge into one group.
 * Reshuffles dissolve the heavy group, so they have no such group for comparison.
 */
import type { Edge } from './edges.ts'
import { type Group, groupOf, groupsOf, leastAccounts } from './groups.ts'
import type { Random } from './random.ts'

type Net = {
  readonly repeated: readonly Edge[]
  readonly groups: readonly Group[]
  readonly isBeyondChance: (group: Group) => boolean
}

/** A group beyond chance, and its parts that remain so without the other groups. */
type Held = { readonly group: Group; readonly parts: readonly Group[] }

/**
 * Tests each group beyond chance without the others, and without the strongest group that may be chance. Keeps it whole
 * where its remaining parts have more than half of its accounts. Yields after each group.
 */
export function* heldWithoutOthers(
  { repeated, groups, isBeyondChance }: Net,
  random: Random,
): Generator<{ readonly done: number; readonly of: number }, readonly Held[]> {
  const passing = groups.filter(isBeyondChance)
  const weaker = groups.find((group) => !isBeyondChance(group))
  const leftOut = [...passing, ...(weaker ? [weaker] : [])]
  const held: Held[] = []
  for (const group of passing) {
    const others = new Set(leftOut.flatMap((other) => (other === group ? [] : other.accounts)))
    const without = repeated.filter(({ a, b }) => !others.has(a) && !others.has(b))
    const parts = others.size === 0 ? [group] : partsOf(group, groupsOf(without, random)).filter(isBeyondChance)
    const holding = parts.reduce((sum, { accounts }) => sum + accounts.length, 0)
    held.push({ group, parts: 2 * holding > group.accounts.length ? [group] : parts })
    yield { done: held.length, of: passing.length }
  }
  return held
}

const partsOf = ({ accounts }: Group, others: readonly Group[]): readonly Group[] => {
  const members = new Set(accounts)
  return others
    .map(({ edges }) => groupOf(edges.filter(({ a, b }) => members.has(a) && members.has(b))))
    .filter((part) => part.accounts.length >= leastAccounts)
}
