/**
 * What AWS's own services ask for in a stack: not by our requests, so that no test sees them asked. Each with AWS's
 * document that says so; a grant for which neither a recorded request nor a line here speaks has to go.
 */
import type { Context } from './decide.ts'
import { account, type Rights, region } from './policies.ts'
import type { Call } from './requests.ts'

type AskedByAws = {
  /** The logical id of a role that the service takes, or the name of the service itself. */
  readonly who: string
  readonly call: Call
  /** AWS's document. */
  readonly says: string
}

type Said = Omit<AskedByAws, 'who'>

export const askedByAws = (rights: Rights): readonly AskedByAws[] => {
  const { resources, arnOf, keyOf } = rights
  const all = Object.entries(resources)
  const ofType = (type: string) => all.filter(([, { Type }]) => Type === type)
  const by = (who: string, ...said: readonly Said[]): readonly AskedByAws[] => said.map((one) => ({ who, ...one }))
  const one = (action: string, resource: string, says: string, context: Context = {}): Said => ({
    call: { action, resource, context },
    says,
  })
  const idIn = (value: unknown): string => {
    const [, id] = /"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/.exec(JSON.stringify(value)) ?? []
    if (!id) throw new Error(`no resource in ${JSON.stringify(value)}`)
    return id
  }
  /** The key of a queue, asked through SQS by a role, or by a service in its own name. */
  const keyOfQueue = (queue: string, actions: readonly string[], context: Context, says: string): readonly Said[] => {
    const key = keyOf(queue)
    return key === undefined ? [] : actions.map((action) => one(action, key, says, context))
  }
  const viaSqs = { 'kms:ViaService': `sqs.${region}.amazonaws.com`, 'kms:CallerAccount': account }
  const sending = ['kms:GenerateDataKey', 'kms:Decrypt']
  const toQueue = (queue: string, says: string): readonly Said[] => [
    one('sqs:SendMessage', arnOf(queue), says),
    ...keyOfQueue(queue, sending, viaSqs, `${says}; "Amazon SQS key management": to an encrypted queue`),
  ]

  return [
    ...ofType('AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
      const role = rights.roleOf(id)
      const log = Properties.LoggingConfig?.LogGroup
      const says = 'AWS Lambda, "Defining Lambda function permissions with an execution role": uploading logs'
      const logs = log
        ? ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => one(action, arnOf(idIn(log)), says))
        : []
      const inNetwork = Properties.VpcConfig
        ? networkActions.map((action) =>
            one(action, '*', 'AWS Lambda, "Giving Lambda functions access to resources in an Amazon VPC": permissions'),
          )
        : []
      return by(role, ...logs, ...inNetwork)
    }),
    ...ofType('AWS::Lambda::EventSourceMapping').flatMap(([, { Properties }]) => {
      const queue = idIn(Properties.EventSourceArn)
      const says = 'AWS Lambda, "Using Lambda with Amazon SQS": execution role permissions'
      const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']
      return by(
        rights.roleOf(idIn(Properties.FunctionName)),
        ...actions.map((action) => one(action, arnOf(queue), says)),
        ...keyOfQueue(queue, ['kms:Decrypt'], viaSqs, says),
      )
    }),
    ...ofType('AWS::Lambda::EventInvokeConfig').flatMap(([, { Properties }]) =>
      by(
        rights.roleOf(idIn(Properties.FunctionName)),
        ...toQueue(
          idIn(Properties.DestinationConfig.OnFailure.Destination),
          'AWS Lambda, "Retaining records of asynchronous invocations": destinations',
        ),
      ),
    ),
    ...ofType('AWS::Scheduler::Schedule').flatMap(
      ([
        ,
        {
          Properties: { Target },
        },
      ]) => {
        const role = idIn(Target.RoleArn)
        const target = idIn(Target.Arn)
        const says = 'EventBridge Scheduler, "Setting up": execution role; "Configuring a dead-letter queue"'
        const calls =
          resources[target]?.Type === 'AWS::SQS::Queue'
            ? toQueue(target, says)
            : [one('lambda:InvokeFunction', arnOf(target), says)]
        return by(role, ...calls, ...toQueue(idIn(Target.DeadLetterConfig.Arn), says))
      },
    ),
    ...ofType('AWS::Events::Rule').flatMap(([id, { Properties }]) =>
      (Properties.Targets as readonly { readonly Arn: unknown; readonly DeadLetterConfig: { readonly Arn: unknown } }[])
        .flatMap(({ Arn, DeadLetterConfig }) => [idIn(Arn), idIn(DeadLetterConfig.Arn)])
        // A function is called by its own policy, of which nothing is asked here.
        .filter((target) => resources[target]?.Type === 'AWS::SQS::Queue')
        .flatMap((queue) => {
          const says = 'EventBridge, "Using resource-based policies": Amazon SQS permissions'
          return by(
            'events.amazonaws.com',
            one('sqs:SendMessage', arnOf(queue), says, { 'aws:SourceArn': arnOf(id), 'aws:SourceAccount': account }),
            // Its calls to the key name no source: SQS, "Key management", EventBridge to encrypted queues.
            ...keyOfQueue(queue, sending, {}, 'Amazon SQS, "Key management": access from event sources'),
          )
        }),
    ),
    ...ofType('AWS::S3::Bucket').flatMap(([id, { Properties }]) => {
      const source = { 'aws:SourceArn': arnOf(id), 'aws:SourceAccount': account }
      const told = (Properties?.NotificationConfiguration?.QueueConfigurations ?? []) as readonly { Queue: unknown }[]
      const says = 'Amazon S3, "Granting permissions to publish event notification messages"'
      const notified = told
        .map(({ Queue }) => idIn(Queue))
        .flatMap((queue) =>
          by(
            's3.amazonaws.com',
            one('sqs:SendMessage', arnOf(queue), says, source),
            ...keyOfQueue(queue, sending, source, says),
          ),
        )
      const log = Properties?.LoggingConfiguration
      const logged = log
        ? by(
            'logging.s3.amazonaws.com',
            one(
              's3:PutObject',
              `${arnOf(idIn(log.DestinationBucketName))}/${log.LogFilePrefix}x`,
              'Amazon S3, "Enabling Amazon S3 server access logging": permissions',
              source,
            ),
          )
        : []
      return [...notified, ...logged]
    }),
    ...ofType('AWS::EC2::FlowLog').flatMap(([, { Properties }]) => {
      const says = 'Amazon VPC, "IAM role for publishing flow logs to CloudWatch Logs"'
      const actions = ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams']
      const group = arnOf(idIn(Properties.LogGroupName))
      return by(idIn(Properties.DeliverLogsPermissionArn), ...actions.map((action) => one(action, group, says)))
    }),
    ...ofType('AWS::SNS::Topic').flatMap(([id]) => {
      const context = {
        'aws:SourceAccount': account,
        'aws:SourceArn': `arn:aws:cloudwatch:${region}:${account}:alarm:x`,
      }
      const says = 'CloudWatch, "Notifying users on alarm changes": encrypted topics'
      const key = keyOf(id)
      return by(
        'cloudwatch.amazonaws.com',
        one('sns:Publish', arnOf(id), says, context),
        ...(key === undefined ? [] : sending.map((action) => one(action, key, says, context))),
      )
    }),
    ...ofType('AWS::Logs::LogGroup').flatMap(([id]) => {
      const key = keyOf(id)
      const arn = `arn:aws:logs:${region}:${account}:log-group:${id}`
      const says = 'CloudWatch Logs, "Encrypt log data using AWS KMS"'
      const actions = [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
        'kms:GenerateDataKey',
        'kms:DescribeKey',
      ]
      return key === undefined
        ? []
        : by(
            `logs.${region}.amazonaws.com`,
            ...actions.map((action) => one(action, key, says, { 'kms:EncryptionContext:aws:logs:arn': arn })),
          )
    }),
  ]
}

/** What Lambda does with network interfaces in the name of a function. */
const networkActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]
