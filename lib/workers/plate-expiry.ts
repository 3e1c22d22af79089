import { Duration } from 'aws-cdk-lib'
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { Construct } from 'constructs'
import { platesPrefix } from '../../lambdas/config/env.ts'
import { expiryTime } from '../../lambdas/domain/plate/retention.ts'
import { expiryInput } from '../../lambdas/domain/report/messages.ts'
import { partitions } from '../../lambdas/store/table/keys.ts'
import type { Buckets } from '../stores/buckets.ts'
import type { Table } from '../stores/table.ts'
import { callBySchedule } from './schedules.ts'
import { DeadLetters } from './work-queue.ts'
import { type StackContext, Worker } from './worker.ts'

type PlateExpiryProps = { readonly context: StackContext; readonly table: Table; readonly buckets: Buckets }

/** Exists on every stage; does nothing without `retention.images`. */
export class PlateExpiry extends Construct {
  readonly worker: Worker<'expire'>
  readonly deadLetters: DeadLetters

  constructor(scope: Construct, id: string, { context, table, buckets }: PlateExpiryProps) {
    super(scope, id)
    const { alarms, key, stage } = context
    this.deadLetters = new DeadLetters(this, 'DeadLetters', {
      ...{ alarms, key },
      failureImpact: 'Pictures of evidence images are kept longer than their retention.',
    })
    this.worker = new Worker(this, 'Worker', 'expire', {
      context,
      memoryMb: 256,
      // Usually a second; longer after a retention period is first set.
      timeout: Duration.minutes(15),
      environment: { TABLE_NAME: table.tableName, PLATES_BUCKET: buckets.plates.bucketName },
      bundledBy: 'tools/bundle-organisation.ts',
    })
    const { function: worker } = this.worker
    this.worker.failsInto(this.deadLetters)
    table.grantIn(worker, partitions.plates, ['BatchGetItem', 'Query', 'PutItem'])
    table.grantIn(worker, partitions.schedules, ['GetItem'])
    // Finds the versions that contain a removed image.
    table.grantIn(worker, partitions.reports, ['Query'])
    table.grantIn(worker, partitions.history, ['PutItem'])
    buckets.grantDelete(worker, buckets.plates, platesPrefix)
    callBySchedule(this, {
      ids: ['Caller', 'Daily'],
      description: `Vigie ${stage}: removes pictures past their retention`,
      schedule: ScheduleExpression.cron({ minute: String(expiryTime.minute), hour: String(expiryTime.hour) }),
      called: worker,
      deadLetters: this.deadLetters.queue,
      input: expiryInput,
    })
  }
}
