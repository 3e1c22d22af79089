import { chmod, cp, mkdir, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { HomeError } from '../../config/home-error.ts'
import { isHome, tableFileOf } from './home.ts'

/**
 * Copies a data folder while others write to it: first the table by SQLite's online backup, then all files, so that
 * each version of the table has its files. Keys are copied too.
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
  await mkdir(to, { recursive: true, mode: 0o700 })
  await chmod(to, 0o700)
  if ((await readdir(to)).length > 0)
    throw new HomeError(`${to} is not empty`, 'name a new folder: a backup replaces nothing')
  const table = tableFileOf(from)
  const db = new DatabaseSync(table, { readOnly: true })
  try {
    await backup(db, tableFileOf(to))
    await chmod(tableFileOf(to), 0o600)
  } finally {
    db.close()
  }
  for (const name of await readdir(from)) {
    // The key of sessions is made again; in a copy it could forge them.
    if (name.startsWith(basename(table)) || name === 'session.key') continue
    // Drafts of mails disappear while they are copied.
    await cp(join(from, name), join(to, name), {
      recursive: true,
      filter: (file) => !basename(file).startsWith('.draft-'),
    })
  }
}
