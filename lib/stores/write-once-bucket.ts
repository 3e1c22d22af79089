/** A bucket in which nothing is ever replaced. */
import { Duration } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Bucket, type BucketProps, ObjectLockRetention, StorageClass } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { kept } from './kept.ts'

/** Whatever a bucket takes, but what this one decides itself. */
type WriteOnceBucketProps = Omit<
  BucketProps,
  'versioned' | 'removalPolicy' | 'objectLockEnabled' | 'objectLockDefaultRetention' | 'lifecycleRules'
> & {
  /** Under which nothing is replaced, such as `reports/`; elsewhere anything may be. */
  readonly prefix: string
  /**
   * Under which nothing is replaced either, and everything is gone after so many days; or as many later as a lock keeps
   * it.
   */
  readonly expiring?: { readonly prefix: string; readonly days: number }
  /**
   * For so many days only those who may bypass governance can delete a version. Chosen when the bucket is made:
   * CloudFormation replaces a bucket for it. Undefined: no lock.
   */
  readonly objectLockDays: number | undefined
}

/**
 * Objects under a prefix are written once. The bucket's own policy denies every put that does not say
 * `If-None-Match: *`, whoever asks and by whatever right, so that S3 answers 412 where an object is there; an upload in
 * parts says it when it is completed. Copies cannot say it, and are denied. Versions are kept, so that a deleted object
 * is a marker over what was written, and are moved to cheaper storage after 30 days by how often they are read. It
 * outlives its stack.
 */
export class WriteOnceBucket extends Bucket {
  constructor(scope: Construct, id: string, { prefix, expiring, objectLockDays, ...props }: WriteOnceBucketProps) {
    super(scope, id, {
      ...props,
      removalPolicy: kept,
      versioned: true,
      lifecycleRules: [
        { transitions: [{ storageClass: StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(30) }] },
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
        ...(expiring
          ? [
              {
                prefix: expiring.prefix,
                // A marker comes over each object, then the object goes, then the marker alone: AWS, "Expiring
                // objects".
                expiration: Duration.days(expiring.days),
                noncurrentVersionExpiration: Duration.days(1),
              },
            ]
          : []),
      ],
      ...(objectLockDays !== undefined && {
        objectLockEnabled: true,
        objectLockDefaultRetention: ObjectLockRetention.governance(Duration.days(objectLockDays)),
      }),
    })
    const prefixes = [prefix, ...(expiring ? [expiring.prefix] : [])]
    this.addToResourcePolicy(writeOnce(...prefixes.map((one) => this.arnForObjects(`${one}*`))))
  }
}

/** Denies every put that could replace one of these objects. */
export const writeOnce = (...resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    sid: 'OnlyWritesThatReplaceNothing',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['s3:PutObject'],
    resources: [...resources],
    // AWS, "Enforce conditional writes on Amazon S3 buckets": a part of an upload makes no object, and says no
    // condition.
    conditions: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
  })
