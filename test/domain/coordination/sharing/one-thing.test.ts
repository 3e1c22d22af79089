import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Post } from '../../../../lambdas/domain/coordination/posts/post.ts'
import { eachThingOnce } from '../../../../lambdas/domain/coordination/sharing/one-thing.ts'
import { type Shares, sharesOf } from '../../../../lambdas/domain/coordination/sharing/shares.ts'

const post = (at: number, urls: readonly string[], hashtags: readonly string[] = []): Post => ({
  ...{ id: `p${at}`, account: `account-${at % 3}`, at: at * 1_000, text: '', urls, hashtags },
})

/** The name, and account, time and post of each share, of each object. */
const listOf = ({ objectNames, starts, accounts, accountNames, times, posts }: Shares) =>
  objectNames.map((name, object) => {
    const shares = Array.from({ length: (starts[object + 1] ?? 0) - (starts[object] ?? 0) }, (_, at) => {
      const share = (starts[object] ?? 0) + at
      return [accountNames[accounts[share] ?? -1], times[share], posts[share]]
    })
    return { name, shares }
  })

test('a text and its link that always come together are one thing', () => {
  const posts = Array.from({ length: 10 }, (_, at) => ({
    ...post(at, ['https://a.example/1']),
    account: `account-${at % 2}`,
  }))
  const apart = sharesOf(posts, { copyOf: () => 'fingerprint' })
  expect(apart.objectNames).toHaveLength(2)
  expect(eachThingOnce(apart)).toMatchObject({ objectNames: ['url a.example/1'], several: false })
})

test('a post with only one of them keeps them apart', () => {
  const posts = [post(0, ['https://a.example']), post(1, ['https://a.example']), post(2, [])]
  const shares = sharesOf(posts, { copyOf: () => 'fingerprint' })
  expect(eachThingOnce(shares)).toBe(shares)
})

test('of the objects with the same posts one remains, with its shares', () => {
  const some = (name: string) => fc.subarray([0, 1, 2, 3].map((at) => `${name}${at}`))
  const posts = fc.array(fc.tuple(some('https://a.example/'), some('tag')), { maxLength: 12 })
  fc.assert(
    fc.property(posts, (written) => {
      const shares = sharesOf(written.map(([urls, hashtags], at) => post(at, urls, hashtags)))
      const before = listOf(shares)
      const bySet = Map.groupBy(before, ({ shares: own }) => JSON.stringify(own.map(([, , at]) => at)))
      const expected = [...bySet.values()].map((same) => same.find(({ name }) => name.startsWith('url')) ?? same[0])
      const once = eachThingOnce(shares)
      expect(new Set(listOf(once))).toEqual(new Set(expected))
      const perPost = Map.groupBy(once.posts, (at) => at)
      expect(once.several).toBe([...perPost.values()].some(({ length }) => length > 1))
    }),
  )
})
