/** Temporary files without a name: nothing is left of one, however the process ends, and nobody else can open it. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type UnnamedFile = {
  /** Writes at the end. @returns how many bytes */
  add(bytes: Uint8Array): number
  /** Fills the buffer with what is there from a place on. @returns how many bytes; none at the end */
  read(from: number, into: Uint8Array): number
  close(): void
}

export const unnamedFile = (): UnnamedFile => {
  const file = begun(opened)
  let end = 0
  return {
    add: (bytes) =>
      begun(() => {
        for (let written = 0; written < bytes.length;)
          written += writeSync(file, bytes, written, bytes.length - written, end + written)
        end += bytes.length
        return bytes.length
      }),
    read: (from, into) => readSync(file, into, 0, into.byteLength, from),
    close: () => closeSync(file),
  }
}

/** For this user alone, and at once without its name. */
const opened = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-lines-'))
  try {
    return openSync(join(folder, 'lines'), 'wx+', 0o600)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The machine's fault, and of nothing that is counted. */
export class TemporaryFileError extends Error {
  override name = 'TemporaryFileError'
}

const begun = <Done>(write: () => Done): Done => {
  try {
    return write()
  } catch (error) {
    const isFull = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    throw new TemporaryFileError(
      `a temporary file cannot be written in ${tmpdir()}${isFull ? ': the disk is full (ENOSPC)' : ''}: make room there, or name another folder by TMPDIR`,
      { cause: error },
    )
  }
}
