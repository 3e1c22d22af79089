/** Conclusions by week of a month, and by month of longer periods. */
import { expect, test } from 'vitest'
import type { LevelOfWeek, PeriodLevel } from '../../../../lambdas/domain/aggregate/level/level.ts'
import { reportOn } from '../../../support/reports.ts'

const levelOf = (each: readonly LevelOfWeek[]): PeriodLevel => ({
  ...{ value: 0, isWhole: true, detections: 0, tests: [], marking: 'TLP:CLEAR' },
  weeks: { counts: [], each },
})

const rowsOf = (period: string, each: readonly LevelOfWeek[], cap: 'TLP:AMBER' | 'TLP:CLEAR' = 'TLP:AMBER') =>
  reportOn([], { period, cap, level: levelOf(each) }).pages.en.subPeriods?.rows.map(({ name, conclusion }) => [
    name,
    conclusion,
  ])

const weeks: readonly LevelOfWeek[] = [
  { period: '2024-W18', value: 0, detections: 0 },
  { period: '2024-W19', value: 'interrupted', detections: 0 },
  { period: '2024-W20', value: 2, detections: 4, posts: 500, isUnusual: true },
  { period: '2024-W21', value: 3, detections: 1, claim: { is: 'effect', id: 'd', field: 'effect' } },
  { period: '2024-W22', value: 1, detections: 2 },
]

test('a month has a row for each week', () => {
  expect(rowsOf('2024-05', weeks)).toEqual([
    ['W18', 'Nothing counts.'],
    ['W19', 'Too little data to conclude.'],
    ['W20', 'Activity above the ordinary.'],
    ['W21', 'Effect reported, confirmed.'],
    ['W22', 'Ordinary activity.'],
  ])
})

test('a public edition only counts', () => {
  expect(rowsOf('2024-05', weeks.slice(2, 3), 'TLP:CLEAR')).toEqual([['W20', '4 detections that may be published.']])
})

test('a quarter has a row for each month, of the Thursday of a week, with its gravest week', () => {
  const before = [14, 15, 16, 17].map((week): LevelOfWeek => ({ period: `2024-W${week}`, value: 0, detections: 0 }))
  expect(rowsOf('2024-Q2', [...before, ...weeks])).toEqual([
    ['April\u00a02024', 'Nothing counts.'],
    ['May\u00a02024', 'Effect reported, confirmed; highest in W21.'],
  ])
})

test('a week has none', () => {
  expect(rowsOf('2024-W20', weeks)).toBeUndefined()
})
