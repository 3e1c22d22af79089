/** Objects of a bucket, whole: read where there is one, and put where none is. */
import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'

/** Undefined where there is none. */
export const readObject = async (client: S3Client, bucket: string, key: string): Promise<Uint8Array | undefined> => {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    if (!Body) throw new Error(`s3://${bucket}/${key} was answered without a body: try again`)
    return await Body.transformToByteArray()
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined
    throw error
  }
}

/** Two writers of one key: S3 lets neither through and asks both to try again. */
const maxTries = 6

/** False where the key is taken. */
export const putWhereFree = async (client: S3Client, object: PutObjectCommandInput): Promise<boolean> => {
  const command = { ...object, IfNoneMatch: '*' }
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
