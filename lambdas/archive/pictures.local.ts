/** Read-only files named by hash. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { sha256 as hashOf } from '../domain/core/text/canonical.ts'
import { checkPictureHash, type Pictures } from './pictures.ts'
import { codeOf, createWhole, draftPrefix, syncFolders } from './whole-file.local.ts'

export const picturesFolder = (folder: string): Pictures => {
  const root = resolve(folder)
  const locate = (sha256: string): string => join(root, checkPictureHash(sha256))
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
    throw new Error(`${file} does not match the hash in its name: restore it, or run vigie plates forget ${sha256}`)
  }
  return {
    get,
    put: async (sha256, bytes) => {
      const file = locate(sha256)
      try {
        const made = await mkdir(root, { recursive: true, mode: 0o700 })
        const written = await createWhole(file, [bytes], draftOf(sha256))
        await syncFolders(root, made)
        if (written) return
      } catch (error) {
        throw new Error(`${file} cannot be stored`, { cause: error })
      }
      await get(sha256)
    },
    remove: async (sha256) => {
      await rm(locate(sha256), { force: true })
      // Also removes drafts of killed processes.
      for (const name of await namesIn(root)) {
        if (name.startsWith(draftOf(sha256))) await rm(join(root, name), { force: true })
      }
    },
  }
}

const draftOf = (sha256: string): string => `${draftPrefix}${sha256}-`

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
