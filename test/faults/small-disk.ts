/** A disk with little room, in memory: only root may mount one. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The machine does not allow it. */
export type NotHere = { readonly notHere: string }

export type SmallDisk = {
  readonly folder: string
  /** Takes all the room that is left. */
  fill(): Promise<void>
  /** Leaves so many bytes of room, once it is full. */
  leave(bytes: number): Promise<void>
  /** Gives back what {@link fill} took. */
  empty(): Promise<void>
  resize(size: string): Promise<void>
  remove(): Promise<void>
}

const mountPoints = new Set<string>()

/** For the exit of a process that is stopped in the midst of a row: nothing stays mounted. */
export const unmountAll = (): void => {
  for (const folder of mountPoints) spawnSync('umount', ['-l', folder])
  mountPoints.clear()
}

/** Why a mount is not possible, or undefined where it was made. */
export const mounted = (...words: readonly string[]): Promise<NotHere | undefined> =>
  run('mount', [...words]).then(
    () => {
      mountPoints.add(words.at(-1) ?? '')
      return undefined
    },
    (error: Error) => ({ notHere: /mount: .*/.exec(error.message)?.[0].trim() ?? error.message }),
  )

export const unmount = async (folder: string): Promise<void> => {
  await run('umount', ['-l', folder])
  mountPoints.delete(folder)
}

/** A file system of `size`, such as 2m. */
export const smallDisk = async (folder: string, size: string): Promise<SmallDisk | NotHere> => {
  await mkdir(folder, { recursive: true })
  const refused = await mounted('-t', 'tmpfs', '-o', `size=${size}`, 'vigie-faults', folder)
  if (refused) return refused
  const filling = join(folder, 'filling')
  return {
    folder,
    fill: async () => {
      // It must fail: then nothing more fits.
      await writeFile(filling, Buffer.alloc(512 * 1024 * 1024)).then(
        () => {
          throw new Error(`${folder} is not full`)
        },
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOSPC') throw error
        },
      )
    },
    leave: async (bytes) => truncate(filling, (await stat(filling)).size - bytes),
    empty: () => rm(filling, { force: true }),
    resize: async (wanted) => {
      await run('mount', ['-o', `remount,size=${wanted}`, folder])
    },
    remove: () => unmount(folder),
  }
}
