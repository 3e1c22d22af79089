import { existsSync } from 'node:fs'
import { access, constants, mkdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { HomeError } from '../../config/home-error.ts'
import type { Table } from '../table/table.ts'
import { refusalOfRoot, type Users } from './owner.ts'
import { openTableFile } from './table-file.ts'

export type Home = {
  /** Absolute, with links resolved. */
  readonly folder: string
  readonly archiveFolder: string
  readonly picturesFolder: string
  readonly table: Table
  /** Thrown by writes, where this user may not write all of it. */
  readonly refusal: HomeError | undefined
  close(): Promise<void>
}

export type HomeOptions = {
  /** Wait for other writers, in milliseconds. */
  readonly waitMs?: number
  readonly users?: Users
}

/**
 * Opens the data folder and creates missing parts. Each process opens the file itself; one writes at a time, for
 * milliseconds.
 * @throws HomeError where it cannot be used
 */
export const openHome = async (folder: string, { users, ...options }: HomeOptions = {}): Promise<Home> => {
  const layout = await layOut(resolve(folder), users)
  const table = await openTableFile(layout.tableFile, { ...options, refusal: layout.refusal })
  return { ...layout, table, close: table.close }
}

export const isHome = (folder: string): boolean =>
  ['table.sqlite', 'archive'].some((name) => existsSync(join(folder, name)))

/** SQLite keeps more files with this name and a suffix. */
export const tableFileOf = (home: string): string => join(home, 'table.sqlite')

const layOut = async (asked: string, users: Users | undefined) => {
  const refusal = refusalOfRoot(asked, users) ?? (await makeFolders(asked))
  if (refusal && !existsSync(tableFileOf(asked))) throw refusal
  const folder = await realpath(asked)
  return {
    folder,
    refusal,
    archiveFolder: join(folder, 'archive'),
    picturesFolder: join(folder, 'plates'),
    tableFile: tableFileOf(folder),
  }
}

/** @returns why they cannot be written @throws HomeError for any reason other than missing rights */
const makeFolders = async (home: string): Promise<HomeError | undefined> => {
  for (const folder of ['', 'archive', 'outbox'].map((name) => join(home, name))) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (error) {
      const refused = await refusedBy(isRefusal(error) ? folder : home, error)
      if (isRefusal(error)) return refused
      throw refused
    }
  }
  return undefined
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))

const refusedBy = async (folder: string, error: unknown): Promise<HomeError> =>
  new HomeError(...(await whyNot(folder, error)), { cause: error })

const whyNot = async (folder: string, error: unknown): Promise<readonly [cannot: string, repair: string]> => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    const found = await stat(folder).catch(() => undefined)
    return found?.isDirectory()
      ? [`the data folder ${folder} cannot be used`, 'archive and outbox in it must be folders']
      : [`the data folder ${folder} is a file, or lies below one`, 'name a folder']
  }
  if (isRefusal(error)) {
    return [`the data folder ${folder} cannot be written`, 'make it writable for this user, or name another folder']
  }
  return [`the data folder ${folder} cannot be created`, 'name a folder on a disk with free space']
}
