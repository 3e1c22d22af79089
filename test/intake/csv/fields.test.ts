/** Headings of sheets, and the fields that they are known for. */
import { expect, test } from 'vitest'
import { fitOf } from '../../../lambdas/intake/csv/fields.ts'

test.each(['Date et heure', 'Date/heure', 'Date and time', 'Date'])('%s is when it was seen', (heading) => {
  expect(fitOf(heading)?.field.name).toBe('observed')
})
