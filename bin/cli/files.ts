import { createReadStream } from 'node:fs'
import { open, stat, writeFile } from 'node:fs/promises'
import { addAbortSignal } from 'node:stream'
import { parseJson } from '../../lambdas/domain/core/text/parse-json.ts'
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'

const maxTextChars = 64 * 1024 * 1024

/**
 * Opens a file; - is standard input. The stream ends once `stopping` is aborted.
 * @throws where it cannot be opened
 */
export const chunksOf = async (file: string, stopping?: AbortSignal): Promise<AsyncIterable<Uint8Array>> => {
  const stream = file === '-' ? process.stdin : await streamOf(file)
  return stopping ? addAbortSignal(stopping, stream) : stream
}

const streamOf = async (file: string) => {
  const found = await stat(file).catch((cause: unknown) => {
    throw new Error(`${file} ${whyNot(cause)}`, { cause })
  })
  if (found.isDirectory()) throw new Error(`${file} is a folder: name the files in it`)
  const opened = await open(file).catch((cause: unknown) => {
    throw new Error(`${file} ${whyNot(cause)}`, { cause })
  })
  await opened.close()
  return createReadStream(file, { highWaterMark: 1 << 18 })
}

/** Never replaces a file. */
export const writeNew = (file: string, text: string): Promise<void> =>
  writeFile(file, text, { flag: 'wx' }).catch((cause: unknown) => {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new Error(isThere ? `${file} is there already: name another by --out` : `${file} cannot be written`, {
      cause,
    })
  })

const whyNot = (cause: unknown): string => {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'is not there: check its name and folder'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user: change its rights'
  return `cannot be opened: ${message}`
}

export const parsedFrom = async <Value>(
  file: string,
  parse: (value: unknown, file: string) => Value,
): Promise<Value> => {
  const { text } = await textOf(file)
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw new Error(`${file} is not JSON: ${messageOf(cause)}`, { cause })
  }
  return parse(value, file)
}

export const textOf = async (file: string): Promise<{ readonly file: string; readonly text: string }> => {
  let text = ''
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of await chunksOf(file)) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > maxTextChars)
        throw new Error(`${file} is over ${maxTextChars / 1024 ** 2} MB, too large to be read whole`)
    }
    return { file, text: text + decoder.decode() }
  } catch (cause) {
    if (cause instanceof TypeError) throw new Error(`${file} is not UTF-8 text: save it as UTF-8`, { cause })
    throw cause
  }
}

/** Reads up to `most` bytes; - is standard input. */
export const bytesOf = async (file: string, most: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of await chunksOf(file)) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= most) break
  }
  return new Uint8Array(Buffer.concat(chunks).subarray(0, most))
}
