import { readFileSync, statSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { HomeError } from '../../config/home-error.ts'

/** Windows has no such numbers. */
export type Users = { readonly uid: number | undefined; ownerOf(path: string): number | undefined }

const usersHere: Users = {
  uid: process.getuid?.(),
  ownerOf: (path) => statSync(path, { throwIfNoEntry: false })?.uid,
}

/** Files of root would be closed to the user whose service runs on the data folder. */
export const refusalOfRoot = (home: string, { uid, ownerOf }: Users = usersHere): HomeError | undefined => {
  const owner = uid === 0 ? ownerOf(home) : undefined
  if (!owner) return undefined
  const { name, asArgument } = userOf(owner)
  return new HomeError(
    `the data folder ${home} belongs to ${name}, who could not read files that root writes`,
    `sudo -u ${asArgument} vigie …`,
  )
}

export const userOf = (uid: number): { readonly name: string; readonly asArgument: string } => {
  const name = namesOfUsers().get(uid)
  return name === undefined ? { name: `user ${uid}`, asArgument: `'#${uid}'` } : { name, asArgument: name }
}

const namesOfUsers = (): ReadonlyMap<number, string> => {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
    return new Map(lines.map((line) => line.split(':')).map(([name = '', _, uid]) => [Number(uid), name]))
  } catch {
    return new Map()
  }
}

export type ClosedFiles = { readonly owner: number; readonly closed: readonly string[] }

type Stat = (path: string) => Promise<{
  readonly uid: number
  readonly gid: number
  readonly mode: number
  isFile(): boolean
  isDirectory(): boolean
}>

/** Never written again. */
const written = /^(?:archive|plates|outbox)\//

/** The files that the owner of the data folder cannot use, by modes alone. */
export const closedFilesIn = async (home: string, stat: Stat = lstat): Promise<ClosedFiles> => {
  const { uid, gid } = await stat(home)
  const closed: string[] = []
  const lookIn = async (folder: string): Promise<void> => {
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      const found = await stat(path).catch(() => undefined)
      // A draft may be gone. Links have no modes.
      if (!found || !(found.isFile() || found.isDirectory())) continue
      const place = relative(home, path)
      const isOwn = found.uid === uid
      const bits = found.mode >> (isOwn ? 6 : found.gid === gid ? 3 : 0)
      const needed = found.isDirectory() ? 0o7 : isOwn || written.test(place) ? 0o4 : 0o6
      if ((bits & needed) !== needed) closed.push(place)
      if (found.isDirectory()) await lookIn(path).catch(() => closed.push(place))
    }
  }
  await lookIn(home)
  return { owner: uid, closed: [...new Set(closed)] }
}
