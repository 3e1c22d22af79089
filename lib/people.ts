/** What people may do with a stage: two policies of the account, for those who may run `vigie … --stage`. */
import { ArnFormat, Stack } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey, Key } from 'aws-cdk-lib/aws-kms'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { dropPrefix, platesPrefix, postsPrefix, resultPrefix } from '../lambdas/config/env.ts'
import { everyPartition, expiringPartitions, partitions } from '../lambdas/store/keys.ts'
import { acknowledge } from './acknowledge.ts'
import type { Buckets } from './buckets.ts'
import { grantSecret } from './hex-key.ts'
import type { Sender } from './mail.ts'
import type { PlateExpiry } from './plate-expiry.ts'
import type { Plates } from './plates.ts'
import type { Posts } from './posts.ts'
import type { Table } from './table.ts'
import { type DeadLetters, grantReading, grantSending, type WorkQueue } from './work-queue.ts'
import type { Worker } from './worker.ts'

type PeopleProps = {
  readonly stage: string
  readonly table: Table
  readonly buckets: Buckets
  readonly signing: Key
  readonly pseudonyms: Secret
  /** Every queue of work: commands hand it some, and send its dead letters back. */
  readonly queues: readonly WorkQueue[]
  /** Every function of the stage. */
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

/**
 * Jobs and uploads are the API's and the room's own; what waits for a digest is delivery's, and how many answers came
 * by a link is the link's.
 */
const ofFunctions: readonly string[] = [
  ...[...partitions.jobs, ...partitions.jobNames, ...partitions.asked, ...partitions.plateUploads],
  ...[...partitions.digests, ...partitions.answerCounts],
]

export class People extends Construct {
  /** For the watch team: every command of `--stage`. */
  readonly operator: ManagedPolicy
  /** For detectors and people who drop files: what they drop, and what became of it. */
  readonly dropper: ManagedPolicy
  /**
   * For people who look reports up and check them, and read nothing of people: `vigie archive list`, `verify`, `key`.
   */
  readonly reader: ManagedPolicy

  constructor(scope: Construct, id: string, props: PeopleProps) {
    super(scope, id)
    const { stage, table, buckets, signing, pseudonyms, queues, sender } = props
    // By its name: which form of a stack's ARN IAM is asked about, AWS does not say.
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
    this.operator = new ManagedPolicy(this, 'Operator', {
      description: `Vigie ${stage}: every command of --stage ${stage}`,
    })
    this.reader = new ManagedPolicy(this, 'Reader', {
      description: `Vigie ${stage}: reports are looked up and checked, nothing is changed`,
    })
    this.dropper = new ManagedPolicy(this, 'Dropper', {
      description: `Vigie ${stage}: files of detections and posts are dropped, and what became of them is read`,
    })
    for (const policy of [this.operator, this.dropper]) {
      for (const prefix of [dropPrefix, postsPrefix]) buckets.grantPut(policy, buckets.drop, prefix)
      buckets.grantRead(policy, buckets.drop, resultPrefix)
    }
    for (const policy of [this.operator, this.reader]) {
      // The stack says where everything is.
      policy.addStatements(new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [stackArn] }))
      buckets.grantRead(policy, buckets.archive, 'reports/')
      signing.grant(policy, 'kms:GetPublicKey')
    }
    this.allow(['cloudformation:ListStackResources'], stackArn)
    table.grantIn(this.reader, [...partitions.reports, ...partitions.clock], ['GetItem', 'Query'])

    table.grantScan(this.operator)
    // Jobs are the API's and the room's own, and what is looked at in the room its author's.
    const others = [...ofFunctions, ...partitions.looks]
    const work = everyPartition.filter((pattern) => !others.includes(pattern))
    table.grantIn(this.operator, work, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'BatchWriteItem'])
    table.grantIn(
      this.operator,
      [...expiringPartitions, ...partitions.changing, ...partitions.summaries],
      ['DeleteItem'],
    )
    buckets.grantPut(this.operator, buckets.archive, 'reports/')
    buckets.grantRead(this.operator, buckets.plates, platesPrefix)
    buckets.grantPut(this.operator, buckets.plates, platesPrefix)
    buckets.grantDelete(this.operator, buckets.plates, platesPrefix)
    signing.grant(this.operator, 'kms:Sign')
    grantSecret(pseudonyms, this.operator)
    for (const { queue } of queues) grantSending(queue, this.operator)
    sender?.grantSend(this.operator)
    this.letRedrive(props)
    this.letLook(props)
  }

  /**
   * `vigie redrive`: dead letters are read, sent back to their queue and taken away; those of functions that are called
   * are answered by a call.
   */
  private letRedrive({ queues, watchdog, watchdogDeadLetters, posts, plates, plateExpiry }: PeopleProps): void {
    const called = [posts, plateExpiry, ...(plates ? [plates] : [])]
    const letters = [
      ...queues.map(({ deadLetters }) => deadLetters),
      watchdogDeadLetters,
      ...called.map(({ deadLetters }) => deadLetters),
    ]
    for (const { queue } of letters) grantReading(queue, this.operator)
    this.allow(
      ['lambda:InvokeFunction'],
      watchdog.function.functionArn,
      ...called.map(({ worker }) => worker.function.functionArn),
    )
  }

  /** `vigie doctor`: what is looked at, and nothing changed. */
  private letLook(props: PeopleProps): void {
    const {
      table,
      buckets,
      signing,
      pseudonyms,
      queues,
      functions,
      watchdogDeadLetters,
      posts,
      plates,
      plateExpiry,
      alarmTopic,
      key,
      sender,
    } = props
    const stack = Stack.of(this)
    this.allow(
      ['dynamodb:DescribeTable', 'dynamodb:DescribeTimeToLive', 'dynamodb:DescribeContinuousBackups'],
      table.tableArn,
    )
    this.allow(['s3:GetBucketVersioning', 's3:GetBucketPolicy'], buckets.archive.bucketArn)
    this.allow(['secretsmanager:DescribeSecret'], pseudonyms.secretArn)
    this.allow(['kms:DescribeKey'], signing.keyArn)
    if (key) this.allow(['kms:DescribeKey', 'kms:GetKeyPolicy'], key.keyArn)
    const all = queues.flatMap(({ queue, deadLetters }) => [queue, deadLetters.queue])
    this.allow(
      ['sqs:GetQueueAttributes'],
      ...[
        ...all,
        watchdogDeadLetters.queue,
        posts.deadLetters.queue,
        plateExpiry.deadLetters.queue,
        ...(plates ? [plates.deadLetters.queue] : []),
      ].map(({ queueArn }) => queueArn),
    )
    this.allow(['sns:ListSubscriptionsByTopic'], alarmTopic.topicArn)
    const mapping = stack.formatArn({
      service: 'lambda',
      resource: 'event-source-mapping',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    this.allow(['lambda:GetEventSourceMapping'], mapping)
    const name = 'arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:event-source-mapping:*'
    acknowledge(
      this,
      `IAM5[Resource::${name}]`,
      'AWS names mappings by numbers of its own; each is looked at, and none changed.',
    )
    this.allow(['lambda:GetFunctionConcurrency'], ...functions.map(({ functionArn }) => functionArn))
    acknowledge(this, 'IAM5[Resource::*]', 'What is looked at of the account, and its alarms, takes no resource.')
    this.allow(['lambda:GetAccountSettings', 'cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'], '*')
    if (!sender) return
    const arn = (resource: string, resourceName: string) => stack.formatArn({ service: 'ses', resource, resourceName })
    this.allow(['ses:GetAccount'], '*')
    this.allow(['ses:GetEmailIdentity'], arn('identity', '*'))
    this.allow(['ses:GetConfigurationSet'], arn('configuration-set', sender.configurationSet))
  }

  private allow(actions: readonly string[], ...resources: readonly string[]): void {
    this.operator.addStatements(new PolicyStatement({ actions: [...actions], resources: [...resources] }))
  }
}
