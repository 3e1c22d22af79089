/** Bytes read to detect encoding and format. */
const lookedAt = 64 * 1024

type Peeked = { readonly start: Uint8Array; readonly all: AsyncGenerator<Uint8Array> }

/** Returns the first bytes, and the complete stream. */
export const peek = async (chunks: AsyncIterable<Uint8Array>): Promise<Peeked> => {
  const iterator = chunks[Symbol.asyncIterator]()
  const taken: Uint8Array[] = []
  let length = 0
  while (length < lookedAt) {
    const next = await iterator.next()
    if (next.done) break
    taken.push(next.value)
    length += next.value.byteLength
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield* taken
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { start: Buffer.concat(taken).subarray(0, lookedAt), all: all() }
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

/**
 * Uses the byte-order mark, UTF-16's zero bytes, or valid UTF-8; else the encoding of Excel in France. In concatenated
 * files, the encoding of most accented lines wins.
 */
export const encodingOf = (start: Uint8Array): Encoding => {
  const [first, second] = start
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  const zeros = [0, 0]
  for (let at = 0; at < Math.min(start.length, 1_024); at += 1)
    if (start[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1
  const half = Math.min(start.length, 1_024) / 2
  if ((zeros[1] ?? 0) > half * 0.7) return 'utf-16le'
  if ((zeros[0] ?? 0) > half * 0.7) return 'utf-16be'
  // Streaming ignores a character cut at the end.
  if (isUtf8(start, { stream: true })) return 'utf-8'
  const accented = linesOf(start).filter((line) => line.some((byte) => byte >= 0x80))
  const readable = accented.filter((line) => isUtf8(line)).length
  return readable * 2 >= accented.length ? 'utf-8' : 'windows-1252'
}

const isUtf8 = (bytes: Uint8Array, options: { readonly stream?: true } = {}): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, options)
    return true
  } catch {
    return false
  }
}

const linesOf = (bytes: Uint8Array): readonly Uint8Array[] => {
  const lines: Uint8Array[] = []
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0x0a, from)
    lines.push(bytes.subarray(from, end < 0 ? bytes.length : end))
    from = end < 0 ? bytes.length : end + 1
  }
  return lines
}

/** Control characters are accidents in text, but about a tenth of other data. */
const maxControlShare = 0.01

export const isNoText = (start: Uint8Array): boolean => {
  const text = new TextDecoder(encodingOf(start)).decode(start.subarray(0, 4_096), { stream: true })
  const controls = text.match(/[^\P{Cc}\s]/gu) ?? []
  return controls.length > text.length * maxControlShare
}

/** Drops the byte-order mark. UTF-8 passes unchanged. */
export const transcoded = async (chunks: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<Uint8Array>> => {
  const { start, all } = await peek(chunks)
  const encoding = encodingOf(start)
  return encoding === 'utf-8' ? withoutMark(all) : decoded(all, encoding)
}

/** All but UTF-16 passes unchanged: JSON is UTF-8, and errors in records give their position. */
export const fromUtf16 = async (chunks: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<Uint8Array>> => {
  const { start, all } = await peek(chunks)
  return encodingOf(start).startsWith('utf-16') ? transcoded(all) : all
}

async function* withoutMark(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true
  for await (const chunk of chunks) {
    const marked = first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf
    first = false
    yield marked ? chunk.subarray(3) : chunk
  }
}

async function* decoded(chunks: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }))
  yield Buffer.from(decoder.decode())
}
