import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CountInputs,
  createCounter,
  type DayCount,
  type DetectionAsOf,
  sharesBefore,
  type Tally,
} from '../../../lambdas/domain/aggregate/tally.ts'
import type { Total } from '../../../lambdas/domain/core/figures.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { daysOf, parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'

const tallyOf = (
  all: readonly DetectionAsOf[],
  period = '2024-W20',
  cap: Marking = 'TLP:AMBER',
  wholes?: CountInputs['wholes'],
): Tally => {
  const counter = createCounter({ period: parsePeriod(period), zone: 'Pacific/Noumea', cap })
  for (const one of all) counter.add(one)
  return counter.tally({
    watched: { marking: 'TLP:CLEAR', days: new Set(daysOf(parsePeriod(period))), isWhole: true },
    ...(wholes && { wholes }),
  })
}

const of = (id: string, input: Partial<DetectionInput> = {}): DetectionAsOf => detectionAsOf({ id, ...input })

type Figures = NonNullable<DetectionInput['counts']>

/** A detection of 15 May with posts. */
const posted = (id: string, posts: Figures['posts'], input: Partial<DetectionInput> = {}): DetectionAsOf =>
  of(id, { counts: { posts }, ...input })

const exact = (value: number) => ({ value, qualifier: 'exact' }) as const
const atLeast = (value: number) => ({ value, qualifier: 'at least' }) as const
const about = (value: number) => ({ value, qualifier: 'about' }) as const
const notGiven = { value: null, qualifier: 'not given' } as const

const twoDays = { from: '2024-05-15', to: '2024-05-16' }
const whole = of('whole', {
  observed: twoDays,
  platforms: ['X', 'Facebook'],
  counts: { posts: atLeast(5001), coordinatedAccounts: 348 },
})
const onX = of('x', { partOf: 'whole', platforms: ['X'], counts: { posts: 5187, accounts: 1686, reposts: 179 } })
const onFacebook = of('fb', { partOf: 'whole', platforms: ['Facebook'], counts: { posts: 145, accounts: 80 } })
const event = of('e', { kind: 'offline-event' })

test('a part is never added to its whole: the larger of the whole and its parts counts, as at least', () => {
  const { totals, days, undated, platforms } = tallyOf([whole, onX, onFacebook])
  expect(totals).toMatchObject({
    detections: 3,
    manoeuvres: 1,
    posts: atLeast(5332),
    accounts: atLeast(1686),
    coordinatedAccounts: exact(348),
  })
  expect(days.find(({ date }) => date === '2024-05-15')).toMatchObject({ detections: 3, posts: atLeast(5332) })
  expect(undated).toMatchObject({ detections: 0, posts: exact(0) })
  expect(platforms.map(({ name, posts }) => [name, posts.value])).toEqual([
    ['X', 5187],
    ['Facebook', 145],
  ])
})

test('a whole that is larger than its parts counts itself; the rest of its posts is on no day', () => {
  const { totals, undated } = tallyOf([posted('whole', 6000, { observed: twoDays }), onX, onFacebook])
  expect([totals.posts, undated.posts]).toEqual([atLeast(6000), atLeast(6000 - 5332)])
})

test.each<[string, readonly DetectionAsOf[], Total]>([
  [
    'a part whose whole counts in another week',
    [posted('whole', 9000, { observed: { from: '2024-05-06' } }), onX],
    atLeast(5187),
  ],
  [
    'a whole and a part that owes no figure',
    [posted('w', 1), of('p', { kind: 'offline-event', partOf: 'w' })],
    atLeast(1),
  ],
  ['an estimate and an exact figure', [posted('a', about(100)), posted('b', 10)], about(110)],
  ['a figure and a detection without one', [posted('a', 10), of('b')], atLeast(10)],
  ['a detection without a figure', [of('a')], notGiven],
  ['no detection', [], exact(0)],
  ['an offline event', [event], notGiven],
  ['a figure and an offline event', [event, posted('b', 5187)], exact(5187)],
])('posts of %s', (_, all, total) => {
  expect(tallyOf(all).totals.posts).toEqual(total)
})

test('parts that are wholes of each other are cut once and counted once', () => {
  const circle = [posted('a', 10, { partOf: 'b' }), posted('b', 20, { partOf: 'c' }), posted('c', 30, { partOf: 'a' })]
  expect(tallyOf(circle).totals).toMatchObject({ detections: 3, manoeuvres: 1, posts: { value: 30 } })
})

describe('accounts', () => {
  const named = (id: string, accountRefs: string[], counts: Figures = {}) => of(id, { accountRefs, counts })
  const three = named('a', ['1', '2', '3'], { accounts: 3 })
  const other = named('b', ['3', '4'])
  const bare = of('c', { counts: { accounts: 3 } })
  const dayFloor = { byDay: [{ day: '2024-05-15', accounts: atLeast(1) }] }

  test.each<[string, readonly DetectionAsOf[], Total]>([
    ['all referenced', [three, other], exact(4)],
    ['some referenced', [three, bare], atLeast(3)],
    ['more referenced than counted', [three, other, bare], atLeast(4)],
    ['none referenced', [bare], exact(3)],
    ['an estimate above the references', [named('d', ['1'], { accounts: about(9) })], about(9)],
    ['a floor equal to the references', [named('a', ['1'], { accounts: atLeast(1) })], atLeast(1)],
    ['an estimate equal to the references', [named('a', ['1'], { accounts: about(1) })], about(1)],
    [
      'an estimate of a whole that a part equals',
      [of('w', { counts: { accounts: about(9) } }), of('p', { partOf: 'w', counts: { accounts: 9 } }), three],
      atLeast(9),
    ],
    ['a floor of a day', [named('b', ['2']), named('c', ['1'], dayFloor)], atLeast(2)],
    ['a whole and a part, all referenced', [named('w', ['1']), of('p', { partOf: 'w', accountRefs: ['2'] })], exact(2)],
    ['an open event', [of('e', { kind: 'offline-event', partOf: 'gone' }), named('a', ['1'])], exact(1)],
    ['a stated 0 of coordinated ones', [of('a', { counts: { coordinatedAccounts: 0 } })], notGiven],
  ])('are the union where all are referenced, else at least the largest: %s', (_, all, total) => {
    expect(tallyOf(all).totals.accounts).toEqual(total)
  })

  test('of a whole that names all of its parts stay exact, and are no union with others', () => {
    const all = of('whole', { coordinatedAccountRefs: ['1'] })
    const none = of('part', { partOf: 'whole', counts: { coordinatedAccounts: 0 } })
    const more = of('other', { coordinatedAccountRefs: ['2'] })
    expect(tallyOf([all, none]).totals.coordinatedAccounts).toEqual(exact(1))
    expect(tallyOf([all, none, more]).totals.coordinatedAccounts).toEqual(atLeast(2))
  })
})

test('a detection known to the month counts in the month, on no day, and is only listed in a week', () => {
  const known = posted('e', 7, { observed: { from: '2024-02' } })
  const month = tallyOf([known], '2024-02')
  expect(month.totals.detections).toBe(1)
  expect(month.undated).toMatchObject({ detections: 1, posts: exact(7) })
  const week = tallyOf([known], '2024-W06')
  expect(week.totals.detections).toBe(0)
  expect([...week.undatedHere]).toMatchObject([{ id: 'e', revision: 1 }])
})

test('a detection above the cap is counted as withheld, and has no other effect', () => {
  const secret = posted('r', 1_000_000, { marking: 'TLP:RED', hashtags: ['#secret'], narratives: ['Secret'] })
  const { withheld: none, ...open } = tallyOf([whole, onX, onFacebook])
  const { withheld, ...capped } = tallyOf([whole, onX, secret, onFacebook])
  expect([none, withheld]).toEqual([0, 1])
  expect(capped).toEqual(open)
  expect(tallyOf([secret], '2024-W20', 'TLP:RED').totals.marking).toBe('TLP:RED')
})

test('posts by platform are the stated ones', () => {
  const split = of('s', { counts: { posts: 30, byPlatform: [{ platform: 'X', posts: 30 }] } })
  expect(tallyOf([split]).platforms).toMatchObject([{ name: 'X', detections: 1, posts: exact(30) }])
})

describe('the posts of a day', () => {
  const video = (observed: DetectionInput['observed']) => of('v', { kind: 'video', observed })
  const split = (posts: Figures['posts'], byDay: NonNullable<Figures['byDay']>, input: Partial<DetectionInput> = {}) =>
    of('s', {
      observed: { from: '2024-05-14', to: '2024-05-15' },
      counts: { ...(posts !== undefined && { posts }), byDay },
      ...input,
    })
  const row = { day: '2024-05-15', posts: atLeast(1) }

  // From 14 to 17 May.
  test.each<[string, readonly DetectionAsOf[], readonly Total[], Total?]>([
    ['a day without a number', [video({ from: '2024-05-15' })], [exact(0), notGiven, exact(0), exact(0)]],
    ['two days without a number', [video(twoDays)], [exact(0), notGiven, notGiven, exact(0)]],
    [
      'two days by the clock of the territory',
      [video({ from: '2024-05-14T20:00:00Z', to: '2024-05-15T20:00:00Z' })],
      [exact(0), notGiven, notGiven, exact(0)],
    ],
    ['a number and none', [video({ from: '2024-05-15' }), posted('b', 7)], [exact(0), atLeast(7), exact(0), exact(0)]],
    ['parts, and another day of their whole', [whole, onX, onFacebook], [exact(0), atLeast(5332), notGiven, exact(0)]],
    ['an event that owes no posts', [event], [exact(0), notGiven, exact(0), exact(0)]],
    ['an estimate', [posted('a', about(30))], [exact(0), about(30), exact(0), exact(0)]],
    [
      'a split, with the rest on no day',
      [
        split(30, [
          { day: '2024-05-14', posts: about(10) },
          { ...row, posts: 15 },
        ]),
      ],
      [about(10), exact(15), exact(0), exact(0)],
      exact(5),
    ],
    [
      'one day with a lower split',
      [split(2, [row], { observed: { from: '2024-05-15' } })],
      [exact(0), exact(2), exact(0), exact(0)],
    ],
    [
      'one day with a split alone',
      [split(undefined, [{ ...row, posts: 1 }], { observed: { from: '2024-05-15' } })],
      [exact(0), atLeast(1), exact(0), exact(0)],
    ],
    [
      'a detection that gives its number to another day',
      [split(10, [{ day: '2024-05-14', posts: 10 }]), posted('b', 7)],
      [exact(10), atLeast(7), exact(0), exact(0)],
    ],
    [
      'a whole whose part owes no figure',
      [posted('w', 1), of('p', { kind: 'offline-event', partOf: 'w' })],
      [exact(0), atLeast(1), exact(0), exact(0)],
    ],
    [
      'a whole as large as its part',
      [posted('w', 1, { observed: { from: '2024-05-14' } }), posted('p', 1, { partOf: 'w' })],
      [atLeast(1), notGiven, exact(0), exact(0)],
      exact(0),
    ],
    [
      'a whole smaller than a part without days',
      [
        split(undefined, [{ day: '2024-05-14', posts: 3 }], { id: 'w' }),
        posted('p', 5, { partOf: 'w', observed: { from: '2024-05-14', to: '2024-05-15' } }),
      ],
      [atLeast(3), notGiven, exact(0), exact(0)],
      atLeast(2),
    ],
    ['a part of a hidden whole', [posted('o', 1, { partOf: 'gone' })], [exact(0), atLeast(1), exact(0), exact(0)]],
  ])('with %s', (_, all, expected, undated) => {
    const tally = tallyOf(all)
    expect(tally.days.slice(1, 5).map(({ posts }) => posts)).toEqual(expected)
    if (undated) expect(tally.undated.posts).toEqual(undated)
  })

  test('are not given on no day where only the month is known', () => {
    const month = tallyOf([of('m', { observed: { from: '2024-05' } })], '2024-05')
    expect(month.undated).toMatchObject({ detections: 1, posts: notGiven })
  })
})

test('a kind has each detection of that kind, parts included', () => {
  const video = of('v', { kind: 'video', partOf: 'whole', counts: { posts: 40 } })
  expect(tallyOf([whole, onX, onFacebook, video]).kinds).toMatchObject([
    { name: 'copy-paste', detections: 3, posts: atLeast(5332) },
    { name: 'video', detections: 1, posts: exact(40) },
  ])
})

test('a part whose whole is elsewhere belongs to the campaign of its whole', () => {
  const elsewhere = new Map([['elsewhere', { campaign: 'Alpha', marking: 'TLP:GREEN' as const }]])
  const part = posted('part', 5, { partOf: 'elsewhere', marking: 'TLP:CLEAR' })
  const { campaigns, threads } = tallyOf([part], '2024-W20', 'TLP:AMBER', elsewhere)
  expect(threads).toMatchObject([{ campaign: 'Alpha', manoeuvres: 1 }])
  expect(campaigns).toEqual([{ name: 'Alpha', manoeuvres: 1, posts: exact(5), marking: 'TLP:GREEN' }])
})

test('hashtags that differ by case are one', () => {
  const tags = [of('a', { hashtags: ['#Paris2024', '#paris2024'] }), of('b', { hashtags: ['#Paris2024'] })]
  expect(tallyOf(tags).hashtags).toMatchObject([{ name: '#Paris2024', detections: 2 }])
})

describe('narratives', () => {
  const colonial = { fr: 'Néocolonialisme', en: 'Neocolonialism' }

  test('are one where they are the same in English, with all wordings, in any order of detections', () => {
    const all = [
      posted('a', 10, { narratives: [colonial] }),
      posted('b', 5, { narratives: [{ en: 'neocolonialism' }, { fr: 'Police meurtrière' }] }),
      posted('c', 4, { partOf: 'a', narratives: [colonial] }),
    ]
    expect(tallyOf(all).narratives).toMatchObject([
      { name: 'Neocolonialism', detections: 3, posts: atLeast(10), texts: colonial },
      { name: 'Police meurtrière', detections: 1, posts: { value: null }, texts: { fr: 'Police meurtrière' } },
    ])
    const more = [...all, of('d', { narratives: [{ en: 'Neocolonialism', fr: 'Autre mot' }] })]
    fc.assert(
      fc.property(fc.shuffledSubarray(more, { minLength: more.length }), (shuffled) => {
        expect(tallyOf(shuffled).narratives).toEqual(tallyOf(more).narratives)
      }),
    )
  })

  test('and hashtags keep the period before only for the names of now', () => {
    const now = tallyOf([of('n', { hashtags: ['#BoycottParis2024'], narratives: [colonial] })])
    const observed = { from: '2024-05-08' }
    const before = tallyOf(
      [
        of('p', { observed, hashtags: ['#boycottparis2024', '#other'], narratives: ['Other'] }),
        posted('q', 3, { observed, narratives: [colonial] }),
      ],
      '2024-W19',
    )
    const { hashtags, narratives } = sharesBefore(now, before)
    expect(hashtags.map(({ name }) => name)).toEqual(['#boycottparis2024'])
    expect(narratives).toMatchObject([{ name: 'Neocolonialism', detections: 1, posts: exact(3) }])
  })
})

describe('for any detections', () => {
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
    const periods = fc.constantFrom('2024-W20', '2024-05', '2024-Q2', '2024-05-10--2024-05-12')
    fc.assert(
      fc.property(detectionsAsOf, periods, (all, period) => {
        const { totals, days, undated } = tallyOf(all, period)
        const sum = (of: (day: DayCount) => number) => days.reduce((added, day) => added + of(day), 0)
        expect(sum(({ detections }) => detections) + undated.detections).toBe(totals.detections)
        expect(sum(({ posts }) => posts.value ?? 0) + (undated.posts.value ?? 0)).toBe(totals.posts.value ?? 0)
        expect(undated.posts.value ?? 0).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('each counts in one week at most, and in exactly one month', () => {
    fc.assert(
      fc.property(detectionsAsOf, (all) => {
        const counted = (periods: readonly string[]) =>
          periods.flatMap((period) => [...tallyOf(all, period, 'TLP:RED').counted].map(({ id }) => id))
        const inWeeks = counted(Array.from({ length: 8 }, (_, at) => `2024-W${16 + at}`))
        expect(new Set(inWeeks).size).toBe(inWeeks.length)
        expect(counted(['2024-04', '2024-05', '2024-06']).sort()).toEqual(
          all.map(({ detection }) => detection.id).sort(),
        )
      }),
    )
  })

  test('another detection never lowers the posts, and adds no more than its own', () => {
    fc.assert(
      fc.property(detectionsAsOf, (all) => {
        const before = tallyOf(all).totals.posts.value ?? 0
        const after = tallyOf([...all, posted('more', 1000)]).totals.posts.value ?? 0
        const stored = new Set(all.map(({ detection }) => detection.id))
        const isOpen = all.some(({ detection: { partOf } }) => partOf !== undefined && !stored.has(partOf))
        expect(after).toBeGreaterThanOrEqual(before)
        if (isOpen || tallyOf(all).counted.length < all.length) expect(after).toBeLessThanOrEqual(before + 1000)
        else expect(after).toBe(before + 1000)
      }),
    )
  })

  test('a lower cap shows no more, and what it withholds and shows is all', () => {
    fc.assert(
      fc.property(detectionsAsOf, (all) => {
        const green = tallyOf(all, '2024-W20', 'TLP:GREEN')
        const red = tallyOf(all, '2024-W20', 'TLP:RED')
        const shown = ({ counted, ongoing, undatedHere }: Tally) => counted.length + ongoing.length + undatedHere.length
        expect(shown(green) + green.withheld).toBe(shown(red))
        expect(red.withheld).toBe(0)
      }),
    )
  })
})

describe('a joint figure', () => {
  const placed = (id: string, territories: TerritoryCode[], posts?: number, input: Partial<DetectionInput> = {}) =>
    of(id, { territories, counts: posts === undefined ? {} : { posts }, ...input })
  const own = placed('own', ['NC'], 12)
  const two = placed('two', ['NC', 'COR'], 10)
  const prints = { fingerprints: [{ algorithm: 'simhash', value: 'abcdef01' }] }
  const large = (...codes: TerritoryCode[]) => placed('large', codes, 90, { ...prints, detector: 'one' })
  const small = (...codes: TerritoryCode[]) => placed('small', codes, 40, { ...prints, detector: 'other' })

  test('has the territories of its manoeuvres, each figure its own', () => {
    const three = of('three', { territories: ['NC', 'PF', 'WF'], counts: { accounts: 5 } })
    expect(tallyOf([two, three, own])).toMatchObject({
      jointIn: { posts: 2, accounts: 3 },
      joint: { posts: atLeast(10), own: exact(12) },
    })
    expect(tallyOf([own]).jointIn).toBeUndefined()
  })

  test('does not include a stated 0', () => {
    const { joint, jointIn, totals } = tallyOf([placed('none', ['NC', 'PF'], 0)])
    expect({ joint, jointIn, posts: totals.posts }).toEqual({ posts: exact(0) })
  })

  test.each([
    ['a joint one without a number', [own, two, placed('silent', ['NC', 'PF'])], atLeast(10), exact(12)],
    ['an own one without a number', [own, two, placed('mute', ['NC'])], exact(10), atLeast(12)],
    ['two detectors of a joint one', [own, large('NC', 'COR'), small('NC', 'COR')], atLeast(90), exact(12)],
    ['two detectors of an own one', [two, large('NC'), small('NC')], exact(10), atLeast(90)],
    ['two detectors of both', [large('NC', 'COR'), small('NC')], exact(90), atLeast(0)],
  ])('is a floor with %s', (_, all, posts, alone) => {
    expect(tallyOf(all).joint).toMatchObject({ posts, own: alone })
  })

  test('has the marking of those without a number, and not their territories', () => {
    const { joint } = tallyOf([own, two, placed('silent', ['NC', 'PF', 'WF'], undefined, { marking: 'TLP:AMBER' })])
    expect(joint?.marking).toBe('TLP:AMBER')
    expect(new Set(joint?.territories)).toEqual(new Set(['NC', 'COR']))
  })

  test('differs where its detections name other territories', () => {
    expect(tallyOf([two, placed('again', ['COR', 'NC'], 3)]).joint?.differ).toBeUndefined()
    const { joint } = tallyOf([two, placed('others', ['NC', 'PF'], 3)])
    expect(joint?.differ).toBe(true)
    expect(joint?.territories).toHaveLength(3)
  })
})
