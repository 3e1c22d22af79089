/** A group’s campaigns by territory. */
import { describe, expect, it } from 'vitest'
import type { Linked } from '../../../lambdas/domain/aggregate/across.ts'
import { campaignRow } from '../../../lambdas/domain/aggregate/members.ts'
import { type SubjectCode, subjectOf, type TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { observedFrom } from '../../../lambdas/domain/core/time/observed.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'

type Seen = readonly [from: string, codes: readonly TerritoryCode[], method?: 'explicit' | 'group']

const cellsOf = (subject: SubjectCode, ...seen: readonly Seen[]) => {
  const linked = seen.map(([from, codes, method = 'explicit'], at): Linked => ({
    ...{ id: `d${at}`, revision: 1, from: '', to: '', observed: observedFrom(from), marking: 'TLP:GREEN' },
    territories: codes.map((code) => ({ code, method })),
  }))
  const { members } = subjectOf(subject)
  const { cells } = campaignRow('UN-notorious BIG', { linked }, members, parsePeriod('2024-W20'))
  expect(cells.map(({ territory }) => territory)).toEqual(members)
  return (code: TerritoryCode) => cells.find(({ territory }) => territory === code)
}

describe('a campaign by territory', () => {
  it('is active, seen before, or unseen', () => {
    const cell = cellsOf(
      'ALL',
      ['2023-07', ['NC', 'MQ']],
      ['2024-03-02', ['COR']],
      ['2024-05-15T01:21:00Z', ['NC', 'GF']],
      ['2024-05-16', ['YT', 'RE'], 'group'],
      ['2024-05-20', ['PF']],
    )
    const sameMonth = { value: 0, unit: 'months', bound: 'exact' }
    expect(cell('NC')).toMatchObject({ state: 'active', first: { from: '2023-07' }, lag: sameMonth, groupOnly: false })
    expect(cell('MQ')).toMatchObject({ state: 'before', lag: sameMonth })
    // From the first day of the month on: it may be less.
    expect(cell('COR')).toMatchObject({ state: 'before', lag: { value: 245, unit: 'days', bound: 'at most' } })
    expect(cell('GF')).toMatchObject({ state: 'active', first: { from: '2024-05-15T01:21:00.000Z' } })
    expect(cell('YT')).toMatchObject({ state: 'active', groupOnly: true })
    expect(cell('WF')).toEqual({ territory: 'WF', state: 'unseen', groupOnly: false })
    // It begins after the period.
    expect(cell('PF')?.state).toBe('unseen')
  })

  it.each<[string, readonly Seen[], Partial<Record<TerritoryCode, number>>]>([
    [
      'equal shown days have equal lags',
      [
        ['2024-05-10T20:00:00Z', ['MF']], // 16:00 on 10 May there
        ['2024-05-13T23:00:00Z', ['COR']], // 01:00 on 14 May there, 19:00 on 13 May in MF
        ['2024-05-14T21:00:00Z', ['GP']],
        ['2024-05-14', ['NC', 'RE']],
      ],
      { MF: 0, COR: 3, GP: 4, NC: 4, RE: 4 },
    ],
    [
      'none is below 0 where a clock is a day behind',
      [
        ['2024-05-14T01:00:00Z', ['NC']],
        ['2024-05-14T05:00:00Z', ['PF']],
      ],
      { NC: 0, PF: 0 },
    ],
    [
      'one instant has none, on any local days',
      [['2024-05-14T01:00:00Z', ['NC', 'PF', 'WF']]],
      { NC: 0, PF: 0, WF: 0 },
    ],
    [
      'each territory counts from its earliest day on the clock of the row',
      [
        ['2024-05-14T11:00:00Z', ['PF']], // 01:00 on 14 May there
        ['2024-05-15', ['WF']], // begins at 12:00 UTC on 14 May
        ['2024-05-14T12:30:00Z', ['WF']], // 02:30 on 14 May in PF
      ],
      { PF: 0, WF: 0 },
    ],
  ])('has a lag between the days that it shows: %s', (_, seen, lags) => {
    const cell = cellsOf('ALL', ...seen)
    for (const [code, value] of Object.entries(lags))
      expect(cell(code as TerritoryCode)?.lag).toEqual({ value, unit: 'days', bound: 'exact' })
  })

  it('has bounds where one of both is known to a month, and no state for a month that the period cuts', () => {
    const cut = cellsOf('ANTILLES', ['2024-05', ['MQ']], ['2024-05-13', ['GP']])
    expect(cut('MQ')).toMatchObject({ state: 'undated', lag: { value: 0, unit: 'months' } })
    expect(cut('GP')).toMatchObject({ state: 'active', lag: { value: 12, unit: 'days', bound: 'at most' } })
    const later = cellsOf('ANTILLES', ['2024-04', ['MQ']], ['2024-03-20', ['GP']])
    expect(later('MQ')).toMatchObject({ state: 'before', lag: { value: 12, unit: 'days', bound: 'at least' } })
  })
})
