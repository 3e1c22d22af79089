/** Copies the table daily into another account, in case this one is lost. */
import { Duration } from 'aws-cdk-lib'
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup'
import { EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets'
import { Construct } from 'constructs'
import { acknowledge } from '../workers/acknowledge.ts'
import type { StackContext } from '../workers/worker.ts'
import { kept } from './kept.ts'
import type { Table } from './table.ts'

type OutsideCopyProps = {
  readonly context: Pick<StackContext, 'stage' | 'alarms'>
  readonly table: Table
  readonly vaultArn: string
}

export class OutsideCopy extends Construct {
  constructor(scope: Construct, id: string, { context: { stage, alarms }, table, vaultArn }: OutsideCopyProps) {
    super(scope, id)
    const plan = new BackupPlan(this, 'Plan', {
      // Under AWS's own key: a stage's key would have to be shared with the other account.
      backupVault: new BackupVault(this, 'Vault', { removalPolicy: kept }),
    })
    plan.addRule(
      new BackupPlanRule({
        ruleName: 'Daily',
        scheduleExpression: Schedule.cron({ minute: '0', hour: '1' }),
        deleteAfter: Duration.days(7),
        copyActions: [
          {
            destinationBackupVault: BackupVault.fromBackupVaultArn(this, 'Outside', vaultArn),
            // The same time as point-in-time recovery.
            deleteAfter: Duration.days(35),
          },
        ],
      }),
    )
    plan.addSelection('Table', { resources: [BackupResource.fromDynamoDbTable(table)] })
    acknowledge(
      plan,
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]',
      'AWS Backup alone assumes the role, and AWS’s policy grows with what its copies need.',
    )
    const failed = ['$.detail-type', '$.detail.state', '$.detail.statusMessage'].map((path) =>
      EventField.fromPath(path),
    )
    new Rule(this, 'Failed', {
      description: `Vigie ${stage}: the copy of the table in another account failed`,
      eventPattern: {
        source: ['aws.backup'],
        detailType: ['Backup Job State Change', 'Copy Job State Change'],
        detail: { state: ['FAILED', 'ABORTED', 'EXPIRED'], resourceArn: [table.tableArn] },
      },
      targets: [
        new SnsTopic(alarms.topic, {
          message: RuleTargetInput.fromText(
            `Vigie ${stage}: the table was not copied to the other account (${failed.join(', ')}). docs/aws.md#backup-in-another-account lists the conditions.`,
          ),
        }),
      ],
    })
  }
}
