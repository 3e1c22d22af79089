import { describe, expect, test } from 'vitest'
import type { Marking } from '../../../../lambdas/domain/core/marking.ts'
import {
  guardedAfter,
  loweringKey,
  loweringsOf,
  markedIn,
} from '../../../../lambdas/domain/detection/revisions/lowering.ts'
import { detection } from '../../../support/detections.ts'

const withQuotes = (marking: Marking, ...quotes: readonly (readonly [string, Marking?])[]) =>
  detection({
    marking,
    quotes: quotes.map(([text, own]) => ({ text, language: 'fr', ...(own && { marking: own }) })),
  })

/** As it is stored after these revisions. */
const stored = (...revisions: readonly ReturnType<typeof withQuotes>[]) => ({
  marking: revisions.at(-1)?.marking ?? 'TLP:CLEAR',
  guarded: revisions.reduce<ReturnType<typeof guardedAfter>>(guardedAfter, undefined),
  marked: revisions.slice(-1).flatMap(markedIn),
})

const green = (...quotes: readonly (readonly [string, Marking?])[]) => withQuotes('TLP:GREEN', ...quotes)

describe('a lower marking', () => {
  test('of the detection is found, and a higher one is not', () => {
    expect(loweringsOf(stored(withQuotes('TLP:RED')), green())).toEqual([
      { of: 'detection', from: 'TLP:RED', to: 'TLP:GREEN' },
    ])
    expect(loweringsOf(stored(green()), withQuotes('TLP:RED'))).toEqual([])
  })

  test('of a part is found by its words', () => {
    const before = stored(green(['Vive', 'TLP:RED'], ['Bas', 'TLP:AMBER']))
    const lowered = [{ of: 'part', from: 'TLP:RED', to: 'TLP:GREEN' }]
    expect(loweringsOf(before, green(['Bas', 'TLP:AMBER'], [' Vive ']))).toEqual(lowered)
    expect(loweringsOf(before, green(['Vive'], ['Bas']))).toEqual(lowered)
    expect(loweringsOf(before, withQuotes('TLP:RED', ['Vive'], ['Bas']))).toEqual([])
    expect(loweringsOf(before, green())).toEqual([])
    expect(loweringsOf(before, green(['Vive', 'TLP:RED'], ['Bas', 'TLP:AMBER'], ['Autre']))).toEqual([])
  })

  test('of a part is found where only case, signs, accents or spaces changed, also after a revision without it', () => {
    const before = stored(green(['Le général a dit « l’État »', 'TLP:RED']), green())
    for (const text of [
      'LE GÉNÉRAL A DIT « L’ÉTAT »',
      'le general a dit "l\'Etat".',
      '#Le général\u200b a dit – l’E\u0301tat…',
    ])
      expect(loweringsOf(before, green([text]))).toHaveLength(1)
  })

  test('of a part of signs alone is found by its signs', () => {
    const before = stored(green(['🔥', 'TLP:RED'], ['❤️']))
    expect(loweringsOf(before, green([' 🔥 '], ['❤️']))).toHaveLength(1)
    expect(loweringsOf(before, green(['🔥', 'TLP:RED'], ['❤️']))).toEqual([])
  })

  test('of a part is found where other words replace it', () => {
    const before = stored(green(['Vive', 'TLP:RED'], ['Connu']))
    expect(loweringsOf(before, green(['Vivent', 'TLP:AMBER']))).toHaveLength(1)
    expect(loweringsOf(before, green(['Connu'], ['Vivent']))).toEqual([
      { of: 'part', from: 'TLP:RED', to: 'TLP:GREEN' },
    ])
    expect(loweringsOf(before, green(['Connu']))).toEqual([])
    expect(loweringsOf(stored(green(['Vive', 'TLP:RED']), green(['Connu'])), green(['Connu'], ['Nouveau']))).toEqual([])
  })

  test('is none where the same words were stored with the lower marking, in any order', () => {
    const both = [['Vive', 'TLP:RED'], ['Vive']] as const
    for (const quotes of [both, both.toReversed()])
      expect(loweringsOf(stored(green(...quotes)), green(...quotes))).toEqual([])
    expect(loweringsOf(stored(green(['Vive', 'TLP:RED']), green(['Vive'])), green(['Vive']))).toEqual([])
  })

  test('of a part counts also where the whole detection was as strict', () => {
    const raised = stored(green(['Vive', 'TLP:RED']), withQuotes('TLP:AMBER', ['Vive', 'TLP:RED']))
    expect(loweringsOf(raised, green(['Vive']))).toHaveLength(2)
  })

  test('of links and replies is found too, in any language of theirs', () => {
    const party = { name: 'A', kind: 'state' } as const
    const actor = (marking?: Marking) => ({
      ...{ name: 'A', attributedBy: 'V' },
      links: [{ from: party, to: party, fact: { en: 'Paid', fr: 'Payé' }, attributedBy: 'V', marking }],
      replies: [{ by: 'A', text: { und: 'No' }, marking }],
    })
    const before = stored(detection({ marking: 'TLP:GREEN', actor: actor('TLP:RED') }))
    const links = { ...actor(), links: [{ ...actor().links[0], fact: { fr: 'Payé' } }], replies: [] }
    for (const one of [links, { ...actor(), links: [] }])
      expect(loweringsOf(before, detection({ marking: 'TLP:GREEN', actor: one as never }))).toHaveLength(1)
  })

  test('has another key for another marking', () => {
    const keyAfter = (marking: Marking) => loweringKey(loweringsOf(stored(green(['Vive', marking])), green(['Vive'])))
    expect(keyAfter('TLP:RED')).not.toBe(keyAfter('TLP:AMBER'))
  })
})
