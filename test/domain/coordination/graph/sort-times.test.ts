/** Sorted by numbers alone, by insertion or by comparing: always as a stable sort by time has it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placesTo, timeSorter } from '../../../../lambdas/domain/coordination/graph/sort-times.ts'

const start = 1_715_558_400_000

/** Few times, so that many are the same; or times that no place fits beside. */
const times = fc.oneof(
  fc.array(
    fc.integer({ min: 0, max: 20 }).map((seconds) => start + 1_000 * seconds),
    { maxLength: 200, size: 'max' },
  ),
  fc.array(fc.constantFrom(0, 0.5, start, start + 0.25), { maxLength: 60, size: 'max' }),
  fc.array(fc.constantFrom(0, 1, 8.64e15, 8.64e15 - 1, -8.64e15), { maxLength: 60, size: 'max' }),
)

test('stretches of an order are sorted as a stable sort does, and nothing else is touched', () => {
  let long = 0
  fc.assert(
    fc.property(times, fc.nat({ max: 30 }), fc.nat({ max: 30 }), fc.boolean(), (list, before, after, isTurned) => {
      const from = Math.min(before, list.length)
      const to = Math.max(from, list.length - after)
      if (to - from > 16) long += 1
      const places = isTurned ? placesTo(list.length).reverse() : placesTo(list.length)
      const sorted = [...places.slice(from, to)].sort((one, other) => (list[one] as number) - (list[other] as number))
      const expected = [...places.slice(0, from), ...sorted, ...places.slice(to)]
      timeSorter(list.length)(places, Float64Array.from(list), from, to)
      expect([...places]).toEqual(expected)
    }),
    { numRuns: 500 },
  )
  expect(long).toBeGreaterThan(50)
})

test('one sorter sorts stretch after stretch', () => {
  const sort = timeSorter(100)
  const list = Float64Array.from({ length: 100 }, (_, at) => start + ((at * 37) % 100) * 1_000)
  const order = placesTo(100)
  for (const [from, to] of [
    [0, 60],
    [60, 63],
    [63, 100],
  ] as const) {
    sort(order, list, from, to)
    const inStretch = [...order.slice(from, to)].map((place) => list[place] as number)
    expect(inStretch).toEqual(inStretch.toSorted((a, b) => a - b))
    expect([...order.slice(from, to)].sort((a, b) => a - b)).toEqual([...placesTo(100).slice(from, to)])
  }
})
