import { fault } from '../../domain/core/fault.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { FileError } from '../record/file-error.ts'
import { type IntakeOptions, type IntakeRecord, rejectOf } from '../record/record.ts'
import { keptOfLongBytes, maxLineBytes } from '../text/lines.ts'
import { fromUtf16 } from '../text/text.ts'
import { type Element, elementsReader } from './elements.ts'
import { recordOf } from './own-record.ts'

/**
 * Yields array elements and objects outside arrays; of an object with an array `detections`, its elements. A broken
 * element is a reject, and reading continues with the next. Memory is that of one record.
 * @throws FileError at the end of a file that is cut
 */
export async function* readJson(
  chunks: AsyncIterable<Uint8Array>,
  options: IntakeOptions,
): AsyncGenerator<IntakeRecord> {
  const elements = elementsReader()
  for await (const chunk of await fromUtf16(chunks)) {
    for (const element of elements.in(chunk)) yield recordFrom(element, options)
  }
  const { element, isCut, siblingFields } = elements.end()
  if (siblingFields > 0) options.note?.(fault('json.besideDetections'), siblingFields)
  if (element) yield recordFrom(element, options)
  if (isCut) {
    throw new FileError(fault('json.cut', { file: options.file }))
  }
}

const recordFrom = (element: Element, options: IntakeOptions): IntakeRecord => {
  const { line, offset } = element
  const read = textIn(element)
  if ('text' in read)
    return recordOf(read.text, { line, offset }, options, element.isCut ? 'json.endsInside' : 'json.wholeElement')
  const { start, fault: reason, ...whole } = read
  return { reject: { ...rejectOf(start, { file: options.file, line, offset, path: '', fault: reason }), ...whole } }
}

export const textIn = (element: Element) => {
  if (element.long) {
    const { text: start, bytes, sha256: hash } = element.long.lost()
    return { start, bytes, sha256: hash, fault: fault('json.tooLong', { bytes, max: maxLineBytes }) }
  }
  try {
    return { text: utf8.decode(element.bytes) }
  } catch {
    const { bytes } = element
    const start = Buffer.from(bytes.subarray(0, keptOfLongBytes)).toString()
    return { start, bytes: bytes.byteLength, sha256: sha256(bytes), fault: fault('json.notUtf8') }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
