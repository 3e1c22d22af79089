/** Sessions as cookies hold them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { type Going, lasts, sealWith, sessionIn, type Visitor } from '../../../lambdas/web/sign-in/sessions.ts'

const at = Date.parse('2024-05-20T06:00:00Z')
let now = at
const sealOf = (digit: string) =>
  sealWith(
    async () => digit.repeat(64),
    () => new Date(now),
  )
const seal = sealOf('a')
const visitor: Visitor = { caller: everything, name: 'prefet@example.org', formToken: 't'.repeat(43) }
const going: Going = { state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43), to: '/room' }

describe('a sealed session', () => {
  test('opens as what was sealed, until its hour is over', async () => {
    now = at
    const sealed = await seal.close('session', visitor)
    for (const [seconds, content] of [
      [0, visitor],
      [lasts.session - 1, visitor],
      [lasts.session + 1, undefined],
    ] as const) {
      now = at + seconds * 1_000
      expect(await seal.open('session', sealed)).toEqual(content)
    }
    now = at
  })

  test('is unreadable for a browser, and fits into a cookie', async () => {
    const sealed = await seal.close('session', visitor)
    const readable = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString())
    expect(readable.join()).not.toMatch(/prefet|TLP|reports/)
    expect(sealed.length).toBeLessThan(2_000)
  })

  test('is opened by its own key alone, for its own purpose alone', async () => {
    const [session, signIn] = [await seal.close('session', visitor), await seal.close('going', going)]
    expect(await sealOf('b').open('session', session)).toBeUndefined()
    expect(await seal.open('going', session)).toBeUndefined()
    expect(await seal.open('session', signIn)).toBeUndefined()
    expect(await seal.open('going', signIn)).toEqual(going)
  })

  test('does not open once a character of it is changed', async () => {
    const sealed = await seal.close('session', visitor)
    const bytesOf = (text: string) =>
      text
        .split('.')
        .map((part) => Buffer.from(part, 'base64url').toString('hex'))
        .join('.')
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.base64String({ minLength: 4, maxLength: 4 }), async (at, text) => {
        const changed = `${sealed.slice(0, at)}${text[0] ?? 'A'}${sealed.slice(at + 1)}`
        // The last character of a part has bits that no byte needs.
        fc.pre(bytesOf(changed) !== bytesOf(sealed))
        expect(await seal.open('session', changed)).toBeUndefined()
      }),
    )
  })

  test('does not open from any other text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 5_000 }), async (text) => {
        expect(await seal.open('session', text)).toBeUndefined()
      }),
    )
    // An unsealed token, which some libraries accept.
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ value: visitor, aud: 'session', exp: 9e9 })).toString('base64url')}.`
    expect(await seal.open('session', none)).toBeUndefined()
  })

  test('needs a valid key', async () => {
    const odd = sealWith(
      async () => 'short',
      () => new Date(now),
    )
    await expect(odd.close('session', visitor)).rejects.toThrow('64 hexadecimal digits')
  })
})

test('a request has a session in one cookie, and none in two', () => {
  expect(sessionIn(['a=1', '__Host-vigie=x.y'])).toBe('x.y')
  expect(sessionIn(['__Host-vigie=x', '__Host-vigie=y'])).toBeUndefined()
  expect(sessionIn(['vigie=x', '__Host-vigie-sign-in=y'])).toBeUndefined()
  expect(sessionIn([])).toBeUndefined()
})
