/** Short-lived URLs of archived files. Pages redirect to them after an access check; mails never contain them. */
import { randomUUID } from 'node:crypto'
import { GetObjectCommand, PutObjectCommand, type S3ClientConfig } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { dropPrefix } from '../config/env.ts'
import { type Ceiling, ceilingSlug } from '../domain/access/caller.ts'
import { checkArchiveKey } from './archive.ts'
import { openS3 } from './client.s3.ts'
import { resultKey } from './drop.s3.ts'

export type FileDisposition = {
  /** ASCII, without quotes. */
  readonly name: string
  readonly contentType: string
  /** False to download. */
  readonly inline: boolean
}

export type SignedFiles = {
  urlFor(key: string, as: FileDisposition): Promise<string>
  /** Origin of the URLs if on another site; the form-action policy needs it. */
  origin(): Promise<string | undefined>
}

export const signedForSeconds = 300

/** `inline; filename="vigie.html"` @throws where the name could end the header or leave the folder */
export const dispositionOf = ({ name, inline }: FileDisposition): string => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]{0,120}$/.test(name)) throw new Error(`${JSON.stringify(name)} is no file name`)
  return `${inline ? 'inline' : 'attachment'}; filename="${name}"`
}

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
      // Endpoints differ by region and address style.
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
  /** Key of the ingest result. */
  readonly result: string
}

/** Presigns uploads of an exact size; S3 refuses any other. */
export const signedUploads = (config: S3ClientConfig, bucket: string) => {
  // An uploader cannot know the checksum that the SDK would sign by default.
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

export const signedDrop = (config: S3ClientConfig, bucket: string) => {
  const signed = signedUploads(config, bucket)
  return async (name: string, bytes: number, ceiling: Ceiling, now: Date): Promise<OpenedUpload> => {
    // The sender cannot change the signed key, which holds the sender's ceiling.
    const key = `${dropPrefix}${now.toISOString().slice(0, 10)}/${randomUUID()}.${ceilingSlug(ceiling)}/${name}`
    return { key, ...(await signed(key, bytes, now)), result: resultKey(key) }
  }
}
