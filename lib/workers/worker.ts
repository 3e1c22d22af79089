/**
 * A function of the stack, with everything that a function must have: its own role, its own log, its bundle. It has no
 * alarm of its own, since whatever fails in it ends where an alarm is: in the dead letters of the queue or of the call
 * that it works for, with a message that grows old, or as an error of its API.
 */
import { fileURLToPath } from 'node:url'
import { type Duration, Names, RemovalPolicy, Size } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { type Architecture, Runtime } from 'aws-cdk-lib/aws-lambda'
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
import { grantTaking, type WorkQueue } from './work-queue.ts'

/** What all functions of a stack have in common: made once, and handed to each. */
export type StackContext = {
  readonly stage: string
  /**
   * What holds data refuses to be deleted. Not so while a stage is first deployed, so that a failure leaves nothing
   * behind.
   */
  readonly guarded: boolean
  readonly alarms: Alarms
  readonly key: IKey | undefined
  readonly network: Network | undefined
  readonly logRetention: RetentionDays
  /** The organisation's vigie.json. */
  readonly organisation: string | undefined
}

/** Functions by the variables that they read: one that lacks a variable does not compile. */
type Environment<Name extends FunctionName> = {
  readonly [variable in Exclude<(typeof variables)[Name][number], 'STAGE'>]: string
}

type WorkerProps<Name extends FunctionName> = {
  readonly context: StackContext
  readonly memoryMb: number
  /** Of /tmp; 512 where it is left out. */
  readonly temporaryMb?: number
  readonly timeout: Duration
  readonly architecture: Architecture
  readonly environment: Environment<Name>
  /** Taken out of the account's pool, for this function alone. */
  readonly reserved?: number | undefined
  /** The tool that puts files beside the code, given the bundle's folder and the organisation’s vigie.json, if any. */
  readonly bundledBy?: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * A function of `lambdas/NAME.ts`, whose environment the compiler holds against the variables that it reads
 * (`lambdas/config/env.ts`): another app adds its file and its variables there. `function` takes grants, as of any
 * construct of the CDK.
 *
 * @example const generate = new Worker(stack, 'Generate', 'generate', { context, memoryMb: 2048, timeout, architecture,
 * environment }) generate.takesFrom(reports, 4)
 */
export class Worker<Name extends FunctionName> extends Construct {
  readonly function: NodejsFunction

  constructor(scope: Construct, id: string, name: Name, props: WorkerProps<Name>) {
    super(scope, id)
    const { context, memoryMb, temporaryMb, timeout, architecture, environment, reserved } = props
    const { stage, key, network, logRetention } = context
    const logGroup = new LogGroup(this, 'Log', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(key && { encryptionKey: key }),
    })
    // Its own role: AWS's would let it write every function's log.
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
      architecture,
      memorySize: memoryMb,
      timeout,
      role,
      logGroup,
      environment: {
        ...environment,
        STAGE: stage,
        NODE_OPTIONS: '--enable-source-maps',
        // A throttled table is asked a while longer than the SDK does by itself.
        AWS_MAX_ATTEMPTS: '8',
      },
      bundling: bundlingOf(props.bundledBy, context.organisation),
      ...(key && { environmentEncryption: key }),
      ...(temporaryMb !== undefined && { ephemeralStorageSize: Size.mebibytes(temporaryMb) }),
      ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
      ...network?.placement,
    })
  }

  /** Takes its work from a queue, one message at a time, and `atOnce` of them at the most. */
  takesFrom({ queue }: WorkQueue, atOnce: number): void {
    grantTaking(queue, this.function)
    // Not by the CDK's event source, which grants more than Lambda needs; its name is the one that this would give.
    this.function.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(queue.node)}`, {
      eventSourceArn: queue.queueArn,
      batchSize: 1,
      maxConcurrency: atOnce,
      reportBatchItemFailures: true,
    })
  }
}

/** ESM, since the code asks where it is; with the SDK inside, so that what was tested is what runs. */
const bundlingOf = (bundledBy: string | undefined, organisation: string | undefined): BundlingOptions => ({
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
    '--alias:@aws-sdk/credential-provider-node': `${root}lambdas/runtime/credentials.ts`,
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
            [process.execPath, `${root}${bundledBy}`, folder, ...(organisation === undefined ? [] : [organisation])]
              .map(quoted)
              .join(' '),
          ],
  },
})

/** One word for the shell. */
const quoted = (word: string): string => `"${word.replace(/["\\$`]/g, '\\$&')}"`
