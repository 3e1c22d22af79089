/** Conclusions by week of a month, and by month of longer periods. */
import { expect, test } from 'vitest'
import type { LevelOfWeek, PeriodLevel } from '../../../../lambdas/domain/aggregate/level/level.ts'
import { notGiven, notWatched, zero } from '../../../../lambdas/domain/core/figures.ts'
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

const week = (number: number, more: Partial<LevelOfWeek> = {}): LevelOfWeek => ({
  ...{ period: `2024-W${number}`, value: 1, detections: 1, posts: zero, reading: 'unknown' },
  ...more,
})

const weeks: readonly LevelOfWeek[] = [
  week(18, { value: 0, detections: 0 }),
  week(19, { value: 'interrupted', detections: 0, posts: notWatched }),
  week(20, { value: 2, detections: 4, posts: { value: 500, qualifier: 'about' }, reading: 'unusual' }),
  week(21, { value: 3, claim: { is: 'effect', id: 'd', field: 'effect' }, posts: notGiven }),
  week(22, { detections: 2, posts: { value: 70, qualifier: 'at least' }, isJoint: true }),
]

test('a month has a row for each week', () => {
  expect(rowsOf('2024-05', weeks)).toEqual([
    ['W18', 'Nothing counts.'],
    ['W19', 'Too little data to conclude.'],
    ['W20', 'Unusual activity.'],
    ['W21', 'Effect reported, confirmed.'],
    ['W22', 'Activity, not compared.'],
  ])
})

test('a figure keeps its qualifier, and shared posts are named', () => {
  const report = reportOn([], { period: '2024-05', cap: 'TLP:AMBER', level: levelOf(weeks) })
  expect(report.pages.en.subPeriods?.rows.map(({ posts }) => posts)).toEqual([
    ...['0', '–', 'about 500', 'n/a', 'at least 70 (shared posts included)'],
  ])
})

test.each([
  ['within', 'Ordinary activity.'],
  ['above', 'More than in an ordinary week, under the floor.'],
  ['below', 'Less than in an ordinary week.'],
] as const)('a week is read as by its level: %s', (reading, conclusion) => {
  expect(rowsOf('2024-05', [week(20, { reading })])).toEqual([['W20', conclusion]])
})

test('a public edition only counts', () => {
  expect(rowsOf('2024-05', weeks.slice(2, 3), 'TLP:CLEAR')).toEqual([['W20', '4 detections that may be published.']])
})

test('a quarter has a row for each month, of the Thursday of a week, with its gravest week', () => {
  const before = [14, 15, 16, 17].map((number) => week(number, { value: 0, detections: 0 }))
  expect(rowsOf('2024-Q2', [...before, ...weeks])).toEqual([
    ['April\u00a02024', 'Nothing counts.'],
    ['May\u00a02024', 'Effect reported, confirmed; highest in W21.'],
  ])
})

test('a week has none', () => {
  expect(rowsOf('2024-W20', weeks)).toBeUndefined()
})
