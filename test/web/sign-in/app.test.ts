/** Signing in with a real issuer on loopback, its failures, and the rights that claims give. */
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rightsOf } from '../../../lambdas/domain/access/roles.ts'
import { signInApp } from '../../../lambdas/web/sign-in/app.ts'
import { personIn } from '../../../lambdas/web/sign-in/identity.ts'
import { issuerAt } from '../../../lambdas/web/sign-in/issuer.ts'
import { sealWith, type Visitor } from '../../../lambdas/web/sign-in/sessions.ts'
import { now } from '../../support/clock.ts'
import { clientId, type IssuerHere, startIssuer } from '../../support/issuer.ts'

const site = 'https://room.example.org'
const back = 'http://127.0.0.1:1/sign-in/back'
const people = {
  prefet: { email: 'prefet@example.org', vigie_clearance: 'TLP:AMBER', vigie_territories: 'NC COR' },
  analyst: { email: 'analyst@example.org', vigie_clearance: 'TLP:RED', vigie_territories: 'NC' },
  stranger: { email: 'stranger@example.org' },
}

let here: IssuerHere
let app: Hono
const logged: { what: string; facts: Readonly<Record<string, unknown>> }[] = []
const seal = sealWith(async () => 'c'.repeat(64), now)
const appAt = (issuer: string) =>
  signInApp({
    issuer: issuerAt({ issuer, clientId, back }),
    seal,
    signOutUrl: 'https://sign-in.example.org/out',
    organisation: {},
    log: (what, facts) => void logged.push({ what, facts }),
  })

beforeAll(async () => {
  here = await startIssuer(people, [back])
  app = appAt(here.url)
})
afterAll(() => here.close())

const ask = (path: string, init: RequestInit = {}) => app.request(`${site}${path}`, init)
const cookiesOf = (answer: Response) =>
  new Map(
    answer.headers.getSetCookie().map((cookie) => {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      return [name, value] as const
    }),
  )

/** Signs in at the issuer. @returns the way back, with the cookie of the sign-in under way */
const goAs = async (login: string, to = '/room') => {
  const gone = await ask(`/sign-in?to=${encodeURIComponent(to)}`)
  const going = cookiesOf(gone).get('__Host-vigie-sign-in') ?? ''
  const came = new URL(await here.walk(gone.headers.get('location') ?? '', login))
  return { path: `${came.pathname}${came.search}`, cookie: `__Host-vigie-sign-in=${going}` }
}

const signIn = async (login: string, to?: string) => {
  const { path, cookie } = await goAs(login, to)
  return ask(path, { headers: { cookie } })
}

const sessionOf = async (answer: Response): Promise<Visitor | undefined> =>
  seal.open('session', cookiesOf(answer).get('__Host-vigie'))

describe('signing in', () => {
  test('goes to the issuer with a challenge, and comes back to the requested page with a session', async () => {
    const gone = await ask('/sign-in?to=%2Froom%3Fterritory%3DNC')
    expect(gone.status).toBe(302)
    const url = new URL(gone.headers.get('location') ?? '')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: back,
      scope: 'openid email profile',
    })
    const answer = await signIn('prefet', '/room?territory=NC')
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/room?territory=NC'])
    expect(await sessionOf(answer)).toMatchObject({
      name: 'prefet@example.org',
      caller: {
        who: 'prefet prefet@example.org',
        clearance: 'TLP:AMBER',
        territories: ['NC', 'COR'],
        scopes: ['reports:read', 'watch:read'],
        roles: ['reader'],
      },
    })
    expect(logged.at(-1)).toEqual({
      what: 'signed in',
      facts: { who: 'prefet prefet@example.org', clearance: 'TLP:AMBER', territories: 'NC COR' },
    })
  })

  test('sets cookies for an hour that scripts do not see and other sites do not send', async () => {
    const cookies = (await signIn('prefet')).headers.getSetCookie()
    const session = cookies.find((cookie) => cookie.startsWith('__Host-vigie='))
    expect(session).toMatch(/; Max-Age=3600;/)
    for (const flag of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) expect(session).toContain(flag)
    expect(session).not.toContain('Domain')
    expect(cookies.find((cookie) => cookie.startsWith('__Host-vigie-sign-in='))).toContain('Max-Age=0')
  })

  test('without clearance or territory gives no session', async () => {
    const answer = await signIn('stranger')
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('stranger@example.org')
    expect(cookiesOf(answer).has('__Host-vigie')).toBe(false)
  })

  test.each([
    '//evil.example.org/room',
    'https://evil.example.org/room',
    '/roomy',
    '/room/../sign-out',
    '/\\evil.example.org',
    '/room\r\nset-cookie: a=b',
    `/room?${'x'.repeat(3_000)}`,
    // Too long for a cookie once it is percent-encoded.
    `/room?${'é'.repeat(1_500)}`,
  ])('does not lead to %s', async (to) => {
    const location = (await signIn('prefet', to)).headers.get('location') ?? ''
    const led = new URL(location, site)
    expect([led.origin, /^\/room(\/|$)/.test(led.pathname)]).toEqual([site, true])
    expect(location).not.toMatch(/[\r\n\\]/)
  })
})

describe('no session comes from', () => {
  const refused = async (path: string, cookie: string) => {
    const answer = await ask(path, { headers: { cookie } })
    return [answer.status, cookiesOf(answer).has('__Host-vigie')]
  }

  test('an answer that another browser asked for', async () => {
    const [own, other] = [await goAs('prefet'), await goAs('analyst')]
    expect(await refused(own.path, other.cookie)).toEqual([400, false])
    expect(await refused(own.path, '')).toEqual([400, false])
    expect(await refused(own.path, '__Host-vigie-sign-in=forged')).toEqual([400, false])
  })

  test('an answer that was used', async () => {
    const { path, cookie } = await goAs('prefet')
    expect((await ask(path, { headers: { cookie } })).status).toBe(303)
    expect(await refused(path, cookie)).toEqual([400, false])
  })

  test('the first of two tabs, and the second one can still sign in', async () => {
    const [first, second] = [await goAs('prefet'), await goAs('prefet')]
    const headers = { cookie: second.cookie }
    const early = await ask(first.path, { headers })
    expect([early.status, early.headers.getSetCookie()]).toEqual([400, []])
    expect((await ask(second.path, { headers })).status).toBe(303)
  })

  test('a guessed code, or none', async () => {
    const { path, cookie } = await goAs('prefet')
    for (const guessed of [
      path.replace(/code=[^&]+/, 'code=guessed'),
      '/sign-in/back',
      '/sign-in/back?error=access_denied&error_description=%3Cscript%3E',
    ])
      expect(await refused(guessed, cookie)).toEqual([400, false])
    expect(JSON.stringify(logged.at(-1))).not.toContain('script')
  })

  test('an issuer that is away, until it is back', async () => {
    const away = appAt('http://127.0.0.1:1')
    const answer = await away.request(`${site}/sign-in`)
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('127.0.0.1')
    expect((await signIn('prefet')).status).toBe(303)
  })
})

test('a changed client secret is read again once the issuer refuses the old one', async () => {
  const shut = await startIssuer(people, [back], 'the new one')
  const secrets = ['the old one', 'the new one']
  const clientSecret = async () => secrets.shift() ?? 'none'
  const issuer = issuerAt({ issuer: shut.url, clientId, clientSecret, back })
  const finish = async () => {
    const { url, going } = await issuer.begin()
    return issuer.finish(new URL(await shut.walk(url, 'prefet')).search, { ...going, to: '/room' })
  }
  try {
    await expect(finish()).rejects.toMatchObject({ error: 'invalid_client' })
    for (const _ of [1, 2]) expect(await finish()).toMatchObject({ sub: 'prefet' })
    expect(secrets).toEqual([])
  } finally {
    await shut.close()
  }
})

test('an issuer that fails during the way back is a logged failure, not the reader’s', async () => {
  const failing = await startIssuer(people, [back])
  const site = appAt(failing.url)
  const gone = await site.request('/sign-in')
  const came = new URL(await failing.walk(gone.headers.get('location') ?? '', 'prefet'))
  await failing.close()
  const cookie = `__Host-vigie-sign-in=${cookiesOf(gone).get('__Host-vigie-sign-in')}`
  const answer = await site.request(`/sign-in/back${came.search}`, { headers: { cookie } })
  expect([answer.status, logged.at(-1)?.what]).toEqual([500, 'request failed'])
  expect(await answer.text()).not.toContain(new URL(failing.url).host)
})

describe('signing out', () => {
  const leave = async (token: string, session: string, headers: Record<string, string> = {}) =>
    ask('/sign-out', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        cookie: `__Host-vigie=${session}`,
        ...headers,
      },
      body: new URLSearchParams({ token }),
    })
  const signedIn = async () => {
    const answer = await signIn('prefet')
    const session = cookiesOf(answer).get('__Host-vigie') ?? ''
    return { session, token: (await seal.open('session', session))?.formToken ?? '' }
  }

  test('removes the cookie, and links to the sign-out of the issuer', async () => {
    const { session, token } = await signedIn()
    const answer = await leave(token, session)
    expect(answer.status).toBe(200)
    expect(answer.headers.getSetCookie().join()).toMatch(/^__Host-vigie=;.*Max-Age=0/)
    expect(await answer.text()).toContain('href="https://sign-in.example.org/out"')
  })

  test('needs a form of the same session', async () => {
    const { session, token } = await signedIn()
    for (const answer of [
      await leave('guessed', session),
      await leave(token, session, { 'sec-fetch-site': 'cross-site' }),
      await leave(token, session, { 'content-type': 'text/plain' }),
    ]) {
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []])
    }
  })

  test('without a session succeeds', async () => {
    expect((await leave('', '')).status).toBe(200)
  })
})

describe('claims', () => {
  const base = { sub: '1', vigie_clearance: 'TLP:GREEN', vigie_territories: ['NC', 'MQ'] }
  const scopesOf = (scopes: string) => personIn({ ...base, vigie_scopes: scopes })?.caller.scopes

  test('are read as the issuer gives them: as lists, or as custom ones of Cognito', () => {
    expect(personIn(base)?.caller).toMatchObject({ who: '1', clearance: 'TLP:GREEN', territories: ['NC', 'MQ'] })
    const cognito = { sub: '1', 'custom:vigie_clearance': 'TLP:AMBER', 'custom:vigie_territories': 'NC,MQ' }
    expect(personIn(cognito)?.caller).toMatchObject({ clearance: 'TLP:AMBER', territories: ['NC', 'MQ'] })
  })

  test('give the rights of their roles, and never that of programs to send detections', () => {
    const read = ['reports:read', 'reports:create', 'detections:read', 'watch:read']
    expect(scopesOf('reports:create detections:read detections:write')).toEqual(read)
    const both = personIn({ ...base, vigie_scopes: 'analyst operator' })?.caller
    expect([both?.roles, both?.scopes]).toEqual([['analyst', 'operator'], rightsOf(['analyst', 'operator'])])
    expect(scopesOf('operator')).toEqual(['watch:read', 'reports:renew', 'house:write'])
  })

  test.each([
    {},
    { ...base, sub: undefined },
    { ...base, sub: 7 },
    { ...base, vigie_clearance: 'everything' },
    { ...base, vigie_territories: 'XX' },
    { ...base, vigie_territories: { NC: true } },
    { ...base, vigie_territories: { toString: 'NC' } },
    { ...base, vigie_territories: [['NC']] },
    { ...base, vigie_territories: 'NC-MQ' },
    { ...base, vigie_clearance: ['TLP:RED'] },
    { ...base, vigie_clearance: 'TLP:RED ' },
    { ...base, vigie_clearance: 'red' },
    { ...base, vigie_territories: 'all NC' },
    { ...base, vigie_territories: ['all', 'NC'] },
    { ...base, vigie_territories: ['NC MQ'] },
    { ...base, vigie_territories: 'NC  MQ' },
    { ...base, vigie_territories: '' },
  ])('make no caller of %j', (odd) => {
    expect(personIn(odd)).toBeUndefined()
  })
})
