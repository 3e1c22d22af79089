import fc from 'fast-check'
import { expect, test } from 'vitest'
import { endOf, grownBy } from '../../../lambdas/domain/coordination/grown.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import { detection } from '../../support/detections.ts'

type Post = { readonly at: number; readonly account: string }

const start = Date.UTC(2024, 4, 15)
const iso = (at: number) => new Date(start + at * 60_000).toISOString()

const detected = (posts: readonly Post[]): Detection =>
  detection({
    id: 'cluster',
    observed: { from: iso(posts[0]?.at ?? 0), to: iso(posts.at(-1)?.at ?? 0) },
    counts: { posts: posts.length, accounts: new Set(posts.map(({ account }) => account)).size },
    accountRefs: [...new Set(posts.map(({ account }) => account))].sort(),
  })

test('posts are a floor, accounts are exact, and the same window again changes nothing', () => {
  const posts = fc
    .uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 2, maxLength: 60 })
    .chain((times) =>
      fc.tuple(
        ...times
          .toSorted((a, b) => a - b)
          .map((at) => fc.record({ at: fc.constant(at), account: fc.constantFrom(...'abcdefgh') })),
      ),
    )
  const windows = fc.array(fc.tuple(fc.nat(500), fc.nat(300)), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(posts, windows, (all, asked) => {
      const [first] = all
      if (!first) return
      const seen = new Set<Post>([first])
      let known = detected([first])
      for (const [from, length] of asked) {
        const window = all.filter(({ at }) => at >= from && at <= from + length)
        if (window.length === 0) continue
        for (const post of window) seen.add(post)
        const later = window.filter(({ at }) => start + at * 60_000 > endOf(known)).length
        const isNew = later > 0 || window.some(({ account }) => !known.accountRefs?.includes(account))
        const before = known
        known = grownBy(known, detected(window), later)
        if (!isNew && window.length <= (before.counts.posts?.value ?? 0)) expect(known).toBe(before)
        expect(known.counts.posts?.value).toBeLessThanOrEqual(seen.size)
        expect(known.counts.posts?.value).toBeGreaterThanOrEqual(window.length)
        expect(known.accountRefs).toEqual([...new Set([...seen].map(({ account }) => account))].sort())
        expect(known.counts.accounts).toEqual({ value: known.accountRefs?.length, qualifier: 'exact' })
        expect(grownBy(known, detected(window), 0)).toEqual(known)
      }
    }),
  )
})

test('windows that overlap at their ends lose no post', () => {
  const all = Array.from({ length: 30 }, (_, at): Post => ({ at, account: `a${at % 5}` }))
  let known = detected(all.slice(0, 12))
  for (const [from, to] of [
    [8, 20],
    [15, 30],
  ]) {
    const window = all.slice(from, to)
    const later = window.filter(({ at }) => start + at * 60_000 > endOf(known)).length
    known = grownBy(known, detected(window), later)
  }
  expect(known.counts.posts).toEqual({ value: 30, qualifier: 'at least' })
})
