/** A file that is being made, of whatever size: little is held, more lies in a temporary file until it is closed. */
import { createHash } from 'node:crypto'
import type { Content } from '../../domain/core/text/content.ts'
import { type UnnamedFile, unnamedFile } from './unnamed-file.ts'

export type SpilledContent = Omit<Content, 'pieces'> & {
  pieces(how?: 'passing'): Iterable<Uint8Array>
  /** Gives the temporary file back: nothing can be read then. Where it is left out, the file goes with the process. */
  close(): void
}

/** So many bytes are held. */
const heldLength = 2 ** 20

const readLength = 2 ** 16

/** In bytes: of one piece of text that is written. */
const sharedLength = 2 ** 20

/**
 * Takes all pieces, text as UTF-8; where one of them or the temporary file fails, nothing is left.
 * @param most what is held before the file is begun
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

/**
 * Text as bytes. Those that are written at once share one buffer: what is thrown away would be held until it is
 * collected.
 */
const encoded = function* (pieces: Iterable<string | Uint8Array>, areWritten: () => boolean): Generator<Uint8Array> {
  let shared: Buffer | undefined
  for (const piece of pieces) {
    if (typeof piece !== 'string') yield piece
    // A code unit takes three bytes at the most.
    else if (areWritten() && 3 * piece.length <= sharedLength) {
      shared ??= Buffer.allocUnsafeSlow(sharedLength)
      yield shared.subarray(0, shared.write(piece))
    } else yield Buffer.from(piece)
  }
}

/** How many bytes there are is for who reads to check, as is their hash. */
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
