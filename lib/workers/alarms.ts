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
  /** One metric: AWS bills each metric of an alarm's expression. */
  readonly metric: IMetric
  /** Text of the mail: effect on readers, and what to do. */
  readonly failureImpact: string
} & (
  | {
      /** Lowest value that raises the alarm; missing data does not. */
      readonly from: number
      /**
       * Missing data resets the alarm to `INSUFFICIENT_DATA`, which is not mailed, so that the same value raises it
       * again.
       */
      readonly ringsAgain?: boolean
    }
  | {
      /** Number of periods without data that raise the alarm. */
      readonly silentFor: number
    }
)

export class Alarms extends Construct {
  readonly topic: Topic
  readonly all: Alarm[] = []
  readonly deadLetters: Queue[] = []

  /** @param mail address to notify, which AWS asks to confirm. Undefined: no one, until an address subscribes */
  constructor(scope: Construct, id: string, { mail }: { readonly mail: string | undefined }) {
    super(scope, id)
    // CloudWatch cannot use AWS's key for SNS, and a custom key costs more than ten alarms.
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

export const everyFiveMinutes = { period: Duration.minutes(5) } as const
