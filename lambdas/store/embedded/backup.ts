import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, open, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { HomeError } from '../../config/home-error.ts'
import { isHome, tableFileOf } from './home.ts'

/**
 * Copies a data folder while others write to it: first the table by SQLite's online backup, then all files, so that
 * each version of the table has its files. Keys are copied too. The target appears when all is on disk: an interrupted
 * backup leaves `TARGET.part`, which is no home, and can be repeated.
 * @throws HomeError where there is no data folder, or the target is not empty
 */
export const backUp = async (home: string, target: string): Promise<void> => {
  const from = resolve(home)
  if (!isHome(from)) throw new HomeError(`there is no data folder in ${from}`, 'name it by --home')
  const parent = dirname(resolve(target))
  const place = await realpath(parent).catch((cause: unknown) => {
    throw new HomeError(`${parent} cannot be used`, 'make it, or name another folder', { cause })
  })
  // A link may lead into the data folder, which would copy itself.
  const to = await realpath(target).catch(() => join(place, basename(target)))
  if (`${to}/`.startsWith(`${await realpath(from)}/`))
    throw new HomeError(`${to} is in the data folder`, 'name a folder outside it')
  const old = await readdir(to).catch(() => undefined)
  if (old && old.length > 0) throw new HomeError(`${to} is not empty`, 'name a new folder: a backup replaces nothing')
  // Of a backup that was interrupted.
  const part = `${to}.part`
  await rm(part, { recursive: true, force: true })
  await mkdir(part, { mode: 0o700 })
  const table = tableFileOf(from)
  // Without a table under its name, the part is no home.
  const copied = `${tableFileOf(part)}.part`
  const db = new DatabaseSync(table, { readOnly: true })
  try {
    await backup(db, copied)
    await chmod(copied, 0o600)
  } finally {
    db.close()
  }
  for (const name of await readdir(from)) {
    // The key of sessions is made again; in a copy it could forge them.
    if (name.startsWith(basename(table)) || name === 'session.key') continue
    // Drafts of mails disappear while they are copied.
    await cp(join(from, name), join(part, name), {
      recursive: true,
      filter: (file) => !basename(file).startsWith('.draft-'),
    })
  }
  await rename(copied, tableFileOf(part))
  await flushAll(part)
  if (old) await rmdir(to)
  await rename(part, to)
  await flush(dirname(to))
}

/** Backups next to the data folder that were interrupted, or are being made. */
export const halfBackupsOf = async (home: string): Promise<readonly string[]> => {
  const parent = dirname(resolve(home))
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.endsWith('.part'))
  return names
    .map((name) => join(parent, name))
    .filter((part) => isHome(part) || existsSync(`${tableFileOf(part)}.part`))
}

/** A power cut right after the command must leave a whole backup. */
const flushAll = async (folder: string): Promise<void> => {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) await flush(join(entry.parentPath, entry.name))
  }
  await flush(folder)
}

const flush = async (path: string): Promise<void> => {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
