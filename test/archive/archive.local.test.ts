/** The archive on disk: the contract of every archive, and the errors of a folder. */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { archiveFolder } from '../../lambdas/archive/archive.local.ts'
import type { Archive } from '../../lambdas/archive/archive.ts'
import { archiveContract } from '../store/archive-contract.ts'

const made: string[] = []

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-archive-'))
  made.push(folder)
  return folder
}

afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true })
})

archiveContract('the folder', async () => archiveFolder(join(await newFolder(), 'archive')))

const keysOf = async (archive: Archive): Promise<string[]> => {
  const keys: string[] = []
  for await (const key of archive.list('')) keys.push(key)
  return keys
}

const startWriter = (folder: string, key: string, bytes: number, fill: number) => {
  const script = join(import.meta.dirname, '../support/archive-writer.ts')
  const child = spawn(process.execPath, [script, folder, key, String(bytes), String(fill)])
  let said = ''
  const begun = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      said += chunk
      resolve()
    })
  })
  const ended = new Promise<string>((resolve) => {
    child.on('close', () => resolve(said.trim().split('\n').at(-1) ?? ''))
  })
  return { child, begun, ended }
}

test('leaves read-only files and no draft', async () => {
  const folder = await newFolder()
  const archive = archiveFolder(folder)
  await archive.put('a/b.json', Buffer.from('one'), 'application/json')
  await expect(archive.put('a/b.json', Buffer.from('two'), 'application/json')).rejects.toThrow(
    join(folder, 'a/b.json'),
  )
  expect((await stat(archive.locate('a/b.json'))).mode & 0o777).toBe(0o444)
  expect(await readdir(join(folder, 'a'))).toEqual(['b.json'])
})

test('ignores stray files', async () => {
  const folder = await newFolder()
  const archive = archiveFolder(folder)
  await archive.put('a/b', Buffer.from('one'), 'text/plain')
  await writeFile(join(folder, 'a', '.draft-0'), 'half')
  await writeFile(join(folder, '.DS_Store'), '')
  await writeFile(join(folder, 'a', 'b c'), '')
  expect(await keysOf(archive)).toEqual(['a/b'])
})

test('refuses an object and a folder with one name', async () => {
  const archive = archiveFolder(await newFolder())
  await archive.put('a', Buffer.from('one'), 'text/plain')
  await expect(archive.put('a/b', Buffer.from('two'), 'text/plain')).rejects.toThrow(
    'a file is in the place of its folder',
  )
  await archive.put('c/d', Buffer.from('one'), 'text/plain')
  await expect(archive.put('c', Buffer.from('two'), 'text/plain')).rejects.toThrow('a folder of other objects')
})

test('leaves the whole object or none of a killed writer', async () => {
  const bytes = 24_000_000
  const folder = await newFolder()
  const archive = archiveFolder(folder)
  const seen = { whole: 0, none: 0 }
  for (let kill = 0; kill < 10; kill += 1) {
    const key = `reports/v${kill}/report.pdf`
    const writer = startWriter(folder, key, bytes, 5)
    await writer.begun
    await new Promise((resolve) => setTimeout(resolve, kill * 12))
    writer.child.kill('SIGKILL')
    await writer.ended
    const keys = await keysOf(archive)
    if (keys.includes(key)) {
      seen.whole += 1
      expect((await archive.get(key)).length).toBe(bytes)
    } else {
      seen.none += 1
      expect(await archive.put(key, new Uint8Array(bytes).fill(5), 'application/pdf')).toBe('written')
    }
    await rm(join(folder, 'reports'), { recursive: true })
  }
  expect(seen.none).toBeGreaterThan(0)
})

test('writes one of two processes’ objects under one key', async () => {
  const folder = await newFolder()
  const same = [startWriter(folder, 'same', 8_000_000, 1), startWriter(folder, 'same', 8_000_000, 1)]
  expect((await Promise.all(same.map(({ ended }) => ended))).sort()).toEqual(['already-there', 'written'])
  const other = [startWriter(folder, 'other', 8_000_000, 1), startWriter(folder, 'other', 8_000_000, 2)]
  expect((await Promise.all(other.map(({ ended }) => ended))).sort()).toEqual(['ArchiveConflictError', 'written'])
})
