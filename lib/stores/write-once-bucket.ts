import { Duration } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Bucket, type BucketProps, ObjectLockRetention, StorageClass } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { kept } from './kept.ts'

type WriteOnceBucketProps = Omit<
  BucketProps,
  'versioned' | 'removalPolicy' | 'objectLockEnabled' | 'objectLockDefaultRetention' | 'lifecycleRules'
> & {
  /** Prefix under which nothing is replaced, such as `reports/`. */
  readonly prefix: string
  /**
   * Days during which only roles that may bypass governance can delete a version. A later change replaces the bucket.
   * Undefined: no lock.
   */
  readonly objectLockDays: number | undefined
}

/**
 * Bucket that outlives its stack, with write-once objects under a prefix. Its policy denies every put without
 * `If-None-Match: *`, for any caller, so S3 answers 412 for an existing object; multipart uploads send it on
 * completion. Copies cannot send it, and are denied. A deletion adds a marker and keeps the version.
 */
export class WriteOnceBucket extends Bucket {
  constructor(scope: Construct, id: string, { prefix, objectLockDays, ...props }: WriteOnceBucketProps) {
    super(scope, id, {
      ...props,
      removalPolicy: kept,
      versioned: true,
      lifecycleRules: [
        { transitions: [{ storageClass: StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(30) }] },
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
      ...(objectLockDays !== undefined && {
        objectLockEnabled: true,
        objectLockDefaultRetention: ObjectLockRetention.governance(Duration.days(objectLockDays)),
      }),
    })
    this.addToResourcePolicy(writeOnce(this.arnForObjects(`${prefix}*`)))
  }
}

export const writeOnce = (resource: string): PolicyStatement =>
  new PolicyStatement({
    sid: 'OnlyWritesThatReplaceNothing',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['s3:PutObject'],
    resources: [resource],
    // AWS, "Enforce conditional writes on Amazon S3 buckets": part uploads create no object and have no condition.
    conditions: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
  })
