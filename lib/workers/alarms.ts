/** The stack's alarms: each says what its failure means to readers, and all of them tell one topic. */
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib'
// oxlint-disable-next-line no-restricted-imports -- the one file that may
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'

type AlarmOn = {
  /** One metric: AWS bills an alarm by each metric that its expression takes. */
  readonly metric: IMetric
  /** What it means to readers that this rings, and what to do: the text of the mail. */
  readonly failureImpact: string
} & (
  | {
      /** Rings from this value on; silence is nothing wrong. */
      readonly from: number
      /**
       * Silence says nothing: the alarm ends as `INSUFFICIENT_DATA`, which is not mailed, and the same value written
       * again rings again.
       */
      readonly ringsAgain?: boolean
    }
  | {
      /** Rings where the metric says nothing for so many of its periods. */
      readonly silentFor: number
    }
)

export class Alarms extends Construct {
  readonly topic: Topic
  /** All there are, in the order in which they were made. */
  readonly all: Alarm[] = []
  /** Every queue of dead letters, for the watchdog to read. */
  readonly deadLetters: Queue[] = []

  /**
   * @param mail who is told; AWS asks the address to confirm. Undefined: no one, until an address subscribes to the
   * topic
   */
  constructor(scope: Construct, id: string, { mail }: { readonly mail: string | undefined }) {
    super(scope, id)
    // CloudWatch may not use AWS's key for SNS, and a key of one's own costs more than ten alarms.
    this.topic = new Topic(this, 'Topic', { enforceSSL: true, displayName: 'Vigie' })
    acknowledge(this.topic, 'SNS2', 'It carries names and states of alarms, which are in the clear in each mail.')
    const { account } = Stack.of(this)
    const alarmArns = Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': alarmArns } },
    })
    this.topic.grantPublish(cloudWatch)
    if (mail !== undefined) this.topic.addSubscription(new EmailSubscription(mail))
  }

  /** An alarm in the construct that it watches. */
  add(scope: Construct, id: string, { metric, failureImpact, ...rings }: AlarmOn): Alarm {
    const alarm = new Alarm(scope, id, {
      metric,
      alarmDescription: failureImpact,
      ...('from' in rings
        ? {
            threshold: rings.from,
            comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluationPeriods: 1,
            treatMissingData: rings.ringsAgain ? TreatMissingData.MISSING : TreatMissingData.NOT_BREACHING,
          }
        : {
            threshold: 1,
            comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluationPeriods: rings.silentFor,
            treatMissingData: TreatMissingData.BREACHING,
          }),
    })
    const action = new SnsAction(this.topic)
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
    this.all.push(alarm)
    return alarm
  }
}

/** Metrics are looked at every five minutes. */
export const everyFiveMinutes = { period: Duration.minutes(5) } as const
