/** Days, months and rows by name say *at least* where the period was not wholly watched. */
import { describe, expect, test } from 'vitest'
import type { DayCount } from '../../../../lambdas/domain/aggregate/tally.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { territoryOf } from '../../../../lambdas/domain/core/place/territory.ts'
import { timeOf } from '../../../../lambdas/domain/page/front/time.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const words = wordingOf('en')
const report = (period: string) =>
  reportOn([detectionAsOf({ id: 'a', observed: { from: '2024-05-14' }, platforms: ['X'], counts: { posts: 5 } })], {
    period,
  })
const unwatched = { value: null, qualifier: 'not watched' } as const
const time = (facts: ReturnType<typeof report>) => timeOf(facts, territoryOf('NC'), words)

describe('the period in time', () => {
  test('says at least on a day that was not watched to its end, beside its bar too', () => {
    const facts = report('2024-W20')
    const days = facts.days.map((day): DayCount => {
      if (day.date === '2024-05-14') return { ...day, posts: { value: 5, qualifier: 'at least' }, isFloor: true }
      return day.date > '2024-05-14' ? { ...day, posts: unwatched } : day
    })
    const told = time({ ...facts, days, totals: { ...facts.totals, isFloor: true } })
    expect(told?.rows[1]).toMatchObject({ posts: 'at least 5', detections: 'at least 1' })
    expect(told?.rows[0]).toMatchObject({ posts: '0', detections: '0' })
    expect(told?.chart?.bars.map(({ written }) => written)).toEqual(['0', '≥\u202f5', '–', '–', '–', '–', '–'])
    expect(told?.chart?.peak?.text).toBe('5 of the day’s 5 known posts')
    expect(told?.tables.map(({ rows }) => rows[0]?.detections)).toContain('at least 1')
  })

  test('says of a month of nothing that goes on that it is not complete', () => {
    const facts = report('2024-Q2')
    const days = facts.days.map((day): DayCount =>
      day.date === '2024-06-30' ? { ...day, posts: { value: 0, qualifier: 'at least' }, isFloor: true } : day,
    )
    const told = time({ ...facts, days, totals: { ...facts.totals, isFloor: true } })
    expect(told?.rows.map(({ posts }) => posts)).toEqual(['0', '5', '0 (incomplete)'])
  })

  test('says of a month no more than of its days', () => {
    const facts = report('2024-Q2')
    const blind = (isBlind: (date: string) => boolean) =>
      facts.days.map((day): DayCount =>
        isBlind(day.date) && day.detections === 0 ? { ...day, posts: unwatched } : day,
      )
    const rows = (days: readonly DayCount[], isFloor: boolean) =>
      time({ ...facts, days, totals: { ...facts.totals, ...(isFloor && { isFloor: true }) } })?.rows.map(
        ({ posts, detections }) => `${posts}; ${detections}`,
      )
    expect(rows(facts.days, false)).toEqual(['0; 0', '5; 1', '0; 0'])
    // Of nothing each day is to be watched; of something half of them, but where there may be more anywhere.
    expect(
      rows(
        blind((date) => date.endsWith('-20')),
        false,
      ),
    ).toEqual(['0 (incomplete); 0', '5; 1', '0 (incomplete); 0'])
    expect(
      rows(
        blind((date) => date.endsWith('-20')),
        true,
      ),
    ).toEqual(['0 (incomplete); ≥\u202f0', 'at least 5; at least 1', '0 (incomplete); ≥\u202f0'])
    expect(
      rows(
        blind((date) => date > '2024-05-14'),
        false,
      ),
    ).toEqual(['0; 0', 'at least 5; at least 1', '–; –'])
  })
})
