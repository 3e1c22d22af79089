/** The archive bucket: private, versioned, logged, and no object in it can be replaced. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'

const closed = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  encryption: BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  removalPolicy: RemovalPolicy.RETAIN,
}

export class Archive extends Bucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      ...closed,
      versioned: true,
      serverAccessLogsBucket: new Bucket(scope, `${id}Log`, {
        ...closed,
        lifecycleRules: [{ expiration: Duration.days(400) }],
        // CDK's own types are not written for exactOptionalPropertyTypes.
      }) as IBucket,
      serverAccessLogsPrefix: 'archive/',
    })
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyWritesThatReplaceNothing',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects('reports/*')],
        conditions: { Null: { 's3:if-none-match': 'true' } },
      }),
    )
  }
}
