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
  test('is what was put into it, until its hour is over', async () => {
    now = at
    const sealed = await seal.close('session', visitor)
    expect(await seal.open('session', sealed)).toEqual(visitor)
    now = at + (lasts.session - 1) * 1_000
    expect(await seal.open('session', sealed)).toEqual(visitor)
    now = at + (lasts.session + 1) * 1_000
    expect(await seal.open('session', sealed)).toBeUndefined()
    now = at
  })

  test('tells a browser nothing, and fits into a cookie', async () => {
    const sealed = await seal.close('session', visitor)
    const readable = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString())
    expect(readable.join()).not.toMatch(/prefet|TLP|reports/)
    expect(sealed.length).toBeLessThan(2_000)
  })

  test('is opened by its own key alone, and as nothing else', async () => {
    const [session, signIn] = [await seal.close('session', visitor), await seal.close('going', going)]
    expect(await sealOf('b').open('session', session)).toBeUndefined()
    expect(await seal.open('going', session)).toBeUndefined()
    expect(await seal.open('session', signIn)).toBeUndefined()
    expect(await seal.open('going', signIn)).toEqual(going)
  })

  test('is nothing once a sign of it is another', async () => {
    const sealed = await seal.close('session', visitor)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(sealed.length - 1),
        fc.base64String({ minLength: 4, maxLength: 4 }),
        async (place, text) => {
          const sign = text[0] ?? 'A'
          const changed = `${sealed.slice(0, place)}${sign}${sealed.slice(place + 1)}`
          // The last sign of a part holds bits that no byte needs.
          const same = changed.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'))
          fc.pre(
            same.join('.') !==
              sealed
                .split('.')
                .map((part) => Buffer.from(part, 'base64url').toString('hex'))
                .join('.'),
          )
          expect(await seal.open('session', changed)).toBeUndefined()
        },
      ),
    )
  })

  test('is nothing, whatever else stands in its place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 5_000 }), async (text) => {
        expect(await seal.open('session', text)).toBeUndefined()
      }),
    )
    // A token that is not sealed at all, as other libraries have let through.
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ value: visitor, aud: 'session', exp: 9e9 })).toString('base64url')}.`
    expect(await seal.open('session', none)).toBeUndefined()
  })

  test('asks for a key that is one', async () => {
    const odd = sealWith(
      async () => 'short',
      () => new Date(now),
    )
    await expect(odd.close('session', visitor)).rejects.toThrow('64 hexadecimal digits')
  })
})

test('of the cookies of a request, one is the session; of two, none', () => {
  expect(sessionIn(['a=1', '__Host-vigie=x.y'])).toBe('x.y')
  expect(sessionIn(['__Host-vigie=x', '__Host-vigie=y'])).toBeUndefined()
  expect(sessionIn(['vigie=x', '__Host-vigie-sign-in=y'])).toBeUndefined()
  expect(sessionIn([])).toBeUndefined()
})
