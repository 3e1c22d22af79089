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
import { openTable } from '../../../lambdas/store/table/table.dynamodb.ts'
import { type Stores, storesIn } from '../../../lambdas/usecases/stores.ts'
import { sealWith } from '../../../lambdas/web/sign-in/sessions.ts'
import { credentials, region } from '../../support/aws.ts'
import { now } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import type { Instance } from '../../support/lambda.ts'
import { recipient } from '../../support/recipients.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

const folder = fileURLToPath(new URL('../../fixtures/aws-events/', import.meta.url))
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []))
const used = new Set<string>()
// oxlint-disable-next-line typescript/no-explicit-any -- events have whatever AWS gives them
const fixture = (name: string): any => {
  used.add(name)
  return JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8'))
}

let stack: StackHere
let stores: Stores
const instances = new Map<string, Promise<Instance>>()
const ids = [
  'Generate',
  'Ingest',
  'MailDeliver',
  'MailFeedback',
  'ReadersWorker',
  'ProgramsWorker',
  'RoomWorker',
  'RoomSignIn',
  'RoomDoorkeeper',
  'Watchdog',
] as const
type Id = (typeof ids)[number]

beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
  stores = storesIn(openTable({ endpoint: stack.table.endpoint, region, credentials }, stack.outputs.TableName ?? ''))
})
afterAll(async () => {
  for (const one of instances.values()) await (await one).close()
  await stack.close()
})
beforeEach(async () => {
  for (const name of ['Reports', 'Deliveries', 'Drops', 'MailEvents']) await stack.take(dead(name))
})

const dead = (name: string) => stack.queue(`${name}DeadLettersQueue`)
const give = async (id: Id, event: unknown): Promise<unknown> => {
  const opened = instances.get(id) ?? newInstance(stack, id)
  instances.set(id, opened)
  const invoked = await (await opened).invoke(event)
  if ('error' in invoked) throw new Error(`${id}: ${JSON.stringify(invoked.error)}`)
  return invoked.value
}
/** A message of SQS with this body: a fixture by its name, or a value. */
const message = (body: unknown, envelope = 'sqs-message') => {
  const { Records } = fixture(envelope)
  return { Records: [{ ...Records[0], body: typeof body === 'string' ? body : JSON.stringify(body) }] }
}
const done = { batchItemFailures: [] }
const causes = async (name: string) =>
  (await stack.take(dead(name))).map(({ MessageAttributes }) => MessageAttributes?.cause?.StringValue)
const drop = (key: string, id: string) =>
  stack.s3.send(
    new PutObjectCommand({ Bucket: stack.outputs.DropBucket, Key: key, Body: JSON.stringify(input({ id })) }),
  )
const resultOf = async (name: string) =>
  JSON.parse((await stack.object(stack.outputs.DropBucket ?? '', `results/${name}.json`)).toString())

describe('ingest', () => {
  test.each(['sqs-message', 'sqs-message-redriven'])(
    'takes S3’s word of an object in %s, whatever signs its key has',
    async (envelope) => {
      await drop('drop/burst of the week é+1.ndjson', 'a')
      expect(await give('Ingest', message(fixture('s3-object-created'), envelope))).toEqual(done)
      expect(await resultOf('burst of the week é+1.ndjson')).toMatchObject({ read: 1, rejected: 0 })
      expect(await causes('Drops')).toEqual([])
    },
  )

  test('takes the word of a large upload, in the newest form of the event', async () => {
    await drop('drop/large.ndjson', 'b')
    expect(await give('Ingest', message(fixture('s3-object-created-multipart')))).toEqual(done)
    expect(await resultOf('large.ndjson')).toMatchObject({ read: 1 })
  })

  test('takes S3’s test message, of which nothing comes', async () => {
    expect(await give('Ingest', message(fixture('s3-test-event')))).toEqual(done)
    expect(await causes('Drops')).toEqual([])
  })
})

describe('generate', () => {
  test('takes what a schedule of the stack sends', async () => {
    const [due] = stack.schedules().filter(({ input: said }) => said('').includes('"territory":"TF","cadence":"week"'))
    const body = due?.input('2024-05-20T01:30:00Z') ?? ''
    expect(await give('Generate', message(body))).toEqual(done)
    expect(await causes('Reports')).toEqual([])
    const made = await Array.fromAsync(stores.reports.all({ territory: 'TF' }))
    expect(made).toMatchObject([{ period: '2024-W20', state: 'published' }])
  })
})

describe('a queue’s function', () => {
  test.each([
    ['Generate', 'Reports', 's3-object-created'],
    ['Generate', 'Reports', 'scheduler-default'],
    ['Generate', 'Reports', 'ses-delivered'],
    ['Ingest', 'Drops', 'scheduler-default'],
    ['Ingest', 'Drops', 'ses-delivered'],
    ['MailDeliver', 'Deliveries', 'ses-delivered'],
    ['MailDeliver', 'Deliveries', 's3-test-event'],
    ['MailFeedback', 'MailEvents', 's3-object-created'],
    ['MailFeedback', 'MailEvents', 'ses-sending-disabled'],
    ['MailFeedback', 'MailEvents', 'ses-of-another-sender'],
  ] as const)('%s gives up what is none of its own, with the cause: %s gets %s', async (id, queue, name) => {
    expect(await give(id, message(fixture(name)))).toEqual(done)
    expect(await causes(queue)).toEqual([
      // Functions that show nothing to anybody have no texts.
      expect.stringMatching(/^MalformedMessageError: (?:the message is none of this queue|message\.malformed)/),
    ])
  })
})

describe('feedback', () => {
  const person = recipient('prefet@example.org')
  const key = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, recipient: person.id } as const
  const about = (name: string) => {
    const event = fixture(name)
    event.detail.mail.tags.delivery = [deliveryId(key).replaceAll('.', '_')]
    return event
  }
  const ledger = async () => (await stores.deliveries.get(key))?.state

  test.each([
    ['ses-sent', 'SENT', 'active'],
    ['ses-delivered', 'SENT', 'active'],
    ['ses-bounced-permanent', 'FAILED', 'suppressed'],
    ['ses-bounced-transient', 'UNKNOWN', 'active'],
    ['ses-complaint', 'UNKNOWN', 'suppressed'],
    ['ses-rejected', 'FAILED', 'active'],
    ['ses-delayed', 'UNKNOWN', 'active'],
  ] as const)('takes %s: a doubtful delivery is %s, its reader %s', async (name, state, standing) => {
    await stores.recipients.replace(person)
    const before = await stores.deliveries.get(key)
    const unknown = { ...key, state: 'UNKNOWN', turn: 1, attempts: 1, at: '2024-05-19T20:31:00.000Z' } as const
    if (before) await stores.deliveries.change(before, { state: 'UNKNOWN' })
    else await stores.deliveries.create(unknown)
    expect(await give('MailFeedback', message(about(name)))).toEqual(done)
    expect([await ledger(), (await stores.recipients.get(person.id))?.state]).toEqual([state, standing])
    expect(await causes('MailEvents')).toEqual([])
  })
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
const ask = async (id: Id, event: unknown) => (await give(id, event)) as Http

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

  test('gives a token what its claims say, and no more: a list may come in brackets, a scope with a name before it', async () => {
    const asked = async (territory: string) => {
      const body = JSON.stringify({ territory, period: '2024-W20' })
      const event = at('http-api-jwt', '/reports', { body })
      event.requestContext.http.method = 'POST'
      event.headers['content-type'] = 'application/json'
      return (await ask('ProgramsWorker', event)).statusCode
    }
    expect([await asked('NC'), await asked('PF')]).toEqual([202, 403])
  })

  test('a token without our claims reads nothing', async () => {
    const event = at('http-api-jwt', '/reports')
    const { vigie_clearance: _, ...claims } = event.requestContext.authorizer.jwt.claims
    event.requestContext.authorizer.jwt.claims = claims
    expect([401, 403]).toContain((await ask('ProgramsWorker', event)).statusCode)
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
  const nobody = { isAuthorized: true, context: {} }
  test('knows nobody by cookies that are none of its own, and by none at all', async () => {
    const event = fixture('http-api-authorizer-request')
    expect(await give('RoomDoorkeeper', event)).toEqual(nobody)
    const { cookies: _, ...without } = event
    expect(await give('RoomDoorkeeper', without)).toEqual(nobody)
    expect(await give('RoomDoorkeeper', { ...event, cookies: ['__Host-vigie=forged'] })).toEqual(nobody)
  })

  test('hands a session on, which the room takes from the gateway', async () => {
    const visitor = {
      caller: { who: 'x', scopes: ['reports:read'], clearance: 'TLP:AMBER', territories: ['NC'] },
      name: 'x',
      formToken: 't'.repeat(43),
    }
    const seal = sealWith(async () => 'ab'.repeat(32), now)
    const cookies = ['lang=en', `__Host-vigie=${await seal.close('session', visitor as never)}`]
    const said = (await give('RoomDoorkeeper', { ...fixture('http-api-authorizer-request'), cookies })) as {
      readonly context: object
    }
    const event = at('http-api-lambda-authorizer', '/room')
    event.requestContext.authorizer.lambda = said.context
    expect((await ask('RoomWorker', event)).statusCode).toBe(200)
  })
})

test('the watchdog looks whatever calls it', async () => {
  expect(await give('Watchdog', fixture('scheduler-default'))).toHaveProperty('missing')
  expect(await give('Watchdog', {})).toHaveProperty('missing')
})

describe('dead letters of AWS’s own', () => {
  const read = ({ MessageId = '', Body = '', Attributes, MessageAttributes = {} }: Message) =>
    deadLetterOf({
      id: MessageId,
      body: Body,
      sentAt: new Date(Number(Attributes?.SentTimestamp)),
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
      ),
    })

  test('say their cause, and a schedule’s goes back as the message that generate takes', async () => {
    const scheduled = read(fixture('scheduler-dead-letter'))
    expect(scheduled).toMatchObject({
      by: 'schedule',
      cause: 'AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.',
      tries: 1,
      at: '2024-05-19T20:30:00.321Z',
    })
    expect(await give('Generate', message(scheduled.body))).toEqual(done)
    expect(await Array.fromAsync(stores.reports.all({ territory: 'NC' }))).toMatchObject([{ period: '2024-W20' }])
    expect(read(fixture('rule-dead-letter'))).toMatchObject({
      by: 'rule',
      tries: 3,
      cause: expect.stringContaining('NO_PERMISSIONS'),
    })
    const record = JSON.stringify(fixture('lambda-failure-record'))
    expect(read({ MessageId: 'm', Body: record, Attributes: { SentTimestamp: '1716150600321' } })).toMatchObject({
      by: 'lambda',
      tries: 3,
      cause: expect.stringContaining('Task timed out'),
    })
  })
})

test('every event is given to something', () => {
  expect(names.filter((name) => !used.has(name))).toEqual([])
})
