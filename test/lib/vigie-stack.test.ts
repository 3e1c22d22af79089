/** The stack: the list of its resources, and rules that hold for all settings. */
import { App, Stack, Validations } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam'
import { AwsSolutionsChecks } from 'cdk-nag'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxTries } from '../../lambdas/config/env.ts'
import { lambdaRuntime } from '../../lambdas/domain/checkup/runtime.ts'
import { dueNext, everyReport } from '../../lambdas/domain/core/place/due.ts'
import { boundsFor } from '../../lambdas/domain/core/place/subject.ts'
import { territories } from '../../lambdas/domain/core/place/territory.ts'
import { canonicalHash } from '../../lambdas/domain/core/text/canonical.ts'
import { readSettings } from '../../lib/settings.ts'
import { VigieStack } from '../../lib/vigie-stack.ts'
import { unbundled } from '../support/cdk-context.ts'

const stackOf = (
  settings: Readonly<Record<string, unknown>> = {},
  more?: ConstructorParameters<typeof VigieStack>[2],
) => {
  const app = new App({ context: unbundled })
  return { app, stack: new VigieStack(app, readSettings({ stage: 'test', stages: { test: settings } }), more) }
}
const templateOf = (settings?: Readonly<Record<string, unknown>>) => Template.fromStack(stackOf(settings).stack)

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
const bare = templateOf(nothing)
const plain = templateOf()
const full = templateOf(everything)
const working = ['Generate', 'Ingest', 'PlateExpiryWorker', 'PostsDetect', 'Watchdog']
const usual = [...working, 'PlatesWorker', 'ProgramsWorker', 'RoomAuthorizer', 'RoomSignIn', 'RoomWorker'].toSorted()
const mailing = ['MailDeliver', 'MailFeedback', 'ReadersWorker']
const each = [
  ['the stack with all options off', bare, working],
  ['the stack with default settings', plain, usual],
  ['the stack with all options on', full, [...usual, ...mailing].toSorted()],
] as const

const resourcesIn = (template: Template) => Object.entries(template.toJSON().Resources as Record<string, Resource>)
const ofType = (template: Template, type: string) => resourcesIn(template).filter(([, { Type }]) => Type === type)
const functionsIn = (template: Template) => ofType(template, 'AWS::Lambda::Function')
const nameOf = (functionId: string) => functionId.replace(/Function.*/, '')
const firstOf = (template: Template, type: string, start = '') => {
  const [found] = ofType(template, type).filter(([id]) => id.startsWith(start))
  if (!found) throw new Error(`the stack has no ${type} ${start}`)
  return found
}
const propertiesOf = (...asked: Parameters<typeof firstOf>) => firstOf(...asked)[1].Properties

const statementsOf = (template: Template, name: string) =>
  ofType(template, 'AWS::IAM::Policy')
    .filter(([id]) => id.startsWith(`${name}Role`))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Record<string, unknown>[])
    .map(({ Action, Resource, Condition }) => ({ actions: [Action].flat() as string[], Resource, Condition }))

describe('the stack', () => {
  test('has the resources of its list; a change is accepted with vitest -u', async () => {
    const { Resources, ...rest } = JSON.parse(JSON.stringify(plain.toJSON()).replaceAll(/[0-9a-f]{64}/g, 'HASH')) as {
      readonly Resources: Readonly<Record<string, Resource>>
    }
    const resources = Object.entries(Resources).map(
      ([id, resource]) => `${id} ${resource.Type} ${canonicalHash(resource).slice(0, 12)}`,
    )
    const others = JSON.stringify(rest, null, 2)
    await expect(`${resources.toSorted().join('\n')}\n\n${others}\n`).toMatchFileSnapshot('./vigie-stack.list.txt')
  })

  test.each([
    ['with all options off', nothing],
    ['with default settings', {}],
    ['with all options on', everything],
  ])('%s passes AwsSolutions and the rules of the CDK', (_, settings) => {
    const { app } = stackOf(settings)
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
    expect(() => app.synth()).not.toThrow()
  })

  test.each([
    [false, 'ACTIVE'],
    [true, 'INACTIVE'],
  ])('is protected against deletion, except during its first deployment: %s', (firstDeployment, poolProtection) => {
    const { stack } = stackOf({ room: {} }, { firstDeployment })
    const template = Template.fromStack(stack)
    expect(stack.terminationProtection).toBe(!firstDeployment)
    template.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: !firstDeployment })
    template.hasResourceProperties('AWS::Cognito::UserPool', { DeletionProtection: poolProtection })
    // A retained resource would block the next try.
    expect(resourcesIn(template).filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain')).toEqual([])
  })

  test('shares its archive and alarms with other stacks of its app', () => {
    const env = { account: '123456789012', region: 'eu-west-3' }
    const { app, stack: vigie } = stackOf({}, { env })
    const other = new Stack(app, 'other', { env })
    const copier = new Role(other, 'Copier', { assumedBy: new AccountRootPrincipal() })
    vigie.archive.grantRead(copier, 'reports/*')
    vigie.alarms.add(vigie, 'CopyIsLate', {
      metric: new Metric({ namespace: 'Other', metricName: 'Late' }),
      from: 1,
      failureImpact: 'The copy of the archive is late: look at the other stack.',
    })
    expect(() => app.synth()).not.toThrow()
    const template = Template.fromStack(vigie)
    const AlarmActions = [{ Ref: firstOf(template, 'AWS::SNS::Topic')[0] }]
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'Late', AlarmActions })
    expect(ofType(Template.fromStack(other), 'AWS::IAM::Policy')).toHaveLength(1)
  })

  test('has a name for each stage, so that an app can have several', () => {
    const app = new App({ context: unbundled })
    const stages = { one: {}, two: {} }
    const made = ['one', 'two'].map((stage) => new VigieStack(app, readSettings({ stage, stages })))
    expect(made.map(({ stackName }) => stackName)).toEqual(['vigie-one', 'vigie-two'])
    expect(() => app.synth()).not.toThrow()
  })
})

describe.each(each)('%s', (_, template, names) => {
  test('retains the table, the archive and their keys', () => {
    const stateful = resourcesIn(template).filter(
      ([id, { Type }]) =>
        // Without the key of sessions all users sign in again, and nothing is lost.
        (/DynamoDB::Table|S3::Bucket$|SecretsManager::Secret$/.test(Type) && !id.startsWith('RoomSessionKey')) ||
        (Type === 'AWS::KMS::Key' && id === 'Key961B73FD'),
    )
    expect(stateful.length).toBeGreaterThanOrEqual(5)
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of stateful) {
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'RetainExceptOnCreate', 'Retain'])
    }
  })

  test('has no public bucket, and requires TLS', () => {
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
      for (const { Effect, Principal } of statements)
        if (Effect === 'Allow') expect(JSON.stringify(Principal)).not.toContain('"*"')
    }
  })

  test('denies writes into the archive that could replace an object', () => {
    const { PolicyDocument } = propertiesOf(template, 'AWS::S3::BucketPolicy', 'BucketsArchive')
    const denied = PolicyDocument.Statement.find(({ Sid }: { Sid?: string }) => Sid === 'OnlyWritesThatReplaceNothing')
    const Condition = { Null: { 's3:if-none-match': 'true' } }
    expect(denied).toMatchObject({ Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:PutObject', Condition })
    const prefixes = [...JSON.stringify(denied.Resource).matchAll(/\/([a-z]+)\/\*/g)].map(([, prefix]) => prefix)
    expect(prefixes).toEqual(['reports'])
  })

  test('lets generate alone put reports, and ingest write none', () => {
    const puts = functionsIn(template).flatMap(([id]) => {
      const name = nameOf(id)
      return statementsOf(template, name)
        .filter(({ actions }) => actions.some((action) => /^s3:(Put|\*)/.test(action)))
        .flatMap(({ Resource }) => [...JSON.stringify(Resource).matchAll(/\/[a-z/]+\/\*/g)].map(([key]) => [name, key]))
    })
    expect(puts.toSorted()).toEqual([
      ['Generate', '/reports/*'],
      ['Ingest', '/results/*'],
      ...(names.includes('PlatesWorker') ? [['PlatesWorker', '/plates/*']] : []),
      ['PostsDetect', '/results/posts/*'],
      ...(names.includes('ProgramsWorker')
        ? [
            ['ProgramsWorker', '/drop/*'],
            ['ProgramsWorker', '/incoming/*'],
          ]
        : []),
      ...(names.includes('RoomWorker') ? [['RoomWorker', '/incoming/*']] : []),
    ])
  })

  test('gives no function a right on everything, except network interfaces', () => {
    for (const [id] of functionsIn(template)) {
      const wide = statementsOf(template, nameOf(id)).filter(({ Resource }) => Resource === '*')
      for (const { actions } of wide) expect(actions.filter((action) => !action.startsWith('ec2:'))).toEqual([])
    }
    const managed = ofType(template, 'AWS::IAM::Role').filter(([, { Properties }]) => Properties.ManagedPolicyArns)
    // AWS Backup has one.
    expect(managed.filter(([id]) => !id.startsWith('OutsideCopyPlan'))).toEqual([])
  })

  test('has for each function a log with a retention, and alarms on its failures', () => {
    const functions = functionsIn(template)
    expect(functions.map(([id]) => nameOf(id)).toSorted()).toEqual(names)
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

  test('has custom metrics for faults alone, and no alarm on several metrics', () => {
    const alarms = ofType(template, 'AWS::CloudWatch::Alarm')
    for (const [id, { Properties }] of alarms) expect([id, Properties.Metrics]).toEqual([id, undefined])
    const own = alarms.filter(([, { Properties }]) => Properties.Namespace === 'Vigie')
    expect(own.map(([, { Properties }]) => Properties.MetricName).toSorted()).toEqual([
      'DeadLetters',
      'MissingReports',
      'StoredAhead',
    ])
    // Written only if something was found, but dead letters daily: that alarm mails OK only at 0.
    for (const [, { Properties }] of own)
      expect(Properties.TreatMissingData).toBe(Properties.MetricName === 'DeadLetters' ? 'missing' : 'notBreaching')
    expect(alarms).toHaveLength({ 5: 11, 10: 14, 13: 19 }[names.length] ?? 0)
  })

  test.each([
    ...['Lambda::Function', 'SQS::Queue', 'S3::Bucket', 'DynamoDB::Table', 'KMS::Key'],
    ...['Logs::LogGroup', 'IAM::Role', 'CloudWatch::Alarm', 'SecretsManager::Secret'],
  ])('has the tags of the stage on every %s', (type) => {
    const all = ofType(template, `AWS::${type}`)
    expect(all.length).toBeGreaterThan(0)
    const untagged = all.filter(([, { Properties }]) => !JSON.stringify(Properties?.Tags ?? '').includes('vigie'))
    expect(untagged.map(([id]) => id)).toEqual([])
  })

  test('describes each alarm, and sends its start and end to one topic', () => {
    const [topic] = firstOf(template, 'AWS::SNS::Topic')
    for (const [id, { Properties }] of ofType(template, 'AWS::CloudWatch::Alarm')) {
      expect([id, Properties.AlarmDescription.length > 40]).toEqual([id, true])
      expect([id, Properties.AlarmActions, Properties.OKActions]).toEqual([id, [{ Ref: topic }], [{ Ref: topic }]])
    }
  })

  test('hides a message for six times the timeout of its function, and drops it after as many tries', () => {
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

  test('has a dead-letter queue for each schedule', () => {
    const schedules = ofType(template, 'AWS::Scheduler::Schedule')
    const digests = functionsIn(template).some(([id]) => id.startsWith('MailDeliver')) ? 1 : 0
    // Two of the nation; watchdog, dry run, posts, old pictures; digests if mail is on.
    expect(schedules).toHaveLength(2 * territories.length + 2 + 4 + digests)
    for (const [id, { Properties }] of schedules) {
      const dead = Properties.Target.DeadLetterConfig.Arn['Fn::GetAtt'][0]
      expect([id, dead]).toEqual([id, expect.stringContaining('DeadLetters')])
    }
  })

  test('never deletes reports', () => {
    const rules = propertiesOf(template, 'AWS::S3::Bucket', 'BucketsArchive').LifecycleConfiguration.Rules
    expect(rules.filter((rule: object) => Object.keys(rule).some((key) => /Expiration/.test(key)))).toEqual([])
  })

  test('looks every hour for missing reports, and rings if it did not look for three', () => {
    const schedule = propertiesOf(template, 'AWS::Scheduler::Schedule', 'Watchdog')
    expect(schedule.ScheduleExpression).toBe('cron(0 * * * ? *)')
    const alarm = { MetricName: 'MissingReports', Threshold: 1, Period: 3600 }
    template.hasResourceProperties('AWS::CloudWatch::Alarm', alarm)
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Invocations',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    })
  })

  test('keeps pictures in a bucket without versions, and uploads for a day', () => {
    const bucket = propertiesOf(template, 'AWS::S3::Bucket', 'BucketsPlates')
    expect(bucket).not.toHaveProperty('VersioningConfiguration')
    expect(bucket).not.toHaveProperty('ObjectLockEnabled')
    expect(bucket.LifecycleConfiguration.Rules).toMatchObject([{ Prefix: 'incoming/', ExpirationInDays: 1 }])
  })

  test('has the watchdog count every dead-letter queue of its functions', () => {
    const counting = statementsOf(template, 'Watchdog').filter(({ actions }) => actions.join().includes('sqs:Get'))
    const dead = ofType(template, 'AWS::SQS::Queue')
      .map(([id]) => id)
      .filter((id) => /DeadLetters/.test(id) && (names.includes('MailDeliver') || !id.startsWith('Deliveries')))
    expect(counting.map(({ actions }) => actions)).toEqual([['sqs:GetQueueAttributes']])
    const counted = [counting[0]?.Resource].flat() as { 'Fn::GetAtt': string[] }[]
    expect(counted.map((resource) => resource['Fn::GetAtt'][0]).toSorted()).toEqual(dead.toSorted())
    const { Environment } = propertiesOf(template, 'AWS::Lambda::Function', 'Watchdog')
    for (const id of dead) expect(JSON.stringify(Environment.Variables.DEAD_LETTERS_URLS)).toContain(`"${id}"`)
  })
})

describe('the options', () => {
  test('copy the table to another account each day for 35 days, and mail a failure', () => {
    plain.resourceCountIs('AWS::Backup::BackupPlan', 0)
    const tableArn = { 'Fn::GetAtt': [firstOf(full, 'AWS::DynamoDB::Table')[0], 'Arn'] }
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
    full.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.backup'],
        detail: { state: ['FAILED', 'ABORTED', 'EXPIRED'], resourceArn: [tableArn] },
      },
      Targets: [Match.objectLike({ Arn: { Ref: firstOf(full, 'AWS::SNS::Topic')[0] } })],
    })
    full.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'sns:Publish', Principal: { Service: 'events.amazonaws.com' } }),
        ]),
      },
    })
  })

  test('let two functions mail, as one sender, and generate send none', () => {
    const sending = functionsIn(full).flatMap(([id]) => {
      const name = nameOf(id)
      return statementsOf(full, name)
        .filter(({ actions }) => actions.some((action) => action.startsWith('ses:')))
        .map(({ Condition, Resource }) => {
          // The SES sandbox checks the recipient's identity too.
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
    const { AccessLogSettings, DefaultRouteSettings } = propertiesOf(full, 'AWS::ApiGatewayV2::Stage')
    expect(AccessLogSettings.Format).toContain('$context.routeKey')
    expect(AccessLogSettings.Format).not.toMatch(/\$context\.path\b/)
    expect(DefaultRouteSettings.ThrottlingRateLimit).toBeLessThanOrEqual(100)
  })

  test.each([
    ['a role', plain, 'AWS_IAM'],
    ['a token of the issuer', full, 'JWT'],
  ])('let programs in with %s only, and slow their writing', (_, template, asked) => {
    const routes = ofType(template, 'AWS::ApiGatewayV2::Route').filter(([id]) => id.startsWith('Programs'))
    expect(
      routes.map(([, { Properties }]) => `${Properties.RouteKey}: ${Properties.AuthorizationType}`).toSorted(),
    ).toEqual([
      ...[`ANY /: ${asked}`, `ANY /{proxy+}: ${asked}`, 'GET /healthz: NONE', 'GET /openapi.json: NONE'],
      ...[`PATCH /: ${asked}`, `PATCH /{proxy+}: ${asked}`, `POST /: ${asked}`, `POST /{proxy+}: ${asked}`],
    ])
    const { RouteSettings } = propertiesOf(template, 'AWS::ApiGatewayV2::Stage', 'Programs')
    expect(Object.keys(RouteSettings).toSorted()).toEqual(['PATCH /{proxy+}', 'POST /{proxy+}'])
  })

  test('have few routes of the room for which the session was not asked', () => {
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
    // A cached answer would outlive a session.
    const answer = { AuthorizerResultTtlInSeconds: 0, EnableSimpleResponses: true }
    expect(propertiesOf(full, 'AWS::ApiGatewayV2::Authorizer', 'Room')).toMatchObject(answer)
  })

  test.each([
    ['the room', { api: false }, 1],
    ['the API', { room: false }, 1],
    ['neither', nothing, 0],
  ])('accept pictures with %s', (_, settings, count) => {
    const names = functionsIn(templateOf(settings)).map(([id]) => nameOf(id))
    expect(names.filter((name) => name === 'PlatesWorker')).toHaveLength(count)
  })

  test('keep the key of sessions from the function that reads reports, and reports from those with the key', () => {
    const secret = 'secretsmanager:GetSecretValue'
    const reads = (name: string) => statementsOf(full, name).flatMap(({ actions }) => actions)
    const secrets = statementsOf(full, 'RoomWorker').filter(({ actions }) => actions.includes(secret))
    expect(JSON.stringify(secrets)).toMatch(/Pseudonym/)
    expect(JSON.stringify(secrets)).not.toMatch(/Session/)
    expect(reads('RoomWorker')).toContain('dynamodb:Query')
    for (const name of ['RoomSignIn', 'RoomAuthorizer']) {
      expect(reads(name)).toContain(secret)
      expect(reads(name).filter((action) => /^(dynamodb|s3|sqs):/.test(action))).toEqual([])
    }
  })

  test('let generate alone sign manifests, and the pages show the public key', () => {
    const signing = (name: string) =>
      statementsOf(full, name)
        .flatMap(({ actions }) => actions)
        .filter((action) => /^kms:(Sign|GetPublicKey)$/.test(action))
    expect(signing('Generate').toSorted()).toEqual(['kms:GetPublicKey', 'kms:Sign'])
    for (const name of ['ProgramsWorker', 'RoomWorker']) expect(signing(name)).toEqual(['kms:GetPublicKey'])
  })

  test('let only the watch team add readers, and no reader raise their own clearance', () => {
    expect(firstOf(full, 'AWS::Cognito::UserPool')[1]).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true }, MfaConfiguration: 'ON' },
    })
    const client = propertiesOf(full, 'AWS::Cognito::UserPoolClient')
    expect(client).toMatchObject({
      WriteAttributes: ['name'],
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
      GenerateSecret: false,
    })
    expect(client.ReadAttributes).toEqual(
      expect.arrayContaining(['custom:vigie_clearance', 'custom:vigie_territories', 'custom:vigie_scopes']),
    )
  })

  test('let only the function that signs in read the secret of a given issuer', () => {
    const clientSecret = 'arn:aws:secretsmanager:eu-west-3:123456789012:secret:vigie-client-AbCdEf'
    const room = { issuer: 'https://sign-in.example.org', clientId: 'vigie', clientSecret }
    const own = templateOf({ room })
    own.resourceCountIs('AWS::Cognito::UserPool', 0)
    own.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { ISSUER: room.issuer, CLIENT_ID: 'vigie', CLIENT_SECRET: clientSecret } },
    })
    const readers = functionsIn(own).filter(([id]) =>
      statementsOf(own, nameOf(id)).some(({ Resource }) => [Resource].flat().includes(clientSecret)),
    )
    expect(readers.map(([id]) => id)).toEqual([expect.stringMatching(/^RoomSignIn/)])
  })

  test('lock the archive in governance mode', () => {
    full.hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } } },
    })
    plain.resourcePropertiesCountIs('AWS::S3::Bucket', { ObjectLockEnabled: true }, 0)
  })

  test.each(['DynamoDB::Table', 'SQS::Queue', 'SecretsManager::Secret', 'Logs::LogGroup'])(
    'encrypt every %s with one key',
    (type) => {
      const all = ofType(full, `AWS::${type}`).filter(([id]) => !id.startsWith('NetworkLog'))
      expect(all.length).toBeGreaterThan(0)
      expect(all.filter(([, one]) => !JSON.stringify(one).includes('Key961B73FD')).map(([id]) => id)).toEqual([])
    },
  )

  test('put every function but one into a network without internet access', () => {
    full.resourceCountIs('AWS::EC2::NatGateway', 0)
    full.resourceCountIs('AWS::EC2::InternetGateway', 0)
    for (const [id, { Properties }] of functionsIn(full)) {
      // It calls the issuer, which is outside, and can reach no stored data.
      const isInside = !id.startsWith('RoomSignIn')
      expect([id, Properties.VpcConfig?.SubnetIds.length]).toEqual([id, isInside ? 2 : undefined])
    }
  })

  test('limit the network to resources of the account', () => {
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
    const placed = templateOf({ vpc: { zones: ['eu-west-3a', 'eu-west-3c'] } })
    const zones = ofType(placed, 'AWS::EC2::Subnet').map(([, { Properties }]) => Properties.AvailabilityZone)
    expect(zones).toEqual(['eu-west-3a', 'eu-west-3c'])
  })

  test('give an API a custom domain, and output the target of its DNS record', () => {
    const certificate = 'arn:aws:acm:eu-west-3:123456789012:certificate/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9'
    const domain = (name: string) => ({ name: `${name}.example.org`, certificate })
    const named = templateOf({
      api: { domain: domain('api') },
      room: { domain: { name: 'room.example.org' } },
      mail: { from: 'vigie@example.org', domain: domain('reports') },
    })
    // The room is behind a proxy that is not part of the stack.
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

  test('have a budget, a dashboard, a subscription of alarms and reserved concurrency', () => {
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
    full.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'watch@example.org' })
    const reserved = functionsIn(full).map(([id, { Properties }]) => [
      nameOf(id),
      Properties.ReservedConcurrentExecutions,
    ])
    expect(Object.fromEntries(reserved)).toMatchObject({ Generate: 4, Ingest: 2, Watchdog: undefined })
  })

  test('turn the daily dry run off', () => {
    const quiet = templateOf({ dryRun: false })
    const dryRuns = (template: Template) =>
      ofType(template, 'AWS::Scheduler::Schedule').filter(([, { Properties }]) =>
        /dry-run/.test(Properties.Target.Input),
      )
    expect([plain, full, quiet].map((template) => dryRuns(template).length)).toEqual([1, 1, 0])
  })

  test('limit the reports that are due', () => {
    const some = templateOf({ territories: ['NC', 'COR'], cadences: ['week'] })
    some.resourceCountIs('AWS::Scheduler::Schedule', 6)
    some.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { DUE: 'NC,COR week' } } })
  })
})

type DueSchedule = { readonly subject: string; readonly cadence: string; readonly cron: string; readonly zone: string }

const reportSchedules: readonly DueSchedule[] = ofType(plain, 'AWS::Scheduler::Schedule').flatMap(
  ([, { Properties }]) => {
    const { ScheduleExpression: cron, ScheduleExpressionTimezone: zone, Target } = Properties
    const [, subject, cadence] =
      /"territory":"([A-Z-]+)".*"cadence":"(week|month)"/.exec(String(Target.Input ?? '')) ?? []
    return subject && cadence ? [{ subject, cadence, cron, zone }] : []
  },
)

const quarter = 900_000

/** The next instant after `now` at which a schedule fires, found by checking each quarter of an hour. */
const nextFiring = ({ cron, zone }: DueSchedule, now: number): number => {
  const [, minute, hour, dayOfMonth, weekday] = /cron\((\d+) (\d+) (\S+) \* (\S+) \*\)/.exec(cron) ?? []
  const wall = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, weekday: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  })
  for (let at = (Math.floor(now / quarter) + 1) * quarter; ; at += quarter) {
    const part = (type: string) => wall.formatToParts(at).find((one) => one.type === type)?.value ?? ''
    const isDay = dayOfMonth === '?' ? part('weekday').toUpperCase() === weekday : part('day') === dayOfMonth
    if (isDay && Number(part('hour')) === Number(hour) && Number(part('minute')) === Number(minute)) return at
  }
}

const instants = fc.integer({ min: Date.UTC(2023, 0, 1), max: Date.UTC(2027, 0, 1) })

describe('the schedules of reports', () => {
  test('send what is due next', () => {
    expect(reportSchedules).toHaveLength(28)
    fc.assert(
      fc.property(instants, fc.constantFrom(...reportSchedules), (now, schedule) => {
        const due = dueNext(everyReport, now).find(
          ({ subject, cadence }) => subject === schedule.subject && cadence === schedule.cadence,
        )
        expect(due?.at).toBe(nextFiring(schedule, now))
        // The report is of the latest period that is over then.
        expect(boundsFor(due?.period ?? { first: '', last: '' }, due?.subject ?? 'ALL').to).toBeLessThanOrEqual(
          due?.at ?? 0,
        )
      }),
      { numRuns: 60 },
    )
  })
})
