/** The stack's alarms: each says what its failure means to readers, and all of them tell one topic. */
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'

export type AlarmOn = {
  readonly metric: IMetric
  /** Rings from this value on. */
  readonly from: number
  /** What it means to readers that this rings, and what to do: the text of the mail. */
  readonly failureImpact: string
  /** What silence means: nothing wrong, unless said. */
  readonly silence?: TreatMissingData
  /** Shown, and told to nobody. */
  readonly mute?: boolean
}

export class Alarms extends Construct {
  readonly topic: Topic
  /** All there are, in the order in which they were made. */
  readonly all: Alarm[] = []

  constructor(scope: Construct, id: string, { mail }: { readonly mail: string | undefined }) {
    super(scope, id)
    // A key of its own: CloudWatch may not use AWS's key for SNS, and an alarm must not hang on a customer key's policy.
    const key = new Key(this, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY })
    this.topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true, displayName: 'Vigie' })
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

  /** An alarm that stands beside what it watches. */
  add(beside: Construct, id: string, { metric, from, failureImpact, silence, mute }: AlarmOn): Alarm {
    const alarm = new Alarm(beside, id, {
      metric,
      threshold: from,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: silence ?? TreatMissingData.NOT_BREACHING,
      alarmDescription: failureImpact,
      actionsEnabled: !mute,
    })
    alarm.addAlarmAction(new SnsAction(this.topic))
    this.all.push(alarm)
    return alarm
  }
}

/** Metrics are looked at every five minutes. */
export const everyFiveMinutes = { period: Duration.minutes(5) } as const
