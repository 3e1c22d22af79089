/** The archive in an S3 bucket: each object is put on the condition that its key is free. */
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { type Archive, ArchiveConflictError, ArchiveMissingError, checkArchiveKey, isArchiveKey } from './archive.ts'

/** Two writers of one key: S3 lets neither through and asks both to try again. */
const maxTries = 6

/** The archive in a bucket that refuses writes without `If-None-Match`. */
export const archiveBucket = (config: S3ClientConfig, bucket: string): Archive & { close(): void } => {
  const client = new S3Client(config)
  const locate = (key: string): string => `s3://${bucket}/${checkArchiveKey(key)}`

  const get: Archive['get'] = async (key) => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: checkArchiveKey(key) }))
      if (!Body) throw new Error(`${locate(key)} was answered without a body: try again`)
      return await Body.transformToByteArray()
    } catch (error) {
      if (error instanceof NoSuchKey) {
        throw new ArchiveMissingError(`nothing is archived as ${key} in s3://${bucket}`, { cause: error })
      }
      throw error
    }
  }

  /** False where the key is taken. */
  const putOnce = async (key: string, body: Uint8Array, contentType: string): Promise<boolean> => {
    const command = {
      Bucket: bucket,
      Key: checkArchiveKey(key),
      Body: body,
      ContentType: contentType,
      IfNoneMatch: '*',
    }
    for (let tries = 1; ; tries += 1) {
      try {
        await client.send(new PutObjectCommand(command))
        return true
      } catch (error) {
        if (!(error instanceof S3ServiceException)) throw error
        if (error.$metadata.httpStatusCode === 412) return false
        if (error.$metadata.httpStatusCode !== 409 || tries === maxTries) throw error
        await new Promise((done) => setTimeout(done, 25 * 2 ** tries))
      }
    }
  }

  const put: Archive['put'] = async (key, body, contentType) => {
    if (await putOnce(key, body, contentType)) return 'written'
    // Its own earlier try, whose answer was lost, or another maker of the same bytes.
    if (Buffer.from(await get(key)).equals(body)) return 'already-there'
    throw new ArchiveConflictError(
      `${key} is archived already with other bytes, in s3://${bucket}: write under a new version`,
    )
  }

  async function* keys(prefix: string): AsyncGenerator<string> {
    for (let next: string | undefined, more = true; more; more = next !== undefined) {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(next !== undefined && { ContinuationToken: next }),
        }),
      )
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key
      next = page.NextContinuationToken
    }
  }

  async function* list(prefix: string): AsyncGenerator<string> {
    for await (const key of keys(prefix)) if (isArchiveKey(key)) yield key
  }

  async function* strays(): AsyncGenerator<string> {
    for await (const key of keys('')) if (!isArchiveKey(key)) yield `s3://${bucket}/${key}`
  }

  return { put, get, list, strays, locate, close: () => client.destroy() }
}
