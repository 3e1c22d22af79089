/** The HTTP API that the links of mails lead to: for readers without accounts, whose token is their right. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import { Architecture } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { partitions } from '../lambdas/store/keys.ts'
import { acknowledge } from './acknowledge.ts'
import { everyFiveMinutes } from './alarms.ts'
import type { Buckets } from './buckets.ts'
import type { Sender } from './mail.ts'
import type { Table } from './table.ts'
import { type Surroundings, Worker } from './worker.ts'

export type ReadersApiProps = {
  readonly around: Surroundings
  readonly sender: Sender
  readonly table: Table
  readonly buckets: Buckets
  /** A domain of one's own before the API; the API's own address where it is left out. */
  readonly site: string | undefined
}

const pages = ['/r/{token}', '/unsubscribe/{token}', '/confirm/{token}'] as const

export class ReadersApi extends Construct {
  /** Where links lead, without a slash at the end. */
  readonly site: string
  readonly worker: Worker<'api'>

  constructor(scope: Construct, id: string, { around, sender, table, buckets, site }: ReadersApiProps) {
    super(scope, id)
    const { stage, alarms, key, logRetention } = around
    const api = new HttpApi(this, 'Api', {
      apiName: `vigie-${stage}`,
      description: `Vigie ${stage}: the links of mails`,
      createDefaultStage: false,
    })
    const log = new LogGroup(this, 'Log', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(key && { encryptionKey: key }),
    })
    const live = new HttpStage(this, 'Live', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 20, burstLimit: 40 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        // The path holds a token: the route stands for it.
        format: AccessLogFormat.custom(
          JSON.stringify({
            time: '$context.requestTime',
            request: '$context.requestId',
            route: '$context.routeKey',
            status: '$context.status',
            ms: '$context.responseLatency',
            error: '$context.integrationErrorMessage',
          }),
        ),
      },
    })
    this.site = site ?? api.apiEndpoint
    this.worker = new Worker(this, 'Worker', 'api', {
      around,
      memoryMb: 512,
      timeout: Duration.seconds(20),
      architecture: Architecture.ARM_64,
      failureImpact: 'Readers cannot open their reports, or cannot unsubscribe.',
      environment: {
        TABLE_NAME: table.tableName,
        ARCHIVE_BUCKET: buckets.archive.bucketName,
        MAIL_FROM: sender.from,
        MAIL_CONFIGURATION_SET: sender.configurationSet,
        SITE: this.site,
      },
      bundledBy: 'tools/bundle-mail.ts',
    })
    const integration = new HttpLambdaIntegration('Worker', this.worker.function)
    for (const path of pages) {
      api.addRoutes({ path, methods: [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST], integration })
    }
    for (const path of ['/assets/{version}/{name}', '/healthz']) {
      api.addRoutes({ path, methods: [HttpMethod.GET], integration })
    }
    acknowledge(api, 'APIG4', 'Readers have no accounts: the token of their link, and a code by mail, are their right.')
    table.grantPartitions(this.worker.function, {
      read: [...partitions.reports, ...partitions.deliveries, ...partitions.recipients, ...partitions.notes],
      write: [...partitions.deliveries, ...partitions.recipients],
    })
    // Signs the addresses of files, and reads which there are.
    buckets.grantRead(this.worker.function, buckets.archive, 'reports/')
    sender.grantSend(this.worker.function)
    alarms.add(this, 'Faults', {
      metric: live.metricServerError({ ...everyFiveMinutes, statistic: Stats.SUM }),
      from: 1,
      failureImpact: 'A reader who pressed a link got an error page.',
    })
  }
}
