import { Duration, Names } from 'aws-cdk-lib'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IRuleTarget } from 'aws-cdk-lib/aws-events'
import { type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { IDestination } from 'aws-cdk-lib/aws-lambda'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { maxTries } from '../../lambdas/config/env.ts'
import { type Alarms, everyFiveMinutes } from './alarms.ts'

type WorkQueueProps = {
  readonly alarms: Alarms
  readonly key: IKey | undefined
  /** The function's timeout. A message is hidden for six times as long, and raises an alarm after eight. */
  readonly timeout: Duration
  /** Text of both alarms: effect on readers when messages wait too long or are given up. */
  readonly failureImpact: string
  /** No function reads the queue yet: messages expire, without alarms. */
  readonly unread?: boolean
}

type DeadLettersProps = Pick<WorkQueueProps, 'alarms' | 'key' | 'failureImpact' | 'unread'>

/**
 * Queue of one function. Failures are retried, then kept for two weeks in the dead letters, with the cause as an
 * attribute if the function gave up. Alarms on dead letters and old messages. Encrypted, TLS only.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue
  readonly deadLetters: DeadLetters

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id)
    const { alarms, key, timeout, failureImpact, unread = false } = props
    this.deadLetters = new DeadLetters(this, 'DeadLetters', { alarms, key, failureImpact, unread })
    this.queue = new Queue(this, 'Queue', {
      ...sealed(key),
      // AWS asks for six times the timeout: otherwise a retry may start while the first run still works.
      visibilityTimeout: times(timeout, 6),
      retentionPeriod: Duration.days(4),
      // The function itself gives up with a cause; messages here were cut off at the last try.
      deadLetterQueue: { queue: this.deadLetters.queue, maxReceiveCount: maxTries },
    })
    if (unread) return
    alarms.add(this, 'Waiting', {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ ...everyFiveMinutes, statistic: Stats.MAXIMUM }),
      // A single retry after the visibility timeout raises no alarm.
      from: times(timeout, 8).toSeconds(),
      failureImpact: `A message has waited too long: its function may not run, or not often enough. ${failureImpact}`,
    })
  }
}

export const grantSending = (queue: Queue, grantee: IGrantable): void => {
  grant(queue, grantee, ['sqs:SendMessage'], ['kms:GenerateDataKey', 'kms:Decrypt'])
}

/**
 * Grants the rights of AWS, "Using Lambda with Amazon SQS: execution role permissions", and setting the retry time of a
 * failed message.
 */
export const grantTaking = (queue: Queue, grantee: IGrantable): void => {
  const actions = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'ChangeMessageVisibility']
  grant(
    queue,
    grantee,
    actions.map((action) => `sqs:${action}`),
    ['kms:Decrypt'],
  )
}

/** Destination of failed calls. The CDK's destination grants more than needed. */
export const destinationIn = (queue: Queue): IDestination => ({
  bind: (_scope, function_) => {
    grantSending(queue, function_)
    return { destination: queue.queueArn }
  },
})

/** Target of a rule, with dead letters. The CDK's target grants more than needed. */
export const targetIn = ({ queue, deadLetters }: WorkQueue): IRuleTarget => ({
  bind: (rule) => {
    for (const one of [queue, deadLetters.queue]) {
      one.addToResourcePolicy(
        new PolicyStatement({
          sid: `WordOf${Names.nodeUniqueId(rule.node)}`.slice(0, 100),
          principals: [new ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [one.queueArn],
          conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleRef.ruleArn } },
        }),
      )
    }
    return { arn: queue.queueArn, targetResource: queue, deadLetterConfig: { arn: deadLetters.queue.queueArn } }
  },
})

const grant = (queue: Queue, grantee: IGrantable, actions: readonly string[], onKey: readonly string[]): void => {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: [...actions], resources: [queue.queueArn] }),
  )
  queue.encryptionMasterKey?.grant(grantee, ...onKey)
}

export class DeadLetters extends Construct {
  readonly queue: Queue

  constructor(scope: Construct, id: string, props: DeadLettersProps) {
    super(scope, id)
    const { alarms, key, failureImpact, unread = false } = props
    this.queue = new Queue(this, 'Queue', { ...sealed(key), retentionPeriod: Duration.days(14) })
    if (unread) return
    alarms.deadLetters.push(this.queue)
    alarms.add(this, 'Alarm', {
      metric: this.queue.metricApproximateNumberOfMessagesVisible({ ...everyFiveMinutes, statistic: Stats.MAXIMUM }),
      from: 1,
      failureImpact: `A message was given up. ${failureImpact} docs/aws.md#dead-letters: how to inspect it and send it again. OK is mailed once the queue is empty.`,
    })
  }
}

const sealed = (key: IKey | undefined) => ({
  enforceSSL: true,
  ...(key
    ? { encryption: QueueEncryption.KMS, encryptionMasterKey: key }
    : { encryption: QueueEncryption.SQS_MANAGED }),
})

const times = (duration: Duration, factor: number): Duration => Duration.seconds(duration.toSeconds() * factor)
