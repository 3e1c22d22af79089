import { Duration } from 'aws-cdk-lib'
import { Match, Rule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { Architecture } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { incomingPrefix, platesPrefix } from '../../lambdas/config/env.ts'
import { partitions } from '../../lambdas/store/table/keys.ts'
import type { Buckets } from '../stores/buckets.ts'
import type { Table } from '../stores/table.ts'
import { DeadLetters } from './work-queue.ts'
import { type StackContext, Worker } from './worker.ts'

type PlatesProps = { readonly context: StackContext; readonly table: Table; readonly buckets: Buckets }

/** Called without a queue: on a new account, queues use all available concurrency. */
export class Plates extends Construct {
  readonly worker: Worker<'plates'>
  readonly deadLetters: DeadLetters

  constructor(scope: Construct, id: string, { context, table, buckets }: PlatesProps) {
    super(scope, id)
    const { alarms, key, stage } = context
    this.deadLetters = new DeadLetters(this, 'DeadLetters', {
      ...{ alarms, key },
      failureImpact: 'An uploaded picture did not become an evidence image: reports are made without it.',
    })
    this.worker = new Worker(this, 'Worker', 'plates', {
      context,
      memoryMb: 2048,
      temporaryMb: 1024,
      timeout: Duration.minutes(2),
      // The browser build is x86 only.
      architecture: Architecture.X86_64,
      environment: { TABLE_NAME: table.tableName, PLATES_BUCKET: buckets.plates.bucketName },
      bundledBy: 'tools/bundle-renderer.ts',
    })
    const { function: worker } = this.worker
    this.worker.failsInto(this.deadLetters)
    // A browser runs here on untrusted files: grants only these items and this bucket.
    table.grantIn(worker, partitions.plates, ['BatchGetItem', 'PutItem'])
    table.grantIn(worker, partitions.plateUploads, ['GetItem', 'PutItem'])
    table.grantIn(worker, partitions.history, ['PutItem'])
    for (const prefix of [incomingPrefix, platesPrefix]) {
      buckets.grantRead(worker, buckets.plates, prefix)
      buckets.grantDelete(worker, buckets.plates, prefix)
    }
    buckets.grantPut(worker, buckets.plates, platesPrefix)
    new Rule(this, 'Uploaded', {
      description: `Vigie ${stage}: pictures that were uploaded`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [buckets.plates.bucketName] }, object: { key: Match.prefix(incomingPrefix) } },
      },
      targets: [new LambdaFunction(worker, { deadLetterQueue: this.deadLetters.queue })],
    })
  }
}
