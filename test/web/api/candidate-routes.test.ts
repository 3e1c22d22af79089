/** What programs do to candidates: the rights of people, preconditions and repeated requests. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deskHere } from '../../../bin/cli/ingest-files.ts'
import { signedFolder } from '../../../lambdas/archive/signed-urls.local.ts'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import type { Candidate } from '../../../lambdas/store/intake/candidates.ts'
import { apiApp } from '../../../lambdas/web/api/app.ts'
import { newFolder } from '../../support/cli.ts'
import { detection, input } from '../../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../../support/services.ts'

let opened: Opened
let app: ReturnType<typeof apiApp>
let close: () => Promise<void>
const analyst: Caller = { ...everything, who: 'workbench', scopes: ['candidates:sign'] }
let caller = analyst

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder)
  const { services, context } = opened
  const files = signedFolder(services.archive, services.clock)
  app = apiApp({
    callerOf: () => caller,
    services: { ...services, enqueue: async () => undefined },
    ...{ files, desk: deskHere(context), log: () => undefined },
    ...{ filesOrigin: files.origin, secure: false },
  })
  close = async () => {
    await opened.close()
    await remove()
  }
})
afterAll(() => close())

const as = async <Done>(who: Partial<Caller>, work: () => Promise<Done>): Promise<Done> => {
  caller = { ...analyst, ...who }
  return work().finally(() => {
    caller = analyst
  })
}

const found = async (id: string, said: Partial<DetectionInput> = {}): Promise<void> => {
  const one = detection({ id, detector: 'vigie', territories: ['NC'], counts: { posts: 6 }, ...said })
  const shared = [{ name: 'url http://bad.com/x', accounts: 12 }]
  await opened.services.candidates.save({ detection: one, members: [id], shared }, opened.services.clock())
}
const get = async (path: string) => {
  const answer = await app.request(path)
  const json = (await answer.json()) as Record<string, unknown>
  return { status: answer.status, etag: answer.headers.get('etag'), json }
}
const act = async (path: string, body: object = {}, headers: Record<string, string> = {}) => {
  const answer = await app.request(`/candidates/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'if-match': '*', ...headers },
    body: JSON.stringify(body),
  })
  const json = (await answer.json()) as Record<string, unknown>
  return { status: answer.status, etag: answer.headers.get('etag'), json, name: String(json.type).split(':').at(-1) }
}
const listed = async () => {
  const { waiting, candidates } = (await get('/candidates')).json as { waiting: number; candidates: { id: string }[] }
  return { waiting, ids: candidates.map(({ id }) => id).toSorted() }
}
const storedOf = async (id: string) => (await opened.services.detections.stored([id])).get(id)

test('a candidate is read and listed while it waits, by those who may know of it', async () => {
  await found('shown', {
    ...{ title: { fr: 'Salve', en: 'Burst' }, accountRefs: ['acct-0123456789abcdef'] },
    detector: { name: 'vigie', knownError: { fr: 'limite' } },
  })
  await found('hidden', { marking: 'TLP:RED' })
  await found('elsewhere', { territories: ['NC', 'PF'] })
  const one = await get('/candidates/shown')
  expect(one).toMatchObject({
    status: 200,
    json: { id: 'shown', etag: one.etag, state: 'open', revision: 1, detection: { title: { en: 'Burst' } } },
  })
  // The evidence of the room, defanged.
  expect(one.json).toMatchObject({
    ...{ shared: [{ name: 'url [http]://bad[.]com/x', accounts: 12 }], accounts: ['acct-0123456789abcdef'] },
    limits: { fr: 'limite' },
  })
  expect(await listed()).toEqual({ waiting: 3, ids: ['elsewhere', 'hidden', 'shown'] })
  await as({ clearance: 'TLP:AMBER', territories: ['NC'] }, async () => {
    expect(await listed()).toEqual({ waiting: 1, ids: ['shown'] })
    const nowhere = await get('/candidates/nowhere')
    expect(nowhere.status).toBe(404)
    expect([await get('/candidates/hidden'), await get('/candidates/elsewhere')]).toEqual([nowhere, nowhere])
    expect([(await act('hidden/sign')).status, (await act('hidden/refuse', { reason: 'x' })).status]).toEqual([
      404, 404,
    ])
  })
  await as({ scopes: ['detections:read', 'detections:write', 'reports:read'] }, async () => {
    expect([(await get('/candidates')).status, (await act('shown/sign')).status]).toEqual([403, 403])
  })
  expect(await storedOf('hidden')).toBeUndefined()
})

describe('a signature', () => {
  test('stores the detection under the caller, once for each key', async () => {
    await found('signed')
    const headers = { 'idempotency-key': 'one' }
    const done = await act('signed/sign', { reason: 'seen' }, headers)
    expect(done).toMatchObject({ status: 200, json: { id: 'signed', outcome: 'done' } })
    expect(await act('signed/sign', { reason: 'seen' }, headers)).toEqual(done)
    expect(await get('/candidates/signed')).toMatchObject({
      etag: done.etag,
      json: { state: 'signed', decision: { as: 'signed', by: 'workbench', reason: 'seen' } },
    })
    expect((await storedOf('signed'))?.revision).toBe(1)
    const [line] = (await opened.services.history.list(10)).filter(({ id }) => id === 'signed')
    expect(line).toMatchObject({ did: 'signed', by: 'workbench', reason: 'seen' })
    expect((await listed()).ids).not.toContain('signed')
  })

  test('needs the state that the caller has seen', async () => {
    await found('seen')
    const { etag } = await get('/candidates/seen')
    await found('seen', { counts: { posts: 60 } })
    expect((await act('seen/sign', {}, { 'if-match': etag ?? '' })).name).toBe('changed')
    const { etag: now } = await get('/candidates/seen')
    expect((await act('seen/sign', {}, { 'if-match': now ?? '' })).status).toBe(200)
    const bare = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    expect((await app.request('/candidates/seen/sign', bare)).status).toBe(428)
  })

  test('comes after no other decision', async () => {
    await found('decided')
    await as({ who: 'first' }, () => act('decided/refuse', { reason: 'a newsroom' }))
    expect(await act('decided/sign')).toMatchObject({
      name: 'conflict',
      json: { detail: expect.stringContaining('first') },
    })
    expect(await storedOf('decided')).toBeUndefined()
  })

  test('changes nothing stored that the caller may not know of', async () => {
    await ingestInto(opened, [input({ id: 'above', detector: 'vigie', territories: ['PF'], counts: { posts: 40 } })])
    await found('above')
    await as(ncOnly, () => act('above/sign'))
    expect((await storedOf('above'))?.territories.map(({ code }) => code)).toEqual(['PF'])
  })

  test('of what another sender has stored is refused with the reason, and the candidate waits', async () => {
    await ingestInto(opened, [input({ id: 'taken', detector: 'Other', counts: { posts: 40 } })])
    await found('taken')
    const refused = await as(ncOnly, () => act('taken/sign'))
    expect(refused).toMatchObject({ name: 'conflict', json: { detail: expect.stringMatching(/\w{3}/) } })
    expect((await listed()).ids).toContain('taken')
  })
})

const lost = async (id: string) => {
  await found(id)
  await act(`${id}/sign`)
  const { candidates, clock } = opened.services
  const by = { by: 'vigie', reason: 'not found again' }
  await candidates.settle((await candidates.get(id)) as Candidate, { state: 'withdrawn', ...by }, clock())
}
const ncOnly: Partial<Caller> = { clearance: 'TLP:AMBER', territories: ['NC'] }

test('no decision withdraws a detection that the caller may not know of', async () => {
  await lost('raised')
  await ingestInto(opened, [input({ id: 'raised', detector: 'vigie', marking: 'TLP:RED', counts: { posts: 6 } })])
  const refused = await as(ncOnly, () => act('raised/refuse', { reason: 'gone' }))
  expect([refused.name, (await storedOf('raised'))?.status]).toEqual(['conflict', 'active'])

  await found('part', { marking: 'TLP:RED' })
  await act('part/sign')
  await found('whole')
  const { candidates, clock } = opened.services
  const merged = { state: 'merged', by: 'vigie', mergedInto: 'whole' } as const
  await candidates.settle((await candidates.get('part')) as Candidate, merged, clock())
  expect((await as(ncOnly, () => act('whole/sign'))).name).toBe('conflict')
  expect([(await storedOf('part'))?.status, await storedOf('whole')]).toEqual(['active', undefined])
  expect((await act('whole/sign')).status).toBe(200)
  expect((await storedOf('part'))?.status).toBe('withdrawn')
})

test('an id that cannot be one, and filters that there are not, are problems', async () => {
  expect((await get(`/candidates/${'x'.repeat(1_100)}`)).status).toBe(404)
  expect((await get('/candidates?territory=PF')).status).toBe(422)
})

test('a refusal has a reason, and takes a lost candidate out of later reports', async () => {
  await lost('lost')
  expect((await get('/candidates/lost')).json).toMatchObject({ state: 'open', lostAt: expect.any(String) })
  expect(await act('lost/refuse')).toMatchObject({ name: 'invalid', json: { errors: [{ field: '/reason' }] } })
  expect((await storedOf('lost'))?.status).toBe('active')
  expect((await act('lost/refuse', { reason: 'gone' })).status).toBe(200)
  expect((await storedOf('lost'))?.status).toBe('withdrawn')
})
