/** The drop bucket: the size limit of an upload's address and of its ingestion. */
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dropBucket, OversizedFileError, resultKey } from '../../lambdas/archive/drop.s3.ts'
import { signedDrop } from '../../lambdas/archive/signed-urls.s3.ts'
import { DroppedFileError, ingestDroppedFile } from '../../lambdas/usecases/ingest/ingest-dropped-file.ts'
import { credentials, region, type Storage, startStorage } from '../support/aws.ts'
import { ndjson, newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { type Opened, openServices } from '../support/services.ts'

let storage: Storage
let opened: Opened
let remove: () => Promise<void>
let s3: S3Client
const bucket = 'drops'
const config = () => ({ region, credentials, endpoint: storage.services.endpoint, forcePathStyle: true })
const record = ndjson(input({ id: 'dropped-1', territories: ['NC'] }))

beforeAll(async () => {
  storage = await startStorage()
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder)
  s3 = new S3Client(config())
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
})
afterAll(async () => {
  s3.destroy()
  await opened.close()
  await storage.close()
  await remove()
})

const put = (key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }))
const take = (key: string, most: number) => {
  const intake = { pseudonyms: async () => (account: string) => account }
  return ingestDroppedFile(
    key,
    opened.services,
    dropBucket(config(), bucket, most),
    intake,
    new AbortController().signal,
  )
}
const resultOf = async (key: string) => {
  const { chunks } = await dropBucket(config(), bucket).open(resultKey(key))
  return JSON.parse(Buffer.concat(await Array.fromAsync(chunks)).toString())
}

test('signs an upload for its exact size', async () => {
  const upload = signedDrop(config(), bucket)
  const urls = await Promise.all(
    [2_000, 2_001].map((bytes) =>
      upload('a.ndjson', bytes, { clearance: 'TLP:AMBER', territories: ['NC'] }, new Date('2024-05-20T00:00:00Z')),
    ),
  )
  for (const { url } of urls) {
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host')
  }
})

test('ingests a file at the limit', async () => {
  await put('drop/right.ndjson', record)
  expect(await take('drop/right.ndjson', Buffer.byteLength(record))).toMatchObject({ accepted: 1 })
})

test('refuses a larger file before it is read, in its result too', async () => {
  await put('drop/large.ndjson', record)
  const most = Buffer.byteLength(record) - 1
  await expect(dropBucket(config(), bucket, most).open('drop/large.ndjson')).rejects.toBeInstanceOf(OversizedFileError)
  const refused = take('drop/large.ndjson', most)
  await expect(refused).rejects.toBeInstanceOf(DroppedFileError)
  await expect(refused).rejects.toThrow(`may have ${most}: cut it`)
  expect(await resultOf('drop/large.ndjson')).toMatchObject({ failure: expect.stringContaining(`may have ${most}`) })
})
