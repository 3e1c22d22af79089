/** Vigie's own format, one detection a line: read as a stream, whatever the file's size. */
import { sha256 } from '../domain/canonical.ts'
import { readDetection } from '../domain/detection.ts'
import { type IntakeOptions, type IntakeRecord, rejectOf } from './intake.ts'
import { keptOfLong, type Line, linesOf, longestLine } from './lines.ts'

/** A record for each line that is not blank. */
export async function* readNdjson(
  chunks: AsyncIterable<Uint8Array>,
  options: IntakeOptions,
): AsyncGenerator<IntakeRecord> {
  for await (const line of linesOf(chunks)) {
    const text = line.tooLong ? undefined : decode(line)
    if (text?.trim() === '') continue
    yield text === undefined ? unreadable(line, options) : recordOf(text, line, options)
  }
}

const recordOf = (text: string, line: Line, options: IntakeOptions): IntakeRecord => {
  const reject = (path: string, message: string, id?: string): IntakeRecord => ({
    reject: rejectOf(text, {
      file: options.file,
      line: line.number,
      offset: line.offset,
      ...(id !== undefined && { id }),
      path,
      message,
    }),
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return reject('', `is not JSON (${reason}): each line must hold one whole object`)
  }
  const result = readDetection(stated(value, options))
  if ('refusal' in result) return reject(result.refusal.path, result.refusal.message, idOf(value))
  return { detection: result.detection, line: line.number, raw: text }
}

/** Adds what the analyst states on the command line where the record leaves it open. */
const stated = (value: unknown, { territories, observed }: IntakeOptions): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const record = value as Record<string, unknown>
  const placed = Array.isArray(record.territories) ? record.territories.length > 0 : record.territories !== undefined
  return {
    ...record,
    ...(territories && !placed && { territories: territories.map((code) => ({ code, method: 'analyst' })) }),
    ...(observed && record.observed === undefined && { observed }),
  }
}

const unreadable = (line: Line, { file }: IntakeOptions): IntakeRecord => ({
  reject: {
    file,
    line: line.number,
    offset: line.offset,
    path: '',
    message: line.tooLong
      ? `is ${line.bytes} bytes long, over the limit of ${longestLine}: no detection is; see whether line ends are missing`
      : 'is not UTF-8: save the file as UTF-8',
    raw: Buffer.from(line.head.subarray(0, keptOfLong)).toString('utf8'),
    bytes: line.bytes,
    sha256: line.sha256 ?? sha256(line.head),
  },
})

const utf8 = new TextDecoder('utf-8', { fatal: true }) // drops a byte-order mark

const decode = ({ head }: Line): string | undefined => {
  try {
    return utf8.decode(head)
  } catch {
    return undefined // the caller says which line it is
  }
}

const idOf = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : undefined
