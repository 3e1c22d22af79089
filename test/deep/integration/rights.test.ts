/**
 * Every right that the stack gives is used: what the other tests on the stack do not come by is walked through here, by
 * the bundles that would be deployed. Whatever AWS would deny fails as it would there.
 */
import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundledOrganisationFile } from '../../../lambdas/config/bundled-organisation.ts'
import { type Caller, scopes } from '../../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import { territories } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { signatureName } from '../../../lambdas/domain/report/signature.ts'
import { readNdjson } from '../../../lambdas/intake/json/ndjson.ts'
import { openTable } from '../../../lambdas/store/table/table.dynamodb.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { type Stores, storesIn } from '../../../lambdas/usecases/stores.ts'
import { credentials, region } from '../../support/aws.ts'
import { now } from '../../support/clock.ts'
import { detection, input } from '../../support/detections.ts'
import { askFunction } from '../../support/http-event.ts'
import { type Instance, startInstance } from '../../support/lambda.ts'
import { failing, tableError } from '../../support/proxy.ts'
import { recipient } from '../../support/recipients.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let stores: Stores
let folder: string
const instances: Instance[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-rights-'))
  stack = await startStack(await sharedAssembly())
  stores = storesIn(openTable({ endpoint: stack.table.endpoint, region, credentials }, table()))
})
afterAll(async () => {
  for (const one of instances) await one.close()
  await stack.close()
  await rm(folder, { recursive: true, force: true })
})

const table = () => stack.outputs.TableName ?? ''
const archive = () => stack.outputs.ArchiveBucket ?? ''
const drop = () => stack.outputs.DropBucket ?? ''

const open = async (id: string): Promise<Instance> => {
  const made = await newInstance(stack, id)
  instances.push(made)
  return made
}

/** A function of an organisation that wants an analyst's word before anybody is given a report. */
const openWaiting = async (id: string): Promise<Instance> => {
  const spec = stack.spec(id)
  const copy = join(folder, spec.name)
  await cp(spec.folder, copy, { recursive: true })
  const bundled = JSON.parse(await readFile(join(copy, bundledOrganisationFile), 'utf8'))
  const waiting = { ...bundled, organisation: { ...bundled.organisation, noteBeforeDelivery: true } }
  await writeFile(join(copy, bundledOrganisationFile), JSON.stringify(waiting))
  const made = await startInstance({ ...spec, folder: copy })
  instances.push(made)
  return made
}

const done = { batchItemFailures: [] }
const pumped = async (queue: string, instance: Instance) => {
  const invoked = await stack.pump(stack.queue(queue), [instance])
  for (const one of invoked) expect('value' in one && one.value).toEqual(done)
}

/** More than one item of the table holds. */
const many = Array.from({ length: 20_000 }, (_, number) => `${number}-${'é'.repeat(8)}`)

/** Everything that may become of records: stored, in parts, without a place, contested, refused. */
const records = (by: string) => [
  input({ id: `${by}-plain`, observed: { from: '2024-05-14', to: '2024-05-16' }, hashtags: ['#one'] }),
  input({ id: `${by}-unplaced`, territories: [] }),
  input({ id: `${by}-long`, accountRefs: many, counts: { accounts: many.length } }),
  input({ id: 'of-another', detector: 'somebody else', title: { en: `Another, ${by}` } }),
  { ...input({ id: `${by}-bad` }), title: 7 },
]

test('ingest stores, completes, contests, refuses and hears of runs', async () => {
  await stores.detections.saveAll([detection({ id: 'of-another' })], now())
  const ingest = await open('Ingest')
  const ran = { source: 'watch', ran: '2024-05-14T06:00:00Z', found: 0 }
  const body = [...records('dropped'), ran].map((one) => JSON.stringify(one)).join('\n')
  // The second time finds everything there, and would put back what is missing of it.
  await stack.s3.send(new PutObjectCommand({ Bucket: drop(), Key: 'drop/one.ndjson', Body: body }))
  for (let times = 0; times < 2; times += 1) {
    await stack.send(stack.queue('DropsQueue'), { Records: [{ s3: { object: { key: 'drop/one.ndjson' } } }] })
    await pumped('DropsQueue', ingest)
  }
  const result = JSON.parse((await stack.object(drop(), 'results/one.ndjson.json')).toString())
  expect(result).toMatchObject({ contested: 1, rejected: 1 })
})

test('ingest tells a file that is gone from one that it may not read', async () => {
  const ingest = await open('Ingest')
  await stack.send(stack.queue('DropsQueue'), { Records: [{ s3: { object: { key: 'drop/gone.csv' } } }] })
  await pumped('DropsQueue', ingest)
  const [letter] = await stack.take(stack.queue('DropsDeadLettersQueue'))
  expect(letter?.MessageAttributes?.cause?.StringValue).toMatch(/^MissingFileError/)
})

const claims = {
  sub: 'unit-7',
  scope: 'reports:read reports:create detections:read detections:write',
  vigie_clearance: 'TLP:RED',
  vigie_territories: '[NC MQ]',
}
const asCaller = { jwt: { claims, scopes: null } }

test('programs take records in, tell of sources and coverage, and show the key of signatures', async () => {
  await stores.accountSets.save({ id: 'big', name: 'A set', accounts: ['a', 'b'], marking: 'TLP:GREEN' }, now())
  const programs = await open('ProgramsWorker')
  const ofSet = input({ id: 'sent-set', accountSet: { id: 'big' }, accountRefs: ['@somebody'] })
  const body = [...records('sent'), ofSet, { source: 'watch', ran: '2024-05-15T06:00:00Z', found: 0 }]
    .map((one) => JSON.stringify(one))
    .join('\n')
  const headers = { 'content-type': 'application/x-ndjson' }
  for (const again of [false, true]) {
    const taken = await askFunction(programs, 'POST', '/detections', { authorizer: asCaller, body, headers })
    expect([again, taken.status, JSON.parse(taken.body).read]).toEqual([again, 200, 7])
  }
  for (const path of ['/sources', '/coverage?territory=NC&period=2024-W20', '/signing-key']) {
    expect((await askFunction(programs, 'GET', path, { authorizer: asCaller })).status, path).toBe(200)
  }
})

test('programs look at detections: in days, by a campaign, by an intake, by an id', async () => {
  const programs = await open('ProgramsWorker')
  const vigie_territories = `[${territories.map(({ code }) => code).join(' ')}]`
  const asOperator = { jwt: { claims: { ...claims, vigie_territories }, scopes: null } }
  const [batch] = await stores.batches.list()
  const days = 'from=2024-05-01&to=2024-05-31'
  for (const path of [`?${days}&counts=true`, '?campaign=looked-for', `?q=${batch?.name}`, '?q=big', '/sent-set']) {
    const answer = await askFunction(programs, 'GET', `/detections${path}`, { authorizer: asOperator })
    expect(answer.status, path).toBe(200)
  }
})

const version = 'reports/NC/2024-W20/amber/v0001/'

test('generate goes on with a version whose maker was cut off after it had signed', async () => {
  const first = await open('Generate')
  const lift = stack.services.intercept(async (asked, through) => {
    if (asked.method !== 'PUT' || !asked.url.includes('/manifest.json')) return through(asked)
    first.kill()
    return new Promise<never>(() => undefined)
  })
  await stack.send(stack.queue('ReportsQueue'), asking('2024-W20', 'TLP:AMBER'))
  const [event] = await stack.peek(stack.queue('ReportsQueue'))
  expect(await first.invoke(event)).toHaveProperty('error')
  lift()
  const [claim] = await stores.reports.versions({ territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' })
  expect(claim?.state).toBe('claimed')
  if (claim) await stores.reports.change(claim, { ...claim, leaseUntil: '2024-01-01T00:00:00.000Z' })
  const second = await open('Generate')
  expect(await second.invoke(event)).toMatchObject({ value: done })
  const keys = await stack.keys(archive(), version)
  expect(keys).toContain(`${version}manifest.json`)
})

const asking = (period: string, cap: Marking) => ({
  kind: 'requested',
  territory: 'NC',
  period,
  cap,
  deliver: 'nobody',
})

test('generate looks where what it showed before has gone', async () => {
  await stores.detections.withdraw('sent-set', { by: 'a test', reason: 'a false alarm' }, now())
  await stack.send(stack.queue('ReportsQueue'), asking('2024-W20', 'TLP:AMBER'))
  await pumped('ReportsQueue', await open('Generate'))
  expect(await stack.keys(archive(), 'reports/NC/2024-W20/amber/v0002/')).not.toEqual([])
})

test('generate counts for RED what was refused', async () => {
  // By the clock of Nouméa.
  const thisMonth = new Date(now().getTime() + 11 * 3_600_000).toISOString().slice(0, 7)
  await stack.send(stack.queue('ReportsQueue'), asking(thisMonth, 'TLP:RED'))
  await pumped('ReportsQueue', await open('Generate'))
  const report = await stack.object(archive(), `reports/NC/${thisMonth}/red/v0001/report.json`)
  expect(JSON.parse(report.toString()).watch.rejects).toBe(2)
})

type Inside = { method?: string; body?: string; type?: string; name?: string; caller?: Partial<Caller> }

const inside = (path: string, room: Instance, asked: Inside = {}) => {
  const visitor = {
    caller: { who: 'watch', scopes, clearance: 'TLP:AMBER', territories: ['NC'], ...asked.caller },
    name: asked.name ?? 'watch@example.org',
    formToken: 't'.repeat(43),
  }
  return askFunction(room, asked.method ?? 'GET', path, {
    authorizer: { lambda: { visitor: JSON.stringify(visitor) } },
    headers: {
      accept: 'text/html',
      ...(asked.body !== undefined && {
        'content-type': asked.type ?? 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
      }),
    },
    ...(asked.body !== undefined && { body: asked.body }),
  })
}

test('the room shows mail, coverage and the key of signatures, and knows what was asked before', async () => {
  await stores.recipients.replace(recipient('prefet@example.org'))
  const room = await open('RoomWorker')
  for (const path of ['/room/mail?territory=NC', '/room/coverage?territory=NC', '/room/signing-key']) {
    expect((await inside(path, room)).status, path).toBe(200)
  }
  const form = { token: 't'.repeat(43), key: randomUUID(), territory: 'NC', period: '2024-W21', cap: 'TLP:AMBER' }
  const body = new URLSearchParams(form).toString()
  const asked = [
    await inside('/room/reports', room, { method: 'POST', body }),
    await inside('/room/reports', room, { method: 'POST', body }),
  ]
  expect(asked.map(({ status }) => status)).toEqual([303, 303])
  expect(asked[0]?.headers.location).toBe(asked[1]?.headers.location)
})

test('the room looks at detections: in days, by a campaign, by an intake, says why one counts and how many belong nowhere', async () => {
  const room = await open('RoomWorker')
  const caller: Partial<Caller> = { clearance: 'TLP:RED', territories: territories.map(({ code }) => code) }
  const [batch] = await stores.batches.list()
  const days = 'from=2024-05-01&to=2024-05-31'
  for (const path of [`?${days}`, '?campaign=looked-for', `?q=${batch?.name}`, '?q=big', '/sent-set']) {
    expect((await inside(`/room/detections${path}`, room, { caller })).status, path).toBe(200)
  }
  expect((await inside('/room', room, { caller })).status).toBe(200)
})

test('in the room an analyst adds, undoes, places, corrects, withdraws and closes, and sees what waits and was done', async () => {
  const room = await open('RoomWorker')
  const token = 't'.repeat(43)
  const caller: Partial<Caller> = { clearance: 'TLP:RED', territories: territories.map(({ code }) => code) }
  const post = (path: string, form: Readonly<Record<string, string>>) =>
    inside(path, room, { method: 'POST', caller, body: new URLSearchParams({ token, ...form }).toString() })
  const pageOf = async (path: string) => {
    const { status, body } = await inside(path, room, { caller })
    expect([path, status]).toEqual([path, 200])
    return String(body)
  }
  // Node reads none that is shorter.
  const edge = 'desk'.repeat(8)
  const upload = async (...records: readonly object[]) => {
    const lines = records.map((record) => JSON.stringify(record)).join('\n')
    const part = (name: string, more: string, text: string) =>
      `--${edge}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${text}\r\n`
    const body = `${part('token', '', token)}${part('file', '; filename="desk.ndjson"', lines)}--${edge}--\r\n`
    const type = `multipart/form-data; boundary=${edge}`
    const sent = await inside('/room/add', room, { method: 'POST', caller, body, type })
    expect(sent.status).toBe(303)
    return String(sent.headers.location)
  }
  const store = async (look: string) => {
    const seal = /name="seal" value="([^"]+)"/.exec(await pageOf(look))?.[1] ?? ''
    const stored = await post(look, { do: 'store', seal })
    expect(stored.status).toBe(303)
    return String(stored.headers.location)
  }
  const one = input({
    id: 'desk-1',
    marking: 'TLP:GREEN',
    campaign: 'Desk',
    accountSet: { id: 'big' },
    observed: { from: '2024-05-13', to: '2024-05-15' },
  })
  const long = input({ id: 'desk-long', summary: { en: 'x'.repeat(19_000) }, narratives: manyTexts })
  const batch = await store(
    await upload(
      one,
      long,
      input({ id: 'desk-2', territories: [] }),
      { id: 'desk-3' },
      { ran: '2024-05-15T06:00:00Z', source: 'D3lta', found: 0 },
    ),
  )
  await store(await upload({ ...one, detector: 'another' }))
  expect((await post(await upload(one), { do: 'drop' })).status).toBe(303)
  await pageOf('/room/add')
  expect(await pageOf('/room/inbox')).toContain('desk-2')
  const [reject] = await Array.fromAsync(stores.rejects.open(), ({ rejectId }) => rejectId)
  expect((await post(`/room/inbox/rejects/${reject}`, { reason: 'a test' })).status).toBe(303)
  expect((await post('/room/detections/desk-2/place', { do: 'do', revision: '1', territories: 'MQ' })).status).toBe(303)
  const correct = { do: 'do', revision: '1', 'counts.posts': '77', reason: 'a test' }
  expect((await post('/room/detections/desk-1/correct', correct)).status).toBe(303)
  await store(await upload(input({ id: 'desk-3' }), { ...one, title: { en: 'Another one' } }))
  expect(
    (await post('/room/detections/desk-long/withdraw', { do: 'do', revision: '1', reason: 'a test' })).status,
  ).toBe(303)
  await pageOf(batch)
  expect((await post(batch, { do: 'undo' })).status).toBe(303)
  expect(await pageOf('/room/history')).toContain('a test')
})

/** More than one item of the table holds. */
const manyTexts = Array.from({ length: 20 }, (_, at) => `${at} ${'y'.repeat(280)}`)

/** Of the mail to the first reader. */
let link = ''

const delivery = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' }

test('where a house wants an analyst’s word first, deliver and the link of a mail look for it', async () => {
  await stores.recipients.replace(recipient('prefet@example.org'))
  await stack.send(stack.queue('DeliveriesQueue'), delivery)
  await pumped('DeliveriesQueue', await open('MailDeliver'))
  const [mail] = await stack.mail.inbox()
  link = /https:\/\/reports\.example\.org(\/r\/[0-9a-f]{64})/.exec(mail?.body.text ?? '')?.[1] ?? ''
  const readers = await openWaiting('ReadersWorker')
  const shut = await askFunction(readers, 'GET', link)
  expect([shut.status, shut.body]).toEqual([403, expect.stringContaining('attend l’accord d’un analyste')])

  await stores.recipients.replace(recipient('second@example.org'))
  await stack.send(stack.queue('DeliveriesQueue'), delivery)
  await pumped('DeliveriesQueue', await openWaiting('MailDeliver'))
  expect(await stack.mail.inbox()).toHaveLength(1)
})

test('the room names to whom a mail went', async () => {
  const list = await inside('/room/mail?territory=NC', await open('RoomWorker'))
  expect(list.body).toContain('prefet@example.org')
})

test('a reader answers by the link of a mail, and the room shows and closes what he said', async () => {
  const readers = await open('ReadersWorker')
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
  const body = new URLSearchParams({ does: 'answer', kind: 'wrong', text: 'Not on that day' }).toString()
  expect((await askFunction(readers, 'POST', link, { headers, body })).status).toBe(200)
  const room = await open('RoomWorker')
  const caller: Partial<Caller> = { clearance: 'TLP:RED', territories: territories.map(({ code }) => code) }
  const list = String((await inside('/room/inbox', room, { caller })).body)
  expect(list).toContain('Not on that day')
  const page = /\/room\/inbox\/answers\/[0-9A-Za-z-]+/.exec(list)?.[0] ?? ''
  const form = new URLSearchParams({ token: 't'.repeat(43), reason: 'corrected' }).toString()
  expect((await inside(page, room, { method: 'POST', caller, body: form })).status).toBe(303)
  expect(String((await inside('/room/inbox', room, { caller })).body)).not.toContain('Not on that day')
})

test('the room keeps the list of recipients, and says who would get a report, which may wait for a note', async () => {
  const caller: Partial<Caller> = { clearance: 'TLP:RED', territories: territories.map(({ code }) => code) }
  const room = await openWaiting('RoomWorker')
  const settings = { territories: 'NC', editions: 'each', cadences: 'week', clearance: 'TLP:GREEN', language: 'fr' }
  const how = { form: 'link', quiet: 'send', digest: 'no', reason: 'a test' }
  const added = new URLSearchParams({
    ...{ token: 't'.repeat(43), do: 'do', address: 'fourth@example.org' },
    ...{ ...settings, ...how },
  })
  const sent = await inside('/room/recipients/new', room, { method: 'POST', caller, body: added.toString() })
  expect(sent.status).toBe(303)
  const one = await inside(`${sent.headers.location}?week=2024-W20`, room, { caller })
  expect([one.status, one.body]).toEqual([200, expect.stringContaining('fourth@example.org')])
  const all = await inside('/room/recipients?territory=NC&week=2024-W20', room, { caller })
  expect([all.status, all.body]).toEqual([200, expect.stringContaining('attend une note')])
})

test('in the room one person writes a note, and another one approves it', async () => {
  const room = await open('RoomWorker')
  const path = '/room/notes?territory=NC&period=2024-W23'
  const send = (to: string, name: string, form: Readonly<Record<string, string>>) =>
    inside(to, room, { method: 'POST', name, body: new URLSearchParams({ token: 't'.repeat(43), ...form }).toString() })
  const note = { do: 'do', role: 'analyst', language: 'fr', marking: 'TLP:AMBER', watch: 'la suite' }
  expect((await send(path, 'ana@example.org', note)).status).toBe(303)
  const approveOf = async (name: string) =>
    /\/room\/notes\/approve[^"]+/
      .exec(String((await inside(path, room, { name })).body))?.[0]
      .replaceAll('&#x3D;', '=')
      .replaceAll('&amp;', '&')
  expect(await approveOf('ana@example.org')).toBeUndefined()
  const approve = (await approveOf('paul@example.org')) ?? ''
  const agreed = { do: 'do', reason: 'a test' }
  expect((await send(approve, 'ana@example.org', agreed)).status).toBe(404)
  expect((await send(approve, 'paul@example.org', agreed)).status).toBe(303)
  expect(await stores.notes.about('NC', '2024-W23')).toMatchObject([{ author: 'ana@example.org' }, { approves: true }])
})

test('what is gone from the archive is told as gone, not as forbidden', async () => {
  await stack.s3.send(new DeleteObjectCommand({ Bucket: archive(), Key: `${version}${signatureName}` }))
  const path = `/NC/2024-W20/amber/1/files/${signatureName}`
  const programs = await open('ProgramsWorker')
  expect((await askFunction(programs, 'GET', `/reports${path}`, { authorizer: asCaller })).status).toBe(404)
  expect((await inside(`/room${path}`, await open('RoomWorker'))).status).toBe(404)

  await stack.s3.send(new DeleteObjectCommand({ Bucket: archive(), Key: `${version}report.json` }))
  await stores.recipients.replace(recipient('third@example.org'))
  await stack.send(stack.queue('DeliveriesQueue'), delivery)
  const deliver = await open('MailDeliver')
  await deliver.invoke((await stack.peek(stack.queue('DeliveriesQueue')))[0])
  expect(deliver.log()).toContain('ArchiveMissingError')
  const readers = await open('ReadersWorker')
  expect((await askFunction(readers, 'GET', link)).status).toBe(500)
  expect(readers.log()).toContain('ArchiveMissingError')
})

test('feedback tries again, and gives up what no delivery knows', async () => {
  const feedback = await open('MailFeedback')
  const events = stack.queue('MailEventsQueue')
  const event = (delivery: string) => ({
    source: 'aws.ses',
    detail: { eventType: 'Delivery', mail: { messageId: 'm', tags: { delivery: [delivery] } } },
  })
  await stack.send(events, event('no delivery'))
  await pumped('MailEventsQueue', feedback)
  expect(await stack.take(stack.queue('MailEventsDeadLettersQueue'))).toHaveLength(1)

  const mend = stack.table.intercept(failing(99, () => true, tableError('InternalServerError', 500)))
  await stack.send(events, event(`NC.2024-W20.amber.1.${recipient('prefet@example.org').id}`))
  const [again] = await stack.peek(events)
  expect(await feedback.invoke(again)).toMatchObject({ value: { batchItemFailures: [{}] } })
  mend()
})

test('the watchdog sets back everything that a fast clock may have stored', async () => {
  const ahead = new Date(now().getTime() + 40 * 86_400_000)
  const lines = [
    ...records('fast'),
    input({ id: 'fast-campaign', campaign: 'UN-notorious BIG' }),
    { source: 'fast', ran: '2024-05-14T06:00:00Z', found: 0 },
  ]
  const bytes = async function* () {
    yield Buffer.from(lines.map((one) => `${JSON.stringify(one)}\n`).join(''))
  }
  await ingestDetections(readNdjson(bytes(), { file: 'fast' }), 'fast', { ...stores, run: 'fast', clock: () => ahead })
  await stores.accountSets.save({ id: 'fast', name: 'Fast', accounts: ['a'] }, ahead)
  await stores.notes.add({
    ...{ territory: 'NC', period: '2024-W20', author: 'An analyst', role: 'analyst', language: 'fr' },
    ...{ marking: 'TLP:GREEN', text: 'Un mot', approves: false, writtenAt: ahead.toISOString() },
  })
  const watchdog = await open('Watchdog')
  expect(await watchdog.invoke({})).toHaveProperty('value')
  expect(watchdog.log()).toContain('the clock was ahead when this was stored')
  expect(await stores.instants.ahead(now)).toBeUndefined()
})
