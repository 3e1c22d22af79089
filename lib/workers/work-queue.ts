/** A queue of work with its dead-letter queue and the alarms on both. */
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
  /**
   * How long its function may run: a message is hidden for six times as long, and rings once it has waited for eight.
   */
  readonly timeout: Duration
  /** What it means to readers that messages of this queue wait too long or are given up: the text of both alarms. */
  readonly failureImpact: string
  /** No function reads it yet: messages that wait go by themselves, and nothing is alarmed. */
  readonly unread?: boolean
}

type DeadLettersProps = Pick<WorkQueueProps, 'alarms' | 'key' | 'failureImpact' | 'unread'>

/**
 * Work for one function, of which nothing is lost without a word. What fails comes again; what has failed too often
 * waits for two weeks in the dead letters, with the cause as an attribute where the function gave it up. Two alarms: a
 * dead letter, and a message that grows old because nothing takes it. Messages are sealed, and sent over TLS alone.
 *
 * @example const work = new WorkQueue(stack, 'Work', { alarms, key: undefined, timeout: Duration.minutes(5),
 * failureImpact: '…' }) worker.takesFrom(work, 4)
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
      // Six times, as AWS asks: a batch that is tried again while its first run still works is done twice.
      visibilityTimeout: times(timeout, 6),
      retentionPeriod: Duration.days(4),
      // The function gives up itself, with the cause; what comes here was cut off at its last try.
      deadLetterQueue: { queue: this.deadLetters.queue, maxReceiveCount: maxTries },
    })
    if (unread) return
    alarms.add(this, 'Waiting', {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ ...everyFiveMinutes, statistic: Stats.MAXIMUM }),
      // One message that is tried again after its visibility ran out is no alarm yet.
      from: times(timeout, 8).toSeconds(),
      failureImpact: `A message has waited too long: its function may not run, or not often enough. ${failureImpact}`,
    })
  }
}

/** Lets a grantee put messages into a queue, whose key then seals them. */
export const grantSending = (queue: Queue, grantee: IGrantable): void => {
  grant(queue, grantee, ['sqs:SendMessage'], ['kms:GenerateDataKey', 'kms:Decrypt'])
}

/**
 * Lets a function take its work from a queue: what Lambda does in its name (AWS, "Using Lambda with Amazon SQS:
 * execution role permissions"), and that it sets itself when a failed message comes again.
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

/** Where Lambda puts a call that came to nothing. The CDK's own destination grants more than is needed. */
export const destinationIn = (queue: Queue): IDestination => ({
  bind: (_scope, function_) => {
    grantSending(queue, function_)
    return { destination: queue.queueArn }
  },
})

/** Where a rule puts what it hears, and what it cannot put there. The CDK's own target grants more than is needed. */
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

/** Where given-up messages wait for a person, longer than any of them can have waited before. */
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
