import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createCounter,
  type DayCount,
  type DetectionAsOf,
  type Tally,
} from '../../../lambdas/domain/aggregate/tally.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { daysOf, parsePeriod, previous } from '../../../lambdas/domain/core/time/period.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'

const tallyOf = (all: readonly DetectionAsOf[], period = '2024-W20', cap: Marking = 'TLP:AMBER'): Tally => {
  const counter = createCounter({ period: parsePeriod(period), zone: 'Pacific/Noumea', cap })
  for (const one of all) counter.add(one)
  return counter.tally({
    watched: { marking: 'TLP:CLEAR', days: new Set(daysOf(parsePeriod(period))), isWhole: true },
  })
}

const whole = detectionAsOf({
  id: 'whole',
  observed: { from: '2024-05-15', to: '2024-05-16' },
  platforms: ['X', 'Facebook'],
  counts: { posts: { value: 5001, qualifier: 'at least' }, coordinatedAccounts: 348 },
})
const onX = detectionAsOf({
  id: 'x',
  partOf: 'whole',
  platforms: ['X'],
  counts: { posts: 5187, accounts: 1686, reposts: 179 },
})
const onFacebook = detectionAsOf({
  id: 'fb',
  partOf: 'whole',
  platforms: ['Facebook'],
  counts: { posts: 145, accounts: 80 },
})

const exact = (value: number) => ({ value, qualifier: 'exact' })
const atLeast = (value: number) => ({ value, qualifier: 'at least' })
const notGiven = { value: null, qualifier: 'not given' }

describe('counting', () => {
  test('a part is never added to its whole: the larger of the whole and its parts counts, as at least', () => {
    const { totals, days, undated, platforms } = tallyOf([whole, onX, onFacebook])
    expect(totals).toMatchObject({
      detections: 3,
      manoeuvres: 1,
      posts: { value: 5332, qualifier: 'at least' },
      accounts: { value: 1686, qualifier: 'at least' },
      coordinatedAccounts: { value: 348, qualifier: 'exact' },
    })
    expect(days.find(({ date }) => date === '2024-05-15')).toMatchObject({ detections: 3, posts: atLeast(5332) })
    expect(undated).toMatchObject({ detections: 0, posts: exact(0) })
    expect(platforms.map(({ name, posts }) => [name, posts.value])).toEqual([
      ['X', 5187],
      ['Facebook', 145],
    ])
  })

  test('a whole that is larger than its parts counts itself; what its parts do not date is undated', () => {
    const larger = detectionAsOf({
      id: 'whole',
      observed: { from: '2024-05-15', to: '2024-05-16' },
      counts: { posts: 6000 },
    })
    const { totals, undated } = tallyOf([larger, onX, onFacebook])
    expect(totals.posts).toEqual({ value: 6000, qualifier: 'at least' })
    expect(undated.posts).toEqual(atLeast(6000 - 5332))
  })

  test('a part whose whole is not counted here stands alone', () => {
    const elsewhere = detectionAsOf({ ...{ id: 'whole' }, observed: { from: '2024-05-06' }, counts: { posts: 9000 } })
    // Whether its whole shows at all is the caller's to say: see recount.test.ts.
    expect(tallyOf([elsewhere, onX]).totals.posts).toEqual({ value: 5187, qualifier: 'at least' })
  })

  test('parts that are wholes of each other are cut once and counted once', () => {
    const circle = [
      detectionAsOf({ id: 'a', partOf: 'b', counts: { posts: 10 } }),
      detectionAsOf({ id: 'b', partOf: 'c', counts: { posts: 20 } }),
      detectionAsOf({ id: 'c', partOf: 'a', counts: { posts: 30 } }),
    ]
    expect(tallyOf(circle).totals).toMatchObject({ detections: 3, manoeuvres: 1, posts: { value: 30 } })
  })

  test('posts add up and keep the weakest qualifier', () => {
    const about = detectionAsOf({ id: 'a', counts: { posts: { value: 100, qualifier: 'about' } } })
    const exact = detectionAsOf({ id: 'b', counts: { posts: 10 } })
    const silent = detectionAsOf({ id: 'c' })
    expect(tallyOf([about, exact]).totals.posts).toEqual({ value: 110, qualifier: 'about' })
    expect(tallyOf([exact, silent]).totals.posts).toEqual({ value: 10, qualifier: 'at least' })
    expect(tallyOf([silent]).totals.posts).toEqual({ value: null, qualifier: 'not given' })
    expect(tallyOf([]).totals.posts).toEqual({ value: 0, qualifier: 'exact' })
  })

  test('an offline event has no posts to be missing', () => {
    const event = detectionAsOf({ id: 'e', kind: 'offline-event' })
    expect(tallyOf([event]).totals.posts).toEqual(notGiven)
    const burst = detectionAsOf({ id: 'b', counts: { posts: 5187 } })
    expect(tallyOf([event, burst]).totals.posts).toEqual({ value: 5187, qualifier: 'exact' })
  })

  test('distinct accounts: the union where all are referenced, else at least the largest', () => {
    const a = detectionAsOf({ id: 'a', accountRefs: ['1', '2', '3'], counts: { accounts: 3 } })
    const b = detectionAsOf({ id: 'b', accountRefs: ['3', '4'] })
    const bare = detectionAsOf({ id: 'c', counts: { accounts: 3 } })
    expect(tallyOf([a, b]).totals.accounts).toEqual({ value: 4, qualifier: 'exact' })
    expect(tallyOf([a, bare]).totals.accounts).toEqual({ value: 3, qualifier: 'at least' })
    expect(tallyOf([a, b, bare]).totals.accounts).toEqual({ value: 4, qualifier: 'at least' })
    expect(tallyOf([bare]).totals.accounts).toEqual({ value: 3, qualifier: 'exact' })
    const partly = detectionAsOf({
      id: 'd',
      accountRefs: ['1'],
      counts: { accounts: { value: 9, qualifier: 'about' } },
    })
    expect(tallyOf([partly]).totals.accounts).toEqual({ value: 9, qualifier: 'about' })
  })

  test('references beside a floor or an estimate do not name all accounts', () => {
    const accountsOf = (qualifier: 'exact' | 'at least' | 'about') =>
      tallyOf([detectionAsOf({ id: 'a', accountRefs: ['1'], counts: { accounts: { value: 1, qualifier } } })]).totals
        .accounts
    expect(accountsOf('exact')).toEqual(exact(1))
    expect(accountsOf('at least')).toEqual(atLeast(1))
    expect(accountsOf('about')).toEqual({ value: 1, qualifier: 'about' })
    const beside = detectionAsOf({ id: 'b', accountRefs: ['2'] })
    const floor = detectionAsOf({
      id: 'c',
      accountRefs: ['1'],
      counts: { byDay: [{ day: '2024-05-15', accounts: { value: 1, qualifier: 'at least' } }] },
    })
    expect(tallyOf([beside, floor]).totals.accounts).toEqual(atLeast(2))
  })

  test('references of a whole and of its parts that name all make an exact union', () => {
    const [all, more] = [
      detectionAsOf({ id: 'whole', accountRefs: ['1'] }),
      detectionAsOf({ id: 'part', partOf: 'whole', accountRefs: ['2'] }),
    ]
    expect(tallyOf([all, more]).totals.accounts).toEqual(exact(2))
  })

  test('a whole that names as many accounts as it and its parts have keeps its figure, and is no union with others', () => {
    const all = detectionAsOf({ id: 'whole', coordinatedAccountRefs: ['1'] })
    const none = detectionAsOf({ id: 'part', partOf: 'whole', counts: { coordinatedAccounts: 0 } })
    const other = detectionAsOf({ id: 'other', coordinatedAccountRefs: ['2'] })
    expect(tallyOf([all, none]).totals.coordinatedAccounts).toEqual(exact(1))
    expect(tallyOf([all, none, other]).totals.coordinatedAccounts).toEqual(atLeast(2))
  })

  test('an open event that owes no accounts makes no floor of those of others', () => {
    const event = detectionAsOf({ id: 'e', kind: 'offline-event', partOf: 'gone' })
    const named = detectionAsOf({ id: 'a', accountRefs: ['1'] })
    expect(tallyOf([event, named]).totals.accounts).toEqual(exact(1))
  })

  test('a stated 0 of coordinated accounts tells nothing of accounts', () => {
    const none = detectionAsOf({ id: 'a', counts: { coordinatedAccounts: 0 } })
    expect(tallyOf([none]).totals).toMatchObject({ accounts: notGiven, coordinatedAccounts: exact(0) })
  })

  test('what is known to the month counts in the month, on no day, and is only listed in a week', () => {
    const event = detectionAsOf({ id: 'e', observed: { from: '2024-02' }, counts: { posts: 7 } })
    const month = tallyOf([event], '2024-02')
    expect(month.totals.detections).toBe(1)
    expect(month.undated).toMatchObject({ detections: 1, posts: exact(7) })
    const week = tallyOf([event], '2024-W06')
    expect(week.totals.detections).toBe(0)
    expect([...week.undatedHere]).toMatchObject([{ id: 'e', revision: 1 }])
  })

  test('what a cap withholds is counted and leaves no other trace', () => {
    const secret = detectionAsOf({ id: 'r', marking: 'TLP:RED', counts: { posts: 1_000_000 }, hashtags: ['#secret'] })
    const { withheld: none, ...open } = tallyOf([whole, onX, onFacebook])
    const { withheld, ...capped } = tallyOf([whole, onX, secret, onFacebook])
    expect([none, withheld]).toEqual([0, 1])
    expect(capped).toEqual(open)
    expect(tallyOf([secret], '2024-W20', 'TLP:RED').totals.marking).toBe('TLP:RED')
  })

  test('posts by day and by platform are taken as they are given', () => {
    const split = detectionAsOf({
      id: 's',
      observed: { from: '2024-05-14', to: '2024-05-15' },
      counts: {
        posts: 30,
        byDay: [
          { day: '2024-05-14', posts: 10 },
          { day: '2024-05-15', posts: 15 },
        ],
        byPlatform: [{ platform: 'X', posts: 30 }],
      },
    })
    const { days, undated, platforms } = tallyOf([split])
    expect(days.slice(0, 4).map(({ posts }) => posts)).toEqual([exact(0), exact(10), exact(15), exact(0)])
    expect(undated).toMatchObject({ detections: 0, posts: exact(5) })
    expect(platforms).toMatchObject([{ name: 'X', detections: 1, posts: { value: 30, qualifier: 'exact' } }])
  })

  describe('a day’s posts', () => {
    const postsOn = (all: readonly DetectionAsOf[]) =>
      tallyOf(all)
        .days.slice(1, 5)
        .map(({ posts }) => posts)
    const video = (observed: { from: string; to?: string }, more = {}) =>
      detectionAsOf({ id: 'v', kind: 'video', observed, ...more })

    test('are not given where what was observed then has no number, and 0 where nothing was', () => {
      expect(postsOn([video({ from: '2024-05-15' })])).toEqual([exact(0), notGiven, exact(0), exact(0)])
    })

    test('are not given on each of several days, in the territory’s own time', () => {
      const days = [exact(0), notGiven, notGiven, exact(0)]
      expect(postsOn([video({ from: '2024-05-15', to: '2024-05-16' })])).toEqual(days)
      const instants = { from: '2024-05-14T20:00:00Z', to: '2024-05-15T20:00:00Z' }
      expect(postsOn([video(instants)])).toEqual(days)
    })

    test('are a floor beside what has no number', () => {
      const beside = detectionAsOf({ id: 'b', observed: { from: '2024-05-15' }, counts: { posts: 7 } })
      expect(postsOn([video({ from: '2024-05-15' }), beside])).toEqual([exact(0), atLeast(7), exact(0), exact(0)])
    })

    test('are a floor on the days of parts, and not given on the others of their whole', () => {
      expect(postsOn([whole, onX, onFacebook])).toEqual([exact(0), atLeast(5332), notGiven, exact(0)])
    })

    test('are not given where none are due', () => {
      const hall = detectionAsOf({ id: 'e', kind: 'offline-event', observed: { from: '2024-05-15' } })
      expect(postsOn([hall])).toEqual([exact(0), notGiven, exact(0), exact(0)])
    })

    test('keep an estimate’s qualifier', () => {
      const about = detectionAsOf({
        id: 'a',
        observed: { from: '2024-05-15' },
        counts: { posts: { value: 30, qualifier: 'about' } },
      })
      expect(postsOn([about])[1]).toEqual({ value: 30, qualifier: 'about' })
    })

    const split = (posts: object | undefined, byDay: readonly object[], more = {}) =>
      detectionAsOf({
        id: 's',
        observed: { from: '2024-05-14', to: '2024-05-15' },
        counts: { ...(posts && { posts }), byDay } as never,
        ...more,
      })
    const about = (value: number) => ({ value, qualifier: 'about' })

    test('are the whole figure of what has one day, whatever its split says', () => {
      const oneDay = { observed: { from: '2024-05-15' } }
      const row = { day: '2024-05-15', posts: atLeast(1) }
      expect(postsOn([split(exact(2), [row], oneDay)])[1]).toEqual(exact(2))
      expect(postsOn([split(undefined, [{ ...row, posts: 1 }], oneDay)])[1]).toEqual(atLeast(1))
    })

    test('keep the qualifier that the source gives to each day', () => {
      const rows = [
        { day: '2024-05-14', posts: about(10) },
        { day: '2024-05-15', posts: 15 },
      ]
      expect(postsOn([split(exact(25), rows)])).toEqual([about(10), exact(15), exact(0), exact(0)])
    })

    test('are a floor where a detection that was observed then gives its number to another day', () => {
      const beside = detectionAsOf({ id: 'b', observed: { from: '2024-05-15' }, counts: { posts: 7 } })
      const days = postsOn([split(exact(10), [{ day: '2024-05-14', posts: 10 }]), beside])
      expect(days).toEqual([exact(10), atLeast(7), exact(0), exact(0)])
    })

    test('are a floor of a whole whose parts owe no figure', () => {
      const own = detectionAsOf({ id: 'whole', observed: { from: '2024-05-15' }, counts: { posts: 1 } })
      const part = detectionAsOf({
        id: 'part',
        kind: 'offline-event',
        partOf: 'whole',
        observed: { from: '2024-05-15' },
      })
      expect(postsOn([own, part])[1]).toEqual(atLeast(1))
      expect(tallyOf([own, part]).totals.posts).toEqual(atLeast(1))
    })

    test('are the whole’s own where its figure and that of its parts are equal', () => {
      const own = detectionAsOf({ id: 'whole', observed: { from: '2024-05-14' }, counts: { posts: 1 } })
      const part = detectionAsOf({
        id: 'part',
        partOf: 'whole',
        observed: { from: '2024-05-15' },
        counts: { posts: 1 },
      })
      expect(postsOn([own, part])).toEqual([atLeast(1), notGiven, exact(0), exact(0)])
      expect(tallyOf([own, part]).undated.posts).toEqual(exact(0))
    })

    test('are the whole’s where it is smaller than its parts and these date nothing', () => {
      const own = split(undefined, [{ day: '2024-05-14', posts: 3 }], { id: 'whole' })
      const observed = { from: '2024-05-14', to: '2024-05-15' }
      const part = detectionAsOf({ id: 'part', partOf: 'whole', observed, counts: { posts: 5 } })
      expect(postsOn([own, part])).toEqual([atLeast(3), notGiven, exact(0), exact(0)])
      expect(tallyOf([own, part]).undated.posts).toEqual(atLeast(2))
    })

    test('are a floor where its whole does not show', () => {
      const open = detectionAsOf({ id: 'o', partOf: 'gone', observed: { from: '2024-05-15' }, counts: { posts: 1 } })
      expect(postsOn([open])[1]).toEqual(atLeast(1))
    })

    test('that stand on no day are not given where only the month is known', () => {
      const month = detectionAsOf({ id: 'm', observed: { from: '2024-05' } })
      expect(tallyOf([month], '2024-05').undated).toMatchObject({ detections: 1, posts: notGiven })
    })
  })

  test('kinds hold every detection under its own kind, parts with their wholes', () => {
    const video = detectionAsOf({ id: 'v', kind: 'video', observed: { from: '2024-05-16' } })
    expect(tallyOf([whole, onX, onFacebook, video]).kinds).toMatchObject([
      { name: 'copy-paste', detections: 3, posts: { value: 5332, qualifier: 'at least' } },
      { name: 'video', detections: 1, posts: { value: null, qualifier: 'not given' } },
    ])
  })

  test('a part whose whole lies elsewhere is of its whole’s campaign, in every list', () => {
    const counter = createCounter({ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
    counter.add(detectionAsOf({ id: 'part', partOf: 'elsewhere', marking: 'TLP:CLEAR', counts: { posts: 5 } }))
    const { campaigns, threads } = counter.tally({
      wholes: new Map([['elsewhere', { campaign: 'Alpha', marking: 'TLP:GREEN' }]]),
    })
    expect(threads).toMatchObject([{ campaign: 'Alpha', manoeuvres: 1 }])
    expect(campaigns).toEqual([
      { name: 'Alpha', manoeuvres: 1, posts: { value: 5, qualifier: 'exact' }, marking: 'TLP:GREEN' },
    ])
  })

  test('hashtags that differ by case are one', () => {
    const tags = [
      detectionAsOf({ id: 'a', hashtags: ['#Paris2024', '#paris2024'] }),
      detectionAsOf({ id: 'b', hashtags: ['#Paris2024'] }),
    ]
    expect(tallyOf(tags).hashtags).toMatchObject([{ name: '#Paris2024', detections: 2 }])
  })

  describe('whatever the detections', () => {
    test('their order does not matter', () => {
      fc.assert(
        fc.property(
          detectionsAsOf.chain((all) =>
            fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })),
          ),
          ([all, shuffled]) => {
            expect(tallyOf(shuffled)).toEqual(tallyOf(all))
          },
        ),
      )
    })

    test('days and undated make the total', () => {
      fc.assert(
        fc.property(
          detectionsAsOf,
          fc.constantFrom('2024-W20', '2024-05', '2024-Q2', '2024-05-10--2024-05-12'),
          (all, period) => {
            const { totals, days, undated } = tallyOf(all, period)
            const sum = (of: (day: DayCount) => number) => days.reduce((added, day) => added + of(day), 0)
            expect(sum(({ detections }) => detections) + undated.detections).toBe(totals.detections)
            expect(sum(({ posts }) => posts.value ?? 0) + (undated.posts.value ?? 0)).toBe(totals.posts.value ?? 0)
            expect(undated.posts.value ?? 0).toBeGreaterThanOrEqual(0)
          },
        ),
      )
    })

    test('each counts in one week at most, and in exactly one month', () => {
      fc.assert(
        fc.property(detectionsAsOf, (all) => {
          const counted = (periods: readonly string[]) =>
            periods.flatMap((period) => [...tallyOf(all, period, 'TLP:RED').counted].map(({ id }) => id))
          const weeks = Array.from({ length: 8 }, (_, at) => `2024-W${16 + at}`)
          const inWeeks = counted(weeks)
          expect(new Set(inWeeks).size).toBe(inWeeks.length)
          expect(counted(['2024-04', '2024-05', '2024-06']).sort()).toEqual(
            all.map(({ detection }) => detection.id).sort(),
          )
        }),
      )
    })

    test('a detection more never lowers the posts, and adds no more than its own', () => {
      fc.assert(
        fc.property(detectionsAsOf, (all) => {
          const more = detectionAsOf({ id: 'more', counts: { posts: 1000 } })
          const before = tallyOf(all).totals.posts.value ?? 0
          const after = tallyOf([...all, more]).totals.posts.value ?? 0
          const stored = new Set(all.map(({ detection }) => detection.id))
          const isOpen = all.some(({ detection: { partOf } }) => partOf !== undefined && !stored.has(partOf))
          expect(after).toBeGreaterThanOrEqual(before)
          if (isOpen || tallyOf(all).counted.length < all.length) expect(after).toBeLessThanOrEqual(before + 1000)
          else expect(after).toBe(before + 1000)
        }),
      )
    })

    test('a lower cap shows no more, and what it withholds plus what it shows is all', () => {
      fc.assert(
        fc.property(detectionsAsOf, (all) => {
          const green = tallyOf(all, '2024-W20', 'TLP:GREEN')
          const red = tallyOf(all, '2024-W20', 'TLP:RED')
          const shown = ({ counted, ongoing, undatedHere }: Tally) =>
            counted.length + ongoing.length + undatedHere.length
          expect(shown(green) + green.withheld).toBe(shown(red))
          expect(red.withheld).toBe(0)
        }),
      )
    })
  })

  test('the week before is counted by the same rules', () => {
    const last = detectionAsOf({ id: 'l', observed: { from: '2024-05-12' }, counts: { posts: 3 } })
    expect(tallyOf([last, onX], previous(parsePeriod('2024-W20')).id).totals.posts.value).toBe(3)
  })
})

test('a figure is joint where a manoeuvre of several territories has part in it, among so many', () => {
  const all = [
    detectionAsOf({ id: 'two', territories: ['NC', 'COR'], counts: { posts: 10 } }),
    detectionAsOf({ id: 'three', territories: ['NC', 'PF', 'WF'], counts: { accounts: 5 } }),
    detectionAsOf({ id: 'own', territories: ['NC'], counts: { posts: 1, views: 2 } }),
  ]
  expect(tallyOf(all).jointIn).toEqual({ posts: 2, accounts: 3 })
  expect(tallyOf(all).joint).toMatchObject({ posts: { value: 10 }, own: { value: 1 } })
  expect(tallyOf(all.slice(2)).jointIn).toBeUndefined()
})

test('a 0 of several territories is 0 in each, and no bracket', () => {
  const none = detectionAsOf({ id: 'none', territories: ['NC', 'PF'], counts: { posts: 0, accounts: 0 } })
  const { joint, jointIn, totals } = tallyOf([none])
  expect({ joint, jointIn }).toEqual({})
  expect(totals.posts).toEqual({ value: 0, qualifier: 'exact' })
})

describe('a joint figure', () => {
  const of = (id: string, territories: readonly TerritoryCode[], posts?: number, more: object = {}) =>
    detectionAsOf({ id, territories: [...territories], counts: posts === undefined ? {} : { posts }, ...more })
  const own = of('own', ['NC'], 12)
  const two = of('two', ['NC', 'COR'], 10)

  test('is a floor where a part of it is not known, and what is of this territory alone stays exact', () => {
    const { joint } = tallyOf([own, two, of('silent', ['NC', 'PF', 'WF'], undefined, { marking: 'TLP:AMBER' })])
    expect(joint).toMatchObject({ posts: { value: 10, qualifier: 'at least' }, own: { value: 12, qualifier: 'exact' } })
    // The floor tells of what gives no number.
    expect(joint?.marking).toBe('TLP:AMBER')
    expect(new Set(joint?.territories)).toEqual(new Set(['NC', 'COR']))
    const exact = { qualifier: 'exact' }
    expect(tallyOf([own, two]).joint).toMatchObject({ posts: exact, own: exact })
    expect(tallyOf([own, two, of('mute', ['NC'])]).joint).toMatchObject({
      posts: exact,
      own: { qualifier: 'at least' },
    })
  })

  test('is a floor where another detector saw some of it, or may have', () => {
    const fingerprints = [{ algorithm: 'simhash' as const, value: 'abcdef01' }]
    const pair = (codes: readonly TerritoryCode[]) => [
      of('large', codes, 90, { fingerprints, detector: 'one' }),
      of('small', codes, 40, { fingerprints, detector: 'other' }),
    ]
    expect(tallyOf([own, ...pair(['NC', 'COR'])]).joint).toMatchObject({
      posts: { value: 90, qualifier: 'at least' },
      own: { value: 12, qualifier: 'exact' },
    })
    expect(tallyOf([two, ...pair(['NC'])]).joint).toMatchObject({
      posts: { value: 10, qualifier: 'exact' },
      own: { value: 90, qualifier: 'at least' },
    })
    // What is seen twice is no less given.
    const [large, small] = [
      of('large', ['NC', 'COR'], 90, { fingerprints, detector: 'one' }),
      of('small', ['NC'], 40, { fingerprints, detector: 'other' }),
    ]
    expect(tallyOf([large, small]).joint).toMatchObject({ own: { value: 0, qualifier: 'at least' } })
  })

  test('says where its detections do not name the same territories', () => {
    expect(tallyOf([two, of('again', ['COR', 'NC'], 3)]).joint?.differ).toBeUndefined()
    const { joint } = tallyOf([two, of('others', ['NC', 'PF'], 3)])
    expect(joint?.differ).toBe(true)
    expect(joint?.territories).toHaveLength(3)
  })
})
