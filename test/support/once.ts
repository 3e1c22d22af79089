/** What many test files need and no test changes: made once in a run, by whoever asks for it first. */
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sharedFolderVariable } from './shared-folder.ts'

const isMissing = (error: NodeJS.ErrnoException): false => {
  if (error.code === 'ENOENT') return false
  throw error
}
const isTaken = (error: NodeJS.ErrnoException): false => {
  if (error.code === 'EEXIST') return false
  throw error
}

/**
 * The folder of that name, filled: its files are to be read, or copied by a test that writes.
 * @throws where filling it failed, here or in another worker
 */
export const madeOnce = async (name: string, fill: (folder: string) => Promise<unknown>): Promise<string> => {
  const shared = process.env[sharedFolderVariable]
  if (shared === undefined) throw new Error('the run has no shared folder: see vitest.config.ts')
  const folder = join(shared, name)
  const isWhole = `${folder}.whole`
  const hasFailed = `${folder}.failed`
  if (await mkdir(folder).then(() => true, isTaken)) {
    try {
      await fill(folder)
    } catch (error) {
      await writeFile(hasFailed, String(error))
      throw error
    }
    await writeFile(isWhole, '')
  }
  const isThere = (file: string) => access(file).then(() => true, isMissing)
  while (!(await isThere(isWhole))) {
    if (await isThere(hasFailed))
      throw new Error(`${name}, which all share, was not made: ${await readFile(hasFailed, 'utf8')}`)
    await pause(100)
  }
  return folder
}
