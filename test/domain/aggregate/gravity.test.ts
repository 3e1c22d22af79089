/** Gravity before volume: docs/report.md, Gravity. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCounter } from '../../../lambdas/domain/aggregate/tally.ts'
import { parsePeriod } from '../../../lambdas/domain/core/period.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { detection } from '../../support/detections.ts'

type Said = Partial<DetectionInput> & { readonly id: string }

const order = (...all: readonly Said[]): readonly string[] => {
  const counter = createCounter({ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:RED' })
  for (const said of all) {
    const { counts = { posts: 10 }, ...rest } = said
    counter.add({ detection: detection({ ...rest, counts }), revision: 1, storedAt: '2024-05-20T00:00:00.000Z' })
  }
  return counter.tally().manoeuvres.map(({ id }) => id)
}
const posts = (value: number) => ({ counts: { posts: value } })
const breakout = (category: number) => ({ breakout: { category } })
const effect = (state: 'observed' | 'not assessed' | 'none') => ({ observedEffect: { state } })
const actor = { actor: { name: 'A group', attributedBy: 'VIGINUM' } }

describe('manoeuvres come', () => {
  test('in the order that the docs say, whatever their posts', () => {
    const expected: readonly Said[] = [
      { id: 'repeated-by-a-government', ...breakout(6) },
      { id: 'repeated-by-media', ...breakout(4), ...posts(1) },
      { id: 'observed', ...effect('observed'), ...posts(2) },
      { id: 'several-platforms', ...breakout(3), ...posts(3) },
      { id: 'one-community', ...breakout(1), ...posts(4) },
      { id: 'attributed', ...actor, ...posts(5) },
      { id: 'large', ...posts(5_000) },
      { id: 'not-assessed', ...effect('not assessed'), ...posts(900) },
      { id: 'small', ...posts(7) },
      { id: 'two-platforms-in-vain', ...breakout(2), ...effect('none'), ...posts(8_000) },
      { id: 'in-vain', ...effect('none'), ...posts(9_000) },
    ]
    const ids = expected.map(({ id }) => id)
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
  test('by gravity among more than are kept', () => {
    const small = Array.from({ length: 400 }, (_, at) => ({ id: `burst-${at}`, ...posts(1_000 + at) }))
    const kept = order({ id: 'attributed', ...actor, ...posts(1) }, ...small)
    expect([kept[0], kept[1], kept.length]).toEqual(['attributed', 'burst-399', 300])
  })
})
