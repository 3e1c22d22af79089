import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compare, medianOf, type Past } from '../../../lambdas/domain/aggregate/compare.ts'
import type { Total } from '../../../lambdas/domain/core/figures.ts'

const watched = (total: Total): Past => ({ total, watched: true })
const exact = (value: number): Past => watched({ value, qualifier: 'exact' })
const floor = (value: number, atMost?: number): Past =>
  watched({ value, qualifier: 'at least', ...(atMost !== undefined && { atMost }) })
const notGiven = watched({ value: null, qualifier: 'not given' })
const unwatched: Past = { total: { value: null, qualifier: 'not watched' }, watched: false }

describe('a figure against its past', () => {
  test('has its change and the median', () => {
    const past = [214, 187, 96, 231, 150, 190, 201, 187].map(exact)
    expect(compare(exact(5332), past)).toMatchObject({ change: 5145, median: 188 })
  })

  test('a median of counts is a count', () => {
    expect(compare(exact(7), [exact(1003), exact(1004)]).median).toBe(1003)
  })

  test('is compared with no unknown figure', () => {
    expect(compare(notGiven, [exact(1)])).toMatchObject({ change: undefined })
    expect(compare(exact(1), [notGiven])).toMatchObject({ change: undefined, median: undefined })
  })

  test('a period without a watch stays out of the median', () => {
    const past = [...Array(4).fill(exact(100)), ...Array(4).fill(unwatched)]
    expect(compare(exact(5332), past)).toMatchObject({ median: 100, watched: 4, change: undefined })
    expect(compare(exact(5332), past.slice(1))).toMatchObject({ median: 100 })
    expect(compare(exact(0), Array(8).fill(unwatched))).toMatchObject({
      median: undefined,
      watched: 0,
    })
    // A figure that was found later is compared with nothing.
    const late: Past = { ...exact(7), watched: false }
    expect(compare(exact(9), [late])).toMatchObject({ change: undefined, median: undefined })
  })

  test('a median of floors is a floor, and one of estimates an estimate', () => {
    const ten = (qualifier: 'at least' | 'about') => watched({ value: 10, qualifier })
    const qualified = (...past: readonly Past[]) => compare(exact(40), past).medianQualifier
    expect(qualified(exact(10), exact(10))).toBe('exact')
    expect(qualified(exact(10), ten('about'))).toBe('about')
    expect(qualified(exact(10), ten('about'), ten('at least'))).toBe('at least about')
    expect(qualified(exact(10), { ...ten('about'), watched: false })).toBe('exact')
  })

  test('a joint figure is compared with no other', () => {
    const joint = (value: number): Past => ({ ...exact(value), joint: true })
    const past = [...Array(6).fill(exact(100)), joint(7000), exact(100)]
    expect(compare(exact(5332), past)).toMatchObject({ change: 5232, median: 100, watched: 7 })
    expect(compare(exact(5332), past.slice(0, 7))).toMatchObject({ change: undefined, median: 100 })
    expect(compare(joint(5332), past)).toMatchObject({ change: undefined, apart: true })
    expect(compare(exact(5332), past).apart).toBeUndefined()
    expect(compare(exact(5332), [joint(1), joint(2)])).toMatchObject({ median: undefined, watched: 0 })
  })

  test('a floor of 0 is no fall', () => {
    expect(compare(floor(0), Array(8).fill(exact(100)))).toMatchObject({
      change: undefined,
      apart: true,
    })
    expect(compare(exact(0), Array(8).fill(exact(100)))).toMatchObject({ change: -100 })
  })

  test('a floor of 0 in the past is compared with nothing', () => {
    const after = compare(exact(7000), Array(8).fill(floor(0)))
    expect(after).toMatchObject({ change: undefined, median: 0, medianQualifier: 'at least' })
    expect(after.apart).toBeUndefined()
    expect(compare(exact(7000), [...Array(7).fill(exact(100)), floor(0)])).toMatchObject({
      change: undefined,
      median: 100,
    })
  })

  const about = (value: number) => watched({ value, qualifier: 'about' })

  test.each([
    ['two floors', floor(3), floor(31), undefined],
    ['a larger floor after an exact figure', exact(3), floor(5), { changeAtLeast: 2 }],
    ['an equal floor after an exact figure', exact(5), floor(5), undefined],
    ['a smaller floor after an exact figure', exact(7), floor(5), undefined],
    ['a smaller figure after a floor', floor(7), exact(5), { changeAtLeast: -2 }],
    ['a larger figure after a floor', floor(5), exact(7), undefined],
    ['a floor above a ceiling', floor(3, 4), floor(9), { changeAtLeast: 5 }],
    ['a ceiling below a floor', floor(9), floor(3, 4), { changeAtLeast: -5 }],
    ['ranges that overlap', floor(3, 10), floor(9), undefined],
    ['a figure after an estimate', about(3), exact(5), { change: 2 }],
    ['a floor after an estimate', about(3), floor(5), undefined],
  ])('%s: the difference is shown as far as it is known', (_, before, now, known) => {
    const { change, changeAtLeast } = compare(now, [before])
    expect({ change, changeAtLeast }).toEqual({ change: undefined, changeAtLeast: undefined, ...known })
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
