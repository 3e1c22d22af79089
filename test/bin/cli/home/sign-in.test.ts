/** `vigie serve` behind a reverse proxy, with a real issuer on loopback: who may do what, hosts, cookies, sessions. */
import { once } from 'node:events'
import { chmod, rm, stat, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { siteHere } from '../../../../bin/cli/deliver.ts'
import { type Served, serve } from '../../../../bin/cli/home/server.ts'
import { signInHere } from '../../../../bin/cli/home/sign-in.ts'
import { everything } from '../../../../lambdas/domain/access/caller.ts'
import { programTokensIn } from '../../../../lambdas/usecases/program-tokens.local.ts'
import { newFolder } from '../../../support/cli.ts'
import { input } from '../../../support/detections.ts'
import { clientId, type IssuerHere, startIssuer } from '../../../support/issuer.ts'
import { ingestInto, type Opened, openServices } from '../../../support/services.ts'

const publicUrl = 'https://vigie.example.org'
const start = '2024-06-01T00:00:00.000Z'
const amber = { vigie_clearance: 'TLP:AMBER', vigie_territories: 'NC' }
const people: Record<string, Record<string, string | boolean>> = {
  reader: { email: 'reader@example.org', ...amber },
  analyst: { email: 'analyst@example.org', ...amber, vigie_scopes: 'analyst' },
  green: { email: 'green@example.org', ...amber, vigie_clearance: 'TLP:GREEN', vigie_scopes: 'analyst' },
  stranger: { email: 'stranger@example.org' },
  listed: { email: 'Listed@example.org', email_verified: true },
}

let opened: Opened
let issuer: IssuerHere
let served: Served
let remove: () => Promise<void>
const stop = new AbortController()

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder, start)
  await ingestInto(opened, [input({ id: 'one', territories: ['NC'], marking: 'TLP:AMBER' })])
  issuer = await startIssuer(people, [`${publicUrl}/sign-in/back`])
  const asked = { port: 0, publicUrl, signIn: { issuer: issuer.url, clientId } }
  served = await serve(asked, { ...opened.context, stopping: stop.signal })
})
afterAll(async () => {
  stop.abort()
  await served.ended
  await issuer.close()
  await opened.close()
  await remove()
})

type Headers = Readonly<Record<string, string>>

/** As the proxy sends it: over loopback, with the browser's host. */
const ask = async (path: string, headers: Headers = {}, form?: Headers, url = served.url) => {
  const sent = request(`${url}${path}`, {
    agent: false,
    method: form ? 'POST' : 'GET',
    headers: {
      host: 'vigie.example.org',
      'accept-language': 'en',
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
  })
  const answered = once(sent, 'response')
  sent.end(form && new URLSearchParams(form).toString())
  const [answer] = (await answered) as [IncomingMessage]
  const text = (await answer.setEncoding('utf8').toArray()).join('')
  return { status: answer.statusCode, headers: answer.headers, text, cookies: answer.headers['set-cookie'] ?? [] }
}

const cookieIn = (cookies: readonly string[]) => cookies.map((cookie) => cookie.split(';')[0]).join('; ')

const back = async (login: string, url = served.url) => {
  const gone = await ask('/sign-in?to=%2Froom%2Fcoverage', {}, undefined, url)
  const came = await issuer.walk(gone.headers.location ?? '', login)
  expect(came.startsWith(`${publicUrl}/sign-in/back?`)).toBe(true)
  return ask(came.slice(publicUrl.length), { cookie: cookieIn(gone.cookies) }, undefined, url)
}

const signedIn = async (login: string): Promise<Headers> => {
  const { cookies } = await back(login)
  return { cookie: cookieIn(cookies.filter((cookie) => cookie.startsWith('__Host-vigie='))) }
}

const statusesOf = async (headers: Headers, paths: readonly string[]) =>
  Promise.all(paths.map(async (path) => (await ask(path, headers)).status))

test('the room asks to sign in, and no printed address or token opens it', async () => {
  const { status, text } = await ask('/room/coverage')
  expect(status).toBe(401)
  expect(text).toContain('href="/sign-in?to&#x3D;%2Froom%2Fcoverage"')
  expect([served.entrance, served.token]).toEqual([`${publicUrl}/room`, undefined])
  expect(await statusesOf({}, [`/enter/${'0'.repeat(64)}`, '/healthz'])).toEqual([404, 200])
  const refused = await ask('/reports', { authorization: 'Bearer undefined' })
  expect([refused.status, refused.text.includes('vigie serve')]).toEqual([401, false])
})

test('signing in leads to the asked page, with a session for this site, over https, for an hour', async () => {
  const { status, headers, cookies } = await back('reader')
  expect([status, headers.location]).toEqual([303, '/room/coverage'])
  expect(headers['strict-transport-security']).toContain('max-age')
  const session = cookies.find((cookie) => cookie.startsWith('__Host-vigie='))
  expect(session).toMatch(/; Max-Age=3600; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  const room = await ask('/room', { cookie: cookieIn(cookies) })
  expect([room.status, room.text.includes('reader@example.org')]).toEqual([200, true])
  expect((await back('stranger')).status).toBe(403)
})

test('a reader cannot do what an analyst does, and a clearance limits both', async () => {
  const pages = ['/room', '/room/reports', '/room/detections/one', '/room/detections/one/withdraw', '/room/tokens']
  expect(await statusesOf(await signedIn('reader'), pages)).toEqual([200, 403, 403, 403, 403])
  expect(await statusesOf(await signedIn('analyst'), pages)).toEqual([200, 200, 200, 200, 403])
  expect(await statusesOf(await signedIn('green'), pages)).toEqual([200, 200, 404, 404, 403])
  const green = await signedIn('green')
  const token = /name="token" value="([^"]+)"/.exec((await ask('/room/reports', green)).text)?.[1] ?? ''
  const form = { token, territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER' }
  expect((await ask('/room/reports', green, form)).status).toBe(403)
})

test('programs have tokens of vigie tokens, and a session opens no API', async () => {
  const rights = { scopes: ['reports:read'], territories: ['NC'], clearance: 'TLP:GREEN' } as const
  const { token } = await programTokensIn(opened.table).add(
    { name: 'p', ...rights },
    'Ana',
    everything,
    new Date(start),
  )
  expect((await ask('/reports', { authorization: `Bearer ${token}` })).status).toBe(200)
  expect((await ask('/reports', await signedIn('analyst'))).status).toBe(401)
})

describe('the public URL decides scheme and host', () => {
  const forwarded = {
    'x-forwarded-host': 'evil.example.org',
    'x-forwarded-proto': 'http',
    'x-forwarded-port': '81',
    'x-forwarded-for': '127.0.0.1',
    forwarded: 'for=127.0.0.1;host=evil.example.org;proto=http',
  }

  test('whatever a client forwards', async () => {
    const feed = await ask('/room/feed.atom', { ...(await signedIn('reader')), ...forwarded })
    expect(feed.text).toContain(`href="${publicUrl}/room/archive"`)
    expect(feed.text).not.toContain('evil.example.org')
    const going = new URL((await ask('/sign-in', forwarded)).headers.location ?? '')
    expect(going.searchParams.get('redirect_uri')).toBe(`${publicUrl}/sign-in/back`)
    expect((await ask('/room', forwarded)).status).toBe(401)
  })

  test('a foreign host is refused, also one that claims to be forwarded', async () => {
    for (const host of ['evil.example.org', 'vigie.example.org.evil.example', 'xvigie.example.org'])
      expect((await ask('/room', { host, 'x-forwarded-host': 'vigie.example.org' })).status).toBe(421)
  })

  test('forms come from its origin only, also where a browser sends no Sec-Fetch-Site', async () => {
    const analyst = await signedIn('analyst')
    const token = /name="token" value="([^"]+)"/.exec((await ask('/room/reports', analyst)).text)?.[1] ?? ''
    const send = async (origin: string) => (await ask('/room/reports', { ...analyst, origin }, { token })).status
    expect(await Promise.all([publicUrl, 'http://vigie.example.org', served.url].map(send))).toEqual([422, 403, 403])
  })

  test('links of mails name it', async () => {
    expect([served.site, await siteHere(opened.context)]).toEqual([publicUrl, publicUrl])
  })
})

describe('a session ends', () => {
  test('an hour after the sign-in, and the next one has the roles of then', async () => {
    const before = await signedIn('analyst')
    people.analyst = { ...people.analyst, vigie_scopes: 'reader' }
    expect(await statusesOf(before, ['/room/reports'])).toEqual([200])
    opened.at('2024-06-01T01:00:01.000Z')
    expect(await statusesOf(before, ['/room/reports'])).toEqual([401])
    expect(await statusesOf(await signedIn('analyst'), ['/room', '/room/reports'])).toEqual([200, 403])
  })

  test('in this browser by signing out, with a form of the session only', async () => {
    const reader = await signedIn('reader')
    const token = /name="token" value="([^"]+)"/.exec((await ask('/room', reader)).text)?.[1] ?? ''
    expect((await ask('/sign-out', reader, { token: 'guessed' })).status).toBe(403)
    const { status, cookies } = await ask('/sign-out', reader, { token })
    expect([status, cookies]).toEqual([200, [expect.stringMatching(/^__Host-vigie=; Max-Age=0; Path=\/;.* Secure/)]])
  })

  test('at once with its entry of vigie.json, which gives the rights in place of claims', async () => {
    const settings = join(opened.context.folder, 'vigie.json')
    const keep = (entries: object) => writeFile(settings, JSON.stringify({ people: entries }))
    const entry = { roles: ['analyst'], territories: ['NC'], clearance: 'TLP:AMBER' }
    const claimed = await signedIn('reader')
    await keep({
      'listed@example.org': entry,
      'reader@example.org': entry,
      green: { ...entry, roles: ['reader', 'reports:create'] },
    })
    const pages = ['/room', '/room/reports']
    expect(await statusesOf(claimed, pages)).toEqual([401, 401])
    // The issuer has not verified the address of the reader.
    expect((await back('reader')).status).toBe(403)
    expect(await statusesOf(await signedIn('green'), pages)).toEqual([200, 200])
    const session = await signedIn('listed')
    expect(await statusesOf(session, pages)).toEqual([200, 200])
    await keep({ 'listed@example.org': { ...entry, roles: ['reader'] } })
    expect(await statusesOf(session, pages)).toEqual([200, 403])
    await keep({})
    expect(await statusesOf(session, pages)).toEqual([401, 401])
    await rm(settings)
    expect(await statusesOf(session, pages)).toEqual([401, 401])
  })

  test('where vigie.json is gone, and claims do not replace it before a new start', async () => {
    const settings = join(opened.context.folder, 'vigie.json')
    const entry = { roles: ['reader'], territories: 'all', clearance: 'TLP:RED' }
    await writeFile(settings, JSON.stringify({ people: { reader: { name: 'R. Martin', ...entry } } }))
    const signIn = { issuer: issuer.url, clientId }
    const other = await serve({ port: 0, publicUrl, signIn }, { ...opened.context, stopping: stop.signal })
    const { cookies } = await back('reader', other.url)
    // Named by vigie.json: the issuer has not verified the address.
    const room = await ask('/room', { cookie: cookieIn(cookies) }, undefined, other.url)
    expect([room.status, room.text.includes('R. Martin'), room.text.includes('reader@')]).toEqual([200, true, false])
    await rm(settings)
    expect((await back('reader', other.url)).status).toBe(403)
    expect((await back('reader')).status).toBe(303)
  })

  test('at once with its key, which only this user can read', async () => {
    const key = join(opened.context.folder, 'session.key')
    expect((await stat(key)).mode & 0o777).toBe(0o600)
    const before = await signedIn('reader')
    await rm(key)
    expect(await statusesOf(before, ['/room'])).toEqual([401])
    expect(await statusesOf(await signedIn('reader'), ['/room'])).toEqual([200])
  })
})

test.each([
  ['session.key', 'x', 0o600, '64 hexadecimal digits'],
  ['session.key', '0'.repeat(64), 0o644, 'may be read by others'],
  ['client-secret', 'hush', 0o640, 'may be read by others'],
])('does not start with a %s of %j and mode %o', async (name, text, mode, message) => {
  const { folder, remove: clear } = await newFolder()
  await writeFile(join(folder, name), text)
  await chmod(join(folder, name), mode)
  const context = { folder, services: opened.services }
  const starting = signInHere({ issuer: issuer.url, clientId }, { site: publicUrl, log: () => {} }, context)
  await expect(starting).rejects.toThrow(message)
  await clear()
})

test('without an issuer the printed address opens the room, on both hosts', async () => {
  const alone = await serve({ port: 0, publicUrl }, { ...opened.context, stopping: stop.signal })
  expect(alone.entrance).toBe(`${alone.url}/enter/${alone.token}`)
  const { cookies } = await ask(`/enter/${alone.token}`, {}, undefined, alone.url)
  expect(cookies).toEqual([expect.stringMatching(/; HttpOnly; Secure; SameSite=Strict$/)])
  expect((await ask('/room', { cookie: cookieIn(cookies) }, undefined, alone.url)).status).toBe(200)
  expect((await ask('/room', { host: 'evil.example.org' }, undefined, alone.url)).status).toBe(421)
})
