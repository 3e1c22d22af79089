/** Converts a sheet to CSV. Formulas are not evaluated: their last values are read. */
import { unzipSync } from 'fflate'
import { type Fault, fault, quoted } from '../../domain/core/fault.ts'
import { FileError } from '../record/file-error.ts'
import { quotedRow } from '../table/rows.ts'
import { damagedIn } from './checksums.ts'
import { XmlError } from './xml.ts'
import { attributeOf, xmlParts } from './xml.ts'

export const maxWorkbookBytes = 64 * 1024 * 1024
const maxUnpackedBytes = 200 * 1024 * 1024
const maxCells = 5_000_000
const maxColumns = 2_000
/** Excel's maximum. */
const maxRows = 1_048_576
/** Rows searched for the headings. */
const maxRowsAbove = 20

type WorkbookOptions = {
  readonly file: string
  /** By default the first sheet that is not empty. */
  readonly sheet?: string | undefined
  readonly note?: ((what: Fault, count: number) => void) | undefined
}

export const isZip = (start: Uint8Array): boolean => [0x50, 0x4b, 0x03, 0x04].every((byte, at) => start[at] === byte)

export const sheetNames = (bytes: Uint8Array, file: string): readonly string[] => {
  if (!isZip(bytes)) return []
  try {
    const parts = partsOf(bytes, file)
    const text = (name: string): string => new TextDecoder().decode(parts.get(name) ?? new Uint8Array())
    return sheetsIn(text('xl/workbook.xml'), text('xl/_rels/workbook.xml.rels')).sheets.map(({ name }) => name)
  } catch {
    return []
  }
}

/** @throws FileError where it is no workbook, too large, or has no such sheet */
export const csvOf = (bytes: Uint8Array, options: WorkbookOptions): Uint8Array => {
  try {
    return sheetOf(bytes, options)
  } catch (cause) {
    throw cause instanceof XmlError ? new FileError(fault(cause.code, { file: options.file }), { cause }) : cause
  }
}

const sheetOf = (bytes: Uint8Array, { file, sheet: wanted, note = () => {} }: WorkbookOptions): Uint8Array => {
  const parts = partsOf(bytes, file)
  const text = (name: string): string => new TextDecoder().decode(parts.get(name) ?? new Uint8Array())
  const { sheets, is1904 } = sheetsIn(text('xl/workbook.xml'), text('xl/_rels/workbook.xml.rels'))
  const strings = stringsIn(text('xl/sharedStrings.xml'))
  const dates = dateStylesIn(text('xl/styles.xml'))
  const read = (path: string) => rowsIn(text(path), { strings, dates, is1904, file, note })
  if (wanted !== undefined) {
    const found = sheets.find(({ name }) => name === wanted)
    if (found) return written(read(found.path), note)
    const names = sheets.map(({ name }) => name)
    throw new FileError(fault('workbook.noSheet', { file, sheet: quoted(wanted), sheets: quoted(names) }))
  }
  const hidden = sheets.filter(({ isHidden }) => isHidden)
  const [first, ...others] = sheets
    .filter(({ isHidden }) => !isHidden)
    .map((one) => ({ ...one, rows: read(one.path) }))
    .filter(({ rows }) => rows.length > 0)
  noteUnread([...others, ...hidden], note)
  if (!first) throw new FileError(fault('workbook.noneShown', { file }))
  return written(first.rows, note)
}

const maxSheetsNamed = 5

const noteUnread = (sheets: readonly SheetPart[], note: Reading['note']): void => {
  for (const { name, isHidden } of sheets.slice(0, maxSheetsNamed)) {
    note(fault(isHidden ? 'workbook.hiddenSheetUnread' : 'workbook.sheetUnread', { sheet: quoted(name) }), 1)
  }
  const more = sheets.length - maxSheetsNamed
  if (more > 0) note(fault('workbook.moreSheetsUnread', { count: more }), 1)
}

const wantedParts =
  /^(?:\[Content_Types\]\.xml|mimetype|xl\/workbook\.(?:xml|bin)|xl\/_rels\/workbook\.xml\.rels|xl\/sharedStrings\.xml|xl\/styles\.xml|xl\/worksheets\/[^/]+\.xml|word\/document\.xml)$/

const partsOf = (bytes: Uint8Array, file: string): ReadonlyMap<string, Uint8Array> => {
  let unpacked = 0
  let parts: Readonly<Record<string, Uint8Array>>
  try {
    parts = unzipSync(bytes, {
      // Unpacking never exceeds this stated size.
      filter: ({ name, originalSize }) => {
        if (!wantedParts.test(name)) return false
        unpacked += originalSize
        if (unpacked > maxUnpackedBytes) {
          throw new FileError(fault('workbook.tooLarge', { file, max: maxUnpackedBytes / 1024 ** 2 }))
        }
        return true
      },
    })
  } catch (cause) {
    if (cause instanceof FileError) throw cause
    throw new FileError(fault('workbook.damagedZip', { file }), { cause })
  }
  const found = new Map(Object.entries(parts))
  const name = damagedIn(bytes, found)
  if (name !== undefined) throw new FileError(fault('workbook.checksum', { file, name }))
  const type = new TextDecoder().decode(found.get('mimetype') ?? new Uint8Array())
  if (type.includes('opendocument.spreadsheet')) {
    throw new FileError(fault('workbook.openDocument', { file }))
  }
  if (found.has('xl/workbook.bin')) throw new FileError(fault('workbook.binary', { file }))
  if (found.has('word/document.xml')) throw new FileError(fault('workbook.word', { file }))
  if (!found.has('xl/workbook.xml')) throw new FileError(fault('workbook.zip', { file }))
  return found
}

type SheetPart = { readonly name: string; readonly path: string; readonly isHidden: boolean }

const sheetsIn = (workbook: string, relations: string) => {
  const targets = new Map<string, string>()
  for (const part of xmlParts(relations)) {
    if (!('open' in part) || part.open !== 'Relationship') continue
    const target = (attributeOf(part.attributes, 'Target') ?? '').replace(/^\/?(?:xl\/)?/, 'xl/')
    targets.set(attributeOf(part.attributes, 'Id') ?? '', target)
  }
  const sheets: SheetPart[] = []
  let is1904 = false
  for (const part of xmlParts(workbook)) {
    if (!('open' in part)) continue
    if (part.open === 'workbookPr') is1904 = ['1', 'true'].includes(attributeOf(part.attributes, 'date1904') ?? '')
    if (part.open !== 'sheet') continue
    const path = targets.get(/\br?:?id="(rId[^"]*)"/.exec(part.attributes)?.[1] ?? '') ?? ''
    const isHidden = (attributeOf(part.attributes, 'state') ?? 'visible') !== 'visible'
    sheets.push({ name: attributeOf(part.attributes, 'name') ?? '', path, isHidden })
  }
  return { sheets, is1904 }
}

const stringsIn = (xml: string): readonly string[] => {
  const strings: string[] = []
  let text: string | undefined
  let isText = false
  let isSound = false
  for (const part of xmlParts(xml)) {
    if ('open' in part) {
      if (part.open === 'si') {
        if (part.isEmpty) strings.push('')
        else text = ''
      }
      if (part.open === 'rPh') isSound = !part.isEmpty
      if (part.open === 't') isText = !part.isEmpty
    } else if ('close' in part) {
      if (part.close === 'si') {
        strings.push(plainText(text ?? ''))
        text = undefined
      }
      if (part.close === 'rPh') isSound = false
      if (part.close === 't') isText = false
    } else if (isText && !isSound && text !== undefined) text += part.text
  }
  return strings
}

const plainText = (text: string): string =>
  text.replace(/_x([0-9A-F]{4})_/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))

type Grain = 'day' | 'month' | 'year'

/** `mmm-yy`. */
const monthFormat = 17

const grainOfFormat = (id: number): Grain | undefined => {
  if (id === monthFormat) return 'month'
  const isDate = (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)
  return isDate ? 'day' : undefined
}

const dateStylesIn = (xml: string): ReadonlyMap<number, Grain> => {
  const ownFormats = new Map<number, Grain>()
  const dates = new Map<number, Grain>()
  let isCell = false
  let style = 0
  for (const part of xmlParts(xml)) {
    if ('close' in part && part.close === 'cellXfs') isCell = false
    if (!('open' in part)) continue
    const format = Number(attributeOf(part.attributes, 'numFmtId') ?? 0)
    if (part.open === 'numFmt') {
      const own = grainShown(attributeOf(part.attributes, 'formatCode') ?? '')
      if (own) ownFormats.set(format, own)
    }
    if (part.open === 'cellXfs') isCell = !part.isEmpty
    if (part.open !== 'xf' || !isCell) continue
    const grain = grainOfFormat(format) ?? ownFormats.get(format)
    if (grain) dates.set(style, grain)
    style += 1
  }
  return dates
}

const grainShown = (code: string): Grain | undefined => {
  const letters = code.replace(/"[^"]*"|\[[^\]]*\]|\\.|General/gi, '').toLowerCase()
  if (/[dhs]/.test(letters)) return 'day'
  if (letters.includes('m')) return letters.includes('y') ? 'month' : 'day'
  return letters.includes('y') ? 'year' : undefined
}

type Row = { readonly number: number; readonly cells: readonly string[] }

type Reading = {
  readonly strings: readonly string[]
  readonly dates: ReadonlyMap<number, Grain>
  readonly is1904: boolean
  readonly file: string
  readonly note: (what: Fault, count: number) => void
}

const rowsIn = (xml: string, { strings, dates, is1904, file, note }: Reading): readonly Row[] => {
  const rows: Row[] = []
  let row: string[] = []
  let number = 0
  let cells = 0
  let unsaved = 0
  let cell: { at: number; type: string; style: number; value: string; hasFormula: boolean } | undefined
  let isValue = false
  const take = () => {
    if (!cell) return
    const { at, type, style, value, hasFormula } = cell
    cell = undefined
    if (hasFormula && value === '') unsaved += 1
    const grain = type === 'n' ? dates.get(style) : undefined
    const text = valueIn(value, type, grain && { is1904, grain }, strings)
    if (text === '') return
    if (at >= maxColumns) throw new FileError(fault('workbook.columns', { file, max: maxColumns }))
    cells += Math.max(at - row.length, 0) + 1
    if (cells > maxCells) throw new FileError(fault('workbook.cells', { file, max: maxCells }))
    while (row.length < at) row.push('')
    row[at] = text
  }
  for (const part of xmlParts(xml)) {
    if ('open' in part) {
      const { open, attributes, isEmpty } = part
      if (open === 'row') number = rowNumberIn(attributeOf(attributes, 'r'), number + 1, file)
      else if (open === 'c') {
        const at = columnIn(attributeOf(attributes, 'r')) ?? row.length
        cell = {
          at,
          type: attributeOf(attributes, 't') ?? 'n',
          style: Number(attributeOf(attributes, 's') ?? 0),
          value: '',
          hasFormula: false,
        }
        if (isEmpty) take()
      } else if (open === 'f' && cell) cell.hasFormula = true
      else if (open === 'v' || open === 't') isValue = !isEmpty
    } else if ('close' in part) {
      if (part.close === 'v' || part.close === 't') isValue = false
      else if (part.close === 'c') take()
      else if (part.close === 'row') {
        if (row.length > 0) rows.push({ number, cells: row })
        row = []
      }
    } else if (isValue && cell) cell.value += part.text
  }
  if (unsaved > 0) note(fault('workbook.formula'), unsaved)
  return rows
}

const rowNumberIn = (written: string | undefined, next: number, file: string): number => {
  const number = written === undefined ? next : Number(written)
  if (number >= next && number <= maxRows) return number
  throw new FileError(fault('workbook.rows', { file, max: maxRows }))
}

/** `B3` is in the second column. */
const columnIn = (reference: string | undefined): number | undefined => {
  const letters = /^([A-Z]{1,3})\d+$/.exec(reference ?? '')?.[1]
  if (letters === undefined) return undefined
  return Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
}

const valueIn = (
  value: string,
  type: string,
  date: { readonly is1904: boolean; readonly grain: Grain } | undefined,
  strings: readonly string[],
): string => {
  if (type === 's') return strings[Number(value)] ?? ''
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE'
  if (type !== 'n') return plainText(value)
  if (value === '') return ''
  const number = Number(value)
  if (!Number.isFinite(number)) return value
  if (date) return dateOf(number + (date.is1904 ? 1_462 : 0), date.grain)
  // Excel keeps fifteen digits: a longer number was an id with its end lost.
  if (Number.isInteger(number) && Math.abs(number) >= 1e15) return number.toExponential(4).toUpperCase()
  return Number.isInteger(number) ? String(number) : value
}

/** Days since 30 December 1899, in the displayed precision. */
const dateOf = (serial: number, grain: Grain): string => {
  const instant = new Date(Date.UTC(1899, 11, 30) + Math.round(serial * 86_400) * 1_000)
  if (Number.isNaN(instant.getTime())) return String(serial)
  const [day = '', time = ''] = instant.toISOString().split(/[T.]/)
  if (grain !== 'day') return day.slice(0, grain === 'month' ? '2024-05'.length : '2024'.length)
  return time === '00:00:00' ? day : `${day} ${time}`
}

/** Each row keeps its line number unless earlier cells span lines. */
const written = (rows: readonly Row[], note: Reading['note']): Uint8Array => {
  const filled = ({ cells }: Row) => cells.filter((cell) => cell.trim() !== '').length
  const early = rows.slice(0, maxRowsAbove)
  // A title above the table is one cell.
  const head = early.findIndex((row) => filled(row) > 1)
  const above = Math.max(head, 0)
  if (above > 0) {
    note(fault('workbook.rowsAbove', { count: above }), 1)
  }
  const lines: string[] = []
  for (const { number, cells } of rows.slice(above)) {
    while (lines.length < number - 1) lines.push('')
    lines.push(quotedRow(cells))
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}
