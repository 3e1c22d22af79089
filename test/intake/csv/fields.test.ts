/** Headings of sheets, and the fields that they are known for. */
import { expect, test } from 'vitest'
import { fitOf } from '../../../lambdas/intake/csv/fields.ts'

test.each(['Date et heure', 'Date/heure', 'Date and time', 'Date'])('%s is when it was seen', (heading) => {
  expect(fitOf(heading)?.field.name).toBe('observed')
})

test('Diffusion is no breakout: sheets write in it to whom a row may go', () => {
  expect(fitOf('Diffusion')).toBeUndefined()
  expect(fitOf('Diffusion artificielle')?.field.name).toBe('criteria.artificial-dissemination')
})
