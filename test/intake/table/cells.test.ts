/** Cells of a spreadsheet: guarded texts, figures, lists, and cells without a value. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { effectIn } from '../../../lambdas/intake/csv/effect-cell.ts'
import {
  CellError,
  type DecimalSign,
  figureIn,
  listIn,
  listSigns,
  nameIn,
  hasNoValue,
  unguarded,
} from '../../../lambdas/intake/table/cells.ts'

describe('a figure', () => {
  test.each([
    ['5187', 5187, 'exact'],
    ['0', 0, 'exact'],
    ['5,187.0', 5187, 'exact'],
    ['5.187,00', 5187, 'exact'],
    ['≥ 5000', 5000, 'at least'],
    ['>5000', 5000, 'at least'],
    ['5 000+', 5000, 'at least'],
    ['plus de 5 000', 5000, 'at least'],
    ['at least 12', 12, 'at least'],
    ['~300', 300, 'about'],
    ['environ 300', 300, 'about'],
    ['1,2 M', 1_200_000, 'about'],
    ['3k', 3_000, 'about'],
    ['2 millions', 2_000_000, 'about'],
    ['≥ 1,5k', 1_500, 'at least'],
    ['10K', 10_000, 'about'],
    ['≈ 1 200', 1_200, 'about'],
    ['1 200 env.', 1_200, 'about'],
    ['une vingtaine', 20, 'about'],
    ['a dozen', 12, 'about'],
    ['entre 80 et 100', 80, 'at least'],
    ['80-100', 80, 'at least'],
  ])('%j is %i, %s', (cell, value, qualifier) => {
    expect(figureIn(cell)).toEqual({ value, qualifier })
  })

  test.each([
    ['1.23457E+15', /spreadsheet has shortened/],
    ['9007199254740993', /beyond 2\^53/],
    ['12,5', /give a whole number/],
    ['-5', /give a whole number/],
    ['beaucoup', /give a whole number/],
    ['100-80', /give a whole number/],
    ['moins de 50', /only an upper bound/],
    ['12 300 vues', /give a whole number/],
    ['5 18', /give a whole number/],
    ['0x10', /give a whole number/],
    ['12,34567890 M', /in digits/],
  ])('%j is refused', (cell, message) => {
    expect(() => figureIn(cell)).toThrow(message)
    expect(() => figureIn(cell)).toThrow(CellError)
  })

  it('has a word after it where the column counts that', () => {
    const isViews = (word: string) => word === 'vues'
    expect(figureIn('12 300 vues', undefined, isViews)).toEqual({ value: 12_300, qualifier: 'exact' })
    expect(figureIn('une centaine de vues', undefined, isViews)).toEqual({ value: 100, qualifier: 'about' })
    expect(() => figureIn('12 300 partages', undefined, isViews)).toThrow(CellError)
  })

  it('has its decimal sign from the mapping where three digits are ambiguous', () => {
    expect(figureIn('1,234')?.value).toBe(1234)
    expect(() => figureIn('1,234', ',')).toThrow(CellError)
    expect(figureIn('1.234', ',')?.value).toBe(1234)
    expect(figureIn('1,000', ',')?.value).toBe(1)
  })

  it('is the same in any spelling of thousands', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        fc.constantFrom('', ' ', '\u00a0', '\u202f', ',', '.', "'"),
        fc.constantFrom<DecimalSign | undefined>(undefined, ',', '.'),
        (value, sign, decimal) => {
          fc.pre(sign !== decimal)
          const written = String(value).replace(/\B(?=(\d{3})+$)/g, sign)
          expect(figureIn(written, decimal)).toEqual({ value, qualifier: 'exact' })
        },
      ),
    )
  })

  it('of any text is a figure, nothing or a CellError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\d.,+~≥ kM-]{0,9}$/)), (cell) => {
        try {
          const figure = figureIn(cell)
          expect(figure === undefined || Number.isSafeInteger(figure.value)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(CellError)
        }
      }),
    )
  })
})

test.each([
  ["'=1+1", '=1+1'],
  ["' =1+1", ' =1+1'],
  ["'−1+1", '−1+1'],
  ["'0123", '0123'],
  ['="0123"', '0123'],
  ['="a""b"', 'a"b'],
  ["'=a; '@b", "=a; '@b"],
  ["'=a;'@b", '=a;@b'],
  ["l'île", "l'île"],
  ["'quoted'", "'quoted'"],
  ['=1+1', '=1+1'],
  ['', ''],
])('%j is guarded for a spreadsheet, and is %j', (cell, text) => {
  expect(unguarded(cell)).toBe(text)
})

test('a name with lost digits is refused', () => {
  expect(() => nameIn('1.79758E+18')).toThrow(/lost its last digits/)
  expect(nameIn('1797584320938545153')).toBe('1797584320938545153')
  expect(nameIn('two\n words')).toBe('two words')
})

describe('a list', () => {
  it('has semicolons, bars and line ends as signs, and commas where an entry has none', () => {
    const { usual, orComma } = listSigns()
    expect(listIn('a; b|c\nd, e', usual)).toEqual(['a', 'b', 'c', 'd, e'])
    expect(listIn('a, b;a', orComma)).toEqual(['a', 'b'])
    expect(listIn('a;;n/a; b', usual)).toEqual(['a', 'b'])
    expect(listIn('alone', usual)).toEqual(['alone'])
  })

  it('has the sign of a mapping, also one of regular expressions', () => {
    for (const sign of ['.', '||', ']', '\\', '^', '-']) {
      expect(listIn(`a${sign}b;c`, listSigns(sign).usual)).toEqual(['a', 'b;c'])
    }
  })
})

const nothings = [
  ...['', '-', '–', '?', 'N/A', '#N/A', 'n.a.', 'n. a.', 'inconnue', 'Unknown', 'non renseigné', 'non communiqué'],
  ...['n. c.', 'n. c.', 'n.c.', 'n/c', 'n. d.', 'nd', 'n/d', 's. o.', 's/o', 'sans objet', 'non connu'],
  ...['non précisé', 'non disponible', 'indéterminé', 'not available', 'not applicable', 'null', 'NaN'],
]
/** May be a value where a cell has names or codes. */
const short = ['nc', 'NC', 'so', 'nr', 'vide']

test.each(nothings)('%j is no value in any column, for figures and effects too', (cell) => {
  expect([hasNoValue(cell), figureIn(cell), effectIn(cell)]).toEqual([true, undefined, undefined])
})
test.each(short)('%j is no value where a cell has no codes', (cell) => {
  expect([hasNoValue(cell), figureIn(cell), effectIn(cell)]).toEqual([false, undefined, undefined])
})
test.each(['0', 'none of it', 'x', '#inconnu', '@nd', '@null', 'n. c. et autres', 'so what'])(
  '%j is a value',
  (cell) => {
    expect(hasNoValue(cell)).toBe(false)
  },
)
