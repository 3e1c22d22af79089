/** Root in a data folder of another user: writes are refused, and files that the owner cannot use are found. */
import { chmod, chown, lstat, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { halfBackupsOf } from '../../../lambdas/store/embedded/backup.ts'
import { openHome } from '../../../lambdas/store/embedded/home.ts'
import { closedFilesIn, refusalOfRoot } from '../../../lambdas/store/embedded/owner.ts'
import { newFolder, vigie } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { ingestInto, openedOn } from '../../support/services.ts'

const noName = 4_000_000
const asRoot = (owner: number) => ({ uid: 0, ownerOf: () => owner })

let folder: string
let home: string
beforeEach(async () => {
  const made = await newFolder()
  folder = made.folder
  home = join(folder, 'home')
  return made.remove
})

test('root is refused where another user owns the folder, and others are not', () => {
  expect(refusalOfRoot('/h', asRoot(noName))?.message).toBe(
    `the data folder /h belongs to user ${noName}, who could not read files that root writes: sudo -u '#${noName}' vigie …`,
  )
  expect(refusalOfRoot('/h', asRoot(0))).toBeUndefined()
  expect(refusalOfRoot('/h', { uid: 0, ownerOf: () => undefined })).toBeUndefined()
  expect(refusalOfRoot('/h', { uid: 1_000, ownerOf: () => 1_001 })).toBeUndefined()
})

test('a folder of another user opens for root to read, and is not made', async () => {
  const users = asRoot(noName)
  await expect(openHome(home, { users })).rejects.toThrow('sudo -u')
  await expect(readdir(home)).rejects.toThrow('ENOENT')
  const own = await openHome(home)
  await own.table.put({ pk: 'P', sk: 'a' })
  await own.close()
  const { table, close } = await openHome(home, { users })
  expect(await table.get({ pk: 'P', sk: 'a' })).toBeDefined()
  await expect(table.put({ pk: 'P', sk: 'b' })).rejects.toThrow('sudo -u')
  await close()
})

test('files that the owner cannot read, or write where they change, are found', async () => {
  await mkdir(join(home, 'archive'), { recursive: true })
  const modes = { 'archive/a': 0o444, 'archive/b': 0o400, 'name.txt': 0o644, 'open.txt': 0o666, 'table.sqlite': 0o600 }
  for (const [name, mode] of Object.entries(modes))
    await writeFile(join(home, name), '', { mode }).then(() => chmod(join(home, name), mode))
  const stat = async (path: string) =>
    Object.assign(
      await lstat(path),
      path.includes('.') || path.includes('archive/') ? { uid: noName, gid: noName } : {},
    )
  expect((await closedFilesIn(home, stat)).closed).toEqual(['archive/b', 'name.txt', 'table.sqlite'])
  expect((await closedFilesIn(home)).closed).toEqual([])
})

test('half a backup is found next to the folder, and other folders of that name are not', async () => {
  for (const name of ['home', 'copy.part', 'other.part']) await mkdir(join(folder, name))
  await writeFile(join(folder, 'copy.part/table.sqlite.part'), '')
  expect(await halfBackupsOf(home)).toEqual([join(folder, 'copy.part')])
})

test.skipIf(process.getuid?.() !== 0)('commands of root read it, and write nothing (skipped for others)', async () => {
  await openedOn(home, async (opened) => ingestInto(opened, [input({ id: 'a' })]))
  for (const name of [home, ...(await readdir(home)).map((one) => join(home, one))]) await chown(name, noName, noName)
  const before = await readdir(home, { recursive: true })
  expect(await vigie(['detections', 'show', 'a', '--home', home])).toMatchObject({ code: 0 })
  const writing = [
    ['withdraw', 'a', '--reason', 'twice', '--by', 'ana'],
    ['forget', '@ana'],
    ['report', 'NC', '2024-W20'],
    ['run', '--port', '0'],
  ]
  for (const words of writing)
    expect(await vigie([...words, '--home', home])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`sudo -u '#${noName}' vigie`),
    })
  expect(await readdir(home, { recursive: true })).toEqual(before)
  const doctor = await vigie(['doctor', '--home', home])
  expect(doctor.stdout).toContain(`✓ files: user ${noName}, the owner of the data folder, can use all of them`)
  expect(await readdir(home, { recursive: true })).toEqual(before)
})
