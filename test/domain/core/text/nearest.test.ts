import { expect, test } from 'vitest'
import { nearestOf } from '../../../../lambdas/domain/core/text/nearest.ts'

test.each([
  ['Omrbe', ['Ombre']],
  ['Ombr', ['Ombre']],
  ['secrettga', []],
  ['Mbore', []],
  ['Omb', []],
  // A swap and another slip in a long word.
  ['Matirochca', ['Matriochka']],
])('%s may mean %j', (written, meant) => {
  expect(nearestOf(written, ['Ombre', '#zzsecrettag', 'Matriochka'])).toEqual(meant)
})
