/** Vigie's own format as JSON: an array of records, or records one after the other; read as a stream, record by record. */
import { sha256 } from '../../domain/core/canonical.ts'
import { type IntakeOptions, type IntakeRecord, rejectOf } from '../record/record.ts'
import { type LongLine, longLine } from '../text/chunks.ts'
import { keptOfLongBytes, maxLineBytes } from '../text/lines.ts'
import { fromUtf16 } from '../text/text.ts'
import { type Place, recordOf } from './own-record.ts'

/** The file ends before its brackets are closed. */
export class JsonError extends Error {
  override name = 'JsonError'
}

/** What was found where a record is expected. */
type Element = Place & {
  readonly bytes: Uint8Array
  /** Of one over the limit, which is nowhere held as a whole. */
  readonly long: LongLine | undefined
  /** The file ends inside it. */
  readonly isCut: boolean
}

/**
 * A record for each element of the file's arrays, and for each object outside of them; of an object with an array
 * `detections` the elements of that. A broken element is a reject, and reading goes on with the next one that shows.
 * Memory is that of one record.
 * @throws JsonError at the end of a file that is cut
 */
export async function* readJson(
  chunks: AsyncIterable<Uint8Array>,
  options: IntakeOptions,
): AsyncGenerator<IntakeRecord> {
  const elements = elementsReader()
  for await (const chunk of await fromUtf16(chunks)) {
    for (const element of elements.in(chunk)) yield recordFrom(element, options)
  }
  const { element, isCut, beside } = elements.end()
  if (beside > 0) options.note?.('field beside "detections"', beside)
  if (element) yield recordFrom(element, options)
  if (isCut) {
    throw new JsonError(
      `${options.file} ends before its last bracket is closed: it seems cut, so fetch it again and ingest it once more`,
    )
  }
}

const mend = 'each element must be one whole object'
const mendCut = 'the file ends inside this record, so it seems cut: fetch it again'

const recordFrom = (element: Element, options: IntakeOptions): IntakeRecord => {
  const { line, offset } = element
  const read = textIn(element)
  if ('text' in read) return recordOf(read.text, { line, offset }, options, element.isCut ? mendCut : mend)
  const { start, message, ...whole } = read
  return { reject: { ...rejectOf(start, { file: options.file, line, offset, path: '', message }), ...whole } }
}

/** What an element says, or why it cannot be read, with its start, length and hash. */
export const textIn = (element: Element) => {
  if (element.long) {
    const { text: start, bytes, sha256: hash } = element.long.lost()
    const message = `is ${bytes} bytes long, over the limit of ${maxLineBytes}: see whether a bracket or a quote is missing`
    return { start, bytes, sha256: hash, message }
  }
  try {
    return { text: utf8.decode(element.bytes) }
  } catch {
    const { bytes } = element
    const start = Buffer.from(bytes.subarray(0, keptOfLongBytes)).toString()
    return { start, bytes: bytes.byteLength, sha256: sha256(bytes), message: 'is not UTF-8: save the file as UTF-8' }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const newline = 0x0a
const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openingBracket = 0x5b
const backslash = 0x5c
const closingBracket = 0x5d
const openingBrace = 0x7b
const closingBrace = 0x7d

const tableOf = (bytes: readonly number[]): Uint8Array => {
  const table = new Uint8Array(256)
  for (const byte of bytes) table[byte] = 1
  return table
}

const tells = tableOf([newline, quote, comma, colon, openingBracket, closingBracket, openingBrace, closingBrace])
const tellsInText = tableOf([newline, quote, backslash])
/** Between elements; the last three are a byte-order mark's. */
const passedOver = tableOf([newline, 0x20, 0x09, 0x0d, comma, 0xef, 0xbb, 0xbf])

/** As far as `"detections": [` goes, with some space in it. */
const lookedBack = 64

/** Of so many open brackets it is known which they are; no record has as many. */
const deepest = 1_000

/**
 * Finds elements by brackets and quotes alone, so that a broken one ends where its own damage does: a text ends with its
 * line, a closing bracket closes what was left open inside it, and an object cannot begin where a field's name must.
 */
export const elementsReader = () => {
  /** Bytes before the chunk, and its lines so far. */
  let before = 0
  let line = 1
  /** Inside the outer array. */
  let inArray = false
  /** The element being read, and what of it stood in earlier chunks. */
  let place: Place | undefined
  let parts: Uint8Array[] = []
  let size = 0
  let long: LongLine | undefined
  /** Fields so far of an object outside of arrays; and of the one around the array `detections` that is being read. */
  let fields = 0
  let fieldsAround: number | undefined
  /** What is read is the rest of such an object, of which nothing is kept. */
  let isAround = false
  let beside = 0

  let inText = false
  let isEscaped = false
  /** True for an object, by depth; `objects` and `arrays` count them, `deeper` what lies below the known. */
  const open: boolean[] = []
  let objects = 0
  let arrays = 0
  let deeper = 0
  /** What was last read in the element that is no space: a value may follow a colon only, in an object. */
  let afterColon = false

  const begin = (at: number) => {
    place = { line, offset: before + at }
    afterColon = false
  }
  const keep = (part: Uint8Array) => {
    size += part.byteLength
    if (!isAround && !long && size <= maxLineBytes) {
      parts.push(part)
      return
    }
    if (long) long.take(part)
    else if (!isAround) long = longLine(Buffer.concat([...parts, part]))
    parts = [endWith(part)]
  }
  /** The last bytes of what was kept, and of a part that comes after it. */
  const endWith = (part: Uint8Array): Uint8Array => {
    let end = part.subarray(-lookedBack)
    for (let at = parts.length - 1; at >= 0 && end.byteLength < lookedBack; at -= 1) {
      end = Buffer.concat([parts[at] ?? end, end]).subarray(-lookedBack)
    }
    return end
  }
  const forget = () => {
    parts = []
    size = 0
    long = undefined
  }
  const finish = (isCut: boolean): Element | undefined => {
    const at = place as Place
    const whole = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    const element = isAround ? undefined : { ...at, bytes: withoutSpace(whole), long, isCut }
    if (isAround) beside += fields
    isAround = inText = isEscaped = false
    place = undefined
    objects = arrays = deeper = fields = 0
    forget()
    return element
  }
  const push = (isObject: boolean) => {
    if (objects + arrays >= deepest) {
      deeper += 1
      return
    }
    open[objects + arrays] = isObject
    if (isObject) objects += 1
    else arrays += 1
  }
  /** Closes the innermost bracket of a kind with all that was left open in it; false where none is open. */
  const close = (isObject: boolean): boolean => {
    if (deeper > 0) {
      deeper -= 1
      return true
    }
    if ((isObject ? objects : arrays) === 0) return false
    for (;;) {
      const found = open[objects + arrays - 1]
      if (found) objects -= 1
      else arrays -= 1
      if (found === isObject) return true
    }
  }
  const isTop = (isObject: boolean) => deeper === 0 && open[objects + arrays - 1] === isObject
  const depth = () => objects + arrays + deeper

  /** Whether a bracket that opens after such a part is that of `"detections": [` in an object outside of arrays. */
  const opensDetections = (part: Uint8Array): boolean =>
    !inArray &&
    depth() === 1 &&
    afterColon &&
    /"detections"\s*:\s*$/.test(Buffer.from(endWith(part)).toString('latin1'))

  function* inChunk(chunk: Uint8Array): Generator<Element> {
    const end = chunk.byteLength
    let at = 0
    /** Where in this chunk the element's bytes begin. */
    let from = 0
    const finishAt = (to: number): Element | undefined => {
      keep(chunk.subarray(from, to))
      return finish(false)
    }
    while (at < end) {
      const byte = chunk[at] ?? 0
      if (!place) {
        if (byte === newline) line += 1
        if (passedOver[byte]) at += 1
        else if (byte === openingBracket && !inArray) {
          inArray = true
          at += 1
        } else if (byte === closingBracket && inArray) {
          inArray = false
          at += 1
          if (fieldsAround !== undefined) {
            begin(at)
            push(true)
            from = at
            isAround = true
            fields = fieldsAround
            fieldsAround = undefined
          }
        } else {
          begin(at)
          from = at
        }
        continue
      }
      if (inText) {
        if (isEscaped) {
          isEscaped = false
          if (byte !== newline) {
            at += 1
            continue
          }
        }
        while (at < end && !tellsInText[chunk[at] ?? 0]) at += 1
        if (at === end) break
        if (chunk[at] === backslash) isEscaped = true
        else inText = false
        if (chunk[at] === newline) line += 1
        at += 1
        continue
      }
      while (at < end && !tells[chunk[at] ?? 0]) at += 1
      if (at === end) break
      const sign = chunk[at]
      const isFirst = before + at === place.offset
      const isBare = depth() === 0
      if (sign === newline) line += 1
      else if (sign === quote) {
        inText = true
        afterColon = false
      } else if (sign === colon) {
        afterColon = true
        if (!inArray && depth() === 1) fields += 1
      } else if (sign === comma) {
        if (isBare) {
          const element = finishAt(at)
          if (element) yield element
          continue
        }
        afterColon = false
      } else if (sign === openingBrace || sign === openingBracket) {
        const isMisplaced = sign === openingBrace && isTop(true) && !afterColon
        if (isMisplaced || (isBare && !isFirst)) {
          const element = finishAt(at)
          if (element) yield element
          continue
        }
        if (sign === openingBracket && opensDetections(chunk.subarray(from, at))) {
          fieldsAround = fields - 1
          inArray = true
          place = undefined
          isAround = false
          objects = fields = 0
          forget()
          at += 1
          continue
        }
        push(sign === openingBrace)
        afterColon = false
      } else {
        const closed = close(sign === closingBrace)
        // The outer array's own end, whatever was left open before it.
        if (!closed && sign === closingBracket && inArray) {
          const element = finishAt(at)
          if (element) yield element
          continue
        }
        afterColon = false
        if (closed && depth() === 0) {
          const element = finishAt(at + 1)
          at += 1
          if (element) yield element
          continue
        }
      }
      at += 1
    }
    if (place) keep(chunk.subarray(from))
    before += end
  }

  return {
    in: inChunk,
    /** What is left at the end of the file: an element that is cut or bare, and whether brackets are open. */
    end: () => {
      const isOpen = place !== undefined && (depth() > 0 || inText)
      const isCut = isOpen || inArray
      const element = place && finish(isOpen)
      return { element, isCut, beside }
    },
  }
}

/** Without the space after what is no bracket. */
const withoutSpace = (bytes: Uint8Array): Uint8Array => {
  let end = bytes.byteLength
  while (end > 0 && [0x20, 0x09, 0x0a, 0x0d, comma].includes(bytes[end - 1] ?? 0)) end -= 1
  return bytes.subarray(0, end)
}
