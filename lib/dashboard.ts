/** One page that shows whether reports come: what was made, what waits, what failed, and every alarm. */
import { Duration } from 'aws-cdk-lib'
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import type { FunctionName } from '../lambdas/env.ts'
import type { Alarms } from './alarms.ts'
import type { WorkQueue } from './work-queue.ts'
import type { Worker } from './worker.ts'

export type DashboardProps = {
  readonly stage: string
  readonly alarms: Alarms
  readonly queues: Readonly<Record<string, WorkQueue>>
  readonly workers: { readonly [name in FunctionName]?: Worker<name> }
}

const row = { width: 12, height: 6 } as const

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { stage, alarms, queues, workers }: DashboardProps) {
    super(scope, id)
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, ...row })
    const counted = (name: string, service: FunctionName) => ownMetric(name, { service, stage })
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: `Vigie-${stage}`,
      defaultInterval: Duration.days(7),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: alarms.all, width: 24, height: 4 })],
        [
          graph('Reports', [
            ...['ReportsMade', 'ReportsStanding', 'ReportsHeld', 'ReportsFailed'].map((name) =>
              counted(name, 'generate'),
            ),
            counted('MissingReports', 'watchdog'),
          ]),
          graph(
            'Records taken in',
            ['RecordsRead', 'RecordsRejected'].map((name) => counted(name, 'ingest')),
          ),
        ],
        [
          graph(
            'Messages waiting',
            Object.values(queues).flatMap(({ queue, deadLetters }) => [
              queue.metricApproximateNumberOfMessagesVisible(),
              deadLetters.queue.metricApproximateNumberOfMessagesVisible(),
            ]),
          ),
          graph(
            'Time of a run, the slowest of a hundred',
            Object.values(workers).map((worker) => worker.function.metricDuration({ statistic: Stats.percentile(99) })),
          ),
        ],
      ],
    })
  }
}

/** A metric that a function writes itself. */
export const ownMetric = (
  metricName: string,
  dimensionsMap: { readonly service: FunctionName; readonly stage: string },
): Metric =>
  new Metric({
    namespace: 'Vigie',
    metricName,
    dimensionsMap: { ...dimensionsMap },
    statistic: Stats.SUM,
    period: Duration.hours(1),
  })
