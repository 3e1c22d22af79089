import { Duration } from 'aws-cdk-lib'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { dropPrefix, resultPrefix } from '../../lambdas/config/env.ts'
import { partitions } from '../../lambdas/store/table/keys.ts'
import type { Settings } from '../settings.ts'
import type { Buckets } from '../stores/buckets.ts'
import { grantSecret } from '../stores/hex-key.ts'
import type { Table } from '../stores/table.ts'
import { grantSending, type WorkQueue } from './work-queue.ts'
import { type StackContext, Worker } from './worker.ts'

/** Lambda's maximum: files are large. */
export const ingestTimeout = Duration.minutes(15)

type IngestProps = {
  readonly context: StackContext
  readonly table: Table
  readonly buckets: Buckets
  readonly drops: WorkQueue
  readonly pseudonyms: Secret
}

/** Keeps the ids of deployed stages by using the scope itself. */
export const addIngest = (
  scope: Construct,
  { context, table, buckets, drops, pseudonyms }: IngestProps,
  concurrency: Settings['concurrency'],
): Worker<'ingest'> => {
  const ingest = new Worker(scope, 'Ingest', 'ingest', {
    context,
    memoryMb: 1024,
    timeout: ingestTimeout,
    environment: {
      TABLE_NAME: table.tableName,
      DROP_BUCKET: buckets.drop.bucketName,
      INGEST_QUEUE_URL: drops.queue.queueUrl,
      DEAD_LETTERS_URL: drops.deadLetters.queue.queueUrl,
      PSEUDONYM_SECRET: pseudonyms.secretArn,
    },
    reserved: concurrency.reserve ? concurrency.ingest : undefined,
    bundledBy: 'tools/bundle-organisation.ts',
  })
  ingest.takesFrom(drops, concurrency.ingest)
  table.grantIn(ingest.function, partitions.lookedUp, ['GetItem', 'BatchGetItem', 'Query'])
  table.grantIn(ingest.function, partitions.intake, ['PutItem', 'BatchWriteItem'])
  table.grantChanges(ingest.function)
  buckets.grantRead(ingest.function, buckets.drop, dropPrefix)
  buckets.grantPut(ingest.function, buckets.drop, resultPrefix)
  grantSending(drops.deadLetters.queue, ingest.function)
  grantSecret(pseudonyms, ingest.function)
  return ingest
}
