import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { edgeCounts } from '../../../../lambdas/domain/coordination/graph/edges.ts'
import { inOrder, type Post } from '../../../../lambdas/domain/coordination/posts/post.ts'
import { byCoortweetsRule } from '../../../../lambdas/domain/coordination/sharing/co-sharing.ts'
import { canonicalUrl, sharesOf } from '../../../../lambdas/domain/coordination/sharing/shares.ts'
import { isShared } from '../../../support/intake.ts'
import { coortweetPosts } from '../../../support/posts.ts'

/** Seconds after midnight. */
const post = (id: string, account: string, seconds: number, more: Partial<Post> = {}): Post => ({
  id,
  account,
  at: Date.UTC(2024, 4, 15) + seconds * 1_000,
  text: '',
  ...more,
})

describe.skipIf(!isShared)('CooRTweet’s own answers (skipped where ../shared/data is absent)', () => {
  const cells = [
    [10, 1, 1_098, 1_092, 5],
    [10, 5, 22, 20, 1],
    [60, 2, 3_791, 3_721, 60],
    [300, 1, 30_690, 30_010, 532],
    [300, 5, 9_414, 8_917, 370],
  ] as const
  test.each(cells)('%i s, min_participation %i: %i pairs, %i edges, %i of weight 2', (seconds, least, ...expected) => {
    const posts = inOrder(coortweetPosts())
    const rule = { windowMs: seconds * 1_000, minParticipation: least }
    const { pairs, edges, repeated } = byCoortweetsRule(posts, sharesOf(posts), rule)
    expect([pairs, edges, repeated.length]).toEqual(expected)
  })
})

/** Posts of few accounts and objects within minutes, so that much falls together. */
const manyPosts = fc.array(
  fc.record({
    account: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    id: fc.constantFrom(...Array.from({ length: 30 }, (_, at) => `p${at}`), 'x'),
    seconds: fc.integer({ min: 0, max: 90 }),
    object: fc.constantFrom('x', 'y', 'z'),
  }),
  { maxLength: 40 },
)

describe('against pairing all with all', () => {
  test("CooRTweet's rule", () => {
    fc.assert(
      fc.property(
        manyPosts,
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 4 }),
        (rows, seconds, least) => {
          const all = rows.map(({ id, account, seconds: at, object }) => post(id, account, at, { object }))
          const posts = inOrder(all)
          const { pairs, edges, repeated } = byCoortweetsRule(posts, sharesOf(posts), {
            windowMs: seconds * 1_000,
            minParticipation: least,
          })
          const active = all.filter(({ account }) => all.filter((one) => one.account === account).length >= least)
          const together = active.flatMap((one, at) =>
            active
              .slice(at + 1)
              .filter(
                (other) =>
                  one.object === other.object &&
                  one.account !== other.account &&
                  Math.abs((one.at ?? 0) - (other.at ?? 0)) <= seconds * 1_000 &&
                  one.id !== one.object &&
                  other.id !== other.object,
              )
              .map((other) => [one, other] as const),
          )
          const ids = new Set(together.flatMap((pair) => pair.map(({ id }) => id)))
          // Rows whose post is its own object share nothing, and do not count.
          const often = (account: string) =>
            active.filter((one) => one.account === account && ids.has(one.id) && one.id !== one.object).length
          const kept = together.filter((pair) => pair.some(({ account }) => often(account) >= least))
          const weights = Map.groupBy(kept, (pair) =>
            pair
              .map(({ account }) => account)
              .sort()
              .join(),
          )
          expect({ pairs, edges, repeated: repeated.length }).toEqual({
            pairs: kept.length,
            edges: weights.size,
            repeated: [...weights.values()].filter(({ length }) => length > 1).length,
          })
        },
      ),
    )
  })
})

test('a repost shares only its original; hashtags, addresses and answers belong to the post itself', () => {
  const posts = [
    post('1', 'a', 0, {
      text: 'Look #Kanaky #kanaky https://www.site.example/a/?utm_source=x&b=2&a=1#top, now',
      replyTo: '9',
    }),
    post('2', 'b', 1, { text: 'RT @a: Look #Kanaky', repostOf: '1' }),
    post('3', 'c', 2, { object: '3' }),
  ]
  expect(sharesOf(posts).objectNames).toEqual(['reply 9', 'url site.example/a?a=1&b=2', 'hashtag kanaky', 'repost 1'])
})

test.each([
  ['https://www.Site.example:8080/Path/?fbclid=1#part', 'site.example:8080/Path'],
  ['http://m.site.example/path?b=1&utm_campaign=z&a=%20', 'site.example/path?a=%20&b=1'],
  ['no address', 'no address'],
])('%s is %s', (written, canonical) => {
  expect(canonicalUrl(written)).toBe(canonical)
  expect(canonicalUrl(`https://${canonical}`)).toBe(canonical === 'no address' ? 'https://no address' : canonical)
})

test('more pairs of accounts than fit are refused', () => {
  const counts = edgeCounts(10, true, 2)
  counts.add(1, 2, 0)
  counts.add(2, 1, 0)
  counts.add(2, 3, 0)
  expect(() => counts.add(3, 4, 0)).toThrow('pairs of accounts')
  expect(counts.atLeast(1)).toEqual([
    { a: 1, b: 2, weight: 1 },
    { a: 2, b: 3, weight: 1 },
  ])
})
