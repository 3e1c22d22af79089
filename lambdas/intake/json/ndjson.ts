import type { FaultCode } from '../../domain/core/fault.ts'
import { type IntakeOptions, type IntakeRecord, rejectOf } from '../record/record.ts'
import { stretchesOf, watched } from '../text/chunks.ts'
import { fromUtf16 } from '../text/text.ts'
import { type Place, recordOf } from './own-record.ts'

type Line = Place & { readonly text: string }

export async function* readNdjson(
  chunks: AsyncIterable<Uint8Array>,
  options: IntakeOptions,
): AsyncGenerator<IntakeRecord> {
  let line = 1
  let offset = 0
  let last: Line | undefined

  const linesIn = function* (text: string): Generator<Line> {
    const isAscii = Buffer.byteLength(text) === text.length
    for (let start = 0; start <= text.length; line += 1) {
      const end = text.indexOf('\n', start)
      const one = text.slice(start, end < 0 ? text.length : end)
      yield lineOf(one, line, offset)
      start += one.length + 1
      offset += (isAscii ? one.length : Buffer.byteLength(one)) + 1
    }
  }
  const recordIn = (one: Line, advice: FaultCode) =>
    one.text.trim() === '' ? undefined : recordOf(one.text, one, options, advice)

  const { bytes: watchedBytes, isClosed } = watched(await fromUtf16(chunks))
  for await (const stretch of stretchesOf(watchedBytes)) {
    if (typeof stretch === 'string') {
      for (const next of linesIn(stretch)) {
        const record = last && recordIn(last, 'json.wholeLine')
        if (record) yield record
        last = next
      }
      continue
    }
    const record = last && recordIn(last, 'json.wholeLine')
    if (record) yield record
    last = undefined
    const { text, damage, bytes, sha256 } = stretch
    yield {
      reject: { ...rejectOf(text, { file: options.file, line, offset, path: '', fault: damage }), bytes, sha256 },
    }
    line += 1
    offset += bytes + 1
  }
  const record = last && recordIn(last, isClosed() ? 'json.wholeLine' : 'json.lineUnended')
  if (record) yield record
}

const lineOf = (text: string, line: number, offset: number): Line => {
  const mark = offset === 0 && text.startsWith('\ufeff') ? 1 : 0
  const end = text.endsWith('\r') ? text.length - 1 : text.length
  return { text: text.slice(mark, end), line, offset: offset + 3 * mark }
}
