/** Narratives are counted like hashtags, and both are compared with the period before. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCounter, type DetectionAsOf, sharesBefore, type Tally } from '../../lambdas/domain/aggregate/tally.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { detectionAsOf } from '../support/detections.ts'

const tallyOf = (all: readonly DetectionAsOf[], period = '2024-W20'): Tally => {
  const counter = createCounter({ period: parsePeriod(period), zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
  for (const one of all) counter.add(one)
  return counter.tally()
}

const colonial = { fr: 'Néocolonialisme', en: 'Neocolonialism' }

const week = [
  detectionAsOf({ id: 'a', narratives: [colonial], counts: { posts: 10 } }),
  detectionAsOf({ id: 'b', narratives: [{ en: 'neocolonialism' }, { fr: 'Police meurtrière' }], counts: { posts: 5 } }),
  detectionAsOf({ id: 'c', partOf: 'a', narratives: [colonial], counts: { posts: 4 } }),
  detectionAsOf({ id: 'secret', narratives: [{ en: 'Above the cap' }], marking: 'TLP:RED' }),
]

describe('narratives', () => {
  it('are one where they read the same in English, with every wording', () => {
    expect(tallyOf(week).narratives).toMatchObject([
      {
        name: 'Neocolonialism',
        detections: 3,
        posts: { value: 15, qualifier: 'at least' },
        texts: { en: 'Neocolonialism', fr: 'Néocolonialisme' },
      },
      {
        name: 'Police meurtrière',
        detections: 1,
        posts: { value: 5, qualifier: 'exact' },
        texts: { fr: 'Police meurtrière' },
      },
    ])
  })

  it('do not depend on the order in which detections come', () => {
    const more = [...week, detectionAsOf({ id: 'd', narratives: [{ en: 'Neocolonialism', fr: 'Autre mot' }] })]
    const expected = tallyOf(more).narratives
    fc.assert(
      fc.property(fc.shuffledSubarray(more, { minLength: more.length }), (shuffled) => {
        expect(tallyOf(shuffled).narratives).toEqual(expected)
      }),
    )
  })
})

describe('the period before', () => {
  it('is kept only for what is named now', () => {
    const now = tallyOf([detectionAsOf({ hashtags: ['#BoycottParis2024'], narratives: [colonial] })])
    const before = tallyOf(
      [
        detectionAsOf({ id: 'p', observed: { from: '2024-05-08' }, hashtags: ['#boycottparis2024', '#other'] }),
        detectionAsOf({ id: 'q', observed: { from: '2024-05-08' }, narratives: [colonial], counts: { posts: 3 } }),
      ],
      '2024-W19',
    )
    const { hashtags, narratives } = sharesBefore(now, before)
    expect(hashtags.map(({ name }) => name)).toEqual(['#boycottparis2024'])
    expect(narratives).toMatchObject([
      { name: 'Neocolonialism', detections: 1, posts: { value: 3, qualifier: 'exact' } },
    ])
  })
})
