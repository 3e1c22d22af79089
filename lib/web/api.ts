/** Creates the API for programs. All routes but two need an issuer's token or a signed request. */
import { Duration } from 'aws-cdk-lib'
import { type CfnStage, HttpMethod, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { dropPrefix, incomingPrefix } from '../../lambdas/config/env.ts'
import { batchesPartition, partitions } from '../../lambdas/store/table/keys.ts'
import type { Settings } from '../settings.ts'
import type { Buckets } from '../stores/buckets.ts'
import { grantSecret } from '../stores/hex-key.ts'
import type { Table } from '../stores/table.ts'
import { acknowledge } from '../workers/acknowledge.ts'
import { grantSending, type WorkQueue } from '../workers/work-queue.ts'
import { type StackContext, Worker } from '../workers/worker.ts'
import { LoggedApi } from './logged-api.ts'

type ApiProps = {
  readonly context: StackContext
  readonly settings: NonNullable<Settings['api']>
  readonly table: Table
  readonly buckets: Buckets
  readonly reports: WorkQueue
  readonly pseudonyms: Secret
  readonly signing: Key
}

const open = ['/healthz', '/openapi.json']
/** The function answers unknown paths and methods too. */
const rest = '/{proxy+}'
const { ANY, GET, PATCH, POST } = HttpMethod

const slower = { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 20 }

export class Api extends Construct {
  readonly url: string
  readonly worker: Worker<'api'>

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id)
    const { context, settings, table, buckets, reports, pseudonyms, signing } = props
    const { stage } = context
    const { api, live, site } = new LoggedApi(this, 'Front', {
      context,
      name: `vigie-${stage}-programs`,
      description: `Vigie ${stage}: reports and detections for programs`,
      throttle: { rateLimit: 50, burstLimit: 100 },
      logged: {
        method: '$context.httpMethod',
        caller: '$context.authorizer.claims.sub',
        role: '$context.identity.caller',
      },
      failureImpact:
        'Programs cannot ask for reports, read them, or send detections in: one got an error of the server. See the log of programs.',
      domain: settings.domain,
    })
    this.worker = new Worker(this, 'Worker', 'api', {
      context,
      memoryMb: 1024,
      timeout: Duration.seconds(29),
      environment: {
        TABLE_NAME: table.tableName,
        ARCHIVE_BUCKET: buckets.archive.bucketName,
        DROP_BUCKET: buckets.drop.bucketName,
        PLATES_BUCKET: buckets.plates.bucketName,
        REPORT_QUEUE_URL: reports.queue.queueUrl,
        PSEUDONYM_SECRET: pseudonyms.secretArn,
        SIGNING_KEY: signing.keyArn,
        IAM_CLEARANCE: settings.roleClearance,
      },
      bundledBy: 'tools/bundle-organisation.ts',
    })
    this.url = site
    const integration = new HttpLambdaIntegration('Worker', this.worker.function)
    const authorizer: IHttpRouteAuthorizer = settings.issuer
      ? new HttpJwtAuthorizer('Token', settings.issuer, { jwtAudience: settings.audience ?? [] })
      : new HttpIamAuthorizer()
    for (const path of ['/', rest]) api.addRoutes({ path, methods: [ANY, PATCH, POST], integration, authorizer })
    for (const path of open) api.addRoutes({ path, methods: [GET], integration })
    const stageResource = live.node.defaultChild as CfnStage
    stageResource.routeSettings = { [`${PATCH} ${rest}`]: slower, [`${POST} ${rest}`]: slower }
    // Route settings need existing routes.
    live.node.addDependency(...api.node.children)
    acknowledge(api, 'APIG4', 'Its health and its description are public; all else needs a signed-in caller.')
    const worker = this.worker.function
    table.grantIn(
      worker,
      [...partitions.reports, ...partitions.jobs, ...partitions.jobNames, ...partitions.lookedUp, batchesPartition],
      ['GetItem', 'BatchGetItem', 'Query'],
    )
    table.grantIn(
      worker,
      [
        ...partitions.jobs,
        ...partitions.jobNames,
        ...partitions.detections,
        ...partitions.contested,
        ...partitions.sources,
        ...partitions.rejectLists,
        ...partitions.rejected,
        ...partitions.batches,
        ...partitions.clock,
        ...partitions.history,
      ],
      ['PutItem', 'BatchWriteItem'],
    )
    table.grantIn(worker, partitions.candidates, ['GetItem', 'Query', 'PutItem'])
    table.grantIn(worker, partitions.candidateLines, ['PutItem'])
    table.grantIn(worker, partitions.plateUploads, ['GetItem', 'PutItem'])
    table.grantChanges(worker)
    table.grantIn(worker, partitions.asked, ['UpdateItem'])
    buckets.grantRead(worker, buckets.archive, 'reports/')
    buckets.grantPut(worker, buckets.drop, dropPrefix)
    buckets.grantPut(worker, buckets.plates, incomingPrefix)
    grantSending(reports.queue, worker)
    grantSecret(pseudonyms, worker)
    signing.grant(worker, 'kms:GetPublicKey')
  }
}
