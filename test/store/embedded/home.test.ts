/** The data folder under real processes: several at once, killed ones, and damaged files. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HomeError } from '../../../lambdas/config/home-error.ts'
import { type Home, type HomeOptions, openHome } from '../../../lambdas/store/embedded/home.ts'
import { openTableFile } from '../../../lambdas/store/embedded/table-file.ts'
import { batchesIn, itemOf } from '../../support/home-items.ts'
import type { Said, Work } from '../../support/home-worker.ts'

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

const count = (to: number): number[] => Array.from({ length: to }, (_, number) => number)
const each = (batches: readonly number[], size: number) => new Map(batches.map((batch) => [batch, size]))
const isFree = { expression: 'attribute_not_exists(pk)' }
const tableFile = () => join(folder, 'table.sqlite')

const start = (work: Partial<Work> = {}, as: { uid?: number; gid?: number } = {}) => {
  const whole: Work = { folder, partition: 'P', count: 0, size: 1, atOnce: 8, stay: false, ...work }
  const script = join(import.meta.dirname, '../../support/home-worker.ts')
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
  const next = (until: (line: Said) => boolean): Promise<Said> => {
    const already = said.find(until)
    if (already) return Promise.resolve(already)
    const gone = ended.then(({ code }) => {
      throw new Error(`the worker ended (${code}) without it: ${stderr} ${JSON.stringify(said.at(-1))}`)
    })
    return Promise.race([new Promise<Said>((resolve) => waiting.push({ until, resolve })), gone])
  }
  /** The batches that it has reported as stored. */
  const acknowledged = (): number[] => said.flatMap(({ put }) => (put === undefined ? [] : [put]))
  const found = (): number | undefined => said.find((line) => line.found !== undefined)?.found
  return { child, next, ended, acknowledged, found }
}

/** A process that holds a write transaction open. */
const startKeeper = async (): Promise<ChildProcess> => {
  const script = `
    const { DatabaseSync } = require('node:sqlite')
    const db = new DatabaseSync(${JSON.stringify(tableFile())})
    db.exec('BEGIN IMMEDIATE')
    console.log('kept')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child
}

describe('several processes', () => {
  test('that put the same keys at once get each key once', async () => {
    const workers = count(4).map(() => start({ partition: 'same', count: 200 }))
    const done = await Promise.all(workers.map((worker) => worker.next((line) => line.done !== undefined)))
    expect(done.reduce((sum, line) => sum + (line.done?.repeated ?? 0), 0)).toBe(3 * 200)
  })

  test('start at once on an empty folder', async () => {
    const workers = count(10).map((number) => start({ partition: `P${number}`, count: 50 }))
    for (const worker of workers) expect(await worker.ended).toEqual({ code: 0, stderr: '' })
    const { table } = await open()
    for (const number of count(10)) expect(await batchesIn(table, `P${number}`)).toEqual(each(count(50), 1))
  })

  test('keep acknowledged batches when killed, each batch whole or none, while others continue', async () => {
    const size = 40
    const other = start({ partition: 'other', count: 400 })
    for (const moment of count(8)) {
      const partition = `killed-${moment}`
      const worker = start({ partition, count: 100_000, size, atOnce: 1 + (moment % 4) })
      await worker.next((line) => line.put !== undefined && line.put >= 5 * moment)
      worker.child.kill('SIGKILL')
      await worker.ended
      const { table, close } = await openHome(folder)
      const found = await batchesIn(table, partition)
      await close()
      expect(worker.acknowledged().filter((batch) => !found.has(batch))).toEqual([])
      expect([...found.values()].filter((items) => items !== size)).toEqual([])
    }
    expect(await other.ended).toEqual({ code: 0, stderr: '' })
    const { table } = await open()
    expect(await batchesIn(table, 'other')).toEqual(each(count(400), 1))
  })

  test('leave files that can be copied, when killed', async () => {
    const worker = start({ partition: 'A', count: 100_000, size: 10 })
    await worker.next((line) => line.put === 50)
    worker.child.kill('SIGKILL')
    await worker.ended
    const copy = join(folder, 'copy')
    await mkdir(copy)
    const files = (await readdir(folder)).filter((name) => name.startsWith('table.sqlite'))
    expect(files).toContain('table.sqlite-wal')
    for (const name of files) await copyFile(join(folder, name), join(copy, name))
    const { table } = await open(copy)
    const found = await batchesIn(table, 'A')
    expect(worker.acknowledged().filter((batch) => found.get(batch) !== 10)).toEqual([])
  })

  test('wait for a writer up to their limit, and read meanwhile', async () => {
    const { table } = await open(folder, { waitMs: 300 })
    await table.put(itemOf('A', 0, 0))
    const keeper = await startKeeper()
    const refused = expect(table.put(itemOf('A', 1, 0))).rejects
    await refused.toThrow(`${tableFile()} has been written to by another process for more than 300 ms`)
    await refused.toBeInstanceOf(HomeError)
    expect(await batchesIn(table, 'A')).toEqual(each([0], 1))
    keeper.kill('SIGKILL')
    await new Promise((resolve) => keeper.once('close', resolve))
    await table.put(itemOf('A', 1, 0))
    expect(await batchesIn(table, 'A')).toEqual(each([0, 1], 1))
  })

  test('do not block others when stopped between two writes', async () => {
    const worker = start({ stay: true })
    await worker.next((line) => line.done !== undefined)
    worker.child.kill('SIGSTOP')
    const { table } = await open()
    await table.put(itemOf('A', 0, 0))
    expect(await batchesIn(table, 'A')).toEqual(each([0], 1))
  })

  test('end without closing their folder', async () => {
    const module = JSON.stringify(join(import.meta.dirname, '../../../lambdas/store/embedded/home.ts'))
    const script = `import(${module}).then(({ openHome }) => openHome(${JSON.stringify(folder)}))`
    const child = spawn(process.execPath, ['-e', script], { stdio: 'inherit' })
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
    await open()
  })
})

describe('one process', () => {
  test('leaves one file of the table after closing, and opens it again', async () => {
    const first = await open()
    await Promise.all(count(500).map((number) => first.table.putIf(itemOf('A', number, 0), isFree)))
    await first.close()
    expect((await readdir(folder)).sort()).toEqual(['archive', 'outbox', 'table.sqlite'])
    await expect(first.table.put(itemOf('A', 1, 0))).rejects.toThrow('is closed')
    await expect(first.table.get(itemOf('A', 1, 0))).rejects.toThrow('is closed')
    await first.close()
    const again = await open()
    expect(await batchesIn(again.table, 'A')).toEqual(each(count(500), 1))
  })

  test('opens one folder several times, by several names, and closes in any order', async () => {
    const first = await open()
    await symlink(folder, join(folder, 'link'))
    const others = await Promise.all([open(), open(join(folder, 'link')), open()])
    const writing = others.flatMap(({ table }, index) =>
      count(100).map((number) => table.putIf(itemOf(`P${index}`, number, 0), isFree)),
    )
    await first.close()
    expect(new Set(await Promise.all(writing))).toEqual(new Set([true]))
    // The locks of the others must survive the first close.
    const worker = start({ partition: 'P0', count: 100 })
    expect((await worker.next((line) => line.done !== undefined)).done).toEqual({ repeated: 100 })
    for (const [index, { table }] of others.entries()) {
      expect(await batchesIn(table, `P${index}`)).toEqual(each(count(100), 1))
    }
  })

  test('opens two folders', async () => {
    const [one, two] = [await open(join(folder, 'one')), await open(join(folder, 'two'))]
    await one.table.put(itemOf('A', 1, 0))
    expect(await batchesIn(one.table, 'A')).toEqual(each([1], 1))
    expect(await batchesIn(two.table, 'A')).toEqual(new Map())
  })

  test('is answered requests from before closing', async () => {
    const home = await open()
    const writing = count(50).map((number) => home.table.putIf(itemOf('A', number, 0), isFree))
    await home.close()
    expect(await Promise.all(writing)).toEqual(Array(50).fill(true))
    const again = await open()
    expect(await batchesIn(again.table, 'A')).toEqual(each(count(50), 1))
  })

  test('gets only its own refusals, when others write at the same moment', async () => {
    const { table } = await open()
    await table.put({ pk: 'P', sk: 'a', all: 'no set' })
    const outcomes = await Promise.allSettled([
      table.put(itemOf('A', 1, 0)),
      table.addIf({ pk: 'P', sk: 'a' }, { set: 'all', text: 'x' }, {}, { expression: 'attribute_not_exists(none)' }),
      table.put(itemOf('A', 2, 0)),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await batchesIn(table, 'A')).toEqual(each([1, 2], 1))
  })

  test('continues other work while it reads many items', async () => {
    const { table } = await open()
    await table.putAll(count(20_000).map((number) => itemOf('A', number, 0)))
    let turns = 0
    let isRead = false
    const turn = (): void => {
      turns += 1
      if (!isRead) setImmediate(turn)
    }
    setImmediate(turn)
    for await (const _ of table.pages('A')) {
      // Reads to the end.
    }
    isRead = true
    expect(turns).toBeGreaterThan(1)
  })
})

describe('the table’s file', () => {
  test('and the folders are private to the user', async () => {
    const { table } = await open(join(folder, 'new'))
    await table.put(itemOf('A', 1, 0))
    const mode = async (name: string) => (await stat(join(folder, 'new', name))).mode & 0o777
    for (const name of ['.', 'archive', 'outbox']) expect(await mode(name)).toBe(0o700)
    for (const name of ['table.sqlite', 'table.sqlite-wal', 'table.sqlite-shm']) expect(await mode(name)).toBe(0o600)
  })

  test('contains nothing of a removed item', async () => {
    const home = await open()
    await home.table.put({ pk: 'A', sk: 'a', text: 'forget-me '.repeat(50) })
    await home.table.remove({ pk: 'A', sk: 'a' })
    await home.close()
    expect(await readFile(tableFile(), 'latin1')).not.toContain('forget-me')
  })

  test.each<[string, () => Promise<void>, string]>([
    [
      'with garbage in it',
      () => writeFile(tableFile(), 'x'.repeat(8_192)),
      'is damaged: put back a copy of table.sqlite',
    ],
    ['of another program', async () => other('CREATE TABLE a (b)'), 'is not a table of Vigie: move it away'],
    [
      'of a later version',
      async () => {
        await (await openHome(folder)).close()
        other('PRAGMA user_version = 99')
      },
      'was written by a later version of Vigie',
    ],
    ['that is a folder', () => mkdir(tableFile()).then(() => undefined), 'cannot be written'],
  ])('%s is reported', async (_, prepare, message) => {
    await prepare()
    await expect(open()).rejects.toThrow(`${tableFile()} ${message}`)
    await expect(open()).rejects.toBeInstanceOf(HomeError)
  })

  test('that is empty is initialised', async () => {
    await writeFile(tableFile(), '')
    const { table } = await open()
    await table.put(itemOf('A', 1, 0))
    expect(await batchesIn(table, 'A')).toEqual(each([1], 1))
  })

  const other = (sql: string): void => {
    const db = new DatabaseSync(tableFile())
    db.exec(sql)
    db.close()
  }
})

describe('an unusable folder is refused:', () => {
  test('a file', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await expect(open(file)).rejects.toThrow(`the data folder ${file} is a file, or lies below one: name a folder`)
    await expect(open(join(file, 'below'))).rejects.toThrow('is a file, or lies below one')
  })

  test('a file where one of its folders belongs', async () => {
    await writeFile(join(folder, 'archive'), '')
    await expect(open()).rejects.toThrow('archive and outbox in it must be folders')
  })

  // Root may write anywhere: there, another user tries.
  const root = process.getuid?.() === 0

  test('a folder that may not be written', async () => {
    await chmod(folder, 0o755)
    const locked = join(folder, 'locked')
    await mkdir(locked, { mode: 0o555 })
    const worker = start({ folder: locked }, root ? { uid: 65_534, gid: 65_534 } : {})
    expect((await worker.next((line) => line.failed !== undefined)).failed).toBe(
      `the data folder ${locked} cannot be written: make it writable for this user, or name another folder`,
    )
  })

  test.each<[string, { dies?: boolean; without?: string; found?: number; failed: string }]>([
    ['as it was closed', { found: 20, failed: 'cannot be written: make it writable for this user' }],
    ['as a killed process left it', { dies: true, found: 20, failed: 'cannot be written: make it writable' }],
    [
      'whose log SQLite cannot apply',
      { dies: true, without: 'table.sqlite-shm', failed: 'cannot be read: its last changes lie in table.sqlite-wal' },
    ],
  ])('a home that may only be read, %s', async (_, { dies = false, without, found, failed }) => {
    await chmod(folder, 0o755)
    const locked = join(folder, 'locked')
    const writer = start({ folder: locked, count: 20, stay: true })
    await writer.next((line) => line.done !== undefined)
    writer.child.kill(dies ? 'SIGKILL' : 'SIGTERM')
    await writer.ended
    if (!dies) await (await openHome(locked)).close()
    if (without !== undefined) await rm(join(locked, without))
    const before = await readdir(locked)
    for (const name of before) await chmod(join(locked, name), name.startsWith('table') ? 0o444 : 0o555)
    await chmod(locked, 0o555)
    const reader = start({ folder: locked, count: 1 }, root ? { uid: 65_534, gid: 65_534 } : {})
    expect((await reader.next((line) => line.failed !== undefined)).failed).toContain(failed)
    expect(reader.found()).toBe(found)
    expect(await readdir(locked)).toEqual(before)
    await chmod(locked, 0o755)
  })

  test('a table that is only read, and is written meanwhile', async () => {
    const writer = await open()
    await writer.table.put(itemOf('A', 1, 0))
    await writer.close()
    const refusal = new HomeError('it', 'is only read')
    const table = await openTableFile(tableFile(), { refusal })
    expect(await batchesIn(table, 'A')).toEqual(each([1], 1))
    await expect(table.putIf(itemOf('A', 1, 0), isFree)).rejects.toBe(refusal)
    expect(await readdir(folder)).not.toContain('table.sqlite-wal')
    const other = await open()
    await other.table.put(itemOf('A', 2, 0))
    await other.close()
    await expect(batchesIn(table, 'A')).rejects.toThrow('was written while it was read: do the same again')
    await table.close()
  })
})
