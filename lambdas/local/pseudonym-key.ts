/** The laptop's key for pseudonyms of accounts: given in the environment, or kept in a file of the home. */
import { randomBytes, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { keyBytes, PseudonymKeyError, pseudonymKey, pseudonymOf } from '../domain/pseudonym.ts'

export type Pseudonyms = {
  readonly pseudonym: (account: string) => string
  /** Where the key comes from, for people: the variable's name or the file's path. */
  readonly source: string
  /** The key was made just now: whoever runs this should keep a copy of it. */
  readonly made: boolean
}

export const keyVariable = 'VIGIE_PSEUDONYM_KEY'
export const keyFileName = 'pseudonym.key'

const longestFile = 4_096

/**
 * Pseudonyms under the key in VIGIE_PSEUDONYM_KEY, else under the one in `pseudonym.key` in the home, a folder that is
 * there; the file is made when it is first asked for. Keys are written in hexadecimal.
 * @throws PseudonymKeyError where the key is too short or cannot be read, or others may read its file
 */
export const openPseudonyms = async (
  home: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Pseudonyms> => {
  const given = environment[keyVariable]
  if (given !== undefined && given.trim() !== '') {
    return { pseudonym: pseudonymOf(pseudonymKey(given, keyVariable)), source: keyVariable, made: false }
  }
  const file = join(home, keyFileName)
  const kept = await readIfThere(file)
  const made = kept === undefined && (await makeWhole(file, `${randomBytes(keyBytes).toString('hex')}\n`))
  // Whoever was first, all take the key that stands in the file.
  const text = kept ?? (await readIfThere(file))
  if (text === undefined) throw new PseudonymKeyError(`${file} was removed while it was read: try again`)
  return { pseudonym: pseudonymOf(pseudonymKey(text, file)), source: file, made }
}

const readIfThere = async (file: string): Promise<string | undefined> => {
  let handle: FileHandle
  try {
    // Not waiting: a pipe in its place would be waited for without end.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new PseudonymKeyError(`${file} cannot be read: make it a file that is this user's own`, { cause })
  }
  try {
    const { mode, size } = await handle.stat().then((found) => {
      if (!found.isFile()) throw new PseudonymKeyError(`${file} is no file: move it away, or put the key there`)
      return found
    })
    // Windows keeps no such modes.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new PseudonymKeyError(
        `${file} may be read by others (mode ${(mode & 0o777).toString(8)}): run chmod 600 on it, and think of the key as known`,
      )
    }
    if (size > longestFile) throw new PseudonymKeyError(`${file} has ${size} bytes, and so is no key: put the key back`)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** Gives the file its name only when it is whole; false where another process was first. */
const makeWhole = async (file: string, text: string): Promise<boolean> => {
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
    throw new PseudonymKeyError(
      `${file} cannot be made: make its folder writable for this user, or set ${keyVariable} to a key of your own`,
      { cause },
    )
  } finally {
    await rm(draft, { force: true })
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
