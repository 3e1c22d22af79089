/** The pictures of plates in a folder: one file each, read-only, named by its hash. */
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { sha256 as hashOf } from '../domain/core/canonical.ts'
import { DamagedPictureError, type Pictures } from './pictures.ts'

/** Pictures in `folder`, which is made with the first of them. */
export const picturesFolder = (folder: string): Pictures => {
  const root = resolve(folder)
  const locate = (sha256: string): string => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError(`${JSON.stringify(sha256)} is no hash of a picture`)
    return join(root, sha256)
  }
  const get: Pictures['get'] = async (sha256) => {
    const file = locate(sha256)
    let bytes: Uint8Array
    try {
      bytes = await readFile(file)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw new Error(`${file} cannot be read: check its permissions and its disk`, { cause: error })
    }
    if (hashOf(bytes) === sha256) return bytes
    throw new DamagedPictureError(
      `${file} does not hold what its name says: restore it, or run vigie plates forget ${sha256}`,
    )
  }
  return {
    get,
    put: async (sha256, bytes) => {
      const file = locate(sha256)
      await mkdir(root, { recursive: true, mode: 0o700 })
      // Whole or not at all, and never over another: a link does not replace.
      const draft = join(root, `${draftOf(sha256)}${randomUUID()}`)
      try {
        const handle = await open(draft, 'wx', 0o600)
        try {
          await handle.writeFile(bytes)
          await handle.chmod(0o444)
          await handle.sync()
        } finally {
          await handle.close()
        }
        await link(draft, file)
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw new Error(`${file} cannot be stored`, { cause: error })
        await get(sha256)
      } finally {
        await rm(draft, { force: true })
      }
    },
    remove: async (sha256) => {
      await rm(locate(sha256), { force: true })
      // What a process that was killed has left of it goes too.
      for (const name of await namesIn(root)) {
        if (name.startsWith(draftOf(sha256))) await rm(join(root, name), { force: true })
      }
    },
  }
}

const draftOf = (sha256: string): string => `.draft-${sha256}-`

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code
