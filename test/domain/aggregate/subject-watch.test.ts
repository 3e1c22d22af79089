/** Figures that may be incomplete are floors, by one rule: totals, territories, days and names. */
import { describe, expect, test } from 'vitest'
import { compare } from '../../../lambdas/domain/aggregate/compare.ts'
import { subjectWatch } from '../../../lambdas/domain/aggregate/subject-watch.ts'
import { createCounter, type Share, type Tally, totalIn } from '../../../lambdas/domain/aggregate/tally.ts'
import type { SourceRecord } from '../../../lambdas/domain/aggregate/watch/watch.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { daysOf, parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { detectionAsOf } from '../../support/detections.ts'

const daily = (name: string, days: readonly number[], rhythm = 'P1D'): SourceRecord => ({
  name,
  statements: [
    {
      marking: 'TLP:CLEAR',
      statedAt: '2024-05-01T00:00:00Z',
      byHand: false,
      declared: 'TLP:GREEN',
      expectedRhythm: rhythm,
    },
  ],
  // Eleven in the evening in Nouméa.
  inputs: days.map((day) => ({ at: `2024-05-${String(day).padStart(2, '0')}T12:00:00Z`, found: 0 })),
  earlier: [],
})
const all = Array.from({ length: 31 }, (_, at) => at + 1)
const week = parsePeriod('2024-W20')
const whole = { marking: 'TLP:GREEN', days: new Set(daysOf(week)), isWhole: true } as const
const five = { value: 5, qualifier: 'exact' } as const
const atLeastFive = { value: 5, qualifier: 'at least' } as const

const seen = (id = '2024-W20'): Tally => {
  const period = parsePeriod(id)
  const counter = createCounter({ period, zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
  const named = { campaign: 'C', hashtags: ['#h'], languages: ['fr'], narratives: [{ en: 'n' }], platforms: ['X'] }
  counter.add(detectionAsOf({ id: 'a', observed: { from: '2024-05-14' }, counts: { posts: 5 }, ...named }))
  return counter.tally({ watched: { ...whole, days: new Set(daysOf(period)) } })
}
const rows = ({ platforms, kinds, hashtags, narratives, languages, campaigns }: Tally): readonly Share['posts'][] =>
  [platforms, kinds, hashtags, narratives, languages, campaigns].map(([row]) => row?.posts as Share['posts'])
const on = ({ days }: Tally, date: string) => days.find((day) => day.date === date)

describe('a territory', () => {
  const watchOf = (records: readonly SourceRecord[], asOf = '2024-06-03T00:00:00Z') =>
    subjectWatch(records, { subject: 'NC', cap: 'TLP:AMBER', asOf })

  test('has exact figures once a watched period is over', () => {
    const shown = watchOf([daily('A', all)]).widen(week, seen())
    expect(shown.totals.posts).toEqual(five)
    expect(on(shown, '2024-05-14')?.posts).toEqual(five)
    expect(rows(shown)).toEqual(Array.from({ length: 6 }, () => five))
  })

  test('has a floor of 0 on the current day alone', () => {
    const running = '2024-05-16T03:00:00Z' // the afternoon of the 16th in Nouméa
    const shown = watchOf([daily('A', all.slice(0, 16), 'PT6H')], running).widen(week, seen())
    expect(on(shown, '2024-05-15')).toMatchObject({ posts: { value: 0, qualifier: 'exact' } })
    expect(on(shown, '2024-05-15')).not.toHaveProperty('isFloor')
    expect(on(shown, '2024-05-16')).toMatchObject({ posts: { value: 0, qualifier: 'at least' }, isFloor: true })
    // Once it is over it was watched: it has an input.
    const over = watchOf([daily('A', all.slice(0, 16), 'PT6H')], '2024-05-16T13:00:00Z').widen(week, seen())
    expect(on(over, '2024-05-16')).toMatchObject({ posts: { value: 0, qualifier: 'exact' } })
  })

  test('has floors while its period runs', () => {
    const running = '2024-05-19T12:30:00Z' // half an hour before it ends in Nouméa
    const watch = watchOf([daily('A', all.slice(0, 19))], running)
    const shown = watch.widen(week, seen())
    expect(shown.totals).toMatchObject({ posts: atLeastFive, isFloor: true })
    expect(rows(shown)).toEqual(Array.from({ length: 6 }, () => atLeastFive))
    // A day that is over, and was watched to its end, is whole.
    expect(on(shown, '2024-05-14')?.posts).toEqual(five)
    // Each day has an input, and the last day is not over.
    expect(watch.of(week)?.isWhole).toBe(false)
    expect(watch.member('NC', week, running).isPartial).toBe(true)
  })

  test('has a floor of 0 detections while its period runs, also with one known to the month', () => {
    const counter = createCounter({ period: week, zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
    counter.add(detectionAsOf({ id: 'm', observed: { from: '2024-05' } }))
    const told = (asOf: string) => {
      const { totals } = watchOf([daily('A', all)], asOf).widen(week, counter.tally({ watched: whole }))
      return totalIn(totals, 'detections')
    }
    expect(told('2024-05-16T03:00:00Z')).toEqual({ value: 0, qualifier: 'at least' })
    expect(told('2024-06-03T00:00:00Z')).toEqual({ value: 0, qualifier: 'exact' })
  })

  test('has floors where it was hardly watched, and on a day without a watch to its end', () => {
    const shown = watchOf([daily('A', [13, 14])]).widen(week, seen())
    expect(shown.totals.posts).toEqual(atLeastFive)
    expect(shown.undated.posts.qualifier).toBe('at least')
    expect(on(shown, '2024-05-14')).toMatchObject({ posts: atLeastFive, isFloor: true })
    expect(on(shown, '2024-05-13')?.posts).toEqual({ value: 0, qualifier: 'exact' })
    expect(rows(shown)).toEqual(Array.from({ length: 6 }, () => atLeastFive))
  })

  test('has no estimates and no ceilings where it was hardly watched', () => {
    const told = (...records: readonly Parameters<typeof detectionAsOf>[0][]) => {
      const counter = createCounter({ period: week, zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
      const named = { hashtags: ['#h'], languages: ['fr'], narratives: [{ en: 'n' }], platforms: ['X'] }
      for (const [at, one] of records.entries())
        counter.add(detectionAsOf({ id: `${at}`, observed: { from: '2024-05-15' }, campaign: 'C', ...named, ...one }))
      return watchOf([daily('A', [8, 15])]).widen(week, counter.tally({ watched: whole }))
    }
    const estimate = told({ counts: { posts: { value: 5, qualifier: 'about' } } })
    const atLeastAbout = { value: 5, qualifier: 'at least about' }
    expect(estimate.totals.posts).toEqual(atLeastAbout)
    expect(on(estimate, '2024-05-15')?.posts).toEqual(atLeastAbout)
    expect(rows(estimate)).toEqual(Array.from({ length: 6 }, () => atLeastAbout))
    const before = { total: { value: 1_000, qualifier: 'about' as const }, watched: true }
    const { posts } = estimate.totals
    expect(compare({ total: posts, watched: true }, [before])).toMatchObject({ change: undefined })
    // Two detectors of one thing count once.
    const seenTwice = told(
      { counts: { posts: 100 }, detector: { name: 'One' } },
      { counts: { posts: 60 }, detector: { name: 'Two' } },
    )
    expect(seenTwice.totals.posts).toEqual({ value: 100, qualifier: 'at least' })
    expect(rows(seenTwice)[0]).toEqual({ value: 100, qualifier: 'at least' })
  })

  test('has floors where one source fell silent, though another watched each day', () => {
    const missing = watchOf([daily('A', all), daily('B', [13, 19])]).widen(week, seen())
    expect(missing.totals).toMatchObject({ posts: atLeastFive, isFloor: true })
    expect(on(missing, '2024-05-14')).toMatchObject({ posts: atLeastFive, isFloor: true })
    expect(rows(missing)).toEqual(Array.from({ length: 6 }, () => atLeastFive))
    // A day that both watched wholly is exact.
    const later = watchOf([daily('A', all), daily('B', [13, 14, 15, 16])]).widen(week, seen())
    expect(later.totals.posts).toEqual(atLeastFive)
    expect(on(later, '2024-05-14')?.posts).toEqual(five)
    // A late input is not missing.
    expect(watchOf([daily('A', all), daily('B', [13, 15, 17, 19])]).widen(week, seen()).totals.posts).toEqual(five)
  })

  test('has a floor on a day of a stated 0 where it was hardly watched', () => {
    const counter = createCounter({ period: week, zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
    const counts = { byDay: [{ day: '2024-05-14', posts: 0 }] }
    counter.add(detectionAsOf({ id: 'm', observed: { from: '2024-05-13', to: '2024-06-22' }, counts }))
    const shown = watchOf([daily('A', [16])]).widen(week, counter.tally({ watched: whole }))
    expect(on(shown, '2024-05-14')).toMatchObject({ posts: { value: 0, qualifier: 'at least' }, isFloor: true })
  })

  test('has exact days that were watched to their end', () => {
    const shown = watchOf([daily('A', [14, 15], 'PT12H')]).widen(week, seen())
    expect(shown.totals.posts).toEqual(atLeastFive)
    expect(on(shown, '2024-05-14')?.posts).toEqual(five)
  })
})

describe('a group', () => {
  const watchOf = (records: readonly SourceRecord[], asOf = '2024-06-03T00:00:00Z') =>
    subjectWatch(records, { subject: 'PACIFIC', cap: 'TLP:AMBER', asOf })

  test('has for a member the figures of its own report, and for all no more certain ones', () => {
    // The week is over in Nouméa, and goes on in Papeete.
    const asOf = '2024-05-20T00:00:00Z'
    const watch = watchOf([daily('A', all.slice(0, 19))], asOf)
    const own = subjectWatch([daily('A', all.slice(0, 19))], { subject: 'PF', cap: 'TLP:AMBER', asOf })
    expect(watch.widenMember('NC', week, seen()).totals.posts).toEqual(five)
    expect(watch.widenMember('PF', week, seen()).totals.posts).toEqual(atLeastFive)
    expect(own.widen(week, seen()).totals.posts).toEqual(atLeastFive)
    expect(watch.widen(week, seen()).totals.posts).toEqual(atLeastFive)
    expect(watch.isWhole(week)).toBe(false)
  })

  const states = (records: readonly SourceRecord[], cap: Marking = 'TLP:AMBER') => {
    const watch = subjectWatch(records, { subject: 'PACIFIC', cap })
    const asOf = '2024-05-21T00:00:00Z'
    const members = (['NC', 'WF'] as const).map((code) => watch.member(code, week, asOf))
    return { watch, members, posts: watch.widen(week, seen()).totals.posts }
  }
  const nine = all.slice(11, 20)
  const watching = (name: string, days: readonly number[], territories: readonly TerritoryCode[], rhythm?: string) => {
    const source = daily(name, days, rhythm)
    return { ...source, statements: source.statements.map((one) => ({ ...one, territories })) }
  }

  test('is whole where each territory with a source was watched', () => {
    const { watch, members, posts } = states([daily('A', nine)])
    expect(members).toMatchObject([{ state: 'watched' }, { state: 'watched' }])
    expect([posts, watch.of(week)?.marking]).toEqual([five, 'TLP:GREEN'])
    // WF has no source.
    const some = states([watching('A', nine, ['NC', 'PF'])])
    expect([some.members[1], some.posts]).toEqual([{ state: 'by no source', marking: 'TLP:CLEAR' }, five])
  })

  test('has floors where a territory was blind', () => {
    const { watch, members, posts } = states([watching('A', nine, ['NC', 'PF']), watching('B', [31], ['WF'])])
    expect([members[1]?.state, posts, watch.of(week)?.days.size]).toEqual(['blind', atLeastFive, 0])
  })

  test('has floors and the longest silence where a source fell silent', () => {
    const hardly = states([daily('A', [13])])
    expect(hardly.members[0]).toMatchObject({ state: 'hardly watched', silentHours: 145 })
    const half = states([daily('A', [13, 16])])
    expect([half.members[0], half.posts]).toMatchObject([{ state: 'interrupted', silentHours: 73 }, atLeastFive])
    // Another source watches the days of the silence, but may miss what the silent one would find.
    const two = states([daily('A', [13]), daily('B', [13, 16, 20], 'PT72H')])
    expect([two.members[0], two.posts]).toMatchObject([{ state: 'interrupted', silentHours: 145 }, atLeastFive])
  })

  test('knows nothing of sources above its cap, so not that it is whole', () => {
    const { watch, members, posts } = states([daily('A', nine)], 'TLP:CLEAR')
    expect([watch.of(week), posts, members[0]?.state]).toEqual([undefined, atLeastFive, 'by no source'])
  })

  test('has floors in each place while its quarter runs', () => {
    const quarter = parsePeriod('2024-Q2')
    const watch = watchOf([daily('A', all)])
    expect(watch.widenMember('NC', quarter, seen('2024-Q2')).totals.posts).toEqual(atLeastFive)
    expect(watch.widen(quarter, seen('2024-Q2')).totals.posts).toEqual(atLeastFive)
  })
})
