/** What the stack holds: a snapshot of the whole, and what must be true of it whatever else changes. */
import { App, Stack, Validations } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam'
import { AwsSolutionsChecks } from 'cdk-nag'
import { describe, expect, test } from 'vitest'
import { maxTries } from '../../lambdas/config/env.ts'
import { lambdaRuntime } from '../../lambdas/domain/checkup/runtime.ts'
import { territories } from '../../lambdas/domain/core/place/territory.ts'
import { readSettings } from '../../lib/settings.ts'
import { VigieStack } from '../../lib/vigie-stack.ts'
import { unbundled } from '../support/cdk-context.ts'

const stackOf = (settings: Readonly<Record<string, unknown>> = {}) => {
  const app = new App({ context: unbundled })
  return { app, stack: new VigieStack(app, readSettings({ stage: 'test', stages: { test: settings } })) }
}

type Resource = {
  readonly Type: string
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is whatever the CDK has written
  readonly Properties: any
}

const everything = {
  vpc: true,
  kmsKey: 'create',
  backupVault: 'arn:aws:backup:eu-west-3:210987654321:backup-vault:vigie',
  objectLockDays: 365,
  alarmMail: 'watch@example.org',
  concurrency: { reserve: true },
  dashboard: true,
  budget: 20,
  tags: { team: 'watch' },
  mail: { from: 'vigie@example.org' },
  api: { issuer: 'https://sign-in.example.org', audience: ['vigie'] },
  room: {},
}
const nothing = { api: false, room: false }
const bare = Template.fromStack(stackOf(nothing).stack)
const plain = Template.fromStack(stackOf().stack)
const full = Template.fromStack(stackOf(everything).stack)
const working = ['Generate', 'Ingest', 'PlateExpiryWorker', 'PostsDetect', 'Watchdog']
const usual = [...working, 'PlatesWorker', 'ProgramsWorker', 'RoomDoorkeeper', 'RoomSignIn', 'RoomWorker'].toSorted()
const mailing = ['MailDeliver', 'MailFeedback', 'ReadersWorker']
const each = [
  ['the stack with nothing on', bare, working],
  ['the stack as it is where nothing is said', plain, usual],
  ['the stack with everything', full, [...usual, ...mailing].toSorted()],
] as const

const resourcesIn = (template: Template) => Object.entries(template.toJSON().Resources as Record<string, Resource>)
const ofType = (template: Template, type: string) => resourcesIn(template).filter(([, { Type }]) => Type === type)
const functionsIn = (template: Template) => ofType(template, 'AWS::Lambda::Function')

/** Statements of the policies of a function's role. */
const statementsOf = (template: Template, name: string) =>
  ofType(template, 'AWS::IAM::Policy')
    .filter(([id]) => id.startsWith(`${name}Role`))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Record<string, unknown>[])
    .map(({ Action, Resource, Condition }) => ({ actions: [Action].flat() as string[], Resource, Condition }))

describe('the stack', () => {
  test('is as it was', async () => {
    const text = JSON.stringify(plain.toJSON(), null, 2).replaceAll(/[0-9a-f]{64}/g, 'HASH')
    await expect(`${text}\n`).toMatchFileSnapshot('./vigie-stack.snapshot.json')
  })

  test.each([
    ['with nothing on', nothing],
    ['where nothing is said', {}],
    ['with everything', everything],
  ])('%s passes AwsSolutions and the CDK’s own rules', (_, settings) => {
    const { app } = stackOf(settings)
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
    expect(() => app.synth()).not.toThrow()
  })

  test.each([
    [false, 'ACTIVE'],
    [true, 'INACTIVE'],
  ])('is guarded against deletion, but while it is first deployed: %s', (firstDeployment, poolProtection) => {
    const app = new App({ context: unbundled })
    const stack = new VigieStack(app, readSettings({ stage: 'test', stages: { test: { room: {} } } }), {
      firstDeployment,
    })
    const template = Template.fromStack(stack)
    expect(stack.terminationProtection).toBe(!firstDeployment)
    template.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: !firstDeployment })
    template.hasResourceProperties('AWS::Cognito::UserPool', { DeletionProtection: poolProtection })
    // Whatever is kept for good would lie in the way of the next try.
    expect(resourcesIn(template).filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain')).toEqual([])
  })

  test('stands in another app, whose own stacks read its archive and ring with its alarms', () => {
    const app = new App({ context: unbundled })
    const vigie = new VigieStack(app, readSettings({ stage: 'test', stages: { test: {} } }), {
      env: { account: '123456789012', region: 'eu-west-3' },
    })
    const other = new Stack(app, 'other', { env: { account: '123456789012', region: 'eu-west-3' } })
    const copier = new Role(other, 'Copier', { assumedBy: new AccountRootPrincipal() })
    vigie.archive.grantRead(copier, 'reports/*')
    vigie.alarms.add(vigie, 'CopyIsLate', {
      metric: new Metric({ namespace: 'Other', metricName: 'Late' }),
      from: 1,
      failureImpact: 'The copy of the archive is late: look at the other stack.',
    })
    expect(() => app.synth()).not.toThrow()
    const [[topic = ''] = []] = ofType(Template.fromStack(vigie), 'AWS::SNS::Topic')
    Template.fromStack(vigie).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Late',
      AlarmActions: [{ Ref: topic }],
    })
    expect(ofType(Template.fromStack(other), 'AWS::IAM::Policy')).toHaveLength(1)
  })

  test('names each stage’s own, so that stages stand side by side', () => {
    const app = new App({ context: unbundled })
    const stages = { one: {}, two: {} }
    const made = ['one', 'two'].map((stage) => new VigieStack(app, readSettings({ stage, stages })))
    expect(made.map(({ stackName }) => stackName)).toEqual(['vigie-one', 'vigie-two'])
    expect(() => app.synth()).not.toThrow()
  })
})

describe.each(each)('%s', (_, template, names) => {
  test('keeps the table, the archive and the keys to what is stored, whatever becomes of it', () => {
    const stateful = resourcesIn(template).filter(
      ([id, { Type }]) =>
        // Without the key of sessions everybody signs in again, and nothing is lost.
        (/DynamoDB::Table|S3::Bucket$|SecretsManager::Secret$/.test(Type) && !id.startsWith('RoomSessionKey')) ||
        (Type === 'AWS::KMS::Key' && id === 'Key961B73FD'),
    )
    expect(stateful.length).toBeGreaterThanOrEqual(5)
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of stateful) {
      // It goes only where the operation that made it is rolled back.
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'RetainExceptOnCreate', 'Retain'])
    }
  })

  test('has nothing that anybody may read', () => {
    const buckets = ofType(template, 'AWS::S3::Bucket')
    for (const [, { Properties }] of buckets) {
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      })
      expect(Properties.BucketEncryption).toBeDefined()
    }
    const policies = ofType(template, 'AWS::S3::BucketPolicy')
    expect(policies).toHaveLength(buckets.length)
    for (const [id, { Properties }] of policies) {
      const statements = Properties.PolicyDocument.Statement as Record<string, unknown>[]
      expect([
        id,
        statements.some(
          ({ Condition, Effect }) => Effect === 'Deny' && JSON.stringify(Condition).includes('aws:SecureTransport'),
        ),
      ]).toEqual([id, true])
      // Whoever is let in is named.
      for (const { Effect, Principal } of statements)
        if (Effect === 'Allow') expect(JSON.stringify(Principal)).not.toContain('"*"')
    }
  })

  test('denies writes into the archive that could replace an object', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 's3:PutObject',
            Condition: { Null: { 's3:if-none-match': 'true' } },
          }),
        ]),
      },
    })
  })

  test('lets generate alone put reports, and beside them trials alone; and ingest write no report', () => {
    const puts = functionsIn(template).flatMap(([id]) => {
      const name = id.replace(/Function.*/, '')
      return statementsOf(template, name)
        .filter(({ actions }) => actions.some((action) => /^s3:(Put|\*)/.test(action)))
        .flatMap(({ Resource }) => [...JSON.stringify(Resource).matchAll(/\/[a-z/]+\/\*/g)].map(([key]) => [name, key]))
    })
    expect(puts.toSorted()).toEqual([
      ['Generate', '/reports/*'],
      ['Generate', '/synthetic/*'],
      ['Ingest', '/results/*'],
      // Notes that a trial was mailed.
      ...(names.includes('MailDeliver') ? [['MailDeliver', '/synthetic/*']] : []),
      ...(names.includes('PlatesWorker') ? [['PlatesWorker', '/plates/*']] : []),
      ['PostsDetect', '/results/posts/*'],
      // Signs the addresses of uploads.
      ...(names.includes('ProgramsWorker')
        ? [
            ['ProgramsWorker', '/drop/*'],
            ['ProgramsWorker', '/incoming/*'],
          ]
        : []),
      // Signs the forms of uploads.
      ...(names.includes('RoomWorker') ? [['RoomWorker', '/incoming/*']] : []),
    ])
    const written = (name: string) =>
      statementsOf(template, name)
        .filter(({ actions }) => actions.includes('dynamodb:PutItem'))
        .flatMap(
          ({ Condition }) =>
            (Condition as Record<string, Record<string, string[]>>)['ForAllValues:StringLike']?.[
              'dynamodb:LeadingKeys'
            ] ?? ['anything'],
        )
    // And what became of a job that asked for one, and what the next report need not count again.
    expect(written('Generate')).toEqual(['REPORT#*', 'JOB#*', 'SUMMARY#*'])
    expect(written('Ingest')).toContain('DETECTION#*')
    expect(written('Ingest').filter((pattern) => /^(REPORT|NOTE|RECIP|DELIV|\*)/.test(pattern))).toEqual([])
    // It sets back what a fast clock stored, and writes no report, reader or delivery.
    expect(written('Watchdog')).toEqual(expect.arrayContaining(['DETECTION#*', 'NOTE#*', 'CLOCK']))
    expect(written('Watchdog').filter((pattern) => /^(REPORT|RECIP|DELIV|TOKEN|\*)/.test(pattern))).toEqual([])
  })

  test('has no condition on all values of a key that holds without the key', () => {
    const conditions = resourcesIn(template)
      .flatMap(([, { Properties }]) => Properties?.PolicyDocument?.Statement ?? [])
      .map(({ Condition }) => Condition as Record<string, Record<string, unknown>> | undefined)
    const onAll = conditions.filter((one) => Object.keys(one ?? {}).some((name) => name.startsWith('ForAllValues:')))
    expect(onAll.length).toBeGreaterThan(10)
    for (const { Null, ...others } of onAll.map((one) => ({ ...one })))
      for (const key of Object.values(others).flatMap(Object.keys)) expect(Null).toMatchObject({ [key]: 'false' })
  })

  test('gives no function a right on everything, but to be in the network', () => {
    for (const [id] of functionsIn(template)) {
      const wide = statementsOf(template, id.replace(/Function.*/, '')).filter(({ Resource }) => Resource === '*')
      for (const { actions } of wide) expect(actions.filter((action) => !action.startsWith('ec2:'))).toEqual([])
    }
    const managed = ofType(template, 'AWS::IAM::Role').filter(([, { Properties }]) => Properties.ManagedPolicyArns)
    // AWS Backup's, which is no function's.
    expect(managed.filter(([id]) => !id.startsWith('OutsideCopyPlan'))).toEqual([])
  })

  test('has for each function a log that ends, and an alarm where what fails in it ends', () => {
    const functions = functionsIn(template)
    expect(functions.map(([id]) => id.replace(/Function.*/, '')).toSorted()).toEqual(names)
    const alarmed = (id: string | undefined): boolean =>
      ofType(template, 'AWS::CloudWatch::Alarm').some(([, { Properties }]) =>
        JSON.stringify(Properties.Dimensions ?? []).includes(`"${id}"`),
      )
    const queues = new Map(ofType(template, 'AWS::SQS::Queue'))
    for (const [id, { Properties }] of functions) {
      const log = resourcesIn(template).find(([name]) => name === Properties.LoggingConfig.LogGroup.Ref)
      expect(log?.[1].Properties.RetentionInDays).toBe(90)
      expect(Properties).toMatchObject({ Runtime: lambdaRuntime.name })
      const fed = ofType(template, 'AWS::Lambda::EventSourceMapping').flatMap(([, mapping]) => {
        if (mapping.Properties.FunctionName.Ref !== id) return []
        const [queue] = mapping.Properties.EventSourceArn['Fn::GetAtt']
        return [queue, queues.get(queue)?.Properties.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0]]
      })
      const called = ofType(template, 'AWS::Lambda::EventInvokeConfig').flatMap(([, config]) =>
        config.Properties.FunctionName.Ref === id
          ? [config.Properties.DestinationConfig.OnFailure.Destination['Fn::GetAtt'][0]]
          : [],
      )
      const asked = [
        ...ofType(template, 'AWS::ApiGatewayV2::Integration').map(
          ([, one]) => [one.Properties.ApiId.Ref, one.Properties.IntegrationUri] as const,
        ),
        ...ofType(template, 'AWS::ApiGatewayV2::Authorizer').map(
          ([, one]) => [one.Properties.ApiId.Ref, one.Properties.AuthorizerUri] as const,
        ),
      ].flatMap(([api, uri]) => (JSON.stringify(uri ?? '').includes(id) ? [api] : []))
      const ends = [...fed, ...called, ...asked]
      expect([id, ends.length > 0, ends.every(alarmed)]).toEqual([id, true, true])
    }
  })

  test('pays for no metric of its own, but while something is wrong, and for no alarm on several', () => {
    const alarms = ofType(template, 'AWS::CloudWatch::Alarm')
    for (const [id, { Properties }] of alarms) expect([id, Properties.Metrics]).toEqual([id, undefined])
    const own = alarms.filter(([, { Properties }]) => Properties.Namespace === 'Vigie')
    expect(own.map(([, { Properties }]) => Properties.MetricName).toSorted()).toEqual([
      'DeadLetters',
      'FlashDrafts',
      'MissingReports',
      'StoredAhead',
    ])
    // Silence of these is what is right: they are written where something was found. Of dead letters it says nothing,
    // since they are written once a day: the alarm rings each time, and mails OK only where 0 is written.
    for (const [, { Properties }] of own)
      expect(Properties.TreatMissingData).toBe(Properties.MetricName === 'DeadLetters' ? 'missing' : 'notBreaching')
    expect(alarms).toHaveLength({ 5: 12, 10: 15, 13: 20 }[names.length] ?? 0)
  })

  test('bears the stage’s tags wherever AWS takes tags', () => {
    const tagged = resourcesIn(template).filter(([, { Properties }]) =>
      JSON.stringify(Properties?.Tags ?? '').includes('vigie'),
    )
    for (const type of [
      'Lambda::Function',
      'SQS::Queue',
      'S3::Bucket',
      'DynamoDB::Table',
      'KMS::Key',
      'Logs::LogGroup',
      'IAM::Role',
      'CloudWatch::Alarm',
      'SecretsManager::Secret',
    ]) {
      const all = ofType(template, `AWS::${type}`)
      expect([type, all.length > 0, tagged.filter(([, { Type }]) => Type === `AWS::${type}`).length]).toEqual([
        type,
        true,
        all.length,
      ])
    }
  })

  test('says of each alarm what it means, and mails its beginning and its end to one topic', () => {
    const [[topic = ''] = []] = ofType(template, 'AWS::SNS::Topic')
    for (const [id, { Properties }] of ofType(template, 'AWS::CloudWatch::Alarm')) {
      expect([id, Properties.AlarmDescription.length > 40]).toEqual([id, true])
      expect([id, Properties.AlarmActions, Properties.OKActions]).toEqual([id, [{ Ref: topic }], [{ Ref: topic }]])
    }
  })

  test('hides a message for six times as long as its function may run, and gives it up after as many tries as the function does', () => {
    const queues = new Map(ofType(template, 'AWS::SQS::Queue'))
    const mappings = ofType(template, 'AWS::Lambda::EventSourceMapping')
    expect(mappings).toHaveLength(names.length > usual.length ? 4 : 2)
    for (const [, { Properties }] of mappings) {
      const queue = queues.get(Properties.EventSourceArn['Fn::GetAtt'][0])
      const [, worker] = functionsIn(template).find(([id]) => id === Properties.FunctionName.Ref) ?? []
      expect(queue?.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * worker?.Properties.Timeout)
      expect(queue?.Properties.RedrivePolicy.maxReceiveCount).toBe(maxTries)
      expect(Properties).toMatchObject({ BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] })
    }
    for (const [id, { Properties }] of queues) {
      const isDeadLetters = id.includes('DeadLetters')
      expect([id, Properties.RedrivePolicy !== undefined]).toEqual([id, !isDeadLetters])
      if (isDeadLetters) expect(Properties.MessageRetentionPeriod).toBe(14 * 86_400)
    }
  })

  test('sends what a schedule cannot deliver to the dead letters', () => {
    const schedules = ofType(template, 'AWS::Scheduler::Schedule')
    const digests = functionsIn(template).some(([id]) => id.startsWith('MailDeliver')) ? 1 : 0
    // And the national edition’s, the watchdog’s, the drafts of flash notes, the daily trial, the look at posts, the
    // removal of old pictures, and the digests where mail is sent.
    expect(schedules).toHaveLength(2 * territories.length + 2 + 5 + digests)
    for (const [id, { Properties }] of schedules) {
      const dead = Properties.Target.DeadLetterConfig.Arn['Fn::GetAtt'][0]
      expect([id, dead]).toEqual([id, expect.stringContaining('DeadLetters')])
    }
  })

  test('lets files of trials go within days, and no report ever; neither is replaced', () => {
    const [[, archive] = []] = ofType(template, 'AWS::S3::Bucket').filter(([id]) => id.startsWith('BucketsArchive'))
    const rules = archive?.Properties.LifecycleConfiguration.Rules as readonly Record<string, unknown>[]
    expect(rules.filter((rule) => Object.keys(rule).some((key) => /Expiration/.test(key)))).toEqual([
      {
        Prefix: 'synthetic/',
        ExpirationInDays: 7,
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        Status: 'Enabled',
      },
    ])
    const [[, policy] = []] = ofType(template, 'AWS::S3::BucketPolicy').filter(([id]) =>
      id.startsWith('BucketsArchive'),
    )
    const statements: readonly Record<string, unknown>[] = policy?.Properties.PolicyDocument.Statement ?? []
    const once = statements.find(({ Sid }) => Sid === 'OnlyWritesThatReplaceNothing')
    expect([...JSON.stringify(once?.Resource).matchAll(/\/([a-z]+)\/\*/g)].map(([, prefix]) => prefix)).toEqual([
      'reports',
      'synthetic',
    ])
  })

  test('hears of files under drop/ only, and drops them after thirty days, posts after seven', () => {
    const [[, drop] = []] = ofType(template, 'AWS::S3::Bucket').filter(([id]) => id.startsWith('BucketsDrop'))
    expect(drop?.Properties.NotificationConfiguration.QueueConfigurations).toMatchObject([
      { Event: 's3:ObjectCreated:*', Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'drop/' }] } } },
    ])
    expect(drop?.Properties.LifecycleConfiguration.Rules).toMatchObject([
      { ExpirationInDays: 30 },
      { Prefix: 'posts/', ExpirationInDays: 7, Status: 'Enabled' },
    ])
    expect(drop?.Properties.ObjectLockEnabled).toBeUndefined()
  })

  test('watches every hour that reports come, and rings where nobody looked for three', () => {
    const [, schedule] = ofType(template, 'AWS::Scheduler::Schedule').find(([id]) => id.startsWith('Watchdog')) ?? []
    expect(schedule?.Properties.ScheduleExpression).toBe('cron(0 * * * ? *)')
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'MissingReports',
      Threshold: 1,
      Period: 3600,
    })
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Invocations',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    })
  })

  test('takes uploaded pictures by a function that has their bucket and their items alone, and removes them for good', () => {
    if (!names.includes('PlatesWorker')) return
    const statements = statementsOf(template, 'PlatesWorker')
    const keys = statements.flatMap(
      ({ Condition }) =>
        (Condition as Record<string, Record<string, string[]>> | undefined)?.['ForAllValues:StringLike']?.[
          'dynamodb:LeadingKeys'
        ] ?? [],
    )
    expect([...new Set(keys)].toSorted()).toEqual(['HISTORY', 'PLATES', 'PLATEUPLOAD#*'])
    const objects = statements.filter(({ actions }) => actions.some((action) => action.startsWith('s3:')))
    for (const { Resource } of objects) expect(JSON.stringify(Resource)).toContain('BucketsPlates')
    const [[, bucket] = []] = ofType(template, 'AWS::S3::Bucket').filter(([id]) => id.startsWith('BucketsPlates'))
    expect(bucket?.Properties).not.toHaveProperty('VersioningConfiguration')
    expect(bucket?.Properties).not.toHaveProperty('ObjectLockEnabled')
    expect(bucket?.Properties.LifecycleConfiguration.Rules).toMatchObject([
      { Prefix: 'incoming/', ExpirationInDays: 1 },
    ])
    const reads = statementsOf(template, 'Generate').filter(({ Resource }) =>
      JSON.stringify(Resource).includes('BucketsPlates'),
    )
    expect(reads.flatMap(({ actions }) => actions).toSorted()).toEqual(['s3:GetObject', 's3:ListBucket'])
    expect(JSON.stringify(reads)).toContain('/plates/*')
    expect(JSON.stringify(reads)).not.toContain('/incoming/')
  })

  test('looks at posts once a day, by a function that writes candidates and word of its run, and no detection', () => {
    const [, schedule] = ofType(template, 'AWS::Scheduler::Schedule').find(([id]) => id.startsWith('Posts')) ?? []
    expect(schedule?.Properties.ScheduleExpression).toBe('cron(10 0 * * ? *)')
    expect(schedule?.Properties.Target.Input).toBe('{"scheduledAt":"<aws.scheduler.scheduled-time>"}')
    const statements = statementsOf(template, 'PostsDetect')
    const written = statements.filter(({ actions }) =>
      actions.some((action) => /dynamodb:(Put|Batch|Upd|Del)/.test(action)),
    )
    expect(written.flatMap(({ Condition }) => JSON.stringify(Condition).match(/[A-Z]+(?:#\*)?(?=")/g))).toEqual([
      'CANDIDATES',
      'CANDIDATES#*',
      'SOURCES',
      'SOURCE#*',
      'BATCHES',
      'BATCH#*',
      'CLOCK',
    ])
  })

  test('removes old pictures once a day, by a function that opens none and writes of plates and the history alone', () => {
    const [, schedule] = ofType(template, 'AWS::Scheduler::Schedule').find(([id]) => id.startsWith('PlateExpiry')) ?? []
    expect(schedule?.Properties.ScheduleExpression).toBe('cron(40 2 * * ? *)')
    expect(schedule?.Properties.Target.Input).toBe('{"scheduledAt":"<aws.scheduler.scheduled-time>"}')
    const statements = statementsOf(template, 'PlateExpiryWorker')
    const written = statements.filter(({ actions }) =>
      actions.some((action) => /dynamodb:(Put|Batch.*Write|Upd|Del)/.test(action)),
    )
    expect(written.flatMap(({ Condition }) => JSON.stringify(Condition).match(/[A-Z]+(?:#\*)?(?=")/g))).toEqual([
      'PLATES',
      'HISTORY',
    ])
    const ofBucket = statements.filter(({ actions }) => actions.some((action) => action.startsWith('s3:')))
    expect(ofBucket.flatMap(({ actions }) => actions)).toEqual(['s3:DeleteObject'])
    expect(JSON.stringify(ofBucket)).toContain('/plates/*')
  })

  test('has the watchdog count every queue of dead letters that a function fills, and no other', () => {
    const [, watchdog] = functionsIn(template).find(([id]) => id.startsWith('Watchdog')) ?? []
    const counting = statementsOf(template, 'Watchdog').filter(({ actions }) => actions.join().includes('sqs:Get'))
    const dead = ofType(template, 'AWS::SQS::Queue')
      .map(([id]) => id)
      .filter((id) => /DeadLetters/.test(id) && (names.includes('MailDeliver') || !id.startsWith('Deliveries')))
    expect(counting.map(({ actions }) => actions)).toEqual([['sqs:GetQueueAttributes']])
    expect(
      [counting[0]?.Resource]
        .flat()
        .map((resource) => (resource as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0])
        .toSorted(),
    ).toEqual(dead.toSorted())
    const urls = JSON.stringify(watchdog?.Properties.Environment.Variables.DEAD_LETTERS_URLS)
    for (const id of dead) expect(urls).toContain(`"${id}"`)
  })

  test('rings where a fast clock stored something', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'StoredAhead', Threshold: 1 })
  })
})

describe('the options', () => {
  test('copy the table to another account each day, keep the copy for 35 days, and mail where that fails', () => {
    plain.resourceCountIs('AWS::Backup::BackupPlan', 0)
    const [[table = ''] = []] = ofType(full, 'AWS::DynamoDB::Table')
    const tableArn = { 'Fn::GetAtt': [table, 'Arn'] }
    full.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [
          {
            ScheduleExpression: 'cron(0 1 * * ? *)',
            Lifecycle: { DeleteAfterDays: 7 },
            CopyActions: [{ DestinationBackupVaultArn: everything.backupVault, Lifecycle: { DeleteAfterDays: 35 } }],
          },
        ],
      },
    })
    full.hasResourceProperties('AWS::Backup::BackupSelection', { BackupSelection: { Resources: [tableArn] } })
    full.hasResource('AWS::Backup::BackupVault', { DeletionPolicy: 'RetainExceptOnCreate' })
    const [[topic = ''] = []] = ofType(full, 'AWS::SNS::Topic')
    full.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.backup'],
        detail: { state: ['FAILED', 'ABORTED', 'EXPIRED'], resourceArn: [tableArn] },
      },
      Targets: [Match.objectLike({ Arn: { Ref: topic } })],
    })
    full.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'sns:Publish', Principal: { Service: 'events.amazonaws.com' } }),
        ]),
      },
    })
  })

  test('let only those mail who mail, as the one sender; and who renders mails nobody', () => {
    const sending = functionsIn(full).flatMap(([id]) => {
      const name = id.replace(/Function.*/, '')
      return statementsOf(full, name)
        .filter(({ actions }) => actions.some((action) => action.startsWith('ses:')))
        .map(({ Condition, Resource }) => {
          // In the sandbox the recipient's own identity is asked for too.
          expect(JSON.stringify(Resource)).toContain(':identity/*')
          expect(JSON.stringify(Resource)).toContain(':configuration-set/')
          return [name, Condition]
        })
    })
    const asSender = { StringEquals: { 'ses:FromAddress': 'vigie@example.org' } }
    expect(sending).toEqual([
      ['ReadersWorker', asSender],
      ['MailDeliver', asSender],
    ])
    plain.resourceCountIs('AWS::SES::ConfigurationSet', 0)
    plain.resourceCountIs('AWS::ApiGatewayV2::Api', 2)
    bare.resourceCountIs('AWS::ApiGatewayV2::Api', 0)
  })

  test('log no token: the access log names routes', () => {
    const [[, stage] = []] = ofType(full, 'AWS::ApiGatewayV2::Stage')
    const { Format } = stage?.Properties.AccessLogSettings ?? {}
    expect(Format).toContain('$context.routeKey')
    expect(Format).not.toMatch(/\$context\.path\b/)
    expect(stage?.Properties.DefaultRouteSettings.ThrottlingRateLimit).toBeLessThanOrEqual(100)
  })

  test('let nobody into the room whom the session was not asked about', () => {
    const routes = ofType(full, 'AWS::ApiGatewayV2::Route').filter(([id]) => id.startsWith('Room'))
    const open = routes.filter(([, { Properties }]) => Properties.AuthorizationType !== 'CUSTOM')
    expect(open.map(([, { Properties }]) => Properties.RouteKey).toSorted()).toEqual([
      'GET /assets/{version}/{name}',
      'GET /healthz',
      'GET /sign-in',
      'GET /sign-in/back',
      'POST /sign-out',
    ])
    expect(routes.length - open.length).toBe(9)
    const [[, authorizer] = []] = ofType(full, 'AWS::ApiGatewayV2::Authorizer').filter(([id]) => id.startsWith('Room'))
    // A kept answer would outlive a session.
    expect(authorizer?.Properties).toMatchObject({ AuthorizerResultTtlInSeconds: 0, EnableSimpleResponses: true })
  })

  test.each([
    ['the room', { api: false }, 1],
    ['the API', { room: false }, 1],
    ['neither', nothing, 0],
  ])('take pictures where there is %s', (_, settings, takers) => {
    const names = functionsIn(Template.fromStack(stackOf(settings).stack)).map(([id]) => id.replace(/Function.*/, ''))
    expect(names.filter((name) => name === 'PlatesWorker')).toHaveLength(takers)
  })

  test('keep the key of sessions from whoever reads reports, and reports from whoever has the key', () => {
    const secret = 'secretsmanager:GetSecretValue'
    const reads = (name: string) => statementsOf(full, name).flatMap(({ actions }) => actions)
    // Of secrets it has the key for names of accounts alone.
    const secrets = statementsOf(full, 'RoomWorker').filter(({ actions }) => actions.includes(secret))
    expect(JSON.stringify(secrets)).toMatch(/Pseudonym/)
    expect(JSON.stringify(secrets)).not.toMatch(/Session/)
    expect(reads('RoomWorker')).toContain('dynamodb:Query')
    for (const name of ['RoomSignIn', 'RoomDoorkeeper']) {
      expect(reads(name)).toContain(secret)
      expect(reads(name).filter((action) => /^(dynamodb|s3|sqs):/.test(action))).toEqual([])
    }
    const written = statementsOf(full, 'RoomWorker').filter(({ actions }) => actions.includes('dynamodb:PutItem'))
    expect(written[0]?.Condition).toEqual({
      'ForAllValues:StringLike': {
        'dynamodb:LeadingKeys': ['JOB#*', 'JOBNAME#*', 'ANSWERS', 'RECIPIENTS', 'NOTE#*', 'SCHEDULES', 'REPORT#*'],
      },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    })
    // It mends detections, signs candidates, keeps recipients, notes and schedules, approves and recalls versions; what
    // was mailed it does not write.
    expect(JSON.stringify(written)).not.toMatch(/"(SUMMARY|DELIVERY|TOKEN)/)
    // Nor any file of a report: it removes pictures, and signs the forms by which new ones come, which it cannot read.
    const files = statementsOf(full, 'RoomWorker').flatMap(({ actions, Resource }) =>
      actions
        .filter((action) => /^s3:(Put|Delete|Get)Object/.test(action))
        .map((action) =>
          [
            action.slice(3),
            ...(/Buckets(Archive|Plates).*?(\/[a-z]+\/\*)/.exec(JSON.stringify(Resource))?.slice(1) ?? ['elsewhere']),
          ].join(' '),
        ),
    )
    expect(files.toSorted()).toEqual([
      'DeleteObject Plates /plates/*',
      'GetObject Archive /reports/*',
      'GetObject Plates /plates/*',
      'PutObject Plates /incoming/*',
    ])
  })

  test('let the room alone set schedules, and read them what goes by them', () => {
    const doing = (name: string, action: string) =>
      statementsOf(full, name).some(
        ({ actions, Condition }) => actions.includes(action) && JSON.stringify(Condition ?? {}).includes('"SCHEDULES"'),
      )
    for (const name of ['Generate', 'MailDeliver', 'Watchdog', 'RoomWorker'])
      expect([name, doing(name, 'dynamodb:Query')]).toEqual([name, true])
    for (const name of ['Generate', 'MailDeliver', 'Watchdog', 'ProgramsWorker', 'Ingest'])
      expect([name, doing(name, 'dynamodb:PutItem')]).toEqual([name, false])
    expect(doing('RoomWorker', 'dynamodb:PutItem')).toBe(true)
  })

  test('show the public half of the key of manifests, and let nobody but generate sign', () => {
    const signing = (name: string) =>
      statementsOf(full, name)
        .flatMap(({ actions }) => actions)
        .filter((action) => /^kms:(Sign|GetPublicKey)$/.test(action))
    expect(signing('Generate').toSorted()).toEqual(['kms:GetPublicKey', 'kms:Sign'])
    for (const name of ['ProgramsWorker', 'RoomWorker']) expect(signing(name)).toEqual(['kms:GetPublicKey'])
  })

  test('let only the watch team enter readers, and no reader raise his own clearance', () => {
    const [[, pool] = []] = ofType(full, 'AWS::Cognito::UserPool')
    expect(pool).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true }, MfaConfiguration: 'ON' },
    })
    const [[, client] = []] = ofType(full, 'AWS::Cognito::UserPoolClient')
    expect(client?.Properties).toMatchObject({
      WriteAttributes: ['name'],
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
      GenerateSecret: false,
    })
    expect(client?.Properties.ReadAttributes).toEqual(
      expect.arrayContaining(['custom:vigie_clearance', 'custom:vigie_territories', 'custom:vigie_scopes']),
    )
  })

  test('open the key of sessions where a key of one’s own locks it, whose policy the stack cannot write', () => {
    const kmsKey = 'arn:aws:kms:eu-west-3:123456789012:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9'
    const given = Template.fromStack(stackOf({ room: {}, kmsKey }).stack)
    for (const name of ['RoomSignIn', 'RoomDoorkeeper']) {
      const opening = statementsOf(given, name).find(({ actions }) => actions.includes('kms:Decrypt'))
      expect([name, opening?.actions, opening?.Resource]).toEqual([name, ['kms:Decrypt'], kmsKey])
    }
  })

  test('ask an issuer of one’s own, whose secret only the function that signs in reads', () => {
    const clientSecret = 'arn:aws:secretsmanager:eu-west-3:123456789012:secret:vigie-client-AbCdEf'
    const room = { issuer: 'https://sign-in.example.org', clientId: 'vigie', clientSecret }
    const own = Template.fromStack(stackOf({ room }).stack)
    own.resourceCountIs('AWS::Cognito::UserPool', 0)
    own.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { ISSUER: room.issuer, CLIENT_ID: 'vigie', CLIENT_SECRET: clientSecret } },
    })
    const readers = functionsIn(own).filter(([id]) =>
      statementsOf(own, id.replace(/Function.*/, '')).some(({ Resource }) => [Resource].flat().includes(clientSecret)),
    )
    expect(readers.map(([id]) => id)).toEqual([expect.stringMatching(/^RoomSignIn/)])
  })

  test('lock the archive by governance', () => {
    full.hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } } },
    })
    plain.resourcePropertiesCountIs('AWS::S3::Bucket', { ObjectLockEnabled: true }, 0)
  })

  test('seal everything stored with the one key', () => {
    for (const type of [
      'AWS::DynamoDB::Table',
      'AWS::SQS::Queue',
      'AWS::SecretsManager::Secret',
      'AWS::Logs::LogGroup',
    ]) {
      const all = ofType(full, type).filter(([id]) => !id.startsWith('NetworkLog'))
      expect(all.length).toBeGreaterThan(0)
      for (const [id, resource] of all)
        expect([id, JSON.stringify(resource).includes('Key961B73FD')]).toEqual([id, true])
    }
  })

  test('put every function into a network without a way out', () => {
    full.resourceCountIs('AWS::EC2::NatGateway', 0)
    full.resourceCountIs('AWS::EC2::InternetGateway', 0)
    for (const [id, { Properties }] of functionsIn(full)) {
      // Who signs in goes to the issuer, which is outside; nothing stored is within that function’s reach.
      const isInside = !id.startsWith('RoomSignIn')
      expect([id, Properties.VpcConfig?.SubnetIds.length]).toEqual([id, isInside ? 2 : undefined])
    }
  })

  test('let services use the key that use it by themselves, and the watchdog’s caller send letters under it', () => {
    const statements: { Principal: { Service?: unknown }; Condition?: object }[] = ofType(
      full,
      'AWS::KMS::Key',
    ).flatMap(([, { Properties }]) => Properties.KeyPolicy.Statement)
    const users = (conditional: boolean) =>
      JSON.stringify(
        statements
          .filter(({ Condition }) => (Condition !== undefined) === conditional)
          .map(({ Principal }) => Principal.Service),
      )
    expect(users(false)).toContain('"events.amazonaws.com"')
    expect(users(true)).toContain('"s3.amazonaws.com"')
    expect(users(true)).toContain('logs.')
    expect(users(true) + users(false)).not.toContain('scheduler')
    const kmsKey = 'arn:aws:kms:eu-west-3:123456789012:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9'
    const given = Template.fromStack(stackOf({ kmsKey }).stack)
    for (const [id, { Properties }] of ofType(given, 'AWS::Scheduler::Schedule')) {
      const role = Properties.Target.RoleArn['Fn::GetAtt'][0]
      const actions = ofType(given, 'AWS::IAM::Policy')
        .filter(([, policy]) => JSON.stringify(policy.Properties.Roles).includes(role))
        .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement as { Action: string; Resource: unknown }[])
        .filter(({ Resource }) => JSON.stringify(Resource).includes(kmsKey))
        .flatMap(({ Action }) => Action)
        .map((action) => action.replace('*', ''))
      // As AWS asks of whoever sends to an encrypted queue.
      expect([id, actions]).toEqual([id, expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey'])])
    }
  })

  test('lead out of the network to the account’s own and nowhere else', () => {
    const endpoints = ofType(full, 'AWS::EC2::VPCEndpoint').map(([id, { Properties }]) => {
      const [statement] = Properties.PolicyDocument?.Statement ?? []
      return [id.replace(/^NetworkVpc([A-Za-z0-9]+?)[0-9A-F]{8}$/, '$1'), statement] as const
    })
    const account = { Ref: 'AWS::AccountId' }
    const own = { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } }
    expect(endpoints.map(([id, statement]) => [id, statement?.Condition])).toEqual([
      ['S3', own],
      ['DynamoDb', own],
      ['Sqs', own],
      ['Secrets', own],
      ['Keys', own],
      ['Mail', undefined],
    ])
    for (const [, statement] of endpoints.slice(0, 2)) expect(JSON.stringify(statement.Resource)).not.toContain('"*"')
    const placed = Template.fromStack(stackOf({ vpc: { zones: ['eu-west-3a', 'eu-west-3c'] } }).stack)
    const zones = ofType(placed, 'AWS::EC2::Subnet').map(([, { Properties }]) => Properties.AvailabilityZone)
    expect(zones).toEqual(['eu-west-3a', 'eu-west-3c'])
  })

  test('give an API a domain of one’s own, and say where its record must point', () => {
    const certificate = 'arn:aws:acm:eu-west-3:123456789012:certificate/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9'
    const domain = (name: string) => ({ name: `${name}.example.org`, certificate })
    const named = Template.fromStack(
      stackOf({
        api: { domain: domain('api') },
        room: { domain: { name: 'room.example.org' } },
        mail: { from: 'vigie@example.org', domain: domain('reports') },
      }).stack,
    )
    // The room has something else before it, which is not ours.
    named.resourceCountIs('AWS::ApiGatewayV2::DomainName', 2)
    named.resourceCountIs('AWS::ApiGatewayV2::ApiMapping', 2)
    named.hasOutput('ApiUrl', { Value: 'https://api.example.org' })
    named.hasOutput('Site', { Value: 'https://reports.example.org' })
    named.hasOutput('RoomUrl', { Value: 'https://room.example.org/room' })
    expect(Object.keys(named.findOutputs('*')).filter((name) => name.includes('DomainTarget'))).toHaveLength(2)
    named.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      CallbackURLs: ['https://room.example.org/sign-in/back'],
    })
  })

  test('tell of a bill, and show a dashboard, only where they are asked for', () => {
    full.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { BudgetLimit: { Amount: 20, Unit: 'USD' }, TimeUnit: 'MONTHLY' },
      NotificationsWithSubscribers: [
        { Subscribers: [{ Address: 'watch@example.org' }] },
        { Subscribers: [{ Address: 'watch@example.org' }] },
      ],
    })
    full.resourceCountIs('AWS::CloudWatch::Dashboard', 1)
    plain.resourceCountIs('AWS::Budgets::Budget', 0)
    plain.resourceCountIs('AWS::CloudWatch::Dashboard', 0)
  })

  test('name who is told, and reserve what may run at once', () => {
    full.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'watch@example.org' })
    const reserved = functionsIn(full).map(([id, { Properties }]) => [
      id.replace(/Function.*/, ''),
      Properties.ReservedConcurrentExecutions,
    ])
    expect(Object.fromEntries(reserved)).toMatchObject({ Generate: 4, Ingest: 2, Watchdog: undefined })
  })

  test('turn the daily trial off', () => {
    const quiet = Template.fromStack(stackOf({ synthetic: false }).stack)
    const trials = (template: Template) =>
      ofType(template, 'AWS::Scheduler::Schedule').filter(([, { Properties }]) =>
        /synthetic/.test(Properties.Target.Input),
      )
    expect([plain, full, quiet].map((template) => trials(template).length)).toEqual([1, 1, 0])
  })

  test('choose whose reports are due', () => {
    const some = Template.fromStack(stackOf({ territories: ['NC', 'COR'], cadences: ['week'] }).stack)
    some.resourceCountIs('AWS::Scheduler::Schedule', 7)
    some.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { DUE: 'NC,COR week' } } })
  })
})
