/** A file that is being made, of whatever size: little is held, more lies in a temporary file until it is closed. */
import { createHash } from 'node:crypto'
import type { Content } from '../domain/core/content.ts'
import { type UnnamedFile, unnamedFile } from './unnamed-file.ts'

export type SpilledContent = Omit<Content, 'pieces'> & {
  pieces(): Iterable<Uint8Array>
  /** Gives the temporary file back: nothing can be read then. Where it is left out, the file goes with the process. */
  close(): void
}

/** So many bytes are held. */
const heldLength = 2 ** 20

const readLength = 2 ** 18

/**
 * Takes all pieces, text as UTF-8; where one of them or the temporary file fails, nothing is left.
 * @param most what is held before the file is begun
 */
export const spilledContent = (pieces: Iterable<string | Uint8Array>, most = heldLength): SpilledContent => {
  const hash = createHash('sha256')
  let held: Uint8Array[] = []
  let [size, heldSize] = [0, 0]
  let file: UnnamedFile | undefined
  let isClosed = false
  const spill = (): void => {
    file ??= unnamedFile()
    file.add(Buffer.concat(held))
    held = []
    heldSize = 0
  }
  const close = (): void => {
    isClosed = true
    held = []
    file?.close()
    file = undefined
  }
  try {
    for (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
      hash.update(bytes)
      held.push(bytes)
      size += bytes.byteLength
      heldSize += bytes.byteLength
      if (heldSize > most) spill()
    }
    if (file) spill()
  } catch (error) {
    close()
    throw error
  }
  return {
    size,
    sha256: hash.digest('hex'),
    pieces: function* () {
      if (isClosed) throw new Error('the file was given back already: read it before it is closed')
      if (!file) {
        yield* held
        return
      }
      // How many bytes there are is for who reads to check, as is their hash.
      for (let next = 0; next < size;) {
        const piece = file.read(next, Math.min(readLength, size - next))
        if (piece.length === 0) return
        yield piece
        next += piece.length
      }
    },
    close,
  }
}
