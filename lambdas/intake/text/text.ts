/**
 * Bytes of a file as UTF-8, whatever a spreadsheet saved it as; and a look at its beginning that takes nothing away.
 */

/** So much of a file is looked at to find its encoding and its format. */
const lookedAt = 64 * 1024

type Peeked = { readonly start: Uint8Array; readonly all: AsyncGenerator<Uint8Array> }

/** The first bytes of a stream, and the stream as if they had not been taken. */
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
 * What a file's first bytes are written in: by their byte-order mark, else UTF-16 by its zero bytes, else UTF-8 where
 * they are that, else what Excel writes in France. Where files of both were put together, it is what more lines with
 * accents are written in.
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
  // Streaming leaves out a character that the end of the look goes through.
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

/**
 * Of a text, at most this share of the first characters are control characters, by a slip; of other data about a tenth
 * are.
 */
const maxControlShare = 0.01

/** Whether a file's first bytes are no text in any encoding: more control characters than slip into one. */
export const isNoText = (start: Uint8Array): boolean => {
  const text = new TextDecoder(encodingOf(start)).decode(start.subarray(0, 4_096), { stream: true })
  const controls = text.match(/[^\P{Cc}\s]/gu) ?? []
  return controls.length > text.length * maxControlShare
}

/** The stream in UTF-8 without a byte-order mark; a stream that is UTF-8 goes through byte by byte. */
export const transcoded = async (chunks: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<Uint8Array>> => {
  const { start, all } = await peek(chunks)
  const encoding = encodingOf(start)
  return encoding === 'utf-8' ? withoutMark(all) : decoded(all, encoding)
}

/** UTF-16 in UTF-8. All else goes through byte by byte: JSON is UTF-8, and a record that is not says where it is. */
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
