/** Temporary files without a name: no process end leaves one behind, and no other process can open it. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type UnnamedFile = {
  /** Appends. @returns how many bytes */
  add(bytes: Uint8Array): number
  /** @returns how many bytes; 0 at the end */
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

/** Unlinks the file at once. */
const opened = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-lines-'))
  try {
    return openSync(join(folder, 'lines'), 'wx+', 0o600)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A fault of the machine, not of the data. */
export class TemporaryFileError extends Error {
  override name = 'TemporaryFileError'
}

const begun = <Done>(write: () => Done): Done => {
  try {
    return write()
  } catch (error) {
    const isFull = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    throw new TemporaryFileError(
      `a temporary file cannot be written in ${tmpdir()}${isFull ? ': the disk is full (ENOSPC)' : ''}: free space there, or name another folder with TMPDIR`,
      { cause: error },
    )
  }
}
