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
  test('reads “at least” on a day that was not watched to its end, at its bar too', () => {
    const facts = report('2024-W20')
    const days = facts.days.map((day): DayCount => {
      if (day.date === '2024-05-14') return { ...day, posts: { value: 5, qualifier: 'at least' }, isFloor: true }
      return day.date > '2024-05-14' ? { ...day, posts: unwatched } : day
    })
    const shown = time({ ...facts, days, totals: { ...facts.totals, isFloor: true } })
    expect(shown?.rows[1]).toMatchObject({ posts: 'at least 5', detections: 'at least 1' })
    expect(shown?.rows[0]).toMatchObject({ posts: '0', detections: '0' })
    expect(shown?.chart?.bars.map(({ written }) => written)).toEqual(['0', '≥\u202f5', '–', '–', '–', '–', '–'])
    expect(shown?.chart?.peak?.text).toBe('5 of the day’s 5 known posts')
    expect(shown?.tables.map(({ rows }) => rows[0]?.detections)).toContain('at least 1')
  })

  test('names no share of an estimate', () => {
    const facts = report('2024-W20')
    const posts = { value: 5, qualifier: 'about' } as const
    const days = facts.days.map((day) => (day.posts.value ? { ...day, posts } : day))
    const shown = time({ ...facts, days, totals: { ...facts.totals, posts } })
    expect(shown?.chart?.bars[1]?.written).toBe('≈\u202f5')
    expect(shown?.chart).toMatchObject({ title: expect.not.stringMatching(/5|100/), peak: null })
  })

  test('has an incomplete month of nothing where one of its days is a floor', () => {
    const facts = report('2024-Q2')
    const days = facts.days.map((day): DayCount =>
      day.date === '2024-06-30' ? { ...day, posts: { value: 0, qualifier: 'at least' }, isFloor: true } : day,
    )
    const shown = time({ ...facts, days, totals: { ...facts.totals, isFloor: true } })
    expect(shown?.rows.map(({ posts }) => posts)).toEqual(['0', '5', '0 (incomplete)'])
  })

  test.each([
    ['each day watched', () => false, false, ['0; 0', '5; 1', '0; 0']],
    // Of nothing each day is to be watched; of something half of them, unless there may be more anywhere.
    [
      'one day unwatched',
      (date: string) => date.endsWith('-20'),
      false,
      ['0 (incomplete); 0', '5; 1', '0 (incomplete); 0'],
    ],
    [
      'one day unwatched, and a floor',
      (date: string) => date.endsWith('-20'),
      true,
      ['0 (incomplete); ≥\u202f0', 'at least 5; at least 1', '0 (incomplete); ≥\u202f0'],
    ],
    ['no watch after 14 May', (date: string) => date > '2024-05-14', false, ['0; 0', 'at least 5; at least 1', '–; –']],
  ])('has months that are no more certain than their days: %s', (_, isBlind, isFloor, expected) => {
    const facts = report('2024-Q2')
    const days = facts.days.map((day): DayCount =>
      isBlind(day.date) && day.detections === 0 ? { ...day, posts: unwatched } : day,
    )
    const totals = { ...facts.totals, ...(isFloor && { isFloor: true as const }) }
    const rows = time({ ...facts, days, totals })?.rows
    expect(rows?.map(({ posts, detections }) => `${posts}; ${detections}`)).toEqual(expected)
  })
})
