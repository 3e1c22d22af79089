/** Creates a schedule per territory and cadence, in its time zone, and the daily dry run. */
import { Duration, RemovalPolicy, Stack, TimeZone } from 'aws-cdk-lib'
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Schedule, ScheduleExpression, ScheduleGroup, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler'
import {
  LambdaInvoke,
  type ScheduleTargetBaseProps,
  SqsSendMessage,
  type SqsSendMessageProps,
} from 'aws-cdk-lib/aws-scheduler-targets'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { leavingTime } from '../../lambdas/domain/core/place/due.ts'
import { subjectOf, subjectsDue, type TerritoryCode, territoryOf } from '../../lambdas/domain/core/place/territory.ts'
import type { ScheduledCadence } from '../../lambdas/domain/core/time/period.ts'
import { digestsInput, dryRunInput, scheduleInput } from '../../lambdas/domain/report/messages.ts'
import { grantSending, type WorkQueue } from './work-queue.ts'

const halfPastSix = { minute: String(leavingTime.minute), hour: String(leavingTime.hour) } as const

const days = {
  week: { weekDay: 'MON' },
  month: { day: '1' },
} as const satisfies Record<ScheduledCadence, object>

/** Days on which all territories' reports have been due: Tahiti's Monday morning is Paris's evening. */
const daysAfter = {
  week: { weekDay: 'TUE' },
  month: { day: '2' },
} as const satisfies Record<ScheduledCadence, object>

type SchedulesProps = {
  readonly stage: string
  readonly territories: readonly TerritoryCode[]
  readonly cadences: readonly ScheduledCadence[]
  readonly reports: WorkQueue
  /** Renders the last report again each day, which shows whether the next one can be made. */
  readonly dryRun: boolean
  /** Undefined on a stage that sends no mail. */
  readonly deliveries: WorkQueue | undefined
}

export class Schedules extends Construct {
  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id)
    const { stage, territories, cadences, reports, dryRun, deliveries } = props
    // By default the CDK keeps the group, whose name then blocks the next deployment.
    const scheduleGroup = new ScheduleGroup(this, 'Group', { removalPolicy: RemovalPolicy.DESTROY })
    const sends = (input: string, to: WorkQueue = reports) =>
      new SendTo(to.queue, {
        input: ScheduleTargetInput.fromText(input),
        deadLetterQueue: to.deadLetters.queue,
        maxEventAge: Duration.hours(24),
      })
    if (dryRun) {
      new Schedule(this, 'DryRun', {
        description: `Vigie ${stage}: the daily dry run`,
        scheduleGroup,
        schedule: ScheduleExpression.cron({ minute: '0', hour: '3', timeZone: TimeZone.ETC_UTC }),
        target: sends(dryRunInput),
      })
    }
    if (deliveries) {
      new Schedule(this, 'Digests', {
        description: `Vigie ${stage}: the digests of the day`,
        scheduleGroup,
        // An hour after the national edition.
        schedule: ScheduleExpression.cron({
          ...{ minute: halfPastSix.minute, hour: String(leavingTime.hour + 1) },
          timeZone: TimeZone.of(subjectOf('ALL').zone),
        }),
        target: sends(digestsInput, deliveries),
      })
    }
    for (const territory of territories) {
      const { zone, name } = territoryOf(territory)
      for (const cadence of cadences) {
        new Schedule(this, `${territory}-${cadence}`, {
          description: `Vigie ${stage}: the ${cadence}'s report of ${name.en}`,
          scheduleGroup,
          schedule: ScheduleExpression.cron({ ...halfPastSix, ...days[cadence], timeZone: TimeZone.of(zone) }),
          target: sends(scheduleInput(territory, cadence)),
        })
      }
    }
    // A subset of the territories has no national edition.
    if (!subjectsDue(territories).includes('ALL')) return
    const national = subjectOf('ALL')
    for (const cadence of cadences) {
      new Schedule(this, `${national.code}-${cadence}`, {
        description: `Vigie ${stage}: the ${cadence}'s national edition`,
        scheduleGroup,
        schedule: ScheduleExpression.cron({
          ...halfPastSix,
          ...daysAfter[cadence],
          timeZone: TimeZone.of(national.zone),
        }),
        target: sends(scheduleInput(national.code, cadence)),
      })
    }
  }
}

/** Sends a message to a queue; the CDK's target allows more actions on the queue's key. */
class SendTo extends SqsSendMessage {
  private readonly to: Queue

  constructor(to: Queue, props: SqsSendMessageProps) {
    super(to, props)
    this.to = to
  }

  protected override addTargetActionToRole(role: IRole): void {
    grantSending(this.to, role)
  }
}

/** Calls a function; the CDK's target may also call each of its versions. */
class InvokeOne extends LambdaInvoke {
  private readonly called: IFunction

  constructor(called: IFunction, props: ScheduleTargetBaseProps) {
    super(called, props)
    this.called = called
  }

  protected override addTargetActionToRole(role: IRole): void {
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.called.functionArn] }),
    )
  }
}

type CalledBySchedule = {
  /** Ids of the role and the schedule. */
  readonly ids: readonly [role: string, schedule: string]
  readonly description: string
  readonly schedule: ScheduleExpression
  readonly called: IFunction
  readonly deadLetters: Queue
  /** JSON; by default EventBridge's event. */
  readonly input?: string
}

export const callBySchedule = (
  scope: Construct,
  { ids: [roleId, id], description, schedule, called, deadLetters, input }: CalledBySchedule,
): void => {
  const role = new Role(scope, roleId, {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  })
  // The target's grant omits the key of the dead letters (aws/aws-cdk#33169).
  grantSending(deadLetters, role)
  new Schedule(scope, id, {
    description,
    schedule,
    target: new InvokeOne(called, {
      deadLetterQueue: deadLetters,
      role,
      ...(input !== undefined && { input: ScheduleTargetInput.fromText(input) }),
    }),
  })
}
