/** The laptop's home: one folder with the embedded database, the archive and the outbox, usable by many processes. */
import { access, constants, mkdir, realpath, stat } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join, resolve } from 'node:path'
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import type { Answer } from './database.ts'
import { HomeError, type Seat, SeatLostError, takeSeat } from './seat.ts'

export { HomeError }

export type Home = {
  /** The folder, absolute and with its links resolved. */
  readonly folder: string
  readonly archiveFolder: string
  readonly outboxFolder: string
  /**
   * Configuration for `new DynamoDBClient(...)`. Endpoint and credentials are those at the time of opening, for other
   * tools; the request handler follows the database wherever it is served later.
   *
   * A request whose serving process died before answering is sent again. Conditions make that safe, with one thing to
   * know: a conditional write that was carried out before the answer was lost is answered
   * `ConditionalCheckFailedException` when repeated. Take "already there with the same content" for success, and never
   * count with ADD.
   */
  readonly dynamo: DynamoDBClientConfig
  readonly tableName: string
  /** True while this process serves the database to the others. */
  serves(): boolean
  /** Waits for this home's requests; where it serves, hands the database over to whichever process asks next. */
  close(): Promise<void>
}

export type HomeOptions = {
  readonly tableName?: string
  /** How long to wait for a process that holds the database but does not answer. */
  readonly waitMs?: number
}

/** What the SDK hands to a request handler and takes back, down to what is used here. */
type SdkRequest = { readonly headers: Record<string, string>; readonly body?: string | Uint8Array }
type SdkResponse = { statusCode: number; headers: Record<string, string>; body: Uint8Array }

const utf8 = new TextDecoder()

/** A request meets at most so many servers that vanish under it: more means that something else is wrong. */
const mostServers = 20

/**
 * Opens the home in `folder`, creating what is missing. The first process serves the database on loopback, others join
 * it; whenever the serving process ends, in order or not, one of the others takes over at its next request.
 *
 * What was answered survives the death of any process; a power cut may cost the last moments, since leveldb does not
 * force each write to the disk.
 * @throws HomeError where the folder cannot be used, or its database is held by a process that does not answer
 */
export const openHome = async (folder: string, options: HomeOptions = {}): Promise<Home> => {
  const { tableName = 'vigie', waitMs = 10_000 } = options
  const layout = await layOut(resolve(folder))
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const asking = new Set<Promise<unknown>>()
  let seating: Promise<Seat> | undefined
  let current: Seat | undefined
  let closing: Promise<void> | undefined

  const sit = (): Promise<Seat> => {
    seating ??= takeSeat(layout, agent, waitMs).then(
      (seat) => {
        current = seat
        return seat
      },
      (error: unknown) => {
        seating = undefined
        throw error
      },
    )
    return seating
  }

  const ask = async (target: string, body: string, signal?: AbortSignal): Promise<Answer> => {
    for (let servers = 1; ; servers += 1) {
      const sought = sit()
      const seat = await sought
      try {
        return await seat.ask(target, body, signal)
      } catch (error) {
        if (!(error instanceof SeatLostError) || servers === mostServers) throw error
        // Many requests lose the same seat; the first one gives it up for all.
        if (seating === sought) seating = undefined
      }
    }
  }

  const handle = async (request: SdkRequest, { abortSignal }: { abortSignal?: unknown } = {}) => {
    if (closing) throw new HomeError(`the home ${layout.folder} is closed: open it again before using its database`)
    const body = typeof request.body === 'string' ? request.body : utf8.decode(request.body)
    const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined
    const answered = ask(request.headers['x-amz-target'] ?? '', body, signal)
    asking.add(answered)
    try {
      const answer = await answered
      const response: SdkResponse = {
        statusCode: answer.statusCode,
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: Buffer.from(answer.body),
      }
      return { response }
    } finally {
      asking.delete(answered)
    }
  }

  const leave = async (): Promise<void> => {
    await Promise.allSettled(asking)
    try {
      await current?.leave()
    } finally {
      agent.destroy()
    }
  }

  try {
    const { port, secret } = await sit()
    return {
      folder: layout.folder,
      archiveFolder: layout.archiveFolder,
      outboxFolder: layout.outboxFolder,
      dynamo: {
        endpoint: `http://127.0.0.1:${port}`,
        region: 'local',
        credentials: { accessKeyId: secret, secretAccessKey: secret },
        requestHandler: { handle },
      },
      tableName,
      serves: () => current?.serves ?? false,
      close: () => {
        closing ??= leave()
        return closing
      },
    }
  } catch (error) {
    agent.destroy()
    throw error
  }
}

/** Makes what is missing of the home's folders, for this user alone, and checks that they can be written. */
const layOut = async (asked: string) => {
  const names = ['', 'db', 'archive', 'outbox']
  try {
    for (const name of names) await mkdir(join(asked, name), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new HomeError(await whyNot(asked, error), { cause: error })
  }
  // One name for the folder whatever links lead to it: the database must not be opened twice by one process.
  const folder = await realpath(asked)
  for (const name of names) {
    try {
      await access(join(folder, name), constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (error) {
      throw new HomeError(await whyNot(join(folder, name), error), { cause: error })
    }
  }
  return {
    folder,
    databaseFolder: join(folder, 'db'),
    archiveFolder: join(folder, 'archive'),
    outboxFolder: join(folder, 'outbox'),
    storeFile: join(folder, 'store.json'),
  }
}

const whyNot = async (folder: string, error: unknown): Promise<string> => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    const found = await stat(folder).catch(() => undefined)
    return found?.isDirectory()
      ? `the home ${folder} cannot be used: db, archive and outbox in it must be folders`
      : `the home ${folder} is a file, or lies below one: name a folder`
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return `the home ${folder} cannot be written: make it writable for this user, or name another folder`
  }
  return `the home ${folder} cannot be created: name a folder on a disk with room`
}
