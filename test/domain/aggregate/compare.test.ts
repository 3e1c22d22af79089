import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compare, medianOf, type Comparison, type Past } from '../../../lambdas/domain/aggregate/compare.ts'
import type { Total } from '../../../lambdas/domain/core/figures.ts'

type Reading = Comparison['reading']

const watched = (total: Total): Past => ({ total, watched: true })
const exact = (value: number): Past => watched({ value, qualifier: 'exact' })
const floor = (value: number, atMost?: number): Past =>
  watched({ value, qualifier: 'at least', ...(atMost !== undefined && { atMost }) })
const notGiven = watched({ value: null, qualifier: 'not given' })
const unwatched: Past = { total: { value: null, qualifier: 'not watched' }, watched: false }

describe('a figure against its past', () => {
  test('far from the median is unusual', () => {
    const past = [214, 187, 96, 231, 150, 190, 201, 187].map(exact)
    expect(compare(exact(5332), past)).toMatchObject({ change: 5145, median: 188, reading: 'unusual' })
    expect(compare(exact(200), past).reading).toBe('usual')
  })

  test.each<[string, Past, Reading]>([
    ['a floor below the median', floor(5), 'not tested'],
    ['a floor at the median', floor(1000), 'not tested'],
    ['a floor far above', floor(5000), 'unusual'],
    ['a floor with a ceiling far below', floor(5, 9), 'unusual'],
    ['an estimated floor', watched({ value: 5, qualifier: 'at least about' }), 'not tested'],
    ['an estimate', watched({ value: 5, qualifier: 'about' }), 'unusual'],
    ['an open period at the median', { ...floor(1000), isOpen: true }, 'not tested'],
    ['an open period far above', { ...floor(5000), isOpen: true }, 'not tested'],
  ])('after eight periods of 1,000, %s is read as expected', (_, now, reading) => {
    expect(compare(now, Array(8).fill(exact(1000))).reading).toBe(reading)
  })

  test('a median that floors leave open tests nothing', () => {
    const past = (floors: number) => [...Array(floors).fill(floor(100)), ...Array(8 - floors).fill(exact(100))]
    expect(compare(exact(5000), past(3)).reading).toBe('unusual')
    expect(compare(exact(5000), past(4)).reading).toBe('not tested')
    expect(compare(exact(5), past(8)).reading).toBe('unusual')
    expect(compare(exact(100), past(8)).reading).toBe('not tested')
  })

  test('a median of counts is a count', () => {
    expect(compare(exact(7), [exact(1003), exact(1004)]).median).toBe(1003)
  })

  test('after eight quiet weeks three posts are usual, and four unusual', () => {
    const quiet = Array(8).fill(exact(0))
    expect(compare(exact(3), quiet).reading).toBe('usual')
    expect(compare(exact(4), quiet).reading).toBe('unusual')
  })

  test('an unknown figure is not tested', () => {
    expect(compare(notGiven, [exact(1)])).toMatchObject({ change: undefined, reading: 'not tested' })
    expect(compare(exact(1), [notGiven])).toMatchObject({ change: undefined, median: undefined, reading: 'not tested' })
    expect(compare(exact(1), []).reading).toBe('not tested')
  })

  test('a period without a watch stays out of the median', () => {
    const past = [...Array(4).fill(exact(100)), ...Array(4).fill(unwatched)]
    expect(compare(exact(5332), past)).toMatchObject({ median: 100, watched: 4, change: undefined, reading: 'unusual' })
    expect(compare(exact(5332), past.slice(1))).toMatchObject({ median: 100, reading: 'not tested' })
    expect(compare({ ...exact(5332), watched: false }, past).reading).toBe('not tested')
    expect(compare(exact(0), Array(8).fill(unwatched))).toMatchObject({
      median: undefined,
      watched: 0,
      reading: 'not tested',
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
    expect(compare(exact(5332), past)).toMatchObject({ change: 5232, median: 100, watched: 7, reading: 'unusual' })
    expect(compare(exact(5332), past.slice(0, 7))).toMatchObject({ change: undefined, median: 100, reading: 'unusual' })
    expect(compare(joint(5332), past)).toMatchObject({ change: undefined, reading: 'not tested', apart: true })
    expect(compare(exact(5332), past).apart).toBeUndefined()
    expect(compare(exact(5332), [joint(1), joint(2)])).toMatchObject({ median: undefined, watched: 0 })
  })

  test('a floor of 0 is no fall', () => {
    expect(compare(floor(0), Array(8).fill(exact(100)))).toMatchObject({
      change: undefined,
      reading: 'not tested',
      apart: true,
    })
    expect(compare(exact(0), Array(8).fill(exact(100)))).toMatchObject({ change: -100, reading: 'unusual' })
  })

  test('a floor of 0 in the past is compared with nothing', () => {
    const after = compare(exact(7000), Array(8).fill(floor(0)))
    expect(after).toMatchObject({ change: undefined, median: 0, medianQualifier: 'at least', reading: 'not tested' })
    expect(after.apart).toBeUndefined()
    expect(compare(exact(7000), [...Array(7).fill(exact(100)), floor(0)])).toMatchObject({
      change: undefined,
      median: 100,
      reading: 'unusual',
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
