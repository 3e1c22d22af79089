import { Duration, Stack } from 'aws-cdk-lib'
import { Match, Rule } from 'aws-cdk-lib/aws-events'
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { CfnConfigurationSet, CfnConfigurationSetEventDestination } from 'aws-cdk-lib/aws-ses'
import { Construct } from 'constructs'
import { partitions } from '../../lambdas/store/table/keys.ts'
import type { Buckets } from '../stores/buckets.ts'
import type { Table } from '../stores/table.ts'
import { acknowledge } from '../workers/acknowledge.ts'
import { grantSending, targetIn, WorkQueue } from '../workers/work-queue.ts'
import { type StackContext, Worker } from '../workers/worker.ts'

/** A message has at most 100 recipients, which takes some 15 seconds. */
export const deliverTimeout = Duration.minutes(5)

export type MailProps = {
  readonly context: StackContext
  readonly site: string
  readonly table: Table
  readonly buckets: Buckets
  readonly deliveries: WorkQueue
  readonly due: string
  readonly atOnce: number
}

const events = ['SEND', 'DELIVERY', 'BOUNCE', 'COMPLAINT', 'REJECT']

export class Sender extends Construct {
  readonly from: string
  readonly configurationSet: string

  constructor(scope: Construct, id: string, { from }: { readonly from: string }) {
    super(scope, id)
    this.from = from
    const set = new CfnConfigurationSet(this, 'Set', {
      deliveryOptions: { tlsPolicy: 'REQUIRE' },
      reputationOptions: { reputationMetricsEnabled: true },
      // Mails have no open or click tracking.
    })
    this.configurationSet = set.ref
    new CfnConfigurationSetEventDestination(this, 'Events', {
      configurationSetName: set.ref,
      eventDestination: {
        enabled: true,
        matchingEventTypes: events,
        eventBridgeDestination: {
          eventBusArn: Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' }),
        },
      },
    })
  }

  /**
   * Lets a function send as the sender only, by a condition. The resource is every identity: in the sandbox SES also
   * checks the recipient's verified identity, and otherwise answers "not authorized to perform ses:SendEmail on
   * resource identity/<the recipient>" (aws/aws-sdk-js#3641; AWS, "Identity and access management in Amazon SES").
   */
  grantSend(grantee: IGrantable): void {
    const stack = Stack.of(this)
    const arn = (resource: string, resourceName: string) => stack.formatArn({ service: 'ses', resource, resourceName })
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['ses:SendEmail', 'ses:SendRawEmail'],
        resources: [arn('identity', '*'), arn('configuration-set', this.configurationSet)],
        conditions: { StringEquals: { 'ses:FromAddress': this.from } },
      }),
    )
    acknowledge(
      stack,
      'IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]',
      'The sender is fixed by a condition; in the sandbox SES asks for the right on the recipient as well.',
    )
  }
}

export class Mail extends Construct {
  readonly deliver: Worker<'deliver'>
  readonly feedback: Worker<'mail-events'>
  readonly events: WorkQueue

  constructor(scope: Construct, id: string, sender: Sender, props: MailProps) {
    super(scope, id)
    const { context, site, table, buckets, deliveries, due, atOnce } = props
    const { alarms, key } = context
    this.deliver = new Worker(this, 'Deliver', 'deliver', {
      context,
      memoryMb: 512,
      timeout: deliverTimeout,
      environment: {
        TABLE_NAME: table.tableName,
        ARCHIVE_BUCKET: buckets.archive.bucketName,
        DELIVERY_QUEUE_URL: deliveries.queue.queueUrl,
        DEAD_LETTERS_URL: deliveries.deadLetters.queue.queueUrl,
        MAIL_FROM: sender.from,
        MAIL_CONFIGURATION_SET: sender.configurationSet,
        SITE: site,
        DUE: due,
      },
      bundledBy: 'tools/bundle-mail.ts',
    })
    this.deliver.takesFrom(deliveries, atOnce)
    table.grantIn(
      this.deliver.function,
      [
        ...partitions.reports,
        ...partitions.deliveries,
        ...partitions.digests,
        ...partitions.recipients,
        ...partitions.notes,
        ...partitions.schedules,
      ],
      ['GetItem', 'Query'],
    )
    table.grantIn(
      this.deliver.function,
      [...partitions.deliveries, ...partitions.digests, ...partitions.tokens],
      ['PutItem'],
    )
    table.grantIn(this.deliver.function, partitions.digests, ['DeleteItem'])
    buckets.grantRead(this.deliver.function, buckets.archive, 'reports/')
    for (const queue of [deliveries.queue, deliveries.deadLetters.queue]) grantSending(queue, this.deliver.function)
    sender.grantSend(this.deliver.function)

    const failureImpact = 'Bounces and complaints are not recorded; mails in the state UNKNOWN stay so.'
    this.events = new WorkQueue(this, 'Events', { alarms, key, timeout: Duration.minutes(1), failureImpact })
    this.feedback = new Worker(this, 'Feedback', 'mail-events', {
      context,
      memoryMb: 256,
      timeout: Duration.minutes(1),
      environment: {
        TABLE_NAME: table.tableName,
        FEEDBACK_QUEUE_URL: this.events.queue.queueUrl,
        DEAD_LETTERS_URL: this.events.deadLetters.queue.queueUrl,
      },
    })
    this.feedback.takesFrom(this.events, 2)
    table.grantIn(this.feedback.function, [...partitions.deliveries, ...partitions.recipients], ['GetItem', 'PutItem'])
    table.grantIn(this.feedback.function, ['DIGEST#*'], ['GetItem'])
    grantSending(this.events.deadLetters.queue, this.feedback.function)
    new Rule(this, 'Heard', {
      description: `Vigie ${context.stage}: outcomes of mails`,
      eventPattern: {
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': [sender.configurationSet], delivery: Match.exists() } } },
      },
      targets: [targetIn(this.events)],
    })
  }
}
