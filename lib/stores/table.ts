/** Creates the table: on demand, with point-in-time recovery of 35 days. Keys: lambdas/store/table/keys.ts. */
import { AttributeType, BillingMode, Table as DynamoTable, TableEncryption } from 'aws-cdk-lib/aws-dynamodb'
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { partitions } from '../../lambdas/store/table/keys.ts'
import { kept } from './kept.ts'

type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'Scan'
  | 'PutItem'
  | 'UpdateItem'
  | 'BatchWriteItem'
  | 'DeleteItem'

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
      // Only links and codes expire.
      timeToLiveAttribute: 'expiresAt',
      removalPolicy: kept,
    })
  }

  /** Grants actions only in partitions that match the patterns. */
  grantIn(grantee: IGrantable, patterns: readonly string[], actions: readonly Exclude<TableAction, 'Scan'>[]): void {
    this.allow(grantee, actions, patterns)
  }

  /** Grants recording changes, which every writer of detections needs. */
  grantChanges(grantee: IGrantable): void {
    this.grantIn(grantee, partitions.changes, ['BatchWriteItem'])
    this.grantIn(grantee, partitions.changing, ['DeleteItem'])
  }

  grantScan(grantee: IGrantable): void {
    this.allow(grantee, ['Scan'])
  }

  /**
   * `ForAllValues` also matches a request without the key, so `Null` requires it. Every action but Scan has it: AWS,
   * "Using IAM policy conditions for fine-grained access control".
   */
  private allow(grantee: IGrantable, actions: readonly TableAction[], patterns?: readonly string[]): void {
    const key = 'dynamodb:LeadingKeys'
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [this.tableArn],
        ...(patterns && {
          conditions: { 'ForAllValues:StringLike': { [key]: [...patterns] }, Null: { [key]: 'false' } },
        }),
      }),
    )
    // DynamoDB decrypts the table key for readers and writers: AWS, "DynamoDB encryption usage notes".
    this.encryptionKey?.grantDecrypt(grantee)
  }
}
