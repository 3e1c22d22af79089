/** A key file that only this user can read. Created atomically on first use; concurrent processes share it. */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, open, rm } from 'node:fs/promises'

type KeyFile = {
  readonly text: string
  /** The operator should keep a copy. */
  readonly made: boolean
}

/** Without `make` the key must exist. */
type KeyFileOptions = {
  make?(): string
  fault(message: string, cause?: unknown): Error
  /** Alternative to making the folder writable. */
  readonly instead: string
}

const longest = 4_096

/** @throws what `fault` makes: the file cannot be read or made, others may read it, or it is no key */
export const openKeyFile = async (file: string, { make, fault, instead }: KeyFileOptions): Promise<KeyFile> => {
  const kept = await readIfThere(file, fault)
  if (kept !== undefined) return { text: kept, made: false }
  if (!make) throw fault(`${file} is not there: put the key back, or ${instead}`)
  const made = await makeWhole(file, make(), fault, instead)
  const text = await readIfThere(file, fault)
  if (text === undefined) throw fault(`${file} was removed while it was read: try again`)
  return { text, made }
}

/** @throws what `fault` makes: others may read it, or it is no key */
export const readIfThere = async (file: string, fault: KeyFileOptions['fault']): Promise<string | undefined> => {
  let handle: FileHandle
  try {
    // Non-blocking: a pipe in its place would block forever.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw fault(`${file} cannot be read: make it a file that is this user's own`, cause)
  }
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw fault(`${file} is no file: move it away, or put the key there`)
    const { mode, size } = found
    // Windows has no such modes.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw fault(
        `${file} may be read by others (mode ${(mode & 0o777).toString(8)}): run chmod 600 on it, and think of the key as known`,
      )
    }
    if (size > longest) throw fault(`${file} has ${size} bytes, and so is no key: put the key back`)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** Names the file only once it is complete; false where another process was first. */
const makeWhole = async (
  file: string,
  text: string,
  fault: KeyFileOptions['fault'],
  instead: string,
): Promise<boolean> => {
  const draft = `${file}.${randomUUID()}`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(draft, file)
    return true
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false
    throw fault(`${file} cannot be made: make its folder writable for this user, or ${instead}`, cause)
  } finally {
    await rm(draft, { force: true })
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
