/** The server of `vigie serve` in this process: sign-in, request bodies and jobs that a kill left. */
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobRunner } from '../../../../bin/cli/home/job-runner.ts'
import { type Served, serve } from '../../../../bin/cli/home/server.ts'
import { everything } from '../../../../lambdas/domain/access/caller.ts'
import { programTokensIn } from '../../../../lambdas/usecases/program-tokens.local.ts'
import { requestReport } from '../../../../lambdas/usecases/reports/request-report.ts'
import { newFolder } from '../../../support/cli.ts'
import { input } from '../../../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../../../support/services.ts'

let opened: Opened
let served: Served
let remove: () => Promise<void>
const stop = new AbortController()
const requested: string[] = []

/** Requests a report from a program that is killed as soon as it has stored the request. */
const requestAndDie = async (territory: 'NC' | 'PF', period: string) => {
  const killed = jobRunner({ ...opened.context, stopping: AbortSignal.abort() })
  const services = { ...opened.services, enqueue: killed.enqueue }
  const asked = { territory, period, cap: 'TLP:AMBER', deliver: false } as const
  const { id } = await requestReport(asked, { caller: everything }, services)
  await killed.idle()
  return id
}

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder, '2024-06-01T00:00:00.000Z')
  await ingestInto(opened, [input({ id: 'one' })])
  for (const period of ['2024-W20', '2024-W19']) requested.push(await requestAndDie('NC', period))
  served = await serve({ port: 0 }, { ...opened.context, stopping: stop.signal })
})
afterAll(async () => {
  stop.abort()
  await served.ended
  await opened.close()
  await remove()
})

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${served.url}${path}`, { headers, redirect: 'manual' })
const bearer = () => ({ authorization: `Bearer ${served.token}` })
const enter = async () => {
  const answer = await fetch(served.entrance, { redirect: 'manual' })
  return { answer, cookie: (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '' }
}

const rooms = ['/room', '/room/mail', '/room/coverage', '/room/reports']
const programs = ['/reports', '/reports/NC/2024-W20/amber/latest', '/territories', '/sources', '/jobs/x']

describe('other users of the machine', () => {
  test.each([...rooms, '/room/NC/2024-W20/amber'])(
    'cannot read %s without the address that was printed',
    async (path) => {
      for (const headers of [{}, bearer(), { cookie: `vigie-${new URL(served.url).port}=${served.token}` }]) {
        const answer = await get(path, { 'accept-language': 'en', ...headers })
        expect(answer.status).toBe(401)
        expect(answer.headers.get('content-type')).toContain('text/html')
        expect(await answer.text()).toContain('Open the one that “vigie serve” printed in its terminal')
      }
    },
  )

  test.each(programs)('get a problem from %s with how a program signs in', async (path) => {
    const { cookie } = await enter()
    for (const headers of [{}, { cookie }, { authorization: 'Bearer x' }, { authorization: `Basic ${served.token}` }]) {
      const answer = await get(path, headers)
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      expect(await answer.json()).toMatchObject({
        type: 'urn:vigie:problem:not-signed-in',
        detail: expect.stringContaining('Authorization: Bearer'),
      })
    }
  })

  test.each(['/reports', '/detections', '/uploads', '/room/reports'])('cannot post to %s', async (path) => {
    const isForm = path.startsWith('/room')
    const fields = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER' }
    const body = isForm ? new URLSearchParams(fields) : JSON.stringify(fields)
    const headers: Record<string, string> = isForm ? {} : { 'content-type': 'application/json' }
    expect((await fetch(`${served.url}${path}`, { method: 'POST', headers, body })).status).toBe(401)
  })

  test('get no cookie by a guess', async () => {
    const answer = await get(`/enter/${'0'.repeat(64)}`)
    expect([answer.headers.getSetCookie(), answer.headers.get('location')]).toEqual([[], '/room'])
  })

  test('can open health, the API document and links of mails', async () => {
    const paths = ['/healthz', '/openapi.json', `/r/${'0'.repeat(64)}`]
    expect(await Promise.all(paths.map(async (path) => (await get(path)).status))).toEqual([200, 200, 404])
  })
})

test('the address sets a cookie that no script reads and no other site sends, and that is not the token', async () => {
  const { answer, cookie } = await enter()
  expect(answer.status).toBe(303)
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^vigie-\d+=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/),
  ])
  expect(cookie).not.toContain(served.token)
  for (const path of rooms) expect((await get(path, { cookie })).status).toBe(200)
  expect((await get('/reports', bearer())).status).toBe(200)
})

test('a name that was given once stands in the next form, also after a restart', async () => {
  const path = '/room/detections/one/withdraw'
  const { cookie } = await enter()
  const before = await (await get(path, { cookie })).text()
  const [, token = ''] = /name="token" value="([^"]+)"/.exec(before) ?? []
  expect(before).not.toContain('value="Ana"')
  // Without the revision, so that nothing is withdrawn.
  const body = new URLSearchParams({ token, by: 'Ana', reason: '' })
  expect((await fetch(`${served.url}${path}`, { method: 'POST', headers: { cookie }, body })).status).toBe(409)
  expect(await (await get(path, { cookie })).text()).toContain('value="Ana"')
  const again = await serve({ port: 0 }, { ...opened.context, stopping: stop.signal })
  const entered = await fetch(again.entrance, { redirect: 'manual' })
  const own = (entered.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
  expect(await (await fetch(`${again.url}${path}`, { headers: { cookie: own } })).text()).toContain('value="Ana"')
})

test('TRACE is refused', async () => {
  const sent = request(`${served.url}/healthz`, { agent: false, method: 'TRACE' })
  const answered = once(sent, 'response')
  sent.end()
  const [answer] = (await answered) as [IncomingMessage]
  expect(answer.resume().statusCode).toBe(405)
})

describe('a body in chunks, without a length', () => {
  const send = async (path: string, chunks: readonly string[], headers: Readonly<Record<string, string>> = {}) => {
    const sent = request(`${served.url}${path}`, {
      agent: false,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked', ...bearer(), ...headers },
    })
    const answered = once(sent, 'response')
    for (const chunk of chunks) sent.write(chunk)
    sent.end()
    const [answer] = (await answered) as [IncomingMessage]
    return { status: answer.statusCode, body: (await answer.setEncoding('utf8').toArray()).join('') }
  }

  test('is read', async () => {
    const record = JSON.stringify(input({ id: 'chunked', territories: ['MQ'] }))
    const { status, body } = await send('/detections', [record.slice(0, 20), record.slice(20)])
    expect([status, JSON.parse(body)]).toMatchObject([200, { accepted: 1 }])
  })

  test('has the same limit of bytes', async () => {
    const { status, body } = await send('/detections', Array(20).fill('x'.repeat(100_000)))
    expect([status, JSON.parse(body)]).toMatchObject([413, { type: 'urn:vigie:problem:too-large' }])
  })

  test('can be a form', async () => {
    const { cookie } = await enter()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie }
    expect((await send('/room/reports', ['token=x&terri', 'tory=NC'], headers)).status).toBe(403)
    expect((await send('/room/reports', Array(1_100).fill('a'.repeat(1_000)), headers)).status).toBe(413)
  })
})

describe('jobs that were queued at a kill', () => {
  test('are done once at the next start', async () => {
    expect(served.resumed).toBe(2)
    for (const id of requested) {
      let job: { state?: string } = {}
      while (job.state !== 'done' && job.state !== 'failed') {
        await pause(50)
        job = (await (await get(`/jobs/${id}`, bearer())).json()) as typeof job
      }
      expect(job).toMatchObject({ state: 'done', version: 1 })
    }
    expect(await jobRunner(opened.context).resume()).toBe(0)
  })

  test('fail if each try ended the program, and do not stop others', async () => {
    const { services, context } = opened
    const deadly = await requestAndDie('PF', '2024-W20')
    const [one] = await Array.fromAsync(services.waiting.all())
    if (!one) throw new Error('no job waits')
    await services.waiting.begin({ ...one, tries: 4 })
    const other = await requestAndDie('PF', '2024-W19')
    const runner = jobRunner(context)
    expect(await runner.resume()).toBe(2)
    await runner.idle()
    expect(await services.jobs.get(deadly)).toMatchObject({ state: 'failed' })
    expect(await services.jobs.get(other)).toMatchObject({ state: 'done' })
  })
})

describe('the proof of watch', () => {
  test.each(['1970-01-01--2999-12-31', '2024', '2024-05-01--2024-08-01'])('of %s is too long', async (period) => {
    const answer = await get(`/coverage?territory=NC&period=${period}`, bearer())
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({
      errors: [{ field: 'period', fix: expect.stringMatching(/has \d+ days: ask for 92 at most/) }],
    })
  })

  test.each(['2024-W20', '2024-Q2', '2024-05-01--2024-07-31'])('of %s is shown', async (period) => {
    expect((await get(`/coverage?territory=NC&period=${period}`, bearer())).status).toBe(200)
  })
})

describe('a program with a token of its own', () => {
  const rights = { scopes: ['reports:read', 'detections:write'], territories: ['NC'], clearance: 'TLP:GREEN' } as const
  const make = (name: string, more = {}) => {
    return programTokensIn(opened.table).add({ name, ...rights, ...more }, 'Ana', everything, opened.services.clock())
  }
  const by = (token: string) => ({ authorization: `Bearer ${token}` })

  test('has these rights and no others, also after a restart', async () => {
    const { token } = await make('exact')
    expect((await get('/reports', by(token))).status).toBe(200)
    expect((await get('/detections', by(token))).status).toBe(403)
    expect((await get('/reports/NC/2024-W20/amber/latest', by(token))).status).toBe(404)
    expect((await get('/coverage?territory=PF&period=2024-W20', by(token))).status).toBe(403)
    expect((await get('/room', by(token))).status).toBe(401)
    const again = await serve({ port: 0 }, { ...opened.context, stopping: stop.signal })
    expect((await fetch(`${again.url}/reports`, { headers: by(token) })).status).toBe(200)
  })

  test('is named, and its token is in no log line and no file', async () => {
    const lines: string[] = []
    const logging = { ...opened.services, log: (line: string) => void lines.push(line) }
    const logged = await serve({ port: 0 }, { ...opened.context, services: logging, stopping: stop.signal })
    const { token } = await make('named')
    const headers = { ...by(token), 'content-type': 'application/x-ndjson' }
    const sent = { method: 'POST', headers, body: JSON.stringify(input({ id: 'by-token', marking: 'TLP:GREEN' })) }
    expect((await fetch(`${logged.url}/detections`, sent)).status).toBe(200)
    expect((await fetch(`${logged.url}/detections`, { ...sent, body: '' })).status).toBe(400)
    expect(lines.join()).toContain('"who":"token named (Ana)"')
    const files = await readdir(opened.context.folder, { recursive: true, withFileTypes: true })
    const texts = await Promise.all(
      files.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name), 'latin1')),
    )
    const secret = token.slice(19)
    expect([...lines, ...texts].filter((text) => text.includes(secret))).toEqual([])
  })

  test('gets 401 with the reason once it is revoked or has expired, and without it for a guess', async () => {
    const [revoked, expired] = [await make('revoked'), await make('expired', { expires: 'PT1H' })]
    await programTokensIn(opened.table).revoke('revoked', 'Ana', opened.services.clock())
    opened.at('2024-06-01T01:00:00.000Z')
    const answer = async (token: string) => {
      const got = await get('/reports', by(token))
      return [got.status, ((await got.json()) as { detail: string }).detail]
    }
    expect(await answer(revoked.token)).toEqual([401, expect.stringContaining('revoked was revoked')])
    expect(await answer(expired.token)).toEqual([401, expect.stringContaining('expired has expired')])
    for (const guess of [`${revoked.token.slice(0, 19)}${'A'.repeat(43)}`, revoked.token.slice(0, -1), 'vigie_'])
      expect(await answer(guess)).toEqual([401, expect.stringContaining('Send a token of vigie tokens add')])
  })
})
