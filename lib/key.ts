/** A key of one's own for everything that is stored: made here, or given by its ARN. */
import { Stack } from 'aws-cdk-lib'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import { kept } from './kept.ts'
import type { Settings } from './settings.ts'

/** Services that use the key by themselves. A given key's own policy must let them: docs/deploy.md says how. */
const users = ['logs', 's3', 'scheduler'] as const

export const keyFor = (scope: Construct, setting: Settings['kmsKey']): IKey | undefined => {
  if (setting === undefined) return undefined
  for (const action of ['kms:ReEncrypt*', 'kms:GenerateDataKey*']) {
    acknowledge(scope, `IAM5[Action::${action}]`, 'The two forms of one action, on the one key.')
  }
  if (setting !== 'create') return Key.fromKeyArn(scope, 'Key', setting)
  // What it locks is kept whatever becomes of the stack, and would be lost without it.
  const key = new Key(scope, 'Key', { enableKeyRotation: true, removalPolicy: kept })
  const { account, region } = Stack.of(scope)
  for (const user of users) {
    const name = user === 'logs' ? `logs.${region}.amazonaws.com` : `${user}.amazonaws.com`
    const conditions =
      user === 'logs'
        ? { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:*:logs:${region}:${account}:*` } }
        : { StringEquals: { 'aws:SourceAccount': account } }
    key.grantEncryptDecrypt(new ServicePrincipal(name, { conditions }))
  }
  return key
}
