/** Manoeuvres by campaign: none lost, none apart from its own, the weightiest campaign first. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Total } from '../../../lambdas/domain/core/figures.ts'
import { byCampaign, sameCampaign } from '../../../lambdas/domain/detection/campaigns.ts'

const exact = (value: number): Total => ({ value, qualifier: 'exact' })
const entry = (campaign: string | undefined, posts: Total) => ({ campaign, figures: { posts } })

const totals: fc.Arbitrary<Total> = fc.oneof(
  fc.nat(1000).map(exact),
  fc.nat(1000).map((value): Total => ({ value, qualifier: 'at least' })),
  fc.constant<Total>({ value: null, qualifier: 'not given' }),
)

const byPosts = fc
  .array(
    fc.record({ campaign: fc.constantFrom('BIG', 'big ', 'RRN', undefined), figures: fc.record({ posts: totals }) }),
  )
  .map((entries) => [...entries].sort((a, b) => (b.figures.posts.value ?? 0) - (a.figures.posts.value ?? 0)))

describe('grouping', () => {
  it('brings manoeuvres of one campaign together, by what the campaign weighs', () => {
    const [alone, big1, rrn, big2] = [
      entry(undefined, exact(90)),
      entry('BIG', exact(60)),
      entry('RRN', exact(55)),
      entry('BIG', exact(50)),
    ]
    expect(byCampaign([alone, big1, rrn, big2])).toEqual([
      { campaign: 'BIG', entries: [big1, big2] },
      { campaign: undefined, entries: [alone] },
      { campaign: 'RRN', entries: [rrn] },
    ])
  })

  it('loses nothing, and keeps campaigns whole and by weight', () => {
    fc.assert(
      fc.property(byPosts, (entries) => {
        const groups = byCampaign(entries)
        expect(new Set(groups.flatMap((group) => group.entries))).toEqual(new Set(entries))
        const weights = groups.map((group) =>
          group.entries.reduce((sum, { figures }) => sum + (figures.posts.value ?? 0), 0),
        )
        expect(weights).toEqual([...weights].sort((a, b) => b - a))
        for (const [at, group] of groups.entries()) {
          expect(groups.slice(at + 1).some(({ campaign }) => sameCampaign(campaign, group.campaign))).toBe(false)
        }
      }),
    )
  })
})
