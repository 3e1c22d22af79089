import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Edge } from '../../../../lambdas/domain/coordination/graph/edges.ts'
import { groupOf, groupsOf } from '../../../../lambdas/domain/coordination/graph/groups.ts'
import { heldWithoutOthers } from '../../../../lambdas/domain/coordination/graph/leave-out.ts'
import { randomFrom } from '../../../../lambdas/domain/coordination/graph/random.ts'
import { sha256 } from '../../../../lambdas/domain/core/text/canonical.ts'

/** Each two of some accounts, tied alike. */
const clique = (from: number, size: number, weight: number): readonly Edge[] =>
  Array.from({ length: size }, (_, a) =>
    Array.from({ length: size - a - 1 }, (_, b) => ({ a: from + a, b: from + a + b + 1, weight })),
  ).flat()

const inOrder = (edges: readonly Edge[]): readonly Edge[] => edges.toSorted((x, y) => x.a - y.a || x.b - y.b)

/** Of a net of which what is stronger than `least` is beyond chance. */
const held = (edges: readonly Edge[], least: number) => {
  const repeated = inOrder(edges)
  const random = randomFrom(sha256('held'))
  const groups = groupsOf(repeated, random)
  const steps = heldWithoutOthers({ repeated, groups, isBeyondChance: ({ score }) => score > least }, random)
  const progress: { readonly done: number; readonly of: number }[] = []
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return { groups, progress, held: step.value }
    progress.push(step.value)
  }
}

/** Triangles in a ring, each tied to the next: they merge as the net grows (Fortunato and Barthélemy, 2007). */
const ring = (triangles: number): readonly Edge[] =>
  Array.from({ length: triangles }, (_, at) => [
    ...clique(3 * at, 3, 2),
    {
      a: Math.min(3 * at, (3 * at + 5) % (3 * triangles)),
      b: Math.max(3 * at, (3 * at + 5) % (3 * triangles)),
      weight: 2,
    },
  ]).flat()

describe('a ring of small groups next to a large one', () => {
  const around = ring(8)
  const gang = clique(100, 20, 8)

  test('merges by the weight of the large one, and is not claimed; the large one is', () => {
    const alone = held(around, 0)
    const strongest = alone.groups[0]?.score ?? 0
    const found = held([...around, ...gang], strongest)
    expect(found.groups.filter(({ score }) => score > strongest).length).toBeGreaterThan(1)
    const claimed = found.held.flatMap(({ parts }) => parts)
    expect(claimed).toEqual([groupOf(gang)])
  })

  test('merges by a large one that is not claimed either', () => {
    const strongest = held(around, 0).groups[0]?.score ?? 0
    const repeated = inOrder([...around, ...gang])
    const random = randomFrom(sha256('weak'))
    const groups = groupsOf(repeated, random)
    const isBeyondChance = ({ score, accounts }: { score: number; accounts: readonly number[] }) =>
      score > strongest && (accounts[0] ?? 0) < 100
    expect(groups.some(isBeyondChance)).toBe(true)
    const steps = heldWithoutOthers({ repeated, groups, isBeyondChance }, random)
    let step = steps.next()
    while (!step.done) step = steps.next()
    expect(step.value.flatMap(({ parts }) => parts)).toEqual([])
  })
})

test('separate groups all remain, with progress for each', () => {
  const cliques = [clique(0, 6, 4), clique(10, 8, 3), clique(20, 12, 5)]
  const found = held(cliques.flat(), 10)
  expect(found.progress).toEqual([1, 2, 3].map((done) => ({ done, of: 3 })))
  expect(new Set(found.held.flatMap(({ parts }) => parts))).toEqual(new Set(cliques.map(groupOf)))
})

test('claims are beyond chance, parts of found groups, and have no account twice', () => {
  const edge = fc.record({ a: fc.nat(29), b: fc.nat(29), weight: fc.integer({ min: 2, max: 9 }) })
  const net = fc.uniqueArray(
    edge.filter(({ a, b }) => a < b),
    { selector: ({ a, b }) => `${a} ${b}`, maxLength: 120 },
  )
  fc.assert(
    fc.property(net, fc.integer({ min: 0, max: 30 }), (edges, least) => {
      const { groups, held: all } = held(edges, least)
      expect(all.map(({ group }) => group)).toEqual(groups.filter(({ score }) => score > least))
      const seen = new Set<number>()
      for (const { group, parts } of all) {
        for (const part of parts) {
          expect(part.score).toBeGreaterThan(least)
          expect(part.accounts.length).toBeGreaterThanOrEqual(3)
          expect(new Set(part.edges).isSubsetOf(new Set(group.edges))).toBe(true)
          for (const account of part.accounts) {
            expect(group.accounts).toContain(account)
            expect(seen.has(account)).toBe(false)
            seen.add(account)
          }
        }
      }
    }),
  )
})
