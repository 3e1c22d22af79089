/** One stage of Vigie: schedules and dropped files in, archived reports out, and an alarm for everything that may fail. */
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Tags } from 'aws-cdk-lib'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import { Architecture } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { dropPrefix, resultPrefix } from '../lambdas/config/env.ts'
import { program } from '../lambdas/config/program.ts'
import { syntheticPrefix } from '../lambdas/domain/report/synthetic.ts'
import { instantPatterns, partitions } from '../lambdas/store/keys.ts'
import { acknowledge } from './acknowledge.ts'
import { Alarms } from './alarms.ts'
import { Api } from './api.ts'
import { Buckets } from './buckets.ts'
import { Budget } from './budget.ts'
import { Dashboard } from './dashboard.ts'
import { grantSecret, hexKey } from './hex-key.ts'
import { kept } from './kept.ts'
import { keyFor } from './key.ts'
import { deliverTimeout, Mail, Sender } from './mail.ts'
import { MailLinks } from './mail-links.ts'
import { Network } from './network.ts'
import { ownMetric } from './own-metric.ts'
import { People } from './people.ts'
import { Posts } from './posts.ts'
import { ReadingRoom } from './reading-room.ts'
import { InvokeOne, Schedules } from './schedules.ts'
import type { Settings } from './settings.ts'
import { Table } from './table.ts'
import { DeadLetters, destinationIn, grantSending, WorkQueue } from './work-queue.ts'
import { type StackContext, Worker } from './worker.ts'

/** A report of 100,000 detections takes a minute or so; the browser's first start some seconds. */
const generateTimeout = Duration.minutes(5)
/** Lambda's longest: files are large. */
const ingestTimeout = Duration.minutes(15)
/** The watchdog. */
const lookedEvery = Duration.hours(1)

/** On the CDK's command line, `-c vigie:first-deployment=true`. */
export const firstDeploymentFlag = 'vigie:first-deployment'

type VigieStackProps = StackProps & {
  /**
   * Nothing is deployed yet. Without this, termination protection and the deletion protection of table and pool would keep
   * CloudFormation from taking back a deployment that failed half-way. `npm run deploy` says it once, and deploys again without
   * it as soon as the first deployment has succeeded.
   */
  readonly firstDeployment?: boolean
}

/**
 * A stage, whole: what it does and does not do, its settings say (`lib/settings.ts`). Another app of the CDK may hold it beside its
 * own stacks; `table`, `archive` and `alarms` are theirs to read, to copy from and to add to.
 *
 * @example
 * const settings = readSettings({ stage: 'prod', stages: { prod: { territories: ['NC'], room: false } } })
 * new VigieStack(app, settings, { env: { account, region } })
 */
export class VigieStack extends Stack {
  readonly table: Table
  readonly archive: Bucket
  readonly alarms: Alarms

  constructor(scope: Construct, settings: Settings, { firstDeployment = false, ...props }: VigieStackProps = {}) {
    const guarded = !firstDeployment
    const { stage, territories, cadences, concurrency } = settings
    super(scope, `vigie-${stage}`, {
      description: `Vigie ${stage}: periodic threat reports on foreign information manipulation`,
      ...props,
      terminationProtection: guarded,
    })
    for (const [name, value] of Object.entries({ app: 'vigie', stage, ...settings.tags }))
      Tags.of(this).add(name, value)
    const key = keyFor(this, settings)
    const alarms = new Alarms(this, 'Alarms', { mail: settings.alarmMail })
    const context: StackContext = {
      stage,
      guarded,
      alarms,
      key,
      network: settings.vpc === false ? undefined : this.network(settings),
      logRetention: settings.logRetentionDays,
      organisation: settings.house,
    }

    const reports = new WorkQueue(this, 'Reports', {
      ...{ alarms, key },
      timeout: generateTimeout,
      failureImpact: 'A report is late or will not come; where it is of the kind synthetic, the next report would not.',
    })
    const deliveries = new WorkQueue(this, 'Deliveries', {
      ...{ alarms, key },
      timeout: deliverTimeout,
      failureImpact: 'A report that stands is not mailed, or not to all.',
      unread: settings.mail === undefined,
    })
    const drops = new WorkQueue(this, 'Drops', {
      ...{ alarms, key },
      timeout: ingestTimeout,
      failureImpact: 'Detections that were dropped are not in the reports.',
    })
    const table = new Table(this, 'Table', { key, guarded })
    const buckets = new Buckets(this, 'Buckets', {
      key,
      objectLockDays: settings.objectLockDays,
      drops: { prefix: dropPrefix, queue: drops.queue },
    })
    context.network?.leadOnlyTo({ table, buckets })
    const pseudonyms = this.pseudonymKey(context)
    const signing = this.signingKey()

    const generate = new Worker(this, 'Generate', 'generate', {
      context,
      memoryMb: 2048,
      // Chromium unpacked, its profile and fonts' cache: 300 MB; and room for a report's worth of them.
      temporaryMb: 1024,
      timeout: generateTimeout,
      // The browser is built for it alone.
      architecture: Architecture.X86_64,
      environment: {
        TABLE_NAME: table.tableName,
        ARCHIVE_BUCKET: buckets.archive.bucketName,
        SIGNING_KEY: signing.keyArn,
        REPORT_QUEUE_URL: reports.queue.queueUrl,
        DELIVERY_QUEUE_URL: deliveries.queue.queueUrl,
        DEAD_LETTERS_URL: reports.deadLetters.queue.queueUrl,
      },
      reserved: concurrency.reserve ? concurrency.generate : undefined,
      bundledBy: 'tools/bundle-renderer.ts',
    })
    generate.takesFrom(reports, concurrency.generate)
    signing.grant(generate.function, 'kms:Sign', 'kms:GetPublicKey')
    // A browser runs in it on text that others wrote: it reads what it counts, and who waits for which edition.
    table.grantIn(
      generate.function,
      [
        ...partitions.detections,
        ...partitions.sources,
        ...partitions.rejectLists,
        ...partitions.clock,
        ...partitions.candidateLines,
        ...partitions.notes,
        ...partitions.taxonomies,
        ...partitions.taxonomyParts,
        ...partitions.reports,
        ...partitions.jobs,
        ...partitions.recipients,
        ...partitions.changes,
        ...partitions.summaries,
      ],
      ['GetItem', 'BatchGetItem', 'Query'],
    )
    table.grantIn(generate.function, [...partitions.reports, ...partitions.jobs, ...partitions.summaries], ['PutItem'])
    for (const prefix of ['reports/', syntheticPrefix]) {
      buckets.grantRead(generate.function, buckets.archive, prefix)
      buckets.grantPut(generate.function, buckets.archive, prefix)
    }
    for (const { queue } of [reports, reports.deadLetters, deliveries]) grantSending(queue, generate.function)

    const ingest = new Worker(this, 'Ingest', 'ingest', {
      context,
      memoryMb: 1024,
      timeout: ingestTimeout,
      architecture: Architecture.ARM_64,
      environment: {
        TABLE_NAME: table.tableName,
        DROP_BUCKET: buckets.drop.bucketName,
        INGEST_QUEUE_URL: drops.queue.queueUrl,
        DEAD_LETTERS_URL: drops.deadLetters.queue.queueUrl,
        PSEUDONYM_SECRET: pseudonyms.secretArn,
      },
      reserved: concurrency.reserve ? concurrency.ingest : undefined,
      bundledBy: 'tools/bundle-organisation.ts',
    })
    ingest.takesFrom(drops, concurrency.ingest)
    table.grantIn(ingest.function, partitions.lookedUp, ['GetItem', 'BatchGetItem', 'Query'])
    table.grantIn(ingest.function, partitions.intake, ['PutItem', 'BatchWriteItem'])
    table.grantChanges(ingest.function)
    buckets.grantRead(ingest.function, buckets.drop, dropPrefix)
    buckets.grantPut(ingest.function, buckets.drop, resultPrefix)
    grantSending(drops.deadLetters.queue, ingest.function)
    grantSecret(pseudonyms, ingest.function)

    const posts = new Posts(this, 'Posts', { context, table, buckets, pseudonyms })

    const mail = settings.mail && this.mail(settings.mail, context, { table, buckets, deliveries }, concurrency.deliver)
    const programs =
      settings.api &&
      new Api(this, 'Programs', {
        context,
        settings: settings.api,
        table,
        buckets,
        reports,
        pseudonyms,
        signing,
      })
    const room =
      settings.room &&
      new ReadingRoom(this, 'Room', { context, settings: settings.room, table, buckets, reports, signing })
    new Schedules(this, 'Schedules', { stage, territories, cadences, reports, synthetic: settings.synthetic })
    const { watchdog, deadLetters: watchdogDeadLetters } = this.watchdog(
      context,
      table,
      `${territories.join(',')} ${cadences.join(',')}`,
    )
    const workers = [
      generate,
      ingest,
      posts.worker,
      watchdog,
      ...[mail?.workers, programs && [programs.worker], room?.workers].flatMap((some) => Object.values(some ?? [])),
    ]
    const people = new People(this, 'People', {
      ...{ stage, table, buckets, signing, pseudonyms, key, watchdog, watchdogDeadLetters, posts },
      queues: [reports, deliveries, drops, ...(mail ? [mail.events] : [])],
      functions: workers.map((worker) => worker.function),
      alarmTopic: alarms.topic,
      sender: mail?.sender,
    })
    if (settings.budget !== undefined && settings.alarmMail !== undefined) {
      new Budget(this, 'Budget', { stage, dollars: settings.budget, mail: settings.alarmMail })
    }
    if (settings.dashboard) {
      new Dashboard(this, 'Dashboard', {
        ...{ stage, alarms },
        queues: [reports, drops, ...(mail ? [deliveries, mail.events] : [])],
        generate,
        ingest,
        workers,
      })
    }
    this.table = table
    this.archive = buckets.archive
    this.alarms = alarms
    const outputs = {
      Version: program,
      TableName: table.tableName,
      ArchiveBucket: buckets.archive.bucketName,
      DropBucket: buckets.drop.bucketName,
      PseudonymSecret: pseudonyms.secretName,
      SigningKey: signing.keyArn,
      ReportQueueUrl: reports.queue.queueUrl,
      DeliveryQueueUrl: deliveries.queue.queueUrl,
      AlarmTopic: alarms.topic.topicArn,
      OperatorPolicy: people.operator.managedPolicyArn,
      ReaderPolicy: people.reader.managedPolicyArn,
      DropPolicy: people.dropper.managedPolicyArn,
      ...mail?.outputs,
      ...(programs && { ApiUrl: programs.url }),
      ...(room && { RoomUrl: `${room.site}/room`, ...(room.pool && { ReaderPool: room.pool }) }),
    }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }

  /** Everything that mailing takes, and the pages that mails lead to. */
  private mail(
    settings: NonNullable<Settings['mail']>,
    context: StackContext,
    stored: { readonly table: Table; readonly buckets: Buckets; readonly deliveries: WorkQueue },
    atOnce: number,
  ) {
    const sender = new Sender(this, 'Sender', settings)
    const readers = new MailLinks(this, 'Readers', { context, sender, ...stored, domain: settings.domain })
    const { site } = readers
    const mail = new Mail(this, 'Mail', sender, { context, site, ...stored, atOnce })
    return {
      sender,
      events: mail.events,
      workers: { deliver: mail.deliver, feedback: mail.feedback, api: readers.worker },
      outputs: { Site: site, MailFrom: sender.from, MailConfigurationSet: sender.configurationSet },
    }
  }

  /** A network of its own, whose traffic is logged. */
  private network({ logRetentionDays, mail, vpc }: Settings): Network {
    return new Network(this, 'Network', {
      mail: mail !== undefined,
      zones: typeof vpc === 'object' ? vpc.zones : undefined,
      logGroup: new LogGroup(this, 'NetworkLog', { retention: logRetentionDays, removalPolicy: RemovalPolicy.DESTROY }),
    })
  }

  /** The key for pseudonyms of accounts, in the form that lambdas/domain/detection/pseudonym.ts reads: 64 hexadecimal digits. */
  private pseudonymKey({ key }: StackContext): Secret {
    const secret = new Secret(this, 'PseudonymKey', {
      description: 'Without it nobody links new accounts to those stored before: keep a copy',
      removalPolicy: kept,
      generateSecretString: hexKey,
      ...(key && { encryptionKey: key }),
    })
    acknowledge(
      secret,
      'SMG4',
      'Another key gives every account another pseudonym: nothing would link to what is stored.',
    )
    return secret
  }

  /** Signs manifests. It is used under the rights of the signing function, and cannot be taken out of KMS. */
  private signingKey(): Key {
    return new Key(this, 'ManifestKey', {
      description: 'Signs the manifests of archived reports: keep its public key, which vigie archive key prints',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: kept,
    })
  }

  /**
   * Looks every hour whether a due report is missing, and whether a fast clock stored something, which it sets back; its own
   * silence is an alarm too.
   */
  private watchdog(context: StackContext, table: Table, due: string) {
    const { alarms, key, stage } = context
    const failureImpact =
      'Nobody would notice that a report which was due is missing, or that a fast clock hides what it stored.'
    const deadLetters = new DeadLetters(this, 'WatchdogDeadLetters', { alarms, key, failureImpact })
    const watchdog = new Worker(this, 'Watchdog', 'watchdog', {
      context,
      memoryMb: 256,
      // A second as a rule; as long as it takes to look through the table where something lies ahead of its clock.
      timeout: Duration.minutes(15),
      architecture: Architecture.ARM_64,
      environment: { TABLE_NAME: table.tableName, DUE: due },
    })
    watchdog.function.configureAsyncInvoke({ onFailure: destinationIn(deadLetters.queue), retryAttempts: 2 })
    table.grantScan(watchdog.function)
    table.grantIn(watchdog.function, partitions.reports, ['Query'])
    table.grantIn(watchdog.function, partitions.clock, ['GetItem', 'BatchGetItem'])
    table.grantIn(watchdog.function, instantPatterns, ['PutItem', 'UpdateItem', 'DeleteItem'])
    table.grantChanges(watchdog.function)
    const caller = new Role(this, 'WatchdogCaller', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    })
    // The target lets it send to the dead letters, and forgets the key that they are under (aws/aws-cdk#33169).
    grantSending(deadLetters.queue, caller)
    new Schedule(this, 'WatchdogHourly', {
      description: `Vigie ${stage}: looks for missing reports`,
      schedule: ScheduleExpression.cron({ minute: '0' }),
      target: new InvokeOne(watchdog.function, { deadLetterQueue: deadLetters.queue, role: caller }),
    })
    acknowledge(deadLetters, 'SQS3', 'It is a dead-letter queue: of a function that is called, not of a queue.')
    const found = (name: string) =>
      ownMetric(name, { service: 'watchdog', stage }).with({ period: lookedEvery, statistic: Stats.MAXIMUM })
    alarms.add(watchdog, 'MissingReports', {
      metric: found('MissingReports'),
      from: 1,
      failureImpact:
        'A report that was due is missing, held or recalled. The log of the watchdog names territory, period and reason.',
    })
    alarms.add(watchdog, 'StoredAhead', {
      metric: found('StoredAhead'),
      from: 1,
      failureImpact:
        'A machine whose clock was ahead stored something, which no report would have held until that instant. It is set back, so that the next reports hold it. The log of the watchdog says what and since when: set that clock right.',
    })
    alarms.add(watchdog, 'Silent', {
      // Lambda's own metric, which costs nothing. A run that fails ends in the dead letters.
      metric: watchdog.function.metricInvocations({ period: lookedEvery, statistic: Stats.SUM }),
      silentFor: 3,
      failureImpact: `The watchdog has not run for hours. ${failureImpact} Look at its schedule, WatchdogHourly. On a new stage this ends with its first run, within the hour.`,
    })
    return { watchdog, deadLetters }
  }
}
