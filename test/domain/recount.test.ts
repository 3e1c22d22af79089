/** Counts over territories, detectors and watches. */
import { describe, expect, test } from 'vitest'
import { acrossOf, linksOf } from '../../lambdas/domain/aggregate/across.ts'
import type { Wholes } from '../../lambdas/domain/aggregate/counting/trees.ts'
import { type CountInputs, createCounter, type DetectionAsOf } from '../../lambdas/domain/aggregate/tally.ts'
import { notWatched } from '../../lambdas/domain/core/figures.ts'
import { wordingOf } from '../../lambdas/domain/core/language/report-wording.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { shareTable } from '../../lambdas/domain/page/manoeuvre/lists.ts'
import { detectionAsOf } from '../support/detections.ts'

const of = (id: string, input: Partial<DetectionInput> = {}): DetectionAsOf =>
  detectionAsOf({ id, marking: 'TLP:GREEN', ...input })

const tallyOf = (all: readonly DetectionAsOf[], inputs: CountInputs = {}) => {
  const counter = createCounter({ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
  for (const one of all) counter.add(one)
  return counter.tally(inputs)
}

const wholes = (...all: readonly DetectionAsOf[]): Wholes =>
  new Map(all.map(({ detection }) => [detection.id, detection]))

const exact = (value: number) => ({ value, qualifier: 'exact' })
const atLeast = (value: number, atMost?: number) => ({
  value,
  qualifier: 'at least',
  ...(atMost !== undefined && { atMost }),
})
const notGiven = { value: null, qualifier: 'not given' }

describe('a chain of parts', () => {
  const a = of('a', { counts: { posts: 100 } })
  const b = of('b', { partOf: 'a', territories: ['MQ'], counts: { posts: 80 } })
  const c = of('c', { partOf: 'b', counts: { posts: 60 } })

  test('runs through a part in another territory', () => {
    expect(tallyOf([a, c], { wholes: wholes(b) }).totals).toMatchObject({ manoeuvres: 1, posts: atLeast(100) })
  })

  test('ends at a hidden whole: no total is exact, and an open part is not added', () => {
    expect(tallyOf([a, c]).totals.posts).toEqual(atLeast(100, 160))
    expect(tallyOf([c]).totals.posts).toEqual(atLeast(60))
    expect(tallyOf([of('c', { partOf: 'gone', counts: { accounts: 7 } })]).totals.accounts).toEqual(atLeast(7))
  })

  test('makes the total as strict as each detection that it runs through', () => {
    const amber = of('b', { partOf: 'a', territories: ['MQ'], marking: 'TLP:AMBER' })
    expect(tallyOf([a, c], { wholes: wholes(amber) }).totals.marking).toBe('TLP:AMBER')
    expect(tallyOf([a], { wholes: wholes(amber) }).totals.marking).toBe('TLP:GREEN')
  })

  test('of 10,000 overflows no stack', () => {
    const chain = Array.from({ length: 10_000 }, (_, at) =>
      of(`d${at}`, { ...(at > 0 && { partOf: `d${at - 1}` }), counts: { posts: 1, accounts: 1 } }),
    )
    expect(tallyOf(chain).totals).toMatchObject({ manoeuvres: 1, posts: atLeast(1), accounts: exact(1) })
  })
})

describe('what two detectors saw', () => {
  const one = of('one', { fingerprints: [{ algorithm: 'sha', value: '1' }], counts: { posts: 50 } })
  const other = of('other', {
    detector: 'Other',
    fingerprints: [{ algorithm: 'SHA', value: '1' }],
    counts: { posts: 30 },
  })

  test('counts once, the larger, with the sum as a ceiling', () => {
    expect(tallyOf([one, other]).totals).toMatchObject({ detections: 2, manoeuvres: 1, posts: atLeast(50, 80) })
  })

  test('is one manoeuvre with the parts of all, which adds what it adds to the total', () => {
    const twice = of('twice', { fingerprints: one.detection.fingerprints, counts: { posts: 20 } })
    const { manoeuvres, totals, effects } = tallyOf([one, twice, other])
    expect(manoeuvres).toMatchObject([
      { id: 'one', parts: ['other', 'twice'], sameText: ['other', 'twice'], figures: { posts: totals.posts } },
    ])
    expect([totals.posts, effects.stated.notGiven]).toEqual([atLeast(70, 100), 1])
  })

  test('confirms an effect that both state', () => {
    const observedEffect = { state: 'observed', degree: 'act', text: { en: 'A road was blocked' } } as const
    const stating = [one, other].map(({ detection: { counts: _, revision: __, ...said } }) =>
      of(said.id, { ...said, observedEffect: { ...observedEffect, source: said.detector.name } } as never),
    )
    expect(tallyOf(stating).level?.claim?.is).toBe('act')
    expect(tallyOf(stating.slice(0, 1)).level?.claim?.is).toBe('reported')
  })

  test.each([
    ['of one detector', { detector: one.detection.detector.name }],
    ['in other territories', { territories: ['NC', 'MQ'] }],
    ['of another campaign', { campaign: 'Y' }],
    ['that is a part', { partOf: 'hidden' }],
  ] as const)('is several manoeuvres %s', (_, different) => {
    const again = of('again', { detector: 'Other', fingerprints: one.detection.fingerprints, ...different } as never)
    expect(tallyOf([one, again]).totals.manoeuvres).toBe(2)
  })

  const print = { fingerprints: [{ algorithm: 'text', value: 'f' }] }
  const c = { campaign: 'C', platforms: ['X'] }
  const posted = (id: string, posts: number, input: Partial<DetectionInput> = {}) =>
    of(id, { counts: { posts }, ...input })
  const second = { ...c, detector: 'Other', campaign: 'c' }
  const elsewhere = { ...second, platforms: ['Facebook'] }
  const nextDay = { ...second, observed: { from: '2024-05-16' } }
  const hundreds = Array.from({ length: 50 }, (_, at) => posted(`m${at}`, 100, c))
  const span = { from: '2024-05-15', to: '2024-05-17' }

  test.each([
    [
      'with a stated 0 of the other',
      [posted('a', 1, print), posted('b', 0, { ...print, detector: 'Other' })],
      atLeast(1),
    ],
    [
      'with an open part',
      [posted('a', 1, print), posted('b', 0, { ...print, detector: 'Other' }), posted('open', 1, { partOf: 'gone' })],
      atLeast(1, 2),
    ],
    ['of one detector adds up', [one, of('two', { ...one.detection, id: 'two' })], exact(100)],
    ['of a part of the other', [one, of('p', { ...other.detection, id: 'p', partOf: 'one' })], atLeast(50)],
    ['of one campaign, platform and day', [posted('a', 10, c), posted('b', 10, second)], atLeast(10, 20)],
    ['of one campaign on two platforms adds up', [posted('a', 10, c), posted('b', 10, elsewhere)], exact(20)],
    ['of one campaign on two days adds up', [posted('a', 10, c), posted('b', 10, nextDay)], exact(20)],
    [
      'with a small overlap keeps both of the larger detector',
      [posted('a1', 5000, c), posted('a2', 3000, c), posted('b', 100, second)],
      atLeast(8000, 8100),
    ],
    ['with one large and many small ones', [...hundreds, posted('large', 120, second)], atLeast(5000, 5120)],
    [
      'with a small bridge between two that add up',
      [
        posted('f', 5000, c),
        posted('l', 4000, { ...second, observed: { from: '2024-05-17' } }),
        posted('b', 10, { ...c, detector: 'Third', observed: span }),
      ],
      atLeast(9000, 9010),
    ],
  ])('%s', (_, all, posts) => {
    expect(tallyOf(all).totals.posts).toEqual(posts)
  })
})

describe('three states', () => {
  const watched = { marking: 'TLP:GREEN', days: new Set(['2024-05-13']), isWhole: false } as const

  test('are 0 where a source watched, exact where each day was watched, else not watched', () => {
    const known = { value: 0, qualifier: 'at least' }
    expect(tallyOf([], { watched }).totals).toMatchObject({ watched: true, posts: known, marking: 'TLP:GREEN' })
    expect(tallyOf([], { watched: { ...watched, isWhole: true } }).totals.posts).toEqual(exact(0))
    expect(tallyOf([]).totals.posts).toEqual({ value: null, qualifier: 'not watched' })
    const { days } = tallyOf([], { watched })
    expect(days.slice(0, 2).map(({ posts }) => posts)).toEqual([exact(0), { value: null, qualifier: 'not watched' }])
  })

  test('an ongoing detection is no zero, nor is one without figures', () => {
    const ongoing = of('o', {
      observed: { from: '2024-05-01', to: '2024-05-20' },
      counts: { coordinatedAccounts: 423 },
    })
    const silent = [of('e', { kind: 'offline-event' }), of('i', { kind: 'infrastructure' })]
    expect(tallyOf(silent, { watched }).totals).toMatchObject({
      posts: notGiven,
      accounts: notGiven,
      reposts: notGiven,
    })
    expect(tallyOf([ongoing], { watched }).totals).toMatchObject({ detections: 0, coordinatedAccounts: notGiven })
  })

  test('posts over several days leave none of them at zero', () => {
    const two = of('i', {
      kind: 'infrastructure',
      observed: { from: '2024-05-15', to: '2024-05-16' },
      counts: { posts: 27 },
    })
    const on = (all: readonly DetectionAsOf[]) =>
      tallyOf(all, { watched })
        .days.filter(({ date }) => date === '2024-05-15' || date === '2024-05-16')
        .map(({ posts }) => posts)
    expect(on([two])).toEqual([notGiven, notGiven])
    expect(on([two, of('d', { counts: { posts: 2416 } })])).toEqual([atLeast(2416), notGiven])
  })
})

test('a name is new only against a period that was watched', () => {
  const share = { name: '#a', detections: 1, posts: { value: 5, qualifier: 'exact' }, marking: 'TLP:CLEAR' } as const
  const changeOf = (before: typeof notWatched | null) =>
    shareTable('t', [{ ...share, before }], wordingOf('en'), { changeNote: 'Against April.' }).rows[0]?.change
  expect([null, notWatched].map(changeOf)).toEqual(['new', '–'])
})

describe('floors', () => {
  test('the coordinated accounts are among the participating', () => {
    const { totals } = tallyOf([
      of('a', { counts: { accounts: { value: 50, qualifier: 'at least' } } }),
      of('b', { counts: { coordinatedAccounts: 80 } }),
    ])
    expect(totals).toMatchObject({ accounts: atLeast(80), coordinatedAccounts: atLeast(80) })
  })

  test('a platform of only the whole or only a part is a floor', () => {
    const whole = of('w', { platforms: ['X', 'Facebook'], counts: { posts: 100 } })
    const part = of('p', { partOf: 'w', platforms: ['Facebook'], counts: { posts: 40 } })
    const alone = of('x', { platforms: ['X'], counts: { posts: 10 } })
    const named = (all: readonly DetectionAsOf[]) =>
      Object.fromEntries(tallyOf(all).platforms.map(({ name, posts }) => [name, posts]))
    expect(named([whole, part, alone])).toEqual({ X: atLeast(10), Facebook: atLeast(40) })
    expect(named([alone])).toEqual({ X: exact(10) })
  })

  test('the posts of a campaign count as the total’s, also with two detectors', () => {
    const c = { campaign: 'EAU', platforms: ['X'], fingerprints: [{ algorithm: 'simhash', value: '1' }] }
    const all = [of('a', { ...c, counts: { posts: 700 } }), of('b', { ...c, detector: 'B', counts: { posts: 650 } })]
    const { totals, campaigns } = tallyOf(all)
    expect(campaigns).toMatchObject([{ name: 'EAU', manoeuvres: 1, posts: atLeast(700, 1350) }])
    expect(campaigns[0]?.posts).toEqual(totals.posts)
  })

  test('a sum beyond what numbers hold is a floor', () => {
    const huge = (id: string): DetectionAsOf => {
      const { detection, ...rest } = of(id)
      return {
        ...rest,
        detection: { ...detection, counts: { views: { value: Number.MAX_SAFE_INTEGER, qualifier: 'exact' } } },
      }
    }
    expect(tallyOf([huge('a'), huge('b')]).totals.views).toEqual(atLeast(Number.MAX_SAFE_INTEGER))
  })
})

describe('other territories', () => {
  const w = of('w', { hashtags: ['#a'], counts: { posts: 100 } })
  const g = of('g', { territories: ['GP'], hashtags: ['#a'], counts: { posts: 5 } })
  const across = (own: readonly DetectionAsOf[], ...detections: readonly DetectionAsOf[]) =>
    acrossOf(
      { territory: 'NC', detections: own },
      linksOf(w.detection).map((link) => ({ link, detections })),
      new Map(),
    )

  test('count the manoeuvre with its parts as its own figure does', () => {
    const parts = [90, 60].map((posts) => of(`p${posts}`, { partOf: 'w', counts: { posts } }))
    const found = across([w, ...parts], w, g)
    expect(found?.total).toEqual({ detections: 4, posts: atLeast(155) })
    expect(found?.rows).toMatchObject([{ territory: 'GP', detections: 1, posts: exact(5) }])
  })

  test('add no part to its whole', () => {
    const x = of('x', { territories: ['GP'], counts: { posts: 70 } })
    const found = across([w], x, of('y', { territories: ['GP'], partOf: 'x', counts: { posts: 50 } }))
    expect([found?.total.posts, found?.rows[0]?.posts]).toEqual([atLeast(170), atLeast(70)])
  })

  test('stay exact with an offline event there', () => {
    const found = across([w], g, of('e', { territories: ['GP'], kind: 'offline-event' }))
    expect(found?.rows[0]).toMatchObject({ detections: 2, posts: exact(5) })
    expect(found?.total.posts).toEqual(exact(105))
  })

  test('have accounts by reference, and their own first instant', () => {
    const there = of('r', { territories: ['MQ'], accountRefs: ['1', '2'] })
    expect(across([of('h', { accountRefs: ['2'] })], there)?.rows[0]).toMatchObject({
      accounts: exact(2),
      commonAccounts: 1,
      first: '2024-05-15T04:00:00.000Z',
      lagDays: 0,
    })
  })

  test('are as strict as the strictest in them', () => {
    const red = of('red', { territories: ['MQ'], marking: 'TLP:RED', counts: { posts: 777_777 } })
    const found = across([w], g, red)
    expect(found?.marking).toBe('TLP:RED')
    expect(found?.rows.map(({ marking }) => marking)).toEqual(['TLP:GREEN', 'TLP:RED'])
  })
})
