import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  closedMarking,
  fitsUnder,
  markingSlug,
  markings,
  parseMarking,
  strictest,
} from '../../../lambdas/domain/core/marking.ts'

const marking = fc.constantFrom(...markings)

describe('a marking', () => {
  test.each([
    ['amber', 'TLP:AMBER'],
    ['tlp:white', 'TLP:CLEAR'],
    ['amber-strict', 'TLP:AMBER+STRICT'],
    [' GREEN ', 'TLP:GREEN'],
  ])('%j reads as %s', (text, expected) => {
    expect(parseMarking(text)).toBe(expected)
  })

  test('any other text is refused as input, and RED in stored data', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('TLP:', 'TLP:PINK', 'TLP AMBER', 'AMBER+')), (text) => {
        const known = markings.some((one) => [one, one.slice(4)].includes(text.trim().toUpperCase()))
        fc.pre(!known)
        expect(() => parseMarking(text)).toThrow(/TLP 2.0 has/)
        expect(closedMarking(text)).toBe('TLP:RED')
      }),
    )
    expect([undefined, null, 3, {}].map(closedMarking)).toEqual(Array(4).fill('TLP:RED'))
  })

  test('markings are ordered from CLEAR to RED', () => {
    fc.assert(
      fc.property(marking, marking, (a, b) => {
        expect(fitsUnder(a, b) || fitsUnder(b, a)).toBe(true)
        expect(fitsUnder(a, strictest([a, b])) && fitsUnder(b, strictest([a, b]))).toBe(true)
        expect(parseMarking(markingSlug(a))).toBe(a)
      }),
    )
    expect(strictest([])).toBe('TLP:CLEAR')
    expect(fitsUnder('TLP:AMBER+STRICT', 'TLP:AMBER')).toBe(false)
    // Stored data may hold what the type excludes.
    expect(fitsUnder('TLP:WHITE' as 'TLP:CLEAR', 'TLP:RED')).toBe(false)
    expect(fitsUnder('TLP:CLEAR', 'TLP:WHITE' as 'TLP:RED')).toBe(false)
  })
})
