import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compare, medianOf, type Past } from '../../../lambdas/domain/aggregate/compare.ts'
import { changeBetween, type Total } from '../../../lambdas/domain/core/figures.ts'

const watched = (total: Total): Past => ({ total, watched: true })
const exact = (value: number): Past => watched({ value, qualifier: 'exact' })
const notGiven = watched({ value: null, qualifier: 'not given' })
const unwatched: Past = { total: { value: null, qualifier: 'not watched' }, watched: false }

describe('a figure against its past', () => {
  test('far from the median is unusual', () => {
    const past = [214, 187, 96, 231, 150, 190, 201, 187].map(exact)
    expect(compare(exact(5332), past)).toMatchObject({ change: 5145, median: 188, reading: 'unusual' })
    expect(compare(exact(200), past).reading).toBe('usual')
  })

  test('what may be more is unusual above the median alone, and never usual', () => {
    const past = Array(8).fill(exact(1000))
    const floor = (value: number, atMost?: number): Past =>
      watched({ value, qualifier: 'at least', ...(atMost !== undefined && { atMost }) })
    expect(compare(floor(5), past).reading).toBe('not tested')
    expect(compare(floor(1000), past).reading).toBe('not tested')
    expect(compare(floor(5000), past).reading).toBe('unusual')
    expect(compare(floor(5, 9), past).reading).toBe('unusual')
    expect(compare(watched({ value: 5, qualifier: 'at least about' }), past).reading).toBe('not tested')
    expect(compare(watched({ value: 5, qualifier: 'about' }), past).reading).toBe('unusual')
  })

  test('what was not wholly seen is neither usual nor unusual', () => {
    const past = Array(8).fill(exact(1000))
    for (const value of [5, 1000, 5000]) {
      const open: Past = { ...watched({ value, qualifier: 'at least' }), isOpen: true }
      expect(compare(open, past).reading).toBe('not tested')
    }
  })

  test('a median that floors leave open tests nothing', () => {
    const floor = watched({ value: 100, qualifier: 'at least' })
    const past = (floors: number) => [...Array(floors).fill(floor), ...Array(8 - floors).fill(exact(100))]
    expect(compare(exact(5000), past(3)).reading).toBe('unusual')
    expect(compare(exact(5000), past(4)).reading).toBe('not tested')
    expect(compare(exact(5), past(8)).reading).toBe('unusual')
    expect(compare(exact(100), past(8)).reading).toBe('not tested')
  })

  test('a median of counts is a count', () => {
    expect(compare(exact(7), [exact(1003), exact(1004)]).median).toBe(1003)
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

  test('a period that nobody watched stays out of the median', () => {
    const past = [...Array(4).fill(exact(100)), ...Array(4).fill(unwatched)]
    expect(compare(exact(5332), past)).toMatchObject({ median: 100, watched: 4, change: undefined, reading: 'unusual' })
    expect(compare(exact(5332), past.slice(1))).toMatchObject({ median: 100, reading: 'not tested' })
    expect(compare({ ...exact(5332), watched: false }, past).reading).toBe('not tested')
    expect(compare(exact(0), Array(8).fill(unwatched))).toMatchObject({
      median: undefined,
      watched: 0,
      reading: 'not tested',
    })
    // Found later, in a week that nobody watched: a figure, and nothing to compare with.
    const late: Past = { ...exact(7), watched: false }
    expect(compare(exact(9), [late])).toMatchObject({ change: undefined, median: undefined })
  })

  test('a median of floors is a floor, and one of estimates an estimate', () => {
    const ten = (qualifier: 'at least' | 'about') => watched({ value: 10, qualifier })
    const qualified = (...past: readonly Past[]) => compare(exact(40), past).medianQualifier
    expect(qualified(exact(10), exact(10))).toBe('exact')
    expect(qualified(exact(10), ten('about'))).toBe('about')
    expect(qualified(exact(10), ten('about'), ten('at least'))).toBe('at least about')
    // What nobody watched is no part of it.
    expect(qualified(exact(10), { ...ten('about'), watched: false })).toBe('exact')
  })

  test('a joint figure is held against none, and none against it', () => {
    const joint = (value: number): Past => ({ ...exact(value), joint: true })
    const past = [...Array(6).fill(exact(100)), joint(7000), exact(100)]
    expect(compare(exact(5332), past)).toMatchObject({ change: 5232, median: 100, watched: 7, reading: 'unusual' })
    expect(compare(exact(5332), past.slice(0, 7))).toMatchObject({ change: undefined, median: 100, reading: 'unusual' })
    expect(compare(joint(5332), past)).toMatchObject({ change: undefined, reading: 'not tested', apart: true })
    expect(compare(exact(5332), past).apart).toBeUndefined()
    expect(compare(exact(5332), [joint(1), joint(2)])).toMatchObject({ median: undefined, watched: 0 })
  })

  test('nothing found on the few days that were watched is no fall', () => {
    const few = watched({ value: 0, qualifier: 'at least' })
    const fall = compare(few, Array(8).fill(exact(100)))
    expect(fall).toMatchObject({ change: undefined, reading: 'not tested', apart: true })
    expect(compare(exact(0), Array(8).fill(exact(100)))).toMatchObject({ change: -100, reading: 'unusual' })
  })

  test('a floor of 0 among the past is held against nothing', () => {
    const few = watched({ value: 0, qualifier: 'at least' })
    const after = compare(exact(7000), Array(8).fill(few))
    expect(after).toMatchObject({ change: undefined, median: 0, medianQualifier: 'at least', reading: 'not tested' })
    expect(after.apart).toBeUndefined()
    expect(compare(exact(7000), [...Array(7).fill(exact(100)), few])).toMatchObject({
      ...{ change: undefined, median: 100, reading: 'unusual' },
    })
  })

  test('two floors have no known difference, and a floor beside an exact figure a bound at most', () => {
    const floor = (value: number, atMost?: number): Past =>
      watched({ value, qualifier: 'at least', ...(atMost !== undefined && { atMost }) })
    const told = (before: Past, now: Past) => {
      const { change, changeAtLeast } = compare(now, [before])
      return change ?? (changeAtLeast === undefined ? 'not known' : `at least ${changeAtLeast}`)
    }
    expect(told(floor(7000), floor(5332))).toBe('not known')
    expect(told(floor(3), floor(31))).toBe('not known')
    expect(told(exact(3), floor(5))).toBe('at least 2')
    expect(told(exact(5), floor(5))).toBe('not known')
    expect(told(exact(7), floor(5))).toBe('not known')
    expect(told(floor(7), exact(5))).toBe('at least -2')
    expect(told(floor(5), exact(7))).toBe('not known')
    // With a ceiling both are ranges.
    expect(told(floor(3, 4), floor(9))).toBe('at least 5')
    expect(told(floor(9), floor(3, 4))).toBe('at least -5')
    expect(told(floor(3, 10), floor(9))).toBe('not known')
    const about = (value: number) => watched({ value, qualifier: 'about' })
    expect([told(about(3), exact(5)), told(about(3), floor(5))]).toEqual([2, 'not known'])
  })

  test('what is told of a difference holds for whatever the figures are', () => {
    const ranges = fc
      .record({ value: fc.nat(50), more: fc.option(fc.nat(20), { nil: undefined }), isFloor: fc.boolean() })
      .map(({ value, more, isFloor }): Total & { value: number } =>
        isFloor
          ? { value, qualifier: 'at least', ...(more !== undefined && { atMost: value + more }) }
          : { value, qualifier: 'exact' },
      )
    fc.assert(
      fc.property(ranges, ranges, fc.nat(30), fc.nat(30), (before, now, one, other) => {
        const real = (total: Total & { value: number }, beyond: number): number =>
          total.qualifier === 'exact' ? total.value : Math.min(total.value + beyond, total.atMost ?? Number.MAX_VALUE)
        const change = changeBetween(before, now)
        const difference = real(now, other) - real(before, one)
        if (change?.qualifier === 'exact') expect(difference).toBe(change.value)
        else if (change && change.value > 0) expect(difference).toBeGreaterThanOrEqual(change.value)
        else if (change) expect(difference).toBeLessThanOrEqual(change.value)
      }),
    )
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
