import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSubjectFor } from '../../../lambdas/domain/access/caller.ts'
import { subjectCodeSchema } from '../../../lambdas/domain/core/place/subject-code.ts'
import {
  isCampaignCode,
  isFlashCode,
  isGroup,
  isSubjectCode,
  subjectOf,
  type TerritoryCode,
  territories,
} from '../../../lambdas/domain/core/place/territory.ts'
import {
  earliestOf,
  flashCode,
  hoursSince,
  isExpired,
  placesOf,
  reportDueAt,
  validUntil,
  weekOfNote,
} from '../../../lambdas/domain/flash/flash.ts'
import { detection } from '../../support/detections.ts'

const codes = territories.map(({ code }) => code)
const somePlaces = fc.subarray([...codes], { minLength: 1 })
const someIds = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 })

describe('the key of a flash note', () => {
  it('has the territories and a hash of the ids, in any order', () => {
    const key = flashCode(['b', 'a'], ['NC', 'PF'])
    expect(key).toMatch(/^flash-nc-pf-[0-9a-f]{12}$/)
    expect(flashCode(['a', 'b', 'a'], ['NC', 'PF'])).toBe(key)
    expect(flashCode(['a'], ['NC', 'PF'])).not.toBe(key)
    expect(flashCode(['a'], codes)).toMatch(/^flash-all-/)
  })

  it('determines its readers, for any ids and territories', () => {
    fc.assert(
      fc.property(someIds, somePlaces, fc.subarray([...codes]), (ids, places, cleared) => {
        const key = flashCode(ids, places)
        expect([isFlashCode, isSubjectCode].map((is) => is(key))).toEqual([true, true])
        expect([isCampaignCode, isGroup].map((is) => is(key))).toEqual([false, false])
        expect(subjectCodeSchema().safeParse(key).success).toBe(true)
        expect(subjectOf(key).members).toEqual(places)
        expect(isSubjectFor({ territories: cleared }, key)).toBe(places.every((code) => cleared.includes(code)))
      }),
    )
  })

  it.each([
    'flash-xx-0123456789ab',
    'flash-pf-nc-0123456789ab',
    'flash-nc-nc-0123456789ab',
    'flash-nc-0123456789abc',
    'flash-nc/../x-0123456789ab',
    `flash-${codes.map((code) => code.toLowerCase()).join('-')}-0123456789ab`,
  ])('is not %s', (text) => {
    expect([isFlashCode(text), subjectCodeSchema().safeParse(text).success]).toEqual([false, false])
  })

  it('is of all territories where a detection has none', () => {
    const placed = (...places: readonly TerritoryCode[]) => ({ territories: places.map((code) => ({ code })) }) as never
    expect(placesOf([placed('PF'), placed('NC', 'PF')])).toEqual(['NC', 'PF'])
    expect(placesOf([placed('NC'), placed()])).toEqual(codes)
  })
})

describe('the week of a note', () => {
  it('is that of its earliest detection, by the clock of its territory', () => {
    // Sunday evening in Paris, Monday in Nouméa.
    const instant = { observed: { from: '2024-05-12T20:00:00.000Z' } }
    expect(weekOfNote([detection({ territories: ['NC'], ...instant })]).id).toBe('2024-W20')
    expect(weekOfNote([detection({ territories: ['MQ'], ...instant })]).id).toBe('2024-W19')
    const both = [
      detection({ territories: ['MQ'], ...instant }),
      detection({ id: 'd2', observed: { from: '2024-05-16' } }),
    ]
    expect(weekOfNote(both).id).toBe('2024-W19')
    expect(earliestOf(both)).toMatchObject({ home: 'MQ' })
    expect(weekOfNote([detection({ observed: { from: '2024-05' } })]).id).toBe('2024-W18')
  })
})

describe('the end of a note', () => {
  const reportDue = reportDueAt({ last: '2024-05-19' }, 'NC')

  it('is the hour of the report of its week, or 48 hours after that report', () => {
    expect(reportDue).toBe('2024-05-19T19:30:00.000Z')
    const until = (asOf: string) => validUntil({ reportDue, currentUntil: undefined }, asOf)
    expect(until('2024-05-17T00:00:00.000Z')).toBe(reportDue)
    expect(until('2024-05-21T10:20:30.000Z')).toBe('2024-05-23T10:00:00.000Z')
  })

  it('is in the future, and stays the same until then', () => {
    const instant = fc.date({ min: new Date('2024-01-01'), max: new Date('2025-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(instant, fc.nat(47 * 3_600_000), (date, later) => {
        const asOf = date.toISOString()
        const until = validUntil({ reportDue, currentUntil: undefined }, asOf)
        expect(until > asOf).toBe(true)
        expect(isExpired({ until }, asOf)).toBe(false)
        expect(isExpired({ until }, until)).toBe(true)
        const again = new Date(date.getTime() + later).toISOString()
        if (again < until) expect(validUntil({ reportDue, currentUntil: until }, again)).toBe(until)
        else expect(validUntil({ reportDue, currentUntil: until }, again) > again).toBe(true)
      }),
    )
  })
})

describe('the hours since the first post', () => {
  it('are whole hours of an instant, and unknown of a day or month', () => {
    const at = (from: string, precision: 'instant' | 'day' | 'month') => ({ from, to: from, precision })
    expect(hoursSince(at('2024-05-15T01:21:00.000Z', 'instant'), '2024-05-16T19:30:00.000Z')).toBe(42)
    expect(hoursSince(at('2024-05-16T19:30:00.000Z', 'instant'), '2024-05-15T00:00:00.000Z')).toBe(0)
    expect(hoursSince(at('2024-05-15', 'day'), '2024-05-16T19:30:00.000Z')).toBeUndefined()
    expect(hoursSince(at('2024-05', 'month'), '2024-05-16T19:30:00.000Z')).toBeUndefined()
  })
})
