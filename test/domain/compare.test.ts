import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compare, medianOf } from '../../lambdas/domain/compare.ts'
import type { Total } from '../../lambdas/domain/figures.ts'

const exact = (value: number): Total => ({ value, qualifier: 'exact' })
const notGiven: Total = { value: null, qualifier: 'not given' }

describe('a figure against its past', () => {
  test('far from the median is unusual', () => {
    const past = [214, 187, 96, 231, 150, 190, 201, 187].map(exact)
    expect(compare(exact(5332), past)).toMatchObject({ change: 5145, median: 188.5, reading: 'unusual' })
    expect(compare(exact(200), past).reading).toBe('usual')
  })

  test('after eight quiet weeks, three are no news and four are', () => {
    const quiet = Array(8).fill(exact(0))
    expect(compare(exact(3), quiet).reading).toBe('usual')
    expect(compare(exact(4), quiet).reading).toBe('unusual')
  })

  test('what is not known is not tested', () => {
    expect(compare(notGiven, [exact(1)])).toMatchObject({ change: undefined, reading: 'not tested' })
    expect(compare(exact(1), [notGiven])).toMatchObject({ change: undefined, median: undefined, reading: 'not tested' })
    expect(compare(exact(1), []).reading).toBe('not tested')
  })

  test('half of the values lie on each side of a median', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), (values) => {
        const median = medianOf(values)
        const below = values.filter((value) => value < median).length
        const above = values.filter((value) => value > median).length
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2)
      }),
    )
  })
})
