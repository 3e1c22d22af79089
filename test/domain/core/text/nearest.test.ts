import { expect, test } from 'vitest'
import { nearestOf } from '../../../../lambdas/domain/core/text/nearest.ts'

test.each([
  ['Omrbe', ['Ombre']],
  ['Obmre', ['Ombre']],
  ['Ombr', ['Ombre']],
  ['#zzsecrettga', ['#zzsecrettag']],
  ['secrettga', []],
  ['Mbore', []],
  ['Omb', []],
])('%s may mean %j', (written, meant) => {
  expect(nearestOf(written, ['Ombre', '#zzsecrettag', 'Kanaky'])).toEqual(meant)
})

test('a swap may stand beside another slip in a long word', () => {
  expect(nearestOf('Matirochka', ['Matriochka'])).toEqual(['Matriochka'])
  expect(nearestOf('Matirochca', ['Matriochka'])).toEqual(['Matriochka'])
})
