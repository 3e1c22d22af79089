import type { Readable } from 'node:stream'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3ClientConfig } from '@aws-sdk/client-s3'
import { dropPrefix, maxDroppedBytes, resultPrefix } from '../config/env.ts'
import { messageOf } from '../domain/core/text/thrown.ts'
import { isMissing, openS3 } from './client.s3.ts'

type DroppedFile = {
  /** A broken stream throws {@link BrokenStreamError}: it is not the file's end. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** `x-amz-meta-…`, with names in lower case. */
  readonly metadata: Readonly<Record<string, string>>
}

export type Drop = {
  /**
   * @throws MissingFileError where the object is gone, such as after its thirty days
   * @throws OversizedFileError
   */
  open(key: string): Promise<DroppedFile>
  list(prefix: string): Promise<readonly string[]>
  /** Writes below `results/`, replacing an earlier result. */
  writeResult(key: string, result: unknown): Promise<void>
}

export class MissingFileError extends Error {
  override name = 'MissingFileError'
}

export class BrokenStreamError extends Error {
  override name = 'BrokenStreamError'
}

export class OversizedFileError extends Error {
  override name = 'OversizedFileError'
}

export const resultKey = (key: string): string => `${resultPrefix}${key.slice(dropPrefix.length)}.json`

export const dropBucket = (config: S3ClientConfig, bucket: string, most = maxDroppedBytes): Drop => {
  const client = openS3(config)
  return {
    open: async (key) => {
      try {
        const {
          Body,
          Metadata,
          ContentLength = 0,
        } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        if (!Body) throw new BrokenStreamError(`s3://${bucket}/${key} was answered without a body`)
        if (ContentLength > most) {
          ;(Body as Readable).destroy()
          throw new OversizedFileError(
            `${key} has ${ContentLength} bytes, and a file may have ${most}: cut it, and drop its parts`,
          )
        }
        return { chunks: unbroken(Body as AsyncIterable<Uint8Array>, key), metadata: Metadata ?? {} }
      } catch (error) {
        if (!isMissing(error)) throw error
        throw new MissingFileError(`s3://${bucket}/${key} is not there any more: drop it again`, { cause: error })
      }
    },
    list: async (prefix) => {
      const keys: string[] = []
      for (let next: string | undefined, more = true; more; more = next !== undefined) {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next }),
        )
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key)
        next = page.NextContinuationToken
      }
      return keys
    },
    writeResult: async (key, result) => {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: JSON.stringify(result, null, 2),
          ContentType: 'application/json',
        }),
      )
    },
  }
}

async function* unbroken(chunks: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (cause) {
    throw new BrokenStreamError(`${key} stopped coming: ${messageOf(cause)}`, { cause })
  }
}
