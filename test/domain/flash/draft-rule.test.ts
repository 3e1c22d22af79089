/** When a flash note is drafted: docs/reports.md. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markings } from '../../../lambdas/domain/core/marking.ts'
import { draftCap, type MadeBefore, mayDraft, reasonsFor } from '../../../lambdas/domain/flash/draft-rule.ts'
import { draftRuleSchema } from '../../../lambdas/domain/flash/draft-schema.ts'
import { isFresh } from '../../../lambdas/domain/flash/fresh.ts'
import { detection } from '../../support/detections.ts'

const rule = (input: object = {}) => draftRuleSchema.parse(input)

describe('the rule', () => {
  it('is breakout 4 and an observed effect by default', () => {
    expect(rule()).toEqual({ breakout: 4, effect: true, sets: [] })
    expect(() => rule({ breakout: 7 })).toThrow()
    expect(() => rule({ followed: [] })).toThrow()
  })

  it('requires a breakout or an effect', () => {
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

  it('includes a followed set from its share on, by exact sizes alone', () => {
    const sets = [{ id: 'big-423', share: 50 }]
    type Qualifier = 'exact' | 'at least' | 'about'
    const reasons = (
      value: number,
      size: number,
      part: Qualifier = 'exact',
      whole: Qualifier = 'exact',
      id = 'big-423',
    ) =>
      reasonsFor(
        detection({
          accountSet: { id, name: 'x', size: { value: size, qualifier: whole as 'exact' } },
          counts: { coordinatedAccounts: { value, qualifier: part } },
        }),
        rule({ sets }),
      )
    expect(reasons(212, 423)).toEqual(['account set'])
    expect(reasons(211, 423)).toEqual([])
    expect(reasons(212, 423, 'at least')).toEqual(['account set'])
    expect(reasons(212, 423, 'about')).toEqual([])
    expect(reasons(9, 9, 'exact', 'exact', 'other')).toEqual([])
    expect(reasons(9, 9, 'exact', 'at least')).toEqual([])
  })
})

describe('a draft', () => {
  it('is for recent days: more than a week old is backfill', () => {
    const now = new Date('2024-05-20T12:00:00Z')
    const on = (from: string, to = from) => detection({ observed: { from, to } }).observed
    expect(isFresh(on('2024-05-19'), now)).toBe(true)
    expect(isFresh(on('2024-06-19'), now)).toBe(false)
    expect(isFresh(on('2024-05-13T12:00:00Z'), now)).toBe(true)
    expect(isFresh(on('2024-05-13T11:59:59Z'), now)).toBe(false)
    expect(isFresh(on('2024-05-01'), now)).toBe(false)
    // A month counts until a week after its end.
    expect(isFresh(on('2024-05'), now)).toBe(true)
    expect(isFresh(on('2024-04'), now)).toBe(false)
    expect(isFresh(on('2023-01-01', '2024-05-18'), now)).toBe(true)
  })

  it('is for the usual edition, or a stricter one', () => {
    for (const marking of markings) {
      const cap = draftCap(marking)
      expect(markings.indexOf(cap)).toBeGreaterThanOrEqual(markings.indexOf(marking))
      expect(['TLP:AMBER', marking]).toContain(cap)
    }
  })

  it('is made once for a revision, and never against an analyst', () => {
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
