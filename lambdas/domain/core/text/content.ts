/**
 * What a file holds, known by number and hash before it is read: read piece by piece, so that a large one is nowhere
 * held as a whole.
 */
import { createHash } from 'node:crypto'
import { sha256 } from './canonical.ts'

export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export type Content = {
  /** In bytes. */
  readonly size: number
  /** In lower-case hexadecimal. */
  readonly sha256: string
  /**
   * All of it, from the beginning each time. None of the pieces changes after, unless they are `passing`: then each is
   * good until the next but one is asked for. Who writes them at once and keeps none spares a large file's worth of
   * memory to be collected.
   */
  pieces(how?: 'passing'): Pieces
}

/** What was read is not what was said to be there: cut off, damaged, or changed meanwhile. */
export class OtherContentError extends Error {
  override name = 'OtherContentError'
}

/** Of bytes that are held anyway. */
export const contentOf = (bytes: Uint8Array): Content => ({
  size: bytes.byteLength,
  sha256: sha256(bytes),
  pieces: () => [bytes],
})

/** What is given, as a content. */
export const asContent = (given: Uint8Array | Content): Content =>
  given instanceof Uint8Array ? contentOf(given) : given

/** As one piece of memory: for what is small. */
export const wholeOf = async (pieces: Pieces): Promise<Uint8Array> => {
  const held: Uint8Array[] = []
  for await (const piece of pieces) held.push(piece)
  const [only, ...more] = held
  return only && more.length === 0 ? only : Buffer.concat(held)
}

/** What is there, whoever said what it is. */
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
 * One reading of a content, for who passes it on. The last piece is held back until all are known to be what was said:
 * nobody gets as many bytes as they wait for of something else. `failure` tells what went wrong with the reading
 * itself, and not with who was given the pieces.
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
