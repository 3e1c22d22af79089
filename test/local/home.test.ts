/** The home under real processes: serving, joining, handing over, dying, and healing. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Home, HomeError, type HomeOptions, openHome } from '../../lambdas/local/home.ts'
import { makeTable, numbersIn, putOnce } from '../support/home-items.ts'
import type { Said, Work } from '../support/home-worker.ts'

let folder: string
let homes: Home[]
let children: ChildProcess[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-home-'))
  homes = []
  children = []
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const home of homes) await home.close()
  await rm(folder, { recursive: true, force: true })
})

const open = async (at = folder, options: HomeOptions = {}): Promise<Home> => {
  const home = await openHome(at, options)
  homes.push(home)
  return home
}

const openWithTable = async (at = folder): Promise<{ home: Home; client: DynamoDBClient }> => {
  const home = await open(at)
  const client = new DynamoDBClient(home.dynamo)
  await makeTable(client, home.tableName)
  return { home, client }
}

const count = (to: number): number[] => Array.from({ length: to }, (_, number) => number)

const start = (work: Partial<Work> = {}, as: { uid?: number; gid?: number } = {}) => {
  const whole: Work = { folder, partition: 'P', count: 0, atOnce: 8, stay: false, ...work }
  const script = join(import.meta.dirname, '../support/home-worker.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(whole)], { stdio: ['pipe', 'pipe', 'pipe'], ...as })
  children.push(child)
  const said: Said[] = []
  const waiting: { until: (line: Said) => boolean; resolve: (line: Said) => void }[] = []
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    const lines = stdout.split('\n')
    stdout = lines.pop() ?? ''
    for (const line of lines) {
      const parsed: Said = JSON.parse(line)
      said.push(parsed)
      for (const { until, resolve } of waiting) if (until(parsed)) resolve(parsed)
    }
  })
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stderr }))
  })
  const says = (until: (line: Said) => boolean): Promise<Said> => {
    const already = said.find(until)
    if (already) return Promise.resolve(already)
    const gone = ended.then(({ code }) => {
      throw new Error(`the worker ended (${code}) without saying it: ${stderr} ${JSON.stringify(said.at(-1))}`)
    })
    return Promise.race([new Promise<Said>((resolve) => waiting.push({ until, resolve })), gone])
  }
  const close = (): void => void child.stdin.write('close\n')
  return { child, says, ended, close }
}

const readStore = async (): Promise<{ port: number; secret: string; pid: number }> =>
  JSON.parse(await readFile(join(folder, 'store.json'), 'utf8'))

const post = (port: number, authorization: string | undefined): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const outgoing = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables', ...(authorization ? { authorization } : {}) },
    })
    outgoing.on('error', reject)
    outgoing.on('response', async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve({ status: response.statusCode ?? 0, body })
    })
    outgoing.end('{}')
  })

const connects = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 })
    const settle = (connected: boolean): void => {
      socket.destroy()
      resolve(connected)
    }
    socket.on('connect', () => settle(true))
    socket.on('error', () => settle(false))
    socket.on('timeout', () => settle(false))
  })

describe('several processes', () => {
  test('the first serves, the second joins, both write at once', async () => {
    const first = start({ partition: 'A', count: 200, stay: true })
    expect((await first.says((line) => line.opened !== undefined)).opened).toEqual({ serves: true })
    const second = start({ partition: 'B', count: 200 })
    expect((await second.says((line) => line.opened !== undefined)).opened).toEqual({ serves: false })
    await first.says((line) => line.done !== undefined)
    expect(await second.ended).toEqual({ code: 0, stderr: '' })
    first.close()
    expect(await first.ended).toEqual({ code: 0, stderr: '' })

    const { home, client } = await openWithTable()
    expect(home.serves()).toBe(true)
    expect(await numbersIn(client, home.tableName, 'A')).toEqual(count(200))
    expect(await numbersIn(client, home.tableName, 'B')).toEqual(count(200))
  })

  test('the server ends in order while another is in mid-work: nothing is lost, nothing is written twice', async () => {
    const server = start({ stay: true })
    await server.says((line) => line.done !== undefined)
    const worker = start({ partition: 'B', count: 600, atOnce: 16 })
    await worker.says((line) => line.put === 100)
    server.close()
    expect(await server.ended).toEqual({ code: 0, stderr: '' })
    expect((await worker.says((line) => line.done !== undefined)).done).toEqual({ repeated: 0, serves: true })
    expect(await worker.ended).toEqual({ code: 0, stderr: '' })
    const { home, client } = await openWithTable()
    expect(await numbersIn(client, home.tableName, 'B')).toEqual(count(600))
  })

  test('the server is killed in mid-work: one of the others takes over, nothing is lost', async () => {
    const server = start({ partition: 'A', count: 10_000 })
    await server.says((line) => line.put === 100)
    const workers = ['B', 'C', 'D'].map((partition) => start({ partition, count: 400, atOnce: 16 }))
    await Promise.all(workers.map((worker) => worker.says((line) => line.put === 50)))
    server.child.kill('SIGKILL')
    for (const worker of workers) expect(await worker.ended).toEqual({ code: 0, stderr: '' })
    const { home, client } = await openWithTable()
    for (const partition of ['B', 'C', 'D']) {
      expect(await numbersIn(client, home.tableName, partition)).toEqual(count(400))
    }
    // What the killed process was told is written is written.
    const written = await numbersIn(client, home.tableName, 'A')
    expect(written.slice(0, 90)).toEqual(count(90))
  })

  test('ten processes start at once on an empty home', async () => {
    const workers = count(10).map((number) => start({ partition: `P${number}`, count: 50 }))
    for (const worker of workers) expect(await worker.ended).toEqual({ code: 0, stderr: '' })
    const { home, client } = await openWithTable()
    for (const number of count(10)) {
      expect(await numbersIn(client, home.tableName, `P${number}`)).toEqual(count(50))
    }
  })

  test('a server that does not answer is named, and the wait is bounded', async () => {
    const server = start({ stay: true })
    await server.says((line) => line.done !== undefined)
    server.child.kill('SIGSTOP')
    const refused = expect(open(folder, { waitMs: 500 })).rejects
    await refused.toThrow(`process ${server.child.pid} was the last to serve it`)
    await refused.toBeInstanceOf(HomeError)
    server.child.kill('SIGCONT')
    expect((await open()).serves()).toBe(false)
  })

  test('others that are killed in mid-work do not trouble the server, nor its closing', async () => {
    const { home, client } = await openWithTable()
    const workers = ['B', 'C', 'D'].map((partition) => start({ partition, count: 10_000, atOnce: 32 }))
    await Promise.all(workers.map((worker) => worker.says((line) => line.put === 50)))
    for (const worker of workers) worker.child.kill('SIGKILL')
    const late = start({ partition: 'E', count: 10_000, atOnce: 32 })
    await late.says((line) => line.put === 50)
    late.child.kill('SIGSTOP')
    expect(await putOnce(client, home.tableName, 'A', 1)).toBe('written')
    const before = performance.now()
    await home.close()
    expect(performance.now() - before).toBeLessThan(2_000)
  })

  test('a process that never closes its home still ends, and what it leaves behind heals', async () => {
    const module = JSON.stringify(join(import.meta.dirname, '../../lambdas/local/home.ts'))
    const script = `import(${module}).then(({ openHome }) => openHome(${JSON.stringify(folder)}))`
    const child = spawn(process.execPath, ['-e', script], { stdio: 'inherit' })
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
    expect((await readStore()).pid).toBe(child.pid)
    expect((await open()).serves()).toBe(true)
  })

  test('a client that dies in mid-request leaves the server unharmed', async () => {
    const { home, client } = await openWithTable()
    const { port, secret } = await readStore()
    const socket = connect(port, '127.0.0.1')
    await new Promise<void>((resolve) => {
      const head = `POST / HTTP/1.1\r\nhost: x\r\nauthorization: AWS4 Credential=${secret}/x\r\ncontent-length: 999\r\n\r\n{`
      socket.write(head, () => resolve())
    })
    socket.resetAndDestroy()
    expect(await putOnce(client, home.tableName, 'A', 1)).toBe('written')
  })

  test('an idle connection does not delay closing', async () => {
    const home = await open()
    const { port } = await readStore()
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('connect', resolve))
    const before = performance.now()
    await home.close()
    expect(performance.now() - before).toBeLessThan(1_000)
    socket.destroy()
  })
})

describe('a stale store.json heals', () => {
  const proof = 'a'.repeat(48)

  const expectHealed = async (): Promise<void> => {
    const { home, client } = await openWithTable()
    expect(home.serves()).toBe(true)
    expect(await putOnce(client, home.tableName, 'A', 1)).toBe('written')
    expect((await readStore()).pid).toBe(process.pid)
    expect((await open()).serves()).toBe(false)
  }

  test('the file of a killed process', async () => {
    const server = start({ stay: true })
    await server.says((line) => line.done !== undefined)
    server.child.kill('SIGKILL')
    await server.ended
    expect((await readStore()).pid).toBe(server.child.pid)
    await expectHealed()
  })

  test.each([
    ['one that answers', (end: () => void) => end()],
    ['one that never answers', () => {}],
  ])('a port that another program uses now: %s', async (_, answer) => {
    const other = createServer((_request, response) => answer(() => response.end('{}')))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    await writeFile(join(folder, 'store.json'), JSON.stringify({ port, secret: proof, proof, pid: 1 }))
    await expectHealed()
    other.closeAllConnections()
    other.close()
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['garbage', Buffer.from([0xff, 0x00, 0x7b, 0xfe])],
    ['half a file', Buffer.from('{"port": 41')],
    ['other JSON', Buffer.from('{"port": "80; rm", "pid": null}')],
  ])('%s in it', async (_, bytes) => {
    await writeFile(join(folder, 'store.json'), bytes)
    await expectHealed()
  })

  test('another secret in it, while the server lives: it waits for the server, then says so', async () => {
    await open()
    const file = join(folder, 'store.json')
    await writeFile(file, JSON.stringify({ ...(await readStore()), secret: proof }))
    await expect(open(folder, { waitMs: 300 })).rejects.toThrow('did not answer within 300 ms')
  })
})

describe('who may ask', () => {
  test('only whoever knows the secret', async () => {
    await open()
    const { port, secret } = await readStore()
    expect((await post(port, undefined)).status).toBe(403)
    expect((await post(port, 'AWS4-HMAC-SHA256 Credential=AKIA/20240513/local/dynamodb/aws4_request')).status).toBe(403)
    expect((await post(port, `AWS4-HMAC-SHA256 Credential=${'0'.repeat(secret.length)}/x`)).status).toBe(403)
    expect(await post(port, `AWS4-HMAC-SHA256 Credential=${secret}/x`)).toEqual({
      status: 200,
      body: '{"TableNames":[]}',
    })
  })

  test('store.json and the folders are for this user alone', async () => {
    const home = await open(join(folder, 'new'))
    expect((await stat(join(home.folder, 'store.json'))).mode & 0o777).toBe(0o600)
    for (const name of ['.', 'db', 'archive', 'outbox']) {
      expect((await stat(join(home.folder, name))).mode & 0o777).toBe(0o700)
    }
  })

  // On Linux all of 127/8 is loopback: a server bound to every interface would answer there.
  test.skipIf(process.platform !== 'linux')('it listens on 127.0.0.1 only', async () => {
    await open()
    const { port } = await readStore()
    expect(await connects('127.0.0.1', port)).toBe(true)
    expect(await connects('127.0.0.2', port)).toBe(false)
    expect(await connects('::1', port)).toBe(false)
  })
})

describe('one process', () => {
  test('nothing listens after closing, store.json is gone, and the home opens again with everything in it', async () => {
    const first = await openWithTable()
    const numbers = count(500)
    await Promise.all(numbers.map((number) => putOnce(first.client, first.home.tableName, 'A', number)))
    const { port } = await readStore()
    await first.home.close()
    expect(await connects('127.0.0.1', port)).toBe(false)
    await expect(readStore()).rejects.toThrow('ENOENT')
    await expect(putOnce(first.client, first.home.tableName, 'A', 1)).rejects.toThrow('is closed')
    const again = await openWithTable()
    expect(await numbersIn(again.client, again.home.tableName, 'A')).toEqual(numbers)
  })

  test('several opens of one home, by several names; the one that serves may close first', async () => {
    const first = await openWithTable()
    await symlink(folder, join(folder, 'link'))
    const others = await Promise.all([openWithTable(), openWithTable(join(folder, 'link')), openWithTable()])
    expect(others.map(({ home }) => home.serves())).toEqual([false, false, false])
    const writing = others.flatMap(({ client, home }, index) =>
      count(100).map((number) => putOnce(client, home.tableName, `P${index}`, number)),
    )
    await first.home.close()
    expect(new Set(await Promise.all(writing))).toEqual(new Set(['written']))
    expect(others.filter(({ home }) => home.serves())).toHaveLength(1)
    for (const [index, { client, home }] of others.entries()) {
      expect(await numbersIn(client, home.tableName, `P${index}`)).toEqual(count(100))
    }
  })

  test('a second open in this process does not release the lock that keeps other processes out', async () => {
    await openWithTable()
    await rm(join(folder, 'store.json'))
    await expect(open(folder, { waitMs: 200 })).rejects.toThrow('did not answer')
    const module = join(import.meta.dirname, '../../lambdas/local/database.ts')
    const script = `import(${JSON.stringify(module)})
      .then(({ openDatabase }) => openDatabase(${JSON.stringify(join(folder, 'db'))}))
      .then((database) => process.exit(database ? 1 : 0))`
    const child = spawn(process.execPath, ['-e', script], { stdio: 'inherit' })
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  })

  test('two homes', async () => {
    const [one, two] = [await openWithTable(join(folder, 'one')), await openWithTable(join(folder, 'two'))]
    await putOnce(one.client, one.home.tableName, 'A', 1)
    expect(await numbersIn(one.client, one.home.tableName, 'A')).toEqual([1])
    expect(await numbersIn(two.client, two.home.tableName, 'A')).toEqual([])
  })

  test('requests under way when it closes are answered first', async () => {
    const { home, client } = await openWithTable()
    const writing = count(50).map((number) => putOnce(client, home.tableName, 'A', number))
    await new Promise((resolve) => setTimeout(resolve, 20))
    await home.close()
    await Promise.allSettled(writing)
    const again = await openWithTable()
    const results = await Promise.allSettled(writing)
    const kept = count(50).filter((number) => results[number]?.status === 'fulfilled')
    expect(await numbersIn(again.client, again.home.tableName, 'A')).toEqual(kept)
  })

  test('a table left half made by a killed process is finished', async () => {
    const { home } = await openWithTable()
    await home.close()
    const { Level } = createRequire(createRequire(import.meta.url).resolve('dynalite'))('level')
    const level = new Level(join(folder, 'db'), { valueEncoding: 'json' })
    const key = `table~${home.tableName}`
    await level.put(key, { ...(await level.get(key)), TableStatus: 'CREATING' })
    await level.close()
    const again = await open()
    const client = new DynamoDBClient(again.dynamo)
    expect(await putOnce(client, again.tableName, 'A', 1)).toBe('written')
  })

  test("DynamoDB's refusals come as such, on both sides of the loopback", async () => {
    const server = await openWithTable()
    const joined = await openWithTable()
    for (const { client, home } of [server, joined]) {
      await expect(putOnce(client, 'absent', 'A', 1)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
      await expect(putOnce(client, home.tableName, '', 1)).rejects.toMatchObject({ name: 'ValidationException' })
    }
    expect(await putOnce(server.client, server.home.tableName, 'A', 1)).toBe('written')
    expect(await putOnce(joined.client, joined.home.tableName, 'A', 1)).toBe('already-there')
  })
})

describe('a folder that cannot be a home', () => {
  test('a file', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await expect(open(file)).rejects.toThrow(`the home ${file} is a file, or lies below one: name a folder`)
    await expect(open(join(file, 'below'))).rejects.toThrow('is a file, or lies below one')
  })

  test('a file where one of its folders belongs', async () => {
    await writeFile(join(folder, 'archive'), '')
    await expect(open()).rejects.toThrow('db, archive and outbox in it must be folders')
  })

  test('a folder that may not be written', async () => {
    // Root may write anywhere: there, another user tries.
    const root = process.getuid?.() === 0
    await chmod(folder, 0o755)
    const locked = join(folder, 'locked')
    await mkdir(locked, { mode: 0o555 })
    const worker = start({ folder: locked }, root ? { uid: 65_534, gid: 65_534 } : {})
    expect((await worker.says((line) => line.failed !== undefined)).failed).toBe(
      `the home ${locked} cannot be written: make it writable for this user, or name another folder`,
    )
  })
})
