import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inOrder, type Post } from '../../../../lambdas/domain/coordination/posts/post.ts'
import { sharesOf } from '../../../../lambdas/domain/coordination/sharing/shares.ts'

const name = fc.constantFrom('1', '2', '3', '10')
const maybe = <One>(one: fc.Arbitrary<One>) => fc.option(one, { nil: undefined })

const posts: fc.Arbitrary<readonly Post[]> = fc.array(
  fc.record({
    id: name,
    account: fc.constantFrom('a', 'b', 'c', '__proto__'),
    at: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
    text: fc.constantFrom('', 'nothing', '#Tag #tag', 'see https://site.example/1, #1', 'HTTPS://site.example/1'),
    repostOf: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, name),
    replyTo: maybe(name),
    object: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, name),
    urls: maybe(fc.array(fc.constantFrom('https://site.example/1', 'http://www.site.example/2'), { maxLength: 3 })),
    hashtags: maybe(fc.array(fc.constantFrom('tag', '1'), { maxLength: 3 })),
  }),
  { maxLength: 40, size: 'max' },
)

/** The shares of these posts, by docs/data.md. */
const sharedBy = ({ id, text, repostOf, replyTo, object, urls = [], hashtags = [] }: Post, copy?: string) => {
  if (object !== undefined) return object === id ? [] : [`object ${object}`]
  if (repostOf !== undefined) return repostOf === id ? [] : [`repost ${repostOf}`]
  const all = [
    ...(replyTo === undefined ? [] : [`reply ${replyTo}`]),
    ...(copy === undefined ? [] : [`copy ${copy}`]),
    ...urls.map((url) => `url site.example/${url.at(-1)}`),
    ...hashtags.map((hashtag) => `hashtag ${hashtag}`),
    ...(/https:/i.test(text) ? ['url site.example/1'] : []),
    ...(/#tag/i.test(text) ? ['hashtag tag'] : []),
    ...(/#1/.test(text) ? ['hashtag 1'] : []),
  ]
  return all.filter((one, at) => all.indexOf(one) === at)
}

test('each post shares a thing once, by object and time; numbers follow what comes first', () => {
  fc.assert(
    fc.property(posts, fc.integer({ min: 2, max: 5 }), fc.boolean(), (given, every, isOne) => {
      const sorted = inOrder(given)
      const copyOf = (post: number) => (post % every === 0 ? `text ${post % 2}` : undefined)
      const accountFor = (account: string) => (isOne && account === 'b' ? 'a' : account)
      const taken = sorted.map((post, at) => ({ post, at, things: sharedBy(post, copyOf(at)) }))
      const list = taken.flatMap(({ post, at, things }) =>
        post.at === undefined
          ? []
          : things.map((thing) => ({ thing, at, time: post.at, account: accountFor(post.account) })),
      )
      const objectNames = [...new Set(list.map(({ thing }) => thing))]
      const byObject = objectNames.map((thing) => list.filter((share) => share.thing === thing))
      const shares = byObject.flat()
      const accountNames = [...new Set(shares.map(({ account }) => account))]
      const found = sharesOf(sorted, { copyOf, accountFor })
      expect({
        ...found,
        times: [...found.times],
        posts: [...found.posts],
        accounts: [...found.accounts],
      }).toMatchObject({
        objectNames,
        accountNames,
        starts: Int32Array.from([0, ...byObject.map((_, at) => byObject.slice(0, at + 1).flat().length)]),
        times: shares.map(({ time }) => time),
        posts: shares.map(({ at }) => at),
        accounts: shares.map(({ account }) => accountNames.indexOf(account)),
        untimed: taken.filter(({ post, things }) => post.at === undefined && things.length > 0).length,
      })
    }),
    { numRuns: 300 },
  )
})

test('a source is the one stated, the author of the reposted post where it is here, or the host of an address', () => {
  const post = (id: string, account: string, more: Partial<Post>): Post => ({
    ...{ id, account, at: 1, text: '' },
    ...more,
  })
  const { objectNames, sourceOf, sourceNames } = sharesOf([
    post('1', 'author', { urls: ['https://www.site.example/a'], hashtags: ['x'] }),
    post('2', 'b', { repostOf: '1' }),
    post('3', 'b', { repostOf: '9', source: 'stated' }),
    post('4', 'b', { repostOf: '8' }),
  ])
  const sources = objectNames.map((name, at) => [name, sourceNames[sourceOf[at] ?? -1]])
  expect(Object.fromEntries(sources)).toEqual({
    ...{ 'url site.example/a': 'site.example', 'hashtag x': undefined, 'repost 1': 'author' },
    ...{ 'repost 9': 'stated', 'repost 8': undefined },
  })
})

test.each([
  ['https://www.is.fi/a', 'is.fi'],
  ['https://is.gd/a', undefined],
  ['https://www.youtube.com/watch?v=1', undefined],
  ['https://x.com/author/status/1', 'x.com/author'],
  ['https://t.me/channel/1', 't.me/channel'],
  ['https://t.me/s/channel/1', 't.me/s/channel'],
])('the source of %s is %s', (url, source) => {
  const { sourceOf, sourceNames } = sharesOf([{ id: '1', account: 'a', at: 1, text: '', urls: [url] }])
  expect(sourceNames[sourceOf[0] ?? -1]).toBe(source)
})
