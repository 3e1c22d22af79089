/** Finds a file's format by its content, and reads it. */
import type { IntakeOptions, IntakeRecord } from './intake.ts'
import { readNdjson } from './ndjson.ts'
import { readStix } from './stix.ts'
import { peek } from './text.ts'

export const intakeFormats = ['auto', 'ndjson', 'stix'] as const

export type IntakeFormat = (typeof intakeFormats)[number]

export type ReadOptions = {
  readonly file: string
  readonly format: IntakeFormat
  readonly territories?: IntakeOptions['territories']
  readonly observed?: IntakeOptions['observed']
  /** Told how many objects of a STIX type no detection uses. */
  noteUnused(type: string, count: number): void
  /** Told, in plain words, what else is odd in a bundle, and how often. */
  noteOdd(what: string, count: number): void
}

/** A graph of objects is read whole, so it has a limit; lines have none. */
export const largestStix = 64 * 1024 * 1024

export class IntakeError extends Error {
  override name = 'IntakeError'
}

/**
 * The records of a file, in the order of the file.
 * @throws IntakeError where the file is of no known format or too large for it, StixError where a bundle cannot be read
 */
export async function* readRecords(
  chunks: AsyncIterable<Uint8Array>,
  { format, noteUnused, noteOdd, ...given }: ReadOptions,
): AsyncGenerator<IntakeRecord> {
  const options: IntakeOptions = {
    file: given.file,
    ...(given.territories && { territories: given.territories }),
    ...(given.observed && { observed: given.observed }),
  }
  const { start, all } = await peek(chunks)
  const found = format === 'auto' ? formatOf(start, given.file) : format
  if (found === 'ndjson') {
    yield* readNdjson(all, options)
    return
  }
  const { records, unused, noted } = readStix(await wholeText(all, given.file), options)
  for (const [type, count] of Object.entries(unused)) noteUnused(type, count)
  for (const [what, count] of Object.entries(noted)) noteOdd(what, count)
  yield* records
}

const formatOf = (start: Uint8Array, file: string): 'ndjson' | 'stix' => {
  if (start[0] === 0xff || start[0] === 0xfe || start.includes(0)) {
    throw new IntakeError(`${file} is not UTF-8 text: save it as UTF-8`)
  }
  const text = new TextDecoder().decode(start).trimStart()
  if (text.startsWith('[')) {
    throw new IntakeError(`${file} holds a JSON array: write one object a line (NDJSON), or a STIX bundle`)
  }
  // A bundle says so near its beginning; its keys may come in any order, and over one line or many.
  return /"type"\s*:\s*"bundle"/.test(text) || /^\{\s*"objects"\s*:\s*\[/.test(text) ? 'stix' : 'ndjson'
}

const wholeText = async (chunks: AsyncIterable<Uint8Array>, file: string): Promise<string> => {
  const taken: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    taken.push(chunk)
    length += chunk.byteLength
    if (length > largestStix) {
      throw new IntakeError(
        `${file} is over ${largestStix / 1024 ** 2} MB, too large for a STIX bundle: split it by report`,
      )
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(taken))
  } catch (cause) {
    throw new IntakeError(`${file} is not UTF-8 text: save it as UTF-8`, { cause })
  }
}
