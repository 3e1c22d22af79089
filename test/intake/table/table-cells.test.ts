/** Cells of detectors' tables: blanks, ids and instants as R, pandas, X and mails write them. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { idProblem, instantIn, isBlank } from '../../../lambdas/intake/table/table-cells.ts'
import { textOf } from '../../support/faults.ts'

const may = Date.UTC(2024, 4, 15, 1, 21)

describe('an instant', () => {
  test.each([
    ['2024-05-15T01:21:00Z', may],
    ['2024-05-15T01:21Z', may],
    ['2024-05-15 01:21:00 UTC', may],
    ['2024-05-15 12:21:00+1100', may],
    ['2024-05-15T01:21:00.123456Z', may + 123],
    ['2024-05-15T01:21:00,5Z', may + 500],
    ['1715736060', may],
    ['1715736060.518', may + 518],
    ['1715736060000000', may],
    ['Wed May 15 01:21:00 +0000 2024', may],
    ['Wed, 15 May 2024 01:21:00 GMT', may],
    ['Wed, 15 May 2024 12:21:00 +1100', may],
    ['2016-12-31T23:59:60Z', Date.UTC(2016, 11, 31, 23, 59, 59)],
    ['15/05/2024 12:21 +11:00', may],
  ])('%s', (cell, at) => {
    expect(instantIn(cell)).toEqual({ at })
  })

  test.each([
    ['', 'blank'],
    ['NaT', 'blank'],
    ['2024-05-15', 'no offset'],
    ['2024-05-15T01:21:00', 'no offset'],
    ['15/05/2024 01:21', 'no offset'],
    ['2024-02-31T01:21:00Z', 'unreadable'],
    ['2024-05-15T25:21:00Z', 'unreadable'],
    ['2024-13-01T01:21:00+01:00', 'unreadable'],
    ['1970-01-01T00:00:00Z', 'unreadable'],
    ['yesterday', 'unreadable'],
    ['31/02/2024 12:21 +11:00', 'unreadable'],
    ['12', 'unreadable'],
  ])('%j is no instant: %s', (cell, none) => {
    expect(instantIn(cell)).toEqual({ none })
  })

  it('is the same in milliseconds and seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1990), max: Date.UTC(2099) }), (at) => {
        expect(instantIn(new Date(at).toISOString())).toEqual({ at })
        expect(instantIn(String(Math.floor(at / 1_000)))).toEqual({ at: Math.floor(at / 1_000) * 1_000 })
      }),
    )
  })
})

test('an id', () => {
  for (const good of ['1797584320938545153', '@bob', 'é', '👩‍👧']) expect(idProblem(good)).toBeUndefined()
  expect(textOf(idProblem(' '))).toBe('is empty')
  expect(textOf(idProblem('NA'))).toContain('a placeholder')
  expect(textOf(idProblem('1.79758E+18'))).toContain('rounded')
  expect(textOf(idProblem('a'.repeat(257)))).toContain('over the 256')
  expect(textOf(idProblem('a\u202eb'))).toContain('printable')
})

test('a blank', () => {
  expect(['', ' ', 'NA', 'NaN', 'NaT', 'None', 'null'].every(isBlank)).toBe(true)
  expect(['0', 'na', 'false'].some(isBlank)).toBe(false)
})
