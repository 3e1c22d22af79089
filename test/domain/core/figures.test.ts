import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addedTotal,
  adder,
  changeBetween,
  isEstimate,
  isAtLeast,
  rangeIn,
  takeTotal,
  type Total,
  type WideningReason,
  widened,
  wideningReasons,
} from '../../../lambdas/domain/core/figures.ts'
import { coreWordingOf } from '../../../lambdas/domain/core/language/language.ts'

const exact = (value: number): Total => ({ value, qualifier: 'exact' })
const about = (value: number): Total => ({ value, qualifier: 'about' })
const floor = (value: number, atMost?: number): Total => ({
  value,
  qualifier: 'at least',
  ...(atMost !== undefined && { atMost }),
})

const totals: fc.Arbitrary<Total> = fc.oneof(
  fc.nat(50).map(exact),
  fc.nat(50).map(about),
  fc.nat(50).map((value): Total => ({ value, qualifier: 'at least about' })),
  fc
    .tuple(fc.nat(50), fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }))
    .map(([value, more]) => floor(value, more === undefined ? undefined : value + more)),
  fc.constantFrom<Total>({ value: null, qualifier: 'not given' }, { value: null, qualifier: 'not watched' }),
)
const reasons = fc.subarray<WideningReason>([...wideningReasons])

/** A number that a total allows; an estimate and a missing figure allow any. */
const allowedBy = (total: Total, at: number): number => {
  const { least, most } = rangeIn(total)
  return Math.min(most, least + at)
}

describe('a figure of a period that was not wholly watched', () => {
  test('is a floor, whatever it was', () => {
    const why = ['running'] as const
    expect(widened(exact(5), why)).toEqual(floor(5))
    expect(widened(about(5), why)).toEqual({ value: 5, qualifier: 'at least about' })
    expect(widened(floor(100, 160), why)).toEqual(floor(100))
    expect(widened({ value: null, qualifier: 'not given' }, why)).toEqual({ value: null, qualifier: 'not given' })
    expect(widened(floor(100, 160), [])).toEqual(floor(100, 160))
  })

  test('allows all that it allowed before', () => {
    fc.assert(
      fc.property(totals, reasons, (total, why) => {
        const [before, after] = [rangeIn(total), rangeIn(widened(total, why))]
        expect(after.least).toBeLessThanOrEqual(before.least)
        expect(after.most).toBeGreaterThanOrEqual(before.most)
        if (total.value !== null && why.length > 0) expect(after.most).toBe(Number.POSITIVE_INFINITY)
      }),
    )
  })

  test('is the same when it is widened again, by any reason and in any order', () => {
    fc.assert(
      fc.property(totals, reasons, reasons, (total, one, other) => {
        expect(widened(widened(total, one), one)).toEqual(widened(total, one))
        expect(widened(widened(total, one), other)).toEqual(widened(widened(total, other), one))
      }),
    )
  })

  test('adds up as its rows do: a floor among them makes a floor, an estimate an estimate', () => {
    fc.assert(
      fc.property(fc.array(totals, { minLength: 1 }), reasons, (rows, why) => {
        const sumOf = (some: readonly Total[]): Total => {
          const sum = adder()
          for (const one of some) takeTotal(sum, one)
          return addedTotal(sum)
        }
        const given = rows.filter(({ value }) => value !== null)
        fc.pre(given.length > 0)
        const sum = sumOf(rows)
        expect(isAtLeast(sum)).toBe(given.length < rows.length || given.some(isAtLeast))
        expect(isEstimate(sum)).toBe(given.some(isEstimate))
        const ranges = rows.map((one) => rangeIn(one))
        if (!given.some(isEstimate)) expect(rangeIn(sum).least).toBe(ranges.reduce((all, { least }) => all + least, 0))
        // A widened total equals the sum of widened rows.
        expect(widened(sum, why)).toEqual(
          why.length > 0 ? widened(sumOf(rows.map((one) => widened(one, why))), why) : sum,
        )
      }),
    )
  })
})

describe('a change between two figures', () => {
  test('lies within what both allow', () => {
    fc.assert(
      fc.property(totals, totals, reasons, fc.nat(30), fc.nat(30), (before, one, why, at, other) => {
        const now = widened(one, why)
        const change = changeBetween(before, now)
        if (!change) return
        if (change.qualifier === 'about') {
          expect([before, now].some(isAtLeast)).toBe(false)
          return
        }
        const difference = allowedBy(now, at) - allowedBy(before, other)
        if (change.qualifier === 'exact') expect(difference).toBe(change.value)
        else if (change.value > 0) expect(difference).toBeGreaterThanOrEqual(change.value)
        else expect(difference).toBeLessThanOrEqual(change.value)
      }),
    )
  })
})

test('the compiler refuses to print the value of a total without its qualifier', () => {
  const words = coreWordingOf('en')
  const { value } = about(500)
  // @ts-expect-error -- the qualifier is lost
  expect(words.say('figure.none', { value: value ?? 0 })).toBe('500')
  expect(words.total(about(500))).toBe('about 500')
})
