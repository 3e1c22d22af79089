/**
 * The interface for programs as it would be deployed: its bundle, events of the HTTP API, the queue and the functions
 * behind it.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { story } from '../../../bin/cli/story.ts'
import { askFunction } from '../../support/http-event.ts'
import type { Instance } from '../../support/lambda.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let programs: Instance
let generate: Instance
let ingest: Instance

beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
  const open = (id: string) => newInstance(stack, id)
  ;[programs, generate, ingest] = [await open('ProgramsWorker'), await open('Generate'), await open('Ingest')]
})
afterAll(async () => {
  for (const one of [programs, generate, ingest]) await one.close()
  await stack.close()
})

const everything = {
  sub: 'unit-7',
  scope: 'reports:read reports:create detections:read detections:write',
  vigie_clearance: 'TLP:AMBER',
  vigie_territories: '[NC MQ]',
}

const ask = (
  method: string,
  path: string,
  { claims = everything, ...asked }: { claims?: object; body?: unknown; headers?: Record<string, string> } = {},
) => askFunction(programs, method, path, { ...asked, authorizer: { jwt: { claims, scopes: null } } })

test('detections come in, a report is asked for, made by its job, and read', async () => {
  const lines = readFileSync(story.file, 'utf8')
  const taken = await ask('POST', '/detections', { body: lines, headers: { 'content-type': 'application/x-ndjson' } })
  expect(JSON.parse(taken.body)).toEqual({ read: 10, received: 10, rejected: 0, rejects: [] })

  const found = JSON.parse((await ask('GET', '/detections?territory=NC&period=2024-W20')).body)
  expect(found.detections).toHaveLength(4)
  expect(JSON.parse((await ask('GET', `/detections/${found.detections[0].id}`)).body)).toEqual(found.detections[0])

  const asked = await ask('POST', '/reports', {
    body: { territory: 'NC', period: '2024-W20' },
    headers: { 'idempotency-key': 'one' },
  })
  expect(asked.status).toBe(202)
  const again = await ask('POST', '/reports', {
    body: { territory: 'NC', period: '2024-W20' },
    headers: { 'idempotency-key': 'one' },
  })
  expect(again.headers.location).toBe(asked.headers.location)
  const invoked = await stack.pump(stack.queue('ReportsQueue'), [generate])
  // Asked twice, done twice, made once: nobody knows whether the first message was sent.
  expect(invoked.map((one) => 'value' in one && one.value)).toEqual(Array(2).fill({ batchItemFailures: [] }))
  const job = JSON.parse((await ask('GET', asked.headers.location ?? '')).body)
  expect(job).toMatchObject({ state: 'done', report: '/reports/NC/2024-W20/amber/1' })
  const list = JSON.parse((await ask('GET', '/reports?territory=NC')).body)
  expect(list.reports).toMatchObject([{ id: 'NC/2024-W20/amber/v0001', posts: { value: 5332, qualifier: 'at least' } }])

  const file = await ask('GET', `${job.report}/files/report.fr.pdf`)
  expect(file.status).toBe(302)
  const pdf = Buffer.from(await (await fetch(file.headers.location ?? '')).arrayBuffer())
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  expect(programs.log()).toContain('"who":"unit-7","report":"NC/2024-W20/amber/v0001","file":"report.fr.pdf"')
})

test('a report that cannot be made is a job that says why', async () => {
  const odd = {
    id: 'odd',
    detector: 'x',
    kind: 'other',
    title: { en: 'A sign \u{12000} that no font has' },
    territories: ['MQ'],
    observed: { from: '2024-05-14' },
  }
  await ask('POST', '/detections', { body: odd })
  const asked = await ask('POST', '/reports', { body: { territory: 'MQ', period: '2024-W20' } })
  await stack.pump(stack.queue('ReportsQueue'), [generate])
  const job = JSON.parse((await ask('GET', asked.headers.location ?? '')).body)
  expect(job).toMatchObject({ state: 'held', reason: expect.stringContaining('U+12000') })
  expect(await stack.take(stack.queue('ReportsDeadLettersQueue'))).toHaveLength(1)
})

test('a larger file is put where it is told to, and taken in from there', async () => {
  const record = {
    id: 'up-1',
    detector: 'x',
    kind: 'other',
    title: { en: 'One' },
    territories: ['NC'],
    observed: { from: '2024-05-14' },
  }
  const body = JSON.stringify(record)
  const asked = { name: 'bursts.ndjson', bytes: Buffer.byteLength(body) }
  const opened = JSON.parse((await ask('POST', '/uploads', { body: asked })).body)
  expect(new URL(opened.url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host')
  expect(opened.key).toMatch(/^drop\/\d{4}-\d\d-\d\d\/[0-9a-f-]{36}\.amber\.NC-MQ\/bursts\.ndjson$/)
  const put = await fetch(opened.url, { method: 'PUT', body })
  expect(put.status).toBe(200)
  await stack.send(stack.queue('DropsQueue'), {
    Records: [{ s3: { object: { key: encodeURIComponent(opened.key) } } }],
  })
  await stack.pump(stack.queue('DropsQueue'), [ingest])
  const result = JSON.parse((await stack.object(stack.outputs.DropBucket ?? '', opened.result)).toString())
  expect(result).toMatchObject({ read: 1, received: 1 })
  expect(result).not.toHaveProperty('accepted')
})

test('a caller sees what its claims allow, and a claim that is odd allows nothing', async () => {
  const statusOf = async (claims: object, path = '/reports/NC/2024-W20/amber/1') =>
    (await ask('GET', path, { claims })).status
  expect(await statusOf(everything)).toBe(200)
  expect(await statusOf({ ...everything, vigie_territories: '[MQ]' })).toBe(404)
  expect(await statusOf({ ...everything, vigie_clearance: 'TLP:GREEN' })).toBe(404)
  expect(await statusOf({ ...everything, scope: 'openid' })).toBe(403)
  expect(await statusOf({ ...everything, vigie_clearance: 'whatever' })).toBe(401)
  expect(await statusOf({})).toBe(401)
})
