/** A line that is no text, or too long, costs only itself. */
import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { type Fault, fault } from '../../domain/core/fault.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { keptOfLongBytes, maxLineBytes } from './lines.ts'

type Lost = {
  /** At most 64 KB of it. */
  readonly text: string
  readonly damage: Fault
  readonly bytes: number
  readonly sha256: string
}

/** Whole lines without the last line end, or one lost line. */
export type Stretch = string | Lost

const stretchBytes = 128 * 1024

const newline = 0x0a

/** Also reports whether the bytes so far end a line. */
export const watched = (chunks: AsyncIterable<Uint8Array>) => {
  let isClosed = true
  const bytes = async function* () {
    for await (const chunk of chunks) {
      if (chunk.byteLength > 0) isClosed = chunk.at(-1) === newline
      yield chunk
    }
  }
  return { bytes: bytes(), isClosed: () => isClosed }
}

/** Reads lines of UTF-8. Memory is bounded by a stretch and a chunk, or the longest line. */
export async function* stretchesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Stretch> {
  let parts: Uint8Array[] = []
  let size = 0
  let lastEnd = -1
  let long: LongLine | undefined

  const keep = (rest: Uint8Array) => {
    parts = [rest]
    size = rest.byteLength
    lastEnd = -1
  }
  for await (const chunk of chunks) {
    let rest = chunk
    if (long) {
      const end = chunk.indexOf(newline)
      long.take(end < 0 ? chunk : chunk.subarray(0, end))
      if (end < 0) continue
      yield long.lost()
      long = undefined
      rest = chunk.subarray(end + 1)
    }
    const end = rest.lastIndexOf(newline)
    if (end >= 0) lastEnd = size + end
    parts.push(rest)
    size += rest.byteLength
    if (lastEnd >= 0 && size >= stretchBytes) {
      const bytes = Buffer.concat(parts)
      for (const stretch of stretchesIn(bytes.subarray(0, lastEnd))) yield stretch
      keep(bytes.subarray(lastEnd + 1))
    }
    if (lastEnd < 0 && size > maxLineBytes) {
      long = longLine(Buffer.concat(parts))
      keep(new Uint8Array())
    }
  }
  if (long) yield long.lost()
  else if (size > 0) for (const stretch of stretchesIn(Buffer.concat(parts))) yield stretch
}

function* stretchesIn(bytes: Buffer): Generator<Stretch> {
  if (bytes.byteLength <= maxLineBytes && isText(bytes)) {
    yield bytes.toString()
    return
  }
  let start = 0
  for (let from = 0; from <= bytes.byteLength;) {
    const found = bytes.indexOf(newline, from)
    const end = found < 0 ? bytes.byteLength : found
    const line = bytes.subarray(from, end)
    if (line.byteLength > maxLineBytes || !isText(line)) {
      if (start < from) yield bytes.toString('utf8', start, from - 1)
      yield lostLine(line)
      start = end + 1
    }
    from = end + 1
  }
  if (start < bytes.byteLength) yield bytes.toString('utf8', start)
}

const isText = (bytes: Uint8Array): boolean => !bytes.includes(0) && isUtf8(bytes)

const lostLine = (line: Buffer): Lost => ({
  text: startOf(line),
  damage:
    line.byteLength > maxLineBytes
      ? tooLong(line.byteLength)
      : line.includes(0)
        ? fault('text.nulBytes')
        : fault('text.notUtf8'),
  bytes: line.byteLength,
  sha256: sha256(line),
})

const tooLong = (bytes: number): Fault => fault('text.lineTooLong', { bytes, max: maxLineBytes })

const startOf = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, keptOfLongBytes)).toString()

/** Hashes a line without holding it in memory. */
export type LongLine = { take(part: Uint8Array): void; lost(): Lost }

export const longLine = (start: Buffer): LongLine => {
  const hash = createHash('sha256').update(start)
  const text = startOf(start)
  let bytes = start.byteLength
  return {
    take: (part) => {
      hash.update(part)
      bytes += part.byteLength
    },
    lost: () => ({ text, damage: tooLong(bytes), bytes, sha256: hash.digest('hex') }),
  }
}
