/** The one table: on demand, recoverable to any second of the last 35 days. Its key layout is lambdas/store/keys.ts. */
import { AttributeType, BillingMode, Table as DynamoTable, TableEncryption } from 'aws-cdk-lib/aws-dynamodb'
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { kept } from './kept.ts'

const reading = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query']
const writing = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:BatchWriteItem']
const mending = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem']

export class Table extends DynamoTable {
  constructor(
    scope: Construct,
    id: string,
    { key, guarded }: { readonly key: IKey | undefined; readonly guarded: boolean },
  ) {
    super(scope, id, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      ...(key
        ? { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }
        : { encryption: TableEncryption.AWS_MANAGED }),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: guarded,
      // Links and codes go by themselves; nothing else has an end.
      timeToLiveAttribute: 'expiresAt',
      removalPolicy: kept,
    })
  }

  /** Lets a function read or write the partitions that fit the patterns; all of them where none is given. */
  grantPartitions(
    grantee: IGrantable,
    { read, write }: { readonly read?: readonly string[] | 'all'; readonly write?: readonly string[] },
  ): void {
    if (read) this.allow(grantee, reading, read)
    if (write) this.allow(grantee, writing, write)
    if (write) this.encryptionKey?.grantEncryptDecrypt(grantee)
    else this.encryptionKey?.grantDecrypt(grantee)
  }

  /** Lets a function look through all that is stored, and change what fits the patterns. */
  grantMending(grantee: IGrantable, patterns: readonly string[]): void {
    this.allow(grantee, [...reading, 'dynamodb:Scan'], 'all')
    this.allow(grantee, mending, patterns)
    this.encryptionKey?.grantEncryptDecrypt(grantee)
  }

  private allow(grantee: IGrantable, actions: readonly string[], patterns: readonly string[] | 'all'): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: [this.tableArn],
        ...(patterns !== 'all' && {
          conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...patterns] } },
        }),
      }),
    )
  }
}
