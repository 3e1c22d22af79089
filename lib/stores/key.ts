import { Stack } from 'aws-cdk-lib'
import { type Conditions, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { Settings } from '../settings.ts'
import { kept } from './kept.ts'

/** Undefined without a setting: AWS's own keys apply. */
export const keyFor = (scope: Construct, { kmsKey, mail }: Pick<Settings, 'kmsKey' | 'mail'>): IKey | undefined => {
  if (kmsKey === undefined) return undefined
  if (kmsKey !== 'create') return Key.fromKeyArn(scope, 'Key', kmsKey)
  // Outlives the stack, as the data that it encrypts.
  const key = new Key(scope, 'Key', { enableKeyRotation: true, removalPolicy: kept })
  for (const statement of usersOf(scope, mail !== undefined)) key.addToResourcePolicy(statement)
  return key
}

/**
 * Lets logs, S3 events and EventBridge's mail events use the key. An imported key's policy must allow the same: see
 * docs/aws.md#your-own-kms-key.
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
    // CloudWatch Logs, "Encrypt log data using AWS KMS".
    lets(`logs.${region}.amazonaws.com`, ['Encrypt', 'Decrypt', 'ReEncrypt*', 'GenerateDataKey*', 'DescribeKey'], {
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:*:logs:${region}:${account}:*` },
    }),
    lets('s3.amazonaws.com', toQueue, { StringEquals: { 'aws:SourceAccount': account } }),
    // No condition, as in "Amazon EventBridge targets": AWS documents that aws:SourceAccount breaks encrypted topics,
    // and does not mention queues. The queue's policy limits its senders.
    ...(mails ? [lets('events.amazonaws.com', toQueue)] : []),
  ]
}

/** Rights to send to an encrypted queue: Amazon SQS, "Key management". */
const toQueue = ['GenerateDataKey', 'Decrypt']
