/** Titles are short, whatever a source calls one, and no character of them is halved. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { every, inSentences, shortened, titleOf } from '../../../../lambdas/domain/page/words/phrases.ts'

describe('a title', () => {
  it('stays as it is up to three hundred characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        fc.pre([...text].length <= 300)
        expect(shortened(text)).toBe(text)
      }),
    )
  })

  it('is cut between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 301, maxLength: 900 }), (text) => {
        const cut = shortened(text)
        expect([...cut].length).toBeLessThanOrEqual(300)
        expect(cut.endsWith('…')).toBe(true)
        expect(text.startsWith(cut.slice(0, -1))).toBe(true)
        expect(cut.isWellFormed()).toBe(text.isWellFormed() || cut.isWellFormed())
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
  const said = (iso: string, language: 'fr' | 'en' = 'fr') => every(iso, wordingOf(language)).replaceAll(/\s/g, ' ')

  it.each([
    ['P1D', 'chaque jour'],
    ['PT24H', 'chaque jour'],
    ['P2D', 'tous les 2 jours'],
    ['P7D', 'chaque semaine'],
    ['P1W', 'chaque semaine'],
    ['PT1H', 'chaque heure'],
    ['PT6H', 'toutes les 6 heures'],
    ['P1DT12H', 'toutes les 36 heures'],
    ['PT90M', 'toutes les 90 minutes'],
    ['P1M', 'chaque mois'],
    ['P2Y', 'tous les 2 ans'],
    ['PT30S', 'toutes les 30 secondes'],
  ])('is said as people say it: %s', (iso, words) => {
    expect(said(iso)).toBe(words)
  })

  it('is said in English too', () => {
    expect(['P1D', 'P7D', 'PT6H', 'PT1H'].map((iso) => said(iso, 'en'))).toEqual([
      'every day',
      'every week',
      'every 6 hours',
      'every hour',
    ])
  })
})

it('a source’s words without a stop have one before what follows', () => {
  const said = (...texts: readonly string[]) =>
    inSentences(texts.map((text) => [{ text }]))
      .map(({ text }) => text)
      .join('')
  expect(said('Un effet.', 'Repris au journal 4', 'Propagation.')).toBe('Un effet. Repris au journal 4. Propagation.')
  expect(said('Vu !', '«\u202fFini.\u202f»', 'Puis coupé…', 'Fin')).toBe('Vu ! «\u202fFini.\u202f» Puis coupé… Fin')
})
