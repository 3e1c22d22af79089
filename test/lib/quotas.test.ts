/** Quotas of AWS that no stand-in enforces: the stack stays a tenth below each limit of test/support/aws-limits.json. */
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { readSettings } from '../../lib/settings.ts'
import { VigieStack } from '../../lib/vigie-stack.ts'
import aws from '../support/aws-limits.json' with { type: 'json' }
import { unbundled } from '../support/cdk-context.ts'
import { physical } from '../support/physical-names.ts'
import { sharedSettings } from '../support/shared-assembly.ts'
import type { Template as Written } from '../support/stack-here.ts'

type Limit = keyof typeof aws.limits

type Use = readonly [limit: Limit, by: string, used: number]

const texts: readonly (readonly [type: string, property: string, Limit])[] = [
  ['IAM::ManagedPolicy', 'Description', 'policyDescription'],
  ['KMS::Key', 'Description', 'keyDescription'],
  ['Lambda::Function', 'Description', 'functionDescription'],
  ['CloudWatch::Alarm', 'AlarmDescription', 'alarmDescription'],
  ['CloudWatch::Dashboard', 'DashboardName', 'dashboardName'],
  ['Events::Rule', 'Description', 'ruleDescription'],
  ['Events::Rule', 'EventPattern', 'eventPattern'],
  ['Scheduler::Schedule', 'Description', 'scheduleDescription'],
  ['SecretsManager::Secret', 'Description', 'secretDescription'],
  ['EC2::SecurityGroup', 'GroupDescription', 'securityGroupDescription'],
  ['Cognito::UserPoolDomain', 'Domain', 'poolDomain'],
  ['ApiGatewayV2::Api', 'Name', 'apiName'],
  ['ApiGatewayV2::Api', 'Description', 'apiDescription'],
]

/** Bytes of a value in a request. IAM does not count white space; our policies have none. */
const size = (value: unknown = ''): number =>
  Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value))

const sizeOfAll = (policies: readonly { readonly PolicyDocument: unknown }[]): number =>
  policies.reduce((sum, { PolicyDocument }) => sum + size(PolicyDocument), 0)

// oxlint-disable-next-line typescript/no-explicit-any -- a template is whatever the CDK has written
type Properties = any

const usesOf = (stack: VigieStack): readonly Use[] => {
  const { stackName } = stack
  const template = Template.fromStack(stack).toJSON() as Written
  const { resolve, nameOf } = physical(template, stackName)
  const resources = Object.entries(template.Resources).map(([id, { Type, Properties = {} }]) => ({
    ...{ id, type: Type.replace('AWS::', ''), properties: resolve(Properties) as Properties },
  }))
  const ofType = (type: string) => resources.filter((one) => one.type === type)
  const each = (type: string, limit: Limit, used: (properties: Properties, id: string) => number): readonly Use[] =>
    ofType(type).map(({ id, properties }) => [limit, id, used(properties, id)])
  const outputs = Object.keys(template.Outputs)
  const inlineOf = (role: string) =>
    ofType('IAM::Policy').flatMap(({ properties }) => (properties.Roles?.includes(nameOf(role)) ? [properties] : []))
  /** Lambda stores a statement for each permission. */
  const policyOfFunction = (functionId: string) =>
    ofType('Lambda::Permission')
      .filter(({ properties }) => properties.FunctionName.endsWith(`:${nameOf(functionId)}`))
      .map(({ id, properties: { FunctionName, Principal, Action, SourceArn } }) => ({
        ...{ Sid: nameOf(id), Effect: 'Allow', Principal: { Service: Principal }, Action, Resource: FunctionName },
        Condition: { ArnLike: { 'AWS:SourceArn': SourceArn } },
      }))
  /** The ids of parts of an API begin with its own id. */
  const partsOf = (api: string, type: string) => ofType(type).filter(({ id }) => id.startsWith(api.slice(0, -8))).length
  const api = 'ApiGatewayV2::Api'
  return [
    ['template', stackName, size(JSON.stringify(template, null, 1))],
    ['templateDescription', stackName, size(stack.templateOptions.description)],
    ['stackName', stackName, size(stackName)],
    ['resources', stackName, resources.length],
    ['outputs', stackName, outputs.length],
    ...resources.map(({ id }): Use => ['logicalId', id, id.length]),
    ...outputs.map((name): Use => ['outputName', name, name.length]),
    ...texts.flatMap(([type, property, limit]) => each(type, limit, (one) => size(one[property]))),
    [
      'managedPolicies',
      'OperatorPolicies',
      String(resolve(template.Outputs.OperatorPolicies?.Value)).split(' ').length,
    ],
    ...each('IAM::ManagedPolicy', 'managedPolicy', (one) => size(one.PolicyDocument)),
    ...each('IAM::Role', 'trustPolicy', (one) => size(one.AssumeRolePolicyDocument)),
    ...each('IAM::Role', 'rolePolicies', (one, id) => sizeOfAll([...(one.Policies ?? []), ...inlineOf(id)])),
    ...each('SQS::QueuePolicy', 'queuePolicy', (one) => size(one.PolicyDocument)),
    ...each('SQS::QueuePolicy', 'queuePolicyStatements', (one) => one.PolicyDocument.Statement.length),
    ...each('SQS::QueuePolicy', 'queuePolicyActions', (one) =>
      Math.max(...one.PolicyDocument.Statement.map(({ Action }: Properties) => [Action].flat().length)),
    ),
    ...each('S3::BucketPolicy', 'bucketPolicy', (one) => size(one.PolicyDocument)),
    ...each('KMS::Key', 'keyPolicy', (one) => size(one.KeyPolicy)),
    ...each('Lambda::Function', 'environment', (one) => size(one.Environment.Variables)),
    ...each('Lambda::Function', 'functionPolicy', (_, id) => size(policyOfFunction(id))),
    ...each(api, 'apiRoutes', (_, id) => partsOf(id, 'ApiGatewayV2::Route')),
    ...each(api, 'apiIntegrations', (_, id) => partsOf(id, 'ApiGatewayV2::Integration')),
    ...each(api, 'apiAuthorizers', (_, id) => partsOf(id, 'ApiGatewayV2::Authorizer')),
    ...each('ApiGatewayV2::Authorizer', 'apiAudiences', (one) => one.JwtConfiguration?.Audience.length ?? 0),
    ...each('ApiGatewayV2::Stage', 'apiLogFormat', (one) => size(one.AccessLogSettings.Format)),
  ]
}

/** Checked elsewhere: names by physical-names.ts, the rest by bundles and stand-ins. */
const elsewhere: readonly Limit[] = [
  ...(['roleName', 'policyName', 'queueName', 'bucketName', 'functionName', 'ruleName'] as const),
  ...(['transactionActions', 'transactionBytes'] as const),
  ...(['unzipped', 'invocation', 'item', 'queueMessage', 'apiHeaders', 'apiPayload'] as const),
]

const everything = {
  ...sharedSettings,
  // Without an issuer the stack has a user pool.
  room: { domain: sharedSettings.room.domain },
  vpc: true,
  kmsKey: 'create',
  objectLockDays: 365,
  alarmMail: 'watch@example.org',
  dashboard: true,
  budget: 20,
}

test.each([
  ['default', {}],
  ['mail', { mail: sharedSettings.mail }],
  ['an issuer for API and room', { api: sharedSettings.api, room: sharedSettings.room }],
  ['its own key', { kmsKey: 'create' }],
  ['a network', { vpc: true }],
  ['one territory', { territories: ['NC'], cadences: ['week'] }],
  ['everything and the longest stage name', everything, 'v'.repeat(20)],
])('the stack with %s stays a tenth below each limit', (_, settings, stage = 'prod') => {
  // The rules of the CDK take ten seconds, and are checked by vigie-stack.test.ts.
  const app = new App({ context: { ...unbundled, '@aws-cdk/core:validateAgainstDefaultRules': false } })
  const stack = new VigieStack(app, readSettings({ stage, stages: { [stage]: settings } }))
  const uses = usesOf(stack)
  const over = uses.filter(([limit, , used]) => used > aws.limits[limit].limit * 0.9)
  expect(over.map(([limit, by, used]) => `${by}: ${used} of ${aws.limits[limit].limit} (${limit})`)).toEqual([])
  if (settings !== everything) return
  const measured = uses.flatMap(([limit, , used]) => (used > 0 ? [limit] : []))
  expect([...new Set([...measured, ...elsewhere])].toSorted()).toEqual(Object.keys(aws.limits).toSorted())
})
