/** Posts of a cluster by the finest interval that their times allow. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDetection } from '../../../lambdas/domain/detection/detection.ts'
import { strayFigureIn } from '../../../lambdas/domain/detection/names/stray-figures.ts'
import { figuresOf } from '../../../lambdas/intake/coordination/cluster-record.ts'
import { input } from '../../support/detections.ts'

const start = Date.UTC(2024, 4, 15, 3)
const [second, hour, day] = [1_000, 3_600_000, 86_400_000]
const twelve = (step: number, from = start) => Array.from({ length: 12 }, (_, at) => ({ at: from + at * step }))

const stepOf = (posts: readonly { readonly at?: number }[], options = {}) =>
  figuresOf(posts, options).counts.byInterval?.[0]?.minutes

describe('posts by ten minutes or by hour', () => {
  it('are counted where each one has a time, exactly', () => {
    expect(figuresOf(twelve(61 * second), {}).counts.byInterval).toEqual([
      { from: '2024-05-15T03:00:00.000Z', minutes: 10, posts: { value: 10, qualifier: 'exact' } },
      { from: '2024-05-15T03:10:00.000Z', minutes: 10, posts: { value: 2, qualifier: 'exact' } },
    ])
  })

  it('are floors where some have none', () => {
    const counts = figuresOf([...twelve(second), {}], {}).counts.byInterval
    expect(counts).toMatchObject([{ posts: { value: 12, qualifier: 'at least' } }])
  })

  it.each([
    ['by hour where every time is on the hour', twelve(hour), 60],
    ['by hour where ten minutes would be too many', twelve(day + second), 60],
    ['not over half a year', twelve(15 * day + second), undefined],
    ['not where all are midnights', twelve(day, start - 3 * hour), undefined],
    ['not for a few', twelve(second).slice(3), undefined],
  ])('are given %s', (_, posts, minutes) => {
    expect(stepOf(posts)).toBe(minutes)
  })

  it('are not given where all are midnights of the territory', () => {
    const posts = twelve(day, Date.UTC(2024, 4, 14, 13))
    expect(stepOf(posts, { territories: ['NC'] })).toBeUndefined()
    expect(stepOf(posts)).toBe(60)
  })

  it('add up to the posts that have a time, and can be ingested', () => {
    const times = fc.array(fc.option(fc.integer({ min: start, max: start + 60 * day }), { nil: undefined }), {
      minLength: 1,
    })
    fc.assert(
      fc.property(times, (all) => {
        const { counts, observed } = figuresOf(
          all.map((at) => ({ at })),
          { territories: ['NC'] },
        )
        const sum = counts.byInterval?.reduce(
          (total, { posts }) => total + (typeof posts === 'number' ? posts : posts.value),
          0,
        )
        if (counts.byInterval) expect(sum).toBe(all.filter((at) => at !== undefined).length)
        const read = readDetection(input({ counts, ...(observed && { observed }) }))
        if (!observed) return
        expect('detection' in read && strayFigureIn(read.detection)).toBeUndefined()
      }),
    )
  })
})
