/** The daily trial end to end, by the bundles that would be deployed: it changes nothing outside its own folder. */
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { isSignedBy } from '../../../lambdas/domain/report/signature.ts'
import { simulatorAddress, syntheticManifestSchema } from '../../../lambdas/domain/report/synthetic.ts'
import { newFolder, vigie, vigieJson, writeNdjson } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { startInstance } from '../../support/lambda.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let folder: string
const undo: (() => void)[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-synthetic-'))
  stack = await startStack(await sharedAssembly())
  // A stage that has a report.
  const file = await writeNdjson(join(folder, 'one.ndjson'), input())
  await vigieJson(['ingest', file, '--stage', 'test'], operator())
  await vigieJson(['report', 'NC', '2024-W20', '--stage', 'test'], operator())
})
afterEach(() => {
  for (const one of undo.splice(0)) one()
})
afterAll(async () => {
  await stack.close()
  await rm(folder, { recursive: true, force: true })
})

const operator = () => ({ env: { ...stack.env, VIGIE_HOME: join(folder, 'operator') } })
const bucket = () => stack.outputs.ArchiveBucket ?? ''
const queue = (id: string) => stack.queue(`${id}Queue`)
const due = async (at: string) => {
  const schedule = stack.schedules().find(({ id }) => id.startsWith('SchedulesSynthetic'))
  await stack.send(stack.queue(schedule?.queueId ?? ''), schedule?.input(at))
}
const everyItem = async () =>
  (await Array.fromAsync(stack.stored.scan()))
    .flat()
    .map((item) => JSON.stringify(item))
    .toSorted()
const letters = async (id: string) =>
  (await stack.take(queue(id))).map(({ Body = '', MessageAttributes }) => ({
    scheduledAt: JSON.parse(Body).scheduledAt,
    cause: MessageAttributes?.cause?.StringValue,
    tries: MessageAttributes?.tries?.StringValue,
  }))

const at = '2026-01-10T03:00:00Z'
const trialFolder = 'synthetic/20260110T030000Z/'
let before: readonly string[]

test('is printed, signed and archived; what the mail service refuses, or whose files are gone, is a dead letter', async () => {
  before = await everyItem()
  await due(at)
  await stack.work('ReportsQueue', 'Generate')
  undo.push(
    stack.retryAtOnce(),
    stack.mail.service.intercept(async () => ({
      status: 400,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'MailFromDomainNotVerifiedException' },
      body: '{}',
    })),
  )
  const deliver = await stack.instance('MailDeliver')
  await stack.pump(queue('Deliveries'), [deliver])
  const refused = { cause: expect.stringContaining('MailFromDomainNotVerified'), tries: '5' }
  expect(await letters('DeliveriesDeadLetters')).toEqual([{ scheduledAt: at, ...refused }])
  await stack.send(queue('Deliveries'), { kind: 'synthetic', scheduledAt: '2025-12-01T03:00:00Z' })
  await stack.pump(queue('Deliveries'), [deliver])
  const [gone] = await letters('DeliveriesDeadLetters')
  expect(gone).toMatchObject({ tries: '1', cause: expect.stringContaining('vigie redrive --drop') })
})

test('is mailed to the simulator alone, once, however often it is due', async () => {
  for (let times = 0; times < 2; times += 1) {
    await due(at)
    await stack.work('ReportsQueue', 'Generate')
    await stack.work('DeliveriesQueue', 'MailDeliver')
  }
  const keys = await stack.keys(bucket(), 'synthetic/')
  const reports = [
    'report.en.html',
    'report.en.pdf',
    'report.fr.html',
    'report.fr.pdf',
    'report.json',
    'report.misp.json',
    'report.stix.json',
  ]
  expect(keys.map((key) => key.slice(trialFolder.length))).toEqual([
    ...['detections.csv', 'mailed.json', 'manifest.json', 'manifest.sig'],
    ...reports,
  ])
  const manifest = await stack.object(bucket(), `${trialFolder}manifest.json`)
  expect(syntheticManifestSchema.parse(JSON.parse(manifest.toString())).files).toHaveLength(8)
  const signature = await stack.object(bucket(), `${trialFolder}manifest.sig`)
  expect(isSignedBy(await stack.signer.publicKey(), manifest, signature)).toBe(true)
  const pdf = await stack.object(bucket(), `${trialFolder}report.fr.pdf`)
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  expect((await stack.mail.inbox()).map(({ destination }) => destination.to)).toEqual([[simulatorAddress]])
})

test('leaves the table, the list of reports and what verifies the archive as they were', async () => {
  expect(await everyItem()).toEqual(before)
  const list = await vigieJson<readonly { readonly id: string }[]>(['archive', 'list', '--stage', 'test'], operator())
  expect(list).toHaveLength(1)
  const verified = await vigie(['archive', 'verify', '--stage', 'test'], operator())
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('1 version')])
  const home = await newFolder()
  await vigie(['archive', 'copy', 'stage:test', `home:${join(home.folder, 'copy')}`], operator())
  expect(await readdir(join(home.folder, 'copy/archive'))).toEqual(['reports'])
  await home.remove()
})

test('is no delivery where SES reports about its mail', async () => {
  const tags = { delivery: ['synthetic_20260110T030000Z'] }
  for (const eventType of ['Send', 'Delivery']) {
    await stack.send(queue('MailEvents'), { source: 'aws.ses', detail: { eventType, mail: { messageId: 'm', tags } } })
  }
  await stack.work('MailEventsQueue', 'MailFeedback')
  expect(await stack.waiting(queue('MailEventsDeadLetters'))).toBe(0)
  expect(await everyItem()).toEqual(before)
})

test('of another instant is another one', async () => {
  await due('2026-01-11T03:00:00Z')
  await stack.work('ReportsQueue', 'Generate')
  await stack.work('DeliveriesQueue', 'MailDeliver')
  expect(await stack.keys(bucket(), 'synthetic/20260111T030000Z/')).toHaveLength(11)
  expect(await stack.mail.inbox()).toHaveLength(2)
})

test('that no browser prints is a dead letter, and archives nothing', async () => {
  undo.push(stack.retryAtOnce())
  await due('2026-01-12T03:00:00Z')
  const broken = await stack.instance('Generate', { CHROME_PATH: join(folder, 'no-chrome') })
  expect(await stack.pump(queue('Reports'), [broken])).toHaveLength(5)
  expect(await letters('ReportsDeadLetters')).toEqual([
    { scheduledAt: '2026-01-12T03:00:00Z', cause: expect.stringContaining('PrintError'), tries: '5' },
  ])
  expect(await stack.keys(bucket(), 'synthetic/20260112T030000Z/')).toEqual([])
  expect(await stack.waiting(queue('Deliveries'))).toBe(0)
})

test('that shows a template without its titles is a dead letter at once, and archives nothing', async () => {
  const spec = stack.spec('Generate')
  const copy = join(folder, 'broken')
  await cp(spec.folder, copy, { recursive: true })
  await writeFile(join(copy, 'templates/partials/annex.hbs'), '')
  const broken = await startInstance({ ...spec, folder: copy })
  await due('2026-01-13T03:00:00Z')
  expect(await stack.pump(queue('Reports'), [broken])).toHaveLength(1)
  await broken.close()
  const cause = expect.stringMatching(/^SyntheticFaultError: .*report\.fr\.pdf: these sections are missing: /)
  expect(await letters('ReportsDeadLetters')).toEqual([{ scheduledAt: '2026-01-13T03:00:00Z', cause, tries: '1' }])
  expect(await stack.keys(bucket(), 'synthetic/20260113T030000Z/')).toEqual([])
})
