/** A file under construction: small ones in memory, larger ones in a temporary file. */
import { createHash } from 'node:crypto'
import type { Content } from '../../domain/core/text/content.ts'
import { type UnnamedFile, unnamedFile } from './unnamed-file.ts'

export type SpilledContent = Omit<Content, 'pieces'> & {
  pieces(how?: 'passing'): Iterable<Uint8Array>
  /** Deletes the temporary file; otherwise it disappears with the process. */
  close(): void
}

/** In bytes. */
const heldLength = 2 ** 20

const readLength = 2 ** 16

const sharedLength = 2 ** 20

/**
 * If a piece or the temporary file fails, nothing remains.
 * @param most bytes held before the file is started
 */
export const spilledContent = (pieces: Iterable<string | Uint8Array>, most = heldLength): SpilledContent => {
  const hash = createHash('sha256')
  const held: Uint8Array[] = []
  let size = 0
  let file: UnnamedFile | undefined
  let isClosed = false
  const close = (): void => {
    isClosed = true
    held.length = 0
    file?.close()
    file = undefined
  }
  try {
    for (const bytes of encoded(pieces, () => file !== undefined)) {
      hash.update(bytes)
      size += bytes.byteLength
      if (!file && size > most) {
        file = unnamedFile()
        for (const one of held.splice(0)) file.add(one)
      }
      if (file) file.add(bytes)
      else held.push(bytes)
    }
  } catch (error) {
    close()
    throw error
  }
  return {
    size,
    sha256: hash.digest('hex'),
    pieces: function* (how) {
      if (isClosed) throw new Error('the file was given back already: read it before it is closed')
      if (file) yield* piecesOf(file, size, how)
      else yield* held
    },
    close,
  }
}

/** Written pieces share one buffer: discarded ones would stay in memory until collected. */
const encoded = function* (pieces: Iterable<string | Uint8Array>, areWritten: () => boolean): Generator<Uint8Array> {
  let shared: Buffer | undefined
  for (const piece of pieces) {
    if (typeof piece !== 'string') yield piece
    // A code unit takes at most three bytes.
    else if (areWritten() && 3 * piece.length <= sharedLength) {
      shared ??= Buffer.allocUnsafeSlow(sharedLength)
      yield shared.subarray(0, shared.write(piece))
    } else yield Buffer.from(piece)
  }
}

/** The reader must check length and hash. */
const piecesOf = function* (file: UnnamedFile, size: number, how: 'passing' | undefined): Generator<Uint8Array> {
  const buffer = () => Buffer.allocUnsafeSlow(Math.min(readLength, size))
  const passing = how && ([buffer(), buffer(), buffer()] as const)
  for (let next = 0, turn = 0; next < size; turn = (turn + 1) % 3) {
    const into = passing?.[turn] ?? buffer()
    const read = file.read(next, into.subarray(0, size - next))
    if (read === 0) return
    yield into.subarray(0, read)
    next += read
  }
}
