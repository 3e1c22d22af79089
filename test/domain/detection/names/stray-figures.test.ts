import { describe, expect, test } from 'vitest'
import { strayFigureIn } from '../../../../lambdas/domain/detection/names/stray-figures.ts'
import { detection } from '../../../support/detections.ts'
import { inWords, textOf } from '../../../support/faults.ts'

const pathOf = (said: Parameters<typeof detection>[0]) => strayFigureIn(detection(said))?.path
const days = (...names: readonly string[]) => ({ byDay: names.map((day) => ({ day, posts: 1 })) })

describe('a figure of a day', () => {
  test('is refused with what was observed', () => {
    const stray = detection({ observed: { from: '2024-05-14', to: '2024-05-15' }, counts: days('2024-06-01') })
    expect(textOf(strayFigureIn(stray))).toBe(
      '2024-06-01 lies outside what was observed (2024-05-14 to 2024-05-15): correct the day, or observed',
    )
  })

  test.each([
    ['days', { from: '2024-05-14', to: '2024-05-15' }, ['2024-05-14', '2024-05-15'], undefined],
    ['days', { from: '2024-05-14', to: '2024-05-15' }, ['2024-05-14', '2024-05-16'], 'counts.byDay[1].day'],
    ['months', { from: '2024-02' }, ['2024-02-01', '2024-02-29'], undefined],
    // Nouméa is eleven hours ahead: there it is the 16th.
    ['instants', { from: '2024-05-15T14:00:00Z' }, ['2024-05-16'], undefined],
    ['instants', { from: '2024-05-15T14:00:00Z' }, ['2024-05-15'], 'counts.byDay[0].day'],
  ])('of an observation in %s (%j) is refused outside of it: %j', (_, observed, named, path) => {
    expect(pathOf({ observed, counts: days(...named) })).toBe(path)
  })

  test('of several territories is a day of one of them, and of any where none is known yet', () => {
    const observed = { from: '2024-05-15T14:00:00Z' }
    expect(pathOf({ observed, territories: ['NC', 'MQ'], counts: days('2024-05-15', '2024-05-16') })).toBeUndefined()
    expect(pathOf({ observed, territories: [], counts: days('2024-05-15', '2024-05-16') })).toBeUndefined()
    expect(pathOf({ observed, territories: [], counts: days('2024-05-17') })).toBe('counts.byDay[0].day')
  })
})

describe('a figure of a platform', () => {
  const counts = {
    byPlatform: [
      { platform: 'x', posts: 1 },
      { platform: 'Facebook', posts: 2 },
    ],
  }

  test('is refused where the record names others alone', () => {
    expect(inWords(strayFigureIn(detection({ platforms: ['X'], counts })))).toEqual({
      path: 'counts.byPlatform[1].platform',
      message: `"Facebook" is not among the record's platforms (X): add it there, or take its figures out`,
    })
  })

  test('is accepted where the record names it, or names none', () => {
    expect(pathOf({ platforms: ['X', 'facebook'], counts })).toBeUndefined()
    expect(pathOf({ counts })).toBeUndefined()
  })
})
