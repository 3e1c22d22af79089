/** Dates of spreadsheets: each form, the order of day and month, Excel's day numbers, and times without a zone. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { observedFrom, precisionOf } from '../../../lambdas/domain/core/observed.ts'
import { type DateForm, dateIn, dateOrders, datesIn, orderShown } from '../../../lambdas/intake/table/cell-dates.ts'
import { CellError } from '../../../lambdas/intake/table/cells.ts'

const european: DateForm = { order: 'day/month/year' }

describe('a date', () => {
  test.each([
    ['2024-05-15', '2024-05-15'],
    ['2024/05/15', '2024-05-15'],
    ['20240515', '2024-05-15'],
    ['15/05/2024', '2024-05-15'],
    ['5/5/24', '2024-05-05'],
    ['15.05.2024', '2024-05-15'],
    ['15-05-2024', '2024-05-15'],
    ['15/05/98', '1998-05-15'],
    ['15 mai 2024', '2024-05-15'],
    ['1er mars 2024', '2024-03-01'],
    ['mercredi 15 mai 2024', '2024-05-15'],
    ['Wednesday, May 15, 2024', '2024-05-15'],
    ['May 15th 2024', '2024-05-15'],
    ['15-Feb-24', '2024-02-15'],
    ['août 2024', '2024-08'],
    ['Feb-24', '2024-02'],
    ['05/2024', '2024-05'],
    ['2024-05', '2024-05'],
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
    ['45427.0', '2024-05-15', 'serial'],
    ['45427,5', '2024-05-15', 'serial'],
    ['15/05/2024 12:21', '2024-05-15', 'no offset'],
  ])('%j is %s, which is odd: %s', (cell, text, odd) => {
    expect(dateIn(cell, european)).toEqual({ text, odd })
  })

  it('with a time is an instant where the mapping gives the zone', () => {
    const form = { ...european, zone: 'Pacific/Noumea' }
    expect(dateIn('15/05/2024 12:21', form)).toEqual({ text: '2024-05-15T01:21:00Z', day: '2024-05-15' })
    expect(dateIn('45427,5', form)).toEqual({ text: '2024-05-15T01:00:00Z', day: '2024-05-15', odd: 'serial' })
    expect(dateIn('15/05/2024', form)).toEqual({ text: '2024-05-15' })
    expect(() => dateIn('15/05/2024 25:00', form)).toThrow(/no time that exists in Pacific\/Noumea/)
  })

  test('a week that is written as a month is asked about', () => {
    expect(() => datesIn('2026-47', european)).toThrow(/no month of the calendar: did you mean 2026-W47\?$/)
    expect(() => datesIn('2026-S47', european)).toThrow(/^is "2026-S47", which is no period: did you mean 2026-W47\?$/)
    expect(() => datesIn('2026-60', european)).toThrow(/no month of the calendar: correct it/)
    expect(datesIn('2026-11', european)).toEqual({ from: { text: '2026-11' } })
  })

  test.each([
    ['2024', /a year alone/],
    ['soon', /which is no date/],
    ['13/13/2024', /no day\/month\/year/],
    ['05/15/2024', /no day\/month\/year/],
    ['32/05/2024', /"32\/05\/2024", which is no day of the calendar/],
    ['31 avril 2024 12:21', /"31 avril 2024 12:21", which is no day/],
    ['29/02/23', /"29\/02\/23"/],
    ['13/2024', /"13\/2024", which is no month/],
    ['24-Feb', /which is no date/],
    ['12345', /which is no date/],
    ['99999', /which is no date/],
    ['15/05/2024 noonish', /which is no date/],
    ['demain', /which is no date/],
  ])('%j is none', (cell, message) => {
    expect(() => dateIn(cell, european)).toThrow(message)
    expect(() => dateIn(cell, european)).toThrow(CellError)
  })

  it('is read in the order of its column', () => {
    expect(dateIn('05/06/2024', { order: 'month/day/year' }).text).toBe('2024-05-06')
    expect(dateIn('05/06/2024', european).text).toBe('2024-06-05')
    expect(dateIn('24/05/06', { order: 'year-month-day' }).text).toBe('2024-05-06')
    expect(() => dateIn('15/05/2024', { order: 'month/day/year' })).toThrow(/no month\/day\/year/)
  })

  it('is the day that was written, in any form and order', () => {
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

  it('of any text is of one precision, or a CellError', () => {
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
    ['13/05/2024–15/05/2024', '2024-05-13', '2024-05-15'],
    ['2024-05-13..2024-05-15', '2024-05-13', '2024-05-15'],
    ['2024-W20', '2024-05-13', '2024-05-19'],
    ['2024-Q2', '2024-04', '2024-06'],
    ['2024', '2024-01', '2024-12'],
  ])('%j is from %s to %s', (cell, from, to) => {
    const { from: first, to: last } = datesIn(cell, european)
    const read = observedFrom(first.text, last?.text)
    expect([read.from, read.to].map((end) => end.slice(0, from.length))).toEqual([from, to])
  })

  it('may hold one only', () => {
    expect(datesIn('15/05/2024', european)).toEqual({ from: { text: '2024-05-15' } })
    expect(() => datesIn('2024-W60', european)).toThrow(CellError)
  })
})

test.each([
  ['du 16 au 20 novembre 2026', '2026-11-16', '2026-11-20'],
  ['entre le 16 et le 20 novembre 2026', '2026-11-16', '2026-11-20'],
  ['Du lundi 16 au vendredi 20 novembre 2026', '2026-11-16', '2026-11-20'],
  ['1er au 3 mai 2026', '2026-05-01', '2026-05-03'],
  ['du 30 octobre au 2 novembre 2026', '2026-10-30', '2026-11-02'],
  ['du 16 au 20/11/2026', '2026-11-16', '2026-11-20'],
  ['du 16/11 au 20/11/2026', '2026-11-16', '2026-11-20'],
  ['from the 16 to the 20 November 2026', '2026-11-16', '2026-11-20'],
  ['16–20 novembre 2026', '2026-11-16', '2026-11-20'],
  ['octobre au novembre 2026', '2026-10', '2026-11'],
])('%j begins on a day of the month or year that it ends in', (cell, from, to) => {
  expect(datesIn(cell, european)).toEqual({ from: { text: from }, to: { text: to } })
})

test.each(['entre le 16 et bientôt', 'du 16 au 31 novembre 2026', '16 et 20 novembre 2026', 'du 16 au 20 novembre'])(
  '%j is refused, and quoted whole',
  (cell) => {
    expect(() => datesIn(cell, european)).toThrow(JSON.stringify(cell))
  },
)

describe('the order that a column shows', () => {
  test.each([
    [['13/05/2024', '05/06/2024'], 'day/month/year', '13/05/2024'],
    [['05/13/2024', '05/06/2024'], 'month/day/year', '05/13/2024'],
    // Both cannot be: the usual one, and the other cell is a reject.
    [['05/13/2024', '13/05/2024'], 'day/month/year', '13/05/2024'],
    [['05/06/2024', '2024-05-13', ''], 'day/month/year', undefined],
  ])('%j: %s', (cells, order, shown) => {
    expect(orderShown(cells)).toMatchObject({ order, ...(shown !== undefined && { shown }) })
  })

  it('is in doubt for as many as could be read in two ways', () => {
    expect(orderShown(['05/06/2024', '05/05/2024', '2024-05-13'])).toEqual({ order: 'day/month/year', doubtful: 1 })
  })
})
