/** A group’s campaigns by territory. */
import { describe, expect, it } from 'vitest'
import type { Linked } from '../../../lambdas/domain/aggregate/across.ts'
import { campaignRow } from '../../../lambdas/domain/aggregate/members.ts'
import { type SubjectCode, subjectOf, type TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { type Observed, observedFrom } from '../../../lambdas/domain/core/time/observed.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'

type Seen = readonly [from: string, codes: readonly TerritoryCode[], method?: 'explicit' | 'group']

const linkedOf = (observed: Observed, codes: readonly TerritoryCode[], method: 'explicit' | 'group', at = 0) => ({
  ...{ id: `d${at}`, revision: 1, from: '', to: '', observed, marking: 'TLP:GREEN' as const },
  territories: codes.map((code) => ({ code, method })),
})

const rowOf = (subject: SubjectCode, linked: readonly Linked[]) =>
  campaignRow('UN-notorious BIG', { linked }, subjectOf(subject).members, parsePeriod('2024-W20'))

const cellsOf = (subject: SubjectCode, ...seen: readonly Seen[]) => {
  const { cells } = rowOf(
    subject,
    seen.map(([from, codes, method = 'explicit'], at) => linkedOf(observedFrom(from), codes, method, at)),
  )
  expect(cells.map(({ territory }) => territory)).toEqual(subjectOf(subject).members)
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
    expect(cell('NC')).toMatchObject({ state: 'active', first: { from: '2023-07' }, groupOnly: false })
    expect(cell('MQ')?.state).toBe('before')
    expect(cell('COR')?.state).toBe('before')
    expect(cell('GF')).toMatchObject({ state: 'active', first: { from: '2024-05-15T01:21:00.000Z' } })
    expect(cell('YT')).toMatchObject({ state: 'active', groupOnly: true })
    expect(cell('WF')).toEqual({ territory: 'WF', state: 'unseen', groupOnly: false })
    // It begins after the period.
    expect(cell('PF')?.state).toBe('unseen')
  })

  it('has its earliest day on the clock of the first territory', () => {
    const cell = cellsOf(
      'ALL',
      ['2024-05-14T11:00:00Z', ['PF']], // 01:00 on 14 May there
      ['2024-05-15', ['WF']], // begins at 12:00 UTC on 14 May
      ['2024-05-14T12:30:00Z', ['WF']], // 02:30 on 14 May in PF
    )
    expect(cell('WF')?.first?.from).toBe('2024-05-14T12:30:00.000Z')
  })

  it('has no state for a month that the period cuts', () => {
    expect(cellsOf('ANTILLES', ['2024-05', ['MQ']], ['2024-05-13', ['GP']])('MQ')?.state).toBe('undated')
  })
})

describe('the days on which a campaign was seen', () => {
  const spansOf = (...days: readonly (readonly [from: string, to?: string])[]) =>
    rowOf(
      'ALL',
      days.map(([from, to], at) => linkedOf({ ...observedFrom(from), ...(to && { to }) }, ['NC'], 'explicit', at)),
    ).spans?.map(({ first, last }) => `${first} ${last}`)

  it('are joined where a week or less lies between them', () => {
    expect(spansOf(['2024-03-08'], ['2024-03-01'])).toEqual(['2024-03-01 2024-03-08'])
    expect(spansOf(['2024-03-01'], ['2024-03-09'])).toEqual(['2024-03-01 2024-03-09'])
    expect(spansOf(['2024-03-01'], ['2024-03-10'])).toEqual(['2024-03-01 2024-03-01', '2024-03-10 2024-03-10'])
    expect(spansOf(['2024-03-01', '2024-03-20'], ['2024-03-05'])).toEqual(['2024-03-01 2024-03-20'])
    expect(spansOf(['2024-04'])).toEqual(['2024-04-01 2024-04-30'])
  })

  it('end with the period', () => {
    expect(spansOf(['2024-05-18', '2024-05-25'], ['2024-05-20'])).toEqual(['2024-05-18 2024-05-19'])
  })
})
