/** Files that are created exclusively, read-only, and never half. */
import { randomUUID } from 'node:crypto'
import { link, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pieces } from '../domain/core/text/content.ts'

/** Begins with a dot, so it is no key: what a crash leaves behind is never listed and never in the way. */
export const draftPrefix = '.draft-'

/**
 * Writes a draft beside the file, then gives it the file's name; false where the name is taken.
 * @param draftName what the draft's name begins with, for who looks for those that a crash left behind
 */
export const createWhole = async (file: string, body: Pieces, draftName = draftPrefix): Promise<boolean> => {
  const draft = join(dirname(file), `${draftName}${randomUUID()}`)
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      for await (const piece of body) await handle.writeFile(piece)
      await handle.chmod(0o444)
      await handle.sync()
    } finally {
      await handle.close()
    }
    // Unlike a rename, a link never replaces.
    return await link(draft, file).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === 'EEXIST') return false
        throw error
      },
    )
  } finally {
    await rm(draft, { force: true })
  }
}

/** Makes a new name last: the folder that holds it, and those above that hold folders made for it (from `made` on). */
export const syncFolders = async (folder: string, made?: string): Promise<void> => {
  // Windows opens no folder; its file system journals names by itself.
  if (process.platform === 'win32') return
  const last = made === undefined ? folder : dirname(made)
  for (let at = folder; ; at = dirname(at)) {
    const handle = await open(at, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (at === last || at === dirname(at)) return
  }
}

/** A system's code of a fault, such as `ENOENT`; empty where it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
