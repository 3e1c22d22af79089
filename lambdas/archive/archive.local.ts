/** A read-only file per object, created exclusively and atomically. */
import { createReadStream, type Dirent } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { checkedReading, asContent, isSameContent, measured } from '../domain/core/text/content.ts'
import { type Archive, ArchiveConflictError, ArchiveMissingError, checkArchiveKey, isArchiveKey } from './archive.ts'
import { codeOf, createWhole, draftPrefix, syncFolders } from './whole-file.local.ts'

/** The first object creates `folder`. */
export const archiveFolder = (folder: string): Archive => {
  const root = resolve(folder)
  const locate = (key: string): string => join(root, ...checkArchiveKey(key).split('/'))

  const put: Archive['put'] = async (key, body) => {
    const file = locate(key)
    const parent = dirname(file)
    const content = asContent(body)
    const reading = checkedReading(content, 'passing')
    try {
      const made = await mkdir(parent, { recursive: true, mode: 0o700 })
      const written = await createWhole(file, reading.pieces())
      if (written || isSameContent(await measured(piecesOf(file)), content)) {
        await syncFolders(parent, made)
        return written ? 'written' : 'already-there'
      }
    } catch (error) {
      if (reading.failure()) throw error
      throw new Error(`${file} cannot be archived${hintFor(error)}`, { cause: error })
    }
    throw new ArchiveConflictError(`${key} is archived already with other bytes, in ${file}: write under a new version`)
  }

  const unread = (key: string, error: unknown): Error => {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error))) {
      return new ArchiveMissingError(`nothing is archived as ${key} in ${root}`, { cause: error })
    }
    return new Error(`${locate(key)} cannot be read: check its permissions and its disk`, { cause: error })
  }

  const get: Archive['get'] = async (key) => {
    const file = locate(key)
    try {
      return await readFile(file)
    } catch (error) {
      throw unread(key, error)
    }
  }

  async function* read(key: string): AsyncGenerator<Uint8Array> {
    const file = locate(key)
    try {
      yield* piecesOf(file)
    } catch (error) {
      throw unread(key, error)
    }
  }

  return {
    put,
    get,
    read,
    list: (prefix) => listBelow(root, '', prefix),
    strays: () => straysBelow(root, root),
    locate,
  }
}

async function* piecesOf(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield* createReadStream(file, { highWaterMark: 2 ** 18 })
}

async function* straysBelow(root: string, folder: string): AsyncGenerator<string> {
  for (const entry of await readFolder(folder)) {
    const place = join(folder, entry.name)
    const isKey = entry.isFile() && isArchiveKey(entry.name)
    if (entry.isDirectory()) yield* straysBelow(root, place)
    else if (
      !(isKey && isArchiveKey(relative(root, place).replaceAll(sep, '/'))) &&
      !entry.name.startsWith(draftPrefix)
    ) {
      yield place
    }
  }
}

async function* listBelow(folder: string, above: string, prefix: string): AsyncGenerator<string> {
  for (const { name, isFolder } of await entriesOf(folder)) {
    const key = `${above}${name}`
    if (!isFolder && key.startsWith(prefix)) yield key
    // Skips folders that cannot contain the prefix.
    const below = `${key}/`
    if (isFolder && (below.startsWith(prefix) || prefix.startsWith(below))) {
      yield* listBelow(join(folder, name), below, prefix)
    }
  }
}

/** In byte order of the keys: a folder sorts with its slash. */
const entriesOf = async (folder: string): Promise<{ name: string; isFolder: boolean }[]> =>
  (await readFolder(folder))
    .filter((entry) => isArchiveKey(entry.name) && (entry.isFile() || entry.isDirectory()))
    .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    .map((entry) => ({ ...entry, order: entry.isFolder ? `${entry.name}/` : entry.name }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))

const readFolder = async (folder: string): Promise<Dirent[]> => {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw new Error(`${folder} cannot be listed: check its permissions`, { cause: error })
  }
}

const hintFor = (error: unknown): string => {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return ': the disk is full'
    case 'EACCES':
    case 'EROFS':
      return ': make the folder writable for this user'
    case 'EPERM':
    case 'ENOTSUP':
      return ': its file system has no hard links, or forbids them; choose a folder on another disk'
    case 'EEXIST':
    case 'ENOTDIR':
      return ': a file is in the place of its folder'
    case 'EISDIR':
      return ': a folder of other objects has its name'
    case 'ENAMETOOLONG':
      return ': its name is too long for this file system'
    default:
      return ''
  }
}
