/** Hostile and malformed requests: each gets its status, changes nothing and reveals no internals. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { recipient } from '../support/recipients.ts'
import { openWeb, site, type Web } from '../support/web.ts'

let web: Web
let token: string
let leave: string
let before: string

beforeAll(async () => {
  web = await openWeb()
  const links = await web.linkTo(recipient('ana@example.org', { clearance: 'TLP:GREEN' }), { cap: 'TLP:GREEN' })
  token = links.read
  leave = links.leave
})
afterAll(() => web.close())
beforeEach(async () => {
  before = await web.state()
})

/** The answer to a request, which may have changed nothing. */
const sent = async (path: string, init: RequestInit = {}) => {
  const answer = await web.app.request(`${site}${path}`, init)
  const text = await answer.text()
  expect(text).not.toMatch(/node_modules|at .*\.ts:|Error:/)
  expect(answer.headers.get('content-security-policy')).toBeTruthy()
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
  expect(await web.state()).toBe(before)
  return { status: answer.status, text, headers: answer.headers }
}
const form = 'application/x-www-form-urlencoded'
const posted = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
  sent(path, { method: 'POST', body, headers: { 'content-type': form, ...headers } })

describe('a path', () => {
  test.each([
    '/',
    '/r/',
    '/r/../../etc/passwd',
    '/r/%00',
    '/r/%E0%A4%A',
    '/r/%',
    '/r/a%0d%0aSet-Cookie:%20x=1',
    `/r/${'a'.repeat(8_000)}`,
    '/r/__proto__',
    '/unsubscribe/toString',
    '/confirm/%F0%9F%92%A5',
    '/assets/x/../../package.json',
    '/assets/0000000000000000/pages.css',
    '/assets/x/__proto__',
    '/signed/__proto__.x',
  ])('%s does not exist', async (path) => {
    const { status, headers } = await sent(path)
    expect(status).toBe(404)
    expect(headers.get('set-cookie')).toBeNull()
  })

  test('with anything after the token does not exist', async () => {
    for (const path of [`/r/${token}/`, `/r/${token}/x`, `/r/${token}%00`, `/r/${token}.html`, `/R/${token}`]) {
      expect((await sent(path)).status, path).toBe(404)
    }
  })
})

describe('a request', () => {
  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('by %s is refused', async (method) => {
    for (const path of [`/r/${token}`, `/unsubscribe/${leave}`, `/confirm/${leave}`]) {
      const { status, headers } = await sent(path, { method })
      expect(status).toBe(405)
      expect(headers.get('allow')).toBe('GET, HEAD, POST')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test.each([
    ['application/json', '{"file":"html"}'],
    ['text/plain', 'file=html'],
    ['', 'file=html'],
    ['application/x-www-form-urlencodedx', 'file=html'],
  ])('of the type %j is not read', async (type, body) => {
    for (const path of [`/r/${token}`, `/unsubscribe/${leave}`]) {
      expect((await posted(path, new TextEncoder().encode(body), { 'content-type': type })).status).toBe(415)
    }
  })

  test('that is longer than 8 KB is not read, with and without a length', async () => {
    const long = `file=html&x=${'a'.repeat(9_000)}`
    expect((await posted(`/r/${token}`, long)).status).toBe(413)
    expect((await posted(`/unsubscribe/${leave}`, `leave=yes&x=${'a'.repeat(9_000)}`)).status).toBe(413)
    const stream = new ReadableStream({
      start: (controller) => {
        for (let part = 0; part < 20; part += 1) controller.enqueue(new TextEncoder().encode('a'.repeat(1_000)))
        controller.close()
      },
    })
    const init = { method: 'POST', body: stream, headers: { 'content-type': form }, duplex: 'half' } as RequestInit
    expect((await sent(`/r/${token}`, init)).status).toBe(413)
  })

  test.each([
    'file=html%00',
    'file=HTML',
    'file=..%2f..%2fpasswd',
    'file=%0d%0aLocation:%20https://evil.example',
    '__proto__[file]=html',
    '%ff%fe=%ff',
  ])('with the form %j is malformed', async (body) => {
    expect((await posted(`/r/${token}`, body)).status).toBe(400)
  })

  test('with a broken multipart body, or a file in the place of a text, is malformed', async () => {
    const type = { 'content-type': 'multipart/form-data; boundary=x' }
    expect((await posted(`/r/${token}`, '--y\r\nnonsense', type)).status).toBe(400)
    expect((await posted(`/unsubscribe/${leave}`, '--y', { 'content-type': 'multipart/form-data' })).status).toBe(400)
    const body = new FormData()
    body.set('leave', new File(['yes'], 'leave'))
    expect((await sent(`/unsubscribe/${leave}`, { method: 'POST', body })).status).toBe(400)
  })

  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'nonsense' },
    { origin: 'http://127.0.0.1.evil.example' },
    { 'sec-fetch-site': 'cross-site', origin: site },
  ])('from another site (%j) is refused', async (headers) => {
    expect((await posted(`/r/${token}`, 'file=html', headers as Record<string, string>)).status).toBe(403)
    expect((await posted(`/unsubscribe/${leave}`, 'leave=yes', headers as Record<string, string>)).status).toBe(403)
    expect((await posted(`/confirm/${leave}`, 'join=yes', headers as Record<string, string>)).status).toBe(403)
  })

  test('of a program is answered as a problem, in the language of the request', async () => {
    const headers = { accept: 'application/problem+json', 'accept-language': 'en', 'content-type': 'text/plain' }
    const { status, text, headers: answered } = await sent(`/r/${token}`, { method: 'POST', body: 'x', headers })
    expect(status).toBe(415)
    expect(answered.get('content-type')).toBe('application/problem+json')
    expect(JSON.parse(text)).toEqual({
      type: 'urn:vigie:problem:unsupported-type',
      title: 'This request cannot be read',
      status: 415,
      detail: 'Nothing was done. Open the link in the mail again and use the buttons of its page.',
    })
  })

  test('with nonsense in its headers is answered', async () => {
    const headers = { accept: ';;q=,,\t*/*;q=x', 'accept-language': ';q=;,,--', 'sec-fetch-site': 'none' }
    expect((await sent(`/r/${token}`, { headers })).status).toBe(200)
  })
})

test('a failure is answered and logged without the token and without internals', async () => {
  const { archive } = web.opened.services
  const { get } = archive
  Object.assign(archive, {
    get: async () => {
      throw new Error('the disk /srv/secret is gone')
    },
  })
  try {
    const { status, text } = await sent(`/r/${token}`)
    expect(status).toBe(500)
    expect(text).not.toContain('/srv/secret')
    expect(web.logged.at(-1)).toMatchObject({
      what: 'request failed',
      facts: { error: 'the disk /srv/secret is gone' },
    })
    expect(JSON.stringify(web.logged)).not.toContain(token)
  } finally {
    Object.assign(archive, { get })
  }
})

test('the style sheet and its fonts are served as immutable, and name no other site', async () => {
  const page = await (await web.get(`/r/${token}`)).text()
  const path = /href="(\/assets\/[^"]+)"/.exec(page)?.[1] ?? ''
  const sheet = await web.get(path)
  expect(sheet.headers.get('cache-control')).toContain('immutable')
  const css = await sheet.text()
  expect(css).not.toMatch(/https?:|@import/)
  const fonts = [...css.matchAll(/url\(([^)]+)\)/g)].map(([, name]) => name)
  expect(fonts.length).toBeGreaterThan(5)
  for (const name of fonts) {
    const font = await web.get(path.replace('pages.css', name ?? ''))
    expect(font.status).toBe(200)
    expect(font.headers.get('content-type')).toBe('font/woff2')
  }
})

test('the health check answers that the service runs', async () => {
  expect(await (await web.get('/healthz')).json()).toEqual({ status: 'ok' })
})
