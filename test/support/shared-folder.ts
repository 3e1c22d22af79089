/** A folder for what all test files of a run share, and which is made once: gone when the run ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The variable by which workers find it. */
export const sharedFolderVariable = 'VIGIE_TEST_SHARED'

export default async (): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-shared-'))
  process.env[sharedFolderVariable] = folder
  return () => rm(folder, { recursive: true, force: true })
}
