/** A home that an earlier Vigie kept in leveldb is taken over whole at its first opening, or not at all. */
import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import dynalite from 'dynalite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HomeError } from '../../../lambdas/config/home-error.ts'
import { openHome } from '../../../lambdas/store/embedded/home.ts'
import { openTable } from '../../../lambdas/store/table.dynamodb.ts'
import type { Item, Table } from '../../../lambdas/store/table.ts'
import { credentials, region } from '../../support/aws.ts'
import { vigie, writeNdjson } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'

const fixture = join(import.meta.dirname, '../../fixtures/home-of-before')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-before-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const itemsIn = async (table: Table): Promise<readonly Item[]> => (await Array.fromAsync(table.scan())).flat()

const byKeys = (items: readonly Item[]) =>
  items.toSorted((a, b) => (JSON.stringify([a.pk, a.sk]) < JSON.stringify([b.pk, b.sk]) ? -1 : 1))

/** As the fixture's list has them. */
const asListed = (items: readonly Item[]): unknown =>
  JSON.parse(JSON.stringify(byKeys(items), (_, value) => (value instanceof Set ? [...value].sort() : value)))

const listed = async (): Promise<unknown> => JSON.parse(await readFile(join(fixture, 'items.json'), 'utf8'))

const oldHome = () => cp(join(fixture, 'db'), join(folder, 'db'), { recursive: true })

/** A home with so many items of 1 KB, as dynalite lays one out. */
const largeHome = async (many: number): Promise<void> => {
  const server = dynalite({ path: join(folder, 'db'), createTableMs: 0, deleteTableMs: 0 })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  const table = openTable({ endpoint: `http://127.0.0.1:${port}`, region, credentials }, 'vigie')
  await table.create()
  const text = 'x'.repeat(1_000)
  await table.putAll(Array.from({ length: many }, (_, at) => ({ pk: `p${at % 7}`, sk: String(at), at, text })))
  await table.close()
  await new Promise<void>((done) => server.close(() => done()))
}

test('what the code of then read is read now, and the old folder lies aside', async () => {
  await oldHome()
  const home = await openHome(folder)
  expect(home.carriedOver).toBe(16)
  expect(asListed(await itemsIn(home.table))).toEqual(await listed())
  const asked = await home.table.get({ pk: 'ASKED#x', sk: '2024-05-20T00' })
  expect(asked?.jobs).toEqual(new Set(['one', 'two']))
  await home.close()
  expect((await readdir(folder)).sort()).toEqual(['archive', 'db.carried-over', 'outbox', 'table.sqlite'])
  const again = await openHome(folder)
  expect(again.carriedOver).toBeUndefined()
  expect(asListed(await itemsIn(again.table))).toEqual(await listed())
  await again.close()
})

test('commands go on where the earlier Vigie stopped, and say what they did', async () => {
  await oldHome()
  const file = await writeNdjson(
    join(folder, 'same.ndjson'),
    input({ id: 'a', counts: { posts: 6 } }),
    input({ id: 'b' }),
  )
  const first = await vigie(['ingest', file, '--home', folder, '--json'])
  expect(first.stderr).toContain('16 items lie in table.sqlite now')
  expect(JSON.parse(first.stdout)).toMatchObject({ accepted: 1, duplicates: 1 })
  const second = await vigie(['ingest', file, '--home', folder, '--json'])
  expect(second.stderr).not.toContain('table.sqlite')
  expect(JSON.parse(second.stdout)).toMatchObject({ duplicates: 2 })
  const forgotten = await vigie(['forget', '@some_body', '--home', folder])
  expect(forgotten.stdout).toContain(
    'db.carried-over, the table of an earlier version, was not gone through: delete it',
  )
})

test('several processes at once take it over once', async () => {
  await largeHome(3_000)
  const homes = await Promise.all(Array.from({ length: 4 }, () => openHome(folder)))
  expect(homes.filter(({ carriedOver }) => carriedOver !== undefined)).toHaveLength(1)
  for (const { table, close } of homes) {
    expect(await itemsIn(table)).toHaveLength(3_000)
    await close()
  }
})

test('killed at any moment of it, the next opening has everything', async () => {
  await largeHome(6_000)
  const module = JSON.stringify(join(import.meta.dirname, '../../../lambdas/store/embedded/home.ts'))
  let killed = 0
  for (const moment of [0, 20, 60, 100, 150, 200]) {
    const script = `import(${module}).then(({ openHome }) => { console.log('begins'); return openHome(${JSON.stringify(folder)}) })`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await new Promise((resolve) => setTimeout(resolve, moment))
    if (child.exitCode === null && child.kill('SIGKILL')) killed += 1
    if (child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once('close', resolve))
  }
  expect(killed).toBeGreaterThan(1)
  const { table, close } = await openHome(folder)
  const items = await itemsIn(table)
  expect(new Set(items.map(({ at }) => at)).size).toBe(6_000)
  expect(items.every(({ at, sk, text }) => String(at) === sk && String(text).length === 1_000)).toBe(true)
  await close()
})

test('an earlier Vigie that works on it is told, and nothing is made', async () => {
  await oldHome()
  const level = new ClassicLevel(join(folder, 'db'))
  await level.open()
  // Of this process: another attempt would release the lock of the first one on some systems, hence a process of its
  // own.
  const ran = await vigie(['sources', 'list', '--home', folder])
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('an earlier Vigie works on this home: end it')])
  await level.close()
  const { table, close } = await openHome(folder)
  expect(asListed(await itemsIn(table))).toEqual(await listed())
  await close()
})

test('a value that is none of Vigie’s, or a folder that is damaged, leaves the home as it was', async () => {
  await oldHome()
  const level = new ClassicLevel<string, unknown>(join(folder, 'db'), { valueEncoding: 'json' })
  await level.put('item-vigie~zz', { pk: { S: 'p' }, sk: { S: 's' }, bytes: { B: 'AA==' } })
  await level.close()
  await expect(openHome(folder)).rejects.toThrow('holds a value of the type B')
  expect(await readdir(folder)).toContain('db')
  const mended = new ClassicLevel(join(folder, 'db'))
  await mended.del('item-vigie~zz')
  await mended.close()
  const { table, close } = await openHome(folder)
  expect(asListed(await itemsIn(table))).toEqual(await listed())
  await close()
})

test('an earlier Vigie that went on by itself is told, and neither table is lost', async () => {
  await oldHome()
  await (await openHome(folder)).close()
  await oldHome()
  const again = openHome(folder)
  await expect(again).rejects.toBeInstanceOf(HomeError)
  await expect(again).rejects.toThrow('an earlier version on this home')
  expect((await readdir(folder)).sort()).toEqual(['archive', 'db', 'db.carried-over', 'outbox', 'table.sqlite'])
})

test('an empty folder of that name is none', async () => {
  await mkdir(join(folder, 'db'))
  const { carriedOver, close } = await openHome(folder)
  expect(carriedOver).toBeUndefined()
  await close()
})
