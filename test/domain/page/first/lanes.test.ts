/** One lane per campaign, on a common scale of days. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { type TerritoryCode, territories } from '../../../../lambdas/domain/core/place/territory.ts'
import { observedFrom } from '../../../../lambdas/domain/core/time/observed.ts'
import { daysOf, parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import { type Course, lanesOf } from '../../../../lambdas/domain/page/first/lanes.ts'

/** Ends on 19 May. */
const period = parsePeriod('2024-W20')

type Seen = readonly (readonly [code: TerritoryCode, from: string])[]

const lanesOn = (seen: Seen, more: Partial<Course> = {}, until = period) =>
  lanesOf(
    [
      {
        ...{ name: 'BIG', href: '', note: '', zone: 'UTC', spans: [], ...more },
        seen: seen.map(([territory, from]) => ({ territory, observed: observedFrom(from) })),
      },
    ],
    until,
    wordingOf('en'),
  )
const laneOn = (...asked: Parameters<typeof lanesOn>) => lanesOn(...asked)?.rows[0]

/** Of the 19 days from 1 to 19 May. */
const percent = (day: number): number => (day / 19) * 100

describe('the stops of a campaign', () => {
  test('are in order, in percent from the first of its first month, and so is when it was active', () => {
    const spans = [{ first: '2024-05-03', last: '2024-05-19' }]
    const lane = laneOn([...([['COR', '2024-05-10']] as const), ['NC', '2024-05-03']], { spans })
    expect(lane?.stops).toEqual([2, 9].map(percent))
    expect(lane?.from).toBe(percent(2))
    expect(lane?.spans).toEqual([{ from: percent(2), to: 100 }])
    expect(lane?.text).toBe('New Caledonia (3\u00a0May\u00a02024) and Corsica (10\u00a0May\u00a02024)')
  })

  test('are one for territories of one day on its clock', () => {
    const seen = [
      ['NC', '2024-05-03'],
      ['PF', '2024-05-02T22:00:00Z'],
      ['MQ', '2024-04'],
    ] as const
    const lane = laneOn(seen, { zone: 'Pacific/Noumea' })
    expect(lane?.stops).toHaveLength(2)
    expect(lane?.text).toBe(
      'Martinique (April\u00a02024) and New Caledonia and French Polynesia (3\u00a0May\u00a02024)',
    )
  })

  test('are left out after the end of the period, and no lanes are drawn without any', () => {
    expect(laneOn([...([['NC', '2024-05-19']] as const), ['PF', '2024-05-20']])?.stops).toHaveLength(1)
    expect(lanesOn([['PF', '2024-05-20']])).toBeNull()
  })
})

/** Percent of the width, for each character. */
const letterWidth = 1.35

test('labels never overlap or leave the lane, and count each territory', () => {
  const days = daysOf({ first: '2024-01-01', last: '2024-05-19' })
  const seen = fc.uniqueArray(
    fc.tuple(fc.constantFrom(...territories.map(({ code }) => code)), fc.constantFrom(...days)),
    { minLength: 1, selector: ([code]) => code },
  )
  fc.assert(
    fc.property(seen, (all) => {
      const labels = laneOn(all)?.labels ?? []
      const ends = labels.map(({ at, text }) => at + text.length * letterWidth)
      for (const [at, end] of ends.entries()) expect(end).toBeLessThanOrEqual((labels[at + 1]?.at ?? 100) + 1e-6)
      const named = labels.map(({ text }) =>
        Number(/ and (\d+) others$/.exec(text)?.[1] ?? text.split(', ').length - 1),
      )
      expect(named.reduce((sum, others) => sum + others + 1, 0)).toBe(all.length)
    }),
  )
})

test('the months have at most eight marks, however long the scale is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2016, max: 2024 }), fc.integer({ min: 1, max: 5 }), (year, month) => {
      const { ticks = [] } = lanesOn([['NC', `${year}-0${month}-15`]]) ?? {}
      expect(ticks.length).toBeLessThanOrEqual(8)
      expect(ticks[0]?.at).toBe(0)
      expect(ticks.map(({ at }) => at)).toEqual(ticks.map(({ at }) => at).toSorted((one, other) => one - other))
    }),
  )
})
