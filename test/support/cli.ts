/** Runs `vigie` as its users do, on a home of its own. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ReportAnswer } from '../../bin/cli/answers.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { holdAnswer } from './cli-schema.ts'
import type { Answer, Asked, Ran } from './cli-server.ts'

export const cliFile = fileURLToPath(new URL('../../bin/vigie.ts', import.meta.url))

export type { Ran }

export type RunOptions = {
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** A report as `--json` prints it. */
export type ReportJson = ReportAnswer

export type IngestJson = {
  readonly read: number
  readonly accepted: number
  readonly revised: number
  readonly duplicates: number
  readonly unplaced: number
  readonly rejected: number
  readonly rejects: readonly {
    readonly file: string
    readonly line: number | null
    readonly id: string | null
    readonly path: string
    readonly message: string
  }[]
  readonly unused: Readonly<Record<string, number>>
  readonly failed: readonly { readonly file: string; readonly message: string }[]
}

export type WeeklyJson = {
  readonly reports: readonly ReportJson[]
  readonly failed: readonly { readonly territory: string; readonly message: string }[]
}

export type VerifyJson = {
  readonly versions: number
  readonly files: number
  readonly problems: readonly { readonly file: string; readonly message: string }[]
}

/** Starts a command in a process of its own; its output is to be read by the caller. */
export const startVigie = (args: readonly string[], { env, cwd }: Omit<RunOptions, 'stdin'> = {}): ChildProcess =>
  spawn(process.execPath, [cliFile, ...args], { cwd, env: withEnv(env), stdio: ['pipe', 'pipe', 'pipe'] })

const withEnv = (env: RunOptions['env']) => ({
  ...process.env,
  VIGIE_HOME: '/dev/null/no-home-was-named',
  ...env,
})

/**
 * Runs a command; what it prints with --json is held against its schema. Commands that run at once have a process each;
 * one after the other they share one (cli-server.ts).
 */
export const vigie = async (args: readonly string[], options: RunOptions = {}): Promise<Ran> => {
  // Options of Node are those of a process.
  if (options.env?.NODE_OPTIONS !== undefined) return ended(startVigie(args, options), options.stdin)
  const server = idle.pop() ?? (await startServer())
  const told = await server.run({
    args,
    env: withEnv(options.env),
    cwd: options.cwd ?? process.cwd(),
    ...(options.stdin !== undefined && { stdin: options.stdin }),
  })
  idle.push(server)
  const { leftOpen, ...ran } = told
  if (leftOpen.length > 0) throw new Error(`vigie ${args.join(' ')} does not end: ${leftOpen.join(', ')} open`)
  return holdAnswer(args, ran)
}

type Server = { run(asked: Asked): Promise<Answer> }

const idle: Server[] = []

const serverFile = fileURLToPath(new URL('cli-server.ts', import.meta.url))

const startServer = async (): Promise<Server> => {
  const child = fork(serverFile, {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.unref()
  child.channel?.unref()
  return {
    run: async (asked) => {
      child.ref()
      child.channel?.ref()
      const stop = new AbortController()
      try {
        child.send(asked)
        return await Promise.race([
          once(child, 'message', stop).then(([told]) => told as Answer),
          once(child, 'exit', stop).then(([code, signal]): never => {
            throw new Error(`vigie ${asked.args.join(' ')} has ended its process: ${code ?? signal}`)
          }),
        ])
      } finally {
        stop.abort()
        child.unref()
        child.channel?.unref()
      }
    },
  }
}

/** What a started command says until it has ended. */
export const ended = async (child: ChildProcess, stdin?: string | Uint8Array): Promise<Ran> => {
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
  child.stdin?.on('error', () => undefined) // it may end before it has read all
  child.stdin?.end(stdin)
  const [code] = (await once(child, 'close')) as [number | null]
  const ran = { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }
  const [, script, ...args] = child.spawnargs
  return script === cliFile ? holdAnswer(args, ran) : ran
}

/** The one JSON value on standard output; throws where there is anything else. */
export const jsonOf = <Value>({ stdout, stderr }: Ran): Value => {
  try {
    return JSON.parse(stdout) as Value
  } catch (cause) {
    throw new Error(`standard output is not one JSON value:\n${stdout.slice(0, 500)}\n${stderr.slice(0, 500)}`, {
      cause,
    })
  }
}

/** Runs a command with --json that is expected to end well. */
export const vigieJson = async <Value>(args: readonly string[], options: RunOptions = {}): Promise<Value> => {
  const ran = await vigie([...args, '--json'], options)
  if (ran.code !== 0) throw new Error(`vigie ${args.join(' ')} ended with ${ran.code}: ${ran.stderr}${ran.stdout}`)
  return jsonOf<Value>(ran)
}

/**
 * Where homes of tests lie: in memory, where this machine has much of it and lets programs be run from there, since
 * most of a home's time is waiting for its disk. What is on the disk when a process dies is test/store's, which has its
 * own folders.
 */
const foldersIn = async (): Promise<string> => {
  const mounts = process.platform === 'linux' ? await readFile('/proc/mounts', 'utf8') : ''
  const [, , , how = 'noexec'] =
    mounts
      .split('\n')
      .findLast((line) => line.split(' ')[1] === memory)
      ?.split(' ') ?? []
  if (how.split(',').some((option) => ['noexec', 'ro'].includes(option))) return tmpdir()
  const { bavail, bsize } = await statfs(memory)
  return bavail * bsize < 2 ** 32 ? tmpdir() : memory
}

const memory = '/dev/shm'
let folders: Promise<string> | undefined

/** A folder for one test's files, and how to remove it. */
export const newFolder = async (): Promise<{ readonly folder: string; remove(): Promise<void> }> => {
  folders ??= foldersIn()
  const folder = await mkdtemp(join(await folders, 'vigie-test-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) }
}

/** NDJSON of values, each on its line. */
export const ndjson = (...records: readonly (DetectionInput | Readonly<Record<string, unknown>>)[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('')

export const writeNdjson = async (
  file: string,
  ...records: readonly (DetectionInput | Readonly<Record<string, unknown>>)[]
): Promise<string> => {
  await writeFile(file, ndjson(...records))
  return file
}
