/** Runs a function's bundle once, as Lambda would, in virtual time. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { functionClockEnv, movedDateOption } from './clock.ts'
import type { FunctionSpec } from './lambda.ts'

export type VirtualRun = {
  readonly value?: unknown
  readonly error?: string
  /**
   * From the first line of the handler to its answer, in virtual seconds; and those spent in pauses before asking
   * again.
   */
  readonly seconds: number
  readonly pausedSeconds: number
  /** The same seconds, had the browser not waited for a processor that others had. */
  readonly undisturbedSeconds: number
  /** Of the processor of this machine. */
  readonly cpuSeconds: number
  readonly realSeconds: number
  readonly peakMb: number
  readonly log: string
}

/** What a virtual process is told in its first message. */
export type VirtualOrder = {
  readonly file: string
  readonly handlerName: string
  readonly event: unknown
  readonly timeoutMs: number
  readonly tableHost: string
  readonly slower: number
  readonly processors: number
  readonly startsAt: number
}

export type VirtualAnswer = Omit<VirtualRun, 'realSeconds' | 'log'>

/** "At 1,769 MB, a function has the equivalent of one vCPU" (AWS, "Configure Lambda function memory"). */
const megabytesPerProcessor = 1_769

const runner = fileURLToPath(new URL('./virtual-runner.ts', import.meta.url))

/**
 * @param slower how many times as long work takes on one of Lambda's processors as on this machine's; the function has a
 * part of one, or several, by its memory. What it waits for is what it is
 * @param startsAt virtual seconds: a run that comes after another begins when that has ended
 */
export const runInVirtualTime = async (
  spec: FunctionSpec,
  event: unknown,
  { slower = 2, startsAt = 0 }: { readonly slower?: number; readonly startsAt?: number } = {},
): Promise<VirtualRun> => {
  const began = performance.now()
  const child = fork(runner, [], {
    cwd: spec.folder,
    env: {
      PATH: process.env.PATH,
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      TMPDIR: process.env.TMPDIR,
      LAMBDA_TASK_ROOT: spec.folder,
      AWS_LAMBDA_FUNCTION_NAME: spec.name,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      ...functionClockEnv(),
      ...spec.env,
    },
    // A heap for the function's memory, not for this machine's; and nothing that a test's own process was started with.
    execArgv: [movedDateOption, `--max-old-space-size=${Math.round(0.75 * spec.memoryMb)}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log += chunk
    })
  }
  const [file = '', handlerName = ''] = spec.handler.split('.')
  const order: VirtualOrder = {
    ...{ file, handlerName, event, slower, startsAt },
    processors: spec.memoryMb / megabytesPerProcessor,
    timeoutMs: spec.timeoutMs,
    tableHost: new URL(spec.env.AWS_ENDPOINT_URL_DYNAMODB ?? '').host,
  }
  const answer = await new Promise<VirtualAnswer>((resolve) => {
    child.once('message', (said) => resolve(said as VirtualAnswer))
    child.once('exit', (code, signal) =>
      resolve({
        error: `exit ${code ?? signal}`,
        seconds: 0,
        pausedSeconds: 0,
        undisturbedSeconds: 0,
        cpuSeconds: 0,
        peakMb: 0,
      }),
    )
    child.send(order)
  })
  child.kill('SIGTERM')
  return { ...answer, realSeconds: (performance.now() - began) / 1_000, log }
}
