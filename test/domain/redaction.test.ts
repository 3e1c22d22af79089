/** What becomes of an account's name where somebody asks to be forgotten. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pseudonymForm } from '../../lambdas/domain/pseudonym.ts'
import { redactionOf } from '../../lambdas/domain/redaction.ts'

const pseudonym = `acct-${'a'.repeat(24)}`
const standIn = `acct-${'b'.repeat(24)}`
const of = (name: string | undefined) => redactionOf({ name, pseudonym, standIn })

describe('stored text', () => {
  test('has the stand-in in the place of the pseudonym, wherever it is', () => {
    const text = `{"accountRefs":["${pseudonym}","acct-${'c'.repeat(24)}"],"summary":"by ${pseudonym}."}`
    expect(of(undefined).stored(text)).toBe(text.replaceAll(pseudonym, standIn))
    expect(pseudonymForm.test(standIn)).toBe(true)
  })

  test.each([
    ['a mention', 'seen at @Some_Body, twice', 'seen at __________, twice'],
    ['a mention at the end of a sentence', 'seen at @some_body.', 'seen at __________.'],
    ['an address', 'https://x.com/some_body/status/1', 'https://x.com/_________/status/1'],
    ['an address with @', 'https://www.tiktok.com/@some_body?x=1', 'https://www.tiktok.com/__________?x=1'],
    ['an address that ends', 'https://t.me/some_body', 'https://t.me/_________'],
    ['a reference under its own name', '["Some_Body","other"]', `["${standIn}","other"]`],
  ])('has no name of it left in %s', (_, text, redacted) => {
    expect(of('@some_body').stored(text)).toBe(redacted)
  })

  test.each([
    'somebody else',
    'the word some_body in a sentence',
    '@some_body2',
    'a@some_body.example.org',
    'https://x.com/some_body2',
    '"some_body and others"',
  ])('keeps what is another’s, or a word like others: %s', (text) => {
    expect(of('some_body').stored(text)).toBe(text)
  })

  test('keeps its length but for references, and its other signs, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20 }), fc.string({ maxLength: 60 }), (name, text) => {
        const json = JSON.stringify({ text: `${text} @${name} ` })
        const redacted = of(name).stored(json)
        expect(redacted.length).toBe(json.length)
        expect(() => JSON.parse(redacted)).not.toThrow()
      }),
    )
  })
})

test('a record that was never read loses every word that is the name', () => {
  expect(of('Some_Body').raw('id,account\n1,some_body\n2,some_body2\n')).toBe('id,account\n1,_________\n2,some_body2\n')
})
