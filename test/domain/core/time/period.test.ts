import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { territories } from '../../../../lambdas/domain/core/place/territory.ts'
import {
  boundsIn,
  dayRange,
  daysOf,
  lastComplete,
  lengthOf,
  parsePeriod,
  periodsBefore,
  previous,
  weekOf,
} from '../../../../lambdas/domain/core/time/period.ts'

const week = fc
  .integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2090, 0, 1) })
  .map((instant) => weekOf(new Date(instant).toISOString().slice(0, 10)))

describe('a period', () => {
  test.each([
    ['2020-W53', '2020-12-28', '2021-01-03'],
    ['2021-W01', '2021-01-04', '2021-01-10'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['2024-Q2', '2024-04-01', '2024-06-30'],
    ['2024', '2024-01-01', '2024-12-31'],
    ['2024-05-13--2024-05-19', '2024-05-13', '2024-05-19'],
  ])('%s lasts from %s to %s', (id, first, last) => {
    expect(parsePeriod(id)).toMatchObject({ id, first, last })
  })

  test.each(['2021-W53', '2024-W00', '2024-13', '2024-02-30', 'week 20', '2024-05-19--2024-05-13'])(
    '%j is refused with a reason',
    (text) => {
      expect(() => parsePeriod(text)).toThrow(/write it like|does not exist|swap|do you mean/)
    },
  )

  test.each([
    ['2021-W01', '2020-W53'],
    ['2024-Q1', '2023-Q4'],
    ['2024', '2023'],
    ['2024-05-13--2024-05-15', '2024-05-10--2024-05-12'],
  ])('the one before %s is %s', (id, before) => {
    expect(previous(parsePeriod(id)).id).toBe(before)
  })

  test('a week has the hours of its zone', () => {
    const bounds = (id: string, zone: string) => boundsIn(parsePeriod(id), zone)
    expect(['2024-W13', '2024-W43', '2024-W20'].map((id) => bounds(id, 'Europe/Paris').hours)).toEqual([167, 169, 168])
    const from = bounds('2024-W20', 'Pacific/Noumea').from
    expect(new Date(from).toISOString()).toBe('2024-05-12T13:00:00.000Z')
  })

  test('weeks follow each other without gap or overlap, in each zone', () => {
    fc.assert(
      fc.property(week, fc.constantFrom(...territories), (period, { zone }) => {
        expect(parsePeriod(period.id)).toEqual(period)
        expect(boundsIn(previous(period), zone).to).toBe(boundsIn(period, zone).from)
        expect(daysOf(period)).toHaveLength(7)
        const before = periodsBefore(period, 8)
        expect(before).toHaveLength(8)
        expect(before.at(-1)).toEqual(previous(period))
      }),
    )
  })
})

describe('the periods before', () => {
  test.each([
    ['1970-07-01--1970-09-30', ['1970-03-31']],
    ['1970-03-01--1970-07-01', []],
    ['1970-02', ['1970-01-01']],
    ['1970-W03', ['1969-12-29', '1970-01-05']],
    ['1971-Q1', ['1970-01-01', '1970-04-01', '1970-07-01', '1970-10-01']],
  ])('%s are fewer where they would begin before 1970', (id, firsts) => {
    const before = periodsBefore(parsePeriod(id), 8)
    for (const one of before) expect(parsePeriod(one.id)).toEqual(one)
    expect(before.map(({ first }) => first)).toEqual(firsts)
  })

  test('of any range can be named, whatever its length', () => {
    const day = fc.integer({ min: 0, max: 100_000 })
    const dayOf = (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10)
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 40_000 }), (from, length) => {
        const range = dayRange(dayOf(from), dayOf(from + length))
        expect(lengthOf(range)).toBe(length + 1)
        const before = periodsBefore(range, 8)
        expect(before.length).toBe(Math.min(8, Math.floor(from / (length + 1))))
        for (const one of before) expect(parsePeriod(one.id)).toEqual(one)
      }),
    )
  })
})

describe('the period of a scheduled run', () => {
  // Half past six on a Monday, and on the first of a month, in the territory's zone.
  test.each([
    ['week', 'NC', '2024-05-19T13:00:00Z', '2024-W20'],
    ['week', 'NC', '2024-05-19T12:59:59Z', '2024-W19'],
    ['week', 'COR', '2024-03-31T04:30:00Z', '2024-W12'],
    ['week', 'PM', '2021-01-04T09:30:00Z', '2020-W53'],
    ['month', 'NC', '2024-02-29T19:30:00Z', '2024-02'],
    ['month', 'RE', '2024-01-01T02:30:00Z', '2023-12'],
  ] as const)('each %s for %s at %s is %s', (cadence, code, instant, id) => {
    const zone = territories.find((one) => one.code === code)?.zone ?? ''
    expect(lastComplete(cadence, zone, Date.parse(instant)).id).toBe(id)
  })

  test('is over, and the next one is not', () => {
    const cadence = fc.constantFrom('week' as const, 'month' as const)
    const instant = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2090, 0, 1) })
    fc.assert(
      fc.property(cadence, fc.constantFrom(...territories), instant, (kind, { zone }, now) => {
        const { to } = boundsIn(lastComplete(kind, zone, now), zone)
        const longest = kind === 'week' ? 8 : 32
        expect(to).toBeLessThanOrEqual(now)
        expect(now - to).toBeLessThan(longest * 86_400_000)
      }),
    )
  })
})
