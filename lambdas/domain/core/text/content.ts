/** File content with known size and hash, read in pieces to save memory. */
import { createHash } from 'node:crypto'
import { sha256 } from './canonical.ts'

export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export type Content = {
  /** In bytes. */
  readonly size: number
  readonly sha256: string
  /**
   * Reads from the beginning each time. With `passing`, a piece is valid only until the next but one is requested,
   * which saves memory for callers that write pieces at once; otherwise pieces never change.
   */
  pieces(how?: 'passing'): Pieces
}

/** Content that differs from its stated size or hash: cut off, damaged, or changed meanwhile. */
export class OtherContentError extends Error {
  override name = 'OtherContentError'
}

export const contentOf = (bytes: Uint8Array): Content => ({
  size: bytes.byteLength,
  sha256: sha256(bytes),
  pieces: () => [bytes],
})

export const asContent = (given: Uint8Array | Content): Content =>
  given instanceof Uint8Array ? contentOf(given) : given

/** For small content. */
export const wholeOf = async (pieces: Pieces): Promise<Uint8Array> => {
  const held: Uint8Array[] = []
  for await (const piece of pieces) held.push(piece)
  const [only, ...more] = held
  return only && more.length === 0 ? only : Buffer.concat(held)
}

/** Measures actual content, whatever was stated. */
export const measured = async (pieces: Pieces): Promise<Pick<Content, 'size' | 'sha256'>> => {
  const hash = createHash('sha256')
  let size = 0
  for await (const piece of pieces) {
    hash.update(piece)
    size += piece.byteLength
  }
  return { size, sha256: hash.digest('hex') }
}

export const isSameContent = (
  one: Pick<Content, 'size' | 'sha256'>,
  other: Pick<Content, 'size' | 'sha256'>,
): boolean => one.size === other.size && one.sha256 === other.sha256

/**
 * Holds back the last piece until size and hash match, so that no consumer gets the expected length of wrong bytes.
 * `failure` returns an error of the reading, not of the consumer.
 */
export const checkedReading = (content: Content, how?: 'passing') => {
  let failure: { readonly error: unknown } | undefined
  const read = async function* (): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256')
    let size = 0
    let held: Uint8Array | undefined
    for await (const piece of content.pieces(how)) {
      if (piece.byteLength === 0) continue
      hash.update(piece)
      size += piece.byteLength
      if (size > content.size) break
      if (held) yield held
      held = piece
    }
    const found = { size, sha256: hash.digest('hex') }
    if (!isSameContent(found, content)) {
      throw new OtherContentError(
        `${content.size} bytes of SHA-256 ${content.sha256} were to be read, and were others: the file was cut off, changed or damaged meanwhile. Try again`,
      )
    }
    if (held) yield held
  }
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    const reading = read()
    try {
      for (;;) {
        const next = await reading.next().catch((error: unknown) => {
          failure = { error }
          throw error
        })
        if (next.done) return
        yield next.value
      }
    } finally {
      await reading.return(undefined)
    }
  }
  return { pieces, failure: () => failure }
}
