import { Duration } from 'aws-cdk-lib'
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { postsPrefix, resultPrefix } from '../../lambdas/config/env.ts'
import { postsInput } from '../../lambdas/domain/report/messages.ts'
import { partitions } from '../../lambdas/store/table/keys.ts'
import type { Buckets } from '../stores/buckets.ts'
import { grantSecret } from '../stores/hex-key.ts'
import type { Table } from '../stores/table.ts'
import { callBySchedule } from './schedules.ts'
import { DeadLetters } from './work-queue.ts'
import { type StackContext, Worker } from './worker.ts'

type PostsProps = {
  readonly context: StackContext
  readonly table: Table
  readonly buckets: Buckets
  readonly pseudonyms: Secret
}

/** Called without a queue: on a new account, queues use all available concurrency. */
export class Posts extends Construct {
  readonly worker: Worker<'detect'>
  readonly deadLetters: DeadLetters

  constructor(scope: Construct, id: string, { context, table, buckets, pseudonyms }: PostsProps) {
    super(scope, id)
    const { alarms, key, stage } = context
    this.deadLetters = new DeadLetters(this, 'DeadLetters', {
      ...{ alarms, key },
      failureImpact: 'Posts that were dropped were not examined: copies in them are not known.',
    })
    this.worker = new Worker(this, 'Detect', 'detect', {
      context,
      // A million posts take 1.1 GB; less memory also means less CPU.
      memoryMb: 3008,
      // Lambda's maximum.
      timeout: Duration.minutes(15),
      environment: {
        TABLE_NAME: table.tableName,
        DROP_BUCKET: buckets.drop.bucketName,
        PSEUDONYM_SECRET: pseudonyms.secretArn,
      },
      bundledBy: 'tools/bundle-organisation.ts',
    })
    const { function: detect } = this.worker
    this.worker.failsInto(this.deadLetters)
    table.grantIn(detect, partitions.candidates, ['GetItem', 'Query', 'PutItem'])
    table.grantIn(detect, partitions.candidateLines, ['PutItem'])
    // Records its run as proof of the watch.
    table.grantIn(detect, partitions.sources, ['GetItem', 'PutItem'])
    table.grantIn(detect, partitions.batches, ['PutItem'])
    table.grantIn(detect, ['BATCH#*'], ['GetItem'])
    table.grantIn(detect, partitions.clock, ['PutItem'])
    buckets.grantRead(detect, buckets.drop, postsPrefix)
    buckets.grantPut(detect, buckets.drop, `${resultPrefix}${postsPrefix}`)
    grantSecret(pseudonyms, detect)
    callBySchedule(this, {
      ids: ['Caller', 'Daily'],
      description: `Vigie ${stage}: examines the posts of the last days`,
      // No territory's reports are due at this hour.
      schedule: ScheduleExpression.cron({ minute: '10', hour: '0' }),
      called: detect,
      deadLetters: this.deadLetters.queue,
      input: postsInput,
    })
  }
}
