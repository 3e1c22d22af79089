import { randomUUID } from 'node:crypto'
import { link, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pieces } from '../domain/core/text/content.ts'

/** The leading dot makes it no key: drafts of a crash are never listed. */
export const draftPrefix = '.draft-'

/**
 * Writes a draft in the same folder, then links it to the name; false where the name is taken.
 * @param draftName prefix that identifies drafts left by a crash
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

/** Syncs folders so that new names survive a crash, up to the parent of `made`. */
export const syncFolders = async (folder: string, made?: string): Promise<void> => {
  // Windows cannot open folders; its file system journals names.
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

/** Such as `ENOENT`; otherwise empty. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
