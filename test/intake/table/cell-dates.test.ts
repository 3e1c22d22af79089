/** Dates of spreadsheets: each form, the order of day and month, Excel's day numbers, and times without a zone. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import { observedFrom, precisionOf } from '../../../lambdas/domain/core/time/observed.ts'
import {
  type DateForm,
  dateIn,
  dateOrders,
  datesIn,
  endIn,
  orderShown,
} from '../../../lambdas/intake/table/cell-dates.ts'
import { CellError } from '../../../lambdas/intake/table/cells.ts'

const european: DateForm = { order: 'day/month/year' }

describe('a date', () => {
  test.each([
    ['2024-05-15', '2024-05-15'],
    ['20240515', '2024-05-15'],
    ['15/05/2024', '2024-05-15'],
    ['5/5/24', '2024-05-05'],
    ['15/05/98', '1998-05-15'],
    ['15 mai 2024', '2024-05-15'],
    ['1er mars 2024', '2024-03-01'],
    ['Wednesday, May 15, 2024', '2024-05-15'],
    ['May 15th 2024', '2024-05-15'],
    ['15-Feb-24', '2024-02-15'],
    ['août 2024', '2024-08'],
    ['Feb-24', '2024-02'],
    ['05/2024', '2024-05'],
    ['2024-05-15T12:21:00+11:00', '2024-05-15T12:21:00+11:00'],
    ['2024-05-15T01:21:00.000Z', '2024-05-15T01:21:00Z'],
    ['15/05/2024 12:21 UTC', '2024-05-15T12:21:00Z'],
    ['15/05/2024 à 14h05 +0200', '2024-05-15T14:05:00+02:00'],
    ['May 15, 2024 at 1:05 PM GMT', '2024-05-15T13:05:00Z'],
    ['15/05/2024 00:00:00', '2024-05-15'],
  ])('%j is %s', (cell, text) => {
    expect(dateIn(cell, european).text).toBe(text)
  })

  test.each([
    ['45427', '2024-05-15', 'serial'],
    ['45427,5', '2024-05-15', 'serial'],
    ['15/05/2024 12:21', '2024-05-15', 'no offset'],
  ])('%j is %s, marked as %s', (cell, text, odd) => {
    expect(dateIn(cell, european)).toEqual({ text, odd })
  })

  it('with a time is an instant in the zone of the mapping', () => {
    const form = { ...european, zone: 'Pacific/Noumea' }
    expect(dateIn('15/05/2024 12:21', form)).toEqual({ text: '2024-05-15T01:21:00Z', day: '2024-05-15' })
    expect(dateIn('45427,5', form)).toEqual({ text: '2024-05-15T01:00:00Z', day: '2024-05-15', odd: 'serial' })
    expect(dateIn('15/05/2024', form)).toEqual({ text: '2024-05-15' })
    expect(() => dateIn('15/05/2024 25:00', form)).toThrow(/no time by the clock of Nouméa/)
    const german = { ...european, zone: 'Europe/Berlin' }
    expect(() => dateIn('15/05/2024 25:00', german)).toThrow(/no time that exists in Europe\/Berlin/)
  })

  test.each([
    ['18-19/11/2026', '2026-11-18', '2026-11-19'],
    ['17-18 novembre 2026', '2026-11-17', '2026-11-18'],
    ['Nov 17–18, 2026', '2026-11-17', '2026-11-18'],
    ['S47 2026', '2026-11-16', '2026-11-22'],
    ['sem. 47/2026', '2026-11-16', '2026-11-22'],
    ['semaine du 16 novembre 2026', '2026-11-16', '2026-11-22'],
  ])('%j is from %s to %s', (cell, from, to) => {
    expect(datesIn(cell, european)).toEqual({ from: { text: from }, to: { text: to } })
  })

  test.each([
    ['semaine 47', '2026-11-16', '2026-11-22'],
    ['semaine 50', '2025-12-08', '2025-12-14'],
    ['Nov 17-18', '2026-11-17', '2026-11-18'],
    ['17-18 novembre', '2026-11-17', '2026-11-18'],
    ['02/12', '2025-12-02', undefined],
    ['Nov 17', '2026-11-17', undefined],
    ['29 février', undefined, undefined],
  ])('%j without a year is the last one that has begun, from %s to %s', (cell, from, to) => {
    const form = { ...european, today: '2026-12-01' }
    expect(() => datesIn(cell, european)).toThrow(CellError)
    if (from === undefined) expect(() => datesIn(cell, form)).toThrow(CellError)
    else expect(datesIn(cell, form)).toEqual({ from: { text: from, odd: 'no year' }, ...(to && { to: { text: to } }) })
  })

  test('is suggested for a week that is written as a month', () => {
    expect(() => datesIn('2026-47', european)).toThrow(/no month of the calendar: did you mean 2026-W47\?$/)
    expect(() => datesIn('2026-60', european)).toThrow(/no month of the calendar: correct it/)
    expect(datesIn('2026-11', european)).toEqual({ from: { text: '2026-11' } })
  })

  test.each([
    ['2024', /a year alone/],
    ['soon', /which is no date/],
    ['05/15/2024', /no day\/month\/year/],
    ['32/05/2024', /"32\/05\/2024", which is no day of the calendar/],
    ['31 avril 2024 12:21', /"31 avril 2024 12:21", which is no day/],
    ['13/2024', /"13\/2024", which is no month/],
    ['05-06/2024', /which is no date/],
    ['24-Feb', /which is no date/],
    ['99999', /which is no date/],
    ['15/05/2024 noonish', /which is no date/],
  ])('%j is no date', (cell, message) => {
    expect(() => dateIn(cell, european)).toThrow(message)
    expect(() => dateIn(cell, european)).toThrow(CellError)
  })

  it('is read in the order of its column', () => {
    expect(dateIn('05/06/2024', { order: 'month/day/year' }).text).toBe('2024-05-06')
    expect(dateIn('05/06/2024', european).text).toBe('2024-06-05')
    expect(dateIn('24/05/06', { order: 'year-month-day' }).text).toBe('2024-05-06')
    expect(() => dateIn('15/05/2024', { order: 'month/day/year' })).toThrow(/no month\/day\/year/)
  })

  it('is the same day in any form and order', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1982-03-01'), max: new Date('2068-12-31'), noInvalidDate: true }),
        fc.constantFrom(...dateOrders),
        fc.constantFrom('/', '-', '.'),
        (date, order, sign) => {
          const iso = date.toISOString().slice(0, 10)
          const [year = '', month = '', day = ''] = iso.split('-')
          const parts = {
            'day/month/year': [day, month, year],
            'month/day/year': [month, day, year],
            'year-month-day': [year, month, day],
          }[order]
          expect(dateIn(parts.join(sign), { order }).text).toBe(iso)
          const serial = String(Math.round((Date.parse(iso) - Date.UTC(1899, 11, 30)) / 86_400_000))
          expect(dateIn(serial, { order })).toEqual({ text: iso, odd: 'serial' })
        },
      ),
    )
  })

  it('of any text has a precision, or is a CellError', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\d/:. T+Zmai-]{0,20}$/))
    fc.assert(
      fc.property(texts, fc.constantFrom(...dateOrders), (cell, order) => {
        try {
          expect(precisionOf(dateIn(cell, { order }).text)).toBeDefined()
        } catch (error) {
          expect(error).toBeInstanceOf(CellError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a cell with two dates', () => {
  test.each([
    ['du 13/05/2024 au 15/05/2024', '2024-05-13', '2024-05-15'],
    ['from 2024-05-13 to 2024-05-15', '2024-05-13', '2024-05-15'],
    ['13/05/2024 - 15/05/2024', '2024-05-13', '2024-05-15'],
    ['2024-05-13..2024-05-15', '2024-05-13', '2024-05-15'],
    ['2024-W20', '2024-05-13', '2024-05-19'],
    ['2024-Q2', '2024-04', '2024-06'],
    ['2024', '2024-01', '2024-12'],
    ['du 16 au 20 novembre 2026', '2026-11-16', '2026-11-20'],
    ['entre le 16 et le 20 novembre 2026', '2026-11-16', '2026-11-20'],
    ['Du lundi 16 au vendredi 20 novembre 2026', '2026-11-16', '2026-11-20'],
    ['du 30 octobre au 2 novembre 2026', '2026-10-30', '2026-11-02'],
    ['du 16 au 20/11/2026', '2026-11-16', '2026-11-20'],
    ['du 16/11 au 20/11/2026', '2026-11-16', '2026-11-20'],
    ['from the 16 to the 20 November 2026', '2026-11-16', '2026-11-20'],
    ['octobre au novembre 2026', '2026-10', '2026-11'],
  ])('%j is from %s to %s', (cell, from, to) => {
    const { from: first, to: last } = datesIn(cell, european)
    const read = observedFrom(first.text, last?.text)
    expect([read.from, read.to].map((end) => end.slice(0, from.length))).toEqual([from, to])
  })

  it('may have one only', () => {
    expect(datesIn('15/05/2024', european)).toEqual({ from: { text: '2024-05-15' } })
    expect(() => datesIn('2024-W60', european)).toThrow(CellError)
  })
})

test.each(['entre le 16 et bientôt', 'du 16 au 31 novembre 2026', '16 et 20 novembre 2026', 'du 16 au 20 novembre'])(
  '%j is refused with the whole cell',
  (cell) => {
    expect(() => datesIn(cell, european)).toThrow(JSON.stringify(cell))
  },
)

describe('the order that a column shows', () => {
  test.each([
    [['13/05/2024', '05/06/2024'], 'day/month/year', '13/05/2024'],
    [['05/13/2024', '05/06/2024'], 'month/day/year', '05/13/2024'],
    [['05/13/2024', '13/05/2024'], 'day/month/year', '13/05/2024'],
    [['05/06/2024', '2024-05-13', ''], 'day/month/year', undefined],
  ])('%j: %s', (cells, order, shown) => {
    expect(orderShown(cells)).toMatchObject({ order, ...(shown !== undefined && { shown }) })
  })

  it('counts the dates that can be read in two ways', () => {
    expect(orderShown(['05/06/2024', '05/05/2024', '2024-05-13'])).toEqual({ order: 'day/month/year', doubtful: 1 })
  })
})

describe('what a page prints is read again:', () => {
  const day = fc
    .date({ min: new Date('1990-01-01T00:00:00Z'), max: new Date('2060-12-31T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10))
  const minute = fc
    .date({ min: new Date('1990-01-01T00:00:00Z'), max: new Date('2060-12-31T00:00:00Z'), noInvalidDate: true })
    .map((date) => Math.floor(date.getTime() / 60_000) * 60_000)
  const words = fc.constantFrom(...languages).map(wordingOf)
  const styles = fc.record({ weekday: fc.boolean(), short: fc.boolean() })
  // Without times that come twice: a page prints both alike.
  const zone = fc.constantFrom('Pacific/Noumea', 'America/Martinique', 'UTC')
  const inOrder = <One>(ends: readonly [One, One]): readonly [One, One] =>
    ends[0] > ends[1] ? [ends[1], ends[0]] : ends

  it('a day and a month', () => {
    fc.assert(
      fc.property(day, words, styles, (one, wording, style) => {
        expect(dateIn(wording.days(one, one, style), european).text).toBe(one)
        expect(dateIn(wording.month(one.slice(0, 7)), european).text).toBe(one.slice(0, 7))
      }),
    )
  })

  it('several days and months', () => {
    fc.assert(
      fc.property(fc.tuple(day, day), words, styles, (ends, wording, style) => {
        const [from, to] = inOrder(ends)
        const days = datesIn(wording.days(from, to, style), european)
        expect([days.from.text, days.to?.text ?? days.from.text]).toEqual([from, to])
        const months = observedFrom(from.slice(0, 7), to.slice(0, 7))
        const read = datesIn(wording.observed(months, 'UTC'), european)
        expect(observedFrom(read.from.text, read.to?.text)).toEqual(months)
      }),
    )
  })

  it('a time by the clock of a town, and a stretch of time', () => {
    fc.assert(
      fc.property(fc.tuple(minute, minute), words, zone, (ends, wording, itsZone) => {
        const [from, to] = inOrder(ends)
        const form = { ...european, zone: itsZone }
        expect(Date.parse(dateIn(wording.moment(from, itsZone), form).text)).toBe(from)
        const stretch = observedFrom(new Date(from).toISOString(), new Date(to).toISOString())
        const read = datesIn(wording.observed(stretch, itsZone), form)
        expect(observedFrom(read.from.text, read.to?.text)).toEqual(stretch)
      }),
    )
  })

  it.each([
    ['2026-11-18 9h', '2026-11-18T13:00:00Z'],
    ['18/11/2026 à 9 h', '2026-11-18T13:00:00Z'],
    ['17 novembre 2026, 22 h 00', '2026-11-18T02:00:00Z'],
    ['17 November 2026, 00:00', '2026-11-17T04:00:00Z'],
  ])('%j by the clock of Fort-de-France is %s', (cell, text) => {
    expect(dateIn(cell, { ...european, zone: 'America/Martinique' }).text).toBe(text)
  })
})

test('several days in a column of one date are refused with their first and last', () => {
  expect(() => endIn('2026-W47', european)).toThrow(
    /^is "2026-W47", which is several days: write 2026-11-16 as the first and 2026-11-22 as the last$/,
  )
  expect(() => endIn('18 – 20 novembre 2026', european)).toThrow(/write 2026-11-18 as the first and 2026-11-20/)
  expect(() => endIn('bientôt', european)).toThrow(/which is no date/)
  expect(endIn('18 novembre 2026', european)).toEqual({ text: '2026-11-18' })
})
