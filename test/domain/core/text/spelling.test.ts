import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { folded, lettersOf, mayHold } from '../../../../lambdas/domain/core/text/spelling.ts'

test.each([
  ['Nouvelle-Calédonie', 'nouvelle caledonie'],
  ['L’ŒUVRE', 'l oeuvre'],
  ['n°\u202f12 : « là »', 'n 12 la'],
  ['Straße, STRAẞE', 'strasse strasse'],
  ['Łódź Đorđe Ærøskøbing', 'lodz dorde aeroskobing'],
  // With and without vowel signs, and lengthened.
  ['مُحَمَّد', 'محمد'],
  ['محـــمد', 'محمد'],
  // Signs without width are in no word.
  ['cé\u200bzaire re\u00adport z\u2060e\u200dr\ufeffo', 'cezaire report zero'],
  ['\u200b\u00ad', ''],
  ['إعلام آخر أخبار ٱلله مؤتمر رئيس', 'اعلام اخر اخبار الله موتمر رييس'],
])('%s is folded to %s', (text, words) => {
  expect(folded(text)).toBe(words)
})

const decomposed = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u064b-\u0655\u0670]|\u0640|[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase()
    .replaceAll('ٱ', 'ا')
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .replaceAll('ß', 'ss')
    .replaceAll('þ', 'th')
    .replace(/[øłđðħı]/g, (letter) => 'olddhi'.charAt('øłđðħı'.indexOf(letter)))

test('letters are those of the decomposed text', () => {
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

describe('whether a text may hold a word', () => {
  const unit = fc.oneof(
    fc.constantFrom(...'aeosAEOSœŒæÆéÈçñ½²ªµßþøłŁ’ -n°ـُ', ...'\u0301\u00ad\u200b\u202a', 'ﬁ', '９', 'Ж', '👍'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  )
  const texts = fc.string({ unit, maxLength: 30 })

  test('is never denied for one that does', () => {
    let held = 0
    fc.assert(
      fc.property(texts, fc.nat(29), fc.integer({ min: 1, max: 6 }), (text, from, length) => {
        const letters = [...lettersOf(text)]
        const start = from % Math.max(1, letters.length)
        const [word = ''] = folded(letters.slice(start, start + length).join('')).split(' ')
        if (!lettersOf(text).includes(word)) return
        held += 1
        expect(mayHold(word)(text)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
    expect(held).toBeGreaterThan(3_000)
  })

  test.each([
    ['coeur', 'Le CŒUR de la manœuvre', true],
    ['elections', 'les Élections', true],
    ['fin', 'la ﬁn', true],
    ['elections', 'les sélection', false],
    ['coeur', 'le cours', false],
    ['мир', 'МИР', true],
    ['report', 'le re\u00adport', true],
  ])('%s in %s', (word, text, holds) => {
    expect(mayHold(word)(text)).toBe(holds)
  })
})
