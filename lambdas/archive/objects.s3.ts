import { Readable } from 'node:stream'
import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3'
import { checkedReading, type Content, wholeOf } from '../domain/core/text/content.ts'
import { isMissing, mayPass, type S3, statusOf } from './client.s3.ts'

/** Returns undefined if missing. */
export const readObject = async (client: S3, bucket: string, key: string): Promise<Uint8Array | undefined> => {
  const body = await openObject(client, bucket, key)
  return body && (await wholeOf(body))
}

/** Opens a stream; undefined if missing. */
export const openObject = async (client: S3, bucket: string, key: string): Promise<Readable | undefined> => {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    if (!Body) throw new Error(`s3://${bucket}/${key} was answered without a body: try again`)
    return Body as Readable
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** S3 refuses concurrent writers and asks for a retry. */
const maxTries = 6

/** Returns false where the key is taken. */
export const putWhereFree = async (client: S3, object: PutObjectCommandInput): Promise<boolean> => {
  const command = { ...object, IfNoneMatch: '*' }
  return tried(
    () => client.send(new PutObjectCommand(command)),
    (error) => statusOf(error) === 409,
  )
}

/** Bytes sent from memory, which the SDK can retry itself. */
const maxHeld = 2 ** 20

/**
 * Streams a content to a free key. S3 verifies size and SHA-256.
 * @throws OtherContentError where the content differs from its declared size or hash
 */
export const putContentWhereFree = async (
  client: S3,
  object: Omit<PutObjectCommandInput, 'Body'>,
  content: Content,
): Promise<boolean> => {
  if (content.size <= maxHeld) {
    return putWhereFree(client, { ...object, Body: await wholeOf(checkedReading(content).pieces()) })
  }
  const command = {
    ...object,
    IfNoneMatch: '*',
    ContentLength: content.size,
    ChecksumSHA256: Buffer.from(content.sha256, 'hex').toString('base64'),
  }
  return tried(() => sendOnce(client, command, content), isPassing)
}

class UnreadError extends Error {}

const sendOnce = async (client: S3, command: PutObjectCommandInput, content: Content): Promise<void> => {
  const reading = checkedReading(content)
  // The SDK cannot resend a stream and does not notice a broken one, so each try opens a new one.
  const body = Readable.from(reading.pieces(), { objectMode: false })
  const stopped = new AbortController()
  body.on('error', () => stopped.abort())
  try {
    await client.send(new PutObjectCommand({ ...command, Body: body }), { abortSignal: stopped.signal })
  } catch (error) {
    const failure = reading.failure()
    throw failure ? new UnreadError('the content cannot be read', { cause: failure.error }) : error
  } finally {
    body.destroy()
  }
}

/** Returns false where the key is taken. */
const tried = async (put: () => Promise<unknown>, mayPass: (error: unknown) => boolean): Promise<boolean> => {
  for (let tries = 1; ; tries += 1) {
    try {
      await put()
      return true
    } catch (error) {
      if (error instanceof UnreadError) throw error.cause
      if (statusOf(error) === 412) return false
      if (!mayPass(error) || tries === maxTries) throw error
      await new Promise((done) => setTimeout(done, 25 * 2 ** tries))
    }
  }
}

/** Without a status the connection broke. */
const isPassing = (error: unknown): boolean => {
  const status = statusOf(error)
  return status === undefined || mayPass(status)
}
