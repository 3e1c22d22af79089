/** A function of the stack, with everything that a function must have: its own log, its alarms, its bundle. */
import { fileURLToPath } from 'node:url'
import { type Duration, RemovalPolicy, Size } from 'aws-cdk-lib'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { type Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import {
  type BundlingOptions,
  Charset,
  NodejsFunction,
  OutputFormat,
  SourceMapMode,
} from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { FunctionName, variables } from '../lambdas/env.ts'
import { acknowledge } from './acknowledge.ts'
import { type Alarms, everyFiveMinutes } from './alarms.ts'
import type { Network } from './network.ts'
import type { WorkQueue } from './work-queue.ts'

/** What all functions of a stack have in common. */
export type Surroundings = {
  readonly stage: string
  /** What holds data refuses to be deleted. Not so while a stage is first deployed, so that a failure leaves nothing behind. */
  readonly guarded: boolean
  readonly alarms: Alarms
  readonly key: IKey | undefined
  readonly network: Network | undefined
  readonly logRetention: RetentionDays
  /** The house's vigie.json. */
  readonly house: string | undefined
}

/** Functions by the variables that they read: one that lacks a variable does not compile. */
type Environment<Name extends FunctionName> = {
  readonly [variable in Exclude<(typeof variables)[Name][number], 'STAGE'>]: string
}

export type WorkerProps<Name extends FunctionName> = {
  readonly around: Surroundings
  readonly memoryMb: number
  readonly temporaryMb?: number
  readonly timeout: Duration
  readonly architecture: Architecture
  /** What it means to readers that this function fails. */
  readonly failureImpact: string
  readonly environment: Environment<Name>
  /** Taken out of the account's pool, for this function alone. */
  readonly reserved?: number | undefined
  /** The tool that puts files beside the code, given the bundle's folder and `house`, if any. */
  readonly bundledBy?: string
}

const root = fileURLToPath(new URL('..', import.meta.url))

export class Worker<Name extends FunctionName> extends Construct {
  readonly function: NodejsFunction

  constructor(scope: Construct, id: string, name: Name, props: WorkerProps<Name>) {
    super(scope, id)
    const { around, memoryMb, temporaryMb, timeout, architecture, failureImpact, environment, reserved } = props
    const { stage, alarms, key, network, logRetention } = around
    const logGroup = new LogGroup(this, 'Log', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(key && { encryptionKey: key }),
    })
    // Its own role: AWS's would let it write every function's log.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(role)
    if (network) role.addToPolicy(network.attaching)
    acknowledge(
      this,
      'IAM5[Resource::*]',
      'X-Ray, and the network interfaces of a function in a VPC, take no resource.',
    )
    this.function = new NodejsFunction(this, 'Function', {
      description: `Vigie ${stage}: ${name}`,
      entry: `${root}lambdas/${name}.ts`,
      depsLockFilePath: `${root}package-lock.json`,
      projectRoot: root,
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture,
      memorySize: memoryMb,
      timeout,
      tracing: Tracing.ACTIVE,
      role,
      logGroup,
      environment: {
        ...environment,
        STAGE: stage,
        NODE_OPTIONS: '--enable-source-maps',
        // A throttled table is asked a while longer than the SDK does by itself.
        AWS_MAX_ATTEMPTS: '8',
      },
      bundling: bundlingOf(props.bundledBy, around.house),
      ...(key && { environmentEncryption: key }),
      ...(temporaryMb !== undefined && { ephemeralStorageSize: Size.mebibytes(temporaryMb) }),
      ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
      ...network?.placement,
    })
    alarms.add(this, 'Errors', {
      metric: this.function.metricErrors({ ...everyFiveMinutes, statistic: Stats.SUM }),
      from: 1,
      failureImpact: `${name} broke off, ran out of time or of memory. ${failureImpact}`,
    })
    alarms.add(this, 'Throttles', {
      metric: this.function.metricThrottles({ ...everyFiveMinutes, statistic: Stats.SUM }),
      from: 25,
      failureImpact: `${name} may not run as often as it is asked to: the account's concurrency is used up. ${failureImpact}`,
    })
  }

  /** Takes its work from a queue, one message at a time, and `atOnce` of them at the most. */
  takesFrom({ queue }: WorkQueue, atOnce: number): void {
    this.function.addEventSource(
      new SqsEventSource(queue, { batchSize: 1, maxConcurrency: atOnce, reportBatchItemFailures: true }),
    )
  }
}

/** ESM, since the code asks where it stands; with the SDK inside, so that what was tested is what runs. */
const bundlingOf = (bundledBy: string | undefined, house: string | undefined): BundlingOptions => ({
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourceMap: true,
  sourceMapMode: SourceMapMode.EXTERNAL,
  sourcesContent: false,
  bundleAwsSDK: true,
  // Handlebars asks for it to map templates' lines, and does without.
  externalModules: ['source-map'],
  charset: Charset.UTF8,
  esbuildArgs: {
    '--alias:@aws-sdk/credential-provider-node': `${root}lambdas/credentials.ts`,
    '--legal-comments': 'none',
  },
  // Some packages still ask for others by require.
  banner: "import{createRequire as _require}from'node:module';const require=_require(import.meta.url);",
  commandHooks: {
    beforeBundling: () => [],
    beforeInstall: () => [],
    afterBundling: (_, folder) =>
      bundledBy === undefined
        ? []
        : [
            [process.execPath, `${root}${bundledBy}`, folder, ...(house === undefined ? [] : [house])]
              .map(quoted)
              .join(' '),
          ],
  },
})

/** One word for the shell. */
const quoted = (word: string): string => `"${word.replace(/["\\$`]/g, '\\$&')}"`
