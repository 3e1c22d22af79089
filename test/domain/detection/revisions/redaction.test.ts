import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../../lambdas/domain/core/text/canonical.ts'
import { pseudonymForm } from '../../../../lambdas/domain/detection/revisions/pseudonym.ts'
import { redactionOf } from '../../../../lambdas/domain/detection/revisions/redaction.ts'
import { growthOf, linear } from '../../../support/growth.ts'

const pseudonym = `acct-${'a'.repeat(24)}`
const standIn = `acct-${'b'.repeat(24)}`
const of = (name: string | undefined) => redactionOf({ name, pseudonym, replacement: standIn })

describe('stored text', () => {
  test.each([
    ['a mention', 'seen at\n@Some_Body.', 'seen at\n__________.'],
    ['an address', 'https://x.com/some_body/status/1', 'https://x.com/_________/status/1'],
    ['an address with @', 'https://www.tiktok.com/@some_body?x=1', 'https://www.tiktok.com/__________?x=1'],
    ['an address in brackets', 'seen (https://t.me/some_body).', 'seen (https://t.me/_________).'],
  ])('loses the name in %s', (_, text, redacted) => {
    expect(of('@some_body').text(text)).toBe(redacted)
  })

  test.each([
    'the word some_body in a sentence',
    '@some_body2',
    'a@some_body.example.org',
    'https://x.com/some_body2',
    'https://x.example/some_body.html',
  ])('keeps other accounts, and ordinary words: %s', (text) => {
    expect(of('some_body').text(text)).toBe(text)
  })

  test('loses a name in any spelling: composed or not, in an address, in capitals', () => {
    for (const name of ['José_É', 'jose\u0301_e\u0301', 'JOSÉ_É']) {
      const redacted = of(name).text('@José_É @Jose\u0301_E\u0301 https://x.com/Jos%C3%A9_%c3%89/status/1')
      expect(redacted).toMatch(/^_+ _+ https:\/\/x\.com\/_+\/status\/1$/)
    }
  })
})

describe('a stored detection', () => {
  const detection = {
    id: 'a',
    accountRefs: ['Some_Body', 'other', pseudonym],
    coordinatedAccountRefs: ['@some_body'],
    indicators: [
      { type: 'account', value: '@Some_Body' },
      { type: 'url', value: 'https://x.com/some_body' },
    ],
    title: { en: 'By @some_body' },
  }
  const redacted = (name: string | undefined, value: object = detection) =>
    JSON.parse(of(name).json(JSON.stringify(value)))

  test('has the replacement for the pseudonym everywhere', () => {
    const text = `{"accountRefs":["${pseudonym}","acct-${'c'.repeat(24)}"],"summary":"by ${pseudonym}."}`
    expect(of(undefined).json(text)).toBe(text.replaceAll(pseudonym, standIn))
    expect(pseudonymForm.test(standIn)).toBe(true)
  })

  test('has the replacement for stored names, and blanks in texts', () => {
    expect(redacted('some_body')).toEqual({
      id: 'a',
      accountRefs: [standIn, 'other', standIn],
      coordinatedAccountRefs: [standIn],
      indicators: [
        { type: 'account', value: standIn },
        { type: 'url', value: 'https://x.com/_________' },
      ],
      title: { en: 'By __________' },
    })
    expect(of('some_body').json('["Some_Body","other"]')).toBe(`["${standIn}","other"]`)
  })

  test('keeps its fields, codes and words where an account has the same name', () => {
    const plain = {
      id: '@telegram',
      kind: 'campaign',
      campaign: 'by @telegram',
      hashtags: ['title'],
      platforms: ['telegram', 'x'],
      territories: [{ code: 'NC', method: 'explicit' }],
      title: { fr: 'telegram' },
      accountRefs: ['other'],
    }
    for (const name of ['telegram', 'x', 'fr', 'title', 'NC', 'accountRefs', '{', ',', '__proto__']) {
      expect(redacted(name, plain)).toEqual(plain)
    }
  })

  test('keeps the length of its texts', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        fc.string({ maxLength: 60 }),
        (name, text) => {
          const json = canonicalJson({ text: `${text} @${name} ` })
          expect(JSON.parse(of(name).json(json)).text).toHaveLength(`${text} @${name} `.length)
        },
      ),
    )
  })
})

test('the search finds the name as a word in any spelling, or else the pseudonym', () => {
  for (const text of ['by Some.Body', '[https]://some[.]body/x']) expect(of('@some.body').foundIn(text)).toBe('name')
  expect(of('@some.body').foundIn(`some.body2 by ${pseudonym}`)).toBe('pseudonym')
  expect(of(undefined).foundIn('some.body')).toBeUndefined()
})

describe('a record that was never read', () => {
  test('loses each word that is the name', () => {
    const raw = of('Some_Body').raw('id,account\n1,some_body\n2,some_body2\n')
    expect(raw).toBe('id,account\n1,_________\n2,some_body2\n')
  })

  test.each([
    ['a line that JSON writes out', '{"a":"by\\nsome_body"}', 'some_body'],
    ['ASCII alone', '{"a":"Jos\\u00e9 \\u00C9va"}', 'josé éva'],
    ['an address', 'https%3A%2F%2Fx.com%2FJos%C3%A9', 'josé'],
    ['quotes and strokes', '{"a":"say \\"hi\\" \\\\o/"}', 'say "hi" \\o/'],
  ])('loses it in %s', (_, raw, name) => {
    expect(of(name).raw(raw)).toMatch(/_{4}/)
    expect(of(name).raw(raw)).not.toMatch(/some_body|Jos|va|hi/)
  })

  test.each([
    ['\\'.repeat(200), '', '\\'],
    ['%'.repeat(200), '', '%25'],
    ['é'.repeat(200), '', 'e\u0301'],
    [`a ${'b '.repeat(60)}c`, 'a', ' '],
  ])('is read in linear time: %j in %j and many %j', (name, start, part) => {
    const redact = of(name)
    const read = (size: number) => {
      const text = start + part.repeat(size)
      redact.raw(text)
      redact.text(`@${text}`)
    }
    expect(growthOf(2_500, read)).toBeLessThan(linear)
  })
})
