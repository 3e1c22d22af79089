/** The interface for programs, on a real home: every route, who may what, and what hostile requests come to. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { Validator } from '@seriousme/openapi-schema-validator'
import formats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Hono } from 'hono'
import { OpenAPIClientAxios } from 'openapi-client-axios'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { intakeHere } from '../../../bin/cli/ingest-files.ts'
import { story } from '../../../bin/cli/story.ts'
import { ArchiveMissingError } from '../../../lambdas/archive/archive.ts'
import { signedFolder } from '../../../lambdas/archive/signed-urls.local.ts'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import { fault } from '../../../lambdas/domain/core/fault.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import type { ReportMessage } from '../../../lambdas/domain/report/messages.ts'
import { readNdjson } from '../../../lambdas/intake/json/ndjson.ts'
import { recallVersion } from '../../../lambdas/usecases/delivery/recall-version.ts'
import { ingestBatch } from '../../../lambdas/usecases/ingest/ingest-batch.ts'
import { type IngestTally, ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { HeldReportError } from '../../../lambdas/usecases/reports/generate-report.ts'
import { failJob, handleReportMessage } from '../../../lambdas/usecases/reports/handle-report-message.ts'
import { apiApp } from '../../../lambdas/web/api/app.ts'
import { openApiDocument, operations } from '../../../lambdas/web/api/openapi.ts'
import { apiRoutes } from '../../../lambdas/web/api/routes.ts'
import { callerIn } from '../../../lambdas/web/sign-in/identity.ts'
import { ndjson, newFolder } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { guide } from '../../support/guides.ts'
import { type Opened, openServices } from '../../support/services.ts'

let opened: Opened
let app: Hono
let remove: () => Promise<void>
let caller: Caller | undefined = everything
const queue: ReportMessage[] = []
const logged: { readonly what: string; readonly facts: Readonly<Record<string, unknown>> }[] = []

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder, '2024-11-01T00:00:00.000Z')
  const { services, context } = opened
  const chunks = async function* () {
    yield readFileSync(story.file)
  }
  await ingestDetections(readNdjson(chunks(), { file: 'story' }), 'story', services)
  const log = (what: string, facts: Readonly<Record<string, unknown>>) => void logged.push({ what, facts })
  const files = signedFolder(services.archive, services.clock)
  app = apiApp({
    callerOf: () => caller,
    services: { ...services, enqueue: async (message) => void queue.push(message) },
    files,
    take: async (bytes, how) => ingestBatch(bytes, { ...how, ...(await intakeHere(context)) }, services),
    log,
    filesOrigin: files.origin,
    secure: false,
  })
  files.routes(app)
})
afterAll(async () => {
  await opened.close()
  await remove()
})

const site = 'http://127.0.0.1'
const get = (path: string, headers: Record<string, string> = {}) => app.request(`${site}${path}`, { headers })
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  app.request(`${site}${path}`, {
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

/** Does what is queued, as the functions would. */
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

describe('a report asked for', () => {
  test('is a job that is made once, and leads to its version', async () => {
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

  test('is made once, though its message comes again when there is more to tell', async () => {
    const late = { period: '2024-W21', territory: 'BL' }
    const job = await jsonOf(post('/reports', late))
    const [message] = queue as [ReportMessage]
    await work()
    await post('/detections', ndjson(input({ id: 'late', territories: ['BL'], observed: { from: '2024-05-21' } })), {
      'content-type': 'application/x-ndjson',
    })
    queue.push(message)
    await work()
    expect(await jsonOf(get(`/jobs/${job.id}`))).toMatchObject({ state: 'done', version: 1 })
    expect(
      await opened.services.reports.versions({ territory: 'BL', period: parsePeriod('2024-W21'), cap: 'TLP:AMBER' }),
    ).toHaveLength(1)
  })

  test('with a key is one job, however often it is sent; the key stands for no other', async () => {
    const request = { territory: 'PF', period: '2024-W20' }
    const key = { 'idempotency-key': 'k-1' }
    const [first, second] = [await jsonOf(post('/reports', request, key)), await jsonOf(post('/reports', request, key))]
    expect(second.id).toBe(first.id)
    const other = await problemOf(post('/reports', { ...request, period: '2024-W19' }, key))
    expect(other.name).toBe('key-reused')
    await work()
    expect(await jsonOf(post('/reports', request, key))).toMatchObject({ id: first.id, state: 'done' })
    expect(queue).toEqual([])
    // Another caller's key is another.
    const foreign = await as({ who: 'somebody else' }, () => jsonOf(post('/reports', request, key)))
    expect(foreign.id).not.toBe(first.id)
    await work()
  })

  test('two hundred times at once, by fifty keys, is fifty jobs, and none is lost', async () => {
    const ids = new Set<string>()
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        post('/reports', { territory: 'WF', period: '2024-W20' }, { 'idempotency-key': `many-${at % 50}` }),
      ),
    )
    for (const answer of all) ids.add((await jsonOf(answer)).id ?? '')
    expect(all.map(({ status }) => status)).toEqual(Array(200).fill(202))
    expect(ids.size).toBe(50)
    await work()
    const states = await Promise.all([...ids].map(async (id) => (await jsonOf(get(`/jobs/${id}`))).state))
    expect(new Set(states)).toEqual(new Set(['done']))
    expect(
      await opened.services.reports.versions({ territory: 'WF', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' }),
    ).toHaveLength(1)
  })

  test('is refused to a caller who has asked for as many as it may within the hour, and to no other', async () => {
    const { services } = opened
    const own = new Hono()
    let who = 'arn:aws:sts::123456789012:assumed-role/desk/one'
    const sent: ReportMessage[] = []
    apiRoutes(own, {
      callerOf: () => ({ ...everything, who }),
      services: { ...services, limits: { reportsPerHour: 3 }, enqueue: async (message) => void sent.push(message) },
      files: signedFolder(services.archive, services.clock),
      take: async () => Promise.reject(new Error('nothing is sent')),
      log: () => undefined,
    })
    const request = { territory: 'PM', period: '2024-W20' }
    const ask = (headers: Record<string, string> = {}) =>
      own.request(`${site}/reports`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(request),
      })
    const keyed = { 'idempotency-key': 'quota-1' }
    const first = await Promise.all(Array.from({ length: 8 }, () => ask(keyed)))
    expect(first.map(({ status }) => status)).toEqual(Array(8).fill(202))
    const many = await Promise.all(Array.from({ length: 8 }, () => ask()))
    expect(many.map(({ status }) => status).toSorted()).toEqual([202, 202, ...Array(6).fill(429)])
    const late = await ask()
    expect(late.headers.get('retry-after')).toBe('3600')
    expect(await problemOf(late)).toMatchObject({ name: 'too-many', detail: expect.stringContaining('3 reports') })
    // What it had asked for already is no other report; another session of the role is no other caller.
    expect((await ask(keyed)).status).toBe(202)
    who = 'arn:aws:sts::123456789012:assumed-role/desk/two'
    const refused = { 'idempotency-key': 'quota-2' }
    expect((await ask(refused)).status).toBe(429)
    who = 'arn:aws:sts::123456789012:assumed-role/other/one'
    expect((await ask()).status).toBe(202)
    who = 'arn:aws:sts::123456789012:assumed-role/desk/two'
    opened.at('2024-11-01T00:59:59.000Z')
    expect((await ask()).headers.get('retry-after')).toBe('1')
    opened.at('2024-11-01T01:00:00.000Z')
    // The key that was refused stands for its request still, and is counted now.
    expect((await ask(refused)).status).toBe(202)
    opened.at('2024-11-01T00:00:00.000Z')
    expect(sent.length).toBeGreaterThan(4)
  })

  test('is delivered where it is asked to be', async () => {
    await post('/reports', { territory: 'MQ', period: '2024-W41', deliver: true })
    await work()
    expect(logged.filter(({ what }) => what === 'delivery')).toMatchObject([
      { facts: { territory: 'MQ', to: 'everybody' } },
    ])
  })

  test('that fails says so in its job', async () => {
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

  test('that is held is told without the place of its files', async () => {
    const job = await jsonOf(post('/reports', { territory: 'YT', period: '2024-W20' }))
    const [message] = queue.splice(0)
    const reason = fault('gate.pdf.blank', { count: 1, pages: '2' })
    const told = fault('report.held', { report: 'YT/2024-W20/amber/v0001', reason })
    const cause = new HeldReportError(told, '/home/a b/archive')
    expect(cause.message).toContain('/home/a b/archive')
    await failJob(message as ReportMessage, cause, opened.services)
    expect(await jsonOf(get(`/jobs/${job.id}`))).toMatchObject({
      state: 'held',
      reason: 'YT/2024-W20/amber/v0001 is held: page 2 is blank',
    })
  })

  test.each([
    ['an unknown territory', { territory: 'XX', period: '2024-W20' }, 'invalid', '/territory'],
    ['no period', { territory: 'NC' }, 'invalid', '/period'],
    ['a period that does not exist', { territory: 'NC', period: '2024-W60' }, 'invalid', '/period'],
    ['a period that has not begun', { territory: 'NC', period: '2031-W20' }, 'invalid', '/period'],
    ['a field too many', { territory: 'NC', period: '2024-W20', caps: 'RED' }, 'invalid', '/'],
    ['an instant that is none', { territory: 'NC', period: '2024-W20', asOf: 'yesterday' }, 'invalid', '/asOf'],
    [
      'an instant that is still to come',
      { territory: 'NC', period: '2024-W20', asOf: '2024-11-01T00:00:00.001Z' },
      'invalid',
      '/asOf',
    ],
    ['prototype keys', '{"territory":"NC","period":"2024-W20","__proto__":{"deliver":true}}', 'invalid', '/'],
  ])('with %s is a problem that names the field, and no job', async (_, body, name, field) => {
    const problem = await problemOf(post('/reports', body))
    expect(problem.name).toBe(name)
    expect(problem.errors?.map((error) => error.field)).toContain(field)
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

  test.each([
    ['"Atlantis"', { territory: 'Atlantis', period: '2024-W20' }],
    ['nothing', { period: '2024-W20' }],
  ])('for %s is told which territories there are', async (said, body) => {
    const { errors } = await problemOf(post('/reports', body))
    expect(errors).toEqual([
      { field: '/territory', fix: expect.stringContaining(`${said} is no territory: give NC, PF,`) },
    ])
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
  test('is listed newest first, page by page, each version once', async () => {
    const seen: string[] = []
    let path: string | undefined = '/reports?limit=2'
    while (path) {
      const page = (await jsonOf(get(path))) as unknown as { reports: { id: string }[]; next?: string }
      expect(page.reports.length).toBeLessThanOrEqual(2)
      seen.push(...page.reports.map(({ id }) => id))
      path = page.next
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen[0]).toBe('MQ/2024-W41/amber/v0001')
    expect(seen).toContain('NC/2024-W20/amber/v0001')
  })

  test('is filtered by territory, period, edition and days', async () => {
    const ids = async (query: string) =>
      ((await jsonOf(get(`/reports?${query}`))) as unknown as { reports: { id: string }[] }).reports.map(({ id }) => id)
    expect(await ids('territory=NC')).toEqual(['NC/2024-W20/amber/v0001'])
    expect(await ids('period=2024-W41')).toEqual(['MQ/2024-W41/amber/v0001'])
    expect(await ids('from=2024-06-01')).toEqual(['MQ/2024-W41/amber/v0001'])
    expect(await ids('to=2024-05-12')).toEqual([])
    expect(await ids('cap=TLP:GREEN')).toEqual([])
  })

  test('gives a version’s files by addresses that are good for minutes, and logs who opened what', async () => {
    const answer = await get('/reports/NC/2024-W20/amber/latest/files/report.fr.pdf')
    expect(answer.status).toBe(302)
    const file = await app.request(new URL(answer.headers.get('location') ?? '', site))
    expect(
      Buffer.from(await file.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
    expect(logged.at(-1)).toMatchObject({
      what: 'file opened',
      facts: { who: 'this machine', report: 'NC/2024-W20/amber/v0001', file: 'report.fr.pdf', marking: 'TLP:CLEAR' },
    })
  })

  test('gives what proves a version: openssl checks what was fetched, by the recipe of docs/reports.md', async ({
    skip,
  }) => {
    const version = '/reports/NC/2024-W20/amber/1'
    const { files, proof } = (await jsonOf(get(version))) as unknown as {
      files: { name: string; href: string }[]
      proof: { manifest: string; signature: string; publicKey: string }
    }
    const { folder, remove: removing } = await newFolder()
    const fetched = async (path: string, name: string) => {
      const answer = await get(path)
      const at = answer.headers.get('location')
      const file = at ? await app.request(new URL(at, site)) : answer
      expect([name, file.status]).toEqual([name, 200])
      await writeFile(join(folder, name), Buffer.from(await file.arrayBuffer()))
    }
    for (const { name, href } of files) await fetched(href, name)
    await fetched(proof.manifest, 'manifest.json')
    await fetched(proof.signature, 'manifest.sig')
    await fetched(proof.publicKey, 'vigie.pem')
    expect(logged.at(-1)).toMatchObject({ what: 'file opened', facts: { file: 'manifest.sig' } })
    const { error } = spawnSync('openssl', ['version'])
    if (error) return skip(`openssl cannot be run: ${error.message}`)
    const [, recipe = ''] = /```sh\n(openssl dgst[\s\S]*?)```/.exec(await guide('reports')) ?? []
    const follow = () => spawnSync('sh', ['-c', recipe], { cwd: folder, encoding: 'utf8' })
    const right = follow()
    expect([right.stdout, right.status]).toEqual(['Verified OK\n', 0])
    await appendFile(join(folder, 'manifest.json'), ' ')
    expect(follow().stdout).toContain('Verification failure')
    await removing()
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
    const old = new Hono()
    const services = { ...opened.services, archive: unsigned, enqueue: async () => undefined }
    const take = async () => Promise.reject(new Error('nothing is sent'))
    const files = signedFolder(archive, opened.services.clock)
    apiRoutes(old, { callerOf: () => everything, services, files, take, log: () => undefined })
    const answer = old.request(`${site}/reports/NC/2024-W20/amber/1/files/manifest.sig`)
    expect(await problemOf(answer)).toMatchObject({ name: 'not-found' })
  })

  test('tells what changed since the version before', async () => {
    opened.at('2024-11-02T00:00:00.000Z')
    const late = {
      id: 'late-1',
      detector: 'late',
      kind: 'copy-paste',
      title: { en: 'Late' },
      territories: ['NC'],
      observed: { from: '2024-05-14' },
      counts: { posts: 1_000 },
    }
    expect(await jsonOf(post('/detections', late))).toMatchObject({ read: 1, accepted: 1 })
    await post('/reports', { territory: 'NC', period: '2024-W20' })
    await work()
    expect(await jsonOf(get('/reports/NC/2024-W20/amber/1/changes'))).toMatchObject({ version: 1, changes: null })
    expect(await jsonOf(get('/reports/NC/2024-W20/amber/latest/changes'))).toMatchObject({
      version: 2,
      changes: { version: 1, reasons: ['late data'], added: ['late-1'] },
    })
  })

  test('keeps a recalled version’s files shut, and says why', async () => {
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
  test('that is nobody is told to sign in', async () => {
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

  test('is told of a period to come that nothing has come in', async () => {
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
    await as({ clearance: 'TLP:RED' }, async () => expect(await seen()).toContain('secret-version'))
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

  test('is who the authoriser has found, and nobody where anything is missing or odd', () => {
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
  const burst = (id: string) => ({
    id,
    detector: 'api',
    kind: 'copy-paste',
    title: { en: id },
    territories: ['GF'],
    observed: { from: '2024-05-14' },
  })

  test('are taken in as JSON, as an array, one a line; each with what became of it', async () => {
    expect(await jsonOf(post('/detections', burst('a-1')))).toMatchObject({ read: 1, accepted: 1 })
    expect(await jsonOf(post('/detections', [burst('a-1'), burst('a-2'), { id: 'broken' }]))).toMatchObject({
      ...{ read: 3, accepted: 1, duplicates: 1, rejected: 1 },
      rejects: [{ id: 'broken', path: 'detector' }],
    })
    const lines = await post('/detections', ndjson(burst('a-3'), burst('a-4')), {
      'content-type': 'application/x-ndjson',
    })
    expect(await jsonOf(lines)).toMatchObject({ read: 2, accepted: 2 })
  })

  test('of a caller who may not know what is stored are received, whatever became of them', async () => {
    const who = { who: 'unit-7', clearance: 'TLP:AMBER' as const, territories: ['GF' as const] }
    await post('/detections', burst('known'))
    const stored = await as(who, () => jsonOf(post('/detections', [burst('known'), { id: 'broken' }])))
    const fresh = await as(who, () => jsonOf(post('/detections', [burst('fresh'), { id: 'broken' }])))
    expect(stored).toEqual(fresh)
    expect(fresh).toMatchObject({ read: 2, received: 1, rejected: 1, rejects: [{ id: 'broken', path: 'detector' }] })
  })

  test.each<[string, () => Promise<IngestTally>]>([
    ['throws', () => Promise.reject(new Error('the table is away'))],
    [
      'takes none',
      async () => ({ ...(await ingestDetections([], 'none', opened.services)), failure: 'away', storeFailed: true }),
    ],
  ])('of which the store %s are never told to have changed nothing', async (_, take) => {
    const broken = apiApp({
      callerOf: () => caller,
      services: { ...opened.services, enqueue: async () => {} },
      files: signedFolder(opened.services.archive, opened.services.clock),
      take,
      log: () => {},
      filesOrigin: async () => undefined,
      secure: false,
    })
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(burst('x')) }
    expect(await problemOf(broken.request(`${site}/detections`, sent))).toMatchObject({
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

  test('larger than a request may be have no place here', async () => {
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
    ['from=2024-01-01&to=2024-12-31', 'invalid'],
    ['period=2024', 'invalid'],
    ['period=2024-W20&from=2024-05-01', 'invalid'],
    ['territory=ZZ', 'invalid'],
    ['cursor=nonsense', 'malformed'],
    ['limit=201', 'invalid'],
    ['word=a', 'invalid'],
  ])('are not listed for %s', async (query, name) => {
    expect(await problemOf(get(`/detections?${query}`))).toMatchObject({ name })
  })

  test.each([
    ['q=%20', 'q: must not be empty'],
    ['q=!!!', 'q: must hold a letter or a digit'],
    ['q=', 'q: must not be empty'],
    ['q=%09', 'q: must not be empty'],
    ['q=%0A&by=key', 'q: must not be empty'],
    ['q=%C2%A0&counts=true', 'q: must not be empty'],
    ['q=%00', 'q: must not be empty'],
    ['q=%E2%80%8B%20%EF%BB%BF', 'q: must not be empty'],
    ['q=%E2%80%8E%EF%B8%8F%C2%AD&by=words', 'q: must not be empty'],
    ['campaign=%E2%81%A0', 'campaign: must not be empty'],
    ['campaign=%20', 'campaign: must not be empty'],
    ['detector=%C2%A0', 'detector: must not be empty'],
    [`q=${'a'.repeat(5_000)}`, 'q: must have at most 200 characters'],
    ['limit=201', 'limit: must be at most 200'],
    ['limit=many', 'limit: must be a number'],
    ['from=May', 'from: must be a day such as 2024-05-15'],
    ['marking=PINK', 'marking: must be one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED'],
    ['territory=Martinqiue', 'territory: "Martinqiue" is no territory: did you mean MQ?'],
    ['territory=Martinique', 'territory: "Martinique" is no code of a territory: give MQ'],
  ])('are not listed for %s, and the answer says in plain words what is wrong', async (query, detail) => {
    expect(await problemOf(get(`/detections?${query}`))).toMatchObject({ name: 'invalid', detail })
  })

  test('that cannot be read are a problem beside pages too, and no page', async () => {
    const own = new Hono()
    const broken = { stored: () => Promise.reject(new Error('the disk is gone')) }
    const { archive } = opened.services
    apiRoutes(own, {
      callerOf: () => everything,
      services: {
        ...opened.services,
        detections: { ...opened.services.detections, ...broken },
        enqueue: async () => {},
      },
      files: signedFolder(archive, opened.services.clock),
      take: async () => Promise.reject(new Error('nothing is taken')),
      log: () => undefined,
    })
    own.onError((_, c) => c.html('<p>a page</p>', 500))
    expect(await problemOf(own.request(`${site}/detections?q=any`))).toMatchObject({ name: 'failed', status: 500 })
  })

  test('that a caller may not know of change nothing that it is told', async () => {
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
    const told = () =>
      as({ clearance: 'TLP:AMBER', territories: ['NC'] }, () =>
        Promise.all(
          asked.map(async (path) => {
            const answer = await get(path)
            return [answer.status, [...answer.headers], await answer.text()]
          }),
        ),
      )
    const before = await told()
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
    expect(await told()).toEqual(before)
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

  test('names each operation once, says how each ends well and badly, and has each parameter of its path', () => {
    const document = openApiDocument()
    const all = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({ path, method, ...operation })),
    )
    const ids = all.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const without = (status: string) =>
      all.filter(({ responses }) => !Object.keys(responses).some((one) => one.startsWith(status)))
    // A file is told by a redirect; whether Vigie answers, by nothing else.
    expect(without('2').map(({ operationId }) => operationId)).toEqual(['getFile'])
    expect(without('4').map(({ path }) => path)).toEqual(['/healthz'])
    for (const { path, parameters = [], operationId } of all) {
      const named = parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`)
      expect(named.sort(), operationId).toEqual([...path.matchAll(/\{[^}]+\}/g)].map(([one]) => one).sort())
    }
  })

  test('makes a client that asks the running service', async () => {
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
      expect((await call('getVersion', version)).data.files).toHaveLength(7)
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

  test('names every route that there is, and no other', () => {
    const told = operations.map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`)
    const own = app.routes.filter(({ path, method }) => method !== 'ALL' && !/^\/signed|openapi\.json/.test(path))
    expect([...new Set(own.map(({ method, path }) => `${method} ${path}`))].toSorted()).toEqual(told.toSorted())
  })

  test.each(operations.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    'is true of %s: what it answers fits its schema',
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
        id: job?.id ?? '00000000-0000-4000-8000-000000000000',
      }
      const asked = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? '')
      const query =
        { getCoverage: '?territory=NC&period=2024-W20', listDetections: `?${may}&counts=true&limit=1` }[id] ?? ''
      const response = method === 'get' ? await get(`${asked}${query}`) : await post(asked, body?.example)
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
