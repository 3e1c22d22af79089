/**
 * What a request to AWS asks leave for: actions, resources and the context that the service says, by AWS's "Service
 * Authorization Reference". One request may need several leaves, and the key of what it touches.
 */
import type { Asked } from '../proxy.ts'
import type { Context } from './decide.ts'
import { account, type Rights, region, secretEnding } from './policies.ts'

export type Call = { readonly action: string; readonly resource: string; readonly context: Context }

/** The access key with which a request is signed, in its header or in its address; undefined where it is not signed. */
export const signerOf = ({ headers, url }: Pick<Asked, 'headers' | 'url'>): string | undefined =>
  /Credential=([^/]+)\//.exec(String(headers.authorization ?? ''))?.[1] ??
  new URL(url, 'http://localhost').searchParams.get('X-Amz-Credential')?.split('/')[0]

/** What is asked for, the key of what is touched not yet among it. */
export const callsIn = (asked: Asked, rights: Rights): readonly Call[] => {
  const target = String(asked.headers['x-amz-target'] ?? '')
  const [service = '', operation = ''] = target.split('.')
  const body = asked.body.toString()
  if (service.startsWith('DynamoDB_')) return [tableCall(operation, JSON.parse(body), rights)]
  if (service === 'AmazonSQS') {
    return [call(`sqs:${operation}`, rights.arnOf(JSON.parse(body).QueueUrl.split('/').at(-1)))]
  }
  if (service === 'TrentService') {
    const { KeyId, SigningAlgorithm, MessageType } = JSON.parse(body)
    const said =
      operation === 'Sign' ? { 'kms:SigningAlgorithm': SigningAlgorithm, 'kms:MessageType': MessageType } : {}
    return [call(`kms:${operation}`, rights.arnOf(KeyId.split('/').at(-1)), said)]
  }
  if (service === 'secretsmanager') {
    return [
      call(
        `secretsmanager:${operation}`,
        rights.arnOf(JSON.parse(body).SecretId.split(':').at(-1).replace(`-${secretEnding}`, '')),
      ),
    ]
  }
  if (asked.url.startsWith('/v2/email/')) return mailCalls(asked, body)
  const action = new URLSearchParams(body).get('Action')
  if (action) {
    const stack = new URLSearchParams(body).get('StackName')
    return [call(`cloudformation:${action}`, `arn:aws:cloudformation:${region}:${account}:stack/${stack}/1`)]
  }
  return [objectCall(asked, rights)]
}

const call = (action: string, resource: string, context: Context = {}): Call => ({ action, resource, context })

type TableBody = {
  readonly TableName?: string
  readonly Key?: Attributes
  readonly Item?: Attributes
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
  readonly ExpressionAttributeValues?: Attributes
  readonly KeyConditionExpression?: string
  readonly RequestItems?: Readonly<Record<string, { readonly Keys?: readonly Attributes[] } | readonly Write[]>>
}
type Attributes = Readonly<Record<string, { readonly S?: string }>>
type Write = {
  readonly PutRequest?: { readonly Item: Attributes }
  readonly DeleteRequest?: { readonly Key: Attributes }
}

/** `dynamodb:LeadingKeys` holds the partition key of every item that the request names; a scan names none. */
const tableCall = (operation: string, said: TableBody, rights: Rights): Call => {
  const [batchTable, batch] = Object.entries(said.RequestItems ?? {})[0] ?? []
  const writes = Array.isArray(batch) ? (batch as readonly Write[]) : []
  const reads = batch && !Array.isArray(batch) ? ((batch as { readonly Keys?: readonly Attributes[] }).Keys ?? []) : []
  const condition = /(?:^|\s|\()(#?\w+) = (:\w+)/.exec(said.KeyConditionExpression ?? '')?.[2]
  const asked = condition === undefined ? [] : [{ pk: said.ExpressionAttributeValues?.[condition] ?? {} }]
  const named = [
    said.Key,
    said.Item,
    ...reads,
    ...writes.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key),
    ...asked,
  ]
  const keys = [...new Set(named.flatMap((one) => one?.pk?.S ?? []))]
  if (keys.length === 0 && operation !== 'Scan' && !operation.endsWith('Table')) {
    throw new Error(`no partition key is found in ${operation} ${JSON.stringify(said).slice(0, 300)}`)
  }
  const context: Context = keys.length > 0 ? { 'dynamodb:LeadingKeys': keys } : {}
  return call(`dynamodb:${operation}`, rights.arnOf(said.TableName ?? batchTable ?? ''), context)
}

/**
 * SES asks for leave on the sender's identity, on the configuration set and, in the sandbox, on each recipient's identity
 * too; here it is always in the sandbox, as every new account is.
 */
const mailCalls = (asked: Asked, body: string): readonly Call[] => {
  if (asked.url !== '/v2/email/outbound-emails') {
    return [call(`ses:${asked.method} ${asked.url}`, `arn:aws:ses:${region}:${account}:identity/*`)]
  }
  const said = JSON.parse(body) as {
    readonly FromEmailAddress?: string
    readonly ConfigurationSetName?: string
    readonly Destination?: { readonly ToAddresses?: readonly string[] }
    readonly Content: { readonly Raw?: unknown }
  }
  const from = /<(.+)>/.exec(said.FromEmailAddress ?? '')?.[1] ?? said.FromEmailAddress ?? ''
  const { ToAddresses: to = [] } = said.Destination ?? {}
  const resources = [
    `identity/${from.split('@')[1]}`,
    ...to.map((address) => `identity/${address}`),
    ...(said.ConfigurationSetName === undefined ? [] : [`configuration-set/${said.ConfigurationSetName}`]),
  ]
  const actions = said.Content.Raw === undefined ? ['ses:SendEmail'] : ['ses:SendEmail', 'ses:SendRawEmail']
  const context = { 'ses:FromAddress': from, 'ses:Recipients': to }
  return resources.flatMap((one) =>
    actions.map((action) => call(action, `arn:aws:ses:${region}:${account}:${one}`, context)),
  )
}

const objectActions: Readonly<Record<string, string>> = {
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  PUT: 's3:PutObject',
  DELETE: 's3:DeleteObject',
}

const objectCall = ({ method, url, headers }: Asked, rights: Rights): Call => {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const [, bucket = '', ...rest] = pathname.split('/')
  const key = decodeURIComponent(rest.join('/'))
  const id = Object.keys(rights.resources).find((one) => one.toLowerCase() === bucket) ?? bucket
  if (key === '') {
    const prefix = searchParams.get('prefix')
    return call(
      method === 'GET' ? 's3:ListBucket' : `s3:${method}Bucket`,
      rights.arnOf(id),
      prefix === null ? {} : { 's3:prefix': prefix },
    )
  }
  const version = method === 'GET' && searchParams.has('versionId') ? 's3:GetObjectVersion' : undefined
  const condition = method === 'PUT' ? headers['if-none-match'] : undefined
  // A part of an upload makes no object, and neither does its beginning: AWS, "Enforce conditional writes".
  const makes = method === 'PUT' ? !searchParams.has('partNumber') : method === 'POST' && searchParams.has('uploadId')
  const isWrite = method === 'PUT' || method === 'POST'
  return call(
    version ?? (isWrite ? 's3:PutObject' : (objectActions[method] ?? `s3:${method}Object`)),
    `${rights.arnOf(id)}/${key}`,
    {
      ...(condition !== undefined && { 's3:if-none-match': String(condition) }),
      ...(isWrite && { 's3:ObjectCreationOperation': String(makes) }),
    },
  )
}

/** By which service a key is used, and for which of its actions, when something that lies under it is touched. */
const keyUses: readonly (readonly [RegExp, service: string, readonly string[]])[] = [
  // The table's own key is unwrapped for whoever asks, to read and to write alike: AWS, "DynamoDB encryption at rest: usage notes".
  [/^dynamodb:/, 'dynamodb', ['kms:Decrypt']],
  [/^s3:GetObject/, 's3', ['kms:Decrypt']],
  // Decrypt is for uploads in parts: AWS, "Protecting data using SSE-KMS".
  [/^s3:PutObject/, 's3', ['kms:GenerateDataKey']],
  [/^sqs:SendMessage$/, 'sqs', ['kms:GenerateDataKey', 'kms:Decrypt']],
  [/^sqs:ReceiveMessage$/, 'sqs', ['kms:Decrypt']],
  [/^secretsmanager:GetSecretValue$/, 'secretsmanager', ['kms:Decrypt']],
]

/** The leave that a call needs besides, on the key under which what it touches is kept. */
export const keyCalls = ({ action, resource }: Call, rights: Rights): readonly Call[] => {
  const bare = bucketOr(resource)
  const id = Object.keys(rights.resources).find((one) => isOf(one, bare, rights))
  const key = id === undefined ? undefined : rights.keyOf(id)
  if (key === undefined) return []
  const context = { 'kms:CallerAccount': account }
  return keyUses
    .filter(([actions]) => actions.test(action))
    .flatMap(([, service, uses]) =>
      uses.map((use) => call(use, key, { ...context, 'kms:ViaService': `${service}.${region}.amazonaws.com` })),
    )
}

const kept = /^AWS::(DynamoDB::Table|S3::Bucket|SQS::Queue|SecretsManager::Secret)$/

const isOf = (id: string, arn: string, rights: Rights): boolean =>
  kept.test(rights.resources[id]?.Type ?? '') && rights.arnOf(id) === arn

/** An object's policy is its bucket's. */
export const bucketOr = (resource: string): string =>
  resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] ?? resource) : resource
