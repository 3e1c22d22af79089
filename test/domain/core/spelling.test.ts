/** Names compared as readers compare them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { folded, lettersOf } from '../../../lambdas/domain/core/spelling.ts'

test.each([
  ['Nouvelle-Calédonie', 'nouvelle caledonie'],
  ['L’ŒUVRE', 'l oeuvre'],
  ['e\u0301te\u0301', 'ete'],
  ['n°\u202f12 : « là »', 'n 12 la'],
  ['—', ''],
])('%s is folded to %s', (text, words) => {
  expect(folded(text)).toBe(words)
})

/** All of it decomposed at once, as Unicode says it. */
const decomposed = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')

test('letters are those of the whole text decomposed', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(
          fc.constantFrom('e', '\u0301', '\u05b0', '\u3099', 'Σ', "'"),
          fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        ),
      }),
      (text) => {
        expect(lettersOf(text)).toBe(decomposed(text))
      },
    ),
    { numRuns: 1_000 },
  )
})
