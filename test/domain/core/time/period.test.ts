import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { territories } from '../../../../lambdas/domain/core/place/territory.ts'
import {
  boundsIn,
  dayRange,
  daysOf,
  lastComplete,
  lastCompleteWeek,
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
    ['2024-W20', '2024-05-13', '2024-05-19'],
    ['2020-W53', '2020-12-28', '2021-01-03'],
    ['2021-W01', '2021-01-04', '2021-01-10'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['2023-02', '2023-02-01', '2023-02-28'],
    ['2024-Q2', '2024-04-01', '2024-06-30'],
    ['2024', '2024-01-01', '2024-12-31'],
    ['2024-05-13--2024-05-19', '2024-05-13', '2024-05-19'],
  ])('%s lasts from %s to %s', (id, first, last) => {
    expect(parsePeriod(id)).toMatchObject({ id, first, last })
  })

  test.each(['2021-W53', '2024-W00', '2024-13', '2024-02-30', '2024-Q5', 'week 20', '', '2024-05-19--2024-05-13'])(
    '%j is refused with a reason',
    (text) => {
      expect(() => parsePeriod(text)).toThrow(/write it like|does not exist|swap|do you mean/)
    },
  )

  test.each([
    ['2024-W01', '2023-W52'],
    ['2021-W01', '2020-W53'],
    ['2024-01', '2023-12'],
    ['2024-Q1', '2023-Q4'],
    ['2024', '2023'],
    ['2024-05-13--2024-05-15', '2024-05-10--2024-05-12'],
  ])('the one before %s is %s', (id, before) => {
    expect(previous(parsePeriod(id)).id).toBe(before)
  })

  test('a Corsican week has 167 hours in spring, 169 in autumn, 168 else', () => {
    const hours = (id: string) => boundsIn(parsePeriod(id), 'Europe/Paris').hours
    expect([hours('2024-W13'), hours('2024-W43'), hours('2024-W20')]).toEqual([167, 169, 168])
  })

  test('the same week begins 22 hours apart in Wallis and in Tahiti', () => {
    const from = (zone: string) => boundsIn(parsePeriod('2024-W20'), zone).from
    expect((from('Pacific/Tahiti') - from('Pacific/Wallis')) / 3_600_000).toBe(22)
    expect(new Date(from('Pacific/Noumea')).toISOString()).toBe('2024-05-12T13:00:00.000Z')
  })

  test('the last complete week turns over at Monday midnight of the zone', () => {
    const mondayInNoumea = Date.parse('2024-05-19T13:00:00Z')
    expect(lastCompleteWeek('Pacific/Noumea', mondayInNoumea).id).toBe('2024-W20')
    expect(lastCompleteWeek('Pacific/Noumea', mondayInNoumea - 1).id).toBe('2024-W19')
    expect(lastCompleteWeek('America/Martinique', mondayInNoumea).id).toBe('2024-W19')
  })

  test('weeks follow each other without gap or overlap, in every territory’s zone', () => {
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
    ['1970', []],
    ['1970-W01', []],
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

describe('the period that a run on schedule tells of', () => {
  // Half past six on a Monday, and on the first of a month, in the territory's zone.
  test.each([
    ['week', 'NC', '2024-05-19T19:30:00Z', '2024-W20'],
    ['week', 'PF', '2024-05-20T16:30:00Z', '2024-W20'],
    ['week', 'COR', '2024-03-31T04:30:00Z', '2024-W12'],
    ['week', 'PM', '2021-01-04T09:30:00Z', '2020-W53'],
    ['month', 'NC', '2024-02-29T19:30:00Z', '2024-02'],
    ['month', 'PF', '2024-03-01T16:30:00Z', '2024-02'],
    ['month', 'RE', '2024-01-01T02:30:00Z', '2023-12'],
  ] as const)('each %s for %s at %s is %s', (cadence, code, instant, id) => {
    const zone = territories.find((one) => one.code === code)?.zone ?? ''
    expect(lastComplete(cadence, zone, Date.parse(instant)).id).toBe(id)
  })

  test('has wholly passed, and the next one has not', () => {
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
