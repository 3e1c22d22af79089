/**
 * Creates a function with a separate role and log. It has no alarm: failures reach those of a queue, dead letters or an
 * API.
 */
import { fileURLToPath } from 'node:url'
import { type Duration, Names, RemovalPolicy, Size } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda'
import {
  type BundlingOptions,
  Charset,
  NodejsFunction,
  OutputFormat,
  SourceMapMode,
} from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { FunctionName, variables } from '../../lambdas/config/env.ts'
import type { Network } from '../network.ts'
import { acknowledge } from './acknowledge.ts'
import type { Alarms } from './alarms.ts'
import { type DeadLetters, destinationIn, grantTaking, type WorkQueue } from './work-queue.ts'

export type StackContext = {
  readonly stage: string
  /** Protects data from deletion. False during the first deployment, so that a failure leaves nothing behind. */
  readonly guarded: boolean
  readonly alarms: Alarms
  readonly key: IKey | undefined
  readonly network: Network | undefined
  readonly logRetention: RetentionDays
  readonly organisation: string | undefined
}

/** Environment variables of a function; a missing one does not compile. */
type Environment<Name extends FunctionName> = {
  readonly [variable in Exclude<(typeof variables)[Name][number], 'STAGE'>]: string
}

type WorkerProps<Name extends FunctionName> = {
  readonly context: StackContext
  readonly memoryMb: number
  /** Size of /tmp; default 512. */
  readonly temporaryMb?: number
  readonly timeout: Duration
  /** Default ARM. */
  readonly architecture?: Architecture
  readonly environment: Environment<Name>
  /** Reserved concurrency, taken from the account's pool. */
  readonly reserved?: number | undefined
  /** Tool that adds files to the bundle; arguments: the bundle's folder, and the organisation's vigie.json, if any. */
  readonly bundledBy?: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Function of `lambdas/NAME.ts`; the compiler checks its environment against `lambdas/config/env.ts`.
 *
 * @example const generate = new Worker(stack, 'Generate', 'generate', { context, memoryMb: 2048, timeout, environment
 * }) generate.takesFrom(reports, 4)
 */
export class Worker<Name extends FunctionName> extends Construct {
  readonly function: NodejsFunction

  constructor(scope: Construct, id: string, name: Name, props: WorkerProps<Name>) {
    super(scope, id)
    const { context, memoryMb, temporaryMb, timeout, environment, reserved } = props
    const { stage, key, network, logRetention } = context
    const logGroup = new LogGroup(this, 'Log', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(key && { encryptionKey: key }),
    })
    // AWS's managed policy allows writing every function's log.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(role)
    if (network) {
      for (const statement of network.attaching) role.addToPolicy(statement)
      acknowledge(this, 'IAM5[Resource::*]', 'The network interfaces of a function in a VPC take no resource.')
    }
    this.function = new NodejsFunction(this, 'Function', {
      description: `Vigie ${stage}: ${name}`,
      entry: `${root}lambdas/${name}.ts`,
      depsLockFilePath: `${root}package-lock.json`,
      projectRoot: root,
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture ?? Architecture.ARM_64,
      memorySize: memoryMb,
      timeout,
      role,
      logGroup,
      environment: {
        ...environment,
        STAGE: stage,
        NODE_OPTIONS: '--enable-source-maps',
        // Retries a throttled table longer than the SDK's default.
        AWS_MAX_ATTEMPTS: '8',
      },
      bundling: bundlingOf(props.bundledBy, context.organisation),
      ...(key && { environmentEncryption: key }),
      ...(temporaryMb !== undefined && { ephemeralStorageSize: Size.mebibytes(temporaryMb) }),
      ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
      ...network?.placement,
    })
  }

  /** For a function that is called without a queue: calls that fail end in the dead letters. */
  failsInto(deadLetters: DeadLetters): void {
    this.function.configureAsyncInvoke({ onFailure: destinationIn(deadLetters.queue), retryAttempts: 2 })
    acknowledge(deadLetters, 'SQS3', 'It is a dead-letter queue: of a function that is called, not of a queue.')
  }

  /** Takes single messages from a queue, at most `atOnce` at a time. */
  takesFrom({ queue }: WorkQueue, atOnce: number): void {
    grantTaking(queue, this.function)
    // The CDK's event source grants more than Lambda needs; the id is the one that it would give.
    this.function.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(queue.node)}`, {
      eventSourceArn: queue.queueArn,
      batchSize: 1,
      maxConcurrency: atOnce,
      reportBatchItemFailures: true,
    })
  }
}

/** ESM, since the code reads its own location; bundles the SDK, so that the tested version runs. */
const bundlingOf = (bundledBy: string | undefined, organisation: string | undefined): BundlingOptions => ({
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourceMap: true,
  sourceMapMode: SourceMapMode.EXTERNAL,
  sourcesContent: false,
  bundleAwsSDK: true,
  // Optional for Handlebars, which maps template lines with it.
  externalModules: ['source-map'],
  charset: Charset.UTF8,
  esbuildArgs: {
    '--alias:@aws-sdk/credential-provider-node': `${root}lambdas/runtime/credentials.ts`,
    '--legal-comments': 'none',
  },
  // Some packages still call `require`.
  banner: "import{createRequire as _require}from'node:module';const require=_require(import.meta.url);",
  commandHooks: {
    beforeBundling: () => [],
    beforeInstall: () => [],
    afterBundling: (_, folder) =>
      bundledBy === undefined
        ? []
        : [
            [process.execPath, `${root}${bundledBy}`, folder, ...(organisation === undefined ? [] : [organisation])]
              .map(quoted)
              .join(' '),
          ],
  },
})

const quoted = (word: string): string => `"${word.replace(/["\\$`]/g, '\\$&')}"`
