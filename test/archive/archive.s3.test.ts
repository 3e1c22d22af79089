/** The archive in a bucket: the contract of every archive, and the errors of S3. */
import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archiveBucket } from '../../lambdas/archive/archive.s3.ts'
import { S3Error } from '../../lambdas/archive/client.s3.ts'
import { contentOf } from '../../lambdas/domain/core/text/content.ts'
import { archiveContract } from '../store/archive-contract.ts'
import { credentials, region, type Storage, startStorage } from '../support/aws.ts'
import { type Asked, failing, type Interceptor, s3Error } from '../support/proxy.ts'

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

/** Works while the storage answers otherwise. */
const under = async (interceptor: Interceptor, work: () => Promise<void>): Promise<void> => {
  const stop = storage.services.intercept(interceptor)
  try {
    await work()
  } finally {
    stop()
  }
}

/** Loses the answer to the first put. @returns the number of lost answers */
const losingOneAnswer = async (work: () => Promise<void>): Promise<number> => {
  let lost = 0
  await under(async (asked, through) => {
    const answer = await through(asked)
    if (!puts(asked) || lost > 0) return answer
    lost += 1
    throw new Error('the connection is cut')
  }, work)
  return lost
}

describe('a bucket', () => {
  test.each([
    ['is overloaded', s3Error(503, 'SlowDown')],
    ['has an inner error', s3Error(500, 'InternalError')],
    ['sees two writers at once', s3Error(409, 'ConditionalRequestConflict')],
  ])('that %s is asked again', async (_, error) => {
    const { archive } = await newBucket()
    await under(failing(2, puts, error), async () => {
      expect(await archive.put('reports/a.json', bytes('one'), 'application/json')).toBe('written')
    })
    expect(Buffer.from(await archive.get('reports/a.json')).toString()).toBe('one')
  })

  test('with lasting conflicts is an error, and nothing is written', async () => {
    const { archive } = await newBucket()
    await under(failing(1_000, puts, s3Error(409, 'ConditionalRequestConflict')), async () => {
      await expect(archive.put('reports/a.json', bytes('one'), 'application/json')).rejects.toThrow(
        'ConditionalRequestConflict',
      )
    })
    expect(await Array.fromAsync(archive.list(''))).toEqual([])
  })

  test('with a lost answer has the bytes already', async () => {
    const { archive } = await newBucket()
    const lost = await losingOneAnswer(async () => {
      expect(await archive.put('reports/a.json', bytes('one'), 'application/json')).toBe('already-there')
    })
    expect(lost).toBe(1)
  })

  const many = contentOf(new Uint8Array(3_000_000).fill(7))

  test('gets a large content with its length and SHA-256', async () => {
    const { archive } = await newBucket()
    const asked: Asked[] = []
    await under(
      (one, through) => {
        if (puts(one)) asked.push(one)
        return through(one)
      },
      async () => {
        await archive.put('reports/a.csv', many, 'text/csv')
        await archive.put('reports/b.csv', bytes('few'), 'text/csv')
      },
    )
    const sums = asked.map(({ headers }) => [headers['content-length'], headers['x-amz-checksum-sha256']])
    expect(sums).toEqual([
      ['3000000', Buffer.from(many.sha256, 'hex').toString('base64')],
      ['3', undefined],
    ])
    for (const { headers } of asked) expect(headers['content-type']).toBe('text/csv')
    expect(asked[0]?.headers['content-encoding']).toBeUndefined()
  })

  test.each([
    ['is overloaded', s3Error(503, 'SlowDown')],
    ['sees two writers at once', s3Error(409, 'ConditionalRequestConflict')],
  ])('that %s gets a large content again from its beginning', async (_, error) => {
    const { archive } = await newBucket()
    let readings = 0
    const counted = {
      ...many,
      pieces: () => {
        readings += 1
        return many.pieces()
      },
    }
    await under(failing(2, puts, error), async () => {
      expect(await archive.put('reports/a.csv', counted, 'text/csv')).toBe('written')
    })
    expect(readings).toBe(3)
    expect(contentOf(await archive.get('reports/a.csv')).sha256).toBe(many.sha256)
  })

  test('with a broken connection has a large content once, and whole', async () => {
    const { archive } = await newBucket()
    const lost = await losingOneAnswer(async () => {
      expect(await archive.put('reports/a.csv', many, 'text/csv')).toBe('already-there')
    })
    expect(lost).toBe(1)
    expect(contentOf(await archive.get('reports/a.csv')).sha256).toBe(many.sha256)
  })

  const everyRequest = () => true
  const noBody = { status: 403, headers: {}, body: '' }
  test.each([
    ['denies', s3Error(403, 'AccessDenied'), 'AccessDenied', 'allow s3:PutObject on s3://'],
    ['denies without a body', noBody, 'AccessDenied', 'allow s3:PutObject on s3://'],
    ['is not there', s3Error(404, 'NoSuchBucket'), 'NoSuchBucket', 'check region'],
  ])('that %s is an error with bucket, action, key and remedy', async (_, answer, code, remedy) => {
    const { archive, bucket } = await newBucket()
    await under(failing(1_000, everyRequest, answer), async () => {
      const error = await archive.put('reports/a.json', bytes('one'), 'application/json').catch((caught) => caught)
      expect(error).toBeInstanceOf(S3Error)
      const asked = { bucket, action: 's3:PutObject', key: 'reports/a.json' }
      expect(error.failure).toMatchObject({ ...asked, code, status: answer.status })
      expect(error.failure.remedy).toContain(remedy)
      expect(error.message).toContain(`s3:PutObject on s3://${bucket}/reports/a.json failed with ${code}`)
      const listing = Array.fromAsync(archive.list('reports/')).catch((caught) => caught)
      expect(await listing).toMatchObject({ failure: { bucket, action: 's3:ListBucket', key: 'reports/' } })
    })
  })

  test('that denies a large content is asked once', async () => {
    const { archive } = await newBucket()
    let asks = 0
    await under(
      async (asked, through) => {
        if (!puts(asked)) return through(asked)
        asks += 1
        return s3Error(403, 'AccessDenied')
      },
      async () => {
        await expect(archive.put('reports/a.csv', many, 'text/csv')).rejects.toThrow('AccessDenied')
      },
    )
    expect(asks).toBe(1)
  })

  test('lists more objects than a page, and strays apart', async () => {
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
