/** Reads and normalises the PDFs of Chromium. */

import { inflateSync } from 'node:zlib'
import { FaultError, fault } from '../domain/core/fault.ts'
import { plural } from '../domain/core/text/plural.ts'
import { isCovered } from './fonts.ts'
import { shownText, styleText } from './html-check.ts'

/** A character without a font, and up to three contexts. */
type MissingCharacter = { readonly codePoint: number; readonly contexts: readonly string[] }

export class MissingGlyphError extends FaultError {
  override readonly name = 'MissingGlyphError'
  readonly characters: readonly MissingCharacter[]
  readonly pages: readonly number[]
  readonly pdf: Uint8Array
  constructor(characters: readonly MissingCharacter[], pages: readonly number[], pdf: Uint8Array) {
    const named = characters
      .slice(0, 10)
      .map(
        ({ codePoint, contexts }) =>
          `${nameOf(codePoint)} ${String.fromCodePoint(codePoint)} (${contexts.map((text) => `"${text}"`).join(', ')})`,
      )
    const where = { count: pages.length, pages: pages.join(', ') }
    super(
      named.length > 0
        ? fault('gate.pdf.glyphs', { ...where, characters: named.join('; ') })
        : fault('gate.pdf.glyphsHeld', where),
    )
    this.characters = characters
    this.pages = pages
    this.pdf = pdf
  }
}

const nameOf = (codePoint: number): string => `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`

/**
 * Makes prints of one document identical: sets both dates to `instant` and numbers the ids of tags in their order in the
 * file, since Chromium numbers nodes in an order that differs between runs. Lengths and offsets stay.
 * @throws if the PDF lacks the dates
 */
export function normalisePdf(pdf: Uint8Array, instant: Date): Buffer {
  const date = instant.toISOString().replace(/[-:T]/g, '').slice(0, 14)
  const text = bufferOf(pdf).toString('latin1')
  let dates = 0
  const dated = text.replace(/\/(CreationDate|ModDate) \(D:\d{14}[+-]\d\d'\d\d'\)/g, (_, key: string) => {
    dates++
    return `/${key} (D:${date}+00'00')`
  })
  if (dates !== 2) throw new PdfError(`has ${plural(dates, 'date')} of Chromium's form where 2 are expected`)
  const ids = new Set(dated.match(/(?<=\/ID )\(node\d{8}\)/g))
  const renamed = new Map([...ids].map((id, i) => [id, `(node${String(i + 1).padStart(8, '0')})`]))
  const normal = dated
    .replace(/\(node\d{8}\)/g, (id) => renamed.get(id) ?? id)
    .replace(/\/Limits \[.*\]\n\/Names \[(\(node\d{8}\) .*)\]/g, (_, entries: string) => sortedNames(entries))
  return Buffer.from(normal, 'latin1')
}

/** A name tree's leaf is sorted by name (ISO 32000-1, 7.9.6). */
const sortedNames = (entries: string): string => {
  const sorted = entries.split(/ (?=\()/).sort()
  const [first = '', last = ''] = [sorted[0], sorted.at(-1)].map((entry) => entry?.split(' ', 1)[0])
  return `/Limits [${first} ${last}]\n/Names [${sorted.join(' ')}]`
}

/**
 * Chromium repeats a bookmark title where a page break pushed its heading. Lengths and offsets stay.
 * @param texts all text shown on the page
 */
export function nameBookmarksOnce(pdf: Uint8Array, texts: readonly string[]): Buffer {
  const text = bufferOf(pdf).toString('latin1')
  const named = text.replace(/\/Title (?:<FEFF([\dA-F]*)>|\(([^()\\]*)\))/g, (written, hex?: string, plain = '') => {
    const title = hex === undefined ? plain : Buffer.from(hex, 'hex').swap16().toString('utf16le')
    const once = title.slice(0, title.length / 2)
    if (once === '' || once + once !== title || texts.some((one) => one.includes(title))) return written
    const value = hex === undefined ? `(${once})` : `<FEFF${hex.slice(0, hex.length / 2)}>`
    return `/Title ${value}`.padEnd(written.length)
  })
  return Buffer.from(named, 'latin1')
}

export function pdfPageCount(pdf: Uint8Array): number {
  return pagesOf(readPdf(pdf)).length
}

/** Object numbers of the operators of all pages. */
export const pageContents = (file: PdfFile): readonly number[] =>
  pagesOf(file).flatMap((page) => {
    const contents = asDictionary(parseObject(file, page).value)?.get('Contents')
    return (Array.isArray(contents) ? contents : [contents]).flatMap((one) => (isRef(one) ? [one.ref] : []))
  })

/** The `href` of a link: `#anchor`, or an address. */
export const targetOf = (file: PdfFile, link: number): string => {
  const own = asDictionary(parseObject(file, link).value)
  const place = resolve(file, own?.get('Dest'))
  if (typeof place === 'object' && place !== null && 'name' in place) {
    return `#${Buffer.from(String(place.name), 'latin1').toString('utf8')}`
  }
  return textOf(resolve(file, dictionary(file, own?.get('A'))?.get('URI'))) ?? ''
}

/** Page numbers count from 1. */
export function pdfDestinations(pdf: Uint8Array): Map<string, number> {
  const file = readPdf(pdf)
  const pages = pagesOf(file)
  const found = new Map<string, number>()
  for (const [id, value] of dictionary(file, catalogOf(file).get('Dests')) ?? []) {
    const target = resolve(file, value)
    const [page] = Array.isArray(target) ? target : []
    const index = isRef(page) ? pages.indexOf(page.ref) : -1
    // Chromium writes ids in UTF-8.
    if (index >= 0) found.set(Buffer.from(id, 'latin1').toString('utf8'), index + 1)
  }
  return found
}

export function pdfLang(pdf: Uint8Array): string | undefined {
  const file = readPdf(pdf)
  return textOf(resolve(file, catalogOf(file).get('Lang')))
}

export function pdfTitle(pdf: Uint8Array): string | undefined {
  const file = readPdf(pdf)
  return textOf(resolve(file, dictionary(file, file.trailer.get('Info'))?.get('Title')))
}

/**
 * @throws MissingGlyphError if the PDF draws glyph 0, Chromium's output for a character without a font. Even then the
 * text layer looks right, so the character is searched in the HTML.
 */
export function requireGlyphs(pdf: Uint8Array, html: string): void {
  const pages = pagesWithMissingGlyphs(pdf)
  if (pages.length > 0) throw new MissingGlyphError(missingCharacters(html), pages, pdf)
}

/** Page numbers count from 1. */
export function pagesWithMissingGlyphs(pdf: Uint8Array): number[] {
  const file = readPdf(pdf)
  const drawn = new Map<number, boolean>()
  const draws = (number: number): boolean => {
    const known = drawn.get(number)
    if (known !== undefined) return known
    drawn.set(number, false)
    const missing = drawsGlyphZero(file, number) || resourcesOf(file, number).some(draws)
    drawn.set(number, missing)
    return missing
  }
  return pagesOf(file).flatMap((page, i) => (draws(page) ? [i + 1] : []))
}

export function missingCharacters(html: string): MissingCharacter[] {
  const missing = new Map<number, string[]>()
  const texts = shownText(html)
  for (const text of texts) gather(text, missing)
  if (missing.size === 0) gather(styleText(html), missing)
  return [...missing].map(([codePoint, contexts]) => ({ codePoint, contexts }))
}

const UNDRAWN = /[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}]/u

function gather(text: string, missing: Map<number, string[]>): void {
  let at = 0
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0
    if (codePoint > 0x7e && !UNDRAWN.test(character) && !isCovered(codePoint)) {
      const contexts = missing.get(codePoint) ?? []
      const around = text.slice(Math.max(0, at - 20), at + character.length + 20)
      if (contexts.length < 3) contexts.push(around.toWellFormed().replace(/\s+/g, ' ').trim())
      missing.set(codePoint, contexts)
    }
    at += character.length
  }
}

type Value = null | boolean | number | Name | Text | Ref | Value[] | Dictionary
type Name = { readonly name: string }
type Text = { readonly bytes: Buffer }
type Ref = { readonly ref: number }
type Dictionary = Map<string, Value>
export type PdfFile = {
  readonly bytes: Buffer
  /** The bytes as Latin-1, one character each. */
  readonly text: string
  /** Exclusive upper bound of object numbers. */
  readonly count: number
  /** Start of the object table, after the last object. */
  readonly tableAt: number
  /** On demand: a tagged document has tens of thousands of objects. */
  offsetOf(number: number): number | undefined
  readonly trailer: Dictionary
}

export class PdfError extends Error {
  override readonly name = 'PdfError'
  constructor(what: string) {
    super(`The PDF ${what}: has Chromium been changed for another version? This reader knows PDF 1.4 by Skia`)
  }
}

type Parsed<T> = { readonly value: T; readonly end: number }

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** @throws PdfError if Chromium cannot have written the file */
export function readPdf(pdf: Uint8Array): PdfFile {
  const bytes = bufferOf(pdf)
  const text = bytes.toString('latin1')
  const start = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text.slice(-64))?.[1])
  const head = /^xref\s+0 (\d+)\s+/.exec(text.slice(start, start + 32))
  if (head === null) throw new PdfError('has no plain table of its objects')
  const count = Number(head[1])
  const first = start + head[0].length
  const offsetOf = (number: number): number | undefined => {
    if (number < 1 || number >= count) return undefined
    // Entries have 20 bytes.
    const entry = text.slice(first + number * 20, first + number * 20 + 18)
    return entry.endsWith('n') ? Number(entry.slice(0, 10)) : undefined
  }
  const trailer = text.indexOf('<<', text.indexOf('trailer', first + count * 20))
  const { value } = parseValue(text, trailer)
  if (!(value instanceof Map)) throw new PdfError('has no trailer')
  return { bytes, text, count, tableAt: start, offsetOf, trailer: value }
}

function parseObject(file: PdfFile, number: number): Parsed<Value> {
  const offset = file.offsetOf(number)
  const head = offset === undefined ? null : /^\d+ \d+ obj\s*/.exec(file.text.slice(offset, offset + 32))
  if (offset === undefined || head === null) throw new PdfError(`has no object ${number}`)
  return parseValue(file.text, offset + head[0].length)
}

const isRef = (value: Value | undefined): value is Ref => typeof value === 'object' && value !== null && 'ref' in value

function resolve(file: PdfFile, value: Value | undefined): Value | undefined {
  return isRef(value) ? parseObject(file, value.ref).value : value
}

function dictionary(file: PdfFile, value: Value | undefined): Dictionary | undefined {
  const found = resolve(file, value)
  return found instanceof Map ? found : undefined
}

function catalogOf(file: PdfFile): Dictionary {
  const catalog = dictionary(file, file.trailer.get('Root'))
  if (catalog === undefined) throw new PdfError('has no catalog')
  return catalog
}

function pagesOf(file: PdfFile): number[] {
  const walk = (value: Value | undefined): number[] => {
    const kids = dictionary(file, value)?.get('Kids')
    if (Array.isArray(kids)) return kids.flatMap(walk)
    return isRef(value) ? [value.ref] : []
  }
  return walk(catalogOf(file).get('Pages'))
}

/** PDF encoding (close to Latin-1) or, if marked, UTF-16. */
function textOf(value: Value | undefined): string | undefined {
  if (typeof value !== 'object' || value === null || !('bytes' in value)) return undefined
  const { bytes } = value
  if (bytes[0] !== 0xfe || bytes[1] !== 0xff) return bytes.toString('latin1')
  return Buffer.from(bytes.subarray(2)).swap16().toString('utf16le')
}

function resourcesOf(file: PdfFile, number: number): number[] {
  const resources = dictionary(file, asDictionary(parseObject(file, number).value)?.get('Resources'))
  return ['XObject', 'Pattern'].flatMap((kind) =>
    [...(dictionary(file, resources?.get(kind))?.values() ?? [])].filter(isRef).map(({ ref }) => ref),
  )
}

const asDictionary = (value: Value): Dictionary | undefined => (value instanceof Map ? value : undefined)

function drawsGlyphZero(file: PdfFile, number: number): boolean {
  const own = asDictionary(parseObject(file, number).value)
  if (own === undefined) return false
  const contents = own.get('Contents')
  const streams = isRef(contents) ? [contents] : Array.isArray(contents) ? contents.filter(isRef) : [{ ref: number }]
  const fonts = dictionary(file, dictionary(file, own.get('Resources'))?.get('Font'))
  const wide = new Map<string, boolean>()
  for (const [name, font] of fonts ?? []) wide.set(name, isName(dictionary(file, font)?.get('Subtype'), 'Type0'))
  const content = streams.map(({ ref }) => contentOf(file, ref)).join('\n')
  if (![...wide.values()].includes(false) && !MAY_HAVE_ZERO.test(content)) return false
  let digits = 4
  for (const [, font, shown] of content.matchAll(/\/(\S+) [-\d.]+ Tf|(<[0-9A-Fa-f\s]*>\s*Tj|\[[^\]]*\]\s*TJ)/g)) {
    if (font !== undefined) digits = wide.get(font) === false ? 2 : 4
    for (const [, hex = ''] of (shown ?? '').matchAll(/<([0-9A-Fa-f\s]*)>/g)) {
      if (hasGlyphZero(hex.replace(/\s/g, ''), digits)) return true
    }
  }
  return false
}

/** Quick filter: most pages have no match. */
const MAY_HAVE_ZERO = /<(?:[0-9A-Fa-f]{4})*?0{4}|<[0-9A-Fa-f]*\s/

/** Zeros shared by two glyphs do not count. */
const hasGlyphZero = (glyphs: string, digits: number): boolean => {
  const zero = '0'.repeat(digits)
  for (let at = glyphs.indexOf(zero); at >= 0; at = glyphs.indexOf(zero, at + 1)) if (at % digits === 0) return true
  return false
}

const isName = (value: Value | undefined, name: string): boolean =>
  typeof value === 'object' && value !== null && 'name' in value && value.name === name

export function contentOf(file: PdfFile, number: number): string {
  const { value, end } = parseObject(file, number)
  const own = asDictionary(value)
  const opening = /^\s*stream\r?\n/.exec(file.text.slice(end, end + 16))
  if (own === undefined || opening === null || isName(own.get('Subtype'), 'Image')) return ''
  const length = resolve(file, own.get('Length'))
  if (typeof length !== 'number') throw new PdfError(`has a stream without length (object ${number})`)
  const from = end + opening[0].length
  const raw = file.bytes.subarray(from, from + length)
  const filter = own.get('Filter')
  if (filter === undefined) return raw.toString('latin1')
  if (!isName(filter, 'FlateDecode')) throw new PdfError(`has a stream with another filter (object ${number})`)
  return inflateSync(raw).toString('latin1')
}

const TOKEN =
  /[\s\0]*(?:(\d+) \d+ R\b|([-+]?(?:\d+\.?\d*|\.\d+))|\/([^\s\0/[\]<>()%{}]*)|(<<)|(\[)|(\()|<([0-9A-Fa-f\s]*)>|(true|false|null)\b)/y

function parseValue(text: string, start: number): Parsed<Value> {
  TOKEN.lastIndex = start
  const token = TOKEN.exec(text)
  if (token === null) throw new PdfError(`has something unknown at byte ${start}`)
  const end = TOKEN.lastIndex
  const [, ref, number, name, open, array, string, hex, word] = token
  if (ref !== undefined) return { value: { ref: Number(ref) }, end }
  if (number !== undefined) return { value: Number(number), end }
  if (name !== undefined) return { value: { name: unescapeName(name) }, end }
  if (open !== undefined) return parseDictionary(text, end)
  if (array !== undefined) return parseArray(text, end)
  if (string !== undefined) return parseString(text, end)
  if (hex !== undefined) return { value: { bytes: Buffer.from(hex.replace(/\s/g, ''), 'hex') }, end }
  return { value: word === 'null' ? null : word === 'true', end }
}

const unescapeName = (name: string): string =>
  name.replace(/#([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

function parseArray(text: string, start: number): Parsed<Value[]> {
  const value: Value[] = []
  let at = start
  for (;;) {
    const close = closing(text, at, ']')
    if (close !== undefined) return { value, end: close }
    const item = parseValue(text, at)
    value.push(item.value)
    at = item.end
  }
}

function parseDictionary(text: string, start: number): Parsed<Dictionary> {
  const value: Dictionary = new Map()
  let at = start
  for (;;) {
    const close = closing(text, at, '>>')
    if (close !== undefined) return { value, end: close }
    const key = parseValue(text, at)
    if (typeof key.value !== 'object' || key.value === null || !('name' in key.value)) {
      throw new PdfError(`has a key that is no name at byte ${at}`)
    }
    const item = parseValue(text, key.end)
    value.set(key.value.name, item.value)
    at = item.end
  }
}

function closing(text: string, start: number, sign: string): number | undefined {
  let at = start
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  return text.startsWith(sign, at) ? at + sign.length : undefined
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

function parseString(text: string, start: number): Parsed<Text> {
  let value = ''
  let depth = 1
  let at = start
  for (; at < text.length; at++) {
    const sign = text.charAt(at)
    if (sign === '\\') {
      const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))?.[0]
      const next = text.charAt(at + 1)
      value +=
        octal === undefined
          ? (ESCAPES[next] ?? (next === '\n' ? '' : next))
          : String.fromCharCode(Number.parseInt(octal, 8))
      at += octal?.length ?? 1
      continue
    }
    if (sign === '(') depth++
    if (sign === ')' && --depth === 0) break
    value += sign
  }
  return { value: { bytes: Buffer.from(value, 'latin1') }, end: at + 1 }
}
