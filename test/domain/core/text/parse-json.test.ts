import fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultOfThrown } from '../../../../lambdas/domain/core/fault.ts'
import { parseJson } from '../../../../lambdas/domain/core/text/parse-json.ts'

const faultOf = (text: string) => {
  try {
    return parseJson(text)
  } catch (error) {
    const { code, values } = faultOfThrown(error)
    return [code, ...Object.values(values ?? {})]
  }
}

test.each([
  ['{"a": NC, "b": 1}', 6, 'N'],
  ['[1, NaN]', 4, 'N'],
  ['{"a": 1 "b": 2}', 8, '"'],
  ['{"a": tru}', 9, '}'],
  ['[1,]', 3, ']'],
  ['{"a": "x\ny"}', 8, '\n'],
  ['[1] x', 4, 'x'],
  ["{'a': 1}", 1, "'"],
])('the error of %j is at %i', (text, position, first) => {
  const [code, sign, where] = faultOf(text) as [string, { quoted: string }, number]
  expect([code, where]).toEqual(['json.syntax', position])
  expect(sign.quoted.startsWith(first)).toBe(true)
})

test('a text that was cut anywhere ends too early', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, at) => {
      const text = JSON.stringify({ value })
      expect(faultOf(text.slice(0, at % text.length))).toEqual(['json.ends'])
      expect(faultOf(text)).toEqual(JSON.parse(text))
    }),
  )
})
