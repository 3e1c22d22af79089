/**
 * Parts far from their wholes, what two detectors saw, floors and ceilings: each a number that was once printed wrong.
 */
import { describe, expect, test } from 'vitest'
import { acrossOf, linksOf } from '../../lambdas/domain/aggregate/across.ts'
import type { Wholes } from '../../lambdas/domain/aggregate/counting/trees.ts'
import { type CountInputs, createCounter, type DetectionAsOf } from '../../lambdas/domain/aggregate/tally.ts'
import { notWatched } from '../../lambdas/domain/core/figures.ts'
import { wordingOf } from '../../lambdas/domain/core/language/report-wording.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { shareTable } from '../../lambdas/domain/page/manoeuvre/lists.ts'
import { detectionAsOf } from '../support/detections.ts'

const of = (id: string, said: Partial<DetectionInput> = {}): DetectionAsOf =>
  detectionAsOf({ id, marking: 'TLP:GREEN', ...said })

const tallyOf = (
  all: readonly DetectionAsOf[],
  beside: CountInputs = {},
  period = '2024-W20',
  cap: Marking = 'TLP:AMBER',
) => {
  const counter = createCounter({ period: parsePeriod(period), zone: 'Pacific/Noumea', cap })
  for (const one of all) counter.add(one)
  return counter.tally(beside)
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

  test('runs through what stands in another territory', () => {
    expect(tallyOf([a, c], { wholes: wholes(b) }).totals).toMatchObject({ manoeuvres: 1, posts: atLeast(100) })
  })

  test('ends where a whole does not show: then no total is exact, and what is open is not added', () => {
    expect(tallyOf([a, c]).totals.posts).toEqual(atLeast(100, 160))
    expect(tallyOf([c]).totals.posts).toEqual(atLeast(60))
    expect(tallyOf([of('c', { partOf: 'gone', counts: { accounts: 7 } })]).totals.accounts).toEqual(atLeast(7))
  })

  test('makes the total as strict as what it runs through', () => {
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
    expect(tallyOf([one, other]).totals).toMatchObject({ detections: 2, manoeuvres: 2, posts: atLeast(50, 80) })
  })

  test('keeps its ceiling beside what is open, also where a 0 was left out', () => {
    const print = { fingerprints: [{ algorithm: 'text', value: 'f' }] }
    const one = of('one', { ...print, counts: { posts: 1 } })
    const none = of('none', { ...print, detector: 'CooRTweet', counts: { posts: 0 } })
    const open = of('open', { partOf: 'gone', counts: { posts: 1 } })
    expect(tallyOf([one, none]).totals.posts).toEqual(atLeast(1))
    expect(tallyOf([one, none, open]).totals.posts).toEqual(atLeast(1, 2))
  })

  test('adds up where one detector saw both, or one is part of the other', () => {
    expect(tallyOf([one, of('two', { ...one.detection, id: 'two' })]).totals.posts).toEqual(exact(100))
    expect(tallyOf([one, of('p', { ...other.detection, id: 'p', partOf: 'one' })]).totals.posts).toEqual(atLeast(50))
  })

  test('takes a campaign for the same on one platform and day alone', () => {
    const c = { campaign: 'C', platforms: ['X'], counts: { posts: 10 } }
    const first = of('first', c)
    const same = { ...c, detector: 'Other', campaign: 'c' }
    expect(tallyOf([first, of('b', same)]).totals.posts).toEqual(atLeast(10, 20))
    expect(tallyOf([first, of('b', { ...same, platforms: ['Facebook'] })]).totals.posts).toEqual(exact(20))
    expect(tallyOf([first, of('b', { ...same, observed: { from: '2024-05-16' } })]).totals.posts).toEqual(exact(20))
  })

  test('a small overlap takes no second detection of the larger detector away', () => {
    const c = { campaign: 'C', platforms: ['X'] }
    const all = [
      of('a1', { ...c, counts: { posts: 5000 } }),
      of('a2', { ...c, counts: { posts: 3000 } }),
      of('b', { ...c, detector: 'Other', counts: { posts: 100 } }),
    ]
    expect(tallyOf(all).totals.posts).toEqual(atLeast(8000, 8100))
  })

  test('one large detection does not outweigh many of another detector, nor a small one bridge two that add up', () => {
    const c = { campaign: 'C', platforms: ['X'] }
    const many = Array.from({ length: 50 }, (_, at) => of(`m${at}`, { ...c, counts: { posts: 100 } }))
    const large = of('large', { ...c, detector: 'Other', counts: { posts: 120 } })
    expect(tallyOf([...many, large]).totals.posts).toEqual(atLeast(5000, 5120))
    const first = of('f', { ...c, counts: { posts: 5000 } })
    const last = of('l', { ...c, detector: 'Other', observed: { from: '2024-05-17' }, counts: { posts: 4000 } })
    const span = { from: '2024-05-15', to: '2024-05-17' }
    const bridge = of('b', { ...c, detector: 'Third', observed: span, counts: { posts: 10 } })
    expect(tallyOf([first, last, bridge]).totals.posts).toEqual(atLeast(9000, 9010))
  })
})

describe('three states', () => {
  const watched = { marking: 'TLP:GREEN', days: new Set(['2024-05-13']), isWhole: false } as const

  test('0 where somebody watched, exact where each day was, else not watched', () => {
    const known = { value: 0, qualifier: 'at least' }
    expect(tallyOf([], { watched }).totals).toMatchObject({ watched: true, posts: known, marking: 'TLP:GREEN' })
    expect(tallyOf([], { watched: { ...watched, isWhole: true } }).totals.posts).toEqual(exact(0))
    expect(tallyOf([]).totals.posts).toEqual({ value: null, qualifier: 'not watched' })
    const { days } = tallyOf([], { watched })
    expect(days.slice(0, 2).map(({ posts }) => posts)).toEqual([exact(0), { value: null, qualifier: 'not watched' }])
  })

  test('offline events and domain lists alone give no figure', () => {
    const silent = [of('e', { kind: 'offline-event' }), of('i', { kind: 'infrastructure' })]
    expect(tallyOf(silent, { watched }).totals).toMatchObject({
      posts: notGiven,
      accounts: notGiven,
      reposts: notGiven,
    })
  })

  test('what goes on is no zero', () => {
    const ongoing = of('o', {
      observed: { from: '2024-05-01', to: '2024-05-20' },
      counts: { coordinatedAccounts: 423 },
    })
    expect(tallyOf([ongoing], { watched }).totals).toMatchObject({ detections: 0, coordinatedAccounts: notGiven })
  })

  test('an infrastructure that gives posts over several days leaves neither day at zero', () => {
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

describe('a name', () => {
  test('is new only against a period that was watched', () => {
    const share = { name: '#a', detections: 1, posts: { value: 5, qualifier: 'exact' }, marking: 'TLP:CLEAR' } as const
    const changeOf = (before: (typeof share)['posts'] | typeof notWatched | null) =>
      shareTable('t', [{ ...share, before }], wordingOf('en'), { changeNote: 'Against April.' }).rows[0]?.change
    expect(changeOf(null)).toBe('new')
    expect(changeOf(notWatched)).toBe('–')
  })
})

describe('floors', () => {
  test('the coordinated accounts are among the participating', () => {
    const { totals } = tallyOf([
      of('a', { counts: { accounts: { value: 50, qualifier: 'at least' } } }),
      of('b', { counts: { coordinatedAccounts: 80 } }),
    ])
    expect(totals).toMatchObject({ accounts: atLeast(80), coordinatedAccounts: atLeast(80) })
  })

  test('a platform that only the whole or only a part gives is a floor, and exact where all is known', () => {
    const whole = of('w', { platforms: ['X', 'Facebook'], counts: { posts: 100 } })
    const part = of('p', { partOf: 'w', platforms: ['Facebook'], counts: { posts: 40 } })
    const alone = of('x', { platforms: ['X'], counts: { posts: 10 } })
    const named = (all: readonly DetectionAsOf[]) =>
      Object.fromEntries(tallyOf(all).platforms.map(({ name, posts }) => [name, posts]))
    expect(named([whole, part, alone])).toEqual({ X: atLeast(10), Facebook: atLeast(40) })
    expect(named([alone])).toEqual({ X: exact(10) })
  })

  test('a campaign’s posts are counted as the total’s, whatever two detectors saw', () => {
    const c = { campaign: 'EAU', platforms: ['X'], fingerprints: [{ algorithm: 'simhash', value: '1' }] }
    const all = [of('a', { ...c, counts: { posts: 700 } }), of('b', { ...c, detector: 'B', counts: { posts: 650 } })]
    const { totals, campaigns } = tallyOf(all)
    expect(campaigns).toMatchObject([{ name: 'EAU', manoeuvres: 2, posts: atLeast(700, 1350) }])
    expect(campaigns[0]?.posts).toEqual(totals.posts)
  })

  test('a kind holds parts under their own kind', () => {
    const whole = of('w', { kind: 'campaign', counts: { posts: 100 } })
    const part = of('p', { kind: 'video', partOf: 'w', counts: { posts: 40 } })
    expect(tallyOf([whole, part]).kinds).toMatchObject([
      { name: 'campaign', detections: 1, posts: exact(100) },
      { name: 'video', detections: 1, posts: exact(40) },
    ])
  })

  test('a sum beyond what numbers hold is told as a floor', () => {
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
  const p = of('p', { partOf: 'w', counts: { posts: 90 } })
  const q = of('q', { partOf: 'w', counts: { posts: 60 } })
  const g = of('g', { territories: ['GP'], hashtags: ['#a'], counts: { posts: 5 } })
  const [link] = linksOf(w.detection)
  if (!link) throw new Error('no link')

  test('count the manoeuvre with its parts as its own figure does', () => {
    const across = acrossOf({ territory: 'NC', detections: [w, p, q] }, [{ link, detections: [w, g] }], new Map())
    expect(across?.total).toEqual({ detections: 4, posts: atLeast(155) })
    expect(across?.rows).toMatchObject([{ territory: 'GP', detections: 1, posts: exact(5) }])
  })

  test('add no part to its whole, and no parts of other manoeuvres', () => {
    const there = [
      of('x', { territories: ['GP'], counts: { posts: 70 } }),
      of('y', { territories: ['GP'], partOf: 'x', counts: { posts: 50 } }),
    ]
    const across = acrossOf({ territory: 'NC', detections: [w] }, [{ link, detections: there }], new Map())
    expect(across?.total.posts).toEqual(atLeast(170))
    expect(across?.rows[0]?.posts).toEqual(atLeast(70))
  })

  test('an offline event there takes no exactness away', () => {
    const event = of('e', { territories: ['GP'], kind: 'offline-event' })
    const across = acrossOf({ territory: 'NC', detections: [w] }, [{ link, detections: [g, event] }], new Map())
    expect(across?.rows[0]).toMatchObject({ detections: 2, posts: exact(5) })
    expect(across?.total.posts).toEqual(exact(105))
  })

  test('have accounts by reference, and their own first instant', () => {
    const there = of('r', { territories: ['MQ'], accountRefs: ['1', '2'], observed: { from: '2024-05-15' } })
    const across = acrossOf(
      { territory: 'NC', detections: [of('h', { accountRefs: ['2'] })] },
      [{ link, detections: [there] }],
      new Map(),
    )
    expect(across?.rows[0]).toMatchObject({
      accounts: exact(2),
      commonAccounts: 1,
      first: '2024-05-15T04:00:00.000Z',
      lagDays: 0,
    })
  })

  test('are as strict as the strictest in them', () => {
    const red = of('red', { territories: ['MQ'], marking: 'TLP:RED', counts: { posts: 777_777 } })
    const across = acrossOf({ territory: 'NC', detections: [w] }, [{ link, detections: [g, red] }], new Map())
    expect(across?.marking).toBe('TLP:RED')
    expect(across?.rows.map(({ marking }) => marking)).toEqual(['TLP:GREEN', 'TLP:RED'])
  })
})
