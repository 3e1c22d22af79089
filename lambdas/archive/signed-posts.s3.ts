/** Forms for browser uploads (Signature Version 4, "Browser-Based Uploads Using POST"). */
import { createHmac } from 'node:crypto'
import { PutObjectCommand, type S3ClientConfig } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { openS3 } from './client.s3.ts'
import type { PostedForm } from './pictures.ts'
import { signedForSeconds } from './signed-urls.s3.ts'

type PostAsked = {
  readonly key: string
  /** Maximum in bytes. */
  readonly most: number
  /** Redirect after the upload. */
  readonly back: string
}

type Signing = {
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string | undefined
  }
  readonly region: string
}

/**
 * @param policy in base64, as sent
 * @param date `20151229`
 */
export const signatureOf = (policy: string, date: string, { credentials, region }: Signing): string => {
  const keyed = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(keyed, `AWS4${credentials.secretAccessKey}`)
  return keyed(key, policy).toString('hex')
}

/** Each field is also a condition of the policy: nothing else can be posted. */
export const postFields = (
  { key, most, back }: PostAsked,
  bucket: string,
  signing: Signing,
  now: Date,
): PostedForm['fields'] => {
  const { credentials, region } = signing
  const at = now.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const date = at.slice(0, 8)
  const fields: PostedForm['fields'] = [
    ['key', key],
    ['success_action_redirect', back],
    ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
    ['x-amz-credential', `${credentials.accessKeyId}/${date}/${region}/s3/aws4_request`],
    ['x-amz-date', at],
    ...(credentials.sessionToken === undefined ? [] : [['x-amz-security-token', credentials.sessionToken] as const]),
  ]
  const policy = Buffer.from(
    JSON.stringify({
      expiration: new Date(now.getTime() + signedForSeconds * 1_000).toISOString(),
      conditions: [
        { bucket },
        ...fields.map(([name, value]) => ({ [name]: value })),
        ['content-length-range', 1, most],
      ],
    }),
  ).toString('base64')
  return [...fields, ['policy', policy], ['x-amz-signature', signatureOf(policy, date, signing)]]
}

export const signedPosts = (config: S3ClientConfig, bucket: string) => {
  const client = openS3(config)
  return async (asked: PostAsked, now: Date): Promise<PostedForm> => {
    const [credentials, region] = [await client.config.credentials(), await client.config.region()]
    // Endpoints differ by region and address style.
    const { origin, pathname } = new URL(
      await getSignedUrl(client, new PutObjectCommand({ Bucket: bucket, Key: 'key' })),
    )
    return {
      action: `${origin}${pathname.slice(0, -'key'.length)}`,
      fields: postFields(asked, bucket, { credentials, region }, now),
    }
  }
}
