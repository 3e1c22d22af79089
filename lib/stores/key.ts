/** A key of one's own for everything that is stored: made here, or given by its ARN. */
import { Stack } from 'aws-cdk-lib'
import { type Conditions, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { Settings } from '../settings.ts'
import { kept } from './kept.ts'

/** Undefined where nothing is set: AWS's own keys then. */
export const keyFor = (scope: Construct, { kmsKey, mail }: Pick<Settings, 'kmsKey' | 'mail'>): IKey | undefined => {
  if (kmsKey === undefined) return undefined
  if (kmsKey !== 'create') return Key.fromKeyArn(scope, 'Key', kmsKey)
  // What it locks is kept whatever becomes of the stack, and would be lost without it.
  const key = new Key(scope, 'Key', { enableKeyRotation: true, removalPolicy: kept })
  for (const statement of usersOf(scope, mail !== undefined)) key.addToResourcePolicy(statement)
  return key
}

/**
 * Services that use the key by themselves, under no role of ours: logs, S3's word of dropped files to their queue, and
 * EventBridge's of mails to theirs. A given key's own policy must let them: see docs/aws.md#your-own-kms-key.
 */
const usersOf = (scope: Construct, mails: boolean): readonly PolicyStatement[] => {
  const { account, region } = Stack.of(scope)
  const lets = (service: string, actions: readonly string[], conditions: Conditions = {}) =>
    new PolicyStatement({
      principals: [new ServicePrincipal(service)],
      actions: actions.map((action) => `kms:${action}`),
      resources: ['*'],
      conditions,
    })
  return [
    // What AWS names: CloudWatch Logs, "Encrypt log data using AWS KMS".
    lets(`logs.${region}.amazonaws.com`, ['Encrypt', 'Decrypt', 'ReEncrypt*', 'GenerateDataKey*', 'DescribeKey'], {
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:*:logs:${region}:${account}:*` },
    }),
    lets('s3.amazonaws.com', toQueue, { StringEquals: { 'aws:SourceAccount': account } }),
    // Without a condition, as AWS gives it ("Amazon EventBridge targets"): with aws:SourceAccount AWS says that
    // delivery to an encrypted topic fails, and of queues it does not say. Who may send to the queue, the queue's own
    // policy says.
    ...(mails ? [lets('events.amazonaws.com', toQueue)] : []),
  ]
}

/** What it takes to put a message into a queue under the key: Amazon SQS, "Key management". */
const toQueue = ['GenerateDataKey', 'Decrypt']
