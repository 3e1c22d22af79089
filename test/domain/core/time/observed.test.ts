import { describe, expect, test } from 'vitest'
import { localInterval, observedFrom, parseObserved, periodFit } from '../../../../lambdas/domain/core/time/observed.ts'
import { boundsIn, parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'

const fitIn = (period: string, from: string, to?: string, zone = 'Pacific/Noumea') =>
  periodFit(localInterval(observedFrom(from, to), zone), boundsIn(parsePeriod(period), zone))

describe('an observation', () => {
  test.each([
    // It counts where it was first seen.
    ['2024-W20', '2024-05-19', '2024-05-20', 'counted'],
    ['2024-W21', '2024-05-19', '2024-05-20', 'ongoing'],
    ['2024-W21', '2024-05-12', '2024-05-19', 'outside'],
    ['2024-W05', '2024-02', undefined, 'undated'],
    ['2024-02', '2024-02', undefined, 'counted'],
    ['2024-W06', '2023-09', '2024-02', 'ongoing'],
    ['2024-02-01--2024-02-29', '2024-02', undefined, 'counted'],
    ['2024-W20', '2024-05-12T12:59:59.999Z', undefined, 'outside'],
    ['2024-W20', '2024-05-19T12:59:59.999Z', undefined, 'counted'],
    ['2024-W20', '2024-05-19T13:00:00Z', undefined, 'outside'],
    ['2024-W20', '2024-05-12T12:00:00Z', '2024-05-12T13:00:00Z', 'ongoing'],
  ])('in %s, from %s to %s: %s', (period, from, to, expected) => {
    expect(fitIn(period, from, to)).toBe(expected)
  })

  test('a day is the territory’s own', () => {
    expect(fitIn('2024-W20', '2024-05-19T20:00:00Z', undefined, 'Pacific/Noumea')).toBe('outside')
    expect(fitIn('2024-W20', '2024-05-19T20:00:00Z', undefined, 'Pacific/Tahiti')).toBe('counted')
  })

  test.each([
    ['2024-05-15T12:21', /has no offset from UTC: write 2024-05-15T12:21Z/],
    ['2024-02-30', /no day of the calendar/],
    ['2024-05-15T25:00:00Z', /does not exist/],
    ['1970-01-01T23:59:59Z', /write an instant from 1970-01-02 to 2999-12-30/],
    ['2999-12-31T00:00:00Z', /write an instant from 1970-01-02 to 2999-12-30/],
    ['+010000-01-01T00:00:00Z', /is no time/],
  ])('%s is refused with the fix', (from, message) => {
    expect(() => observedFrom(from)).toThrow(message)
  })

  test('ends of two precisions or in the wrong order are refused', () => {
    expect(() => observedFrom('2024-05', '2024-05-16')).toThrow(/not of one precision/)
    expect(() => observedFrom('2024-05-16', '2024-05-15')).toThrow(/before it begins/)
  })

  test.each([
    ['2024-W20', '2024-05-13', '2024-05-19', 'day'],
    ['2024-Q2', '2024-04', '2024-06', 'month'],
    ['2024-05-15..2024-05-16', '2024-05-15', '2024-05-16', 'day'],
    ['2024-02', '2024-02', '2024-02', 'month'],
  ])('stated by hand as %s', (text, from, to, precision) => {
    expect(parseObserved(text)).toEqual({ from, to, precision, statedByHand: true })
  })
})
