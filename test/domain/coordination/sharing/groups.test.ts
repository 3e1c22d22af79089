/** No honest set has a group, and planted groups are found whole; `node bench/claims.ts` measures it on 200 sets each. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CoSharingFindings, findIn, type Parameters } from '../../../../lambdas/domain/coordination/find.ts'
import { inOrder, type Post } from '../../../../lambdas/domain/coordination/posts/post.ts'
import { tailOf } from '../../../../lambdas/domain/coordination/sharing/chances.ts'
import { netOf } from '../../../../lambdas/domain/coordination/sharing/net.ts'
import { closeAccounts, seedsIn } from '../../../../lambdas/domain/coordination/sharing/seeds.ts'
import { sharesOf } from '../../../../lambdas/domain/coordination/sharing/shares.ts'
import { honestFamilies, madeSet, pushingFamilies } from '../../../support/families.ts'
import { growthOf, linear } from '../../../support/growth.ts'

const parameters: Parameters = {
  ...{ methods: ['co-sharing'], windowSeconds: 60, affiliations: {} },
}

const finished = <Done>(steps: Generator<unknown, Done>): Done => {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

const findingsIn = (posts: readonly Post[], more: Partial<Parameters> = {}): CoSharingFindings => {
  const { coSharing } = finished(findIn(posts, { ...parameters, ...more }))
  if (!coSharing) throw new Error('not asked for')
  return coSharing
}

/** Takes seconds a set: only in the benchmark. */
const slow = ['fans 400']

describe('of honest accounts', () => {
  test.each(honestFamilies.filter((family) => !slow.includes(family)))('%s: no group', (family) => {
    for (const set of [1_000, 1_001]) expect(findingsIn(madeSet(family, set).posts).judged?.groups).toEqual([])
  })
})

describe('a planted group', () => {
  test.each(pushingFamilies.filter((family) => !family.includes('one source')))('of %s is found', (family) => {
    const { posts, groups } = madeSet(family, 1_000)
    const found = findingsIn(posts).judged?.groups ?? []
    expect(found.map(({ accounts }) => accounts.filter((one) => !groups[0]?.includes(one)))).toEqual([[]])
    expect(found[0]?.accounts.length).toBeGreaterThanOrEqual(0.9 * (groups[0]?.length ?? 0))
    // Nothing states who made what they share.
    expect(found[0]?.isSourceKnown).toBe(false)
  })

  const { posts, groups } = madeSet('12 × 10', 1_000)
  const [members = []] = groups
  const sourced = posts.map((post) => ({ ...post, source: `by-${post.repostOf}` }))

  test('whose things have many authors is no fan club', () => {
    expect(findingsIn(sourced).judged).toMatchObject({ groups: [{ isSourceKnown: true }], sourced: 1 })
  })

  test('that serves one source is listed as its amplifiers, with a count', () => {
    const found = findingsIn(madeSet('12 × 10 of one source', 1_000).posts).judged
    expect(found).toMatchObject({ groups: [], amplifiers: [{ source: 'master', thingsOfSource: 10 }] })
    expect(found?.amplifiers[0]?.accounts).toHaveLength(12)
  })

  test('that declares that it acts together is none', () => {
    expect(findingsIn(posts, { affiliations: { 'The union': members } }).judged?.groups).toEqual([])
  })

  test('is the same whatever the order of the posts', () => {
    const { ties, ...found } = findingsIn(posts).judged ?? { ties: () => [] }
    const { ties: _, ...again } = findingsIn(posts.toReversed()).judged ?? {}
    expect(again).toEqual(found)
    expect(ties('groups').every(({ accounts }) => accounts.every((one) => members.includes(one)))).toBe(true)
    expect(ties('all').length).toBeGreaterThanOrEqual(ties('groups').length)
  })

  test('cannot be told from too few other shares', () => {
    const alone = posts.filter(({ account }) => members.includes(account))
    expect(findingsIn([...alone, ...posts.slice(0, 150)])).not.toHaveProperty('judged')
  })
})

test('a run shows how much it judged', () => {
  const { posts } = madeSet('equal speeds', 1_000)
  const half = posts.map((post, at) => (at % 2 === 0 ? post : { ...post, at: undefined }))
  expect(findingsIn(half)).toMatchObject({ untimed: 3_000, judged: { fraction: 0.5 } })
})

const post = (account: string, seconds: number, object: string, at: number): Post => ({
  ...{ id: `p${at}`, account, at: Date.UTC(2024, 4, 15) + seconds * 1_000, text: '', object },
})

test('seeds are the pairs that share three things within the window, each at another time, as pairing all with all finds', () => {
  const rows = fc.array(
    fc.record({
      account: fc.constantFrom('a', 'b', 'c', 'd'),
      quarter: fc.integer({ min: 0, max: 5 }),
      seconds: fc.integer({ min: 0, max: 100 }),
      object: fc.constantFrom(...'vwxyz'),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(rows, (given) => {
      const posts = inOrder(
        given.map(({ account, quarter, seconds, object }, at) => post(account, 900 * quarter + seconds, object, at)),
      )
      const net = netOf(sharesOf(posts), 60_000)
      const { accountNames } = net.shares
      const found = finished(seedsIn(net, closeAccounts(net))).map(({ a, b, things }) =>
        [...[accountNames[a], accountNames[b]].sort(), things].join(),
      )
      const pairs = [...'abcd'].flatMap((a, at, all) => all.slice(at + 1).map((b) => [a, b] as const))
      const expected = pairs.flatMap(([a, b]) => {
        const together = given.filter(
          (one) =>
            one.account === a &&
            given.some(
              (other) =>
                other.account === b &&
                other.object === one.object &&
                other.quarter === one.quarter &&
                Math.abs(other.seconds - one.seconds) <= 60,
            ),
        )
        // Of a thing shared together twice, the first time counts.
        const firsts = new Map(
          together.toSorted((x, y) => y.quarter - x.quarter).map(({ object, quarter }) => [object, quarter]),
        )
        return new Set(firsts.values()).size >= 3 ? [[a, b, firsts.size].join()] : []
      })
      expect(found.toSorted()).toEqual(expected.toSorted())
    }),
  )
})

test('a few accounts that share one thing often take linear time', () => {
  const netFor = (length: number) =>
    netOf(sharesOf(Array.from({ length }, (_, at) => post(`account-${at % 3}`, at * 0.001, `x${at % 4}`, at))), 60_000)
  const given = new Map([10_000, 80_000].map((size) => [size, netFor(size)]))
  const work = (size: number) => {
    const net = given.get(size) ?? netFor(size)
    return finished(seedsIn(net, closeAccounts(net)))
  }
  expect(growthOf(10_000, work)).toBeLessThan(linear)
})

test('the bound is never below the exact chance, and equal where all must happen', () => {
  const chances = fc.array(fc.double({ min: 0.001, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(chances, fc.nat(10), (some, count) => {
      fc.pre(count <= some.length)
      const exact = some.reduce(
        (counts, chance) =>
          Array.from(
            { length: counts.length + 1 },
            (_, k) => (counts[k] ?? 0) * (1 - chance) + (counts[k - 1] ?? 0) * chance,
          ),
        [1],
      )
      const tail = exact.slice(count).reduce((sum, one) => sum + one, 0)
      expect(Math.exp(-tailOf(some, count))).toBeGreaterThanOrEqual(tail - 1e-9)
      if (count === some.length && count > some.reduce((sum, one) => sum + one, 0)) {
        expect(Math.exp(-tailOf(some, count))).toBeCloseTo(tail, 9)
      }
    }),
  )
})
