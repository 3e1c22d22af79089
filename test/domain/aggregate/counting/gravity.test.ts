/** Gravity before volume: docs/reports.md, Order by gravity. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCounter } from '../../../../lambdas/domain/aggregate/tally.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import { detection } from '../../../support/detections.ts'

type Input = Partial<DetectionInput> & { readonly id: string }

const order = (...all: readonly Input[]): readonly string[] => orderAfter([], ...all)

/** @param known thread keys of the eight periods before */
const orderAfter = (known: readonly string[], ...all: readonly Input[]): readonly string[] => {
  const counter = createCounter({ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:RED' })
  for (const input of all) {
    const { counts = { posts: 10 }, ...rest } = input
    counter.add({ detection: detection({ ...rest, counts }), revision: 1, storedAt: '2024-05-20T00:00:00.000Z' })
  }
  return counter.tally({ known: new Set(known) }).manoeuvres.map(({ id }) => id)
}
const posts = (value: number) => ({ counts: { posts: value } })
const breakout = (category: number) => ({ breakout: { category } })
const effect = (state: 'observed' | 'not assessed' | 'none') => ({ observedEffect: { state } })
const degree = (far: 'act' | 'media' | 'online') => ({ observedEffect: { state: 'observed' as const, degree: far } })
const ofSet = (taking: number, size: number, more: number) => ({
  accountSet: { id: 's', name: 'A set', size },
  counts: { posts: more, coordinatedAccounts: taking },
})
const chained = {
  actor: {
    name: 'A group',
    attributedBy: 'VIGINUM',
    links: [
      {
        from: { name: 'A group', kind: 'group' },
        to: { name: 'A state', kind: 'state' },
        basis: 'technical',
        fact: { en: 'One server' },
        attributedBy: 'VIGINUM',
      },
    ],
  },
} as const satisfies Partial<DetectionInput>
const withoutBasis = {
  actor: { ...chained.actor, links: chained.actor.links.map(({ basis: _, ...link }) => link) },
}
const actor = { actor: { name: 'A group', attributedBy: 'VIGINUM' } }

describe('manoeuvres come', () => {
  test('in the order of docs/reports.md, whatever their posts', () => {
    const expected: readonly Input[] = [
      { id: 'denounced-and-acted-on', ...degree('act'), ...breakout(6), ...posts(1) },
      { id: 'acted-on', ...degree('act'), ...posts(2) },
      { id: 'repeated-by-a-government', ...breakout(6) },
      { id: 'repeated-by-media', ...breakout(4), ...posts(1) },
      { id: 'observed', ...effect('observed'), ...posts(2) },
      { id: 'echo', ...degree('media'), ...breakout(3), ...posts(2) },
      { id: 'online-only', ...degree('online'), ...breakout(2), ...posts(2) },
      { id: 'several-platforms', ...breakout(3), ...posts(3) },
      { id: 'one-community', ...breakout(1), ...posts(4) },
      { id: 'attributed-with-a-basis', ...chained, ...posts(1) },
      { id: 'attributed-by-links-without-one', ...withoutBasis, ...posts(6) },
      { id: 'attributed', ...actor, ...posts(5) },
      { id: 'most-of-a-set', ...ofSet(348, 423, 2) },
      { id: 'less-of-a-set', ...ofSet(300, 423, 9_000) },
      { id: 'new', campaign: 'New', ...posts(6) },
      { id: 'large', ...posts(5_000) },
      { id: 'not-assessed', ...effect('not assessed'), ...posts(900) },
      { id: 'small', ...posts(7) },
      { id: 'two-platforms-in-vain', ...breakout(2), ...effect('none'), ...posts(8_000) },
      { id: 'in-vain', ...effect('none'), ...posts(9_000) },
    ]
    const ids = expected.map(({ id }) => id)
    // All others were seen before.
    const known = ids.map((id) => `id ${id}`)
    const order = (...all: readonly Input[]) => orderAfter(known, ...all)
    expect(order(...expected)).toEqual(ids)
    fc.assert(
      fc.property(fc.shuffledSubarray([...expected], { minLength: expected.length }), (shuffled) => {
        expect(order(...shuffled)).toEqual(ids)
      }),
    )
  })
  test('with a whole as grave as the gravest of its parts', () => {
    expect(
      order({ id: 'large', ...posts(500) }, { id: 'whole' }, { id: 'part', partOf: 'whole', ...effect('observed') }),
    ).toEqual(['whole', 'large'])
  })
  test('by the share of a set only where both counts are given, and never above the whole of it', () => {
    const bare = { id: 'bare', accountSet: { id: 's', name: 'A set' }, counts: { posts: 20, coordinatedAccounts: 400 } }
    const none = { id: 'none', accountSet: { id: 's', name: 'A set', size: 423 }, ...posts(15) }
    const all = [
      bare,
      none,
      { id: 'one', ...ofSet(5, 423, 1) },
      { id: 'two', ...ofSet(900, 423, 2) },
      { id: 'three', ...ofSet(423, 423, 3) },
    ]
    expect(order(...all)).toEqual(['three', 'two', 'one', 'bare', 'none'])
  })
  test('new ones first, by campaign or else by whole, but after graver ones', () => {
    const seen = { id: 'seen', campaign: 'Old', ...posts(90) }
    const part = { id: 'part', partOf: 'elsewhere', ...posts(80) }
    expect(orderAfter(['campaign old', 'id elsewhere'], seen, part, { id: 'fresh', ...posts(1) })).toEqual([
      'fresh',
      'seen',
      'part',
    ])
    expect(orderAfter(['id fresh'], { id: 'fresh', ...actor, ...posts(1) }, seen)).toEqual(['fresh', 'seen'])
  })
  test('by gravity, also where not all are kept', () => {
    const small = Array.from({ length: 400 }, (_, at) => ({ id: `burst-${at}`, ...posts(1_000 + at) }))
    const kept = order({ id: 'attributed', ...actor, ...posts(1) }, ...small)
    expect([kept[0], kept[1], kept.length]).toEqual(['attributed', 'burst-399', 300])
  })
})
