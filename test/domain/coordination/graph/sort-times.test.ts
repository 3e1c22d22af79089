import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placesTo, timeSorter } from '../../../../lambdas/domain/coordination/graph/sort-times.ts'

const start = 1_715_558_400_000

/** Many equal times, or times too large to sort with their places. */
const times = fc.oneof(
  fc.array(
    fc.integer({ min: 0, max: 20 }).map((seconds) => start + 1_000 * seconds),
    { maxLength: 200, size: 'max' },
  ),
  fc.array(fc.constantFrom(0, 0.5, start, start + 0.25), { maxLength: 60, size: 'max' }),
  fc.array(fc.constantFrom(0, 1, 8.64e15, 8.64e15 - 1, -8.64e15), { maxLength: 60, size: 'max' }),
)

test('a stretch of an order is sorted as by a stable sort, and the rest is unchanged', () => {
  let long = 0
  fc.assert(
    fc.property(times, fc.nat({ max: 30 }), fc.nat({ max: 30 }), fc.boolean(), (list, before, after, isTurned) => {
      const from = Math.min(before, list.length)
      const to = Math.max(from, list.length - after)
      if (to - from > 16) long += 1
      const places = isTurned ? placesTo(list.length).reverse() : placesTo(list.length)
      const sorted = [...places.slice(from, to)].sort((one, other) => (list[one] as number) - (list[other] as number))
      const expected = [...places.slice(0, from), ...sorted, ...places.slice(to)]
      const sort = timeSorter(list.length)
      // One sorter sorts several stretches.
      sort(placesTo(list.length).reverse(), Float64Array.from(list), 0, from)
      sort(places, Float64Array.from(list), from, to)
      expect([...places]).toEqual(expected)
    }),
    { numRuns: 500 },
  )
  expect(long).toBeGreaterThan(50)
})
