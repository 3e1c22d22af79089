/**
 * The interface for programs as it would be deployed: its bundle, events of the HTTP API, the queue and the functions
 * behind it.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { story } from '../../../bin/cli/story.ts'
import { territories } from '../../../lambdas/domain/core/place/territory.ts'
import { now } from '../../support/clock.ts'
import { detection } from '../../support/detections.ts'
import { askFunction } from '../../support/http-event.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere

beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
})
afterAll(() => stack.close())

const everything = {
  sub: 'unit-7',
  scope: 'reports:read reports:create detections:read detections:write candidates:sign',
  vigie_clearance: 'TLP:AMBER',
  vigie_territories: '[NC MQ]',
}

type Asked = { claims?: object; body?: unknown; headers?: Record<string, string> }
const ask = async (method: string, path: string, { claims = everything, ...asked }: Asked = {}) =>
  askFunction(await stack.instance('ProgramsWorker'), method, path, {
    ...asked,
    authorizer: { jwt: { claims, scopes: null } },
  })

test('detections are sent, a report is asked for, made by its job, and read', async () => {
  const lines = readFileSync(story.file, 'utf8')
  // One caller for a file of many territories; the others are limited to two.
  const claims = { ...everything, vigie_territories: territories.map(({ code }) => code).join(' ') }
  const headers = { 'content-type': 'application/x-ndjson' }
  const taken = await ask('POST', '/detections', { claims, body: lines, headers })
  expect(JSON.parse(taken.body)).toEqual({
    ...{ read: 10, received: 10, rejected: 0, rejects: [] },
    noted: {},
  })

  const found = JSON.parse((await ask('GET', '/detections?territory=NC&period=2024-W20')).body)
  expect(found.detections).toHaveLength(4)
  expect(JSON.parse((await ask('GET', `/detections/${found.detections[0].id}`)).body)).toEqual(found.detections[0])

  const request = { body: { territory: 'NC', period: '2024-W20' }, headers: { 'idempotency-key': 'one' } }
  const asked = await ask('POST', '/reports', request)
  expect(asked.status).toBe(202)
  expect((await ask('POST', '/reports', request)).headers.location).toBe(asked.headers.location)
  // Asked twice, done twice, made once: the API cannot know whether the first message was sent.
  expect(await stack.work('ReportsQueue', 'Generate')).toHaveLength(2)
  const job = JSON.parse((await ask('GET', asked.headers.location ?? '')).body)
  expect(job).toMatchObject({ state: 'done', report: '/reports/NC/2024-W20/amber/1' })
  const list = JSON.parse((await ask('GET', '/reports?territory=NC')).body)
  expect(list.reports).toMatchObject([{ id: 'NC/2024-W20/amber/v0001', posts: { value: 5332, qualifier: 'at least' } }])

  const polled = await ask('GET', '/stix')
  expect([polled.status, polled.headers['content-type']]).toEqual([200, 'application/stix+json;version=2.1'])
  expect(JSON.parse(polled.body)).toMatchObject({ type: 'bundle' })

  const file = await ask('GET', `${job.report}/files/report.fr.pdf`)
  expect(file.status).toBe(302)
  const pdf = Buffer.from(await (await fetch(file.headers.location ?? '')).arrayBuffer())
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  expect((await stack.instance('ProgramsWorker')).log()).toContain(
    '"who":"unit-7","report":"NC/2024-W20/amber/v0001","file":"report.fr.pdf"',
  )
})

test('a table is checked with the rights of the function, and stored', async () => {
  const body = 'id,detector,kind,title.fr,territories,observed.from\nt-1,x,other,Salve,NC,2024-05-14\n'
  const headers = { 'content-type': 'text/csv' }
  const [checked, stored] = [
    await ask('POST', '/detections?check=true', { body, headers }),
    await ask('POST', '/detections', { body, headers }),
  ]
  expect([checked.status, checked.body]).toEqual([200, stored.body])
  expect(JSON.parse(stored.body)).toMatchObject({ read: 1, received: 1 })
})

const record = (id: string, territory: string, title: string) => ({
  ...{ id, detector: 'x', kind: 'other', title: { en: title }, territories: [territory] },
  observed: { from: '2024-05-14' },
})

test('a report that cannot be made is a job with the reason', async () => {
  await ask('POST', '/detections', { body: record('odd', 'MQ', 'A sign \u{12000} that no font has') })
  const asked = await ask('POST', '/reports', { body: { territory: 'MQ', period: '2024-W20' } })
  await stack.work('ReportsQueue', 'Generate')
  const job = JSON.parse((await ask('GET', asked.headers.location ?? '')).body)
  expect(job).toMatchObject({ state: 'held', reason: expect.stringContaining('U+12000') })
  expect(await stack.take(stack.queue('ReportsDeadLettersQueue'))).toHaveLength(1)
})

test('a larger file is uploaded to the address that the API gives, and ingested from there', async () => {
  const body = JSON.stringify(record('up-1', 'NC', 'One'))
  const asked = { name: 'bursts.ndjson', bytes: Buffer.byteLength(body) }
  const opened = JSON.parse((await ask('POST', '/uploads', { body: asked })).body)
  expect(new URL(opened.url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host')
  expect(opened.key).toMatch(/^drop\/\d{4}-\d\d-\d\d\/[0-9a-f-]{36}\.amber\.NC-MQ\/bursts\.ndjson$/)
  expect((await fetch(opened.url, { method: 'PUT', body })).status).toBe(200)
  const message = { Records: [{ s3: { object: { key: encodeURIComponent(opened.key) } } }] }
  await stack.send(stack.queue('DropsQueue'), message)
  await stack.work('DropsQueue', 'Ingest')
  const result = JSON.parse((await stack.object(stack.outputs.DropBucket ?? '', opened.result)).toString())
  expect(result).toMatchObject({ read: 1, received: 1 })
  expect(result).not.toHaveProperty('accepted')
})

test('candidates are signed and refused with the rights of the function', async () => {
  for (const id of ['found-1', 'found-2'])
    await stack.stores.candidates.save({ detection: detection({ id, territories: ['NC'] }), members: [id] }, now())
  expect(JSON.parse((await ask('GET', '/candidates')).body)).toMatchObject({ waiting: 2 })
  const { etag = '' } = (await ask('GET', '/candidates/found-1')).headers
  const headers = { 'if-match': etag, 'idempotency-key': 'sign' }
  const done = await ask('POST', '/candidates/found-1/sign', { headers, body: {} })
  expect(JSON.parse(done.body)).toEqual({ id: 'found-1', outcome: 'done' })
  expect((await ask('GET', '/detections/found-1')).status).toBe(200)
  const refused = { headers: { 'if-match': '*' }, body: { reason: 'a newsroom' } }
  expect((await ask('POST', '/candidates/found-2/refuse', refused)).status).toBe(200)
  expect(JSON.parse((await ask('GET', '/candidates')).body)).toMatchObject({ waiting: 0 })
})

test('a detection is corrected, decided on and withdrawn with the rights of the function', async () => {
  const act = async (path: string, body: object, sub = 'unit-7', type = 'application/json') => {
    const headers = { 'if-match': '*', 'idempotency-key': `act-${path}-${sub}`.replaceAll(/[/?]/g, '-') }
    const method = path.includes('?') ? 'PATCH' : 'POST'
    const claims = { ...everything, vigie_clearance: 'TLP:RED', sub }
    const asked = { claims, body, headers: { ...headers, 'content-type': type } }
    const [first, again] = [
      await ask(method, `/detections/${path}`, asked),
      await ask(method, `/detections/${path}`, asked),
    ]
    expect(again.body).toBe(first.body)
    return JSON.parse(first.body) as unknown
  }
  const waiting = async (id: string) => JSON.parse((await ask('GET', `/detections/${id}/waiting`)).body).waiting
  await ask('POST', '/detections', { body: record('act-1', 'NC', 'One') })
  const patch = { marking: 'TLP:GREEN', campaign: 'Two' }
  expect(await act('act-1?reason=x', patch, 'unit-7', 'application/merge-patch+json')).toMatchObject({
    outcome: 'waits',
  })
  const [{ record: lower }] = await waiting('act-1')
  expect(await act('act-1/accept', { record: lower, reason: 'x' }, 'unit-8')).toMatchObject({ outcome: 'done' })
  await ask('POST', '/detections', {
    body: { ...record('act-1', 'NC', 'Other'), detector: 'y' },
    claims: { ...everything, sub: 'unit-9' },
  })
  const [{ record: contested }] = await waiting('act-1')
  expect(await act('act-1/refuse', { record: contested, reason: 'x' })).toMatchObject({ outcome: 'done' })
  expect(await act('act-1/withdraw', { reason: 'x' })).toMatchObject({ outcome: 'done' })
  expect((await ask('GET', '/detections/act-1')).status).toBe(404)
})

test('a caller sees what its claims allow, and an odd claim allows nothing', async () => {
  const statusOf = async (claims: object) => (await ask('GET', '/reports/NC/2024-W20/amber/1', { claims })).status
  expect(await statusOf(everything)).toBe(200)
  expect(await statusOf({ ...everything, vigie_territories: '[MQ]' })).toBe(404)
  expect(await statusOf({ ...everything, vigie_clearance: 'TLP:GREEN' })).toBe(404)
  expect(await statusOf({ ...everything, scope: 'openid' })).toBe(403)
  expect(await statusOf({ ...everything, vigie_clearance: 'whatever' })).toBe(401)
  expect(await statusOf({})).toBe(401)
})
