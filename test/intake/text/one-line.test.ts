/** A text on one line: no longer than its limit, and without half a character. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oneLine } from '../../../lambdas/intake/text/one-line.ts'

test('a text on one line is cut between two characters', () => {
  expect(oneLine(`${'a'.repeat(298)}😀😀`)).toBe(`${'a'.repeat(298)}😀😀`)
  expect(oneLine(`${'a'.repeat(298)}😀😀😀`)).toBe(`${'a'.repeat(298)}😀…`)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, maxChars) => {
      const line = oneLine(text, maxChars)
      expect([...line].length).toBeLessThanOrEqual(maxChars)
      expect(line).not.toMatch(/[\n\r\p{C}]/u)
      expect(line.isWellFormed()).toBe(true)
    }),
  )
})
