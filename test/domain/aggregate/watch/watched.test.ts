import { describe, expect, test } from 'vitest'
import type { VisibleSource } from '../../../../lambdas/domain/aggregate/watch/watch.ts'
import { watchedIn } from '../../../../lambdas/domain/aggregate/watch/watched.ts'
import { boundsIn, daysOf, parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'

const zone = 'Pacific/Noumea'
const period = parsePeriod('2024-W20')
const week = { bounds: boundsIn(period, zone), dates: daysOf(period), zone }

const source = (rhythm: string | undefined, ...at: readonly string[]): VisibleSource => {
  const inputs = at.map((one) => ({ at: one, found: 0, marking: 'TLP:GREEN', foundMarking: 'TLP:GREEN' }) as const)
  const last = inputs.at(-1) as (typeof inputs)[number]
  return { name: 's', byHand: false, expectedRhythm: rhythm, marking: 'TLP:GREEN', inputs, first: at[0] ?? '', last }
}

const days = (...sources: readonly VisibleSource[]) => [...(watchedIn(sources, week)?.days ?? [])].sort()

describe('a watched period', () => {
  test('is one with an input of a source, with the freest marking', () => {
    expect(watchedIn([], week)).toBeUndefined()
    expect(watchedIn([source('P1D', '2024-05-12T00:00:00Z')], week)).toBeUndefined()
    expect(watchedIn([source('P1D', '2024-05-20T00:00:00Z')], week)).toBeUndefined()
    expect(watchedIn([source(undefined, '2024-05-15T00:00:00Z')], week)?.marking).toBe('TLP:GREEN')
  })

  test('has the days of its inputs, and those within two rhythms before each', () => {
    expect(days(source(undefined, '2024-05-15T00:00:00Z'))).toEqual(['2024-05-15'])
    expect(days(source('P1D', '2024-05-15T00:00:00Z'))).toEqual(['2024-05-13', '2024-05-14', '2024-05-15'])
    // The input after the week vouches for its last days, where the week has one of its own.
    const late = source('P1D', '2024-05-13T00:00:00Z', '2024-05-20T01:00:00Z')
    expect(days(late)).toEqual(['2024-05-13', '2024-05-18', '2024-05-19'])
  })

  test('is whole where each of its days has one, with the marking of the proof', () => {
    expect(watchedIn([source(undefined, '2024-05-15T00:00:00Z')], week)?.isWhole).toBe(false)
    const daily = source('P2D', '2024-05-14T12:00:00Z', '2024-05-17T00:00:00Z', '2024-05-20T00:00:00Z')
    expect(watchedIn([daily], week)).toMatchObject({ isWhole: true, marking: 'TLP:GREEN' })
    const strict = daily.inputs.map((one, at) => (at === 1 ? { ...one, marking: 'TLP:AMBER' as const } : one))
    expect(watchedIn([{ ...daily, inputs: strict.slice(0, 2) }], week)).toMatchObject({
      isWhole: false,
      marking: 'TLP:GREEN',
    })
    const narrow = { ...daily, expectedRhythm: 'P1D', inputs: strict }
    expect(watchedIn([narrow], week)).toMatchObject({ isWhole: true, marking: 'TLP:AMBER' })
  })

  test('of a year with hourly inputs is read once', () => {
    const years = parsePeriod('2024')
    const long = { bounds: boundsIn(years, zone), dates: daysOf(years), zone }
    const hours = Array.from({ length: 8_784 }, (_, at) => new Date(long.bounds.from + at * 3_600_000).toISOString())
    expect(watchedIn([source('PT1H', ...hours)], long)?.days.size).toBe(366)
  })
})
