/**
 * The stack on this machine: stand-ins provisioned from the synthesised template, and the real bundles run beside them.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { p256 } from '@noble/curves/nist.js'
import { App } from 'aws-cdk-lib'
import { publicKeyOf, type Signer } from '../../lambdas/domain/report/signature.ts'
import { openTable } from '../../lambdas/store/table/table.dynamodb.ts'
import type { Table } from '../../lambdas/store/table/table.ts'
import { type Stores, storesIn } from '../../lambdas/usecases/stores.ts'
import { readSettings } from '../../lib/settings.ts'
import { VigieStack } from '../../lib/vigie-stack.ts'
import aws from './aws-limits.json' with { type: 'json' }
import { credentials, type MailService, region, startDynamo, startMail, startStorage } from './aws.ts'
import { deployedFlags, unbundled } from './cdk-context.ts'
import { type FunctionSpec, type Instance, type Invoked, startInstance } from './lambda.ts'
import { type Interceptor, type StandInProxy, startProxy, withJson } from './proxy.ts'
import { enforcing } from './rights/enforce.ts'
import { secretEnding } from './rights/policies.ts'

type Resource = {
  readonly Type: string
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is whatever the CDK has written
  readonly Properties: any
  readonly Metadata?: { readonly 'aws:asset:path'?: string }
}

export type Template = {
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>
}

/** Writes the real assembly to a folder, bundles and all unless they are not asked for. */
export const synthesise = async (
  folder: string,
  settings: Readonly<Record<string, unknown>> = {},
  { bundled = true }: { readonly bundled?: boolean } = {},
) => {
  // The CDK's command line asks for these paths; here nobody else does.
  const context = { ...(bundled ? deployedFlags : unbundled), 'aws:cdk:enable-asset-metadata': true }
  const app = new App({ outdir: folder, context })
  const stack = new VigieStack(app, readSettings({ stage: 'test', stages: { test: settings } }))
  app.synth()
  const template = JSON.parse(await readFile(join(folder, stack.templateFile), 'utf8')) as Template
  return { folder, template, stackName: stack.stackName }
}

/** The folder of a function's bundle. */
export const bundleOf = ({ folder, template }: Pick<Synthesised, 'folder' | 'template'>, name: string): string => {
  const found = Object.entries(template.Resources).find(
    ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(name),
  )
  if (!found) throw new Error(`the stack has no function ${name}`)
  return join(folder, String(found[1].Metadata?.['aws:asset:path']))
}

export type Synthesised = Awaited<ReturnType<typeof synthesise>>

export type StackHere = {
  /** The stack's outputs, by name. */
  readonly outputs: Readonly<Record<string, string>>
  /** What points the SDK, here or in another process, to the stand-ins, as somebody who has the operator's policy. */
  readonly env: Readonly<Record<string, string>>
  /** The same, as somebody who has the reader's policy. */
  readonly readerEnv: Readonly<Record<string, string>>
  /** The same, as somebody who has the policy of detectors. */
  readonly dropperEnv: Readonly<Record<string, string>>
  readonly table: StandInProxy
  /** S3 and SQS. */
  readonly services: StandInProxy
  readonly mail: MailService
  /** Requests that the stack's policies did not allow, a line each: whoever expects one takes it out. */
  readonly denied: string[]
  /** Judges a request by the rights of who has signed it, for stand-ins of a test's own. */
  readonly judge: Interceptor
  /** Signs as the stack's key in KMS does. */
  readonly signer: Signer
  /** The stack's table, and the stores in it, with every right. */
  readonly stored: Table
  readonly stores: Stores
  readonly s3: S3Client
  readonly sqs: SQSClient
  readonly dynamo: DynamoDBClient
  /** What the schedules send when they are due, by territory and cadence. */
  schedules(): readonly ScheduleHere[]
  queue(id: string): string
  spec(id: string): FunctionSpec
  /** A function's instance: one for each environment, ended by `close`. */
  instance(id: string, env?: Readonly<Record<string, string>>): Promise<Instance>
  /** Gives the messages of a queue to a function. @throws where it does not do one of them */
  work(queueId: string, functionId: string): Promise<readonly Invoked[]>
  /** Puts a file into the drop bucket, and sends S3's message about it. */
  drop(key: string, body: string | Buffer, metadata?: Readonly<Record<string, string>>): Promise<void>
  /** The JSON under `results/` in the drop bucket, by the name of the dropped file. */
  // oxlint-disable-next-line typescript/no-explicit-any -- each test knows what it wrote
  result(name: string): Promise<any>
  /** Lets failed messages come again at once, and keeps how long they should have waited. @returns how to stop it */
  retryAtOnce(pauses?: number[]): () => void
  send(url: string, message: unknown): Promise<void>
  /** Messages that are there now, taken off the queue. */
  take(url: string): Promise<readonly Message[]>
  /** The next message as a function is given it; it stays in the queue, hidden for its while. */
  peek(url: string): Promise<readonly ReturnType<typeof eventOf>[]>
  waiting(url: string): Promise<number>
  /** Gives a queue's messages to instances, as an event source does, until none is left to be seen. */
  pump(url: string, instances: readonly Instance[]): Promise<readonly Invoked[]>
  keys(bucket: string, prefix?: string): Promise<readonly string[]>
  object(bucket: string, key: string): Promise<Buffer>
  close(): Promise<void>
}

type ScheduleHere = {
  readonly id: string
  readonly expression: string
  readonly zone: string
  readonly queueId: string
  /** With the time that it was due in the place of `<aws.scheduler.scheduled-time>`. */
  input(dueAt: string): string
}

/** What KMS answers, under a key of this run. */
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const scalar = new Uint8Array(Buffer.from(pair.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'))
/** Node signs messages; KMS signs their hashes too, never twice with the same bytes. */
const signDigest = (digest: Uint8Array) =>
  p256.sign(digest, scalar, { prehash: false, format: 'der', extraEntropy: true })
const kms = (action: string, asked: Readonly<Record<string, string>>) => {
  if (action === 'GetPublicKey') {
    return { KeyId: asked.KeyId, PublicKey: pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64') }
  }
  if (asked.SigningAlgorithm !== 'ECDSA_SHA_256' || asked.MessageType !== 'DIGEST') {
    throw new Error(`KMS here signs digests by ECDSA_SHA_256, not ${asked.MessageType} by ${asked.SigningAlgorithm}`)
  }
  return {
    KeyId: asked.KeyId,
    Signature: Buffer.from(signDigest(Buffer.from(asked.Message ?? '', 'base64'))).toString('base64'),
  }
}

/** A secret that looks like the stack's. */
const secret = 'ab'.repeat(32)

export const startStack = async ({ folder, template, stackName }: Synthesised): Promise<StackHere> => {
  const storage = await startStorage()
  const { table, close: closeTable } = await startDynamo()
  const mail = await startMail()
  const names = new Map<string, string>()
  const resources = Object.entries(template.Resources)
  const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type)
  const resolve = (value: unknown): string => resolved(value, names)

  const outputs: Record<string, string> = {}
  const control = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const body = await text(request)
    const action = String(request.headers['x-amz-target']).split('.').at(-1) ?? ''
    if (['GetSecretValue', 'Sign', 'GetPublicKey'].includes(action)) {
      response.setHeader('content-type', 'application/x-amz-json-1.1')
      response.end(
        JSON.stringify(action === 'GetSecretValue' ? { SecretString: secret } : kms(action, JSON.parse(body))),
      )
      return
    }
    const known = new URLSearchParams(body).get('StackName') === stackName
    response.writeHead(known ? 200 : 400, { 'content-type': 'text/xml' })
    response.end(known ? describedStack(stackName, outputs) : noStack)
  })
  await new Promise<void>((done) => control.listen(0, '127.0.0.1', done))
  const asked = await startProxy((control.address() as AddressInfo).port)
  const controlEndpoint = asked.endpoint
  const rights = enforcing(template.Resources)
  for (const proxy of [asked, table, storage.services, mail.service]) proxy.intercept(rights.interceptor)

  const signer: Signer = {
    sign: async (bytes) => sign('sha256', bytes, pair.privateKey),
    publicKey: async () => publicKeyOf(pair.publicKey.export({ format: 'der', type: 'spki' }), 'KMS here'),
  }
  const [operator = '', reader = '', dropper = ''] = ['PeopleOperator', 'PeopleReader', 'PeopleDropper'].map(
    (id) => ofType('AWS::IAM::ManagedPolicy').find(([name]) => name.startsWith(id))?.[0],
  )
  const env = {
    AWS_REGION: region,
    // Whoever has the operator's policy, and no other.
    AWS_ACCESS_KEY_ID: operator,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_ENDPOINT_URL_S3: storage.services.endpoint,
    AWS_ENDPOINT_URL_SQS: storage.services.endpoint,
    AWS_ENDPOINT_URL_SESV2: mail.service.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: controlEndpoint,
    AWS_ENDPOINT_URL_CLOUDFORMATION: controlEndpoint,
    AWS_ENDPOINT_URL_KMS: controlEndpoint,
  }
  const client = { region, credentials }
  const dynamo = new DynamoDBClient({ ...client, endpoint: table.endpoint })
  const s3 = new S3Client({ ...client, endpoint: storage.services.endpoint, forcePathStyle: true })
  const sqs = new SQSClient({ ...client, endpoint: storage.services.endpoint })

  for (const [id, { Properties }] of ofType('AWS::DynamoDB::Table')) {
    const { AttributeDefinitions, KeySchema, BillingMode } = Properties
    await dynamo.send(new CreateTableCommand({ TableName: id, AttributeDefinitions, KeySchema, BillingMode }))
    names.set(id, id)
  }
  for (const [id] of ofType('AWS::S3::Bucket')) {
    const bucket = id.toLowerCase()
    await s3.send(new CreateBucketCommand({ Bucket: bucket }))
    names.set(id, bucket)
  }
  for (const [id] of ofType('AWS::SES::ConfigurationSet')) names.set(id, id)
  for (const [id] of ofType('AWS::KMS::Key')) names.set(`${id}.Arn`, `arn:aws:kms:${region}:000000000000:key/${id}`)
  for (const [id] of ofType('AWS::SecretsManager::Secret'))
    names.set(id, `arn:aws:secretsmanager:${region}:0:secret:${id}-${secretEnding}`)
  const queues = ofType('AWS::SQS::Queue')
  for (const [id, { Properties }] of queues) {
    const { QueueUrl = '' } = await sqs.send(
      new CreateQueueCommand({
        QueueName: id,
        Attributes: {
          VisibilityTimeout: String(Properties.VisibilityTimeout ?? 30),
          MessageRetentionPeriod: String(Properties.MessageRetentionPeriod ?? 345_600),
          MaximumMessageSize: String(Properties.MaximumMessageSize ?? aws.limits.queueMessage.limit),
        },
      }),
    )
    names.set(id, QueueUrl)
    names.set(`${id}.QueueName`, id)
  }
  for (const [name, { Value }] of Object.entries(template.Outputs)) outputs[name] = resolve(Value)

  const spec = (id: string): FunctionSpec => {
    const [found] = ofType('AWS::Lambda::Function').filter(([name]) => name.startsWith(id))
    if (!found) throw new Error(`the stack has no function ${id}`)
    const [name, { Properties }] = found
    return {
      name,
      folder: bundleOf({ folder, template }, name),
      handler: Properties.Handler,
      timeoutMs: Properties.Timeout * 1_000,
      memoryMb: Properties.MemorySize,
      env: {
        ...Object.fromEntries(
          Object.entries(Properties.Environment.Variables).map(([variable, value]) => [variable, resolve(value)]),
        ),
        ...env,
        // By it each request says whose it is, and is judged by the rights of that function.
        AWS_ACCESS_KEY_ID: name,
      },
    }
  }

  const receive = async (url: string, seconds: number): Promise<readonly Message[]> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 1,
        WaitTimeSeconds: seconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    )
    return Messages
  }
  const remove = (url: string, { ReceiptHandle }: Message) =>
    sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }))

  const pump: StackHere['pump'] = async (url, instances) => {
    const invoked: Invoked[] = []
    let working = 0
    const worker = async (instance: Instance): Promise<void> => {
      for (;;) {
        const [message] = await receive(url, 0)
        // Another may still send onward what this one would take.
        if (!message && working === 0) return
        if (!message) {
          await new Promise((done) => setTimeout(done, 20))
          continue
        }
        working += 1
        try {
          const answer = await instance.invoke(eventOf(url, message))
          invoked.push(answer)
          if ('value' in answer && isDone(answer.value)) await remove(url, message)
        } finally {
          working -= 1
        }
      }
    }
    await Promise.all(instances.map(worker))
    return invoked
  }

  const instances = new Map<string, Promise<Instance>>()
  const instance: StackHere['instance'] = (id, changed = {}) => {
    const name = `${id} ${JSON.stringify(changed)}`
    const plain = spec(id)
    const opened = instances.get(name) ?? startInstance({ ...plain, env: { ...plain.env, ...changed } })
    instances.set(name, opened)
    return opened
  }
  const queue = (id: string): string => {
    const found = queues.find(([name]) => name.startsWith(id))
    if (!found) throw new Error(`the stack has no queue ${id}`)
    return resolve({ Ref: found[0] })
  }
  const send: StackHere['send'] = async (url, message) => {
    const body = typeof message === 'string' ? message : JSON.stringify(message)
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }))
  }
  const object: StackHere['object'] = async (bucket, key) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    return Buffer.from((await Body?.transformToByteArray()) ?? [])
  }
  const stored = openTable({ endpoint: table.endpoint, ...client }, outputs.TableName ?? '')

  return {
    outputs,
    env,
    readerEnv: { ...env, AWS_ACCESS_KEY_ID: reader },
    dropperEnv: { ...env, AWS_ACCESS_KEY_ID: dropper },
    table,
    services: storage.services,
    mail,
    denied: rights.denied,
    judge: rights.interceptor,
    signer,
    stored,
    stores: storesIn(stored),
    s3,
    sqs,
    dynamo,
    schedules: () =>
      ofType('AWS::Scheduler::Schedule').map(([id, { Properties }]) => ({
        id,
        expression: Properties.ScheduleExpression,
        zone: Properties.ScheduleExpressionTimezone,
        queueId: Properties.Target.Arn['Fn::GetAtt'][0],
        input: (dueAt) => String(Properties.Target.Input).replaceAll('<aws.scheduler.scheduled-time>', dueAt),
      })),
    queue,
    spec,
    instance,
    work: async (queueId, functionId) => {
      const invoked = await pump(queue(queueId), [await instance(functionId)])
      const failed = invoked.find((one) => !('value' in one && isDone(one.value)))
      if (failed) throw new Error(`${functionId} did not do a message of ${queueId}: ${JSON.stringify(failed)}`)
      return invoked
    },
    drop: async (key, body, metadata = {}) => {
      const Bucket = outputs.DropBucket ?? ''
      await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: body, Metadata: metadata }))
      const written = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/')
      await send(queue('DropsQueue'), { Records: [{ s3: { bucket: { name: Bucket }, object: { key: written } } }] })
    },
    result: async (name) => JSON.parse((await object(outputs.DropBucket ?? '', `results/${name}.json`)).toString()),
    retryAtOnce: (pauses = []) =>
      storage.services.intercept(async (request, through) => {
        if (request.headers['x-amz-target'] !== 'AmazonSQS.ChangeMessageVisibility') return through(request)
        const change = JSON.parse(request.body.toString())
        pauses.push(change.VisibilityTimeout)
        return through(withJson(request, { ...change, VisibilityTimeout: 0 }))
      }),
    send,
    take: async (url) => {
      const taken: Message[] = []
      for (let found = await receive(url, 0); found.length > 0; found = await receive(url, 0)) {
        for (const message of found) await remove(url, message)
        taken.push(...found)
      }
      return taken
    },
    peek: async (url) => (await receive(url, 0)).map((message) => eventOf(url, message)),
    waiting: async (url) => {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
      )
      return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
    },
    pump,
    keys: async (bucket, prefix = '') => {
      const found: string[] = []
      for (let next: string | undefined, more = true; more; more = next !== undefined) {
        const page = await s3.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next }),
        )
        found.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []))
        next = page.NextContinuationToken
      }
      return found
    },
    object,
    close: async () => {
      for (const one of instances.values()) await (await one).close()
      stored.close()
      for (const one of [dynamo, s3, sqs]) one.destroy()
      await asked.close()
      control.closeAllConnections()
      await new Promise((done) => control.close(done))
      await closeTable()
      await mail.close()
      await storage.close()
      if (rights.denied.length > 0) throw new Error(`AWS would have denied:\n${rights.denied.join('\n')}`)
    },
  }
}

export const newInstance = (stack: StackHere, id: string, env: Readonly<Record<string, string>> = {}) => {
  const spec = stack.spec(id)
  return startInstance({ ...spec, env: { ...spec.env, ...env } })
}

/** As Lambda hands a message to a function. */
export const eventOf = (url: string, message: Message) => ({
  Records: [
    {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: {},
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:${region}:000000000000:${url.split('/').at(-1)}`,
      awsRegion: region,
    },
  ],
})

const isDone = (value: unknown): boolean =>
  (value as { batchItemFailures: readonly unknown[] }).batchItemFailures.length === 0

/** What CloudFormation would make of a value. */
const resolved = (value: unknown, names: ReadonlyMap<string, string>): string => {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  const [[how, what] = []] = Object.entries(value as object)
  switch (how) {
    case 'Ref':
      return names.get(what as string) ?? String(what)
    case 'Fn::GetAtt': {
      const [id, attribute] = what as [string, string]
      return names.get(`${id}.${attribute}`) ?? `arn:aws:test:::${id}`
    }
    case 'Fn::Join': {
      const [glue, parts] = what as [string, unknown[]]
      return parts.map((part) => resolved(part, names)).join(glue)
    }
    case 'Fn::Select': {
      const [at, from] = what as [number, unknown]
      const [glue, text] = (from as { readonly 'Fn::Split': [string, unknown] })['Fn::Split']
      return resolved(text, names).split(glue)[Number(at)] ?? ''
    }
    default:
      throw new Error(`${JSON.stringify(value)} is not known here`)
  }
}

const describedStack = (name: string, outputs: Readonly<Record<string, string>>): string =>
  `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${name}</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${Object.entries(
    outputs,
  )
    .map(
      ([key, value]) =>
        `<member><OutputKey>${key}</OutputKey><OutputValue>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</OutputValue></member>`,
    )
    .join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`

const noStack =
  '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id does not exist</Message></Error></ErrorResponse>'
