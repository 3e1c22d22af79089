/** What many test files need and no test changes: made once in a run, by whoever asks for it first. */
import { access, mkdir, writeFile } from 'node:fs/promises'
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
 * The folder of that name, filled: its files are to be read, or copied by who writes.
 * @throws where another worker has begun it and not ended within a minute
 */
export const madeOnce = async (name: string, fill: (folder: string) => Promise<unknown>): Promise<string> => {
  const shared = process.env[sharedFolderVariable]
  if (shared === undefined) throw new Error('the run has no shared folder: see vitest.config.ts')
  const folder = join(shared, name)
  const isWhole = `${folder}.whole`
  if (await mkdir(folder).then(() => true, isTaken)) {
    await fill(folder)
    await writeFile(isWhole, '')
  }
  for (let waits = 0; waits < 600; waits += 1) {
    if (await access(isWhole).then(() => true, isMissing)) return folder
    await pause(100)
  }
  throw new Error(`${name}, which all share, was not made within a minute`)
}
