/** Claims are beyond chance: none in random posts, planted groups almost whole, none from too little data. */
import { describe, expect, test } from 'vitest'
import { dealAccounts, dealDelays } from '../../../lambdas/domain/coordination/chance.ts'
import {
  DetectError,
  type Findings,
  findIn,
  type Parameters,
  usual,
} from '../../../lambdas/domain/coordination/find.ts'
import { randomFrom, shuffle } from '../../../lambdas/domain/coordination/graph/random.ts'
import { inOrder, type Post } from '../../../lambdas/domain/coordination/posts/post.ts'
import { type Shares, sharesOf } from '../../../lambdas/domain/coordination/sharing/shares.ts'
import { sha256 } from '../../../lambdas/domain/core/text/canonical.ts'
import { backgroundPosts, camouflaged, gangs, heavyTailedPosts } from '../../support/posts.ts'

const parameters: Parameters = {
  ...usual,
  methods: ['co-sharing'],
  rule: 'own',
  minParticipation: 1,
  affiliations: {},
}

const found = (
  posts: readonly Post[],
  more: Partial<Parameters> = {},
  sets: readonly (readonly string[])[] = [],
): Findings => {
  const steps = findIn(posts, { ...parameters, ...more }, sets)
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

const claimsIn = (posts: readonly Post[], more: Partial<Parameters> = {}) => {
  const { claims } = found(posts, more).coSharing ?? {}
  if (!claims) throw new Error('too few posts')
  return claims
}

/** Posts of shuffled shares. */
const postsOf = (
  { accountNames, objectNames, starts }: Shares,
  { accounts, times }: Pick<Shares, 'accounts' | 'times'>,
) =>
  objectNames.flatMap((name, object) =>
    Array.from({ length: (starts[object + 1] ?? 0) - (starts[object] ?? 0) }, (_, at): Post => {
      const share = (starts[object] ?? 0) + at
      return {
        id: `p${share}`,
        account: accountNames[accounts[share] ?? 0] ?? '',
        at: times[share],
        text: '',
        object: name,
      }
    }),
  )

describe('shuffled posts', () => {
  const gang = gangs(2, sha256('null gangs')).flatMap(({ posts }) => posts)
  const shares = sharesOf(
    inOrder([...backgroundPosts({ seed: sha256('null'), posts: 4_000, objects: 1_000 }), ...gang]),
  )

  test('have a claim in at most 10 sets of 100', () => {
    let claimed = 0
    for (let set = 0; set < 100; set += 1) {
      const random = randomFrom(sha256(`set ${set}`))
      const dealt = set % 2 === 0 ? dealAccounts(shares, random) : dealDelays(shares, random)
      const { groups, pairs } = claimsIn(postsOf(shares, dealt))
      if (groups.length + pairs.length > 0) claimed += 1
    }
    expect(claimed).toBeLessThanOrEqual(10)
  })

  test('keep what their null hypothesis keeps', () => {
    const a = dealAccounts(shares, randomFrom(sha256('a')))
    expect(a.times).toEqual(shares.times)
    expect(a.accounts.toSorted()).toEqual(shares.accounts.toSorted())
    expect(a.accounts).not.toEqual(shares.accounts)
    const b = dealDelays(shares, randomFrom(sha256('b')))
    for (const [object] of shares.objectNames.entries()) {
      const [from, to] = [shares.starts[object], shares.starts[object + 1]]
      expect(b.accounts.slice(from, to).toSorted()).toEqual(shares.accounts.slice(from, to).toSorted())
      expect(b.times[from ?? 0]).toBe(shares.times[from ?? 0])
      expect(b.times.slice(from, to)).toEqual(b.times.slice(from, to).toSorted())
    }
    expect(b.times).not.toEqual(shares.times)
  })

  test('give all shares of one post to one account', () => {
    const posts = Array.from({ length: 50 }, (_, at): Post => {
      return {
        id: `${at}`,
        account: `a${at}`,
        at: at * 1_000,
        text: '',
        urls: ['https://a.example', 'https://b.example'],
      }
    })
    const several = sharesOf(posts)
    const { accounts } = dealAccounts(several, randomFrom(sha256('c')))
    const byPost = Map.groupBy(accounts.keys(), (share) => several.posts[share])
    for (const dealt of byPost.values()) expect(new Set(dealt.map((share) => accounts[share])).size).toBe(1)
  })
})

describe('planted groups', () => {
  type Planted = { readonly around: readonly Post[]; readonly groups: ReturnType<typeof gangs> }

  const skewed = (sets: number, size: { posts: number; accounts: number; objects: number; days: number }) =>
    Array.from({ length: sets }, (_, set): Planted => {
      const around = heavyTailedPosts({ seed: sha256(`heavy ${set}`), ...size })
      const groups = gangs(1 + (set % 2), sha256(`heavy gangs ${set}`))
      return { around, groups: groups.map((one) => camouflaged(one, around, sha256(`camouflage ${set}`))) }
    })
  const even = (sets: number) =>
    Array.from({ length: sets }, (_, set): Planted => {
      const around = backgroundPosts({ seed: sha256(`background ${set}`) })
      return { around, groups: gangs(4, sha256(`gangs ${set}`)) }
    })

  test.each([
    ['8,000 posts', () => even(12)],
    ['2,500 posts, most of them by few', () => skewed(10, { posts: 2_500, accounts: 300, objects: 250, days: 3 })],
    ['4,000 posts, most of them by few', () => skewed(10, { posts: 4_000, accounts: 400, objects: 300, days: 3 })],
    ['20,000 posts, most of them by few', () => skewed(3, { posts: 20_000, accounts: 3_000, objects: 1_500, days: 7 })],
  ])('are found in %s: 90 % of their accounts, and 85 % of the claimed ones are theirs', (_, plant) => {
    let [right, wrong, missed] = [0, 0, 0]
    for (const { around, groups: planted } of plant()) {
      const { groups } = claimsIn([...around, ...planted.flatMap(({ posts }) => posts)])
      const truth = new Set(planted.flatMap(({ accounts }) => accounts))
      const claimed = new Set(groups.flatMap(({ accounts }) => accounts))
      right += claimed.intersection(truth).size
      wrong += claimed.difference(truth).size
      missed += truth.difference(claimed).size
    }
    expect(right / (right + missed)).toBeGreaterThanOrEqual(0.9)
    expect(right / (right + wrong)).toBeGreaterThanOrEqual(0.85)
  })

  test('are not claimed where they declared their affiliation', () => {
    const [gang] = gangs(1, sha256('declared'))
    const posts = [...backgroundPosts({ seed: sha256('around') }), ...(gang?.posts ?? [])]
    expect(claimsIn(posts).groups).toHaveLength(1)
    const { coSharing } = found(posts, { affiliations: { 'The union': gang?.accounts ?? [] } })
    expect(coSharing?.claims?.groups).toEqual([])
    expect(coSharing?.counted.declared).toBeGreaterThan(10)
  })

  test('have their posts and objects, in any order of the posts', () => {
    const [gang] = gangs(1, sha256('told'))
    const posts = [...backgroundPosts({ seed: sha256('around') }), ...(gang?.posts ?? [])]
    const first = found(posts)
    const [group] = first.coSharing?.claims?.groups ?? []
    const own = (group?.posts ?? []).filter((at) => first.posts[at]?.repostOf?.startsWith('push-'))
    expect(own.length).toBeGreaterThan(0.9 * (gang?.posts.length ?? 0))
    expect(group?.objects).toBeGreaterThanOrEqual(new Set(gang?.posts.map(({ repostOf }) => repostOf)).size)
    const random = randomFrom(sha256('order'))
    const order = Int32Array.from(posts.keys())
    shuffle(order, random)
    expect(found([...order].map((at) => posts[at] as Post))).toEqual(first)
    expect(found([...posts, ...posts.slice(0, 100)])).toMatchObject({
      doubles: 100,
      coSharing: first.coSharing,
      seed: first.seed,
    })
  })
})

describe('the groups of another detector', () => {
  const around = backgroundPosts({ seed: sha256('judged') })
  const [gang] = gangs(1, sha256('judged'))
  const everyone = [...new Set(around.map(({ account }) => account))]
  const judged = (posts: readonly Post[], ...sets: readonly (readonly string[])[]) =>
    found(posts, {}, sets).coSharing?.claims?.judged ?? []

  test('are beyond chance only with a planted group in them', () => {
    const posts = [...around, ...(gang?.posts ?? [])]
    const [own, whole, others, strangers] = judged(
      posts,
      gang?.accounts ?? [],
      [...everyone, ...(gang?.accounts ?? [])],
      everyone.filter((account) => !gang?.accounts.includes(account)),
      ['unknown', 'other'],
    )
    expect(own).toMatchObject({ found: gang?.accounts.length, timesByChance: 0, isBeyondChance: true })
    expect(own?.part).toBeGreaterThanOrEqual(0.9 * (gang?.accounts.length ?? 0))
    // A set of all accounts is as strong as its strongest part, and no stronger.
    expect(whole).toMatchObject({ isBeyondChance: true })
    expect(whole?.part).toBeLessThan(2 * (gang?.accounts.length ?? 0))
    expect(others).toMatchObject({ isBeyondChance: false })
    expect(strangers).toEqual({ found: 0, part: 0, pairs: 0, score: 0, timesByChance: 40, isBeyondChance: false })
  })

  test('change nothing in the findings of the run', () => {
    const posts = [...around, ...(gang?.posts ?? [])]
    const { seed, coSharing } = found(posts, {}, [everyone])
    const alone = found(posts)
    expect(seed).toBe(alone.seed)
    expect({ ...coSharing?.claims, judged: [] }).toEqual(alone.coSharing?.claims)
  })

  test('are beyond chance in at most 4 of 40 shuffled sets', () => {
    const shares = sharesOf(inOrder([...around.slice(0, 4_000), ...(gang?.posts ?? [])]))
    let claimed = 0
    for (let set = 0; set < 40; set += 1) {
      const random = randomFrom(sha256(`judged ${set}`))
      const posts = postsOf(shares, set % 2 === 0 ? dealAccounts(shares, random) : dealDelays(shares, random))
      // The most that can be chosen from them.
      if (judged(posts, [...shares.accountNames])[0]?.isBeyondChance) claimed += 1
    }
    expect(claimed).toBeLessThanOrEqual(4)
  })
})

test('too few posts have no claims, which differs from none', () => {
  const gang = gangs(1, sha256('alone')).flatMap(({ posts }) => posts)
  const { coSharing, copyPaste } = found(gang.slice(0, 30), { methods: ['co-sharing', 'copy-paste'] })
  expect(coSharing?.claims).toBeUndefined()
  expect(coSharing?.counted.pairs).toBeGreaterThan(0)
  expect(copyPaste).toMatchObject({ clusters: [], isEnough: false })
})

test('accounts with too few posts are left out, and too many posts are refused', () => {
  const posts = backgroundPosts({ seed: sha256('participation'), posts: 2_000 })
  const counts = Map.groupBy(posts, ({ account }) => account)
  const active = posts.filter(({ account }) => (counts.get(account)?.length ?? 0) >= 5)
  expect(found(posts, { minParticipation: 5 }).coSharing?.shares).toBe(active.length)
  expect(active.length).toBeLessThan(posts.length)
  const one: Post = { id: '', account: 'a', at: 0, text: '' }
  expect(() => found(Array.from({ length: 2_000_001 }, () => one))).toThrow('a run takes 2,000,000: part them by day')
})

test('times in minutes are refused for windows under two minutes', () => {
  const posts = backgroundPosts({ seed: sha256('minutes') }).map((post) => ({
    ...post,
    at: Math.floor((post.at ?? 0) / 60_000) * 60_000,
  }))
  expect(() => found(posts)).toThrow(DetectError)
  expect(() => found(posts)).toThrow('export them with seconds')
  expect(() => found(posts, { windowSeconds: 120 })).not.toThrow()
  // Seconds in fewer than one post of ten prove nothing for the others.
  const someExact = (share: number) =>
    posts.map((post, at) => (at % 100 < share ? { ...post, at: (post.at ?? 0) + 1_000 } : post))
  expect(() => found(someExact(9))).toThrow('know minutes only, all but 720 of 8,000')
  expect(() => found(someExact(10))).not.toThrow()
})
