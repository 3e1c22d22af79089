/** A bucket without lock or versions, so that removal is final. */
import { randomUUID } from 'node:crypto'
import { DeleteObjectCommand, type S3ClientConfig } from '@aws-sdk/client-s3'
import { incomingPrefix, platesPrefix } from '../config/env.ts'
import { sha256 as hashOf } from '../domain/core/text/canonical.ts'
import { pictureLimits } from '../domain/plate/picture.ts'
import { openS3 } from './client.s3.ts'
import { putWhereFree, readObject } from './objects.s3.ts'
import { checkPictureHash, type IncomingPictures, type Pictures, type PostedForm } from './pictures.ts'
import { signedPosts } from './signed-posts.s3.ts'
import { signedUploads } from './signed-urls.s3.ts'

export const picturesBucket = (config: S3ClientConfig, bucket: string): Pictures & { close(): void } => {
  const client = openS3(config)
  const keyOf = (sha256: string): string => `${platesPrefix}${checkPictureHash(sha256)}`
  const get: Pictures['get'] = async (sha256) => {
    const bytes = await readObject(client, bucket, keyOf(sha256))
    if (bytes === undefined || hashOf(bytes) === sha256) return bytes
    throw new Error(
      `s3://${bucket}/${keyOf(sha256)} does not match the hash in its name: run vigie plates forget ${sha256}`,
    )
  }
  return {
    get,
    put: async (sha256, bytes) => {
      if (await putWhereFree(client, { Bucket: bucket, Key: keyOf(sha256), Body: bytes })) return
      // A previous try or another writer may have stored the same bytes.
      if ((await get(sha256)) === undefined)
        throw new Error(`s3://${bucket}/${keyOf(sha256)} is taken and is not: try again`)
    },
    remove: async (sha256) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: keyOf(sha256) }))
    },
    close: () => client.destroy(),
  }
}

export const incomingBucket = (config: S3ClientConfig, bucket: string): IncomingPictures => {
  const client = openS3(config)
  return {
    get: (id) => readObject(client, bucket, `${incomingPrefix}${id}`),
    remove: async (id) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${incomingPrefix}${id}` }))
    },
  }
}

/** For one picture of exactly the stated size. */
type OpenedPlateUpload = { readonly id: string; readonly url: string; readonly expiresAt: string }

export const signedPlates = (config: S3ClientConfig, bucket: string) => {
  const signed = signedUploads(config, bucket)
  return async (bytes: number, now: Date): Promise<OpenedPlateUpload> => {
    const id = randomUUID()
    return { id, ...(await signed(`${incomingPrefix}${id}`, bytes, now)) }
  }
}

/** S3 enforces the size limit. */
export const postedPlates = (config: S3ClientConfig, bucket: string) => {
  const posted = signedPosts(config, bucket)
  return (id: string, back: string, now: Date): Promise<PostedForm> =>
    posted({ key: `${incomingPrefix}${id}`, most: pictureLimits.fileBytes, back }, now)
}
