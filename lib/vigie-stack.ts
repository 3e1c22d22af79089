import { CfnOutput, RemovalPolicy, Stack, type StackProps, Tags } from 'aws-cdk-lib'
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { dropPrefix } from '../lambdas/config/env.ts'
import { program } from '../lambdas/config/program.ts'
import { Budget } from './budget.ts'
import { Dashboard } from './dashboard.ts'
import { Network } from './network.ts'
import { People } from './people.ts'
import type { Settings } from './settings.ts'
import { Buckets } from './stores/buckets.ts'
import { hexKey } from './stores/hex-key.ts'
import { kept } from './stores/kept.ts'
import { keyFor } from './stores/key.ts'
import { OutsideCopy } from './stores/outside-copy.ts'
import { Table } from './stores/table.ts'
import { Api } from './web/api.ts'
import { MailLinks } from './web/mail-links.ts'
import { deliverTimeout, Mail, type MailProps, Sender } from './web/mail.ts'
import { ReadingRoom } from './web/reading-room.ts'
import { acknowledge } from './workers/acknowledge.ts'
import { Alarms } from './workers/alarms.ts'
import { addGenerate, generateTimeout } from './workers/generate.ts'
import { addIngest, ingestTimeout } from './workers/ingest.ts'
import { PlateExpiry } from './workers/plate-expiry.ts'
import { Plates } from './workers/plates.ts'
import { Posts } from './workers/posts.ts'
import { Schedules } from './workers/schedules.ts'
import { addWatchdog } from './workers/watchdog.ts'
import { WorkQueue } from './workers/work-queue.ts'
import type { StackContext } from './workers/worker.ts'

type VigieStackProps = StackProps & {
  /**
   * Turns off termination and deletion protection, which would keep CloudFormation from rolling back a failed first
   * deployment. `npm run deploy` sets it once and deploys again without it after success.
   */
  readonly firstDeployment?: boolean
}

/**
 * One stage of Vigie. Other CDK apps may include it; they can use `table`, `archive` and `alarms`.
 *
 * @example const settings = readSettings({ stage: 'prod', stages: { prod: { territories: ['NC'], room: false } } }) new
 * VigieStack(app, settings, { env: { account, region } })
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

    const { reports, deliveries, drops } = this.queues(context, settings)
    const table = new Table(this, 'Table', { key, guarded })
    const buckets = new Buckets(this, 'Buckets', {
      key,
      objectLockDays: settings.objectLockDays,
      drops: { prefix: dropPrefix, queue: drops.queue },
    })
    context.network?.leadOnlyTo({ table, buckets })
    const pseudonyms = this.pseudonymKey(context)
    const signing = this.signingKey()

    const generate = addGenerate(this, { context, table, buckets, signing, reports, deliveries }, concurrency)
    const ingest = addIngest(this, { context, table, buckets, drops, pseudonyms }, concurrency)

    const posts = new Posts(this, 'Posts', { context, table, buckets, pseudonyms })

    const due = `${territories.join(',')} ${cadences.join(',')}`
    const mail =
      settings.mail && this.mail(settings.mail, context, { table, buckets, deliveries, due }, concurrency.deliver)
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
    // The API and the reading room upload pictures.
    const plates = (settings.api || settings.room) && new Plates(this, 'Plates', { context, table, buckets })
    // Operators add pictures too, so every stage removes expired ones.
    const plateExpiry = new PlateExpiry(this, 'PlateExpiry', { context, table, buckets })
    const room =
      settings.room &&
      new ReadingRoom(this, 'Room', {
        context,
        settings: settings.room,
        table,
        buckets,
        reports,
        deliveries,
        pseudonyms,
        signing,
        due,
      })
    new Schedules(this, 'Schedules', {
      ...{ stage, territories, cadences, reports, dryRun: settings.dryRun },
      deliveries: mail && deliveries,
    })
    const { watchdog, deadLetters: watchdogDeadLetters } = addWatchdog(this, context, table, due)
    const workers = [
      generate,
      ingest,
      posts.worker,
      plateExpiry.worker,
      watchdog,
      ...[mail?.workers, programs && [programs.worker], plates && [plates.worker], room?.workers].flatMap((some) =>
        Object.values(some ?? []),
      ),
    ]
    const people = new People(this, 'People', {
      ...{ stage, table, buckets, signing, pseudonyms, key, watchdog, watchdogDeadLetters, posts, plates, plateExpiry },
      queues: [reports, deliveries, drops, ...(mail ? [mail.events] : [])],
      functions: workers.map((worker) => worker.function),
      alarmTopic: alarms.topic,
      sender: mail?.sender,
    })
    if (settings.budget !== undefined && settings.alarmMail !== undefined) {
      new Budget(this, 'Budget', { stage, dollars: settings.budget, mail: settings.alarmMail })
    }
    if (settings.backupVault !== undefined)
      new OutsideCopy(this, 'OutsideCopy', { context, table, vaultArn: settings.backupVault })
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
      PlatesBucket: buckets.plates.bucketName,
      PseudonymSecret: pseudonyms.secretName,
      SigningKey: signing.keyArn,
      ReportQueueUrl: reports.queue.queueUrl,
      DeliveryQueueUrl: deliveries.queue.queueUrl,
      AlarmTopic: alarms.topic.topicArn,
      OperatorPolicies: people.operator.map(({ managedPolicyArn }) => managedPolicyArn).join(' '),
      ReaderPolicy: people.reader.managedPolicyArn,
      DropPolicy: people.dropper.managedPolicyArn,
      ...mail?.outputs,
      ...(programs && { ApiUrl: programs.url }),
      ...(room && { RoomUrl: `${room.site}/room`, ...(room.pool && { ReaderPool: room.pool }) }),
    }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }

  private queues({ alarms, key }: StackContext, { mail }: Settings) {
    const reports = new WorkQueue(this, 'Reports', {
      ...{ alarms, key },
      timeout: generateTimeout,
      failureImpact:
        'A report is late or will not come; if the message is of kind dry-run, the next report may not come.',
    })
    const deliveries = new WorkQueue(this, 'Deliveries', {
      ...{ alarms, key },
      timeout: deliverTimeout,
      failureImpact: 'A stored report is not mailed, or not to all.',
      unread: mail === undefined,
    })
    const drops = new WorkQueue(this, 'Drops', {
      ...{ alarms, key },
      timeout: ingestTimeout,
      failureImpact: 'Detections that were dropped are not in the reports.',
    })
    return { reports, deliveries, drops }
  }

  /** Mail delivery with the pages that mails link to. */
  private mail(
    settings: NonNullable<Settings['mail']>,
    context: StackContext,
    stored: Pick<MailProps, 'table' | 'buckets' | 'deliveries' | 'due'>,
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

  private network({ logRetentionDays, mail, vpc }: Settings): Network {
    return new Network(this, 'Network', {
      mail: mail !== undefined,
      zones: typeof vpc === 'object' ? vpc.zones : undefined,
      logGroup: new LogGroup(this, 'NetworkLog', { retention: logRetentionDays, removalPolicy: RemovalPolicy.DESTROY }),
    })
  }

  /**
   * Key for pseudonyms of accounts: 64 hexadecimal digits, as lambdas/domain/detection/revisions/pseudonym.ts reads it.
   */
  private pseudonymKey({ key }: StackContext): Secret {
    const secret = new Secret(this, 'PseudonymKey', {
      description: 'Without it new accounts cannot be linked to those stored before: keep a copy',
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

  /** Signs manifests; cannot be exported from KMS. */
  private signingKey(): Key {
    return new Key(this, 'ManifestKey', {
      description: 'Signs the manifests of archived reports: keep its public key, which vigie archive key prints',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: kept,
    })
  }
}
