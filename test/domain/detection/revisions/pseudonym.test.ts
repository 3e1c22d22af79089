import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accountName, pseudonymOf } from '../../../../lambdas/domain/detection/revisions/pseudonym.ts'

const key = Buffer.alloc(32, 7)
const pseudonym = pseudonymOf(key)
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('İstanbul', 'ΑΣ', ' @@Name', 'ﬁ', 'e\u0301', 'STRASSE', '1797584320938545153'),
)

describe('accountName', () => {
  test.each([
    ['@BakuInitiative', 'bakuinitiative'],
    ['Jose\u0301', 'jos\u00e9'],
    ['@user@Instance.social', 'user@instance.social'],
    ['Jean \t Dupont', 'jean dupont'],
    ['@', ''],
  ])('%j is %j', (written, name) => {
    expect(accountName(written)).toBe(name)
  })

  test('is the same when repeated', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(accountName(accountName(name))).toBe(accountName(name))
      }),
    )
  })
})

describe('pseudonymOf', () => {
  test('is the HMAC of the name’s one spelling', () => {
    const hex = createHmac('sha256', key).update('bakuinitiative').digest('hex')
    expect(pseudonym('@BakuInitiative ')).toBe(`acct-${hex.slice(0, 24)}`)
    // These only look like pseudonyms.
    expect(pseudonym('acct-1234')).toMatch(/^acct-[0-9a-f]{24}$/)
    expect(pseudonym(`acct-${'g'.repeat(24)}`)).not.toContain('g')
  })

  test('is another one for another name, and for another key', () => {
    const other = pseudonymOf(Buffer.alloc(32, 8))
    fc.assert(
      fc.property(names, names, (one, two) => {
        expect(pseudonym(one) === pseudonym(two)).toBe(accountName(one) === accountName(two))
        expect(pseudonym(one)).not.toBe(other(one))
      }),
    )
  })

  test('of a pseudonym is itself, also under another key', () => {
    const other = pseudonymOf(Buffer.alloc(32, 8))
    fc.assert(
      fc.property(names, (name) => {
        const one = pseudonym(name)
        expect(one).toMatch(/^acct-[0-9a-f]{24}$/)
        expect(pseudonym(one)).toBe(one)
        expect(pseudonym(` @${one.toUpperCase()}`)).toBe(one)
        expect(other(one)).toBe(one)
      }),
    )
  })

  test('a short key is refused, and not shown', () => {
    expect(() => pseudonymOf(Buffer.from('fifteen-bytes--'))).toThrow(
      new RangeError('a key for pseudonyms has at least 16 bytes, this one has 15'),
    )
  })
})
