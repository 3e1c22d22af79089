/**
 * The daily trial end to end, without AWS, by the bundles that would be deployed: it goes the whole way, and leaves
 * nothing anywhere else.
 */
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { isSignedBy } from '../../../lambdas/domain/report/signature.ts'
import { simulatorAddress, syntheticFolder, syntheticManifestSchema } from '../../../lambdas/domain/report/synthetic.ts'
import { newFolder, vigie, vigieJson } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { type Instance, type Invoked, startInstance } from '../../support/lambda.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let generate: Instance
let deliver: Instance
let folder: string
const others: Instance[] = []
const mends: (() => void)[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-synthetic-'))
  stack = await startStack(await sharedAssembly())
  ;[generate, deliver] = [await newInstance(stack, 'Generate'), await newInstance(stack, 'MailDeliver')]
  // A stage that has a report of its own.
  const file = join(folder, 'one.ndjson')
  await writeFile(file, `${JSON.stringify(input())}\n`)
  await vigieJson(['ingest', file, '--stage', 'test'], operator())
  await vigieJson(['report', 'NC', '2024-W20', '--stage', 'test'], operator())
})
afterEach(() => {
  for (const mend of mends.splice(0)) mend()
})
afterAll(async () => {
  for (const one of [generate, deliver, ...others]) await one.close()
  await stack.close()
  await rm(folder, { recursive: true, force: true })
})

const operator = () => ({ env: { ...stack.env, VIGIE_HOME: join(folder, 'operator') } })
const bucket = () => stack.outputs.ArchiveBucket ?? ''
const queue = (id: string) => stack.queue(`${id}Queue`)
const trial = (id = 'SchedulesSynthetic') => {
  const found = stack.schedules().filter((one) => one.id.startsWith(id))
  if (found.length !== 1) throw new Error(`the stack has ${found.length} schedules ${id}`)
  return found[0] as (typeof found)[number]
}
const doneWell = (invoked: readonly Invoked[]) => {
  expect(invoked.length).toBeGreaterThan(0)
  for (const one of invoked) expect(one).toMatchObject({ value: { batchItemFailures: [] } })
}
const due = async (at: string) => {
  const { queueId, input } = trial()
  await stack.send(stack.queue(queueId), input(at))
}
const everyItem = async () => {
  const { Items = [] } = await stack.dynamo.send(new ScanCommand({ TableName: stack.outputs.TableName }))
  return Items.map((item) => JSON.stringify(item)).toSorted()
}
const atOnceAgain = () =>
  mends.push(
    stack.services.intercept(async (request, through) => {
      if (request.headers['x-amz-target'] !== 'AmazonSQS.ChangeMessageVisibility') return through(request)
      const body = Buffer.from(JSON.stringify({ ...JSON.parse(request.body.toString()), VisibilityTimeout: 0 }))
      return through({ ...request, headers: { ...request.headers, 'content-length': String(body.length) }, body })
    }),
  )

const at = '2026-01-10T03:00:00Z'
const trialFolder = 'synthetic/20260110T030000Z/'
let before: readonly string[]

test('is due each day', () => {
  expect(trial().expression).toBe('cron(0 3 * * ? *)')
  expect(JSON.parse(trial().input(at))).toEqual({ kind: 'synthetic', scheduledAt: at })
})

test('is printed, signed, archived and mailed to nobody, once, however often it comes', async () => {
  before = await everyItem()
  for (let times = 0; times < 2; times += 1) {
    await due(at)
    doneWell(await stack.pump(queue('Reports'), [generate]))
    doneWell(await stack.pump(queue('Deliveries'), [deliver]))
  }
  const keys = await stack.keys(bucket(), 'synthetic/')
  expect(keys.map((key) => key.slice(trialFolder.length))).toEqual([
    'detections.csv',
    'mailed.json',
    'manifest.json',
    'manifest.sig',
    'report.en.html',
    'report.en.pdf',
    'report.fr.html',
    'report.fr.pdf',
    'report.json',
    'report.stix.json',
  ])
  const manifest = await stack.object(bucket(), `${trialFolder}manifest.json`)
  expect(syntheticManifestSchema.parse(JSON.parse(manifest.toString())).files).toHaveLength(7)
  const signature = await stack.object(bucket(), `${trialFolder}manifest.sig`)
  expect(isSignedBy(await stack.signer.publicKey(), manifest, signature)).toBe(true)
  const pdf = await stack.object(bucket(), `${trialFolder}report.fr.pdf`)
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')

  const inbox = await stack.mail.inbox()
  expect(inbox.map(({ destination }) => destination.to)).toEqual([[simulatorAddress]])
})

test('leaves the table, the index, the list and whatever verifies as they were', async () => {
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

test('is no delivery to those who hear of mails', async () => {
  const feedback = await newInstance(stack, 'MailFeedback')
  others.push(feedback)
  const tags = { delivery: ['synthetic_20260110T030000Z'] }
  for (const eventType of ['Send', 'Delivery']) {
    await stack.send(queue('MailEvents'), { source: 'aws.ses', detail: { eventType, mail: { messageId: 'm', tags } } })
  }
  doneWell(await stack.pump(queue('MailEvents'), [feedback]))
  expect(await stack.waiting(queue('MailEventsDeadLetters'))).toBe(0)
  expect(await everyItem()).toEqual(before)
})

test('of another instant is another one', async () => {
  await due('2026-01-11T03:00:00Z')
  doneWell(await stack.pump(queue('Reports'), [generate]))
  doneWell(await stack.pump(queue('Deliveries'), [deliver]))
  expect(await stack.keys(bucket(), 'synthetic/20260111T030000Z/')).toHaveLength(10)
  expect(await stack.mail.inbox()).toHaveLength(2)
})

/** Where a stage is alarmed: test/lib/vigie-stack.test.ts. */
const letters = async (id: string) =>
  (await stack.take(queue(id))).map(({ Body = '', MessageAttributes }) => ({
    scheduledAt: JSON.parse(Body).scheduledAt,
    cause: MessageAttributes?.cause?.StringValue,
    tries: MessageAttributes?.tries?.StringValue,
  }))

test('that no browser prints is a dead letter, and archives nothing', async () => {
  const broken = await newInstance(stack, 'Generate', { CHROME_PATH: join(folder, 'no-chrome') })
  others.push(broken)
  atOnceAgain()
  await due('2026-01-12T03:00:00Z')
  const invoked = await stack.pump(queue('Reports'), [broken])
  expect(invoked).toHaveLength(5)
  expect(await letters('ReportsDeadLetters')).toEqual([
    { scheduledAt: '2026-01-12T03:00:00Z', cause: expect.stringContaining('PrintError'), tries: '5' },
  ])
  expect(await stack.keys(bucket(), 'synthetic/20260112T030000Z/')).toEqual([])
  expect(await stack.waiting(queue('Deliveries'))).toBe(0)
})

test.each([
  [
    'a template without its titles',
    '2026-01-13T03:00:00Z',
    async (bundle: string) => writeFile(join(bundle, 'templates/partials/annex.hbs'), ''),
    /^SyntheticFaultError: .*report\.fr\.pdf: these sections are missing: /,
  ],
  [
    'a damaged font',
    '2026-01-14T03:00:00Z',
    async (bundle: string) => {
      const fonts = join(bundle, 'templates/fonts/print')
      const arabic = (await readdir(fonts)).filter((name) => name.startsWith('NotoSansArabic'))
      expect(arabic).toHaveLength(2)
      for (const name of arabic) await writeFile(join(fonts, name), '')
    },
    /^SyntheticFaultError: .*report\.fr\.pdf: glyphs are missing on page/,
  ],
])('that shows %s is a dead letter at once; mended, it goes through', async (name, instant, damage, cause) => {
  const spec = stack.spec('Generate')
  const copy = join(folder, name)
  await cp(spec.folder, copy, { recursive: true })
  await damage(copy)
  const broken = await startInstance({ ...spec, folder: copy })
  others.push(broken)
  await due(instant)
  expect(await stack.pump(queue('Reports'), [broken])).toHaveLength(1)
  const found = await letters('ReportsDeadLetters')
  expect(found).toEqual([{ scheduledAt: instant, cause: expect.stringMatching(cause), tries: '1' }])
  const keys = () =>
    stack.keys(bucket(), 'synthetic/').then((all) => all.filter((key) => key.startsWith(syntheticFolder(instant))))
  expect(await keys()).toEqual([])
  await due(instant)
  doneWell(await stack.pump(queue('Reports'), [generate]))
  expect(await keys()).toHaveLength(9)
})

test('that the mail service refuses, or whose files are gone, is a dead letter of the deliveries', async () => {
  atOnceAgain()
  mends.push(
    stack.mail.service.intercept(async () => ({
      status: 400,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'MailFromDomainNotVerifiedException' },
      body: '{}',
    })),
  )
  await stack.pump(queue('Deliveries'), [deliver])
  const refused = { cause: expect.stringContaining('MailFromDomainNotVerified'), tries: '5' }
  expect(await letters('DeliveriesDeadLetters')).toEqual([
    { scheduledAt: '2026-01-13T03:00:00Z', ...refused },
    { scheduledAt: '2026-01-14T03:00:00Z', ...refused },
  ])
  await stack.send(queue('Deliveries'), { kind: 'synthetic', scheduledAt: '2025-12-01T03:00:00Z' })
  await stack.pump(queue('Deliveries'), [deliver])
  const [gone] = await letters('DeliveriesDeadLetters')
  expect(gone).toMatchObject({ tries: '1', cause: expect.stringContaining('vigie redrive --drop') })
})
