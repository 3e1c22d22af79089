/** A key of one's own for everything that is stored: made here, or given by its ARN. */
import { Stack } from 'aws-cdk-lib'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import { kept } from './kept.ts'
import type { Settings } from './settings.ts'

/** Undefined where nothing is set: AWS's own keys then. */
export const keyFor = (scope: Construct, { kmsKey, mail }: Pick<Settings, 'kmsKey' | 'mail'>): IKey | undefined => {
  if (kmsKey === undefined) return undefined
  for (const action of ['kms:ReEncrypt*', 'kms:GenerateDataKey*']) {
    acknowledge(scope, `IAM5[Action::${action}]`, 'The two forms of one action, on the one key.')
  }
  if (kmsKey !== 'create') return Key.fromKeyArn(scope, 'Key', kmsKey)
  // What it locks is kept whatever becomes of the stack, and would be lost without it.
  const key = new Key(scope, 'Key', { enableKeyRotation: true, removalPolicy: kept })
  const { account, region } = Stack.of(scope)
  key.grantEncryptDecrypt(
    new ServicePrincipal(`logs.${region}.amazonaws.com`, {
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:*:logs:${region}:${account}:*` } },
    }),
  )
  for (const sender of sendersIn(account, mail !== undefined)) key.grant(sender, 'kms:GenerateDataKey', 'kms:Decrypt')
  return key
}

/**
 * Services that send to queues under the key by themselves, under no role of ours: S3 its word of dropped files, EventBridge its
 * own of mails. A given key's own policy must let them, and logs: docs/deploy.md says how.
 */
const sendersIn = (account: string, mails: boolean): readonly ServicePrincipal[] => [
  new ServicePrincipal('s3.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': account } } }),
  // Without a condition, as AWS gives it ("Amazon EventBridge targets"): with aws:SourceAccount AWS says that delivery to an
  // encrypted topic fails, and of queues it does not say. Who may send to the queue, the queue's own policy says.
  ...(mails ? [new ServicePrincipal('events.amazonaws.com')] : []),
]
