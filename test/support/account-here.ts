/**
 * What an account answers besides its data, in order as after a good deploy: stack, quotas, alarms, keys, identities.
 * Each answer can be changed.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { ago, now } from './clock.ts'
import type { Asked, Interceptor } from './proxy.ts'
import type { StackHere, Template } from './stack-here.ts'

type Call = { readonly service: string; readonly action: string; readonly body: string }

/** A value as JSON, a text as XML, or a refusal. */
export type Reply = {
  readonly status?: number
  readonly json?: unknown
  readonly xml?: string
  readonly headers?: Record<string, string>
}

export type AccountHere = {
  /** Points the SDK to this account; the stack's own stand-ins answer what it does not. */
  readonly env: Readonly<Record<string, string>>
  readonly calls: readonly Call[]
  /** Answers `service.Action` otherwise from now on; returns how to take it back. */
  reply(call: string, reply: (body: string) => Reply | Promise<Reply>): () => void
  close(): Promise<void>
}

type Replies = Map<string, (body: string) => Reply | Promise<Reply>>

/** As AWS refuses what a principal may not do, in the words of both of its protocols. */
export const denied = (action: string): Reply => {
  const message = `User: arn:aws:iam::000000000000:user/somebody is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`
  return {
    status: 403,
    headers: { 'x-amzn-errortype': 'AccessDeniedException' },
    json: { __type: 'AccessDeniedException', message },
    xml: `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
  }
}

export const startAccount = async (stack: StackHere, template: Template): Promise<AccountHere> => {
  const calls: Call[] = []
  const replies: Replies = new Map()
  const physicalOf = (id: string, type: string): string =>
    type === 'AWS::SQS::Queue' ? stack.queue(id) : type === 'AWS::S3::Bucket' ? id.toLowerCase() : id
  const listed = Object.entries(template.Resources).map(
    ([id, { Type }]) =>
      `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${physicalOf(id, Type)}</PhysicalResourceId><ResourceType>${Type}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>`,
  )
  replies.set('cloudformation.ListStackResources', (body) => {
    // Pages of a hundred, as AWS gives them.
    const at = Number(new URLSearchParams(body).get('NextToken') ?? 0)
    const next = at + 100 < listed.length ? `<NextToken>${at + 100}</NextToken>` : ''
    return {
      xml: `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>${listed.slice(at, at + 100).join('')}</StackResourceSummaries>${next}</ListStackResourcesResult></ListStackResourcesResponse>`,
    }
  })

  for (const [call, reply] of Object.entries(inOrder(stack, template))) replies.set(call, reply)

  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    response.setHeader('date', now().toUTCString())
    const body = await text(request)
    const { service, action } = calledBy(request, body)
    calls.push({ service, action, body })
    const reply = replies.get(`${service}.${action}`)
    if (!reply) {
      const forwarded = await fetch(`${stack.env.AWS_ENDPOINT_URL_CLOUDFORMATION}${request.url}`, {
        method: request.method ?? 'POST',
        headers: request.headers as Record<string, string>,
        ...(body !== '' && { body }),
      })
      response.writeHead(forwarded.status, { 'content-type': forwarded.headers.get('content-type') ?? '' })
      response.end(await forwarded.text())
      return
    }
    const { method = 'POST', url = '/', headers } = request
    const answered = await stack.judge({ method, url, headers, body: Buffer.from(body) }, async () =>
      answerOf(await reply(body), isJson(request)),
    )
    response.writeHead(answered.status, { ...answered.headers })
    response.end(answered.body)
  })
  // The stand-ins of data know nothing of these.
  const answering =
    (service: string, actionOf: (asked: Asked) => string | undefined, speaksJson: boolean): Interceptor =>
    async (asked, through) => {
      const action = actionOf(asked)
      const reply = action === undefined ? undefined : replies.get(`${service}.${action}`)
      if (!reply || action === undefined) return through(asked)
      const body = asked.body.toString()
      calls.push({ service, action, body })
      return stack.judge(asked, async () => answerOf(await reply(body), speaksJson))
    }
  const mends = [
    stack.table.intercept(
      answering('dynamodb', ({ headers }) => String(headers['x-amz-target']).split('.').at(-1), true),
    ),
    stack.services.intercept(
      answering(
        's3',
        ({ method, url }) => {
          const [, about] = /[?&](versioning|policy)\b/.exec(url) ?? []
          if (method !== 'GET' || about === undefined) return undefined
          return about === 'policy' ? 'GetBucketPolicy' : 'GetBucketVersioning'
        },
        false,
      ),
    ),
    stack.services.intercept(
      answering('sqs', ({ headers }) => String(headers['x-amz-target']).split('.').at(-1), true),
    ),
    stack.mail.service.intercept(
      answering(
        'ses',
        ({ method, url }) => {
          if (method !== 'GET') return undefined
          if (url === '/v2/email/account') return 'GetAccount'
          const [, kind] = /^\/v2\/email\/(identities|configuration-sets)\/[^/]+$/.exec(url) ?? []
          return kind === 'identities' ? 'GetEmailIdentity' : kind && 'GetConfigurationSet'
        },
        true,
      ),
    ),
  ]
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: {
      ...stack.env,
      AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH: endpoint,
      AWS_ENDPOINT_URL_KMS: endpoint,
      AWS_ENDPOINT_URL_LAMBDA: endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
      AWS_ENDPOINT_URL_SNS: endpoint,
    },
    calls,
    reply: (call, reply) => {
      const before = replies.get(call)
      replies.set(call, reply)
      return () => void (before ? replies.set(call, before) : replies.delete(call))
    },
    close: async () => {
      for (const mend of mends) mend()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** What a stage answers on the day after a good deploy. */
const inOrder = (stack: StackHere, template: Template): Record<string, () => Reply> => {
  const entries = Object.entries(template.Resources)
  const ofType = (type: string) => entries.filter(([, { Type }]) => Type === type)
  const concurrency = (id: string) => template.Resources[id]?.Properties.ScalingConfig?.MaximumConcurrency
  return {
    'cloudformation.DescribeStacks': () => ({ xml: describedStack(stack.outputs) }),
    'lambda.GetAccountSettings': () => ({
      json: { AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 1_000 } },
    }),
    ...Object.fromEntries(
      ofType('AWS::Lambda::EventSourceMapping').map(([id]) => [
        `lambda.GET /2015-03-31/event-source-mappings/${id}`,
        () => ({ json: { UUID: id, ScalingConfig: { MaximumConcurrency: concurrency(id) } } }),
      ]),
    ),
    ...Object.fromEntries(
      ofType('AWS::Lambda::Function').map(([id]) => [
        `lambda.GET /2019-09-30/functions/${id}/concurrency`,
        () => ({ json: {} }),
      ]),
    ),
    'sns.ListSubscriptionsByTopic': () => subscriptions('arn:aws:sns:eu-west-3:000000000000:alarms:1'),
    'monitoring.DescribeAlarms': () => ({
      json: {
        MetricAlarms: ofType('AWS::CloudWatch::Alarm').map(([id, { Properties }]) => ({
          AlarmName: id,
          StateValue: 'OK',
          ActionsEnabled: Properties.ActionsEnabled ?? true,
        })),
        CompositeAlarms: [],
      },
    }),
    'monitoring.GetMetricData': () => ({ json: { MetricDataResults: [{ Id: 'age', Values: [30] }] } }),
    'kms.DescribeKey': () => ({ json: { KeyMetadata: { KeyId: 'key', KeyState: 'Enabled' } } }),
    'secretsmanager.DescribeSecret': () => ({ json: { Name: 'PseudonymKey' } }),
    'dynamodb.DescribeTable': () => ({ json: { Table: { TableStatus: 'ACTIVE', DeletionProtectionEnabled: true } } }),
    'dynamodb.DescribeTimeToLive': () => ({ json: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } } }),
    'dynamodb.DescribeContinuousBackups': () => ({
      json: {
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: 'ENABLED',
          PointInTimeRecoveryDescription: {
            PointInTimeRecoveryStatus: 'ENABLED',
            EarliestRestorableDateTime: 1_767_225_600,
            // AWS says five minutes ago.
            LatestRestorableDateTime: Math.floor(now().getTime() / 1000) - 300,
          },
        },
      },
    }),
    's3.GetBucketVersioning': () => ({
      xml: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
    }),
    's3.GetBucketPolicy': () => ({ json: { Statement: archivePolicy(template) } }),
    'ses.GetAccount': () => ({
      json: {
        ProductionAccessEnabled: true,
        SendingEnabled: true,
        EnforcementStatus: 'HEALTHY',
        SendQuota: { Max24HourSend: 50_000, SentLast24Hours: 12, MaxSendRate: 14 },
      },
    }),
    'ses.GetEmailIdentity': () => ({
      json: { VerifiedForSendingStatus: true, DkimAttributes: { Status: 'SUCCESS' } },
    }),
    'ses.GetConfigurationSet': () => ({ json: { SendingOptions: { SendingEnabled: true } } }),
  }
}

/** What the template says of the archive's bucket. */
const archivePolicy = ({ Resources }: Template): unknown =>
  Object.entries(Resources).find(([id, { Type }]) => Type === 'AWS::S3::BucketPolicy' && id.includes('Archive'))?.[1]
    .Properties.PolicyDocument.Statement

export const subscriptions = (arn: string): Reply => ({
  xml: `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions><member><SubscriptionArn>${arn}</SubscriptionArn><Endpoint>watch@example.org</Endpoint><Protocol>email</Protocol></member></Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
})

type StackState = { readonly status?: string; readonly isProtected?: boolean; readonly drift?: string }

export const describedStack = (
  outputs: Readonly<Record<string, string>>,
  { status = 'UPDATE_COMPLETE', isProtected = true, drift = 'IN_SYNC' }: StackState = {},
): string => {
  const said = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</OutputValue></member>`,
  )
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>vigie-test</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus><EnableTerminationProtection>${isProtected}</EnableTerminationProtection><DriftInformation><StackDriftStatus>${drift}</StackDriftStatus><LastCheckTimestamp>${ago(172_800_000)}</LastCheckTimestamp></DriftInformation><Outputs>${said.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
}

const answerOf = ({ status = 200, json, xml, headers }: Reply, speaksJson: boolean) => {
  const isXml = xml !== undefined && (json === undefined || !speaksJson)
  return {
    status,
    headers: { 'content-type': isXml ? 'text/xml' : 'application/json', ...headers },
    body: isXml ? xml : JSON.stringify(json ?? {}),
  }
}

const isJson = ({ headers }: IncomingMessage): boolean =>
  headers['x-amz-target'] !== undefined || !String(headers['content-type']).includes('x-www-form-urlencoded')

/** Which action of which service is meant; the service is the one that the request is signed for. */
const calledBy = ({ headers, url = '/', method }: IncomingMessage, body: string) => {
  const [, service = ''] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers.authorization)) ?? []
  const target = headers['x-amz-target'] === undefined ? '' : String(headers['x-amz-target']).split('.').at(-1)
  const action = target || new URLSearchParams(body).get('Action') || restAction(`${method} ${url.split('?')[0]}`)
  return { service, action }
}

const restAction = (line: string): string => {
  if (/^POST .*\/invocations$/.test(line)) return 'Invoke'
  return /^GET .*\/account-settings\/?$/.test(line) ? 'GetAccountSettings' : line.replace(/\/$/, '')
}
