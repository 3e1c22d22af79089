import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundsFor, hasBegun, lastCompleteFor, placeAmong } from '../../../../lambdas/domain/core/place/subject.ts'
import {
  parseSubject,
  subjectOf,
  type TerritoryCode,
  territories,
} from '../../../../lambdas/domain/core/place/territory.ts'
import { observedFrom } from '../../../../lambdas/domain/core/time/observed.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'

const week = parsePeriod('2024-W20')
const all = subjectOf('ALL').members

it('a group is named by its code in any case, a territory by its ISO code too', () => {
  const codes = ['all', 'Indian-Ocean', 'nc', 'FR-972'].map((text) => parseSubject(text).code)
  expect(codes).toEqual(['ALL', 'INDIAN-OCEAN', 'NC', 'MQ'])
  expect(() => parseSubject('everywhere')).toThrow('no territory')
  expect(all).toEqual(territories.map(({ code }) => code))
  expect(subjectOf('OVERSEAS').members).not.toContain('COR')
})

describe('a group’s period', () => {
  // Wallis is at UTC+12, Tahiti at UTC−10: DOMAIN.md, §3.
  it('begins with its first territory and ends with its last', () => {
    const { from, to, hours } = boundsFor(week, 'ALL')
    expect([from, to].map((at) => new Date(at).toISOString())).toEqual([
      '2024-05-12T12:00:00.000Z',
      '2024-05-20T10:00:00.000Z',
    ])
    expect(hours).toBe(190)
    expect(hasBegun(week, 'ALL', Date.parse('2024-05-12T12:00:00Z') + 1)).toBe(true)
    expect(hasBegun(week, 'COR', Date.parse('2024-05-12T12:00:00Z') + 1)).toBe(false)
  })
  it('is the last complete one once it is over everywhere', () => {
    const at = (instant: string) => lastCompleteFor('week', 'ALL', Date.parse(instant)).id
    expect(at('2024-05-20T09:59:59Z')).toBe('2024-W19')
    expect(at('2024-05-20T10:00:00Z')).toBe('2024-W20')
  })
})

describe('a detection of several territories', () => {
  const place = (from: string, codes: readonly TerritoryCode[], period = week, members = all) =>
    placeAmong({ observed: observedFrom(from), territories: codes.map((code) => ({ code })) }, members, period)

  it('counts in the earliest local period in which one of them counts it', () => {
    // Monday morning in Nouméa is Sunday evening in Fort-de-France.
    const instant = '2024-05-12T20:00:00Z'
    expect(place(instant, ['NC'])).toMatchObject({ fit: 'counted', zone: 'Pacific/Noumea' })
    expect(place(instant, ['NC', 'MQ'])).toMatchObject({ fit: 'outside', zone: 'America/Martinique' })
    expect(place(instant, ['NC', 'MQ'], parsePeriod('2024-W19'))).toMatchObject({ fit: 'counted' })
  })
  it('has the days of the members alone', () => {
    const { members } = subjectOf('PACIFIC')
    expect(place('2024-05-12T20:00:00Z', ['NC', 'MQ'], week, members)).toMatchObject({ fit: 'counted' })
    expect(place('2024-05-15', ['MQ'], week, members)).toBeUndefined()
  })
  it('counts in a range where any of them counts it, since ranges have no order', () => {
    expect(place('2024-05-12T20:00:00Z', ['NC', 'MQ'], parsePeriod('2024-05-13--2024-05-19'))).toMatchObject({
      fit: 'counted',
    })
  })
  it('counts in exactly one week', () => {
    const weeks = ['2024-W18', '2024-W19', '2024-W20', '2024-W21', '2024-W22'].map(parsePeriod)
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2024-05-06T00:00:00Z'), max: Date.parse('2024-05-26T00:00:00Z') }),
        fc.subarray([...all], { minLength: 1 }),
        (instant, codes) => {
          const fits = weeks.map((period) => place(new Date(instant).toISOString(), codes, period)?.fit)
          expect(fits.filter((fit) => fit === 'counted')).toHaveLength(1)
        },
      ),
    )
  })
})
