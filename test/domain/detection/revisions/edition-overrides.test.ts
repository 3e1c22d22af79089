import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Marking, markings } from '../../../../lambdas/domain/core/marking.ts'
import type { Detection } from '../../../../lambdas/domain/detection/detection.ts'
import type { Correction } from '../../../../lambdas/domain/detection/revisions/correction.ts'
import {
  type Before,
  editionOverridesOf,
  correctedInEdition,
  shownCorrectedFields,
  revisionInEdition,
} from '../../../../lambdas/domain/detection/revisions/edition-overrides.ts'
import { detection } from '../../../support/detections.ts'

/** A revision: its open parts, its marked quote, and its own marking. */
type State = {
  readonly posts: number
  readonly quote: number
  readonly quoteMarking: Marking
  readonly plates: number
  readonly marking: Marking
}

const rank = (marking: Marking): number => markings.indexOf(marking)

const state = fc.record({
  posts: fc.integer({ min: 1, max: 2 }),
  quote: fc.integer({ min: 0, max: 2 }),
  quoteMarking: fc.constantFrom(...markings),
  plates: fc.integer({ min: 0, max: 1 }),
  marking: fc.constantFrom<Marking>('TLP:CLEAR', 'TLP:GREEN', 'TLP:GREEN', 'TLP:AMBER'),
})

const detectionIn = ({ posts, quote, quoteMarking, plates, marking }: State): Detection =>
  detection({
    ...{ id: 'd', marking, counts: { posts } },
    ...(quote > 0 && {
      quotes: [{ text: `said ${quote}`, language: 'fr', translations: [], marking: quoteMarking }],
    }),
    ...(plates > 0 && { plates: ['a'.repeat(64)] }),
  } as never)

/** By the rule: each change that an edition sees is one number more. */
const expected = (states: readonly State[], cap: Marking): readonly (number | undefined)[] => {
  let [number, seen]: [number, string | undefined] = [0, undefined]
  return states.map(({ posts, quote, quoteMarking, marking }) => {
    if (rank(marking) > rank(cap)) {
      seen = undefined
      return undefined
    }
    const isQuoted = quote > 0 && rank(quoteMarking) <= rank(cap)
    const now = [posts, marking, ...(isQuoted ? [quote, quoteMarking] : [])].join()
    if (now !== seen) number += 1
    seen = now
    return number
  })
}

/** As the store keeps them: each state that differs is a revision. */
const kept = (states: readonly State[]): readonly Before[] => {
  const revisions: Before[] = []
  for (const [at, one] of states.entries()) {
    const next = { revision: at + 1, storedAt: `at ${at + 1}`, detection: detectionIn(one), corrections: [] }
    revisions.push({ ...next, isActive: true, below: editionOverridesOf(next, revisions.at(-1)) })
  }
  return revisions
}

const isOther = (one: State, at: number, all: readonly State[]): boolean => {
  const before = all[at - 1]
  return !before || JSON.stringify(detectionIn(one)) !== JSON.stringify(detectionIn(before))
}

describe('the revision that an edition shows', () => {
  test('counts the changes that the edition shows', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 8 }), fc.constantFrom(...markings), (some, cap) => {
        const states = some.filter(isOther)
        const told = kept(states).map((one, at) =>
          rank(states[at]?.marking ?? 'TLP:RED') > rank(cap) ? undefined : revisionInEdition(one, cap),
        )
        expect(told).toEqual(expected(states, cap))
      }),
      { numRuns: 2_000 },
    )
  })

  test('is the stored one where no part has its own marking', () => {
    const states = [1, 2, 1].map(
      (posts) => ({ ...{ posts, quote: 0, plates: 0 }, quoteMarking: 'TLP:CLEAR', marking: 'TLP:CLEAR' }) as const,
    )
    expect(kept(states).map(({ below }) => below)).toEqual([undefined, undefined, undefined])
  })

  test('continues the numbers of its source', () => {
    const of = (revision: number, posts: number, quote: number) => ({
      ...{ revision, storedAt: '', corrections: [] },
      detection: detectionIn({ posts, quote, plates: 0, quoteMarking: 'TLP:RED', marking: 'TLP:GREEN' }),
    })
    const first = { ...of(5, 1, 0), isActive: true, below: undefined }
    const quoted = { ...of(6, 1, 1), isActive: true, below: editionOverridesOf(of(6, 1, 1), first) }
    const later = { ...of(9, 2, 1), below: editionOverridesOf(of(9, 2, 1), quoted) }
    expect([first, quoted, later].map((one) => revisionInEdition(one, 'TLP:GREEN'))).toEqual([5, 5, 8])
    expect([first, quoted, later].map((one) => revisionInEdition(one, 'TLP:RED'))).toEqual([5, 6, 9])
  })

  test('is the stored one for detections of earlier versions of the program', () => {
    const of = (revision: number, marking: Marking) => ({
      ...{ revision, storedAt: '', corrections: [] },
      detection: detectionIn({ posts: revision, quote: 0, plates: 0, quoteMarking: 'TLP:CLEAR', marking }),
    })
    const before = { ...of(4, 'TLP:AMBER'), isActive: true, below: undefined }
    expect(
      revisionInEdition({ ...of(5, 'TLP:GREEN'), below: editionOverridesOf(of(5, 'TLP:GREEN'), before) }, 'TLP:GREEN'),
    ).toBe(5)
  })
})

describe('the corrected fields that an edition shows', () => {
  const quotesWith = (...quoted: readonly Marking[]) => ({
    quotes: quoted.map((marking) => ({ text: marking, language: 'fr', translations: [], marking })),
  })
  const correction = (field: string, over: object, value: object): Correction => ({
    ...{ field, value, over: [over], by: 'A', reason: 'r', at: '2024-05-20T00:00:00.000Z' },
  })

  test('are those that differ for the edition', () => {
    const stands = detection({ id: 'd', marking: 'TLP:GREEN', ...quotesWith('TLP:GREEN', 'TLP:RED') } as never)
    const corrections = [
      correction('quotes', quotesWith('TLP:GREEN'), quotesWith('TLP:GREEN', 'TLP:RED')),
      correction('title', { title: { fr: 'before' } }, { title: stands.title }),
      correction('plates', {}, {}),
    ]
    const below = editionOverridesOf({ revision: 2, detection: stands, corrections }, undefined)
    const told = (cap: Marking) => correctedInEdition({ corrected: ['quotes', 'title'], below }, cap)
    expect(told('TLP:GREEN')).toEqual(['title'])
    expect(told('TLP:AMBER')).toEqual(['title'])
    expect(told('TLP:RED')).toEqual(['quotes', 'title'])
  })

  test('exclude an actor’s replies where the added one is above the cap', () => {
    const reply = (marking: Marking) => ({ by: 'BIG', text: { en: marking }, marking })
    const actor = { name: 'BIG', attributedBy: 'VIGINUM' }
    const replies = (...all: readonly Marking[]) => ({ actor: { replies: all.map(reply) } })
    const of = (all: readonly Marking[], more: readonly Correction[] = []) => {
      const stands = { id: 'd', marking: 'TLP:GREEN', actor: { ...actor, ...replies(...all).actor } }
      const corrections = [correction('actor.replies', replies('TLP:GREEN'), replies(...all)), ...more]
      const below = editionOverridesOf({ revision: 2, detection: detection(stands as never), corrections }, undefined)
      return markings.map((cap) =>
        correctedInEdition({ corrected: shownCorrectedFields(corrections), below }, cap)?.join(),
      )
    }
    const other = correction('actor', { actor: { ...actor, attributedBy: 'EEAS' } }, { actor })
    const [, green, amber, , red] = of(['TLP:GREEN', 'TLP:RED'])
    expect([green, amber, red]).toEqual([undefined, undefined, 'actor.replies'])
    expect(of(['TLP:GREEN', 'TLP:RED'], [other])[1]).toBe('actor')
    expect(of(['TLP:GREEN', 'TLP:GREEN'])[1]).toBe('actor.replies')
  })
})
