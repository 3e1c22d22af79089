/** The web of this machine in this process: who gets in, bodies without a length, jobs that a kill has left. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobRunner } from '../../../../bin/cli/home/job-runner.ts'
import { type Served, serve } from '../../../../bin/cli/home/server.ts'
import { everything } from '../../../../lambdas/domain/access/caller.ts'
import { requestReport } from '../../../../lambdas/usecases/reports/request-report.ts'
import { newFolder } from '../../../support/cli.ts'
import { input } from '../../../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../../../support/services.ts'

let opened: Opened
let served: Served
let remove: () => Promise<void>
const stop = new AbortController()
const asked: string[] = []

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder, '2024-06-01T00:00:00.000Z')
  await ingestInto(opened, [input({ id: 'one', territories: ['NC'], observed: { from: '2024-05-15' } })])
  // A program that is killed as soon as it has kept what it was asked for.
  const killed = jobRunner({ ...opened.context, stopping: AbortSignal.abort() })
  for (const period of ['2024-W20', '2024-W19']) {
    const services = { ...opened.services, enqueue: killed.enqueue }
    const request = { territory: 'NC', period, cap: 'TLP:AMBER', deliver: false } as const
    asked.push((await requestReport(request, { caller: everything }, services)).id)
  }
  await killed.idle()
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

const rooms = ['/room', '/room/mail', '/room/coverage', '/room/NC/2024-W20/amber', '/room/reports']
const programs = ['/reports', '/reports/NC/2024-W20/amber/latest', '/territories', '/sources', '/jobs/x']

describe('whoever uses the same machine', () => {
  test.each(rooms)('reads nothing at %s without the address that was printed', async (path) => {
    for (const headers of [{}, bearer(), { cookie: `vigie-${new URL(served.url).port}=${served.token}` }]) {
      const answer = await get(path, { 'accept-language': 'en', ...headers })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('content-type')).toContain('text/html')
      expect(await answer.text()).toContain('Open the one that “vigie serve” printed in its terminal')
    }
  })

  test.each(programs)('is told by %s how a program gets in', async (path) => {
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

  test('writes nothing either', async () => {
    const body = JSON.stringify({ territory: 'NC', period: '2024-W20' })
    for (const path of ['/reports', '/detections', '/uploads']) {
      const headers = { 'content-type': 'application/json' }
      expect((await fetch(`${served.url}${path}`, { method: 'POST', headers, body })).status).toBe(401)
    }
    const form = new URLSearchParams({ territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER' })
    expect((await fetch(`${served.url}/room/reports`, { method: 'POST', body: form })).status).toBe(401)
  })

  test('gets no cookie by a guess', async () => {
    const answer = await get(`/enter/${'0'.repeat(64)}`)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('location')).toBe('/room')
  })
})

describe('whoever has the address that was printed', () => {
  test('is let in by a cookie that no script reads and no other site brings along, and is not the token', async () => {
    const { answer, cookie } = await enter()
    expect(answer.status).toBe(303)
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^vigie-\d+=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/),
    ])
    expect(cookie).not.toContain(served.token)
    for (const path of rooms.filter((one) => !one.includes('NC')))
      expect((await get(path, { cookie })).status).toBe(200)
  })

  test('asks as a program with the token', async () => {
    expect((await get('/reports', bearer())).status).toBe(200)
    expect(await (await get('/territories', bearer())).json()).toMatchObject({ territories: expect.any(Array) })
  })
})

test('what opens by itself needs no token: health, the document, links of mails', async () => {
  expect((await get('/healthz')).status).toBe(200)
  expect((await get('/openapi.json')).status).toBe(200)
  expect((await get(`/r/${'0'.repeat(64)}`)).status).toBe(404)
})

test('TRACE is no method of any page', async () => {
  const sent = request(`${served.url}/healthz`, { agent: false, method: 'TRACE' })
  const answered = once(sent, 'response')
  sent.end()
  const [answer] = (await answered) as [IncomingMessage]
  expect(answer.resume().statusCode).toBe(405)
})

describe('a body in chunks, without a length', () => {
  const send = (path: string, chunks: readonly string[], headers: Readonly<Record<string, string>> = {}) =>
    new Promise<{ status: number | undefined; body: string }>((done, fail) => {
      const sent = request(`${served.url}${path}`, {
        agent: false,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked', ...bearer(), ...headers },
      })
      sent.on('response', async (answer) => {
        done({ status: answer.statusCode, body: (await answer.setEncoding('utf8').toArray()).join('') })
      })
      sent.on('error', fail)
      for (const chunk of chunks) sent.write(chunk)
      sent.end()
    })

  test('is read as any other', async () => {
    const { status, body } = await send('/reports', ['{"territory":', '"NC","period":"2024-W18"}'])
    expect([status, JSON.parse(body)]).toEqual([202, expect.objectContaining({ state: 'queued' })])
    const record = JSON.stringify(input({ id: 'chunked', territories: ['MQ'], observed: { from: '2024-05-15' } }))
    const taken = await send('/detections', [record.slice(0, 20), record.slice(20)])
    expect([taken.status, JSON.parse(taken.body)]).toEqual([200, expect.objectContaining({ accepted: 1 })])
  })

  test('may have no more bytes than any other', async () => {
    const { status, body } = await send('/detections', Array(20).fill('x'.repeat(100_000)))
    expect([status, JSON.parse(body)]).toEqual([413, expect.objectContaining({ type: 'urn:vigie:problem:too-large' })])
  })

  test('of a form is read too', async () => {
    const { cookie } = await enter()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie }
    expect((await send('/room/reports', ['token=x&terri', 'tory=NC'], headers)).status).toBe(403)
    expect((await send('/room/reports', Array(1_100).fill('a'.repeat(1_000)), headers)).status).toBe(413)
  })
})

describe('jobs that were queued at a kill', () => {
  test('are made at the next start', async () => {
    expect(served.resumed).toBe(2)
    for (const id of asked) {
      let job: { state?: string } = {}
      while (job.state !== 'done' && job.state !== 'failed') {
        await pause(50)
        job = (await (await get(`/jobs/${id}`, bearer())).json()) as typeof job
      }
      expect(job).toMatchObject({ state: 'done', version: 1 })
    }
  })

  test('are made once, and leave nothing behind', async () => {
    const runner = jobRunner(opened.context)
    await runner.resume()
    await runner.idle()
    expect(await runner.resume()).toBe(0)
  })

  test('are given up where the program ended with each try, and let others be made', async () => {
    const { services, context } = opened
    const killed = jobRunner({ ...context, stopping: AbortSignal.abort() })
    const ask = (period: string) =>
      requestReport(
        { territory: 'PF', period, cap: 'TLP:AMBER', deliver: false },
        { caller: everything },
        { ...services, enqueue: killed.enqueue },
      )
    const deadly = await ask('2024-W20')
    const [one] = await Array.fromAsync(services.waiting.all())
    if (!one) throw new Error('nothing waits')
    await services.waiting.begin({ ...one, tries: 4 })
    const other = await ask('2024-W19')
    const runner = jobRunner(context)
    expect(await runner.resume()).toBe(2)
    await runner.idle()
    expect(await services.jobs.get(deadly.id)).toMatchObject({ state: 'failed' })
    expect(await services.jobs.get(other.id)).toMatchObject({ state: 'done' })
  })
})

describe('the watch', () => {
  test.each(['1970-01-01--2999-12-31', '2024', '2024-05-01--2024-08-01'])(
    'of %s is too long, and is refused',
    async (period) => {
      const answer = await get(`/coverage?territory=NC&period=${period}`, bearer())
      expect(answer.status).toBe(422)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(await answer.json()).toMatchObject({
        errors: [{ field: 'period', fix: expect.stringMatching(/has \d+ days: ask for 92 at most/) }],
      })
    },
  )

  test.each(['2024-W20', '2024-Q2', '2024-05-01--2024-07-31'])('of %s is told', async (period) => {
    expect((await get(`/coverage?territory=NC&period=${period}`, bearer())).status).toBe(200)
  })

  test('of what is no period is told once what is wrong', async () => {
    const answer = await get('/coverage?territory=NC&period=never', bearer())
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'period' }] })
  })
})
