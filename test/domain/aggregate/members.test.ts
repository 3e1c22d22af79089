/** A group's campaigns by territory, and how its territories were watched. */
import { describe, expect, it } from 'vitest'
import type { Linked } from '../../../lambdas/domain/aggregate/across.ts'
import { campaignRow } from '../../../lambdas/domain/aggregate/members.ts'
import { subjectWatch } from '../../../lambdas/domain/aggregate/subject-watch.ts'
import type { Totals } from '../../../lambdas/domain/aggregate/tally.ts'
import type { SourceRecord } from '../../../lambdas/domain/aggregate/watch/watch.ts'
import { zero } from '../../../lambdas/domain/core/figures.ts'
import { subjectOf, type TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { observedFrom } from '../../../lambdas/domain/core/time/observed.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'

const week = parsePeriod('2024-W20')
const { members } = subjectOf('ALL')

const linked = (
  id: string,
  from: string,
  codes: readonly TerritoryCode[],
  method: 'explicit' | 'group' = 'explicit',
): Linked => ({
  id,
  revision: 1,
  from: '',
  to: '',
  observed: observedFrom(from),
  territories: codes.map((code) => ({ code, method })),
  marking: 'TLP:GREEN',
})

describe('a campaign by territory', () => {
  const row = campaignRow(
    'UN-notorious BIG',
    {
      linked: [
        linked('a', '2023-07', ['NC', 'MQ']),
        linked('b', '2024-03-02', ['COR']),
        linked('c', '2024-05-15T01:21:00Z', ['NC', 'GF']),
        linked('d', '2024-05-16', ['YT', 'RE'], 'group'),
        linked('e', '2024-05-20', ['PF']),
      ],
    },
    members,
    week,
  )
  const cell = (code: TerritoryCode) => row.cells.find(({ territory }) => territory === code)

  it('says where it is active, where it was seen before, and where never', () => {
    expect(row.cells.map(({ territory }) => territory)).toEqual(members)
    const sameMonth = { value: 0, unit: 'months', bound: 'exact' }
    expect(cell('NC')).toMatchObject({ state: 'active', first: { from: '2023-07' }, lag: sameMonth })
    expect(cell('MQ')).toMatchObject({ state: 'before', lag: sameMonth })
    // From the month's first day on: it may be less.
    expect(cell('COR')).toMatchObject({ state: 'before', lag: { value: 245, unit: 'days', bound: 'at most' } })
    expect(cell('GF')).toMatchObject({ state: 'active', first: { from: '2024-05-15T01:21:00.000Z' } })
    expect(cell('WF')).toEqual({ territory: 'WF', state: 'unseen', groupOnly: false })
  })
  it('counts a delay between the days that it shows: equal dates have equal delays', () => {
    const { cells } = campaignRow(
      'Two',
      {
        linked: [
          linked('a', '2024-05-10T20:00:00Z', ['MF']), // 16:00 on 10 May there
          linked('b', '2024-05-13T23:00:00Z', ['COR']), // 01:00 on 14 May there, 19:00 on 13 May in MF
          linked('c', '2024-05-14T21:00:00Z', ['GP']),
          linked('d', '2024-05-14', ['NC', 'RE']),
        ],
      },
      members,
      week,
    )
    const days = (code: TerritoryCode) => cells.find(({ territory }) => territory === code)?.lag?.value
    expect((['MF', 'COR', 'GP', 'NC', 'RE'] as const).map(days)).toEqual([0, 3, 4, 4, 4])
  })
  it('has no delay below nothing where a clock is a day behind', () => {
    const { cells } = campaignRow(
      'Three',
      { linked: [linked('a', '2024-05-14T01:00:00Z', ['NC']), linked('b', '2024-05-14T05:00:00Z', ['PF'])] },
      subjectOf('PACIFIC').members,
      week,
    )
    expect(cells.flatMap(({ lag }) => lag?.value ?? [])).toEqual([0, 0])
  })
  it('takes of a territory the earliest day by the clock of the row, as its delay does', () => {
    const { cells } = campaignRow(
      'Four',
      {
        linked: [
          linked('a', '2024-05-14T11:00:00Z', ['PF']), // 01:00 on 14 May there
          linked('b', '2024-05-15', ['WF']), // begins at 12:00 UTC on 14 May
          linked('c', '2024-05-14T12:30:00Z', ['WF']), // 02:30 on 14 May in PF
        ],
      },
      subjectOf('PACIFIC').members,
      week,
    )
    expect(cells.find(({ territory }) => territory === 'WF')).toMatchObject({
      first: { precision: 'instant' },
      lag: { value: 0, unit: 'days', bound: 'exact' },
    })
  })
  it('gives one instant no delay, whatever the local days', () => {
    const { cells } = campaignRow(
      'One',
      { linked: [linked('a', '2024-05-14T01:00:00Z', ['NC', 'PF', 'WF'])] },
      subjectOf('PACIFIC').members,
      week,
    )
    expect(cells.map(({ lag }) => lag)).toEqual(Array(3).fill({ value: 0, unit: 'days', bound: 'exact' }))
  })
  it('has bounds where one of both is known to a month, and no state for a month that the period cuts', () => {
    const { cells } = campaignRow(
      'Five',
      { linked: [linked('a', '2024-05', ['MQ']), linked('b', '2024-05-13', ['GP'])] },
      subjectOf('ANTILLES').members,
      week,
    )
    const of = (code: TerritoryCode) => cells.find(({ territory }) => territory === code)
    expect(of('MQ')).toMatchObject({ state: 'undated', lag: { value: 0, unit: 'months' } })
    expect(of('GP')).toMatchObject({ state: 'active', lag: { value: 12, unit: 'days', bound: 'at most' } })
    const { cells: later } = campaignRow(
      'Six',
      { linked: [linked('a', '2024-04', ['MQ']), linked('b', '2024-03-20', ['GP'])] },
      subjectOf('ANTILLES').members,
      week,
    )
    expect(later.find(({ territory }) => territory === 'MQ')).toMatchObject({
      state: 'before',
      lag: { value: 12, unit: 'days', bound: 'at least' },
    })
  })
  it('says of what a group alone has placed', () => {
    expect(cell('YT')).toMatchObject({ state: 'active', groupOnly: true })
    expect(cell('NC')?.groupOnly).toBe(false)
  })
  it('leaves out what begins after the period', () => {
    expect(cell('PF')?.state).toBe('unseen')
  })
})

const source = (
  name: string,
  at: readonly string[],
  more: Partial<SourceRecord['statements'][number]> = {},
): SourceRecord => ({
  name,
  statements: [{ marking: 'TLP:CLEAR', statedAt: at[0] ?? '', byHand: false, declared: 'TLP:GREEN', ...more }],
  inputs: at.map((instant) => ({ at: instant, found: 0 })),
  earlier: [],
})
const watch = (records: readonly SourceRecord[], cap: 'TLP:AMBER' | 'TLP:CLEAR' = 'TLP:AMBER') =>
  subjectWatch(records, { subject: 'PACIFIC', cap })
const asOf = '2024-05-21T00:00:00Z'
const totals = {
  detections: 1,
  manoeuvres: 1,
  watched: true,
  marking: 'TLP:GREEN',
  posts: { value: 5, qualifier: 'exact' },
}
const whole = {
  ...totals,
  ...Object.fromEntries(
    ['reposts', 'videos', 'views', 'accounts', 'coordinatedAccounts'].map((figure) => [figure, zero]),
  ),
} as Totals

describe('the watch of a group', () => {
  const daily = Array.from({ length: 9 }, (_, day) => `2024-05-${12 + day}T11:59:00Z`)

  it('is whole where each territory that is meant to be watched was', () => {
    const all = watch([source('A', daily)])
    expect(subjectOf('PACIFIC').members.map((code) => all.member(code, week, asOf).state)).toEqual([
      'watched',
      'watched',
      'watched',
    ])
    expect(all.widen(week, { totals: whole }).totals.posts).toEqual({ value: 5, qualifier: 'exact' })
    expect(all.of(week)?.marking).toBe('TLP:GREEN')
  })
  it('makes floors of totals where one was blind', () => {
    const some = watch([
      source('A', daily, { territories: ['NC', 'PF'] }),
      source('B', ['2024-06-01T00:00:00Z'], { territories: ['WF'] }),
    ])
    expect(some.member('WF', week, asOf).state).toBe('blind')
    expect(some.widen(week, { totals: whole }).totals.posts).toEqual({ value: 5, qualifier: 'at least' })
    expect(some.of(week)?.days.size).toBe(0)
  })
  it('lowers nothing where a territory is watched by no source', () => {
    const some = watch([source('A', daily, { territories: ['NC', 'PF'] })])
    expect(some.member('WF', week, asOf)).toEqual({ state: 'by no source', marking: 'TLP:CLEAR' })
    expect(some.widen(week, { totals: whole }).totals.posts).toEqual({ value: 5, qualifier: 'exact' })
  })
  it('tells of the longest silence', () => {
    const broken = watch([source('A', [daily[1] ?? ''], { expectedRhythm: 'PT24H' })])
    expect(broken.member('NC', week, asOf)).toMatchObject({ state: 'hardly watched', silentHours: 145 })
    const [, monday = '', , , thursday = '', , , , last = ''] = daily
    const half = watch([source('A', [monday, thursday], { expectedRhythm: 'PT24H' })])
    expect(half.member('NC', week, asOf)).toMatchObject({ state: 'interrupted', silentHours: 73 })
    expect(half.widen(week, { totals: whole }).totals.posts).toEqual({ value: 5, qualifier: 'at least' })
    const two = watch([
      source('A', [monday], { expectedRhythm: 'PT24H' }),
      source('B', [monday, thursday, last], { expectedRhythm: 'PT72H' }),
    ])
    // Another source vouches for the days of the silence; what the silent one would have found is not known.
    expect(two.member('NC', week, asOf)).toMatchObject({ state: 'interrupted', silentHours: 145 })
    expect(two.widen(week, { totals: whole }).totals.posts).toEqual({ value: 5, qualifier: 'at least' })
  })
  it('knows nothing of sources above its cap', () => {
    const none = watch([source('A', daily)], 'TLP:CLEAR')
    expect(none.of(week)).toBeUndefined()
    // So it does not know that it is whole.
    expect(none.widen(week, { totals: whole }).totals.posts).toEqual({ value: 5, qualifier: 'at least' })
    expect(none.member('NC', week, asOf).state).toBe('by no source')
  })
})
