/** Titles are short, whatever a source calls one, and no character of them is halved. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordingOf } from '../../../lambdas/domain/core/language.ts'
import { languages } from '../../../lambdas/domain/core/languages.ts'
import { every, shortened, titleOf } from '../../../lambdas/domain/page/phrases.ts'

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
    expect(titleOf({ az: 'ə'.repeat(400) }, 'fr')).toEqual({ text: `${'ə'.repeat(299)}…`, lang: 'az' })
  })
})

it('says how often something comes as one would', () => {
  const said = (iso: string) => languages.map((language) => every(iso, wordingOf(language)).replaceAll(/\s/g, ' '))
  expect(said('PT6H')).toEqual(['toutes les 6 heures', 'every 6 hours'])
  expect(said('P7D')).toEqual(['tous les 7 jours', 'every 7 days'])
  expect(said('P1D')).toEqual(['chaque jour', 'every day'])
  expect(said('PT1H')).toEqual(['chaque heure', 'every hour'])
})
