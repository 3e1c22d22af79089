/** The pictures of plates in a bucket of their own, without lock or versions: what is removed is gone. Uploads come beside them. */
import { randomUUID } from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { incomingPrefix, platesPrefix } from '../config/env.ts'
import { sha256 as hashOf } from '../domain/core/canonical.ts'
import { DamagedPictureError, type IncomingPictures, type Pictures } from './pictures.ts'
import { signedForSeconds } from './signed-urls.s3.ts'

export const picturesBucket = (config: S3ClientConfig, bucket: string): Pictures & { close(): void } => {
  const client = new S3Client(config)
  const keyOf = (sha256: string): string => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError(`${JSON.stringify(sha256)} is no hash of a picture`)
    return `${platesPrefix}${sha256}`
  }
  const get: Pictures['get'] = async (sha256) => {
    const bytes = await bytesOf(client, bucket, keyOf(sha256))
    if (bytes === undefined || hashOf(bytes) === sha256) return bytes
    throw new DamagedPictureError(
      `s3://${bucket}/${keyOf(sha256)} does not hold what its name says: run vigie plates forget ${sha256}`,
    )
  }
  return {
    get,
    put: async (sha256, bytes) => {
      try {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(sha256), Body: bytes, IfNoneMatch: '*' }))
      } catch (error) {
        const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
        if (status !== 412 && status !== 409) throw error
        // Its own earlier try, or another one's of the same bytes.
        if ((await get(sha256)) === undefined) throw error
      }
    },
    remove: async (sha256) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: keyOf(sha256) }))
    },
    close: () => client.destroy(),
  }
}

const bytesOf = async (client: S3Client, bucket: string, key: string): Promise<Uint8Array | undefined> => {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    if (!Body) throw new Error(`s3://${bucket}/${key} was answered without a body: try again`)
    return await Body.transformToByteArray()
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined
    throw error
  }
}

/** {@link IncomingPictures} in the same bucket, under a prefix of their own. */
export const incomingBucket = (config: S3ClientConfig, bucket: string): IncomingPictures => {
  const client = new S3Client(config)
  return {
    get: (id) => bytesOf(client, bucket, `${incomingPrefix}${id}`),
    remove: async (id) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${incomingPrefix}${id}` }))
    },
  }
}

/** An address under which one picture may be put, of just so many bytes: S3 refuses any other number. */
export type OpenedPlateUpload = { readonly id: string; readonly url: string; readonly expiresAt: string }

export const signedPlates = (config: S3ClientConfig, bucket: string) => {
  // The uploader does not know the checksum that this client would ask for.
  const client = new S3Client({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED' })
  return async (bytes: number, now: Date): Promise<OpenedPlateUpload> => {
    const id = randomUUID()
    const command = new PutObjectCommand({ Bucket: bucket, Key: `${incomingPrefix}${id}`, ContentLength: bytes })
    const signed = { expiresIn: signedForSeconds, signableHeaders: new Set(['host', 'content-length']) }
    const url = await getSignedUrl(client, command, signed)
    return { id, url, expiresAt: new Date(now.getTime() + signedForSeconds * 1_000).toISOString() }
  }
}
