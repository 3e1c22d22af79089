import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eachOnce, inOrder, type Post } from '../../../../lambdas/domain/coordination/posts/post.ts'

const day = 86_400_000

const posts = fc.array(
  fc.record({
    id: fc.constantFrom('1', '2', '10'),
    account: fc.constantFrom('a', 'b'),
    at: fc.option(fc.constantFrom(0, 1, 1.5, day, 400 * day, 4_000_000_000_000), { nil: undefined }),
    text: fc.constantFrom('', 'x', 'y'),
    repostOf: fc.option(fc.constantFrom('r', 's'), { nil: undefined }),
  }),
)

test('posts are in order of time, account, id and the rest, those without a time last', () => {
  const rank = ({ at, account, id, text, repostOf }: Post) => [
    at ?? Number.POSITIVE_INFINITY,
    account,
    id,
    JSON.stringify([text, '', '', repostOf ?? '', '', '']),
  ]
  fc.assert(
    fc.property(posts, (given) => {
      const sorted = inOrder(given)
      const ranks = sorted.map(rank)
      for (const [at, one] of ranks.entries()) {
        const before = ranks[at - 1]
        const differs = before?.findIndex((value, place) => value !== one[place]) ?? -1
        if (before && differs >= 0) expect((before[differs] ?? '') < (one[differs] ?? '')).toBe(true)
      }
      expect(sorted).toHaveLength(given.length)
      expect(new Set(eachOnce(sorted).map((post) => JSON.stringify(rank(post)))).size).toBe(eachOnce(sorted).length)
    }),
  )
})

test('does not depend on the order of the files', () => {
  fc.assert(
    fc.property(
      posts.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length }))),
      ([given, shuffled]) => {
        expect(inOrder(shuffled)).toEqual(inOrder(given))
      },
    ),
  )
})
