/** CloudWatch dashboard: reports made, waiting work, durations, alarms. */
import { Duration } from 'aws-cdk-lib'
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import type { FunctionName } from '../lambdas/config/env.ts'
import type { Alarms } from './workers/alarms.ts'
import type { WorkQueue } from './workers/work-queue.ts'
import type { Worker } from './workers/worker.ts'

type DashboardProps = {
  readonly stage: string
  readonly alarms: Alarms
  readonly queues: readonly WorkQueue[]
  readonly generate: Worker<'generate'>
  readonly ingest: Worker<'ingest'>
  readonly workers: readonly Worker<FunctionName>[]
}

const row = { width: 12, height: 6 } as const

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id)
    const { stage, alarms, queues, generate, ingest, workers } = props
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, ...row })
    // Counted from logs when the dashboard is opened: custom metrics would cost money every hour.
    const counted = (title: string, { function: { logGroup } }: Worker<FunctionName>, queryLines: string[]) =>
      new LogQueryWidget({
        title,
        logGroupNames: [logGroup.logGroupName],
        queryLines,
        view: LogQueryVisualizationType.BAR,
        ...row,
      })
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: `Vigie-${stage}`,
      defaultInterval: Duration.days(7),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: alarms.all, width: 24, height: 4 })],
        [
          counted('Reports: made, unchanged, given up', generate, [
            "filter message in ['made', 'stands', 'given up']",
            'stats count(*) by message',
          ]),
          counted('Records ingested and rejected', ingest, [
            "filter message = 'taken in'",
            'stats sum(read), sum(rejected) by bin(1d)',
          ]),
        ],
        [
          graph(
            'Messages waiting',
            queues.flatMap(({ queue, deadLetters }) => [
              queue.metricApproximateNumberOfMessagesVisible(),
              deadLetters.queue.metricApproximateNumberOfMessagesVisible(),
            ]),
          ),
          graph(
            'Time of a run, the slowest of a hundred',
            workers.map((worker) => worker.function.metricDuration({ statistic: Stats.percentile(99) })),
          ),
        ],
      ],
    })
  }
}
