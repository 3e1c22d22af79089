/** What the demo archives, as a list of hashes: the guard of changes that must leave reports as they are. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const demoListFile = fileURLToPath(new URL('../golden/demo-archive.txt', import.meta.url))

/** All but signatures, whose key differs in each data folder. Paths in the archive, sorted. */
export const archivedFiles = async (home: string): Promise<readonly string[]> => {
  const entries = await readdir(join(home, 'archive'), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name !== 'manifest.sig')
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(home, 'archive/').length))
    .sort()
}

/** A line for each file: the start of its SHA-256, and its path. */
export const demoList = async (home: string): Promise<readonly string[]> =>
  Promise.all(
    (await archivedFiles(home)).map(async (path) => {
      const bytes = await readFile(join(home, 'archive', path))
      return `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)} ${path}`
    }),
  )
