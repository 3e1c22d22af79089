/** Creates the buckets: the archive, which replaces nothing, and the drop, which keeps nothing. */
import { Duration, Stack } from 'aws-cdk-lib'
import { type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { incomingDays, incomingPrefix, platesPrefix, postsDays, postsPrefix } from '../../lambdas/config/env.ts'
import { acknowledge } from '../workers/acknowledge.ts'
import { kept } from './kept.ts'
import { WriteOnceBucket, writeOnce } from './write-once-bucket.ts'

const closed = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
} satisfies BucketProps

const sealed = (key: IKey | undefined): BucketProps =>
  key
    ? { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
    : { encryption: BucketEncryption.S3_MANAGED }

type BucketsProps = {
  readonly key: IKey | undefined
  /** Days during which only roles that may bypass governance can delete an archived version. */
  readonly objectLockDays: number | undefined
  readonly drops: { readonly prefix: string; readonly queue: Queue }
}

export class Buckets extends Construct {
  readonly archive: WriteOnceBucket
  readonly drop: Bucket
  readonly plates: Bucket

  constructor(scope: Construct, id: string, { key, objectLockDays, drops }: BucketsProps) {
    super(scope, id)
    const log = new Bucket(this, 'Log', {
      ...closed,
      // S3 writes access logs only under its own key.
      encryption: BucketEncryption.S3_MANAGED,
      removalPolicy: kept,
      lifecycleRules: [{ expiration: Duration.days(400) }],
      // CDK's types do not fit exactOptionalPropertyTypes.
    }) as IBucket
    this.archive = new WriteOnceBucket(this, 'Archive', {
      ...closed,
      ...sealed(key),
      serverAccessLogsBucket: log,
      serverAccessLogsPrefix: 'archive/',
      prefix: 'reports/',
      objectLockDays,
    })
    this.drop = new Bucket(this, 'Drop', {
      ...closed,
      ...sealed(key),
      removalPolicy: kept,
      serverAccessLogsBucket: log,
      serverAccessLogsPrefix: 'drop/',
      lifecycleRules: [
        { expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) },
        // Posts are personal data.
        { prefix: postsPrefix, expiration: Duration.days(postsDays) },
      ],
    })
    this.notifyQueue(drops)
    this.plates = this.platesBucket(key, log)
  }

  /** Evidence images are written once, without lock and versions, so that a removal is final. */
  private platesBucket(key: IKey | undefined, log: IBucket): Bucket {
    const plates = new Bucket(this, 'Plates', {
      ...closed,
      ...sealed(key),
      removalPolicy: kept,
      serverAccessLogsBucket: log,
      serverAccessLogsPrefix: 'plates/',
      lifecycleRules: [
        {
          prefix: incomingPrefix,
          expiration: Duration.days(incomingDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    })
    plates.addToResourcePolicy(writeOnce(plates.arnForObjects(`${platesPrefix}*`)))
    const bucket = plates.node.defaultChild as CfnBucket
    bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } }
    return plates
  }

  /** Sets the notification directly in CloudFormation: the CDK's way adds a function to the stack. */
  private notifyQueue({ prefix, queue }: BucketsProps['drops']): void {
    const { account } = Stack.of(this)
    const { policyDependable } = queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'WordOfDroppedFiles',
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    )
    const bucket = this.drop.node.defaultChild as CfnBucket
    bucket.notificationConfiguration = {
      queueConfigurations: [
        {
          event: 's3:ObjectCreated:*',
          queue: queue.queueArn,
          filter: { s3Key: { rules: [{ name: 'prefix', value: prefix }] } },
        },
      ],
    }
    // S3 tests the queue when the notification is set.
    if (policyDependable) bucket.node.addDependency(policyDependable)
  }

  grantRead(grantee: IGrantable, bucket: Bucket, prefix: string): void {
    this.allowBelow(grantee, 's3:GetObject', bucket, prefix)
    // Without it S3 answers 403 for a missing object.
    allow(grantee, 's3:ListBucket', bucket.bucketArn)
    bucket.encryptionKey?.grantDecrypt(grantee)
  }

  grantPut(grantee: IGrantable, bucket: Bucket, prefix: string): void {
    this.allowBelow(grantee, 's3:PutObject', bucket, prefix)
    bucket.encryptionKey?.grant(grantee, 'kms:GenerateDataKey')
  }

  grantDelete(grantee: IGrantable, bucket: Bucket, prefix: string): void {
    this.allowBelow(grantee, 's3:DeleteObject', bucket, prefix)
  }

  private allowBelow(grantee: IGrantable, action: string, bucket: Bucket, prefix: string): void {
    allow(grantee, action, bucket.arnForObjects(`${prefix}*`))
    const stack = Stack.of(this)
    const id = stack.getLogicalId(bucket.node.defaultChild as CfnBucket)
    acknowledge(stack, `IAM5[Resource::<${id}.Arn>/${prefix}*]`, 'The objects under one prefix, and no others.')
  }
}

const allow = (grantee: IGrantable, action: string, resource: string): void => {
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: [action], resources: [resource] }))
}
