import { Duration, type Stack } from 'aws-cdk-lib'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { instantPatterns, partitions } from '../../lambdas/store/table/keys.ts'
import type { Table } from '../stores/table.ts'
import { ownMetric } from './own-metric.ts'
import { callBySchedule } from './schedules.ts'
import { DeadLetters } from './work-queue.ts'
import { type StackContext, Worker } from './worker.ts'

const lookedEvery = Duration.hours(1)

const failureImpact = 'A missing report, or data hidden by a fast clock, would go unnoticed.'

/** Checks hourly for missing reports, and resets items dated ahead by a fast clock. Its own silence raises an alarm. */
export const addWatchdog = (scope: Stack, context: StackContext, table: Table, due: string) => {
  const { alarms, key, stage } = context
  const deadLetters = new DeadLetters(scope, 'WatchdogDeadLetters', { alarms, key, failureImpact })
  const watchdog = new Worker(scope, 'Watchdog', 'watchdog', {
    context,
    memoryMb: 256,
    // Usually a second; longer when it scans the table for items dated ahead.
    timeout: Duration.minutes(15),
    environment: {
      TABLE_NAME: table.tableName,
      DUE: due,
      DEAD_LETTERS_URLS: alarms.deadLetters.map(({ queueUrl }) => queueUrl).join(' '),
    },
  })
  watchdog.failsInto(deadLetters)
  table.grantScan(watchdog.function)
  table.grantIn(watchdog.function, [...partitions.reports, ...partitions.schedules], ['Query'])
  table.grantIn(watchdog.function, partitions.clock, ['GetItem'])
  table.grantIn(watchdog.function, instantPatterns, ['PutItem', 'UpdateItem', 'DeleteItem'])
  table.grantChanges(watchdog.function)
  watchdog.function.addToRolePolicy(
    new PolicyStatement({
      actions: ['sqs:GetQueueAttributes'],
      resources: alarms.deadLetters.map(({ queueArn }) => queueArn),
    }),
  )
  callBySchedule(scope, {
    ids: ['WatchdogCaller', 'WatchdogHourly'],
    description: `Vigie ${stage}: looks for missing reports`,
    schedule: ScheduleExpression.cron({ minute: '0' }),
    called: watchdog.function,
    deadLetters: deadLetters.queue,
  })
  watchFor(watchdog, context)
  return { watchdog, deadLetters }
}

const watchFor = (watchdog: Worker<'watchdog'>, { alarms, stage }: StackContext): void => {
  const found = (name: string) =>
    ownMetric(name, { service: 'watchdog', stage }).with({ period: lookedEvery, statistic: Stats.MAXIMUM })
  alarms.add(watchdog, 'MissingReports', {
    metric: found('MissingReports'),
    from: 1,
    failureImpact:
      'A report that was due is missing, held or recalled. The log of the watchdog names territory, period and reason.',
  })
  alarms.add(watchdog, 'StoredAhead', {
    metric: found('StoredAhead'),
    from: 1,
    failureImpact:
      'A machine whose clock was ahead stored something, which no report would have held until that instant. It is set back, so that the next reports hold it. The log of the watchdog shows its data and since when: set that clock right.',
  })
  alarms.add(watchdog, 'DeadLettersRemain', {
    metric: found('DeadLetters'),
    from: 1,
    ringsAgain: true,
    failureImpact: `Dead letters are left, of today or of days before: this rings once a day until every queue of them is empty, and OK is mailed then. vigie redrive --stage ${stage} names them and their causes; the log of the watchdog has the queues.`,
  })
  alarms.add(watchdog, 'Silent', {
    // Lambda's metric is free. Failed runs end in the dead letters.
    metric: watchdog.function.metricInvocations({ period: lookedEvery, statistic: Stats.SUM }),
    silentFor: 3,
    failureImpact: `The watchdog has not run for hours. ${failureImpact} Look at its schedule, WatchdogHourly. On a new stage this ends with its first run, within the hour.`,
  })
}
