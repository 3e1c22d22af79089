/** The archive in a bucket: the contract of every archive, and what only S3 can do to it. */
import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archiveBucket } from '../../lambdas/archive/archive.s3.ts'
import { ArchiveConflictError } from '../../lambdas/archive/archive.ts'
import { archiveContract } from '../store/archive-contract.ts'
import { credentials, region, type Storage, startStorage } from '../support/aws.ts'
import { type Asked, failing, s3Error } from '../support/proxy.ts'

let storage: Storage
beforeAll(async () => {
  storage = await startStorage()
})
afterAll(() => storage.close())

const config = () => ({ endpoint: storage.services.endpoint, region, credentials, forcePathStyle: true })

const newBucket = async () => {
  const bucket = `archive-${randomUUID()}`
  const client = new S3Client(config())
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  return { bucket, client, archive: archiveBucket(config(), bucket) }
}

archiveContract('a bucket', async () => (await newBucket()).archive)

const puts = ({ method, headers }: Asked) => method === 'PUT' && headers['if-none-match'] === '*'
const bytes = (text: string) => new TextEncoder().encode(text)

describe('a bucket', () => {
  test.each([
    ['is overloaded', s3Error(503, 'SlowDown')],
    ['has an inner error', s3Error(500, 'InternalError')],
    ['sees two writers at once', s3Error(409, 'ConditionalRequestConflict')],
  ])('that %s is asked again', async (_, error) => {
    const { archive } = await newBucket()
    const mend = storage.services.intercept(failing(2, puts, error))
    try {
      expect(await archive.put('reports/a.json', bytes('one'), 'application/json')).toBe('written')
    } finally {
      mend()
    }
    expect(Buffer.from(await archive.get('reports/a.json')).toString()).toBe('one')
  })

  test('that goes on being two writers’ is an error, and nothing is written', async () => {
    const { archive } = await newBucket()
    const mend = storage.services.intercept(failing(1_000, puts, s3Error(409, 'ConditionalRequestConflict')))
    try {
      await expect(archive.put('reports/a.json', bytes('one'), 'application/json')).rejects.toThrow(
        'ConditionalRequestConflict',
      )
    } finally {
      mend()
    }
    expect(await Array.fromAsync(archive.list(''))).toEqual([])
  })

  test('whose answer is lost after it has written finds its own bytes there', async () => {
    const { archive } = await newBucket()
    let lost = 0
    const mend = storage.services.intercept(async (asked, through) => {
      const answer = await through(asked)
      if (!puts(asked) || lost > 0) return answer
      lost += 1
      throw new Error('the connection is cut')
    })
    try {
      expect(await archive.put('reports/a.json', bytes('one'), 'application/json')).toBe('already-there')
    } finally {
      mend()
    }
    expect(lost).toBe(1)
  })

  test('refuses other bytes under a key that was taken by then', async () => {
    const { archive } = await newBucket()
    await archive.put('reports/a.json', bytes('one'), 'application/json')
    await expect(archive.put('reports/a.json', bytes('two'), 'application/json')).rejects.toBeInstanceOf(
      ArchiveConflictError,
    )
  })

  test('lists more objects than a page holds, and tells those apart that are no keys', async () => {
    const { archive, bucket, client } = await newBucket()
    const keys = Array.from({ length: 1_005 }, (_, at) => `reports/${String(at).padStart(4, '0')}.json`)
    for (let at = 0; at < keys.length; at += 100) {
      await Promise.all(keys.slice(at, at + 100).map((key) => archive.put(key, bytes(key), 'application/json')))
    }
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'reports/by hand é.txt', Body: 'x' }))
    expect(await Array.fromAsync(archive.list('reports/'))).toEqual(keys)
    expect(await Array.fromAsync(archive.strays())).toEqual([`s3://${bucket}/reports/by hand é.txt`])
  })
})
