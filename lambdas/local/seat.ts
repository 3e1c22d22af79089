/** A process's seat at a home's database: it serves the files to others, or it has joined the process that does. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { type Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type Answer, type Database, openDatabase } from './database.ts'

export type Seat = {
  /** True in the one process that holds the files. */
  readonly serves: boolean
  /** Where the database answers, and the access key id that it asks for. */
  readonly port: number
  readonly secret: string
  /** @throws SeatLostError where the serving process is gone: take a seat again, then repeat the request. */
  ask(target: string, body: string, signal?: AbortSignal): Promise<Answer>
  /** Finishes what is being answered, then lets go of the files; the next process to ask takes them over. */
  leave(): Promise<void>
}

export type SeatPlace = {
  /** Where leveldb's files are. */
  readonly databaseFolder: string
  /** Where the serving process leaves its address. Only the process that holds leveldb's lock writes or removes it. */
  readonly storeFile: string
}

/** The home cannot be used; the message says why and what to do. */
export class HomeError extends Error {
  override name = 'HomeError'
}

/** The process that served the database is gone, or what answers at its port is not it. */
export class SeatLostError extends Error {
  override name = 'SeatLostError'
}

type Address = { readonly port: number; readonly secret: string; readonly proof: string; readonly pid: number }

const loopback = '127.0.0.1'
/** The server shows by it that it is the one described in store.json, not another program on a port used again. */
const proofHeader = 'x-vigie-proof'
const pingMs = 1_000
/** How long a request waits for an answer before the server is looked at again. */
const requestMs = 30_000
/** How long a leaving server waits for its last answers to be taken. */
const leaveMs = 5_000
const mostBytes = 16 * 1024 * 1024

/**
 * Database folders that this process holds or is trying. A second attempt from the same process would release leveldb's
 * lock (see {@link openDatabase}), hence one list for every copy of this module.
 */
const heldKey = Symbol.for('vigie.local.held')
const shared: typeof globalThis & { [heldKey]?: Set<string> } = globalThis
shared[heldKey] ??= new Set()
const held = shared[heldKey]

/**
 * Takes a seat: joins the process that serves the home, or becomes it. leveldb's own lock decides between several that
 * try at once; the others find the winner's store.json. A stale store.json is replaced by whoever gets the lock.
 * @throws HomeError where neither comes about within `waitMs`
 */
export const takeSeat = async (place: SeatPlace, agent: Agent, waitMs: number): Promise<Seat> => {
  const deadline = performance.now() + waitMs
  let address: Address | undefined
  let obstacle: unknown
  for (;;) {
    address = await readAddress(place.storeFile)
    if (address) {
      try {
        await exchange(agent, address, { method: 'GET', target: '', body: '', timeoutMs: pingMs })
        return join(agent, address)
      } catch (error) {
        obstacle = error
      }
    }
    const seat = await tryToServe(place)
    if (seat) return seat
    if (performance.now() > deadline) break
    await pause(15 + Math.random() * 30)
  }
  const holder = address ? `process ${address.pid} was the last to serve it` : 'no process has said that it serves it'
  throw new HomeError(
    `the database in ${place.databaseFolder} is held by a process that did not answer within ${waitMs} ms (${holder}): end that process, then try again`,
    { cause: obstacle },
  )
}

const tryToServe = async (place: SeatPlace): Promise<Seat | undefined> => {
  if (held.has(place.databaseFolder)) return undefined
  held.add(place.databaseFolder)
  let database: Database | undefined
  try {
    database = await openDatabase(place.databaseFolder)
    if (database) return await serve(database, place)
  } catch (error) {
    await database?.close()
    held.delete(place.databaseFolder)
    throw error
  }
  held.delete(place.databaseFolder)
  return undefined
}

const serve = async (database: Database, place: SeatPlace): Promise<Seat> => {
  const secret = randomBytes(24).toString('hex')
  const proof = randomBytes(24).toString('hex')
  const answering = new Set<Promise<unknown>>()
  let leaving = false

  const respond = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.on('error', ignoreGone)
    if (!isPermitted(incoming.headers.authorization, secret)) {
      incoming.resume()
      return send(response, forbidden)
    }
    response.setHeader(proofHeader, proof)
    const body = await readBody(incoming)
    // Not carried out yet, so the client may safely repeat it where the files are next.
    if (body === 'gone' || leaving) return void incoming.socket.destroy()
    if (body === 'too long') return send(response, tooLong)
    if (incoming.method === 'GET') return send(response, { statusCode: 200, body: '{}' })
    // Its client died just now.
    if (response.closed) return
    const done = new Promise((resolve) => response.once('close', resolve))
    answering.add(done)
    try {
      const answer = await database.answer(String(incoming.headers['x-amz-target'] ?? ''), body).catch(asServerError)
      if (leaving) response.setHeader('connection', 'close')
      send(response, answer)
      await done
    } finally {
      answering.delete(done)
    }
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, respond)
  // A command that ends without closing its home must still end; what it leaves behind heals.
  server.unref()
  server.listen(0, loopback)
  await once(server, 'listening')
  const listening = server.address()
  const port = typeof listening === 'object' && listening ? listening.port : 0
  const address: Address = { port, secret, proof, pid: process.pid }
  try {
    // Renamed into place, so that nobody reads half of it. Only the holder of the lock comes here: one name is enough.
    await writeFile(`${place.storeFile}.new`, `${JSON.stringify(address)}\n`, { mode: 0o600 })
    await rename(`${place.storeFile}.new`, place.storeFile)
  } catch (error) {
    server.close()
    throw new HomeError(`${place.storeFile} cannot be written: check the folder's permissions and free space`, {
      cause: error,
    })
  }

  const leave = async (): Promise<void> => {
    leaving = true
    const closed = once(server, 'close')
    server.close()
    await Promise.race([Promise.allSettled(answering), pause(leaveMs, undefined, { ref: false })])
    server.closeAllConnections()
    await closed
    try {
      // Before the files are let go: afterwards store.json may be another process's.
      await rm(place.storeFile, { force: true })
    } finally {
      await database.close()
      held.delete(place.databaseFolder)
    }
  }

  const ask = (target: string, body: string, signal?: AbortSignal): Promise<Answer> => {
    signal?.throwIfAborted()
    return database.answer(target, body)
  }

  return { serves: true, port, secret, ask, leave }
}

const join = (agent: Agent, address: Address): Seat => ({
  serves: false,
  port: address.port,
  secret: address.secret,
  ask: (target, body, signal) =>
    exchange(agent, address, { method: 'POST', target, body, timeoutMs: requestMs, signal }),
  leave: async () => {},
})

type Sent = {
  readonly method: 'GET' | 'POST'
  readonly target: string
  readonly body: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** One request to the serving process, and its whole answer. */
const exchange = async (agent: Agent, { port, secret, proof, pid }: Address, sent: Sent): Promise<Answer> => {
  try {
    const outgoing = request({
      agent,
      host: loopback,
      port,
      method: sent.method,
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${secret}/local`,
        'content-type': 'application/x-amz-json-1.0',
        'content-length': Buffer.byteLength(sent.body),
        'x-amz-target': sent.target,
      },
      timeout: sent.timeoutMs,
      ...(sent.signal ? { signal: sent.signal } : {}),
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${sent.timeoutMs} ms`)))
    // Heard by once() until the response begins, and by its reader from then on.
    outgoing.on('error', ignoreGone)
    outgoing.end(sent.body)
    const [response]: IncomingMessage[] = await once(outgoing, 'response')
    if (!response) throw new Error('no response')
    if (response.headers[proofHeader] !== proof) {
      response.destroy()
      throw new Error('another program answers there')
    }
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    return { statusCode: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }
  } catch (error) {
    if (sent.signal?.aborted) throw error
    throw new SeatLostError(`process ${pid} no longer serves the home's database on port ${port}`, { cause: error })
  }
}

const readAddress = async (file: string): Promise<Address | undefined> => {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new HomeError(`${file} cannot be read: check whose it is and its permissions`, { cause: error })
  }
  try {
    const value: unknown = JSON.parse(text)
    return isAddress(value) ? value : undefined
  } catch {
    // Garbage stands for no address: the next process to get the lock replaces it.
    return undefined
  }
}

const isAddress = (value: unknown): value is Address => {
  if (typeof value !== 'object' || value === null) return false
  const { port, secret, proof, pid }: Record<string, unknown> = { ...value }
  return (
    Number.isInteger(port) &&
    Number(port) > 0 &&
    Number(port) < 65_536 &&
    Number.isInteger(pid) &&
    [secret, proof].every((text) => typeof text === 'string' && /^[0-9a-f]{48}$/.test(text))
  )
}

const isPermitted = (authorization: string | undefined, secret: string): boolean => {
  const given = Buffer.from(/Credential=([^/,\s]*)/.exec(authorization ?? '')?.[1] ?? '')
  const wanted = Buffer.from(secret)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

const readBody = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of incoming) {
      length += chunk.length
      if (length <= mostBytes) chunks.push(chunk)
    }
  } catch {
    // The client died in mid-request: there is nobody to answer.
    return 'gone'
  }
  return length > mostBytes ? 'too long' : Buffer.concat(chunks).toString()
}

const send = (response: ServerResponse, { statusCode, body }: Answer): void => {
  response.writeHead(statusCode, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

const forbidden: Answer = {
  statusCode: 403,
  body: JSON.stringify({
    __type: 'com.amazon.coral.service#UnrecognizedClientException',
    message: "the access key id must be the secret in the home's store.json",
  }),
}

const tooLong: Answer = {
  statusCode: 413,
  body: JSON.stringify({
    __type: 'com.amazon.coral.service#SerializationException',
    message: `a request holds ${mostBytes} bytes at most`,
  }),
}

const asServerError = (error: unknown): Answer => ({
  statusCode: 500,
  body: JSON.stringify({ __type: 'com.amazon.coral.service#InternalServerError', message: describe(error) }),
})

const describe = (error: unknown): string =>
  error instanceof Error ? (error.cause ? `${error.message}: ${describe(error.cause)}` : error.message) : String(error)

/** A stream without a listener for its errors ends the process; where this one listens, the error is dealt with elsewhere. */
const ignoreGone = (): void => {}
