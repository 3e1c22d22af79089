/** The one table: on demand, recoverable to any second of the last 35 days. Its keys are in lambdas/store/table/keys.ts. */
import { AttributeType, BillingMode, Table as DynamoTable, TableEncryption } from 'aws-cdk-lib/aws-dynamodb'
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { partitions } from '../../lambdas/store/table/keys.ts'
import { kept } from './kept.ts'

/** What functions do with the table. A scan names no partition: it is granted over all of them or not at all. */
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
      // Links and codes go by themselves; nothing else has an end.
      timeToLiveAttribute: 'expiresAt',
      removalPolicy: kept,
    })
  }

  /** Lets a grantee do these things in the partitions that fit the patterns, and in no others. */
  grantIn(grantee: IGrantable, patterns: readonly string[], actions: readonly Exclude<TableAction, 'Scan'>[]): void {
    this.allow(grantee, actions, patterns)
  }

  /** Lets a grantee tell of changes of detections, as every writer of detections does. */
  grantChanges(grantee: IGrantable): void {
    this.grantIn(grantee, partitions.changes, ['BatchWriteItem'])
    this.grantIn(grantee, partitions.changing, ['DeleteItem'])
  }

  /** Lets a grantee look through all that is stored. */
  grantScan(grantee: IGrantable): void {
    this.allow(grantee, ['Scan'])
  }

  /**
   * `ForAllValues` holds for a request without the key, so `Null` asks for it. Every action but Scan has it: AWS, "Using
   * IAM policy conditions for fine-grained access control".
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
    // DynamoDB unwraps the table's own key for readers and writers: AWS, "DynamoDB encryption usage notes".
    this.encryptionKey?.grantDecrypt(grantee)
  }
}
