/**
 * Every right that the stack gives is used: what the other tests on the stack do not ask for is asked for here, by the
 * bundles that would be deployed. Whatever AWS would deny fails as it would there.
 */
import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundledOrganisationFile } from '../../../lambdas/config/bundled-organisation.ts'
import { type Caller, scopes } from '../../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import { territories } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { signatureName } from '../../../lambdas/domain/report/signature.ts'
import { readNdjson } from '../../../lambdas/intake/json/ndjson.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { ndjson } from '../../support/cli.ts'
import { now } from '../../support/clock.ts'
import { detection, input } from '../../support/detections.ts'
import { askFunction } from '../../support/http-event.ts'
import { type Instance, startInstance } from '../../support/lambda.ts'
import { failing, tableError } from '../../support/proxy.ts'
import { recipient } from '../../support/recipients.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let folder: string
const instances: Instance[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-rights-'))
  stack = await startStack(await sharedAssembly())
})
afterAll(async () => {
  for (const one of instances) await one.close()
  await stack.close()
  await rm(folder, { recursive: true, force: true })
})

const archive = () => stack.outputs.ArchiveBucket ?? ''

/** A function of an organisation that requires an analyst's note before delivery. */
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

/** More than one item of the table holds. */
const manyAccounts = Array.from({ length: 20_000 }, (_, number) => `${number}-${'é'.repeat(8)}`)
const manyTexts = Array.from({ length: 20 }, (_, at) => `${at} ${'y'.repeat(280)}`)

/** One record for each outcome: stored, in parts, without a place, contested, rejected. */
const records = (by: string) => [
  input({ id: `${by}-plain`, observed: { from: '2024-05-14', to: '2024-05-16' }, hashtags: ['#one'] }),
  input({ id: `${by}-unplaced`, territories: [] }),
  input({ id: `${by}-long`, accountRefs: manyAccounts, counts: { accounts: manyAccounts.length } }),
  input({ id: 'of-another', detector: 'another detector', title: { en: `Another, ${by}` } }),
  { ...input({ id: `${by}-bad` }), title: 7 },
]
const runOf = (source: string) => ({ source, ran: '2024-05-14T06:00:00Z', found: 0 })

test('ingest stores, completes, contests and rejects records, and records runs', async () => {
  await stack.stores.detections.saveAll([detection({ id: 'of-another' })], now())
  // The second time everything is stored, and missing parts would be stored again.
  for (let times = 0; times < 2; times += 1) {
    await stack.drop('drop/one.ndjson', ndjson(...records('dropped'), runOf('watch')))
    await stack.work('DropsQueue', 'Ingest')
  }
  expect(await stack.result('one.ndjson')).toMatchObject({ contested: 1, rejected: 1 })
})

test('ingest distinguishes a file that is gone from one that it may not read', async () => {
  await stack.send(stack.queue('DropsQueue'), { Records: [{ s3: { object: { key: 'drop/gone.csv' } } }] })
  await stack.work('DropsQueue', 'Ingest')
  const [letter] = await stack.take(stack.queue('DropsDeadLettersQueue'))
  expect(letter?.MessageAttributes?.cause?.StringValue).toMatch(/^MissingFileError/)
})

const everyTerritory = territories.map(({ code }) => code)
const days = 'from=2024-05-01&to=2024-05-31'

/** Asks the interface for programs. */
const program = async (path: string, options: { body?: string; places?: readonly string[] } = {}) => {
  const { body, places = ['NC', 'MQ'] } = options
  const claims = {
    sub: 'unit-7',
    scope: 'reports:read reports:create detections:read detections:write',
    vigie_clearance: 'TLP:RED',
    vigie_territories: `[${places.join(' ')}]`,
  }
  return askFunction(await stack.instance('ProgramsWorker'), body === undefined ? 'GET' : 'POST', path, {
    authorizer: { jwt: { claims, scopes: null } },
    ...(body !== undefined && { body, headers: { 'content-type': 'application/x-ndjson' } }),
  })
}

test('programs send records, and read sources, coverage, the signing key and detections', async () => {
  const { accountSets, batches } = stack.stores
  await accountSets.save({ id: 'big', name: 'A set', accounts: ['a', 'b'], marking: 'TLP:GREEN' }, now())
  const ofSet = input({ id: 'sent-set', accountSet: { id: 'big' }, accountRefs: ['@account'] })
  for (let times = 0; times < 2; times += 1) {
    const sent = await program('/detections', { body: ndjson(...records('sent'), ofSet, runOf('watch')) })
    expect([sent.status, JSON.parse(sent.body).read]).toEqual([200, 7])
  }
  const [batch] = await batches.list()
  for (const path of [
    ...['/sources', '/coverage?territory=NC&period=2024-W20', '/signing-key', '/detections/sent-set'],
    ...[`${days}&counts=true`, 'campaign=looked-for', `q=${batch?.name}`, 'q=big'].map((one) => `/detections?${one}`),
  ]) {
    expect((await program(path, { places: everyTerritory })).status, path).toBe(200)
  }
})

const version = 'reports/NC/2024-W20/amber/v0001/'
const requested = (period: string, cap: Marking) => ({
  ...{ kind: 'requested', territory: 'NC', period, cap, deliver: 'nobody' },
})

test('generate continues a version whose maker was cut off after it had signed', async () => {
  const generate = await stack.instance('Generate')
  const lift = stack.services.intercept(async (asked, through) => {
    if (asked.method !== 'PUT' || !asked.url.includes('/manifest.json')) return through(asked)
    generate.kill()
    return new Promise<never>(() => undefined)
  })
  await stack.send(stack.queue('ReportsQueue'), requested('2024-W20', 'TLP:AMBER'))
  const [event] = await stack.peek(stack.queue('ReportsQueue'))
  expect(await generate.invoke(event)).toHaveProperty('error')
  lift()
  const { reports } = stack.stores
  const [claim] = await reports.versions({ territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' })
  expect(claim?.state).toBe('claimed')
  if (claim) await reports.change(claim, { ...claim, leaseUntil: '2024-01-01T00:00:00.000Z' })
  expect(await generate.invoke(event)).toMatchObject({ value: { batchItemFailures: [] } })
  expect(await stack.keys(archive(), version)).toContain(`${version}manifest.json`)
})

test('generate reads where a detection went that it showed before', async () => {
  await stack.stores.detections.withdraw('sent-set', { by: 'a test', reason: 'a false alarm' }, now())
  await stack.send(stack.queue('ReportsQueue'), requested('2024-W20', 'TLP:AMBER'))
  await stack.work('ReportsQueue', 'Generate')
  expect(await stack.keys(archive(), 'reports/NC/2024-W20/amber/v0002/')).not.toEqual([])
})

test('generate counts rejects for RED', async () => {
  // By the clock of Nouméa.
  const thisMonth = new Date(now().getTime() + 11 * 3_600_000).toISOString().slice(0, 7)
  await stack.send(stack.queue('ReportsQueue'), requested(thisMonth, 'TLP:RED'))
  await stack.work('ReportsQueue', 'Generate')
  const report = await stack.object(archive(), `reports/NC/${thisMonth}/red/v0001/report.json`)
  expect(JSON.parse(report.toString()).watch.rejects).toBe(2)
})

const token = 't'.repeat(43)
const analyst: Partial<Caller> = { clearance: 'TLP:RED', territories: everyTerritory }
type Form = Readonly<Record<string, string>>
type Asked = {
  readonly form?: Form
  readonly upload?: string
  readonly name?: string
  readonly caller?: Partial<Caller>
  readonly by?: Instance
}

/** Asks the room as a visitor whom the authorizer let in. */
const room = async (path: string, { form, upload, name = 'watch@example.org', caller, by }: Asked = {}) => {
  const visitor = {
    caller: { who: 'watch', scopes, clearance: 'TLP:AMBER', territories: ['NC'], ...caller },
    ...{ name, formToken: token },
  }
  // A multipart edge of fewer characters is not read by Node.
  const edge = 'desk'.repeat(8)
  const part = (field: string, more: string, text: string) =>
    `--${edge}\r\nContent-Disposition: form-data; name="${field}"${more}\r\n\r\n${text}\r\n`
  const body = upload
    ? `${part('token', '', token)}${part('file', '; filename="desk.ndjson"', upload)}--${edge}--\r\n`
    : form && new URLSearchParams({ token, ...form }).toString()
  const type = upload ? `multipart/form-data; boundary=${edge}` : 'application/x-www-form-urlencoded'
  return askFunction(by ?? (await stack.instance('RoomWorker')), body === undefined ? 'GET' : 'POST', path, {
    authorizer: { lambda: { visitor: JSON.stringify(visitor) } },
    headers: {
      accept: 'text/html',
      ...(body !== undefined && { 'content-type': type, 'sec-fetch-site': 'same-origin' }),
    },
    ...(body !== undefined && { body }),
  })
}
const pageOf = async (path: string, asked: Asked = { caller: analyst }) => {
  const { status, body } = await room(path, asked)
  expect([path, status]).toEqual([path, 200])
  return body
}
/** Sends a form, or a file. @returns where it leads to */
const post = async (path: string, form: Form | string, asked: Asked = { caller: analyst }) => {
  const { status, headers } = await room(path, {
    ...asked,
    ...(typeof form === 'string' ? { upload: form } : { form }),
  })
  expect([path, status]).toEqual([path, 303])
  return String(headers.location)
}

test('the room shows mail, coverage and the signing key, and knows a request that was made before', async () => {
  await stack.stores.recipients.replace(recipient('prefet@example.org'))
  for (const path of ['/room/mail?territory=NC', '/room/coverage?territory=NC', '/room/signing-key']) {
    await pageOf(path, {})
  }
  const form = { key: randomUUID(), territory: 'NC', period: '2024-W21', cap: 'TLP:AMBER' }
  expect(await post('/room/reports', form, {})).toBe(await post('/room/reports', form, {}))
})

test('the room shows detections: by days, campaign, batch and name, with their history and those without a place', async () => {
  const [batch] = await stack.stores.batches.list()
  for (const path of [`?${days}`, '?campaign=looked-for', `?q=${batch?.name}`, '?q=big', '/sent-set'])
    await pageOf(`/room/detections${path}`)
  await pageOf('/room')
})

test('in the room an analyst adds, undoes, places, corrects, withdraws and closes, and sees the inbox and the history', async () => {
  const upload = (...sent: readonly Readonly<Record<string, unknown>>[]) => post('/room/add', ndjson(...sent))
  const store = async (look: string) => {
    const seal = /name="seal" value="([^"]+)"/.exec(await pageOf(look))?.[1] ?? ''
    return post(look, { do: 'store', seal })
  }
  const act = (id: string, action: string, form: Form) =>
    post(`/room/detections/${id}/${action}`, { do: 'do', revision: '1', ...form })
  const one = input({
    ...{ id: 'desk-1', marking: 'TLP:GREEN', campaign: 'Desk', accountSet: { id: 'big' } },
    observed: { from: '2024-05-13', to: '2024-05-15' },
  })
  const long = input({ id: 'desk-long', summary: { en: 'x'.repeat(19_000) }, narratives: manyTexts })
  const unplaced = input({ id: 'desk-2', territories: [] })
  const batch = await store(await upload(one, long, unplaced, { id: 'desk-3' }, runOf('D3lta')))
  await store(await upload({ ...one, detector: 'another' }))
  await post(await upload(one), { do: 'drop' })
  await pageOf('/room/add')
  expect(await pageOf('/room/inbox')).toContain('desk-2')
  const [reject] = await Array.fromAsync(stack.stores.rejects.open(), ({ rejectId }) => rejectId)
  await post(`/room/inbox/rejects/${reject}`, { reason: 'a test' })
  await act('desk-2', 'place', { territories: 'MQ' })
  await act('desk-1', 'correct', { 'counts.posts': '77', reason: 'a test' })
  await store(await upload(input({ id: 'desk-3' }), { ...one, title: { en: 'Another one' } }))
  await act('desk-long', 'withdraw', { reason: 'a test' })
  await pageOf(batch)
  await post(batch, { do: 'undo' })
  expect(await pageOf('/room/history')).toContain('a test')
})

/** In the mail to the first reader. */
let link = ''

const delivery = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' }

test('where an organisation requires a note first, delivery and the link of a mail look for it', async () => {
  await stack.stores.recipients.replace(recipient('prefet@example.org'))
  await stack.send(stack.queue('DeliveriesQueue'), delivery)
  await stack.work('DeliveriesQueue', 'MailDeliver')
  const [mail] = await stack.mail.inbox()
  link = /https:\/\/reports\.example\.org(\/r\/[0-9a-f]{64})/.exec(mail?.body.text ?? '')?.[1] ?? ''
  const shut = await askFunction(await openWaiting('ReadersWorker'), 'GET', link)
  expect([shut.status, shut.body]).toEqual([403, expect.stringContaining('attend l’accord d’un analyste')])

  await stack.stores.recipients.replace(recipient('second@example.org'))
  await stack.send(stack.queue('DeliveriesQueue'), delivery)
  const invoked = await stack.pump(stack.queue('DeliveriesQueue'), [await openWaiting('MailDeliver')])
  expect(invoked).toMatchObject([{ value: { batchItemFailures: [] } }])
  expect(await stack.mail.inbox()).toHaveLength(1)
  expect(await pageOf('/room/mail?territory=NC', {})).toContain('prefet@example.org')
})

test('the room keeps the list of recipients, and shows who would get a report, which may wait for a note', async () => {
  const asked = { caller: analyst, by: await openWaiting('RoomWorker') }
  const to = await post(
    '/room/recipients/new',
    {
      ...{ do: 'do', address: 'fourth@example.org', territories: 'NC', editions: 'each', cadences: 'week' },
      ...{ clearance: 'TLP:GREEN', language: 'fr', form: 'link', quiet: 'send', digest: 'no', reason: 'a test' },
    },
    asked,
  )
  expect(await pageOf(`${to}?week=2024-W20`, asked)).toContain('fourth@example.org')
  expect(await pageOf('/room/recipients?territory=NC&week=2024-W20', asked)).toContain('attend une note')
})

test('in the room one analyst writes a note, and another one approves it', async () => {
  const path = '/room/notes?territory=NC&period=2024-W23'
  const [ana, paul] = [{ name: 'ana@example.org' }, { name: 'paul@example.org' }]
  const note = { do: 'do', role: 'analyst', language: 'fr', marking: 'TLP:AMBER', watch: 'la suite' }
  await post(path, note, ana)
  const approvalFor = async (who: Asked) =>
    /\/room\/notes\/approve[^"]+/
      .exec(await pageOf(path, who))?.[0]
      .replaceAll('&#x3D;', '=')
      .replaceAll('&amp;', '&')
  expect(await approvalFor(ana)).toBeUndefined()
  const approval = (await approvalFor(paul)) ?? ''
  const agreed = { do: 'do', reason: 'a test' }
  expect((await room(approval, { ...ana, form: agreed })).status).toBe(404)
  await post(approval, agreed, paul)
  expect(await stack.stores.notes.about('NC', '2024-W23')).toMatchObject([
    { author: 'ana@example.org' },
    { approves: true },
  ])
})

test('a file that is gone from the archive is missing, not forbidden', async () => {
  await stack.s3.send(new DeleteObjectCommand({ Bucket: archive(), Key: `${version}${signatureName}` }))
  const path = `/NC/2024-W20/amber/1/files/${signatureName}`
  expect((await program(`/reports${path}`)).status).toBe(404)
  expect((await room(`/room${path}`)).status).toBe(404)

  await stack.s3.send(new DeleteObjectCommand({ Bucket: archive(), Key: `${version}report.json` }))
  await stack.stores.recipients.replace(recipient('third@example.org'))
  await stack.send(stack.queue('DeliveriesQueue'), delivery)
  const [deliver, readers] = [await stack.instance('MailDeliver'), await stack.instance('ReadersWorker')]
  await deliver.invoke((await stack.peek(stack.queue('DeliveriesQueue')))[0])
  expect(deliver.log()).toContain('ArchiveMissingError')
  expect((await askFunction(readers, 'GET', link)).status).toBe(500)
  expect(readers.log()).toContain('ArchiveMissingError')
})

test('feedback tries again, and gives up an event about an unknown delivery', async () => {
  const events = stack.queue('MailEventsQueue')
  const event = (id: string) => ({
    source: 'aws.ses',
    detail: { eventType: 'Delivery', mail: { messageId: 'm', tags: { delivery: [id] } } },
  })
  await stack.send(events, event('no delivery'))
  await stack.work('MailEventsQueue', 'MailFeedback')
  expect(await stack.take(stack.queue('MailEventsDeadLettersQueue'))).toHaveLength(1)

  const undo = stack.table.intercept(failing(99, () => true, tableError('InternalServerError', 500)))
  await stack.send(events, event(`NC.2024-W20.amber.1.${recipient('prefet@example.org').id}`))
  const [again] = await stack.peek(events)
  const invoked = await (await stack.instance('MailFeedback', { AWS_MAX_ATTEMPTS: '1' })).invoke(again)
  expect(invoked).toMatchObject({ value: { batchItemFailures: [{}] } })
  undo()
})

test('the watchdog sets back everything that a fast clock may have stored', async () => {
  const ahead = new Date(now().getTime() + 40 * 86_400_000)
  const lines = [...records('fast'), input({ id: 'fast-campaign', campaign: 'UN-notorious BIG' }), runOf('fast')]
  const bytes = async function* () {
    yield Buffer.from(ndjson(...lines))
  }
  const services = { ...stack.stores, run: 'fast', clock: () => ahead }
  await ingestDetections(readNdjson(bytes(), { file: 'fast' }), 'fast', services)
  await stack.stores.accountSets.save({ id: 'fast', name: 'Fast', accounts: ['a'] }, ahead)
  await stack.stores.notes.add({
    ...{ territory: 'NC', period: '2024-W20', author: 'An analyst', role: 'analyst', language: 'fr' },
    ...{ marking: 'TLP:GREEN', text: 'Un mot', approves: false, writtenAt: ahead.toISOString() },
  })
  const watchdog = await stack.instance('Watchdog')
  expect(await watchdog.invoke({})).toHaveProperty('value')
  expect(watchdog.log()).toContain('the clock was ahead when this was stored')
  expect(watchdog.log()).toMatch(/"StoredAhead":[1-9]/)
  expect(await stack.stores.instants.ahead(now)).toBeUndefined()
})
