import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import { ApiMapping, DomainName, HttpApi, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Domain } from '../settings.ts'
import { everyFiveMinutes } from '../workers/alarms.ts'
import type { StackContext } from '../workers/worker.ts'

type LoggedApiProps = {
  readonly context: StackContext
  readonly name: string
  readonly description: string
  /** Requests per second, and burst. */
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number }
  /** Additional fields of the access log: names and `$context` variables. */
  readonly logged?: Readonly<Record<string, string>>
  /** Alarm text for server errors: effect on callers, and where to check. */
  readonly failureImpact: string
  /** Custom domain. */
  readonly domain: Domain | undefined
}

/** Logs the route instead of the path, which may contain a token. */
const usual = {
  time: '$context.requestTime',
  request: '$context.requestId',
  route: '$context.routeKey',
  status: '$context.status',
  ms: '$context.responseLatency',
  error: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
}

export class LoggedApi extends Construct {
  readonly api: HttpApi
  readonly live: HttpStage
  /** Address of the custom domain or the API, without a trailing slash. */
  readonly site: string

  constructor(scope: Construct, id: string, props: LoggedApiProps) {
    super(scope, id)
    const { context, name, description, throttle, logged, failureImpact, domain } = props
    const { alarms, key, logRetention } = context
    this.api = new HttpApi(this, 'Api', { apiName: name, description, createDefaultStage: false })
    const log = new LogGroup(this, 'Log', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(key && { encryptionKey: key }),
    })
    this.live = new HttpStage(this, 'Live', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify({ ...usual, ...logged })),
      },
    })
    this.site = domain ? `https://${domain.name}` : this.api.apiEndpoint
    if (domain?.certificate) this.answerTo(domain.name, domain.certificate)
    alarms.add(this, 'Faults', {
      metric: this.live.metricServerError({ ...everyFiveMinutes, statistic: Stats.SUM }),
      from: 1,
      failureImpact,
    })
  }

  /** Another party manages the DNS record: an output gives its target. */
  private answerTo(domainName: string, certificate: string): void {
    const domain = new DomainName(this, 'Domain', {
      domainName,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificate),
    })
    new ApiMapping(this, 'Mapping', { api: this.api, domainName: domain, stage: this.live })
    new CfnOutput(this, 'DomainTarget', {
      description: `A CNAME record of ${domainName} must point here`,
      value: domain.regionalDomainName,
    })
  }
}
