import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { unfold } from '../../../lambdas/domain/core/schema-fault.ts'
import { contrastOf, organisationSchema } from '../../../lambdas/domain/report/organisation.ts'

const refusal = (value: unknown) => {
  const { error } = organisationSchema.safeParse(value)
  return error?.issues.map((issue) => faultText(unfold(issue)))
}

const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`)

describe('an organisation', () => {
  test('may have no field, or all', () => {
    expect(organisationSchema.parse({})).toEqual({})
    expect(
      refusal({ organisation: 'Cellule', accent: '#0c4a57', accentDark: '#7cc0cc', sections: ['sources', 'time'] }),
    ).toBeUndefined()
  })

  test.each([
    [{ accent: '#ffd700' }, 'cannot be read on the light paper: its contrast is 1.4, and text needs 4.5'],
    [{ accentDark: '#0c4a57' }, 'cannot be read on the dark paper'],
    [{ accent: 'red' }, 'must be a colour such as #0c4a57'],
    [{ mail: { fullUpTo: 'TLP:RED' } }, 'must be one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT'],
    [{ sections: ['time'] }, 'must keep sources'],
    [{ sections: ['sources', 'sources'] }, 'must name each section once'],
  ])('%j is refused: %s', (input, message) => {
    expect(refusal(input)?.join(' ')).toContain(message)
  })

  test('contrast is symmetric, from 1 to 21', () => {
    expect(contrastOf('#000000', '#ffffff')).toBeCloseTo(21)
    fc.assert(
      fc.property(hex, hex, (a, b) => {
        expect(contrastOf(a, b)).toBe(contrastOf(b, a))
        expect(contrastOf(a, b)).toBeGreaterThanOrEqual(1)
        expect(contrastOf(a, a)).toBe(1)
      }),
    )
  })

  test('has checked rules of intake', () => {
    const rule = { name: 'a', match: { hashtag: '#a' }, territories: ['Kanaky'] }
    expect(
      organisationSchema.parse({ placing: { by: 'Ana', rules: [rule] }, aliases: { platforms: { Twitter: ['X'] } } }),
    ).toEqual({
      placing: { by: 'Ana', rules: [{ name: 'a', match: { hashtag: ['#a'] }, territories: ['NC'] }] },
      aliases: { platforms: { Twitter: ['X'] } },
    })
    expect(refusal({ placing: { by: 'Ana', rules: [{ ...rule, territories: ['ZZ'] }] } })?.join(' ')).toContain('"ZZ"')
    expect(refusal({ aliases: { campaigns: { A: ['c'], B: ['C'] } } })?.join(' ')).toContain(
      'both have the spelling "C"',
    )
  })
})
