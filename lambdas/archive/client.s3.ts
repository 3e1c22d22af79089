/** Errors name the bucket, action, key and remedy. */
// oxlint-disable-next-line no-restricted-imports -- the one file that may
import { S3Client, type S3ClientConfig, S3ServiceException } from '@aws-sdk/client-s3'

export type S3 = S3Client

type Asked = { readonly action: string; readonly bucket: string; readonly key: string }

type Failure = Asked & { readonly code: string; readonly status: number; readonly remedy: string }

/** Excludes broken connections. */
export class S3Error extends Error {
  override name = 'S3Error'
  /** `code` is S3's, `action` is a policy's name. `key` is the prefix for a listing. */
  readonly failure: Failure

  constructor(asked: Asked, cause: S3ServiceException) {
    const status = cause.$metadata.httpStatusCode ?? 0
    // Without a body in S3's answer, the SDK has no error code.
    const code = /^Unknown|^\d/.test(cause.name) ? (status === 403 ? 'AccessDenied' : `status ${status}`) : cause.name
    const place = `s3://${asked.bucket}/${asked.key}`
    const remedy = remedyOf(code, status, `${asked.action} on ${place}`)
    super(`${asked.action} on ${place} failed with ${code}: ${cause.message}; ${remedy}`, { cause })
    this.failure = { ...asked, code, status, remedy }
  }
}

const remedyOf = (code: string, status: number, right: string): string => {
  if (code === 'AccessDenied')
    return `allow ${right} to the role that asked, and the use of the bucket’s KMS key where it has one; deploying the stack again restores the rights of its functions`
  if (code === 'NoSuchBucket') return 'check region and account, or deploy the stack again'
  return mayPass(status) ? 'try again later' : 'see Amazon S3, "Error responses"'
}

/** A write conflict, throttling, or a failure of S3. */
export const mayPass = (status: number): boolean => status === 409 || status === 429 || status >= 500

const actions: Readonly<Record<string, string>> = { ListObjectsV2: 's3:ListBucket', HeadObject: 's3:GetObject' }

export const openS3 = (config: S3ClientConfig): S3 => {
  const client = new S3Client(config)
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        try {
          return await next(args)
        } catch (error) {
          if (!(error instanceof S3ServiceException)) throw error
          const operation = String(commandName).replace(/Command$/, '')
          const { Bucket = '', Key, Prefix } = args.input as { Bucket?: string; Key?: string; Prefix?: string }
          const action = actions[operation] ?? `s3:${operation}`
          throw new S3Error({ action, bucket: Bucket, key: Key ?? Prefix ?? '' }, error)
        }
      },
    // Outside the SDK's retries.
    { step: 'initialize', priority: 'high', name: 'nameFailure' },
  )
  return client
}

/** Undefined for other errors. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof S3Error ? error.failure.status : undefined

export const isMissing = (error: unknown): boolean => error instanceof S3Error && error.failure.code === 'NoSuchKey'
