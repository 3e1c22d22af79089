/**
 * Addresses that open one archived file for a few minutes: a redirect leads there once a reader may have it, and no
 * mail ever.
 */
import { randomUUID } from 'node:crypto'
import { GetObjectCommand, PutObjectCommand, type S3ClientConfig } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { dropPrefix } from '../config/env.ts'
import { type Ceiling, ceilingSlug } from '../domain/access/caller.ts'
import { checkArchiveKey } from './archive.ts'
import { openS3 } from './client.s3.ts'
import { resultKey } from './drop.s3.ts'

export type FileDisposition = {
  /** What the reader's file is called: ASCII, without quotes. */
  readonly name: string
  readonly contentType: string
  /** Shown in the browser; else saved. */
  readonly inline: boolean
}

export type SignedFiles = {
  urlFor(key: string, as: FileDisposition): Promise<string>
  /** Where its addresses lead, if to another site than ours: forms must be let go there. */
  origin(): Promise<string | undefined>
}

/** How long an address opens, in seconds. */
export const signedForSeconds = 300

/** `inline; filename="vigie.html"` @throws where the name could end the header or leave the folder */
export const dispositionOf = ({ name, inline }: FileDisposition): string => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]{0,120}$/.test(name)) throw new Error(`${JSON.stringify(name)} is no file name`)
  return `${inline ? 'inline' : 'attachment'}; filename="${name}"`
}

/** Presigned reads of a bucket, by the role of this function. */
export const signedBucket = (config: S3ClientConfig, bucket: string): SignedFiles & { close(): void } => {
  const client = openS3(config)
  const urlFor: SignedFiles['urlFor'] = (key, as) => {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: checkArchiveKey(key),
      ResponseContentType: as.contentType,
      ResponseContentDisposition: dispositionOf(as),
      ResponseCacheControl: 'no-store',
    })
    return getSignedUrl(client, command, { expiresIn: signedForSeconds })
  }
  let origin: Promise<string> | undefined
  return {
    urlFor,
    origin: () => {
      // Endpoints differ by region and by kind of address: the signer knows.
      origin ??= urlFor('any', { name: 'any', contentType: 'text/plain', inline: true }).then(
        (url) => new URL(url).origin,
      )
      return origin
    },
    close: () => client.destroy(),
  }
}

type OpenedUpload = {
  readonly url: string
  readonly key: string
  /** ISO instant. */
  readonly expiresAt: string
  /** The key under which the tally will be. */
  readonly result: string
}

/**
 * Addresses under which one object each may be put into a bucket, of just so many bytes: S3 refuses any other number.
 */
export const signedUploads = (config: S3ClientConfig, bucket: string) => {
  // The uploader does not know the checksum that this client would ask for.
  const client = openS3({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED' })
  return async (key: string, bytes: number, now: Date): Promise<Pick<OpenedUpload, 'url' | 'expiresAt'>> => {
    const command = new PutObjectCommand({ Bucket: bucket, Key: key, ContentLength: bytes })
    const signed = { expiresIn: signedForSeconds, signableHeaders: new Set(['host', 'content-length']) }
    return {
      url: await getSignedUrl(client, command, signed),
      expiresAt: new Date(now.getTime() + signedForSeconds * 1_000).toISOString(),
    }
  }
}

/** The same for one file each in the drop bucket. */
export const signedDrop = (config: S3ClientConfig, bucket: string) => {
  const signed = signedUploads(config, bucket)
  return async (name: string, bytes: number, ceiling: Ceiling, now: Date): Promise<OpenedUpload> => {
    // What is taken in from there is taken in as its sender's, who cannot change a key that is signed.
    const key = `${dropPrefix}${now.toISOString().slice(0, 10)}/${randomUUID()}.${ceilingSlug(ceiling)}/${name}`
    return { key, ...(await signed(key, bytes, now)), result: resultKey(key) }
  }
}
