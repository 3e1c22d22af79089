/** Creates the reading room. Only the function without the session key reads reports. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { Key } from 'aws-cdk-lib/aws-kms'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { incomingPrefix, platesPrefix } from '../../lambdas/config/env.ts'
import { signInPaths } from '../../lambdas/domain/access/sign-in.ts'
import { partitions } from '../../lambdas/store/table/keys.ts'
import type { Settings } from '../settings.ts'
import type { Buckets } from '../stores/buckets.ts'
import { grantSecret, hexKey } from '../stores/hex-key.ts'
import type { Table } from '../stores/table.ts'
import { acknowledge } from '../workers/acknowledge.ts'
import { grantSending, type WorkQueue } from '../workers/work-queue.ts'
import { type StackContext, Worker } from '../workers/worker.ts'
import { LoggedApi } from './logged-api.ts'
import { type Identity, OwnPool } from './sign-in.ts'

type ReadingRoomProps = {
  readonly context: StackContext
  readonly settings: NonNullable<Settings['room']>
  readonly table: Table
  readonly buckets: Buckets
  readonly reports: WorkQueue
  readonly deliveries: WorkQueue
  readonly pseudonyms: Secret
  readonly signing: Key
  readonly due: string
}

export class ReadingRoom extends Construct {
  readonly site: string
  readonly workers: {
    readonly room: Worker<'reading-room'>
    readonly signIn: Worker<'sign-in'>
    readonly authorizer: Worker<'authorizer'>
  }
  /** The readers' Cognito user pool; undefined with a custom issuer. */
  readonly pool: string | undefined

  constructor(scope: Construct, id: string, props: ReadingRoomProps) {
    super(scope, id)
    const { context, settings, table, buckets, reports, deliveries, pseudonyms, signing, due } = props
    const { stage, guarded, key } = context
    const { api, site } = new LoggedApi(this, 'Front', {
      context,
      name: `vigie-${stage}-room`,
      description: `Vigie ${stage}: the reading room`,
      throttle: { rateLimit: 20, burstLimit: 40 },
      failureImpact:
        'A reader in the reading room got an error page. The access log shows which function failed: with authorizerError it is Authorizer, and no reader gets in; on the routes of /sign-in and /sign-out it is sign-in, and no reader can sign in; else it is room.',
      domain: settings.domain,
    })
    this.site = site
    const own = settings.issuer
      ? undefined
      : new OwnPool(this, 'Readers', {
          ...{ stage, guarded, site: this.site },
          paths: { back: signInPaths.back, home: '/room' },
        })
    this.pool = own?.pool.userPoolId
    const sessions = new Secret(this, 'SessionKey', {
      description: 'Seals the sessions of the reading room: if it changes, all readers sign in again',
      removalPolicy: RemovalPolicy.DESTROY,
      generateSecretString: hexKey,
      ...(key && { encryptionKey: key }),
    })
    acknowledge(
      sessions,
      'SMG4',
      'It is changed by hand: see docs/sharing.md#sign-in-on-aws. Sessions end within the hour by themselves.',
    )

    const room = new Worker(this, 'Worker', 'reading-room', {
      context,
      memoryMb: 1024,
      timeout: Duration.seconds(20),
      environment: {
        TABLE_NAME: table.tableName,
        ARCHIVE_BUCKET: buckets.archive.bucketName,
        PLATES_BUCKET: buckets.plates.bucketName,
        SIGNING_KEY: signing.keyArn,
        REPORT_QUEUE_URL: reports.queue.queueUrl,
        DELIVERY_QUEUE_URL: deliveries.queue.queueUrl,
        DUE: due,
        PSEUDONYM_SECRET: pseudonyms.secretArn,
      },
      bundledBy: 'tools/bundle-mail.ts',
    })
    table.grantIn(
      room.function,
      [
        ...partitions.reports,
        ...partitions.jobs,
        ...partitions.jobNames,
        ...partitions.deliveries,
        ...partitions.recipients,
        ...partitions.schedules,
      ],
      ['GetItem', 'Query'],
    )
    table.grantIn(room.function, [...partitions.candidateLines, ...partitions.notes], ['Query'])
    table.grantIn(
      room.function,
      [
        ...[...partitions.jobs, ...partitions.jobNames],
        ...[...partitions.recipients, ...partitions.notes, ...partitions.schedules],
        // Approvals and recalls of versions.
        ...partitions.reports,
      ],
      ['PutItem'],
    )
    table.grantIn(room.function, partitions.asked, ['UpdateItem'])
    this.grantDesk(room, table, pseudonyms)
    this.grantPlates(room, table, buckets)
    buckets.grantRead(room.function, buckets.archive, 'reports/')
    grantSending(reports.queue, room.function)
    // For approved flash notes, and recalls.
    grantSending(deliveries.queue, room.function)
    signing.grant(room.function, 'kms:GetPublicKey')

    const identity = own?.identity ?? identityOf(settings)
    const signIn = new Worker(this, 'SignIn', 'sign-in', {
      // Outside the VPC to reach the issuer, and without access to the table or archive.
      context: { ...context, network: undefined },
      memoryMb: 512,
      timeout: Duration.seconds(20),
      environment: {
        SITE: this.site,
        SESSION_SECRET: sessions.secretArn,
        ISSUER: identity.issuer,
        CLIENT_ID: identity.clientId,
        CLIENT_SECRET: identity.clientSecret ?? 'none',
        SIGN_OUT_URL: identity.signOutUrl ?? 'none',
      },
      bundledBy: 'tools/bundle-mail.ts',
    })
    grantSecret(sessions, signIn.function)
    if (identity.clientSecret) {
      grantSecret(Secret.fromSecretCompleteArn(this, 'ClientSecret', identity.clientSecret), signIn.function)
    }

    const authorizer = new Worker(this, 'Authorizer', 'authorizer', {
      context,
      memoryMb: 512,
      timeout: Duration.seconds(10),
      environment: { SESSION_SECRET: sessions.secretArn },
    })
    grantSecret(sessions, authorizer.function)
    this.workers = { room, signIn, authorizer }

    const sessionAuthorizer = new HttpLambdaAuthorizer('Sessions', authorizer.function, {
      authorizerName: 'sessions',
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // No cache, so that a sign-out takes effect at once; requests without a cookie are checked too.
      identitySource: [],
      resultsCacheTtl: Duration.seconds(0),
    })
    const pages = new HttpLambdaIntegration('Worker', room.function)
    const signInPages = new HttpLambdaIntegration('SignIn', signIn.function)
    const { GET, HEAD, POST } = HttpMethod
    for (const path of ['/', '/room', '/room/{rest+}']) {
      api.addRoutes({ path, methods: [GET, HEAD, POST], integration: pages, authorizer: sessionAuthorizer })
    }
    for (const path of ['/assets/{version}/{name}', '/healthz']) {
      api.addRoutes({ path, methods: [GET], integration: pages })
    }
    for (const path of [signInPaths.in, signInPaths.back])
      api.addRoutes({ path, methods: [GET], integration: signInPages })
    api.addRoutes({ path: signInPaths.out, methods: [POST], integration: signInPages })
    acknowledge(
      api,
      'APIG4',
      'Style sheets are public, and sign-in has no session yet; all else passes the authorizer.',
    )
  }

  /** New images are posted directly to the bucket, with a form that this function signs. */
  private grantPlates({ function: room }: Worker<'reading-room'>, table: Table, buckets: Buckets): void {
    table.grantIn(room, partitions.plates, ['BatchGetItem', 'Query', 'PutItem'])
    table.grantIn(room, partitions.plateUploads, ['GetItem', 'PutItem'])
    buckets.grantRead(room, buckets.plates, platesPrefix)
    buckets.grantDelete(room, buckets.plates, platesPrefix)
    buckets.grantPut(room, buckets.plates, incomingPrefix)
  }

  private grantDesk(room: Worker<'reading-room'>, table: Table, pseudonyms: Secret): void {
    const {
      lookedAt,
      lookedUp,
      looks,
      history,
      detections,
      contested,
      sources,
      rejectLists,
      rejected,
      batches,
      clock,
      candidates,
      candidateLines,
    } = partitions
    table.grantIn(
      room.function,
      [...new Set<string>([...lookedAt, ...lookedUp, ...rejectLists, ...clock, ...looks, ...history])],
      ['GetItem', 'BatchGetItem', 'Query'],
    )
    table.grantIn(
      room.function,
      [
        ...[...detections, ...contested, ...sources, ...rejectLists, ...rejected, ...batches, ...clock],
        ...[...looks, ...history],
      ],
      ['PutItem', 'BatchWriteItem'],
    )
    table.grantIn(room.function, looks, ['DeleteItem'])
    table.grantIn(room.function, candidates, ['GetItem', 'Query', 'PutItem'])
    table.grantIn(room.function, candidateLines, ['PutItem'])
    table.grantIn(room.function, partitions.changed, ['Query'])
    table.grantChanges(room.function)
    grantSecret(pseudonyms, room.function)
  }
}

const identityOf = ({
  issuer = '',
  clientId = '',
  clientSecret,
  signOutUrl,
}: ReadingRoomProps['settings']): Identity => ({
  issuer,
  clientId,
  clientSecret,
  signOutUrl,
})
