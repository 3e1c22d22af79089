/** Lines of a byte stream, with where each stands and how long it is; memory stays that of one line. */
import { createHash } from 'node:crypto'

export type Line = {
  /** From 1. */
  readonly number: number
  /** Bytes before the line in the stream. */
  readonly offset: number
  /** Its length in bytes, without the line's end. */
  readonly bytes: number
  /** Its bytes; of a line over the limit only the first {@link keptOfLong}. */
  readonly head: Uint8Array
  readonly tooLong: boolean
  /** SHA-256 of a line over the limit, which is nowhere held as a whole. */
  readonly sha256?: string
}

/** A record of more than this is no detection. */
export const longestLine = 8 * 1024 * 1024
/** So much is kept of a record that cannot be stored. */
export const keptOfLong = 64 * 1024

const newline = 0x0a
const carriageReturn = 0x0d

/** Splits at LF; a CR before it belongs to the line's end. A last line without an end is a line. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 1
  let offset = 0
  let bytes = 0
  let parts: Uint8Array[] = []
  let hash: ReturnType<typeof createHash> | undefined

  const take = (part: Uint8Array) => {
    bytes += part.byteLength
    if (hash) {
      hash.update(part)
      return
    }
    parts.push(part)
    if (bytes <= longestLine) return
    const all = Buffer.concat(parts)
    hash = createHash('sha256').update(all)
    parts = [all.subarray(0, keptOfLong)]
  }
  const finish = (): Line => {
    const whole = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    const end = !hash && whole.at(-1) === carriageReturn ? whole.byteLength - 1 : whole.byteLength
    const line = {
      number,
      offset,
      bytes: hash ? bytes : end,
      head: whole.subarray(0, end),
      tooLong: hash !== undefined,
      ...(hash && { sha256: hash.digest('hex') }),
    }
    offset += bytes + 1
    number += 1
    bytes = 0
    parts = []
    hash = undefined
    return line
  }

  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(newline, start); end >= 0; end = chunk.indexOf(newline, start)) {
      take(chunk.subarray(start, end))
      yield finish()
      start = end + 1
    }
    if (start < chunk.byteLength) take(chunk.subarray(start))
  }
  if (bytes > 0) yield finish()
}
