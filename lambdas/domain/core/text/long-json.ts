/** Writes and reads JSON objects with one long list, without holding the list or its text. */
import {
  backslash,
  closingBrace,
  closingBracket,
  colon,
  comma,
  openingBrace,
  openingBracket,
  quote,
  tableOf,
} from './json-signs.ts'

const elementsAtOnce = 1_000

/**
 * Yields `JSON.stringify(value, null, 2)` in pieces, with `list` in one of its fields.
 * @throws TypeError where the field is missing
 */
export const longJsonPieces = function* (
  value: object,
  field: string,
  list: Iterable<unknown>,
): Generator<string, void, undefined> {
  if (!(field in value)) throw new TypeError(`${JSON.stringify(field)} is no field of the object`)
  const text = JSON.stringify({ ...value, [field]: [] }, null, 2)
  // Unique: deeper fields are indented further, and JSON texts have no line end.
  const name = `\n  ${JSON.stringify(field)}: [`
  const from = text.indexOf(name) + name.length
  yield text.slice(0, from)
  let isFirst = true
  for (const some of inGroups(list, elementsAtOnce)) {
    const written = JSON.stringify(some, null, 2).slice(1, -2).replaceAll('\n', '\n  ')
    yield isFirst ? written : `,${written}`
    isFirst = false
  }
  yield `${isFirst ? '' : '\n  '}${text.slice(from)}`
}

const inGroups = function* <One>(list: Iterable<One>, most: number): Generator<One[], void, undefined> {
  let group: One[] = []
  for (const one of list) {
    group.push(one)
    if (group.length < most) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

const signs = tableOf([quote, comma, colon, openingBracket, closingBracket, openingBrace, closingBrace])
const signsInText = tableOf([quote, backslash])

const groupBytes = 2 ** 16

/**
 * Reads UTF-8 JSON as strictly as JSON.parse. `take` gets groups of elements of the list at `field` of the outermost
 * object; `end` returns the value with an empty list. A field name with escapes is not recognised.
 * @throws SyntaxError by `add` or `end` for invalid JSON, or a second list
 */
export const longJsonReader = (field: string, take: (elements: readonly unknown[]) => void) => {
  const reading = begun(field, take)
  return {
    add: (piece: Uint8Array): void => readPiece(reading, piece),
    end: (): unknown => JSON.parse(textOf(reading.rest)),
  }
}

type Reading = ReturnType<typeof begun>

const begun = (field: string, take: (elements: readonly unknown[]) => void) => ({
  take,
  name: Buffer.from(JSON.stringify(field)),
  /** All but the elements. */
  rest: [] as Uint8Array[],
  group: [] as Uint8Array[],
  groupBytes: 0,
  isFirstGroup: true,
  isKnown: false,
  /** Inside the list, those within an element. */
  depth: 0,
  inList: false,
  inText: false,
  isEscaped: false,
  /** Matched bytes of the name; negative after a mismatch. */
  matched: -1,
  /** Nothing but a colon came since. */
  isNamed: false,
  afterColon: false,
})

const readPiece = (reading: Reading, piece: Uint8Array): void => {
  const end = piece.byteLength
  let from = 0
  for (let at = 0; at < end;) {
    if (reading.inText) {
      at = readText(reading, piece, at)
      continue
    }
    at = nextOf(signs, piece, at)
    if (at === end) break
    const turns = readSign(reading, piece[at] ?? 0, at - from)
    if (turns !== 'no') {
      // An opening bracket belongs before the list, a closing one after it.
      const to = turns === 'begins' ? at + 1 : at
      keep(reading, piece.subarray(from, to), turns === 'begins' ? 'rest' : 'list')
      if (turns !== 'begins') parseGroup(reading, turns)
      from = turns === 'parts' ? at + 1 : to
    }
    at += 1
  }
  keep(reading, piece.subarray(from), reading.inList ? 'list' : 'rest')
}

const nextOf = (wantedBytes: Uint8Array, piece: Uint8Array, from: number): number => {
  const end = piece.byteLength
  let at = from
  while (at < end && !wantedBytes[piece[at] ?? 0]) at += 1
  return at
}

/** @returns the next position */
const readText = (reading: Reading, piece: Uint8Array, from: number): number => {
  if (reading.isEscaped) {
    reading.isEscaped = false
    return from + 1
  }
  const at = nextOf(signsInText, piece, from)
  if (reading.depth === 1 && !reading.inList) matchName(reading, piece, from, at)
  if (at === piece.byteLength) return at
  if (piece[at] === backslash) {
    reading.isEscaped = true
    reading.matched = -1
  } else {
    reading.inText = false
    reading.isNamed = reading.matched === reading.name.length - 1
  }
  return at + 1
}

const matchName = (reading: Reading, piece: Uint8Array, from: number, to: number): void => {
  for (let at = from; at < to && reading.matched >= 0; at += 1)
    reading.matched = reading.name[reading.matched] === piece[at] ? reading.matched + 1 : -1
}

type Turns = 'no' | 'begins' | 'parts' | 'ends'

/** @param unkept bytes before it */
const readSign = (reading: Reading, byte: number, unkept: number): Turns => {
  const { inList } = reading
  if (byte === quote) {
    reading.inText = true
    reading.matched = 1
    reading.isNamed = reading.afterColon = false
    return 'no'
  }
  if (byte === openingBracket || byte === openingBrace) return readOpening(reading, byte)
  if (byte === colon) {
    reading.afterColon = reading.isNamed
    return 'no'
  }
  reading.isNamed = reading.afterColon = false
  if (byte === comma) return inList && reading.depth === 0 && reading.groupBytes + unkept >= groupBytes ? 'parts' : 'no'
  // JSON.parse refuses a wrong bracket later.
  if (inList && reading.depth === 0) {
    reading.inList = false
    reading.depth = 1
    return 'ends'
  }
  reading.depth -= 1
  return 'no'
}

const readOpening = (reading: Reading, byte: number): Turns => {
  const begins = byte === openingBracket && reading.depth === 1 && !reading.inList && reading.afterColon
  reading.isNamed = reading.afterColon = false
  if (!begins) {
    reading.depth += 1
    return 'no'
  }
  if (reading.isKnown) throw new SyntaxError(`the list ${reading.name.toString()} is there twice`)
  reading.isKnown = reading.inList = reading.isFirstGroup = true
  reading.depth = 0
  return 'begins'
}

const keep = (reading: Reading, part: Uint8Array, where: 'rest' | 'list'): void => {
  if (part.byteLength === 0) return
  if (where === 'rest') {
    reading.rest.push(part)
    return
  }
  reading.group.push(part)
  reading.groupBytes += part.byteLength
}

const parseGroup = (reading: Reading, turns: Turns): void => {
  const elements = JSON.parse(`[${textOf(reading.group, true)}]`) as readonly unknown[]
  // Nothing between two commas, or after the last.
  if (elements.length === 0 && !(reading.isFirstGroup && turns === 'ends'))
    throw new SyntaxError(`the list ${reading.name.toString()} has a comma without an element`)
  reading.group = []
  reading.groupBytes = 0
  reading.isFirstGroup = false
  if (elements.length > 0) reading.take(elements)
}

const textOf = (parts: readonly Uint8Array[], ignoreBOM = false): string =>
  new TextDecoder('utf-8', { ignoreBOM }).decode(Buffer.concat(parts))
