/** What people may do with a stage: two policies of the account, for whoever may run `vigie … --stage`. */
import { Stack } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { everyPartition, partitions } from '../lambdas/store/keys.ts'
import type { Buckets } from './buckets.ts'
import { grantSecret } from './hex-key.ts'
import type { Sender } from './mail.ts'
import type { Table } from './table.ts'
import { grantSending, type WorkQueue } from './work-queue.ts'

export type PeopleProps = {
  readonly stage: string
  readonly table: Table
  readonly buckets: Buckets
  readonly signing: Key
  readonly pseudonyms: Secret
  /** Those to which a command hands work. */
  readonly queues: readonly WorkQueue[]
  readonly sender: Sender | undefined
}

export class People extends Construct {
  /** For the watch team: every command of `--stage`. */
  readonly operator: ManagedPolicy
  /** For whoever looks reports up and checks them, and reads nothing of people: `vigie archive list`, `verify`, `key`. */
  readonly reader: ManagedPolicy

  constructor(scope: Construct, id: string, props: PeopleProps) {
    super(scope, id)
    const { stage, table, buckets, signing, pseudonyms, queues, sender } = props
    this.operator = new ManagedPolicy(this, 'Operator', {
      description: `Vigie ${stage}: every command of --stage ${stage}`,
    })
    this.reader = new ManagedPolicy(this, 'Reader', {
      description: `Vigie ${stage}: reports are looked up and checked, nothing is changed`,
    })
    for (const policy of [this.operator, this.reader]) {
      // Where everything stands, the stack says.
      policy.addStatements(
        new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [Stack.of(this).stackId] }),
      )
      buckets.grantRead(policy, buckets.archive, 'reports/')
      signing.grant(policy, 'kms:GetPublicKey')
    }
    table.grantIn(this.reader, [...partitions.reports, ...partitions.clock], ['GetItem', 'Query'])

    table.grantScan(this.operator)
    table.grantIn(this.operator, everyPartition, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'BatchWriteItem',
      'UpdateItem',
      'DeleteItem',
    ])
    buckets.grantPut(this.operator, buckets.archive, 'reports/')
    signing.grant(this.operator, 'kms:Sign')
    grantSecret(pseudonyms, this.operator)
    for (const { queue } of queues) grantSending(queue, this.operator)
    sender?.grantSend(this.operator)
  }
}
