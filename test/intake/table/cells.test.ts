/** Cells of a spreadsheet: guarded texts, figures as people write them, lists, and what says nothing. */
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
    ['5 187', 5187, 'exact'],
    ['5\u00a0187', 5187, 'exact'],
    ['5\u202f187', 5187, 'exact'],
    ["5'187", 5187, 'exact'],
    ['5,187', 5187, 'exact'],
    ['5.187', 5187, 'exact'],
    ['1.234.567', 1_234_567, 'exact'],
    ['5,187.0', 5187, 'exact'],
    ['5.187,00', 5187, 'exact'],
    ['12,0', 12, 'exact'],
    ['≥ 5000', 5000, 'at least'],
    ['>5000', 5000, 'at least'],
    ['5 000+', 5000, 'at least'],
    ['plus de 5 000', 5000, 'at least'],
    ['au moins 12', 12, 'at least'],
    ['at least 12', 12, 'at least'],
    ['~300', 300, 'about'],
    ['environ 300', 300, 'about'],
    ['circa 300', 300, 'about'],
    ['1,2 M', 1_200_000, 'about'],
    ['3k', 3_000, 'about'],
    ['2 millions', 2_000_000, 'about'],
    ['≥ 1,5k', 1_500, 'at least'],
  ])('%j is %i, %s', (cell, value, qualifier) => {
    expect(figureIn(cell)).toEqual({ value, qualifier })
  })

  test.each(['', '-', '—', '?', 'N/A', '#N/A', 'nc', 'NC', 'n.c.', 'unknown', 'non communiqué', 'null', 'NaN'])(
    '%j says nothing, which is not zero',
    (cell) => {
      expect(figureIn(cell)).toBeUndefined()
    },
  )

  test.each([
    ['1.23457E+15', /spreadsheet has shortened/],
    ['9007199254740993', /beyond 2\^53/],
    ['12,5', /give a whole number/],
    ['-5', /give a whole number/],
    ['beaucoup', /give a whole number/],
    ['5 18', /give a whole number/],
    ['0x10', /give a whole number/],
    ['Infinity', /give a whole number/],
    ['12,34567890 M', /in digits/],
    ['999999 millions', undefined],
  ])('%j is refused, or what it says', (cell, message) => {
    if (message) expect(() => figureIn(cell)).toThrow(message)
    else expect(figureIn(cell)?.value).toBe(999_999_000_000)
    if (message) expect(() => figureIn(cell)).toThrow(CellError)
  })

  it('has its decimal sign from the mapping, where three digits could be either', () => {
    expect(figureIn('1,234')?.value).toBe(1234)
    expect(() => figureIn('1,234', ',')).toThrow(CellError)
    expect(figureIn('1.234', ',')?.value).toBe(1234)
    expect(figureIn('1,000', ',')?.value).toBe(1)
  })

  it('is what was written, in any spelling of thousands', () => {
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
  ["'@account", '@account'],
  ["'+33", '+33'],
  ["'0123", '0123'],
  ['="0123"', '0123'],
  ['="a""b"', 'a"b'],
  ["'=a; '@b", "=a; '@b"],
  ["'=a;'@b", '=a;@b'],
  ["l'île", "l'île"],
  ["'quoted'", "'quoted'"],
  ['=1+1', '=1+1'],
  ['', ''],
])('%j is guarded for a spreadsheet, and says %j', (cell, text) => {
  expect(unguarded(cell)).toBe(text)
})

test('a name whose digits a spreadsheet has lost is refused', () => {
  expect(() => nameIn('1.79758E+18')).toThrow(/lost its last digits/)
  expect(nameIn('1797584320938545153')).toBe('1797584320938545153')
  expect(nameIn('two\n words')).toBe('two words')
})

describe('a list', () => {
  it('is parted by semicolons, bars and line ends; by commas where an entry holds none', () => {
    const { usual, orComma } = listSigns()
    expect(listIn('a; b|c\nd, e', usual)).toEqual(['a', 'b', 'c', 'd, e'])
    expect(listIn('a, b;a', orComma)).toEqual(['a', 'b'])
    expect(listIn('a;;n/a; b', usual)).toEqual(['a', 'b'])
    expect(listIn('alone', usual)).toEqual(['alone'])
  })

  it('is parted by what a mapping says, whatever that means elsewhere', () => {
    for (const sign of ['.', '||', ']', '\\', '^', '-']) {
      expect(listIn(`a${sign}b;c`, listSigns(sign).usual)).toEqual(['a', 'b;c'])
    }
  })
})

const nothings = [
  ...[
    '',
    '-',
    '–',
    '?',
    'N/A',
    '#N/A',
    'n.a.',
    'n. a.',
    'na',
    'inconnue',
    'Unknown',
    'non renseigné',
    'non communiqué',
  ],
  ...['n. c.', 'n. c.', 'N. C.', 'n.c.', 'n/c', 'n. d.', 'n.d.', 'nd', 'n/d', 's. o.', 's.o.', 's/o', 'sans objet'],
  ...['non connu', 'non précisé', 'non disponible', 'indéterminé', 'not available', 'not applicable', 'null', 'NaN'],
]
/** What may be a value where a cell holds names or codes. */
const short = ['nc', 'NC', 'so', 'nr', 'vide']

test.each(nothings)('%j says nothing in any column: a figure and an effect neither', (cell) => {
  expect([hasNoValue(cell), figureIn(cell), effectIn(cell)]).toEqual([true, undefined, undefined])
})
test.each(short)('%j says nothing where a cell holds no code', (cell) => {
  expect([hasNoValue(cell), figureIn(cell), effectIn(cell)]).toEqual([false, undefined, undefined])
})
test.each(['0', 'none of it', 'x', '#inconnu', '@nd', '@null', 'n. c. et autres', 'so what'])(
  '%j says something',
  (cell) => {
    expect(hasNoValue(cell)).toBe(false)
  },
)
