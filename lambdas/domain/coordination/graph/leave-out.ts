/**
 * Groups as they are without the others. Louvain's method weighs ties against all of the net's: a gang makes the net so
 * heavy that strangers around it melt into one large group. Reshuffles deal the gang away, and have no such group to
 * compare it with.
 */
import type { Edge } from './edges.ts'
import { type Group, groupOf, groupsOf, leastAccounts } from './groups.ts'
import type { Random } from './random.ts'

type Net = {
  /** Of weight 2 and more, sorted by their accounts. */
  readonly repeated: readonly Edge[]
  readonly groups: readonly Group[]
  readonly isBeyondChance: (group: Group) => boolean
}

/** A group that is beyond chance, and what of it is so without the others: all of it, some parts, or nothing. */
type Held = { readonly group: Group; readonly parts: readonly Group[] }

/**
 * Each group beyond chance is looked for again without the accounts of the others beyond chance and those of the
 * strongest that is not, which may be a gang too weak to show. Where the parts that still are beyond chance have more
 * than half of its accounts, it stays as it is. It yields after each group.
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

/** What of a group is in each of some other groups, from three accounts on. */
const partsOf = ({ accounts }: Group, others: readonly Group[]): readonly Group[] => {
  const members = new Set(accounts)
  return others
    .map(({ edges }) => groupOf(edges.filter(({ a, b }) => members.has(a) && members.has(b))))
    .filter((part) => part.accounts.length >= leastAccounts)
}
