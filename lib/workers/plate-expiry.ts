import { Duration } from 'aws-cdk-lib'
import { Architecture } from 'aws-cdk-lib/aws-lambda'
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { Construct } from 'constructs'
import { platesPrefix } from '../../lambdas/config/env.ts'
import { expiryTime } from '../../lambdas/domain/plate/retention.ts'
import { expiryInput } from '../../lambdas/domain/report/messages.ts'
import { partitions } from '../../lambdas/store/table/keys.ts'
import type { Buckets } from '../stores/buckets.ts'
import type { Table } from '../stores/table.ts'
import { acknowledge } from './acknowledge.ts'
import { callBySchedule } from './schedules.ts'
import { DeadLetters, destinationIn } from './work-queue.ts'
import { type StackContext, Worker } from './worker.ts'

type PlateExpiryProps = { readonly context: StackContext; readonly table: Table; readonly buckets: Buckets }

/** Exists on every stage; does nothing without `plateRetentionDays`. */
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
    acknowledge(this.deadLetters, 'SQS3', 'It is a dead-letter queue: of a function that is called, not of a queue.')
    this.worker = new Worker(this, 'Worker', 'expire', {
      context,
      memoryMb: 256,
      // Usually a second; longer after a retention period is first set.
      timeout: Duration.minutes(15),
      architecture: Architecture.ARM_64,
      environment: { TABLE_NAME: table.tableName, PLATES_BUCKET: buckets.plates.bucketName },
      bundledBy: 'tools/bundle-organisation.ts',
    })
    const { function: worker } = this.worker
    worker.configureAsyncInvoke({ onFailure: destinationIn(this.deadLetters.queue), retryAttempts: 2 })
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
