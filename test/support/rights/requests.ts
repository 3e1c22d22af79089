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
  if (service.startsWith('DynamoDB_')) return tableCalls(operation, JSON.parse(body), rights)
  const said = target === '' ? {} : (JSON.parse(body) as Readonly<Record<string, string>>)
  const nameIn = (key: string, divider: string) => String(said[key]).split(divider).at(-1) ?? ''
  if (service === 'AmazonSQS') return [call(`sqs:${operation}`, rights.arnOf(nameIn('QueueUrl', '/')))]
  if (service === 'TrentService') {
    const { SigningAlgorithm = '', MessageType = '' } = said
    const how = operation === 'Sign' ? { 'kms:SigningAlgorithm': SigningAlgorithm, 'kms:MessageType': MessageType } : {}
    const id = nameIn('KeyId', '/')
    // A given key is in no template.
    return [call(`kms:${operation}`, id in rights.resources ? rights.arnOf(id) : String(said.KeyId), how)]
  }
  if (service === 'secretsmanager') {
    const id = nameIn('SecretId', ':').replace(`-${secretEnding}`, '')
    return [call(`secretsmanager:${operation}`, rights.arnOf(id))]
  }
  // Neither takes a resource for what is asked of it here.
  if (service.startsWith('GraniteService')) return [call(`cloudwatch:${operation}`, '*')]
  if (signedFor(asked) === 'lambda') return [functionCall(asked, rights)]
  if (asked.url.startsWith('/v2/email/')) return mailCalls(asked, body)
  const form = new URLSearchParams(body)
  const action = form.get('Action')
  if (action && form.has('TopicArn')) return [call(`sns:${action}`, rights.arnOf(String(form.get('TopicArn'))))]
  if (action) {
    const stack = form.get('StackName')
    return [call(`cloudformation:${action}`, `arn:aws:cloudformation:${region}:${account}:stack/${stack}/1`)]
  }
  return [objectCall(asked, rights)]
}

/** The service that a request is signed for. */
const signedFor = ({ headers }: Pick<Asked, 'headers'>): string | undefined =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers.authorization))?.[1]

const functionCall = ({ method, url }: Asked, rights: Rights): Call => {
  const [, name] = /\/functions\/([^/]+)\/invocations/.exec(url) ?? []
  if (name) return call('lambda:InvokeFunction', rights.arnOf(decodeURIComponent(name)))
  const [, reserving] = /\/functions\/([^/]+)\/concurrency/.exec(url) ?? []
  if (reserving) return call('lambda:GetFunctionConcurrency', rights.arnOf(decodeURIComponent(reserving)))
  const [, mapping] = /\/event-source-mappings\/([^/?]+)/.exec(url) ?? []
  if (mapping) {
    const resource = `arn:aws:lambda:${region}:${account}:event-source-mapping:${mapping}`
    return call('lambda:GetEventSourceMapping', resource)
  }
  if (/\/account-settings/.test(url)) return call('lambda:GetAccountSettings', '*')
  throw new Error(`lambda's ${method} ${url} is not known here`)
}

const call = (action: string, resource: string, context: Context = {}): Call => ({ action, resource, context })

type TableBody = {
  readonly TableName?: string
  readonly Key?: Attributes
  readonly Item?: Attributes
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
  readonly ExpressionAttributeValues?: Attributes
  readonly KeyConditionExpression?: string
  readonly TransactItems?: readonly { readonly Put: TableBody }[]
  readonly RequestItems?: Readonly<Record<string, { readonly Keys?: readonly Attributes[] } | readonly Write[]>>
}
type Attributes = Readonly<Record<string, { readonly S?: string }>>
type Write = {
  readonly PutRequest?: { readonly Item: Attributes }
  readonly DeleteRequest?: { readonly Key: Attributes }
}

/** A transaction asks for leave for each of its actions, as if it came alone. */
const tableCalls = (operation: string, said: TableBody, rights: Rights): readonly Call[] =>
  operation === 'TransactWriteItems'
    ? (said.TransactItems ?? []).map(({ Put }) => tableCall('PutItem', Put, rights))
    : [tableCall(operation, said, rights)]

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
  if (keys.length === 0 && operation !== 'Scan' && !operation.startsWith('Describe')) {
    throw new Error(`no partition key is found in ${operation} ${JSON.stringify(said).slice(0, 300)}`)
  }
  const context: Context = keys.length > 0 ? { 'dynamodb:LeadingKeys': keys } : {}
  return call(`dynamodb:${operation}`, rights.arnOf(said.TableName ?? batchTable ?? ''), context)
}

const looks: Readonly<Record<string, readonly [string, string]>> = {
  identities: ['ses:GetEmailIdentity', 'identity'],
  'configuration-sets': ['ses:GetConfigurationSet', 'configuration-set'],
}

/**
 * SES asks for leave on the sender's identity, on the configuration set and, in the sandbox, on each recipient's
 * identity too; here it is always in the sandbox, as every new account is.
 */
const mailCalls = (asked: Asked, body: string): readonly Call[] => {
  if (asked.method === 'GET') {
    const [, , , kind = '', name = ''] = asked.url.split('/')
    if (kind === 'account') return [call('ses:GetAccount', '*')]
    const [action, resource] = looks[kind] ?? []
    if (!action) throw new Error(`SES's GET ${asked.url} is not known here`)
    return [call(action, `arn:aws:ses:${region}:${account}:${resource}/${decodeURIComponent(name)}`)]
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

/** Of a bucket, by what the address asks about; anything else is an error, never a guess. */
const bucketLooks = { versioning: 's3:GetBucketVersioning', policy: 's3:GetBucketPolicy' }

const bucketAction = (method: string, asked: URLSearchParams): string => {
  const about = [...asked.keys()].filter((key) => !bucketWords.includes(key))
  const [only] = about
  if (method === 'GET' && about.length === 0) return 's3:ListBucket'
  const look = bucketLooks[only as keyof typeof bucketLooks]
  if (method === 'GET' && about.length === 1 && look) return look
  throw new Error(`S3's ${method} of a bucket, ${about.join(', ') || 'whole'}, is not known here`)
}

/** They say which page of a list is wanted, and how a request is signed. */
const bucketWords = [
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'encoding-type',
  'x-id',
]

const objectAction = (method: string, asked: URLSearchParams): string => {
  const other = ['acl', 'tagging', 'retention', 'legal-hold', 'torrent', 'restore'].filter((word) => asked.has(word))
  if (other.length > 0) throw new Error(`S3's ${method} of ${other.join(', ')} is not known here`)
  if (method === 'DELETE' && asked.has('uploadId')) return 's3:AbortMultipartUpload'
  if (method === 'PUT' || method === 'POST') return 's3:PutObject'
  if (method === 'DELETE') return asked.has('versionId') ? 's3:DeleteObjectVersion' : 's3:DeleteObject'
  return asked.has('versionId') ? 's3:GetObjectVersion' : 's3:GetObject'
}

const objectCall = ({ method, url, headers }: Asked, rights: Rights): Call => {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const [, bucket = '', ...rest] = pathname.split('/')
  const key = decodeURIComponent(rest.join('/'))
  const id = Object.keys(rights.resources).find((one) => one.toLowerCase() === bucket) ?? bucket
  if (key === '') return call(bucketAction(method, searchParams), rights.arnOf(id))
  const isWrite = method === 'PUT' || method === 'POST'
  const condition = isWrite ? headers['if-none-match'] : undefined
  // A part of an upload makes no object, and neither does its beginning: AWS, "Enforce conditional writes".
  const makes = method === 'PUT' ? !searchParams.has('partNumber') : searchParams.has('uploadId')
  return call(objectAction(method, searchParams), `${rights.arnOf(id)}/${key}`, {
    ...(condition !== undefined && { 's3:if-none-match': String(condition) }),
    ...(isWrite && { 's3:ObjectCreationOperation': String(makes) }),
  })
}

/** By which service a key is used, and for which of its actions, when something that lies under it is touched. */
const keyUses: readonly (readonly [RegExp, service: string, readonly string[]])[] = [
  // The table's own key is unwrapped for whoever asks, to read and to write alike: AWS, "DynamoDB encryption at rest:
  // usage notes".
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
  const id = rights.idOf(bucketOr(resource))
  const key = id === undefined ? undefined : rights.keyOf(id)
  if (key === undefined) return []
  const context = { 'kms:CallerAccount': account }
  return keyUses
    .filter(([actions]) => actions.test(action))
    .flatMap(([, service, uses]) =>
      uses.map((use) => call(use, key, { ...context, 'kms:ViaService': `${service}.${region}.amazonaws.com` })),
    )
}

/** An object's policy is its bucket's. */
export const bucketOr = (resource: string): string =>
  resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] ?? resource) : resource
