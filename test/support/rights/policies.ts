/** The policies of a synthesised template: of roles, of people, and of buckets, queues, keys and topics. */
import { readFileSync } from 'node:fs'
import type { Condition, Statement } from './decide.ts'

export const account = '111122223333'
export const region = 'eu-west-3'

/** What AWS puts behind a secret's name in its ARN. */
export const secretEnding = 'AbCdEf'

type Resource = {
  readonly Type: string
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is whatever the CDK has written
  readonly Properties?: any
}

export type Resources = Readonly<Record<string, Resource>>

export type Rights = {
  readonly resources: Resources
  arnOf(id: string): string
  /** The other way round; undefined for what is in no stack. */
  idOf(arn: string): string | undefined
  /** What stands in a template for a value, as CloudFormation fills it in. */
  resolve(value: unknown): string
  /**
   * The policies of a role by its logical id; by that of a managed policy, those attached together: the ids of all begin
   * with its name (`OperatorPolicies`).
   */
  statementsOf(id: string): readonly Statement[]
  /** The policy of a resource, by its ARN; undefined where it has none. */
  policyOf(arn: string): readonly Statement[] | undefined
  /** The key under which a resource keeps what it holds, where that is not AWS's own: its ARN. */
  keyOf(id: string): string | undefined
  /**
   * The policy of the endpoint by which a function reaches a service, where it lives in a network: what leaves it must
   * be allowed by that as well. Undefined where there is none, or AWS's own.
   */
  endpointOf(functionId: string, service: string): readonly Statement[] | undefined
  /** The role of a function. */
  roleOf(functionId: string): string
}

const arnForms: Readonly<Record<string, (id: string) => string>> = {
  'AWS::DynamoDB::Table': (id) => `arn:aws:dynamodb:${region}:${account}:table/${id}`,
  'AWS::S3::Bucket': (id) => `arn:aws:s3:::${id.toLowerCase()}`,
  'AWS::SQS::Queue': (id) => `arn:aws:sqs:${region}:${account}:${id}`,
  'AWS::KMS::Key': (id) => `arn:aws:kms:${region}:${account}:key/${id}`,
  'AWS::SecretsManager::Secret': (id) => `arn:aws:secretsmanager:${region}:${account}:secret:${id}-${secretEnding}`,
  'AWS::Lambda::Function': (id) => `arn:aws:lambda:${region}:${account}:function:${id}`,
  'AWS::IAM::Role': (id) => `arn:aws:iam::${account}:role/${id}`,
  'AWS::IAM::ManagedPolicy': (id) => `arn:aws:iam::${account}:policy/${id}`,
  'AWS::Logs::LogGroup': (id) => `arn:aws:logs:${region}:${account}:log-group:${id}:*`,
  'AWS::SNS::Topic': (id) => `arn:aws:sns:${region}:${account}:${id}`,
  'AWS::Events::Rule': (id) => `arn:aws:events:${region}:${account}:rule/${id}`,
  'AWS::Cognito::UserPool': (id) => `arn:aws:cognito-idp:${region}:${account}:userpool/${id}`,
}

const pseudo: Readonly<Record<string, string>> = {
  'AWS::AccountId': account,
  'AWS::Region': region,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'vigie-test',
  'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/vigie-test/1`,
}

/** Resources of which a reference gives the ARN. */
const referredByArn = ['AWS::SecretsManager::Secret', 'AWS::SNS::Topic', 'AWS::IAM::ManagedPolicy']

export const rightsOf = (resources: Resources): Rights => {
  const typeOf = (id: string) => resources[id]?.Type ?? ''
  const arnOf = (id: string): string => {
    const form = arnForms[typeOf(id)]
    if (!form) throw new Error(`an ARN of ${id} (${typeOf(id) || 'which is not in the template'}) is not known here`)
    return form(id)
  }
  const resolve = (value: unknown): string => {
    if (typeof value === 'string') return value
    const [[how, what] = []] = Object.entries(value as object)
    if (how === 'Ref') return pseudo[what] ?? (referredByArn.includes(typeOf(what)) ? arnOf(what) : refOf(what))
    if (how === 'Fn::GetAtt' && what[1] === 'Arn') return arnOf(what[0])
    if (how === 'Fn::GetAtt') return `${what[0]}.${what[1]}`
    if (how === 'Fn::Join') return (what[1] as unknown[]).map(resolve).join(what[0])
    throw new Error(`${JSON.stringify(value)} is not known here`)
  }
  const refOf = (id: string) => (typeOf(id) === 'AWS::S3::Bucket' ? id.toLowerCase() : id)
  const all = Object.entries(resources)
  const ids = new Map(all.flatMap(([id, { Type }]) => (arnForms[Type] ? [[arnOf(id), id] as const] : [])))

  const statementsIn = (owner: string, document: { readonly Statement: readonly unknown[] }): readonly Statement[] =>
    // oxlint-disable-next-line typescript/no-explicit-any -- a template is whatever the CDK has written
    document.Statement.map((one: any, at): Statement => {
      for (const key of ['NotAction', 'NotResource', 'NotPrincipal']) {
        if (key in one) throw new Error(`${owner}: ${key} is not known here`)
      }
      const { Principal } = one
      const principals = Principal && [
        ...(typeof Principal === 'string' ? [Principal] : [Principal.AWS, Principal.Service].flat().filter(Boolean)),
      ]
      return {
        id: `${owner} ${one.Sid ?? at + 1}`,
        effect: one.Effect,
        actions: [one.Action].flat().map(String),
        resources: [one.Resource ?? []].flat().map(resolve),
        ...(principals && { principals: principals.map(resolve) }),
        conditions: conditionsIn(one.Condition),
      }
    })
  const conditionsIn = (said: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {}): readonly Condition[] =>
    Object.entries(said).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({
        operator,
        key,
        values: [values].flat().map((value) => (typeof value === 'object' ? resolve(value) : String(value))),
      })),
    )

  const policies = new Map<string, readonly Statement[]>()
  const add = (to: unknown, owner: string, document: { readonly Statement: readonly unknown[] }) => {
    const arn = resolveTo(to)
    policies.set(arn, [...(policies.get(arn) ?? []), ...statementsIn(owner, document)])
  }
  /** A policy names what it is of by reference: a queue by its address, a bucket by its name. */
  const resolveTo = (to: unknown): string => {
    const id = (to as { readonly Ref?: string }).Ref
    return id === undefined ? resolve(to) : arnOf(id)
  }
  for (const [id, { Type, Properties: said }] of all) {
    if (Type === 'AWS::S3::BucketPolicy') add(said.Bucket, id, said.PolicyDocument)
    if (Type === 'AWS::SQS::QueuePolicy') for (const queue of said.Queues) add(queue, id, said.PolicyDocument)
    if (Type === 'AWS::SNS::TopicPolicy') for (const topic of said.Topics) add(topic, id, said.PolicyDocument)
    if (Type === 'AWS::KMS::Key') policies.set(arnOf(id), statementsIn(id, said.KeyPolicy))
    if (Type === 'AWS::SecretsManager::ResourcePolicy') add(said.SecretId, id, said.ResourcePolicy)
  }

  return {
    resources,
    arnOf,
    idOf: (arn) => ids.get(arn),
    resolve,
    statementsOf: (id) => {
      const type = 'AWS::IAM::ManagedPolicy'
      const hash = /[0-9A-F]{8}$/
      const own =
        typeOf(id) === type
          ? all.filter(([name, { Type }]) => Type === type && name.startsWith(id.replace(hash, '')))
          : []
      const ofRole = all.filter(
        ([, { Type, Properties }]) =>
          Type === 'AWS::IAM::Policy' && Properties.Roles?.some((role: { readonly Ref?: string }) => role.Ref === id),
      )
      return [...own, ...ofRole].flatMap(([name, one]) => statementsIn(name, one?.Properties.PolicyDocument))
    },
    policyOf: (arn) => {
      if (!policies.has(arn) && arn.startsWith('arn:aws:kms:'))
        policies.set(arn, statementsIn('docs/aws.md', givenKey()))
      return policies.get(arn)
    },
    keyOf: (id) => {
      const said = resources[id]?.Properties ?? {}
      const bucket = said.BucketEncryption?.ServerSideEncryptionConfiguration?.[0]?.ServerSideEncryptionByDefault
      const key =
        said.KmsMasterKeyId ?? said.SSESpecification?.KMSMasterKeyId ?? said.KmsKeyId ?? bucket?.KMSMasterKeyID
      return key && (typeof key === 'object' && key.Ref ? arnOf(key.Ref) : resolve(key))
    },
    endpointOf: (id, service) => {
      if (!resources[id]?.Properties?.VpcConfig) return undefined
      const [found] = all.filter(
        ([, { Type, Properties: said }]) =>
          Type === 'AWS::EC2::VPCEndpoint' && new RegExp(`\\.${service}"`).test(JSON.stringify(said.ServiceName)),
      )
      const [name = '', endpoint] = found ?? []
      if (!endpoint) throw new Error(`the network has no way to ${service}`)
      const document = endpoint.Properties.PolicyDocument
      return document && statementsIn(name, document)
    },
    roleOf: (id) => {
      const role = resources[id]?.Properties?.Role?.['Fn::GetAtt']?.[0]
      if (!role) throw new Error(`the stack has no function ${id}`)
      return role
    },
  }
}

/** The policy that docs/aws.md says a given key must have. */
const givenKey = (): { readonly Statement: readonly unknown[] } => {
  const paper = readFileSync(new URL('../../../docs/aws.md', import.meta.url), 'utf8')
  const [, policy] = /### Your own KMS key.*?```json\n(.*?)```/s.exec(paper) ?? []
  if (!policy) throw new Error('docs/aws.md does not give the policy of a given key')
  return JSON.parse(policy.replaceAll('ACCOUNT', account).replaceAll('REGION', region))
}
