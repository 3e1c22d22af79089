/** What programs do to stored detections: the rules of the reading room, preconditions and repeated requests. */
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deskHere } from '../../../bin/cli/ingest-files.ts'
import { signedFolder } from '../../../lambdas/archive/signed-urls.local.ts'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { apiApp } from '../../../lambdas/web/api/app.ts'
import { type ApiParts, apiRoutes } from '../../../lambdas/web/api/routes.ts'
import { newFolder } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../../support/services.ts'

let opened: Opened
let app: Hono
let parts: ApiParts
let remove: () => Promise<void>
let caller: Caller = everything

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder)
  const { services, context } = opened
  const files = signedFolder(services.archive, services.clock)
  parts = {
    callerOf: () => caller,
    services: { ...services, enqueue: async () => undefined },
    files,
    desk: deskHere(context),
    log: () => undefined,
  }
  app = apiApp({ ...parts, filesOrigin: files.origin, secure: false })
  return async () => {
    await opened.close()
    await remove()
  }
})
afterAll(() => void (caller = everything))

const as = async <Done>(who: Partial<Caller>, work: () => Promise<Done>): Promise<Done> => {
  caller = { ...everything, ...who }
  try {
    return await work()
  } finally {
    caller = everything
  }
}

let count = 0
const stored = async (said: Partial<DetectionInput> = {}): Promise<string> => {
  count += 1
  const id = `act-${count}`
  await ingestInto(opened, [input({ id, ...said })])
  return id
}

const patchType = 'application/merge-patch+json'
const act = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const isPatch = !/\/(withdraw|place|accept|refuse)$/.test(path)
  const answer = await app.request(`/detections/${path}${isPatch ? '?reason=checked' : ''}`, {
    method: isPatch ? 'PATCH' : 'POST',
    headers: { 'if-match': '*', 'content-type': isPatch ? patchType : 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const json = (await answer.json()) as Record<string, unknown>
  return { status: answer.status, etag: answer.headers.get('etag'), json, name: String(json.type).split(':').at(-1) }
}
const read = async (id: string, headers: Record<string, string> = {}) => {
  const answer = await app.request(`/detections/${id}`, { headers })
  const text = await answer.text()
  return { status: answer.status, etag: answer.headers.get('etag') ?? '', json: text ? JSON.parse(text) : undefined }
}
const historyOf = async (id: string) => (await opened.services.history.list(100)).filter((one) => one.id === id)
const waitingOf = async (id: string) =>
  (await (await app.request(`/detections/${id}/waiting`)).json()) as {
    waiting: { record: string; kind: string; changed: string[]; sender: string; becomes: { marking: string } }[]
  }

test('a detection that was not changed is not sent again', async () => {
  const id = await stored()
  const { etag } = await read(id)
  expect(etag).toMatch(/^"1-[0-9a-f]{16}"$/)
  expect(await read(id, { 'if-none-match': `"x", W/${etag}` })).toMatchObject({ status: 304, etag, json: undefined })
  await act(id, { campaign: 'Other' })
  expect(await read(id, { 'if-none-match': etag })).toMatchObject({ status: 200, json: { campaign: 'Other' } })
})

describe('a correction', () => {
  test('keeps what its patch does not name, and the caller with the reason', async () => {
    const id = await stored({
      claim: { text: { fr: 'x', en: 'y' }, source: 'AFP' },
      counts: { posts: 40, byPlatform: [{ platform: 'X', posts: 40 }] },
      observed: { from: '2024-05-15T01:00:00Z', to: '2024-05-15T02:00:00Z' },
      hashtags: ['#a'],
    })
    const patch = { claim: { text: { en: 'z' } }, counts: { posts: 30, views: { value: 9, qualifier: 'at least' } } }
    const other = { observed: { from: '2024-05-14', to: '2024-05-15' }, hashtags: null, territories: ['PF', 'NC'] }
    const done = await as({ who: 'a detector' }, () => act(id, { ...patch, ...other }))
    expect(done).toMatchObject({ status: 200, json: { id, outcome: 'done' } })
    const { etag, json } = await read(id)
    expect(done.etag).toBe(etag)
    expect(json).toMatchObject({
      claim: { text: { fr: 'x', en: 'z' }, source: 'AFP' },
      observed: { from: '2024-05-14', to: '2024-05-15', precision: 'day' },
      hashtags: [],
      figures: { posts: { value: 30 }, views: { value: 9, qualifier: 'at least' } },
      territories: [
        { code: 'NC', method: 'explicit' },
        { code: 'PF', method: 'analyst' },
      ],
    })
    const corrections = await opened.services.detections.corrections(id)
    expect(new Set(corrections.map(({ by, reason }) => `${by}: ${reason}`))).toEqual(new Set(['a detector: checked']))
    expect(corrections.map(({ field }) => field).toSorted()).toEqual([
      ...['claim', 'counts.byPlatform', 'counts.posts', 'counts.views', 'hashtags', 'observed', 'territories'],
    ])
    expect((await act(id, { hashtags: [] })).json).toEqual({ id, outcome: 'unchanged' })
    await act(id, { counts: null })
    expect((await read(id)).json.figures.posts.value).toBe(null)
  })

  test.each([
    ['a field of the record', { detector: 'other' }, '/'],
    ['a field with parts of own markings', { quotes: [] }, '/'],
    ['a misspelt territory', { territories: ['Tahity'] }, '/territories/0'],
    ['no territory', { territories: [] }, '/territories'],
    ['no marking', { marking: null }, '/marking'],
    ['no title', { title: null }, '/title'],
    ['a word for a figure', { counts: { posts: 'many' } }, '/counts/posts'],
    ['deep nesting', `{"title":${'{"en":'.repeat(50_000)}1${'}'.repeat(50_000)}}`, '/title'],
  ])('with %s is a problem that names the field', async (_, patch, field) => {
    const { etag } = await read(await stored())
    const { name, json } = await act(`act-${count}`, patch)
    expect([name, json.errors]).toEqual([
      'invalid',
      [expect.objectContaining({ field: expect.stringContaining(field) })],
    ])
    expect((await read(`act-${count}`)).etag).toBe(etag)
  })

  test('is refused where its sender may not know the result', async () => {
    const id = await stored()
    await as({ territories: ['NC'], clearance: 'TLP:AMBER' }, async () => {
      expect((await act(id, { territories: ['NC', 'PF'] })).name).toBe('not-allowed')
      expect((await act(id, { marking: 'TLP:RED' })).name).toBe('not-allowed')
    })
    expect((await read(id)).json).toMatchObject({ revision: 1, marking: 'TLP:AMBER' })
  })
})

test('an act needs the ETag of what it changes', async () => {
  const id = await stored()
  const { etag } = await read(id)
  const headers = { 'if-match': etag }
  const none = await app.request(`/detections/${id}/withdraw`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'x' }),
  })
  expect(none.status).toBe(428)
  expect((await act(id, { campaign: 'One' }, headers)).status).toBe(200)
  const now = (await read(id)).etag
  for (const path of [id, `${id}/withdraw`]) {
    const body = path === id ? { campaign: 'Two' } : { reason: 'x' }
    expect(await act(path, body, headers)).toMatchObject({ status: 412, name: 'changed', etag: now })
    expect((await act(path, body, { 'if-match': `W/${now}` })).status).toBe(412)
  }
  expect((await read(id)).json.campaign).toBe('One')
})

test('a repeated request gets the first answer, and its key belongs to it', async () => {
  const id = await stored()
  const headers = { 'if-match': (await read(id)).etag, 'idempotency-key': 'act-key' }
  const first = await act(id, { campaign: 'One' }, headers)
  await act(id, { campaign: 'Two' })
  expect(await act(id, { campaign: 'One' }, headers)).toEqual(first)
  expect((await read(id)).json.campaign).toBe('Two')
  expect(await act(id, { campaign: 'Three' }, headers)).toMatchObject({ status: 422, name: 'key-reused' })
  expect(await act(`${id}/withdraw`, { reason: 'x' }, headers)).toMatchObject({ name: 'key-reused' })
  // A request that failed is no answer, and another caller's key is another one.
  const late = { ...headers, 'idempotency-key': 'late' }
  expect((await act(id, { campaign: 'Four' }, late)).status).toBe(412)
  expect((await act(id, { campaign: 'Four' }, { ...late, 'if-match': '*' })).status).toBe(200)
  await as({ who: 'other' }, async () => expect((await act(id, { campaign: 'One' }, headers)).status).toBe(412))
})

test('a withdrawn detection is like an unknown one', async () => {
  const id = await stored()
  expect((await act(`${id}/withdraw`, { reason: 'a test' })).json).toEqual({ id, outcome: 'done' })
  expect(await historyOf(id)).toMatchObject([{ did: 'withdrawn', by: 'this machine', reason: 'a test' }])
  expect((await read(id)).status).toBe(404)
  expect((await act(`${id}/withdraw`, { reason: 'a test' })).json).toEqual((await act('x', { campaign: 'x' })).json)
})

test('a place is given once; a correction moves it', async () => {
  const id = await stored({ territories: [] })
  expect((await act(`${id}/place`, { territories: ['NC'] })).json).toEqual({ id, outcome: 'done' })
  expect((await read(id)).json.territories).toEqual([{ code: 'NC', method: 'analyst' }])
  expect((await act(`${id}/place`, { territories: ['PF'] })).name).toBe('conflict')
})

test('a lower marking is accepted by another account than its sender', async () => {
  const id = await stored({ marking: 'TLP:AMBER' })
  const role = (session: string) => ({ who: `arn:aws:sts::1:assumed-role/units/${session}` })
  const asked = await as(role('a'), () => act(id, { marking: 'TLP:GREEN', campaign: 'New' }))
  expect(asked.json).toEqual({ id, outcome: 'waits' })
  const { waiting } = await waitingOf(id)
  expect(waiting).toMatchObject([{ kind: 'lower', sender: role('a').who, becomes: { marking: 'TLP:GREEN' } }])
  const decision = { record: waiting[0]?.record, reason: 'checked' }
  for (const own of ['a', 'b'])
    expect((await as(role(own), () => act(`${id}/accept`, decision))).name, own).toBe('not-allowed')
  expect((await read(id)).json.marking).toBe('TLP:AMBER')
  expect((await as({ who: 'other' }, () => act(`${id}/accept`, decision))).json).toEqual({ id, outcome: 'done' })
  expect((await read(id)).json).toMatchObject({ marking: 'TLP:GREEN', campaign: 'New' })
  expect((await act(`${id}/accept`, decision)).name).toBe('not-found')
})

test('a contested record is refused, with who and why', async () => {
  const id = await stored()
  await ingestInto(opened, [input({ id, detector: 'another', campaign: 'Foreign' })])
  const { waiting } = await waitingOf(id)
  expect(waiting).toMatchObject([{ kind: 'contested', changed: expect.arrayContaining(['campaign']) }])
  const { json } = await act(`${id}/refuse`, { record: waiting[0]?.record, reason: 'not ours' })
  expect(json).toEqual({ id, outcome: 'done' })
  expect(await historyOf(id)).toMatchObject([{ did: 'refused', by: 'this machine', reason: 'not ours' }])
  expect(await waitingOf(id)).toEqual({ waiting: [] })
})

test('what a caller may not know is like what does not exist', async () => {
  const hidden = await stored({ marking: 'TLP:RED' })
  const elsewhere = await stored({ territories: ['NC', 'PF'] })
  const before = await Promise.all([hidden, elsewhere].map((id) => read(id)))
  const decision = { record: '0'.repeat(64), reason: 'x' }
  const acts = [
    ['', { campaign: 'x' }],
    ['/withdraw', { reason: 'x' }],
    ['/place', { territories: ['NC'] }],
    ['/accept', decision],
    ['/refuse', decision],
  ] as const
  await as({ territories: ['NC'], clearance: 'TLP:AMBER' }, async () => {
    for (const match of ['*', '"1-0"'])
      for (const [path, body] of acts) {
        const [unknown, ...others] = await Promise.all(
          ['unknown', hidden, elsewhere].map((id) => act(`${id}${path}`, body, { 'if-match': match })),
        )
        expect(unknown).toMatchObject({ status: 404, etag: null })
        expect(others).toEqual([unknown, unknown])
      }
    expect((await app.request(`/detections/${hidden}/waiting`)).status).toBe(404)
  })
  for (const scopes of [['detections:read'], ['detections:write']] as const)
    expect((await as({ scopes: [...scopes] }, () => act(hidden, { campaign: 'x' }))).status).toBe(403)
  expect(await Promise.all([hidden, elsewhere].map((id) => read(id)))).toEqual(before)
})

test('an app with pages answers other methods and paths with problems, and browsers elsewhere with its page', async () => {
  const own = new Hono()
  own.get('/room/:name', (c) => c.text('here'))
  apiRoutes(own, parts)
  own.notFound((c) => c.html('<p>a page</p>', 404))
  const answers = await Promise.all(
    [
      ['PUT', '/detections/x'],
      ['DELETE', '/reports'],
      ['POST', '/openapi.json'],
      ['GET', '/detections/x/withdrawn'],
      ['GET', '/room'],
      ['PUT', '/room/x'],
      ['GET', '/room', 'text/html,*/*;q=0.8'],
      ['GET', '/reports/x', 'text/html,*/*;q=0.8'],
    ].map(async ([method = '', path = '', accept = '*/*']) => {
      const answer = await own.request(path, { method, headers: { accept } })
      return [answer.status, answer.headers.get('allow'), answer.headers.get('content-type')]
    }),
  )
  const problem = 'application/problem+json'
  expect(answers).toEqual([
    [405, 'GET, PATCH, HEAD', problem],
    [405, 'POST, GET, HEAD', problem],
    [405, 'GET, HEAD', problem],
    [404, null, problem],
    [404, null, problem],
    [405, 'GET, HEAD', problem],
    [404, null, 'text/html; charset=UTF-8'],
    [404, null, problem],
  ])
})

test('a key whose request is under way is refused, and answered as the first one later', async () => {
  const id = await stored()
  const withdraw = () => act(`${id}/withdraw`, { reason: 'wrong' }, { 'idempotency-key': 'at-once' })
  const answers = await Promise.all(Array.from({ length: 5 }, withdraw))
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
  expect(answers.every(({ status, name }) => status === 200 || name === 'conflict')).toBe(true)
  expect((await withdraw()).status).toBe(200)
  expect(await historyOf(id)).toHaveLength(1)
})
