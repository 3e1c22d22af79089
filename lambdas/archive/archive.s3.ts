import { ListObjectsV2Command, type S3ClientConfig } from '@aws-sdk/client-s3'
import { asContent, isSameContent, measured } from '../domain/core/text/content.ts'
import { type Archive, ArchiveConflictError, ArchiveMissingError, checkArchiveKey, isArchiveKey } from './archive.ts'
import { openS3 } from './client.s3.ts'
import { openObject, putContentWhereFree, readObject } from './objects.s3.ts'

/** The bucket must refuse writes without `If-None-Match`. */
export const archiveBucket = (config: S3ClientConfig, bucket: string): Archive & { close(): void } => {
  const client = openS3(config)
  const locate = (key: string): string => `s3://${bucket}/${checkArchiveKey(key)}`

  const missing = (key: string) => new ArchiveMissingError(`nothing is archived as ${key} in s3://${bucket}`)

  const get: Archive['get'] = async (key) => {
    const bytes = await readObject(client, bucket, checkArchiveKey(key))
    if (bytes) return bytes
    throw missing(key)
  }

  async function* read(key: string): AsyncGenerator<Uint8Array> {
    const body = await openObject(client, bucket, checkArchiveKey(key))
    if (!body) throw missing(key)
    yield* body
  }

  const put: Archive['put'] = async (key, body, contentType) => {
    const object = { Bucket: bucket, Key: checkArchiveKey(key), ContentType: contentType }
    const content = asContent(body)
    if (await putContentWhereFree(client, object, content)) return 'written'
    // A previous try or another writer may have stored the same bytes.
    if (isSameContent(await measured(read(key)), content)) return 'already-there'
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

  return { put, get, read, list, strays, locate, close: () => client.destroy() }
}
