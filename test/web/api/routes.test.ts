/** The interface for programs: every route, the rights of callers, and answers to hostile requests. */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createAdaptorServer } from '@hono/node-server'
import { Validator } from '@seriousme/openapi-schema-validator'
import formats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Hono } from 'hono'
import { OpenAPIClientAxios } from 'openapi-client-axios'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { deskHere } from '../../../bin/cli/ingest-files.ts'
import { story } from '../../../bin/cli/story.ts'
import { ArchiveMissingError } from '../../../lambdas/archive/archive.ts'
import { signedFolder } from '../../../lambdas/archive/signed-urls.local.ts'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import { fault } from '../../../lambdas/domain/core/fault.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { archiveKey } from '../../../lambdas/domain/report/manifest.ts'
import type { ReportMessage } from '../../../lambdas/domain/report/messages.ts'
import { readNdjson } from '../../../lambdas/intake/json/ndjson.ts'
import { recallVersion } from '../../../lambdas/usecases/delivery/recall-version.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { HeldReportError } from '../../../lambdas/usecases/reports/generate-report.ts'
import { failJob, handleReportMessage } from '../../../lambdas/usecases/reports/handle-report-message.ts'
import { apiApp } from '../../../lambdas/web/api/app.ts'
import { openApiDocument, operations } from '../../../lambdas/web/api/openapi.ts'
import { type ApiParts, apiRoutes } from '../../../lambdas/web/api/routes.ts'
import { callerIn } from '../../../lambdas/web/sign-in/identity.ts'
import { ndjson, newFolder } from '../../support/cli.ts'
import { detection, input } from '../../support/detections.ts'
import { type Opened, openServices } from '../../support/services.ts'
import { bundle, campaign, stixId } from '../../support/stix.ts'
import { textRow, workbook } from '../../support/xlsx.ts'

let opened: Opened
let app: Hono
let files: ReturnType<typeof signedFolder>
let remove: () => Promise<void>
let caller: Caller | undefined = everything
const queue: ReportMessage[] = []
const logged: { readonly what: string; readonly facts: Readonly<Record<string, unknown>> }[] = []

const partsWith = (changes: Partial<ApiParts> = {}): ApiParts => {
  const { services, context } = opened
  return {
    callerOf: () => caller,
    services: { ...services, enqueue: async (message) => void queue.push(message) },
    files,
    desk: deskHere(context),
    log: (what, facts) => void logged.push({ what, facts }),
    ...changes,
  }
}
const appWith = (changes: Partial<ApiParts> = {}): Hono =>
  apiApp({ ...partsWith(changes), filesOrigin: files.origin, secure: false })

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder, '2024-11-01T00:00:00.000Z')
  const { services } = opened
  const chunks = async function* () {
    yield readFileSync(story.file)
  }
  await ingestDetections(readNdjson(chunks(), { file: 'story' }), 'story', services)
  files = signedFolder(services.archive, services.clock)
  app = new Hono()
  files.routes(app)
  app.route('/', appWith())
})
afterAll(async () => {
  await opened.close()
  await remove()
})

const site = 'http://127.0.0.1'
const get = (path: string, headers: Record<string, string> = {}) => app.request(`${site}${path}`, { headers })
const post = (path: string, body: unknown, headers: Record<string, string> = {}, on = app) =>
  on.request(`${site}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  })
const jsonOf = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Record<string, never>

const as = async <Done>(who: Partial<Caller> | undefined, work: () => Promise<Done>): Promise<Done> => {
  caller = who && { ...everything, ...who }
  try {
    return await work()
  } finally {
    caller = everything
  }
}

/** Processes the queue as the functions would. */
const work = async () => {
  for (const message of queue.splice(0)) {
    await handleReportMessage(message, opened.services, {
      report: async () => {},
      delivery: async (word) => void logged.push({ what: 'delivery', facts: word }),
    }).catch((error: Error) => failJob(message, error, opened.services))
  }
}

const problemOf = async (answer: Response | Promise<Response>) => {
  const response = await answer
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const body = (await response.json()) as { type: string; status: number; detail: string; errors?: { field: string }[] }
  expect(body.status).toBe(response.status)
  expect(JSON.stringify(body)).not.toMatch(/\bat .*\.ts:\d+|node_modules/)
  return { ...body, name: body.type.replace('urn:vigie:problem:', '') }
}

describe('a requested report', () => {
  test('is a job that leads to its version', async () => {
    const answer = await post('/reports', { territory: 'NC', period: '2024-W20' })
    expect(answer.status).toBe(202)
    const job = await jsonOf(answer)
    expect(answer.headers.get('location')).toBe(`/jobs/${job.id}`)
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(await jsonOf(get(`/jobs/${job.id}`))).toMatchObject({ state: 'queued' })
    await work()
    const done = await jsonOf(get(`/jobs/${job.id}`))
    expect(done).toMatchObject({ state: 'done', version: 1, report: '/reports/NC/2024-W20/amber/1' })
    expect(await jsonOf(get(done.report ?? ''))).toMatchObject({ manifest: { report: 'NC/2024-W20/amber/v0001' } })
    expect(logged.filter(({ what }) => what === 'delivery')).toEqual([])
  })

  test('is made once, also where its message comes again after more data', async () => {
    const late = { period: '2024-W21', territory: 'BL' }
    const job = await jsonOf(post('/reports', late))
    const [message] = queue as [ReportMessage]
    await work()
    const record = input({ id: 'late', territories: ['BL'], observed: { from: '2024-05-21' } })
    await post('/detections', ndjson(record), { 'content-type': 'application/x-ndjson' })
    queue.push(message)
    await work()
    expect(await jsonOf(get(`/jobs/${job.id}`))).toMatchObject({ state: 'done', version: 1 })
    const edition = { territory: 'BL', period: parsePeriod('2024-W21'), cap: 'TLP:AMBER' } as const
    expect(await opened.services.reports.versions(edition)).toHaveLength(1)
  })

  test('with a key is one job, which belongs to its request and its caller', async () => {
    const request = { territory: 'PF', period: '2024-W20' }
    const key = { 'idempotency-key': 'k-1' }
    const [first, second] = [await jsonOf(post('/reports', request, key)), await jsonOf(post('/reports', request, key))]
    expect(second.id).toBe(first.id)
    const other = await problemOf(post('/reports', { ...request, period: '2024-W19' }, key))
    expect(other.name).toBe('key-reused')
    await work()
    expect(await jsonOf(post('/reports', request, key))).toMatchObject({ id: first.id, state: 'done' })
    expect(queue).toEqual([])
    const foreign = await as({ who: 'another caller' }, () => jsonOf(post('/reports', request, key)))
    expect(foreign.id).not.toBe(first.id)
    await work()
  })

  test('is refused beyond the hourly limit of its caller, and to no other caller', async () => {
    const own = appWith({
      callerOf: () => ({ ...everything, who: `${caller?.who} of the quota` }),
      services: { ...opened.services, limits: { reportsPerHour: 3 }, enqueue: async () => {} },
    })
    const ask = (headers: Record<string, string> = {}) =>
      post('/reports', { territory: 'PM', period: '2024-W20' }, headers, own)
    const statuses = async (times: number, headers?: Record<string, string>) =>
      (await Promise.all(Array.from({ length: times }, () => ask(headers)))).map(({ status }) => status).toSorted()
    // Requests with one key count once, also at one moment.
    const keyed = { 'idempotency-key': 'quota-1' }
    expect(await statuses(8, keyed)).toEqual(Array(8).fill(202))
    expect(await statuses(8)).toEqual([202, 202, ...Array(6).fill(429)])
    const late = await ask()
    expect(late.headers.get('retry-after')).toBe('3600')
    expect(await problemOf(late)).toMatchObject({ name: 'too-many', detail: expect.stringContaining('3 reports') })
    // A repeated key is no other report.
    expect((await ask(keyed)).status).toBe(202)
    const refused = { 'idempotency-key': 'quota-2' }
    expect((await ask(refused)).status).toBe(429)
    expect((await as({ who: 'another caller' }, async () => ask())).status).toBe(202)
    opened.at('2024-11-01T00:59:59.000Z')
    expect((await ask()).headers.get('retry-after')).toBe('1')
    opened.at('2024-11-01T01:00:00.000Z')
    // The key that was refused still belongs to its request, and is counted now.
    expect((await ask(refused)).status).toBe(202)
    opened.at('2024-11-01T00:00:00.000Z')
  })

  test('is delivered where the request asks for it', async () => {
    await post('/reports', { territory: 'MQ', period: '2024-W41', deliver: true })
    await work()
    expect(logged.filter(({ what }) => what === 'delivery')).toMatchObject([
      { facts: { territory: 'MQ', to: 'everybody' } },
    ])
  })

  test('that fails has no internal detail in the reason of its job', async () => {
    const job = await jsonOf(post('/reports', { territory: 'RE', period: '2024-W20' }))
    const [message] = queue.splice(0)
    const cause = new Error(
      'arn:aws:sts::123456789012:assumed-role/generate may not read detection red-7 in /home/ana/x',
    )
    await failJob(message as ReportMessage, cause, opened.services)
    const { state, reason } = await jsonOf(get(`/jobs/${job.id}`))
    expect([state, reason]).toEqual(['failed', expect.stringContaining('the log of the watch team has the reason')])
    expect(reason).not.toMatch(/arn:|red-7|home/)
  })

  test('that is held has its reason without the place of its files', async () => {
    const job = await jsonOf(post('/reports', { territory: 'YT', period: '2024-W20' }))
    const [message] = queue.splice(0)
    const reason = fault('gate.pdf.blank', { count: 1, pages: '2' })
    const held = fault('report.held', { report: 'YT/2024-W20/amber/v0001', reason })
    await failJob(message as ReportMessage, new HeldReportError(held, '/home/a b/archive'), opened.services)
    expect(await jsonOf(get(`/jobs/${job.id}`))).toMatchObject({
      state: 'held',
      reason: 'YT/2024-W20/amber/v0001 is held: page 2 is blank',
    })
  })

  test.each([
    [
      'Atlantis',
      { territory: 'Atlantis', period: '2024-W20' },
      '/territory',
      '"Atlantis" is no territory: give NC, PF,',
    ],
    ['no territory', { period: '2024-W20' }, '/territory', 'nothing is no territory: give NC, PF,'],
    ['no period', { territory: 'NC' }, '/period', ''],
    ['a period that does not exist', { territory: 'NC', period: '2024-W60' }, '/period', ''],
    ['a period that has not begun', { territory: 'NC', period: '2031-W20' }, '/period', ''],
    ['an unknown field', { territory: 'NC', period: '2024-W20', caps: 'RED' }, '/', ''],
    ['no instant', { territory: 'NC', period: '2024-W20', asOf: 'yesterday' }, '/asOf', ''],
    ['a future instant', { territory: 'NC', period: '2024-W20', asOf: '2024-11-01T00:00:00.001Z' }, '/asOf', ''],
    ['prototype keys', '{"territory":"NC","period":"2024-W20","__proto__":{"deliver":true}}', '/', ''],
  ])('with %s is a problem that names the field, and no job', async (_, body, field, fix) => {
    const problem = await problemOf(post('/reports', body))
    expect(problem).toMatchObject({ name: 'invalid' })
    expect(problem.errors).toContainEqual({ field, fix: expect.stringContaining(fix) })
    expect(queue).toEqual([])
  })

  test('for a period that is too large is a problem with the limit, and no job', async () => {
    const counted = vi.spyOn(opened.services.detections, 'count').mockResolvedValue(2_000_000)
    const problem = await problemOf(post('/reports', { territory: 'NC', period: '2023' }))
    counted.mockRestore()
    expect(problem).toMatchObject({ name: 'invalid', detail: expect.stringContaining('more than the 1,500,000') })
    expect(problem.errors).toEqual([{ field: '/period', fix: expect.stringContaining('ask for a shorter period') }])
    expect(queue).toEqual([])
  })

  test.each<[string, string | Uint8Array, Record<string, string>, string]>([
    ['no JSON', '{"territory":', {}, 'malformed'],
    ['bad UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), {}, 'malformed'],
    ['another type', '{}', { 'content-type': 'text/plain' }, 'unsupported-type'],
    ['deep nesting', '['.repeat(200_000), {}, 'malformed'],
    ['too much', `"${'x'.repeat(1_100_000)}"`, {}, 'too-large'],
    ['a key over two lines', '{}', { 'idempotency-key': 'a b' }, 'invalid'],
    [
      'a page of another site',
      '{"territory":"NC","period":"2024-W20"}',
      { 'sec-fetch-site': 'cross-site' },
      'not-allowed',
    ],
  ])('with %s is a problem, and no job', async (_, body, headers, name) => {
    expect((await problemOf(post('/reports', body, headers))).name).toBe(name)
    expect(queue).toEqual([])
  })
})

describe('the archive', () => {
  test('is listed newest first, page by page, each version once, and filtered', async () => {
    type Page = { reports: { id: string }[]; next?: string }
    const page = async (path: string) => (await jsonOf(get(path))) as unknown as Page
    const seen: string[] = []
    for (let path: string | undefined = '/reports?limit=2'; path !== undefined;) {
      const { reports, next }: Page = await page(path)
      expect(reports.length).toBeLessThanOrEqual(2)
      seen.push(...reports.map(({ id }) => id))
      path = next
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen[0]).toBe('MQ/2024-W41/amber/v0001')
    expect(seen).toContain('NC/2024-W20/amber/v0001')
    for (const [query, ids] of [
      ['territory=NC', ['NC/2024-W20/amber/v0001']],
      ['period=2024-W41&from=2024-06-01', ['MQ/2024-W41/amber/v0001']],
      ['to=2024-05-12', []],
      ['cap=TLP:GREEN', []],
    ] as const)
      expect((await page(`/reports?${query}`)).reports.map(({ id }) => id)).toEqual(ids)
  })

  test('gives the files of a version at temporary addresses, byte for byte with their proof, and logs each', async () => {
    const { files: named, proof } = (await jsonOf(get('/reports/NC/2024-W20/amber/latest'))) as unknown as {
      files: { name: string; href: string }[]
      proof: { manifest: string; signature: string; publicKey: string }
    }
    const { archive, signer } = opened.services
    const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
    expect(named.map(({ name }) => name)).toContain('report.fr.pdf')
    const all = [
      ...named,
      { name: 'manifest.json', href: proof.manifest },
      { name: 'manifest.sig', href: proof.signature },
    ]
    for (const { name, href } of all) {
      const answer = await get(href)
      expect([name, answer.status]).toEqual([name, 302])
      const file = await app.request(new URL(answer.headers.get('location') ?? '', site))
      expect(Buffer.from(await file.arrayBuffer()).equals(await archive.get(archiveKey(edition, 1, name)))).toBe(true)
      const facts = { who: 'this machine', report: 'NC/2024-W20/amber/v0001', file: name, marking: 'TLP:CLEAR' }
      expect(logged.at(-1)).toMatchObject({ what: 'file opened', facts })
    }
    expect(await (await get(proof.publicKey)).text()).toBe((await signer.publicKey()).pem)
  })

  test('has no signature of a version that was made before manifests were signed', async () => {
    const { archive } = opened.services
    const unsigned: typeof archive = {
      ...archive,
      get: async (key) => {
        if (key.endsWith('manifest.sig')) throw new ArchiveMissingError(key)
        return archive.get(key)
      },
    }
    const { services } = partsWith()
    const old = appWith({ services: { ...services, archive: unsigned } })
    const answer = old.request(`${site}/reports/NC/2024-W20/amber/1/files/manifest.sig`)
    expect(await problemOf(answer)).toMatchObject({ name: 'not-found' })
  })

  test('shows what changed since the version before', async () => {
    opened.at('2024-11-02T00:00:00.000Z')
    const late = input({ id: 'late-1', observed: { from: '2024-05-14' }, counts: { posts: 1_000 } })
    expect(await jsonOf(post('/detections', late))).toMatchObject({ read: 1, accepted: 1 })
    await post('/reports', { territory: 'NC', period: '2024-W20' })
    await work()
    expect(await jsonOf(get('/reports/NC/2024-W20/amber/1/changes'))).toMatchObject({ version: 1, changes: null })
    expect(await jsonOf(get('/reports/NC/2024-W20/amber/latest/changes'))).toMatchObject({
      version: 2,
      changes: { version: 1, reasons: ['late data'], added: ['late-1'] },
    })
  })

  test('is polled for STIX in the order of publication, page by page, and later for what is new', async () => {
    opened.at('2024-11-02T00:01:00.000Z')
    const page = async (path: string) => {
      const answer = await get(path)
      const { status, headers } = answer
      const bundle = (await answer.json()) as { id: string; objects?: { type: string; name?: string }[] }
      expect([status, headers.get('content-type')]).toEqual([200, 'application/stix+json;version=2.1'])
      expect(bundle.id).toMatch(/^bundle--[0-9a-f-]{36}$/)
      const reports = bundle.objects?.filter(({ type }) => type === 'report').map(({ name }) => name)
      const [, next] = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '') ?? []
      return { reports, next, last: headers.get('x-taxii-date-added-last') }
    }
    const first = await page('/stix?territory=NC&limit=1')
    expect(first.reports).toHaveLength(1)
    expect(first.last).toBe('2024-11-01T00:00:00.000Z')
    const second = await page(first.next ?? '')
    expect(second).toMatchObject({ next: undefined, last: '2024-11-02T00:00:00.000Z' })
    const later = '/stix?territory=NC&added_after='
    expect(await page(`${later}2024-11-01T11:00:00%2B11:00`)).toEqual(second)
    expect(await page(`${later}${second.last}`)).toEqual({ reports: undefined, next: undefined, last: null })
    for (const query of ['added_after=yesterday', 'limit=101', 'territory=XX', 'next=x', 'cursor=x'])
      expect([query, (await get(`/stix?${query}`)).status]).toEqual([query, query === 'next=x' ? 400 : 422])
  })

  test('keeps the files of a recalled version closed, and gives the reason', async () => {
    const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
    await recallVersion({ edition, version: 2, reason: 'a wrong figure', by: 'A. Roy' }, opened.services)
    for (const path of ['', '/changes', '/files/report.fr.pdf']) {
      const problem = await problemOf(get(`/reports/NC/2024-W20/amber/2${path}`))
      expect(problem).toMatchObject({ name: 'recalled', detail: 'It was recalled: a wrong figure' })
    }
    expect((await jsonOf(get('/reports/NC/2024-W20/amber/latest'))).manifest).toMatchObject({ version: 1 })
  })

  test.each([
    '/reports/NC/2024-W20/amber/9',
    '/reports/NC/2024-W20/amber/0',
    '/reports/NC/2024-W20/amber/latest/files/manifest.txt',
    '/reports/NC/2024-W20/amber/latest/files/..%2f..%2ftable.sqlite',
    '/reports/NC/2024-W20/amber/latest/files/%00',
    '/reports/NC/..%2f..%2fetc/amber/latest',
    '/reports/XX/2024-W20/amber/latest',
    '/reports/NC/2024-W20/purple/latest',
    '/jobs/1',
    '/jobs/00000000-0000-4000-8000-000000000000',
    '/nothing',
  ])('has nothing at %s', async (path) => {
    expect((await problemOf(get(path))).name).toBe('not-found')
  })

  test.each([
    ['cursor=x', 'malformed'],
    [`cursor=${'A'.repeat(500)}`, 'invalid'],
    ['limit=0', 'invalid'],
    ['limit=1e9', 'invalid'],
    ['territory=NC&territory=MQ', 'malformed'],
    ['from=2024-02-30', 'invalid'],
    ['unknown=1', 'invalid'],
    ['territory=NC%0d%0aSet-Cookie:x=1', 'invalid'],
  ])('answers ?%s with a problem', async (query, name) => {
    const answer = await get(`/reports?${query}`)
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect((await problemOf(answer)).name).toBe(name)
  })
})

describe('a caller', () => {
  test('without identity is asked to sign in', async () => {
    await as(undefined, async () => {
      const answer = await get('/reports')
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      expect((await problemOf(answer)).name).toBe('not-signed-in')
      expect((await problemOf(post('/detections', {}))).name).toBe('not-signed-in')
    })
  })

  test.each([
    ['/reports', 'reports:read', () => get('/reports')],
    ['/sources', 'reports:read', () => get('/sources')],
    ['POST /reports', 'reports:create', () => post('/reports', { territory: 'NC', period: '2024-W20' })],
    ['POST /detections', 'detections:write', () => post('/detections', {})],
    ['GET /stix', 'reports:read', () => get('/stix')],
    ['GET /signing-key', 'reports:read', () => get('/signing-key')],
    ['GET /detections', 'detections:read', () => get('/detections')],
    ['GET /detections/a', 'detections:read', () => get('/detections/a')],
    ['POST /uploads', 'detections:write', () => post('/uploads', { name: 'a.csv', bytes: 1 })],
    ['POST /plates', 'detections:write', () => post('/plates', {})],
  ] as const)('without its scope may not %s', async (_, scope, ask) => {
    await as({ scopes: everything.scopes.filter((one) => one !== scope) }, async () => {
      expect(await problemOf(ask())).toMatchObject({ name: 'not-allowed', detail: `This needs the scope ${scope}` })
    })
  })

  test('gets no input for a period to come', async () => {
    const { sources } = (await jsonOf(get('/coverage?territory=NC&period=2999-W01'))) as unknown as {
      sources: { inputs: number }[]
    }
    expect(new Set(sources.map(({ inputs }) => inputs))).toEqual(new Set([0]))
  })

  test('sees the sources of its territories up to its clearance', async () => {
    const secret = { name: 'secret-source', version: 'secret-version', territories: ['MQ'] }
    const found = { id: 'by-secret', marking: 'TLP:RED', territories: ['MQ'], detector: secret }
    expect((await post('/detections', input(found))).status).toBe(200)
    const seen = async () =>
      JSON.stringify([await jsonOf(get('/sources')), await jsonOf(get('/coverage?territory=MQ&period=2024-W44'))])
    for (const clearance of ['TLP:CLEAR', 'TLP:AMBER+STRICT'] as const) {
      await as({ clearance }, async () => {
        expect(await seen()).toContain('VIGINUM')
        expect(await seen()).not.toContain('secret')
      })
    }
    await as({ clearance: 'TLP:RED' }, async () => {
      expect(await seen()).toContain('secret-version')
      const { sources } = (await jsonOf(get('/sources'))) as unknown as { sources: object[] }
      expect(sources).toContainEqual(expect.objectContaining({ name: 'secret-source', marking: 'TLP:RED' }))
    })
    await as({ territories: ['NC'] }, async () => {
      expect(JSON.stringify(await jsonOf(get('/sources')))).not.toContain('secret')
    })
  })

  test('sees nothing of other territories, and nothing above its clearance', async () => {
    await as({ territories: ['MQ'] }, async () => {
      const { reports } = (await jsonOf(get('/reports'))) as unknown as { reports: { id: string }[] }
      expect(reports.map(({ id }) => id)).toEqual(['MQ/2024-W41/amber/v0001'])
      expect((await problemOf(get('/reports/NC/2024-W20/amber/latest'))).name).toBe('not-found')
      expect((await problemOf(post('/reports', { territory: 'NC', period: '2024-W20' }))).name).toBe('not-allowed')
      expect((await problemOf(get('/coverage?territory=NC&period=2024-W20'))).name).toBe('not-allowed')
    })
    await as({ clearance: 'TLP:GREEN' }, async () => {
      expect(await jsonOf(get('/reports'))).toEqual({ reports: [] })
      expect((await problemOf(get('/reports/NC/2024-W20/amber/latest/files/report.json'))).name).toBe('not-found')
    })
  })

  test('is the one that the authoriser has found; missing or odd claims make none', () => {
    const claims = {
      sub: 'unit-7',
      scope: 'openid vigie/reports:read',
      vigie_clearance: 'TLP:GREEN',
      vigie_territories: '[NC COR]',
    }
    const event = (changed: Record<string, string>) => ({
      requestContext: { authorizer: { jwt: { claims: { ...claims, ...changed } } } },
    })
    expect(callerIn(event({}), 'TLP:AMBER')).toEqual({
      who: 'unit-7',
      scopes: ['reports:read'],
      clearance: 'TLP:GREEN',
      territories: ['NC', 'COR'],
    })
    expect(callerIn(event({ vigie_clearance: 'SECRET' }), 'TLP:AMBER')).toBeUndefined()
    expect(callerIn(event({ vigie_clearance: '' }), 'TLP:AMBER')).toBeUndefined()
    expect(callerIn(event({ sub: '' }), 'TLP:AMBER')).toBeUndefined()
    expect(callerIn(event({ scope: '', vigie_territories: '' }), 'TLP:AMBER')).toMatchObject({
      scopes: [],
      territories: [],
    })
    const role = { requestContext: { authorizer: { iam: { userArn: 'arn:aws:sts::1:assumed-role/desk/x' } } } }
    expect(callerIn(role, 'TLP:GREEN')).toMatchObject({
      clearance: 'TLP:GREEN',
      who: 'arn:aws:sts::1:assumed-role/desk/x',
    })
    for (const none of [undefined, {}, { requestContext: {} }, { requestContext: { authorizer: {} } }]) {
      expect(callerIn(none, 'TLP:RED')).toBeUndefined()
    }
  })
})

describe('detections', () => {
  const burst = (id: string) => input({ id, detector: 'api', territories: ['GF'], observed: { from: '2024-05-14' } })

  test('are ingested as one JSON object, as an array or one a line, with the outcome of each', async () => {
    expect(await jsonOf(post('/detections', burst('a-1')))).toMatchObject({ read: 1, accepted: 1 })
    expect(await jsonOf(post('/detections', [burst('a-1'), burst('a-2'), { id: 'broken' }]))).toMatchObject({
      ...{ read: 3, accepted: 1, duplicates: 1, rejected: 1 },
      rejects: [{ id: 'broken', path: 'detector' }],
    })
    const lines = post('/detections', ndjson(burst('a-3'), burst('a-4')), { 'content-type': 'application/x-ndjson' })
    expect(await jsonOf(lines)).toMatchObject({ read: 2, accepted: 2 })
  })

  test('of a caller who may not know what is stored are received, without their outcome', async () => {
    const who = { who: 'unit-7', clearance: 'TLP:AMBER' as const, territories: ['GF' as const] }
    await post('/detections', burst('known'))
    const stored = await as(who, () => jsonOf(post('/detections', [burst('known'), { id: 'broken' }])))
    const fresh = await as(who, () => jsonOf(post('/detections', [burst('fresh'), { id: 'broken' }])))
    expect(stored).toEqual(fresh)
    expect(fresh).toMatchObject({ read: 2, received: 1, rejected: 1, rejects: [{ id: 'broken', path: 'detector' }] })
  })

  const heads = ['id', 'detector', 'kind', 'title.fr', 'territories', 'observed.from']
  const row = (id: string) => [id, 'api', 'other', 'Salve', 'GF', '2024-05-14']
  const csv = (...rows: readonly (readonly string[])[]) => rows.map((cells) => `${cells.join(',')}\n`).join('')
  const sheet = {
    name: 'Feuille 2',
    rows: textRow(1, ...heads) + textRow(2, ...row('x-1')),
  }
  const workbookType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  const stix = bundle(campaign('Storm', { first_seen: '2024-05-14T00:00:00Z', last_seen: '2024-05-15T00:00:00Z' }))
  const misp = {
    Event: { uuid: '6a1f3b52-0000-4000-8000-000000000001', info: 'x', date: '2024-05-15', Orgc: { name: 'A' } },
  }

  test.each<[string, string, string | Uint8Array | object]>([
    ['application/stix+json;version=2.1', '?territory=GF', stix],
    ['application/json', '?territory=GF', misp],
    [
      'application/json',
      '?territory=GF',
      stix.replaceAll('Storm', 'Gale').replaceAll(/campaign--[\da-f-]+/g, stixId('campaign', 'Gale')),
    ],
    ['text/csv; charset=utf-8', '', csv(heads, row('c-1'))],
    ['text/csv', '?observed=2024-05-14&territory=GF', csv(['a-fake-site.com'])],
    [workbookType, '?sheet=Feuille%202', workbook([{ name: 'A', rows: textRow(1, 'nothing') }, sheet])],
  ])('are read from %s%s, checked without a trace, and stored', async (type, query, body) => {
    const send = (check: string) =>
      jsonOf(post(`/detections${query}${query === '' ? '?' : '&'}check=${check}`, body, { 'content-type': type }))
    const stored = async () => (await Array.fromAsync(opened.context.table.scan())).flat().length
    const before = await stored()
    const checked = await send('true')
    expect(checked).toMatchObject({ read: 1, accepted: 1, rejected: 0 })
    expect(checked).not.toHaveProperty('batch')
    expect(await stored()).toBe(before)
    const { batch: _, ...done } = await send('false')
    expect(checked).toMatchObject(done)
    expect(await stored()).toBeGreaterThan(before)
    expect(await send('true')).toMatchObject({ duplicates: 1 })
  })

  test('are checked for a limited caller without a word on what is stored', async () => {
    const who = { who: 'unit-7', clearance: 'TLP:GREEN' as const, territories: ['GF' as const] }
    await post('/detections', input({ ...burst('red'), marking: 'TLP:RED' }))
    const check = (id: string) => as(who, () => jsonOf(post('/detections?check=true', burst(id))))
    expect(await check('red')).toEqual(await check('unknown'))
    expect(await check('red')).toEqual({ read: 1, received: 1, rejected: 0, rejects: [], noted: {} })
  })

  test('that are nested too deep in a bundle are rejected', async () => {
    const body = `{"type":"bundle","objects":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`
    const answer = post('/detections?check=true', body, { 'content-type': 'application/stix+json' })
    expect(await jsonOf(answer)).toMatchObject({ read: 1, rejected: 1 })
  })

  test.each<[string, string, string | Uint8Array, string]>([
    ['an empty bundle', 'application/stix+json', '', 'malformed'],
    ['a bundle of nested lists', 'application/stix+json', '['.repeat(100_000) + ']'.repeat(100_000), 'malformed'],
    ['a packed bundle', 'application/stix+json', gzipSync(stix), 'malformed'],
    ['a packed table', 'text/csv', gzipSync(csv(heads, row('g'))), 'malformed'],
    ['an empty table', 'text/csv', '', 'malformed'],
    ['a table without rows', 'text/csv', csv(heads), 'malformed'],
    ['a list of accounts', 'text/csv', csv(['account'], ['@somebody']), 'malformed'],
    ['a broken workbook', workbookType, workbook([sheet]).subarray(0, 300), 'malformed'],
    ['a workbook without the sheet', `${workbookType}?sheet=B`, workbook([sheet]), 'malformed'],
    ['a table with an unknown day', 'text/csv?observed=soon', csv(heads, row('g')), 'invalid'],
    ['a table of an unknown place', 'text/csv?territory=XX', csv(heads, row('g')), 'invalid'],
    ['a table with an unknown wish', 'text/csv?set=a', csv(heads, row('g')), 'invalid'],
  ])('%s is a problem', async (_, asked, body, name) => {
    const [type = '', query = ''] = asked.split('?')
    const problem = await problemOf(post(`/detections?${query}`, body, { 'content-type': type }))
    expect([problem.name, problem.detail]).toEqual([name, expect.any(String)])
  })

  test.each([
    ['the last of them', 1],
    ['a full batch', 64],
  ])('are never reported as unstored where the store fails on %s', async (_, count) => {
    const desk = deskHere(opened.context)
    const saveAll = () => Promise.reject(new Error('the table is away'))
    const services = { ...desk.services, detections: { ...desk.services.detections, saveAll } }
    const away = appWith({ desk: { ...desk, services } })
    const records = Array.from({ length: count }, (_, at) => burst(`away-${at}`))
    expect(await problemOf(post('/detections', records, {}, away))).toMatchObject({
      name: 'failed',
      detail: 'Some of it may be stored: send all of it again, and nothing is stored twice',
    })
  })

  test('over five hundred are refused before any is stored', async () => {
    const many = Array.from({ length: 501 }, (_, at) => burst(`many-${at}`))
    expect((await problemOf(post('/detections', many))).name).toBe('too-large')
    expect(await jsonOf(post('/detections', burst('many-0')))).toMatchObject({ accepted: 1 })
  })

  test.each<[string, string, Record<string, string>, string]>([
    ['none', '', {}, 'malformed'],
    ['an empty list', '[]', {}, 'malformed'],
    ['a list that is cut', '[{"id":"x"},', {}, 'malformed'],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 'unsupported-type'],
  ])('%s are a problem', async (_, body, headers, name) => {
    expect((await problemOf(post('/detections', body, headers))).name).toBe(name)
  })

  test('larger than a request may be get no upload address here', async () => {
    expect((await problemOf(post('/uploads', { name: 'big.csv', bytes: 1 }))).name).toBe('unavailable')
    expect((await problemOf(post('/uploads', { name: '../big.csv', bytes: 1 }))).name).toBe('invalid')
  })

  test.each([undefined, 0, -1, 1.5, 1_000_000_001, '7'])('of %j bytes get no address', async (bytes) => {
    const problem = await problemOf(post('/uploads', { name: 'big.csv', bytes }))
    expect([problem.name, problem.errors?.map(({ field }) => field)]).toEqual(['invalid', ['/bytes']])
  })
})

const may = 'from=2024-05-01&to=2024-05-31'

describe('stored detections', () => {
  type Page = { detections: { id: string }[]; next?: string; by?: string; meant?: string[]; counts?: object }
  const page = async (path: string) => (await jsonOf(get(path))) as unknown as Page
  const idsOf = ({ detections }: Page) => detections.map(({ id }) => id)

  test('come page by page, each once, the newest first', async () => {
    const whole = await page(`/detections?${may}`)
    expect(
      idsOf(whole)
        .filter((id) => id.startsWith('nc-'))
        .slice(0, 2),
    ).toEqual(['nc-2024-05-16-video', 'nc-2024-05-diverted-photo'])
    const found: string[] = []
    for (let path: string | undefined = `/detections?${may}&limit=1`; path !== undefined;) {
      const one: Page = await page(path)
      found.push(...idsOf(one))
      path = one.next
    }
    expect(found).toEqual(idsOf(whole))
    expect(await page('/detections?q=UN-notorious%20BIG&limit=1')).toMatchObject({
      by: 'key',
      detections: [{ id: 'mq-2024-10-riot-police-videos' }],
    })
  })

  test.each([
    ['from=2024-01-01&to=2024-12-31', 'invalid', expect.any(String)],
    ['period=2024', 'invalid', expect.any(String)],
    ['period=2024-W20&from=2024-05-01', 'invalid', expect.any(String)],
    ['cursor=nonsense', 'malformed', expect.any(String)],
    ['word=a', 'invalid', expect.any(String)],
    ['territory=ZZ', 'invalid', expect.any(String)],
    ['q=', 'invalid', 'q: must not be empty'],
    ['q=%20', 'invalid', 'q: must not be empty'],
    ['q=%00&counts=true', 'invalid', 'q: must not be empty'],
    ['q=%E2%80%8E%EF%B8%8F%C2%AD&by=words', 'invalid', 'q: must not be empty'],
    ['campaign=%E2%81%A0', 'invalid', 'campaign: must not be empty'],
    ['detector=%C2%A0', 'invalid', 'detector: must not be empty'],
    ['q=!!!', 'invalid', 'q: must hold a letter or a digit'],
    [`q=${'a'.repeat(5_000)}`, 'invalid', 'q: must have at most 200 characters'],
    ['limit=201', 'invalid', 'limit: must be at most 200'],
    ['limit=many', 'invalid', 'limit: must be a number'],
    ['from=May', 'invalid', 'from: must be a day such as 2024-05-15'],
    ['marking=PINK', 'invalid', 'marking: must be one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED'],
    ['territory=Martinqiue', 'invalid', 'territory: "Martinqiue" is no territory: did you mean MQ?'],
    ['territory=Martinique', 'invalid', 'territory: "Martinique" is no code of a territory: give MQ'],
  ])('are not listed for %s, and the answer explains what is wrong', async (query, name, detail) => {
    expect(await problemOf(get(`/detections?${query}`))).toMatchObject({ name, detail })
  })

  test('that cannot be read are a problem also in an app that answers failures with pages', async () => {
    const own = new Hono()
    const { services } = partsWith()
    const stored = () => Promise.reject(new Error('the disk is gone'))
    apiRoutes(own, partsWith({ services: { ...services, detections: { ...services.detections, stored } } }))
    own.onError((_, c) => c.html('<p>a page</p>', 500))
    expect(await problemOf(own.request(`${site}/detections?q=any`))).toMatchObject({ name: 'failed', status: 500 })
  })

  test('that a caller may not know of change no answer to that caller', async () => {
    const asked = [
      `/detections?${may}&counts=true`,
      `/detections?${may}&limit=1`,
      `/detections?${may}&q=hidden`,
      `/detections?${may}&q=hiden&by=words`,
      '/detections?q=hidden-1',
      '/detections?q=Hidden%20operation',
      '/detections?campaign=Hidden%20operation',
      '/detections?q=%23hidden',
      `/detections?${may}&detector=hidden%20detector`,
      '/detections/hidden-1',
      '/detections/hidden-2',
      '/detections/unknown',
    ]
    const answers = () =>
      as({ clearance: 'TLP:AMBER', territories: ['NC'] }, () =>
        Promise.all(
          asked.map(async (path) => {
            const answer = await get(path)
            return [answer.status, [...answer.headers], await answer.text()]
          }),
        ),
      )
    const before = await answers()
    const hidden = {
      campaign: 'Hidden operation',
      hashtags: ['#hidden'],
      detector: 'hidden detector',
      title: { en: 'hidden' },
    }
    await post('/detections', [
      input({ ...hidden, id: 'hidden-1', marking: 'TLP:AMBER+STRICT' }),
      input({ ...hidden, id: 'hidden-2', marking: 'TLP:GREEN', territories: ['NC', 'PF'] }),
      input({ ...hidden, id: 'hidden-3', marking: 'TLP:GREEN', territories: [] }),
    ])
    expect(await answers()).toEqual(before)
    expect(before.slice(-3).map(([status]) => status)).toEqual([404, 404, 404])
    expect(before.at(-3)).toEqual(before.at(-1))
    expect((await get('/detections/hidden-2')).status).toBe(200)
    await as({ territories: ['NC'] }, async () => {
      expect(await problemOf(get('/detections?territory=PF'))).toMatchObject({ name: 'not-allowed' })
    })
  })
})

type Operation = {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, unknown>>
}

describe('the document of the interface', () => {
  test('is an OpenAPI document by the schema of its version, and each reference leads somewhere', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(openApiDocument())))
    expect(errors ?? []).toEqual([])
    expect(valid).toBe(true)
    expect(validator.version).toBe('3.1')
    expect(JSON.stringify(validator.resolveRefs())).not.toContain('"$ref"')
  })

  test('names each operation once, with its good and bad answers and each parameter of its path', () => {
    const document = openApiDocument()
    const all = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({ path, method, ...operation })),
    )
    const ids = all.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const without = (status: string) =>
      all.filter(({ responses }) => !Object.keys(responses).some((one) => one.startsWith(status)))
    // A file is answered by a redirect; the health check has no bad answer.
    expect(without('2').map(({ operationId }) => operationId)).toEqual(['getFile'])
    expect(without('4').map(({ path }) => path)).toEqual(['/healthz'])
    for (const { path, parameters = [], operationId } of all) {
      const named = parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`)
      expect(named.sort(), operationId).toEqual([...path.matchAll(/\{[^}]+\}/g)].map(([one]) => one).sort())
    }
  })

  test('makes a client that can call the running service', async () => {
    const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    try {
      const definition = `http://127.0.0.1:${port}/openapi.json`
      const client = await new OpenAPIClientAxios({
        definition,
        withServer: { url: `http://127.0.0.1:${port}` },
      }).init()
      const call = (id: string, parameters: object, body?: object) => {
        const made = client[id]
        if (!made) throw new Error(`the client has no ${id}`)
        return made(parameters as never, body)
      }
      const { data } = await call('listReports', { territory: 'NC', limit: 1 })
      expect(data.reports).toMatchObject([{ territory: 'NC', period: '2024-W20' }])
      const asked = await call('requestReport', {}, { territory: 'NC', period: '2024-W20' })
      expect(asked.status).toBe(202)
      queue.splice(0)
      expect((await call('getJob', { id: asked.data.id })).data).toMatchObject({ state: 'queued' })
      const version = { territory: 'NC', period: '2024-W20', cap: 'amber', version: 'latest' }
      expect((await call('getVersion', version)).data.files).toHaveLength(8)
      const file = await call('getFile', { ...version, name: 'report.json' })
      expect(file.data).toMatchObject({ territory: { code: 'NC' } })
    } finally {
      await new Promise((done) => server.close(done))
    }
  })

  const { paths, components } = openApiDocument() as {
    paths: Record<
      string,
      Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
    >
    components: object
  }
  const ajv = new Ajv2020({ strict: false })
  formats.default(ajv)
  const check = (schema: object, value: unknown) => {
    const validate = ajv.compile({ ...schema, components })
    return validate(value) ? [] : validate.errors
  }

  test('names every existing route, and no other', () => {
    const named = operations.map(
      ({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    )
    const own = app.routes.filter(({ path, method }) => method !== 'ALL' && !/^\/signed|openapi\.json/.test(path))
    expect([...new Set(own.map(({ method, path }) => `${method} ${path}`))].toSorted()).toEqual(named.toSorted())
  })

  // They need a record that waits or has no place, and answer as a withdrawal does.
  const others = ['placeDetection', 'acceptWaiting', 'refuseWaiting', 'signCandidate', 'refuseCandidate']
  beforeAll(async () => {
    const { candidates, clock } = opened.services
    const strength = { evidence: 70, threshold: 60, pushes: 3, isSourceKnown: true }
    await candidates.save({ detection: detection({ id: 'nc-2024-05-15-x' }), members: ['x'], strength }, clock())
  })
  const described = operations.filter(({ id }) => !others.includes(id))
  test.each(described.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    'describes %s: its answer fits the schema',
    async (_, { method, path, body, answer, id }) => {
      const job = id === 'getJob' ? await jsonOf(post('/reports', { territory: 'NC', period: '2024-W20' })) : undefined
      queue.splice(0)
      const values: Record<string, string> = {
        territory: 'NC',
        period: '2024-W20',
        cap: 'amber',
        version: '1',
        name: 'report.json',
        detection: 'nc-2024-05-15-x',
        candidate: 'nc-2024-05-15-x',
        id: job?.id ?? '00000000-0000-4000-8000-000000000000',
      }
      const asked = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? '')
      const query =
        {
          getCoverage: '?territory=NC&period=2024-W20',
          listDetections: `?${may}&counts=true&limit=1`,
          correctDetection: '?reason=x',
        }[id] ?? ''
      const response = await app.request(`${site}${asked}${query}`, {
        method: method.toUpperCase(),
        headers: { 'content-type': body?.types?.[0] ?? 'application/json', 'if-match': '*' },
        ...(body && { body: JSON.stringify(body.example) }),
      })
      const status = ['openUpload', 'openPlate', 'getPlate'].includes(id) ? 503 : answer.status
      expect(response.status).toBe(status)
      queue.splice(0)
      const described = paths[path]?.[method]?.responses[String(status)]
      expect(described).toBeDefined()
      expect(Object.keys(described?.content ?? {})).toEqual(
        status === 302 ? [] : [response.headers.get('content-type')?.split(';')[0]],
      )
      const { schema } = described?.content?.['application/json'] ?? {}
      if (schema) expect(check(schema, await response.json())).toEqual([])
    },
  )
})
