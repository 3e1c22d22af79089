import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { every, inSentences, shortened, titleOf } from '../../../../lambdas/domain/page/words/phrases.ts'

describe('a title', () => {
  it('stays as it is up to 300 characters, and is cut between characters beyond', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 900, size: 'max' }), (text) => {
        const cut = shortened(text)
        if ([...text].length <= 300) expect(cut).toBe(text)
        else {
          expect([...cut].length).toBeLessThanOrEqual(300)
          expect(cut.endsWith('…')).toBe(true)
          expect(text.startsWith(cut.slice(0, -1))).toBe(true)
          expect(cut.isWellFormed()).toBe(text.isWellFormed() || cut.isWellFormed())
        }
      }),
    )
  })

  it('keeps a family whole, and its language', () => {
    const family = '👨‍👩‍👧‍👦'
    expect(shortened(family.repeat(100)).replaceAll(family, '')).toBe('…')
    expect(titleOf({ az: 'ə'.repeat(400) }, 'fr')).toEqual({
      text: `${'ə'.repeat(299)}…`,
      lang: 'az',
      note: '(en azerbaïdjanais dans la source)',
    })
  })
})

describe('how often a source delivers', () => {
  it.each([
    ['P1D', 'chaque jour'],
    ['PT24H', 'chaque jour'],
    ['P7D', 'chaque semaine'],
    ['P1W', 'chaque semaine'],
    ['PT1H', 'chaque heure'],
    ['PT6H', 'toutes les 6 heures'],
    ['P1DT12H', 'toutes les 36 heures'],
    ['PT90M', 'toutes les 90 minutes'],
    ['P1M', 'chaque mois'],
    ['P2Y', 'tous les 2 ans'],
    ['PT30S', 'toutes les 30 secondes'],
  ])('is in the largest unit: %s', (iso, words) => {
    expect(every(iso, wordingOf('fr')).replaceAll(/\s/g, ' ')).toBe(words)
  })
})

it('a text without a stop gets one before the next text', () => {
  const joined = (...texts: readonly string[]) =>
    inSentences(texts.map((text) => [{ text }]))
      .map(({ text }) => text)
      .join('')
  expect(joined('Un effet.', 'Repris au journal 4', 'Propagation.')).toBe('Un effet. Repris au journal 4. Propagation.')
  expect(joined('Vu !', '«\u202fFini.\u202f»', 'Puis coupé…', 'Fin')).toBe('Vu ! «\u202fFini.\u202f» Puis coupé… Fin')
})
