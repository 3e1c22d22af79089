import { expect, test } from 'vitest'
import type { LevelTest } from '../../../../lambdas/domain/aggregate/level/level.ts'
import { gravestReading, readingOf } from '../../../../lambdas/domain/aggregate/level/reading.ts'

const week = { figure: 'posts', floor: 100, ordinary: { least: 57, most: 63, weeks: 8 } } as const
const read = (value: number, qualifier: 'exact' | 'at least' | 'about' = 'exact', more: Partial<LevelTest> = {}) =>
  readingOf({ ...week, total: { value, qualifier }, ...more })

test('an exact figure is below, within or above the ordinary week; only the test calls it unusual', () => {
  expect([5, 56, 57, 60, 63, 64].map((value) => read(value))).toEqual([
    ...['below', 'below', 'within', 'within', 'within', 'above'],
  ])
  expect(read(64, 'exact', { above: 'ordinary week' })).toBe('unusual')
})

test('a floor is never below or within, and an estimate is read as it stands', () => {
  expect([5, 60, 64].map((value) => read(value, 'at least'))).toEqual(['unknown', 'unknown', 'unknown'])
  expect(readingOf({ ...week, total: { value: 58, qualifier: 'at least', atMost: 62 } })).toBe('within')
  expect([5, 60, 64].map((value) => read(value, 'about'))).toEqual(['below', 'within', 'above'])
})

test('nothing is known without an ordinary week', () => {
  expect(readingOf({ floor: 100, total: { value: 60, qualifier: 'exact' } })).toBe('unknown')
})

test('minimums among the compared weeks leave open what is within', () => {
  const ordinary = { ...week.ordinary, minimums: 1 }
  expect([5, 60, 64].map((value) => read(value, 'exact', { ordinary }))).toEqual(['below', 'unknown', 'above'])
})

test('of several the highest is read', () => {
  expect(gravestReading(['within', 'above', 'below'])).toBe('above')
  expect(gravestReading([])).toBe('unknown')
})
