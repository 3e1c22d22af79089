import { Duration } from 'aws-cdk-lib'
import type { Key } from 'aws-cdk-lib/aws-kms'
import { Architecture } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { platesPrefix } from '../../lambdas/config/env.ts'
import { partitions } from '../../lambdas/store/table/keys.ts'
import type { Settings } from '../settings.ts'
import type { Buckets } from '../stores/buckets.ts'
import type { Table } from '../stores/table.ts'
import { grantSending, type WorkQueue } from './work-queue.ts'
import { type StackContext, Worker } from './worker.ts'

/** Three times the duration for a million detections (docs/internals/performance.md), since texts may be longer. */
export const generateTimeout = Duration.minutes(10)

type GenerateProps = {
  readonly context: StackContext
  readonly table: Table
  readonly buckets: Buckets
  readonly signing: Key
  readonly reports: WorkQueue
  readonly deliveries: WorkQueue
}

/** Keeps the ids of deployed stages by using the scope itself. */
export const addGenerate = (
  scope: Construct,
  { context, table, buckets, signing, reports, deliveries }: GenerateProps,
  concurrency: Settings['concurrency'],
): Worker<'generate'> => {
  const generate = new Worker(scope, 'Generate', 'generate', {
    context,
    // 1.7 vCPUs, so that Node's background threads do not wait. New accounts get no more memory.
    memoryMb: 3008,
    // 300 MB for Chromium, its profile and font cache. CSV rows, for a time twice: 3.6 GB for a million detections with
    // summaries of 750 characters.
    temporaryMb: 8192,
    timeout: generateTimeout,
    // The browser build is x86 only.
    architecture: Architecture.X86_64,
    environment: {
      TABLE_NAME: table.tableName,
      ARCHIVE_BUCKET: buckets.archive.bucketName,
      PLATES_BUCKET: buckets.plates.bucketName,
      SIGNING_KEY: signing.keyArn,
      REPORT_QUEUE_URL: reports.queue.queueUrl,
      DELIVERY_QUEUE_URL: deliveries.queue.queueUrl,
      DEAD_LETTERS_URL: reports.deadLetters.queue.queueUrl,
    },
    reserved: concurrency.reserve ? concurrency.generate : undefined,
    bundledBy: 'tools/bundle-renderer.ts',
  })
  generate.takesFrom(reports, concurrency.generate)
  signing.grant(generate.function, 'kms:Sign', 'kms:GetPublicKey')
  // A browser runs here on untrusted text: grants only the counted data and the recipients of editions.
  table.grantIn(
    generate.function,
    [
      ...partitions.detections,
      ...partitions.sources,
      ...partitions.rejectLists,
      ...partitions.clock,
      ...partitions.candidateLines,
      ...partitions.notes,
      ...partitions.plates,
      ...partitions.reports,
      ...partitions.jobs,
      ...partitions.recipients,
      ...partitions.schedules,
      ...partitions.changes,
      ...partitions.summaries,
    ],
    ['GetItem', 'BatchGetItem', 'Query'],
  )
  table.grantIn(generate.function, [...partitions.reports, ...partitions.jobs, ...partitions.summaries], ['PutItem'])
  buckets.grantRead(generate.function, buckets.archive, 'reports/')
  buckets.grantPut(generate.function, buckets.archive, 'reports/')
  buckets.grantRead(generate.function, buckets.plates, platesPrefix)
  for (const { queue } of [reports, reports.deadLetters, deliveries]) grantSending(queue, generate.function)
  return generate
}
