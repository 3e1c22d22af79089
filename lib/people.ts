/** Managed policies for people, which an administrator attaches to their roles. */
import { ArnFormat, Stack } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey, Key } from 'aws-cdk-lib/aws-kms'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { dropPrefix, platesPrefix, postsPrefix, resultPrefix } from '../lambdas/config/env.ts'
import { everyPartition, expiringPartitions, partitions } from '../lambdas/store/table/keys.ts'
import type { Buckets } from './stores/buckets.ts'
import { grantSecret } from './stores/hex-key.ts'
import type { Table } from './stores/table.ts'
import type { Sender } from './web/mail.ts'
import { acknowledge } from './workers/acknowledge.ts'
import type { PlateExpiry } from './workers/plate-expiry.ts'
import type { Plates } from './workers/plates.ts'
import type { Posts } from './workers/posts.ts'
import type { DeadLetters, WorkQueue } from './workers/work-queue.ts'
import type { Worker } from './workers/worker.ts'

type PeopleProps = {
  readonly stage: string
  readonly table: Table
  readonly buckets: Buckets
  readonly signing: Key
  readonly pseudonyms: Secret
  /** Queues whose work and dead letters commands send. */
  readonly queues: readonly WorkQueue[]
  readonly functions: readonly IFunction[]
  readonly watchdog: Worker<'watchdog'>
  readonly watchdogDeadLetters: DeadLetters
  readonly posts: Posts
  readonly plates: Plates | undefined
  readonly plateExpiry: PlateExpiry
  readonly alarmTopic: Topic
  readonly key: IKey | undefined
  readonly sender: Sender | undefined
}

/** Partitions that only functions use: jobs, uploads, digests. */
const ofFunctions: readonly string[] = [
  ...[...partitions.jobs, ...partitions.jobNames, ...partitions.asked, ...partitions.plateUploads],
  ...partitions.digests,
]

export class People extends Construct {
  /**
   * For the watch team: every command with `--stage`. The first policy covers stored and mailed data, the second
   * running services; one policy would exceed IAM's limit (test/support/aws-limits.json).
   */
  readonly operator: readonly [ManagedPolicy, ManagedPolicy]
  /** For detectors and people who drop files and read the results. */
  readonly dropper: ManagedPolicy
  /** For people who list and verify reports without access to personal data: `vigie archive list`, `verify`, `key`. */
  readonly reader: ManagedPolicy

  constructor(scope: Construct, id: string, props: PeopleProps) {
    super(scope, id)
    const { stage, table, buckets, signing, pseudonyms, sender } = props
    // By name: AWS does not document which form of a stack's ARN IAM compares.
    const stackArn = Stack.of(this).formatArn({
      service: 'cloudformation',
      resource: 'stack',
      resourceName: `vigie-${stage}/*`,
    })
    acknowledge(
      this,
      `IAM5[Resource::arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/vigie-${stage}/*]`,
      'The one stack, whatever the id behind its name.',
    )
    const operator = new ManagedPolicy(this, 'Operator', {
      description: `Vigie ${stage}: every command of --stage ${stage}, its part on what is stored and mailed`,
    })
    const services = new ManagedPolicy(this, 'OperatorServices', {
      description: `Vigie ${stage}: every command of --stage ${stage}, its part on queues, functions and alarms`,
    })
    this.operator = [operator, services]
    this.reader = new ManagedPolicy(this, 'Reader', {
      description: `Vigie ${stage}: reports are read and checked, nothing is changed`,
    })
    this.dropper = new ManagedPolicy(this, 'Dropper', {
      description: `Vigie ${stage}: files of detections and posts are dropped, and their results are read`,
    })
    for (const policy of [operator, this.dropper]) {
      for (const prefix of [dropPrefix, postsPrefix]) buckets.grantPut(policy, buckets.drop, prefix)
      buckets.grantRead(policy, buckets.drop, resultPrefix)
    }
    for (const policy of [operator, this.reader]) {
      // The stack's outputs have all addresses.
      policy.addStatements(new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [stackArn] }))
      buckets.grantRead(policy, buckets.archive, 'reports/')
      signing.grant(policy, 'kms:GetPublicKey')
    }
    allow(operator, ['cloudformation:ListStackResources'], stackArn)
    table.grantIn(this.reader, [...partitions.reports, ...partitions.clock], ['GetItem', 'Query'])

    table.grantScan(operator)
    // Jobs belong to the API and the room; previews belong to their author.
    const others = [...ofFunctions, ...partitions.looks]
    const work = everyPartition.filter((pattern) => !others.includes(pattern))
    table.grantIn(operator, work, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'BatchWriteItem'])
    table.grantIn(operator, [...expiringPartitions, ...partitions.changing, ...partitions.summaries], ['DeleteItem'])
    buckets.grantPut(operator, buckets.archive, 'reports/')
    buckets.grantRead(operator, buckets.plates, platesPrefix)
    buckets.grantPut(operator, buckets.plates, platesPrefix)
    buckets.grantDelete(operator, buckets.plates, platesPrefix)
    signing.grant(operator, 'kms:Sign')
    grantSecret(pseudonyms, operator)
    sender?.grantSend(operator)
    letInspectStored(operator, props)
    letUseQueues(services, props)
    letUseFunctions(services, props)
    this.letInspectServices(services, props)
  }

  /** Rights of `vigie doctor` on running services. */
  private letInspectServices(policy: ManagedPolicy, { alarmTopic, sender }: PeopleProps): void {
    const stack = Stack.of(this)
    allow(policy, ['sns:ListSubscriptionsByTopic'], alarmTopic.topicArn)
    const mapping = stack.formatArn({
      service: 'lambda',
      resource: 'event-source-mapping',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    allow(policy, ['lambda:GetEventSourceMapping'], mapping)
    const name = 'arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:event-source-mapping:*'
    acknowledge(
      this,
      `IAM5[Resource::${name}]`,
      'AWS names mappings by its own numbers; each is read, and none changed.',
    )
    acknowledge(this, 'IAM5[Resource::*]', 'The actions that read the account and its alarms take no resource.')
    allow(policy, ['lambda:GetAccountSettings', 'cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'], '*')
    if (!sender) return
    const arn = (resource: string, resourceName: string) => stack.formatArn({ service: 'ses', resource, resourceName })
    allow(policy, ['ses:GetAccount'], '*')
    allow(policy, ['ses:GetEmailIdentity'], arn('identity', '*'))
    allow(policy, ['ses:GetConfigurationSet'], arn('configuration-set', sender.configurationSet))
  }
}

/** Rights of `vigie doctor` on stored data. */
const letInspectStored = (policy: ManagedPolicy, { table, buckets, signing, pseudonyms, key }: PeopleProps): void => {
  allow(
    policy,
    ['dynamodb:DescribeTable', 'dynamodb:DescribeTimeToLive', 'dynamodb:DescribeContinuousBackups'],
    table.tableArn,
  )
  allow(policy, ['s3:GetBucketVersioning', 's3:GetBucketPolicy'], buckets.archive.bucketArn)
  allow(policy, ['secretsmanager:DescribeSecret'], pseudonyms.secretArn)
  allow(policy, ['kms:DescribeKey'], signing.keyArn)
  if (key) allow(policy, ['kms:DescribeKey', 'kms:GetKeyPolicy'], key.keyArn)
}

/** Functions without a queue: `vigie redrive` invokes them again for their dead letters. */
const calledOf = ({ posts, plates, plateExpiry }: PeopleProps) => [posts, plateExpiry, ...(plates ? [plates] : [])]

/**
 * For commands that send work, for `vigie redrive` and for `vigie doctor`. Rights on a custom key are in the first
 * policy, which needs them for table and buckets.
 */
const letUseQueues = (policy: ManagedPolicy, props: PeopleProps): void => {
  const { queues, watchdogDeadLetters } = props
  const deadLetters = [...[...queues, ...calledOf(props)].map((one) => one.deadLetters), watchdogDeadLetters]
  const arnsOf = (all: readonly { readonly queue: Queue }[]) => all.map(({ queue }) => queue.queueArn)
  allow(policy, ['sqs:SendMessage', 'sqs:GetQueueAttributes'], ...arnsOf(queues))
  const reading = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes']
  allow(policy, reading, ...arnsOf(deadLetters))
}

const letUseFunctions = (policy: ManagedPolicy, props: PeopleProps): void => {
  const called = [props.watchdog, ...calledOf(props).map(({ worker }) => worker)].map(
    (worker) => worker.function.functionArn,
  )
  const all = props.functions.map(({ functionArn }) => functionArn)
  allow(policy, ['lambda:InvokeFunction', 'lambda:GetFunctionConcurrency'], ...called)
  allow(policy, ['lambda:GetFunctionConcurrency'], ...all.filter((arn) => !called.includes(arn)))
}

const allow = (policy: ManagedPolicy, actions: readonly string[], ...resources: readonly string[]): void => {
  policy.addStatements(new PolicyStatement({ actions: [...actions], resources: [...resources] }))
}
