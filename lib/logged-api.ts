/** An HTTP API with one stage, which is bounded, logged, and alarmed on errors of its own. */
import { RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import { HttpApi, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { everyFiveMinutes } from './alarms.ts'
import type { Surroundings } from './worker.ts'

export type LoggedApiProps = {
  readonly around: Surroundings
  readonly name: string
  readonly description: string
  /** Requests a second, and at once. */
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number }
  /** What the access log says beside the usual: names and `$context` variables. */
  readonly logged?: Readonly<Record<string, string>>
  readonly failureImpact: string
}

/** The path stays out of the log, since it may hold a token: the route stands for it. */
const usual = {
  time: '$context.requestTime',
  request: '$context.requestId',
  route: '$context.routeKey',
  status: '$context.status',
  ms: '$context.responseLatency',
  error: '$context.integrationErrorMessage',
}

export class LoggedApi extends Construct {
  readonly api: HttpApi
  readonly live: HttpStage

  constructor(scope: Construct, id: string, props: LoggedApiProps) {
    super(scope, id)
    const { around, name, description, throttle, logged, failureImpact } = props
    const { alarms, key, logRetention } = around
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
    alarms.add(this, 'Faults', {
      metric: this.live.metricServerError({ ...everyFiveMinutes, statistic: Stats.SUM }),
      from: 1,
      failureImpact,
    })
  }
}
