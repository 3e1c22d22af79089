/** Creates the HTTP API of mail links, whose token grants access. */
import { Duration } from 'aws-cdk-lib'
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Construct } from 'constructs'
import { partitions } from '../../lambdas/store/table/keys.ts'
import type { Domain } from '../settings.ts'
import type { Buckets } from '../stores/buckets.ts'
import type { Table } from '../stores/table.ts'
import { acknowledge } from '../workers/acknowledge.ts'
import { type StackContext, Worker } from '../workers/worker.ts'
import { LoggedApi } from './logged-api.ts'
import type { Sender } from './mail.ts'

type MailLinksProps = {
  readonly context: StackContext
  readonly sender: Sender
  readonly table: Table
  readonly buckets: Buckets
  readonly domain: Domain | undefined
}

const pages = ['/r/{token}', '/unsubscribe/{token}', '/confirm/{token}'] as const

export class MailLinks extends Construct {
  readonly site: string
  readonly worker: Worker<'mail-links'>

  constructor(scope: Construct, id: string, { context, sender, table, buckets, domain }: MailLinksProps) {
    super(scope, id)
    const { stage } = context
    const { api, site } = new LoggedApi(this, 'Front', {
      context,
      name: `vigie-${stage}`,
      description: `Vigie ${stage}: the links of mails`,
      throttle: { rateLimit: 20, burstLimit: 40 },
      failureImpact:
        'Readers cannot open their reports, or cannot unsubscribe: a link led to an error page. See the log of api.',
      domain,
    })
    this.site = site
    this.worker = new Worker(this, 'Worker', 'mail-links', {
      context,
      memoryMb: 512,
      timeout: Duration.seconds(20),
      environment: {
        TABLE_NAME: table.tableName,
        ARCHIVE_BUCKET: buckets.archive.bucketName,
        MAIL_FROM: sender.from,
        MAIL_CONFIGURATION_SET: sender.configurationSet,
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
    table.grantIn(
      this.worker.function,
      [
        ...partitions.reports,
        ...partitions.deliveries,
        ...partitions.tokens,
        ...partitions.recipients,
        // For organisations that require an approved note before delivery.
        ...partitions.notes,
      ],
      ['GetItem', 'Query'],
    )
    table.grantIn(this.worker.function, [...partitions.tokens, ...partitions.recipients], ['PutItem'])
    // Signs file addresses, and checks which files exist.
    buckets.grantRead(this.worker.function, buckets.archive, 'reports/')
    sender.grantSend(this.worker.function)
  }
}
