/** Finds the digits by which a document differs from its draft. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { blankFor, fillsOf } from '../../lambdas/render/draft.ts'

/** Hostile texts, with digits at their ends and parts of the marks. */
const text = fc.string({ unit: fc.constantFrom('a', '<b>', '7', '\u2060', ' ', '$&'), maxLength: 6 })
const digits = fc.integer({ min: 1, max: 400 }).map(String)

const written = (pieces: readonly string[], numbers: readonly string[]): string =>
  pieces.reduce((all, piece, at) => all + (numbers[at - 1] ?? '') + piece)

it('finds the digits, or nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, digits), { minLength: 1, maxLength: 5 }), text, (parts, first) => {
      const pieces = [first, ...parts.map(([piece]) => piece)]
      const numbers = parts.map(([, number]) => number)
      const drafted = written(
        pieces,
        numbers.map(() => blankFor('10')),
      )
      const finished = written(pieces, numbers)
      const fills = fillsOf(drafted, finished)
      if (fills) expect(written(drafted.split(/\u2060\d+\u2060/), fills)).toBe(finished)
      const isPlain = pieces.every(
        (piece, at) => !/^\d|\u2060/.test(piece) && (piece !== '' || at === 0 || at === pieces.length - 1),
      )
      if (isPlain) expect(fills).toEqual(numbers)
    }),
  )
})

it.each([
  ['another text', 'a \u206010\u2060 b', 'a 3 c'],
  ['another beginning', 'a \u206010\u2060 b', 'x 3 b'],
  ['something at the end', 'a \u206010\u2060', 'a 3 more'],
  ['another number than digits', 'a \u206010\u2060 b', 'a III b'],
  ['another number of places', 'a \u206010\u2060 b', 'a 3 b 4 b'],
])('finds nothing for %s', (_, drafted, finished) => {
  expect(fillsOf(drafted, finished)).toBeUndefined()
})

it('finds empty places', () => {
  expect(fillsOf('a \u206010\u2060 b \u206010\u2060', 'a  b 12')).toEqual(['', '12'])
})
