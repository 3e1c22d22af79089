/** Read-only calls, each with its own right. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import {
  CloudWatchClient,
  type DescribeAlarmsCommandInput,
  GetMetricDataCommand,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch'
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb'
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  GetAccountSettingsCommand,
  GetEventSourceMappingCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda'
import { GetBucketPolicyCommand, GetBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3'
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import {
  GetAccountCommand,
  GetConfigurationSetCommand,
  GetEmailIdentityCommand,
  NotFoundException,
  SESv2Client,
} from '@aws-sdk/client-sesv2'
import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { archiveBucket } from '../../../lambdas/archive/archive.s3.ts'
import { systemClock } from '../../../lambdas/config/clock.ts'
import { program } from '../../../lambdas/config/program.ts'
import { letterQueues } from '../../../lambdas/domain/checkup/dead-letter.ts'
import type { Fact } from '../../../lambdas/domain/checkup/finding.ts'
import { servicesLackingIn } from '../../../lambdas/domain/checkup/key-policy.ts'
import type { MailFacts, QueueFacts, StageFacts } from '../../../lambdas/domain/checkup/stage-findings.ts'
import { kmsSigner } from '../../../lambdas/keys/signer.kms.ts'
import { queueAttributes } from '../../../lambdas/runtime/queue-attributes.ts'
import { reportsIn } from '../../../lambdas/store/reports/reports.ts'
import { openTable } from '../../../lambdas/store/table/table.dynamodb.ts'
import { newestVersions } from '../../../lambdas/usecases/archive/newest-versions.ts'
import { letterConstructs } from '../dead-letters.ts'
import { decidedIn, recordedIn, storedIn, look } from './home-facts.ts'
import { resourcesOf, type StackResources, outputsOf } from './stage.ts'

/** @throws Error where the stack cannot be read */
export const stageFacts = async (stage: string): Promise<StageFacts> => {
  const outputs = await outputsOf(stage)
  const resources = await resourcesOf(stage)
  const { TableName, ArchiveBucket, SigningKey, PseudonymSecret, MailFrom, MailConfigurationSet } = outputs
  const clients = openClients()
  const table = openTable({}, TableName)
  const archive = archiveBucket({}, ArchiveBucket)
  const signer = kmsSigner(SigningKey)
  try {
    const stack = stackAndClock(clients.cloudFormation, `vigie-${stage}`)
    const queues = look('sqs:GetQueueAttributes on the stage’s queues, and cloudwatch:GetMetricData on *', () =>
      queuesOf(clients, resources),
    )
    const facts = {
      clock: look('cloudformation:DescribeStacks on the stack', async () => (await stack).clock),
      stack: look('cloudformation:DescribeStacks on the stack', async () => (await stack).stack),
      concurrency: look(
        'lambda:GetAccountSettings, lambda:GetEventSourceMapping and lambda:GetFunctionConcurrency on *',
        () => concurrencyOf(clients.lambda, resources),
      ),
      alarmMail: look('sns:ListSubscriptionsByTopic on the alarm topic', () => subscriptionsOf(clients.sns, resources)),
      alarms: look('cloudwatch:DescribeAlarms on *', () => alarmsOf(clients.cloudWatch, resources)),
      queues,
      table: look(`dynamodb:DescribeTable and dynamodb:DescribeTimeToLive on ${TableName}`, () =>
        tableOf(clients.dynamo, TableName),
      ),
      recovery: look(`dynamodb:DescribeContinuousBackups on ${TableName}`, () => recoveryOf(clients.dynamo, TableName)),
      archive: look(`s3:GetBucketVersioning and s3:GetBucketPolicy on ${ArchiveBucket}`, () =>
        bucketOf(clients.s3, ArchiveBucket),
      ),
      signingKey: look(`kms:DescribeKey on ${SigningKey}`, async () => {
        const { KeyMetadata } = await clients.kms.send(new DescribeKeyCommand({ KeyId: SigningKey }))
        return { state: KeyMetadata?.KeyState ?? 'unknown' }
      }),
      pseudonymSecret: look(`secretsmanager:DescribeSecret on ${PseudonymSecret}`, async () => {
        const { DeletedDate } = await clients.secrets.send(new DescribeSecretCommand({ SecretId: PseudonymSecret }))
        return { goesAt: DeletedDate?.toISOString() ?? null }
      }),
      storageKey: look(
        'sqs:GetQueueAttributes on the report queue, kms:DescribeKey and kms:GetKeyPolicy on its key',
        () => storageKeyOf(clients, resources),
      ),
      stored: look(`dynamodb:BatchGetItem on ${TableName}`, () => storedIn(table)),
      unrecorded: look(`dynamodb:Query and dynamodb:BatchGetItem on ${TableName}`, () => recordedIn(table)),
      decisions: look(`dynamodb:Query and dynamodb:BatchGetItem on ${TableName}`, () => decidedIn(table)),
      newest: look(
        `dynamodb:Query on ${TableName}, s3:GetObject and s3:ListBucket on ${ArchiveBucket}, kms:GetPublicKey on ${SigningKey}`,
        () => newestVersions({ reports: reportsIn(table), archive, signer }),
      ),
    }
    return {
      stage,
      ...(await settled(facts)),
      mail: MailFrom ? await mailOf(clients.ses, MailFrom, MailConfigurationSet ?? '') : null,
      deployed: outputs.Version || null,
      program,
    }
  } finally {
    for (const client of Object.values(clients)) client.destroy()
    table.close()
    archive.close()
    signer.close()
  }
}

const openClients = () => ({
  cloudFormation: new CloudFormationClient({}),
  cloudWatch: new CloudWatchClient({}),
  dynamo: new DynamoDBClient({}),
  kms: new KMSClient({}),
  lambda: new LambdaClient({}),
  s3: new S3Client({}),
  secrets: new SecretsManagerClient({}),
  ses: new SESv2Client({}),
  sns: new SNSClient({}),
  sqs: new SQSClient({ useQueueUrlAsEndpoint: false }),
})

type Clients = ReturnType<typeof openClients>

const settled = async <Facts extends Record<string, Promise<Fact<unknown>>>>(facts: Facts) =>
  Object.fromEntries(
    await Promise.all(Object.entries(facts).map(async ([name, fact]) => [name, await fact] as const)),
  ) as { [name in keyof Facts]: Awaited<Facts[name]> }

const stackAndClock = async (client: CloudFormationClient, stackName: string) => {
  let there: string | undefined
  client.middlewareStack.add(
    (next) => async (args) => {
      const answered = await next(args)
      const { headers } = answered.response as { readonly headers?: Readonly<Record<string, string>> }
      there ??= headers?.date
      return answered
    },
    // AWS's clock is in the HTTP headers, before deserialization.
    { step: 'deserialize', name: 'readDate', priority: 'low' },
  )
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }))
  const here = systemClock().toISOString()
  if (there === undefined) throw new Error('AWS’s answer has no date')
  const { StackStatus = 'unknown', EnableTerminationProtection = false, DriftInformation } = Stacks?.[0] ?? {}
  return {
    clock: { here, there: new Date(there).toISOString() },
    stack: {
      status: StackStatus,
      isProtected: EnableTerminationProtection,
      drift: DriftInformation?.StackDriftStatus ?? 'NOT_CHECKED',
      driftCheckedAt: DriftInformation?.LastCheckTimestamp?.toISOString() ?? null,
    },
  }
}

const concurrencyOf = async (client: LambdaClient, { all }: StackResources) => {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}))
  const named = (type: string) => all.filter((one) => one.type === type).map(({ physical }) => physical)
  let queues = 0
  for (const UUID of named('AWS::Lambda::EventSourceMapping')) {
    const { ScalingConfig } = await client.send(new GetEventSourceMappingCommand({ UUID }))
    queues += ScalingConfig?.MaximumConcurrency ?? 0
  }
  let reserved = 0
  for (const FunctionName of named('AWS::Lambda::Function')) {
    const { ReservedConcurrentExecutions } = await client.send(new GetFunctionConcurrencyCommand({ FunctionName }))
    reserved += ReservedConcurrentExecutions ?? 0
  }
  return {
    limit: AccountLimit?.ConcurrentExecutions ?? 0,
    free: (AccountLimit?.UnreservedConcurrentExecutions ?? 0) + reserved,
    queues,
  }
}

const subscriptionsOf = async (client: SNSClient, { find }: StackResources) => {
  const TopicArn = find('AlarmsTopic')
  if (TopicArn === undefined) throw new Error('the stack has no AlarmsTopic: deploy it with this version')
  const found: { endpoint: string; isConfirmed: boolean }[] = []
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn })) {
    for (const { Endpoint = 'an address', SubscriptionArn = '' } of Subscriptions)
      found.push({ endpoint: Endpoint, isConfirmed: SubscriptionArn.startsWith('arn:') })
  }
  return found
}

const alarmsOf = async (client: CloudWatchClient, { all }: StackResources) => {
  const names = new Map(
    all
      .filter(({ type }) => /^AWS::CloudWatch::(Composite)?Alarm$/.test(type))
      .map(({ id, physical }) => [physical, id]),
  )
  const found: { name: string; state: string; isMute: boolean }[] = []
  const input: DescribeAlarmsCommandInput = {
    // AWS accepts at most 100 names; a stage has some thirty.
    AlarmNames: [...names.keys()].slice(0, 100),
    AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
  }
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms({ client }, input)) {
    for (const { AlarmName = '', StateValue = 'unknown', ActionsEnabled = true } of [
      ...MetricAlarms,
      ...CompositeAlarms,
    ])
      found.push({ name: constructOf(names.get(AlarmName) ?? AlarmName), state: StateValue, isMute: !ActionsEnabled })
  }
  return found
}

/** Strips the CDK's digits from a logical id, for the alarm names of docs/aws.md. */
const constructOf = (id: string): string => id.replace(/(Alarm)?[0-9A-F]{8}$/, '')

const queuesOf = async ({ sqs, cloudWatch }: Clients, { find }: StackResources): Promise<readonly QueueFacts[]> => {
  const found: QueueFacts[] = []
  for (const name of letterQueues) {
    const { deadLetters, ...work } = letterConstructs[name]
    const deadUrl = find(deadLetters)
    const url = 'queue' in work ? find(work.queue) : undefined
    if (deadUrl === undefined) continue
    const own = url === undefined ? undefined : await queueAttributes(sqs, url)
    found.push({
      name,
      waiting: own?.messages ?? 0,
      oldestSeconds: own && own.messages > 0 ? await oldestIn(cloudWatch, url ?? '') : null,
      // lib/workers/work-queue.ts: visibility is six function timeouts; the alarm rings at eight.
      lateSeconds: own ? (own.visibility / 6) * 8 : Number.POSITIVE_INFINITY,
      deadLetters: (await queueAttributes(sqs, deadUrl)).messages,
    })
  }
  return found
}

const quarterOfAnHour = 900

/** SQS does not return the age itself. */
const oldestIn = async (client: CloudWatchClient, url: string): Promise<number | null> => {
  const now = systemClock().getTime()
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(now - quarterOfAnHour * 1000),
      EndTime: new Date(now),
      MetricDataQueries: [
        {
          Id: 'age',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/SQS',
              MetricName: 'ApproximateAgeOfOldestMessage',
              Dimensions: [{ Name: 'QueueName', Value: url.split('/').at(-1) ?? '' }],
            },
            Period: 300,
            Stat: 'Maximum',
          },
        },
      ],
    }),
  )
  return MetricDataResults?.[0]?.Values?.[0] ?? null
}

const tableOf = async (client: DynamoDBClient, TableName: string) => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }))
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }))
  return {
    status: Table?.TableStatus ?? 'unknown',
    isProtected: Table?.DeletionProtectionEnabled === true,
    isExpiring: TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED',
  }
}

const recoveryOf = async (client: DynamoDBClient, TableName: string) => {
  const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }))
  const {
    PointInTimeRecoveryStatus,
    EarliestRestorableDateTime: earliest,
    LatestRestorableDateTime: latest,
  } = ContinuousBackupsDescription?.PointInTimeRecoveryDescription ?? {}
  return {
    isOn: PointInTimeRecoveryStatus === 'ENABLED',
    earliest: earliest?.toISOString() ?? null,
    latest: latest?.toISOString() ?? null,
  }
}

const bucketOf = async (client: S3Client, Bucket: string) => {
  const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket }))
  const Policy = await policyOf(client, Bucket)
  const { Statement = [] } = JSON.parse(Policy) as {
    readonly Statement?: readonly { Effect: string; Condition?: object }[]
  }
  const isWrittenOnce = Statement.some(
    ({ Effect, Condition = {} }) => Effect === 'Deny' && JSON.stringify(Condition).includes('s3:if-none-match'),
  )
  return { isVersioned: Status === 'Enabled', isWrittenOnce }
}

/** S3 answers with an error for a bucket without a policy. */
const policyOf = async (client: S3Client, Bucket: string): Promise<string> => {
  try {
    const { Policy = '{}' } = await client.send(new GetBucketPolicyCommand({ Bucket }))
    return Policy
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchBucketPolicy') return '{}'
    throw error
  }
}

const storageKeyOf = async ({ sqs, kms }: Clients, { find }: StackResources) => {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: find('ReportsQueue') ?? '', AttributeNames: ['KmsMasterKeyId'] }),
  )
  const KeyId = Attributes.KmsMasterKeyId
  if (!KeyId) return null
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
  const { Policy = '{}' } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }))
  // Only a stage with mail uses EventBridge.
  const users = ['logs', 's3', 'scheduler', ...(find('MailEventsQueue') === undefined ? [] : ['events'])]
  return { state: KeyMetadata?.KeyState ?? 'unknown', lacking: servicesLackingIn(Policy, users) }
}

const mailOf = async (client: SESv2Client, from: string, set: string): Promise<MailFacts> => {
  const [account, identity, configurationSet] = await Promise.all([
    look('ses:GetAccount on *', async () => {
      const { ProductionAccessEnabled, SendingEnabled, EnforcementStatus, SendQuota } = await client.send(
        new GetAccountCommand({}),
      )
      return {
        isInSandbox: ProductionAccessEnabled !== true,
        isSending: SendingEnabled === true,
        enforcementStatus: EnforcementStatus ?? 'unknown',
        sent: SendQuota?.SentLast24Hours ?? 0,
        most: SendQuota?.Max24HourSend ?? 0,
      }
    }),
    look(`ses:GetEmailIdentity on the identities of ${from}`, () => identityOf(client, from)),
    look(`ses:GetConfigurationSet on ${set}`, async () => {
      const { SendingOptions } = await client.send(new GetConfigurationSetCommand({ ConfigurationSetName: set }))
      // Sending is enabled if the field is missing.
      return { isSending: SendingOptions?.SendingEnabled !== false }
    }),
  ])
  return { from, account, identity, configurationSet }
}

/** Null where SES knows neither. */
const identityOf = async (client: SESv2Client, from: string) => {
  for (const name of [from, from.slice(from.lastIndexOf('@') + 1)]) {
    try {
      const { VerifiedForSendingStatus, DkimAttributes } = await client.send(
        new GetEmailIdentityCommand({ EmailIdentity: name }),
      )
      return { name, isVerified: VerifiedForSendingStatus === true, dkim: DkimAttributes?.Status ?? 'NOT_STARTED' }
    } catch (error) {
      if (!(error instanceof NotFoundException)) throw error
    }
  }
  return null
}
