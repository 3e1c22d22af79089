/**
 * The contracts on other stand-ins than ours, where `npm run test:contracts` has started them: moto for S3, which knows
 * `If-None-Match` by itself, and AWS's DynamoDB Local. Skipped elsewhere.
 */
import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { describe } from 'vitest'
import { archiveBucket } from '../../lambdas/archive/archive.s3.ts'
import { openTable } from '../../lambdas/store/table/table.dynamodb.ts'
import { credentials, region } from '../support/aws.ts'
import { archiveContract } from './archive-contract.ts'
import { tableContract } from './table-contract.ts'

const { VIGIE_TEST_S3: s3, VIGIE_TEST_DYNAMODB: dynamo } = process.env

describe.skipIf(!s3)('S3 by moto', () => {
  archiveContract('a bucket', async () => {
    const config = { endpoint: s3 ?? '', region, credentials, forcePathStyle: true }
    const bucket = `archive-${randomUUID()}`
    const client = new S3Client(config)
    await client.send(
      new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: region } }),
    )
    client.destroy()
    return archiveBucket(config, bucket)
  })
})

describe.skipIf(!dynamo)('DynamoDB Local', () => {
  tableContract('a table', async () => {
    const table = openTable({ endpoint: dynamo ?? '', region, credentials }, `table-${randomUUID()}`)
    await table.create()
    return { table, close: async () => table.close() }
  })
})
