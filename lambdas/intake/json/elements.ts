/** Splits by brackets and quotes alone, so that damage stays within one element. */

import {
  backslash,
  closingBrace,
  closingBracket,
  colon,
  comma,
  newline,
  openingBrace,
  openingBracket,
  quote,
  tableOf,
} from '../../domain/core/text/json-signs.ts'
import type { LongLine } from '../text/chunks.ts'
import { openBrackets } from './brackets.ts'
import { keptBytes } from './kept-bytes.ts'
import type { Place } from './own-record.ts'

export type Element = Place & {
  readonly bytes: Uint8Array
  /** For an element over the limit, which is never held whole. */
  readonly long: LongLine | undefined
  readonly isCut: boolean
}

const structuralBytes = tableOf([
  newline,
  quote,
  comma,
  colon,
  openingBracket,
  closingBracket,
  openingBrace,
  closingBrace,
])
const stringBytes = tableOf([newline, quote, backslash])
/** Between elements; the last three are a byte-order mark's. */
const passedOver = tableOf([newline, 0x20, 0x09, 0x0d, comma, 0xef, 0xbb, 0xbf])

/**
 * To contain damage, a text ends with its line, a closing bracket closes all inside it, and an object cannot begin in
 * place of a field's name.
 */
export const elementsReader = () => {
  const reading = begun()
  return {
    in: (chunk: Uint8Array) => inChunk(reading, chunk),
    end: () => {
      const { place, brackets, inText, inArray } = reading
      const isOpen = place !== undefined && (brackets.depth() > 0 || inText)
      const element = place && finish(reading, isOpen)
      return { element, isCut: isOpen || inArray, siblingFields: reading.siblingFields }
    },
  }
}

type Reading = ReturnType<typeof begun>

const begun = () => ({
  /** Bytes before the chunk, and its lines so far. */
  before: 0,
  line: 1,
  /** In the chunk: the next byte, and the start of the element's bytes. */
  at: 0,
  from: 0,
  inArray: false,
  place: undefined as Place | undefined,
  kept: keptBytes(),
  brackets: openBrackets(),
  inText: false,
  isEscaped: false,
  /** In an object, a value may follow only a colon. */
  afterColon: false,
  /** Fields so far of an object outside arrays, and of the object around the current `detections`. */
  fields: 0,
  fieldsAround: undefined as number | undefined,
  isAround: false,
  siblingFields: 0,
})

function* inChunk(reading: Reading, chunk: Uint8Array): Generator<Element> {
  reading.at = reading.from = 0
  while (reading.at < chunk.byteLength) {
    if (!reading.place) readOutside(reading, chunk[reading.at] ?? 0)
    else if (reading.inText) readText(reading, chunk)
    else {
      const element = readSign(reading, chunk)
      if (element) yield element
    }
  }
  if (reading.place) keep(reading, chunk.subarray(reading.from))
  reading.before += chunk.byteLength
}

const readOutside = (reading: Reading, byte: number): void => {
  if (byte === newline) reading.line += 1
  if (passedOver[byte]) reading.at += 1
  else if (byte === openingBracket && !reading.inArray) {
    reading.inArray = true
    reading.at += 1
  } else if (byte === closingBracket && reading.inArray) {
    reading.inArray = false
    reading.at += 1
    goOnAround(reading)
  } else begin(reading)
}

const begin = (reading: Reading): void => {
  reading.place = { line: reading.line, offset: reading.before + reading.at }
  reading.from = reading.at
  reading.afterColon = false
}

const goOnAround = (reading: Reading): void => {
  if (reading.fieldsAround === undefined) return
  begin(reading)
  reading.brackets.push(true)
  reading.isAround = true
  reading.fields = reading.fieldsAround
  reading.fieldsAround = undefined
}

const readText = (reading: Reading, chunk: Uint8Array): void => {
  if (reading.isEscaped) {
    reading.isEscaped = false
    if (chunk[reading.at] !== newline) {
      reading.at += 1
      return
    }
  }
  const sign = nextOf(stringBytes, reading, chunk)
  if (sign === undefined) return
  if (sign === backslash) reading.isEscaped = true
  else reading.inText = false
  if (sign === newline) reading.line += 1
  reading.at += 1
}

const nextOf = (stopBytes: Uint8Array, reading: Reading, chunk: Uint8Array): number | undefined => {
  const end = chunk.byteLength
  let { at } = reading
  while (at < end && !stopBytes[chunk[at] ?? 0]) at += 1
  reading.at = at
  return chunk[at]
}

const readSign = (reading: Reading, chunk: Uint8Array): Element | undefined => {
  const sign = nextOf(structuralBytes, reading, chunk)
  if (sign === openingBrace || sign === openingBracket) return readOpening(reading, chunk, sign)
  if (sign === closingBrace || sign === closingBracket) return readClosing(reading, chunk, sign)
  const depth = reading.brackets.depth()
  if (sign === newline) reading.line += 1
  else if (sign === quote) {
    reading.inText = true
    reading.afterColon = false
  } else if (sign === colon) {
    reading.afterColon = true
    if (!reading.inArray && depth === 1) reading.fields += 1
  } else if (sign === comma) {
    if (depth === 0) return finishAt(reading, chunk, reading.at)
    reading.afterColon = false
  }
  reading.at += 1
  return undefined
}

const readOpening = (reading: Reading, chunk: Uint8Array, sign: number): Element | undefined => {
  const { brackets, before, at, place, afterColon } = reading
  const isFirst = before + at === place?.offset
  const isMisplaced = sign === openingBrace && brackets.isInObject() && !afterColon
  if (isMisplaced || (brackets.depth() === 0 && !isFirst)) return finishAt(reading, chunk, at)
  reading.at += 1
  if (sign === openingBracket && opensDetections(reading, chunk.subarray(reading.from, at))) enterDetections(reading)
  else {
    brackets.push(sign === openingBrace)
    reading.afterColon = false
  }
  return undefined
}

/** Checks for `"detections": [` in an object outside arrays. */
const opensDetections = ({ inArray, brackets, afterColon, kept }: Reading, part: Uint8Array): boolean =>
  !inArray &&
  brackets.depth() === 1 &&
  afterColon &&
  /"detections"\s*:\s*$/.test(Buffer.from(kept.endWith(part)).toString('latin1'))

const enterDetections = (reading: Reading): void => {
  reading.fieldsAround = reading.fields - 1
  reading.inArray = true
  reading.isAround = false
  forget(reading)
}

const readClosing = (reading: Reading, chunk: Uint8Array, sign: number): Element | undefined => {
  const isClosed = reading.brackets.close(sign === closingBrace)
  // The outer array ends, even with brackets open inside.
  if (!isClosed && sign === closingBracket && reading.inArray) return finishAt(reading, chunk, reading.at)
  reading.at += 1
  reading.afterColon = false
  return isClosed && reading.brackets.depth() === 0 ? finishAt(reading, chunk, reading.at) : undefined
}

const keep = ({ isAround, kept }: Reading, part: Uint8Array): void => (isAround ? kept.passOver(part) : kept.keep(part))

const finishAt = (reading: Reading, chunk: Uint8Array, to: number): Element | undefined => {
  keep(reading, chunk.subarray(reading.from, to))
  return finish(reading, false)
}

const finish = (reading: Reading, isCut: boolean): Element | undefined => {
  const { isAround, kept, fields } = reading
  const at = reading.place as Place
  const { bytes, long } = kept.take()
  if (isAround) reading.siblingFields += fields
  reading.isAround = reading.inText = reading.isEscaped = false
  forget(reading)
  return isAround ? undefined : { ...at, bytes: withoutSpace(bytes), long, isCut }
}

const forget = (reading: Reading): void => {
  reading.place = undefined
  reading.fields = 0
  reading.brackets.clear()
  reading.kept.clear()
}

const withoutSpace = (bytes: Uint8Array): Uint8Array => {
  let end = bytes.byteLength
  while (end > 0 && [0x20, 0x09, 0x0a, 0x0d, comma].includes(bytes[end - 1] ?? 0)) end -= 1
  return bytes.subarray(0, end)
}
