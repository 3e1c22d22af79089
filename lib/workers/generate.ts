/** The function that makes reports. */
import { Duration } from 'aws-cdk-lib'
import type { Key } from 'aws-cdk-lib/aws-kms'
import { Architecture } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { platesPrefix } from '../../lambdas/config/env.ts'
import { syntheticPrefix } from '../../lambdas/domain/report/synthetic.ts'
import { partitions } from '../../lambdas/store/table/keys.ts'
import type { Settings } from '../settings.ts'
import type { Buckets } from '../stores/buckets.ts'
import type { Table } from '../stores/table.ts'
import { grantSending, type WorkQueue } from './work-queue.ts'
import { type StackContext, Worker } from './worker.ts'

/** Three times the time for a million detections (docs/internals/performance.md), as others may have longer texts. */
export const generateTimeout = Duration.minutes(10)

type GenerateProps = {
  readonly context: StackContext
  readonly table: Table
  readonly buckets: Buckets
  /** Signs manifests. */
  readonly signing: Key
  readonly reports: WorkQueue
  readonly deliveries: WorkQueue
}

/** In the scope itself, whose ids are those of stages that stand. */
export const addGenerate = (
  scope: Construct,
  { context, table, buckets, signing, reports, deliveries }: GenerateProps,
  concurrency: Settings['concurrency'],
): Worker<'generate'> => {
  const generate = new Worker(scope, 'Generate', 'generate', {
    context,
    // 1.7 processors: what Node does beside its main thread waits for nothing then. New accounts are given no more.
    memoryMb: 3008,
    // Chromium unpacked, its profile and fonts' cache: 300 MB. Of each detection its row of the CSV, for a while twice:
    // 3.6 GB for a million with summaries of 750 characters.
    temporaryMb: 8192,
    timeout: generateTimeout,
    // The browser is built for it alone.
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
  // A browser runs in it on text that others wrote: it reads what it counts, and who waits for which edition.
  table.grantIn(
    generate.function,
    [
      ...partitions.detections,
      ...partitions.sources,
      ...partitions.rejectLists,
      ...partitions.clock,
      ...partitions.candidateLines,
      ...partitions.notes,
      ...partitions.batches,
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
  for (const prefix of ['reports/', syntheticPrefix]) {
    buckets.grantRead(generate.function, buckets.archive, prefix)
    buckets.grantPut(generate.function, buckets.archive, prefix)
  }
  buckets.grantRead(generate.function, buckets.plates, platesPrefix)
  for (const { queue } of [reports, reports.deadLetters, deliveries]) grantSending(queue, generate.function)
  return generate
}
