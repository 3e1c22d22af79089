/**
 * Events with every field that AWS documents, given to the bundles that get them: each handler takes its own, and
 * refuses others with a cause.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { Message } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deadLetterOf } from '../../../lambdas/domain/checkup/dead-letter.ts'
import { deliveryId } from '../../../lambdas/domain/delivery/delivery.ts'
import { sealWith } from '../../../lambdas/web/sign-in/sessions.ts'
import { now } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import { recipient } from '../../support/recipients.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

const folder = fileURLToPath(new URL('../../fixtures/aws-events/', import.meta.url))
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []))
const used = new Set<string>()
// oxlint-disable-next-line typescript/no-explicit-any -- events have whatever AWS gives them
const fixture = (name: string): any => {
  used.add(name)
  return JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8'))
}

let stack: StackHere
beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
})
afterAll(() => stack.close())
beforeEach(async () => {
  for (const name of ['Reports', 'Deliveries', 'Drops', 'MailEvents']) await causes(name)
})

const give = async (id: string, event: unknown): Promise<unknown> => {
  const invoked = await (await stack.instance(id)).invoke(event)
  if ('error' in invoked) throw new Error(`${id}: ${JSON.stringify(invoked.error)}`)
  return invoked.value
}
/** The causes in a queue of dead letters, which are removed. */
const causes = async (name: string) =>
  (await stack.take(stack.queue(`${name}DeadLettersQueue`))).map(
    ({ MessageAttributes }) => MessageAttributes?.cause?.StringValue,
  )
/** A message of SQS with this body: a fixture by its name, or a value. */
const message = (body: unknown, envelope = 'sqs-message') => {
  const { Records } = fixture(envelope)
  return { Records: [{ ...Records[0], body: typeof body === 'string' ? body : JSON.stringify(body) }] }
}
const done = { batchItemFailures: [] }
const drop = (key: string, id: string) =>
  stack.s3.send(
    new PutObjectCommand({ Bucket: stack.outputs.DropBucket, Key: key, Body: JSON.stringify(input({ id })) }),
  )

describe('ingest', () => {
  test.each([
    ['s3-object-created', 'sqs-message', 'burst of the week é+1.ndjson'],
    ['s3-object-created', 'sqs-message-redriven', 'burst of the week é+1.ndjson'],
    ['s3-object-created-multipart', 'sqs-message', 'large.ndjson'],
  ])('reads the object of %s in %s, whatever characters its key has', async (event, envelope, name) => {
    await drop(`drop/${name}`, name)
    expect(await give('Ingest', message(fixture(event), envelope))).toEqual(done)
    expect(await stack.result(name)).toMatchObject({ read: 1, rejected: 0 })
    expect(await causes('Drops')).toEqual([])
  })

  test('does nothing for S3’s test message', async () => {
    expect(await give('Ingest', message(fixture('s3-test-event')))).toEqual(done)
    expect(await causes('Drops')).toEqual([])
  })
})

test('generate takes what a schedule of the stack sends', async () => {
  const due = stack.schedules().find(({ input: written }) => written('').includes('"territory":"TF","cadence":"week"'))
  expect(await give('Generate', message(due?.input('2024-05-20T01:30:00Z') ?? ''))).toEqual(done)
  expect(await causes('Reports')).toEqual([])
  const made = await Array.fromAsync(stack.stores.reports.all({ territory: 'TF' }))
  expect(made).toMatchObject([{ period: '2024-W20', state: 'published' }])
})

test.each([
  ['Generate', 'Reports', 's3-object-created'],
  ['Generate', 'Reports', 'scheduler-default'],
  ['Ingest', 'Drops', 'ses-delivered'],
  ['MailDeliver', 'Deliveries', 's3-test-event'],
  ['MailFeedback', 'MailEvents', 's3-object-created'],
  ['MailFeedback', 'MailEvents', 'ses-sending-disabled'],
  ['MailFeedback', 'MailEvents', 'ses-of-another-sender'],
] as const)('%s gives up another queue’s message, with the cause: %s gets %s', async (id, queue, name) => {
  expect(await give(id, message(fixture(name)))).toEqual(done)
  expect(await causes(queue)).toEqual([
    // Functions without pages have no texts.
    expect.stringMatching(/^MalformedMessageError: (?:the message is none of this queue|message\.malformed)/),
  ])
})

describe('feedback', () => {
  const person = recipient('prefet@example.org')
  const key = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, recipient: person.id } as const
  const about = (name: string) => {
    const event = fixture(name)
    event.detail.mail.tags.delivery = [deliveryId(key).replaceAll('.', '_')]
    return event
  }

  test.each([
    ['ses-sent', 'SENT', 'active'],
    ['ses-delivered', 'SENT', 'active'],
    ['ses-bounced-permanent', 'FAILED', 'suppressed'],
    ['ses-bounced-transient', 'UNKNOWN', 'active'],
    ['ses-complaint', 'UNKNOWN', 'suppressed'],
    ['ses-rejected', 'FAILED', 'active'],
    ['ses-delayed', 'UNKNOWN', 'active'],
  ] as const)(
    'after %s has a doubtful delivery as %s, and its recipient as %s',
    async (name, state, recipientState) => {
      const { deliveries, recipients } = stack.stores
      await recipients.replace(person)
      const before = await deliveries.get(key)
      if (before) await deliveries.change(before, { state: 'UNKNOWN' })
      else await deliveries.create({ ...key, state: 'UNKNOWN', turn: 1, attempts: 1, at: '2024-05-19T20:31:00.000Z' })
      expect(await give('MailFeedback', message(about(name)))).toEqual(done)
      const after = [(await deliveries.get(key))?.state, (await recipients.get(person.id))?.state]
      expect(after).toEqual([state, recipientState])
      expect(await causes('MailEvents')).toEqual([])
    },
  )
})

type Http = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly cookies?: readonly string[]
}
/** A request of the fixture's form to a path. */
const at = (name: string, path: string, changed: object = {}) => {
  const event = fixture(name)
  event.rawPath = path
  event.requestContext.http.path = path
  return { ...event, ...changed }
}
const ask = async (id: string, event: unknown) => (await give(id, event)) as Http

describe('the interface for programs', () => {
  test.each([
    ['http-api-no-authorizer', 401],
    ['http-api-lambda-authorizer', 401],
    ['http-api-iam', 200],
    ['http-api-jwt', 200],
  ])('answers %s with %i', async (name, status) => {
    const answered = await ask('ProgramsWorker', at(name, '/reports'))
    expect(answered.statusCode).toBe(status)
    if (status === 401) expect(answered.headers['content-type']).toContain('application/problem+json')
    else expect(JSON.parse(answered.body)).toBeTypeOf('object')
  })

  test('allows a token what its claims state, also in brackets, and nothing without our claims', async () => {
    const request = (territory: string) => {
      const event = at('http-api-jwt', '/reports', { body: JSON.stringify({ territory, period: '2024-W20' }) })
      event.requestContext.http.method = 'POST'
      event.headers['content-type'] = 'application/json'
      return event
    }
    const statusOf = async (event: unknown) => (await ask('ProgramsWorker', event)).statusCode
    expect([await statusOf(request('NC')), await statusOf(request('PF'))]).toEqual([202, 403])
    const event = at('http-api-jwt', '/reports')
    delete event.requestContext.authorizer.jwt.claims.vigie_clearance
    expect([401, 403]).toContain(await statusOf(event))
  })
})

describe('pages', () => {
  test('of mails’ links take a request with every field, and one without any', async () => {
    const path = `/r/${'0'.repeat(64)}`
    const plain = await ask('ReadersWorker', at('http-api-no-authorizer', path))
    const full = await ask('ReadersWorker', at('http-api-full', path, { body: undefined }))
    expect([plain.statusCode, full.statusCode]).toEqual([404, 404])
    expect(full.body).toContain('<html lang="en"')
    // The gateway hands on what no browser sends, a GET with a body: it is answered, and stops nothing.
    expect((await ask('ReadersWorker', at('http-api-full', path))).statusCode).toBe(400)
    expect((await ask('ReadersWorker', at('http-api-no-authorizer', '/healthz'))).statusCode).toBe(200)
  })

  test('of the room are shut without the session’s word, and to another authorizer’s', async () => {
    for (const name of ['http-api-no-authorizer', 'http-api-iam', 'http-api-jwt', 'http-api-lambda-authorizer'])
      expect([name, (await ask('RoomWorker', at(name, '/room'))).statusCode]).toEqual([name, 401])
  })

  test('of signing in begin nothing for an answer of the issuer that was not asked for', async () => {
    for (const name of ['http-api-no-authorizer', 'http-api-full']) {
      const answered = await ask('RoomSignIn', at(name, '/sign-in/back', { body: undefined }))
      expect([name, answered.statusCode, answered.cookies ?? []]).toEqual([name, 400, []])
      expect(answered.headers['content-type']).toContain('text/html')
    }
  })
})

describe('the session', () => {
  test('lets in without a visitor where the cookies are absent, forged or of another site', async () => {
    const event = fixture('http-api-authorizer-request')
    const { cookies: _, ...without } = event
    for (const one of [event, without, { ...event, cookies: ['__Host-vigie=forged'] }])
      expect(await give('RoomAuthorizer', one)).toEqual({ isAuthorized: true, context: {} })
  })

  test('hands a session on, which the room takes from the gateway', async () => {
    const caller = { who: 'x', scopes: ['reports:read'], clearance: 'TLP:AMBER', territories: ['NC'] }
    const seal = sealWith(async () => 'ab'.repeat(32), now)
    const session = await seal.close('session', { caller, name: 'x', formToken: 't'.repeat(43) } as never)
    const cookies = ['lang=en', `__Host-vigie=${session}`]
    const admitted = await give('RoomAuthorizer', { ...fixture('http-api-authorizer-request'), cookies })
    const event = at('http-api-lambda-authorizer', '/room')
    event.requestContext.authorizer.lambda = (admitted as { readonly context: object }).context
    expect((await ask('RoomWorker', event)).statusCode).toBe(200)
  })
})

test('the watchdog looks whatever calls it', async () => {
  expect(await give('Watchdog', fixture('scheduler-default'))).toHaveProperty('missing')
  expect(await give('Watchdog', {})).toHaveProperty('missing')
})

test('the dead letters that AWS writes have their cause, and a schedule’s is sent again as generate’s message', async () => {
  const read = ({ MessageId = '', Body = '', Attributes, MessageAttributes = {} }: Message) =>
    deadLetterOf({
      ...{ id: MessageId, body: Body, sentAt: new Date(Number(Attributes?.SentTimestamp)) },
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
      ),
    })
  const scheduled = read(fixture('scheduler-dead-letter'))
  expect(scheduled).toMatchObject({
    ...{ by: 'schedule', tries: 1, at: '2024-05-19T20:30:00.321Z' },
    cause: 'AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.',
  })
  expect(await give('Generate', message(scheduled.body))).toEqual(done)
  expect(await Array.fromAsync(stack.stores.reports.all({ territory: 'NC' }))).toMatchObject([{ period: '2024-W20' }])
  const rule = { by: 'rule', tries: 3, cause: expect.stringContaining('NO_PERMISSIONS') }
  expect(read(fixture('rule-dead-letter'))).toMatchObject(rule)
  const record = JSON.stringify(fixture('lambda-failure-record'))
  const failure = read({ MessageId: 'm', Body: record, Attributes: { SentTimestamp: '1716150600321' } })
  expect(failure).toMatchObject({ by: 'lambda', tries: 3, cause: expect.stringContaining('Task timed out') })
})

test('every event is given to something', () => {
  expect(names.filter((name) => !used.has(name))).toEqual([])
})
