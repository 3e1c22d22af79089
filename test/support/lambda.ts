/**
 * Runs functions as Lambda does: a process for each instance, fed by a Runtime API on loopback, killed when its time is
 * over.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import aws from './aws-limits.json' with { type: 'json' }
import { functionClockEnv, machineMs, movedDateOption } from './clock.ts'

export type FunctionSpec = {
  readonly name: string
  /** The folder of its bundle. */
  readonly folder: string
  /** `index.handler` */
  readonly handler: string
  readonly timeoutMs: number
  readonly memoryMb: number
  readonly env: Readonly<Record<string, string>>
  /** Puts its process into other surroundings: the words to start instead. */
  readonly within?: (command: readonly [string, ...string[]]) => readonly [string, ...string[]]
}

export type Invoked =
  | { readonly value: unknown; readonly ms: number }
  | { readonly error: { readonly errorType?: string; readonly errorMessage: string }; readonly ms: number }

export type Instance = {
  /** One invocation at a time; a first one starts the process. */
  invoke(event: unknown, options?: { readonly timeoutMs?: number }): Promise<Invoked>
  /** What it wrote to its log. */
  log(): string
  /** Ends the process as if its machine had been switched off. */
  kill(): void
  readonly pid: () => number | undefined
  close(): Promise<void>
}

/** A busy machine takes longer; what a function does in its last seconds is tried with a time of its own. */
const patience = 10

const { limit: maxPayload } = aws.limits.invocation

/** As Lambda answers a request or a response that is larger than it takes. */
const tooLarge = (errorType: string): Omit<Invoked, 'ms'> => ({
  error: { errorType, errorMessage: `the payload is larger than ${maxPayload} bytes` },
})

const runtime = fileURLToPath(new URL('./lambda-runtime.ts', import.meta.url))

export const startInstance = async (spec: FunctionSpec): Promise<Instance> => {
  let child: ChildProcess | undefined
  let log = ''
  let waiting: ServerResponse | undefined
  let current: { readonly id: string; readonly event: unknown; readonly deadline: number } | undefined
  let settle: ((invoked: Omit<Invoked, 'ms'>) => void) | undefined

  const hand = (): void => {
    if (!waiting || !current) return
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': current.id,
      'lambda-runtime-deadline-ms': String(current.deadline),
    })
    waiting.end(JSON.stringify(current.event))
    waiting = undefined
  }
  const server: Server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const path = (request.url ?? '').replace('/2018-06-01/runtime', '')
    if (path === '/invocation/next') {
      waiting = response
      hand()
      return
    }
    const body = await text(request)
    response.writeHead(202).end('{}')
    const [, id, kind] = /^\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? []
    if (path === '/init/error') settle?.({ error: JSON.parse(body) } as Invoked)
    else if (id === current?.id && Buffer.byteLength(body) > maxPayload)
      settle?.(tooLarge('Function.ResponseSizeTooLarge'))
    else if (id === current?.id)
      settle?.((kind === 'error' ? { error: JSON.parse(body) } : { value: JSON.parse(body) }) as Invoked)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo

  const start = (): void => {
    const bare = [process.execPath, movedDateOption, runtime] as const
    const [command, ...words] = spec.within?.(bare) ?? bare
    const started = spawn(command, words, {
      cwd: spec.folder,
      // Of this machine, the path alone: what a function needs, the stack says.
      env: {
        PATH: process.env.PATH,
        LANG: 'en_US.UTF-8',
        TZ: ':UTC',
        TMPDIR: process.env.TMPDIR,
        LAMBDA_TASK_ROOT: spec.folder,
        _HANDLER: spec.handler,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
        AWS_LAMBDA_FUNCTION_NAME: spec.name,
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        ...functionClockEnv(),
        ...spec.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        log += chunk
      })
    }
    started.on('error', ({ message }) => settle?.({ error: { errorMessage: message } } as Invoked))
    started.on('exit', (code, signal) => {
      if (child !== started) return
      child = undefined
      settle?.({ error: { errorType: 'Runtime.ExitError', errorMessage: `exit ${code ?? signal}` } } as Invoked)
    })
  }
  const kill = (): void => {
    waiting = undefined
    child?.kill('SIGKILL')
  }

  return {
    invoke: async (event, { timeoutMs = patience * spec.timeoutMs } = {}) => {
      if (current) throw new Error(`${spec.name} is busy: an instance takes one invocation at a time`)
      if (Buffer.byteLength(JSON.stringify(event)) > maxPayload)
        return { ...tooLarge('RequestTooLargeException'), ms: 0 } as Invoked
      const began = performance.now()
      current = { id: randomUUID(), event, deadline: machineMs() + timeoutMs }
      const answered = new Promise<Omit<Invoked, 'ms'>>((resolve) => {
        settle = resolve
      })
      const timer = setTimeout(() => {
        kill()
        settle?.({ error: { errorMessage: `Task timed out after ${timeoutMs / 1000} seconds` } } as Invoked)
      }, timeoutMs)
      if (!child) start()
      hand()
      const invoked = await answered
      clearTimeout(timer)
      current = undefined
      settle = undefined
      return { ...invoked, ms: performance.now() - began } as Invoked
    },
    log: () => log,
    kill,
    pid: () => child?.pid,
    close: async () => {
      const ending = child && once(child, 'exit')
      child?.kill('SIGTERM')
      await ending
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
