/** Mail end to end, without AWS: from a due report to mails in an inbox, by the bundles that would be deployed. */
import { readFileSync } from 'node:fs'
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { story } from '../../../bin/cli/story.ts'
import type { Delivery } from '../../../lambdas/domain/delivery/delivery.ts'
import { digestDay } from '../../../lambdas/domain/delivery/digest.ts'
import type { Recipient } from '../../../lambdas/domain/delivery/recipient.ts'
import { readNdjson } from '../../../lambdas/intake/json/ndjson.ts'
import { openTable } from '../../../lambdas/store/table/table.dynamodb.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { type Stores, storesIn } from '../../../lambdas/usecases/stores.ts'
import { credentials, type InboxMail, region } from '../../support/aws.ts'
import { newFolder, vigieJson } from '../../support/cli.ts'
import { now } from '../../support/clock.ts'
import type { Instance, Invoked } from '../../support/lambda.ts'
import type { Answered, Interceptor } from '../../support/proxy.ts'
import { recipient } from '../../support/recipients.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let stores: Stores
let items: DynamoDBDocumentClient
let generate: Instance
let deliver: Instance
let feedback: Instance
const mends: (() => void)[] = []

beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
  const table = openTable({ endpoint: stack.table.endpoint, region, credentials }, stack.outputs.TableName ?? '')
  stores = storesIn(table)
  items = DynamoDBDocumentClient.from(stack.dynamo)
  const chunks = async function* () {
    yield readFileSync(story.file)
  }
  const services = { ...stores, run: 'test', clock: now }
  await ingestDetections(readNdjson(chunks(), { file: 'story' }), 'story', services)
  const open = (id: string) => newInstance(stack, id)
  ;[generate, deliver, feedback] = [await open('Generate'), await open('MailDeliver'), await open('MailFeedback')]
})
afterEach(async () => {
  for (const mend of mends.splice(0)) mend()
  for await (const one of stores.recipients.all()) await stores.recipients.replace({ ...one, state: 'unsubscribed' })
})
afterAll(async () => {
  for (const one of [generate, deliver, feedback]) await one.close()
  await stack.close()
})

const having = async (...all: readonly Recipient[]) => {
  for (const one of all) await stores.recipients.replace(one)
}
const queue = (id: string) => stack.queue(`${id}Queue`)
const doneWell = (invoked: readonly Invoked[]) =>
  expect(
    invoked.filter((one) => !('value' in one) || JSON.stringify(one.value) !== '{"batchItemFailures":[]}'),
  ).toEqual([])
const mailsTo = async (address: string): Promise<readonly InboxMail[]> =>
  (await stack.mail.inbox()).filter(({ destination }) => destination.to.some((to) => to.includes(address)))

/** Makes a report, and has it mailed. */
const due = async (territory: string, period: string, cap = 'TLP:AMBER') => {
  await stack.send(queue('Reports'), { kind: 'requested', territory, period, cap, deliver: 'everybody' })
  doneWell(await stack.pump(queue('Reports'), [generate]))
}
const ledger = async (territory: 'NC' | 'MQ' | 'WF' | 'BL', period: string): Promise<readonly Delivery[]> =>
  stores.deliveries.about(territory, period)

const sends: Interceptor = async (asked, through) => through(asked)
const onSend = (interceptor: Interceptor) =>
  mends.push(
    stack.mail.service.intercept((asked, through) =>
      asked.url.startsWith('/v2/email/outbound-emails') ? interceptor(asked, through) : sends(asked, through),
    ),
  )
const atOnceAgain = () =>
  mends.push(
    stack.services.intercept(async (request, through) => {
      if (request.headers['x-amz-target'] !== 'AmazonSQS.ChangeMessageVisibility') return through(request)
      const body = Buffer.from(JSON.stringify({ ...JSON.parse(request.body.toString()), VisibilityTimeout: 0 }))
      return through({ ...request, headers: { ...request.headers, 'content-length': String(body.length) }, body })
    }),
  )
const refusal = (status: number, type: string): Answered => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
  body: JSON.stringify({ message: type }),
})
const event = (eventType: string, { messageId, ...key }: Delivery, more: object = {}) => ({
  source: 'aws.ses',
  detail: {
    eventType,
    mail: {
      messageId: messageId ?? 'm-1',
      tags: { delivery: [`${key.territory}.${key.period}.amber.${key.version}.${key.recipient}`] },
    },
    ...more,
  },
})

describe('a due report', () => {
  test('reaches everybody in the edition of his clearance, once, however often the schedule fires', async () => {
    await having(
      recipient('amber@example.org'),
      recipient('green@example.org', { clearance: 'TLP:GREEN', form: 'attachment', language: 'en' }),
      recipient('other@example.org', { territories: ['MQ'] }),
    )
    const schedule = stack
      .schedules()
      .find(({ id, input }) => id.includes('NC') && JSON.parse(input('')).cadence === 'week')
    for (let times = 0; times < 2; times += 1) {
      await stack.send(queue('Reports'), schedule?.input('2024-05-19T19:30:00Z'))
      doneWell(await stack.pump(queue('Reports'), [generate]))
      doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    }
    expect(await stack.mail.inbox()).toHaveLength(2)
    const [amber] = await mailsTo('amber@example.org')
    const [green] = await mailsTo('green@example.org')
    expect(amber?.subject).toMatch(/^\[TLP:/)
    expect(amber?.body.text).toMatch(/https:\/\/reports\.example\.org\/r\/[0-9a-f]{64}/)
    // Each is marked by what it shows.
    expect(green?.subject).toBe('[TLP:CLEAR] New Caledonia, week 20 of 2024: at least 5,332 posts recorded')
    const states = (await ledger('NC', '2024-W20')).map(({ cap, state }) => `${cap} ${state}`)
    expect(states.toSorted()).toEqual(['TLP:AMBER SENT', 'TLP:GREEN SENT'])
  })

  test('for more than a hundred readers is mailed by a message for each hundred', async () => {
    const many = Array.from({ length: 101 }, (_, at) => recipient(`many${at}@example.org`, { territories: ['BL'] }))
    await having(...many)
    await due('BL', '2024-W20')
    doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    expect((await ledger('BL', '2024-W20')).map(({ state }) => state)).toEqual(many.map(() => 'SENT'))
    expect(deliver.log().match(/"readers":\d+/g)).toEqual(['"readers":100', '"readers":1'])
  })

  test('that late data changed is made again by the next week’s run, and mailed as a correction to those who got it', async () => {
    await having(recipient('corrected@example.org', { territories: ['WF'], quiet: 'skip' }))
    const week = async (dueAt: string) => {
      const found = stack.schedules().find(({ input }) => {
        const { territory, cadence } = JSON.parse(input(''))
        return territory === 'WF' && cadence === 'week'
      })
      await stack.send(queue('Reports'), found?.input(dueAt))
      doneWell(await stack.pump(queue('Reports'), [generate]))
      doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    }
    const burst = (id: string) => ({
      id,
      detector: 'late',
      kind: 'copy-paste',
      title: { fr: 'Salve', en: 'Burst' },
      territories: ['WF'],
      observed: { from: '2024-05-14' },
      counts: { posts: 7 },
    })
    const take = async (id: string) => {
      const chunks = async function* () {
        yield Buffer.from(JSON.stringify(burst(id)))
      }
      const services = { ...stores, run: 'late', clock: now }
      await ingestDetections(readNdjson(chunks(), { file: id }), id, services)
    }
    await take('on-time')
    await week('2024-05-19T18:30:00Z')
    await take('too-late')
    await week('2024-05-26T18:30:00Z')
    const mails = await mailsTo('corrected@example.org')
    expect(mails.map(({ subject }) => /correcti/i.test(subject))).toEqual([false, true])
    expect(await ledger('WF', '2024-W20')).toMatchObject([
      { version: 1, state: 'SENT' },
      { version: 2, state: 'SENT', corrects: 1 },
    ])
    // The second week itself was quiet.
    expect(await ledger('WF', '2024-W21')).toMatchObject([{ state: 'WITHHELD', reason: { code: 'withheld.quiet' } }])
  })

  test('waits where the service asks to be slower, and is mailed once', async () => {
    await having(recipient('slow@example.org'), recipient('quick@example.org'))
    let refused = 0
    onSend(async (asked, through) => {
      if (!asked.body.includes('slow@example.org') || refused > 0) return through(asked)
      refused += 1
      return refusal(429, 'TooManyRequestsException')
    })
    atOnceAgain()
    await due('NC', '2024-W21')
    const invoked = await stack.pump(queue('Deliveries'), [deliver])
    expect(invoked).toHaveLength(2)
    expect(await mailsTo('slow@example.org')).toHaveLength(1)
    expect(await mailsTo('quick@example.org')).toHaveLength(1)
  })

  test('whose address the service refuses has failed, and reaches the others', async () => {
    await having(recipient('refused@example.org'), recipient('taken@example.org'))
    onSend(async (asked, through) =>
      asked.body.includes('refused@example.org') ? refusal(400, 'MessageRejected') : through(asked),
    )
    await due('NC', '2024-W22')
    doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    expect((await ledger('NC', '2024-W22')).map(({ state }) => state).toSorted()).toEqual(['FAILED', 'SENT'])
    expect(await mailsTo('taken@example.org')).toHaveLength(1)
  })
})

describe('a digest', () => {
  test('leaves by its schedule, once, with what waited; refused it leaves at the next try, and a bounce settles all of it', async () => {
    await having(recipient('one-mail@example.org', { territories: ['NC', 'MQ'], digest: true }))
    const schedule = stack.schedules().find(({ id }) => id.includes('Digests'))
    const fire = async () => stack.send(queue('Deliveries'), schedule?.input('2024-06-11T05:30:00Z'))
    for (const territory of ['NC', 'MQ']) await due(territory, '2024-W10')
    doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    expect(await mailsTo('one-mail@example.org')).toEqual([])
    expect((await ledger('NC', '2024-W10')).map(({ state, by }) => `${state} ${by}`)).toEqual(['PENDING digest'])
    let refused = 0
    onSend(async (asked, through) => {
      refused += 1
      return refused > 1 ? through(asked) : refusal(429, 'TooManyRequestsException')
    })
    for (let times = 0; times < 3; times += 1) {
      await fire()
      doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    }
    const mails = await mailsTo('one-mail@example.org')
    expect(mails.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^\[TLP:\w+\] Semaine 10 de 2024.: 2 rapports$/),
    ])
    const [sent] = await ledger('MQ', '2024-W10')
    if (!sent) throw new Error('no delivery of MQ')
    const tag = `digest_${sent.recipient}_${digestDay(new Date(sent.at))}`
    const bounced = event('Bounce', sent, { bounce: { bounceType: 'Permanent' } })
    bounced.detail.mail.tags.delivery = [tag]
    await stack.send(stack.queue('MailEventsQueue'), bounced)
    doneWell(await stack.pump(stack.queue('MailEventsQueue'), [feedback]))
    for (const territory of ['NC', 'MQ'] as const) {
      expect((await ledger(territory, '2024-W10')).map(({ state }) => state)).toEqual(['FAILED'])
    }
  })
})

describe('a mail', () => {
  test('whose answer was lost is unknown and never sent again, until the service tells that it went out', async () => {
    await having(recipient('lost@example.org'))
    onSend(async (asked, through) => {
      await through(asked)
      throw new Error('the answer is lost')
    })
    await due('NC', '2024-W23')
    doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    await due('NC', '2024-W23')
    doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    expect(await mailsTo('lost@example.org')).toHaveLength(1)
    const [unknown] = await ledger('NC', '2024-W23')
    expect(unknown).toMatchObject({ state: 'UNKNOWN', attempts: 1 })
    await stack.send(queue('MailEvents'), event('Delivery', unknown as Delivery))
    doneWell(await stack.pump(queue('MailEvents'), [feedback]))
    expect(await ledger('NC', '2024-W23')).toMatchObject([{ state: 'SENT' }])
  })

  test('whose sender dies after the service took it is never sent again', async () => {
    await having(recipient('crash@example.org'))
    onSend(async (asked, through) => {
      await through(asked)
      deliver.kill()
      throw new Error('the function is gone')
    })
    atOnceAgain()
    await due('NC', '2024-W24')
    const [message] = await stack.peek(queue('Deliveries'))
    expect(await deliver.invoke(message)).toHaveProperty('error')
    const [sending] = await ledger('NC', '2024-W24')
    expect(sending).toMatchObject({ state: 'SENDING' })
    // Its lease runs out.
    const found = await items.send(new ScanCommand({ TableName: stack.outputs.TableName }))
    const item = found.Items?.find(({ pk, state }) => pk === 'DELIVERY#NC#2024-W24' && state === 'SENDING')
    const over = { ...item, leaseUntil: '2024-01-01T00:00:00.000Z' }
    await items.send(new PutCommand({ TableName: stack.outputs.TableName, Item: over }))
    await due('NC', '2024-W24')
    doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    expect(await ledger('NC', '2024-W24')).toMatchObject([{ state: 'UNKNOWN' }])
    expect(await mailsTo('crash@example.org')).toHaveLength(1)
  })

  test('that bounces for good is the last to its address', async () => {
    await having(recipient('bounce@example.org'))
    await due('NC', '2024-W25')
    doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    const [sent] = await ledger('NC', '2024-W25')
    const bounce = {
      bounceType: 'Permanent',
      bouncedRecipients: [{ emailAddress: 'bounce@example.org', status: '5.1.1' }],
    }
    await stack.send(queue('MailEvents'), event('Bounce', sent as Delivery, { bounce }))
    doneWell(await stack.pump(queue('MailEvents'), [feedback]))
    await due('NC', '2024-W26')
    doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    expect(await mailsTo('bounce@example.org')).toHaveLength(1)
    expect(await ledger('NC', '2024-W25')).toMatchObject([
      { state: 'FAILED', reason: { code: 'recipient.bounced', values: { detail: '5.1.1' } } },
    ])
  })
})

describe('a message of the delivery queue', () => {
  test('on a version that was never published is given up with its cause', async () => {
    await stack.send(queue('Deliveries'), {
      territory: 'MQ',
      period: '2024-W01',
      cap: 'TLP:AMBER',
      version: 9,
      to: 'everybody',
    })
    doneWell(await stack.pump(queue('Deliveries'), [deliver]))
    const [letter] = await stack.take(stack.queue('DeliveriesDeadLettersQueue'))
    expect(letter?.MessageAttributes?.cause?.StringValue).toContain('not there')
  })
})

test('somebody put on the list of a stage with --ask is asked by its mail service, and gets a link to its address', async () => {
  const { folder, remove } = await newFolder()
  mends.push(() => void remove())
  const args = ['recipients', 'add', 'new@example.org', '--territory', 'NC', '--ask', '--stage', 'test']
  const added = await vigieJson<{ state: string }>(args, { env: { ...stack.env, VIGIE_HOME: folder } })
  expect(added).toMatchObject({ state: 'pending' })
  const [mail, ...others] = await mailsTo('new@example.org')
  expect(others).toEqual([])
  expect(mail?.body.text).toContain(`${stack.outputs.Site}/confirm/`)
})
