/** When a flash note is drafted: the rule of docs/reports.md, on what one detection says. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markings } from '../../../lambdas/domain/core/marking.ts'
import { draftCap, type MadeBefore, mayDraft, reasonsFor } from '../../../lambdas/domain/flash/draft-rule.ts'
import { draftRuleSchema } from '../../../lambdas/domain/flash/draft-schema.ts'
import { isFresh } from '../../../lambdas/domain/flash/fresh.ts'
import { detection } from '../../support/detections.ts'

const rule = (said: object = {}) => draftRuleSchema.parse(said)

describe('the rule', () => {
  it('is breakout 4 and an observed effect where the house says no more', () => {
    expect(rule()).toEqual({ breakout: 4, effect: true, sets: [] })
    expect(() => rule({ breakout: 7 })).toThrow()
    expect(() => rule({ followed: [] })).toThrow()
  })

  it('wants what breaks out so far, or has an effect', () => {
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
        fc.constantFrom('observed', 'none', undefined),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        (category, state, breakout, effect) => {
          const one = detection({
            ...(category && { breakout: { category: category as 1 } }),
            ...(state && { observedEffect: { state } }),
          })
          expect(reasonsFor(one, rule({ breakout, effect }))).toEqual([
            ...(category !== undefined && category >= breakout ? ['breakout'] : []),
            ...(effect && state === 'observed' ? ['effect'] : []),
          ])
        },
      ),
    )
  })

  it('wants a followed set from its share on, by exact sizes alone', () => {
    const sets = [{ id: 'big-423', share: 50 }]
    const seen = (value: number, size: number, said: object = {}) =>
      reasonsFor(
        detection({
          accountSet: { id: 'big-423', name: 'x', size },
          counts: { coordinatedAccounts: value },
          ...said,
        }),
        rule({ sets }),
      )
    expect(seen(212, 423)).toEqual(['account set'])
    expect(seen(211, 423)).toEqual([])
    expect(seen(212, 423, { counts: { coordinatedAccounts: { value: 212, qualifier: 'at least' } } })).not.toEqual([])
    expect(seen(212, 423, { counts: { coordinatedAccounts: { value: 212, qualifier: 'about' } } })).toEqual([])
    expect(seen(9, 9, { accountSet: { id: 'other', name: 'x', size: 9 } })).toEqual([])
    expect(seen(9, 9, { accountSet: { id: 'big-423', name: 'x', size: { value: 9, qualifier: 'at least' } } })).toEqual(
      [],
    )
  })
})

describe('a draft', () => {
  it('is of these days: what was over a week before it came is backfill', () => {
    const now = new Date('2024-05-20T12:00:00Z')
    const on = (from: string, to = from) => detection({ observed: { from, to } }).observed
    expect(isFresh(on('2024-05-19'), now)).toBe(true)
    expect(isFresh(on('2024-05-13T12:00:00Z'), now)).toBe(true)
    expect(isFresh(on('2024-05-13T11:59:59Z'), now)).toBe(false)
    expect(isFresh(on('2024-05-01'), now)).toBe(false)
    // Known to a month that is not over, or over since a week at most.
    expect(isFresh(on('2024-05'), now)).toBe(true)
    expect(isFresh(on('2024-04'), now)).toBe(false)
    expect(isFresh(on('2023-01-01', '2024-05-18'), now)).toBe(true)
  })

  it('is shown by its edition, the usual one where that is enough', () => {
    for (const marking of markings) {
      const cap = draftCap(marking)
      expect(markings.indexOf(cap)).toBeGreaterThanOrEqual(markings.indexOf(marking))
      expect(['TLP:AMBER', marking]).toContain(cap)
    }
  })

  it('is made once for a revision, and never against a person', () => {
    const made = fc.record({
      draft: fc.option(
        fc.record({ of: fc.constant('d'), revision: fc.integer({ min: 1, max: 5 }), reasons: fc.constant([]) }),
        { nil: undefined },
      ),
      isRecalled: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(made, { maxLength: 4 }), fc.integer({ min: 1, max: 6 }), (all: MadeBefore[], revision) => {
        const allowed = mayDraft(all, revision)
        const byHand = all.some(({ draft }) => !draft)
        const refused = all.some(({ isRecalled }) => isRecalled)
        const done = all.some(({ draft }) => (draft?.revision ?? 0) >= revision)
        expect(allowed).toBe(!byHand && !refused && !done)
      }),
    )
  })
})
