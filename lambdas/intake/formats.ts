import { fault, type FaultCode, quoted } from '../domain/core/fault.ts'
import type { Detection } from '../domain/detection/detection.ts'
import { looksLikeCnt, readCnt } from './coordination/cnt.ts'
import { looksLikeCoortweet, readCoortweet } from './coordination/coortweet.ts'
import { looksLikeD3lta, readD3lta } from './coordination/d3lta.ts'
import { looksLikeCorrections, looksLikeDetections, readCsv } from './csv/csv.ts'
import type { Mapping } from './csv/mapping.ts'
import type { FileFormat, IntakeFormat } from './file-formats.ts'
import { readJson } from './json/json.ts'
import { readNdjson } from './json/ndjson.ts'
import {
  looksLikeAccounts,
  looksLikeProfiles,
  namesAccountsAlone,
  readAccounts,
  type StatedSet,
} from './lists/accounts.ts'
import { looksLikeDomains, readDomains } from './lists/domains.ts'
import { looksLikeMeta, metaCsv, readMeta } from './meta/meta.ts'
import { namesAccounts, underPseudonyms } from './record/account-names.ts'
import { FileError } from './record/file-error.ts'
import { type IntakeOptions, type IntakeRecord, type Origin, withOrigin } from './record/record.ts'
import { embeddedFile } from './stix/embedded.ts'
import { readMisp } from './stix/misp.ts'
import { readStix } from './stix/stix.ts'
import type { PostTable } from './table/post-table.ts'
import { rawPostsIn } from './table/raw-posts.ts'
import { sheetOf } from './table/rows.ts'
import { encodingOf, isNoText, peek } from './text/text.ts'
import { csvOf, isZip, maxWorkbookBytes } from './xlsx/workbook.ts'

/** Stored with a record so that it can be read again in the same way. */
export type Settings = {
  readonly mapping?: Mapping | undefined
  /** For a list of accounts. */
  readonly set?: StatedSet | undefined
}

export type ReadOptions = Omit<IntakeOptions, 'pseudonym'> &
  Settings & {
    readonly format: IntakeFormat
    readonly sheet?: string | undefined
    readonly posts?: PostTable | undefined
    /** Opens the pseudonyms when a format has account names. Without it, names stay. */
    readonly pseudonyms?: (() => Promise<(account: string) => string>) | undefined
    /** Normalises names and assigns missing places. */
    readonly prepare?:
      | ((
          detection: Detection,
          came: { readonly line?: number; readonly raw?: string; readonly context?: string | undefined },
        ) => Detection)
      | undefined
  }

/** STIX and MISP are read whole, so they need a limit. */
export const maxStixBytes = 64 * 1024 * 1024

/** @throws FileError where the format is unknown or the file too large; a format's own error where it cannot be read */
export async function* readRecords(
  chunks: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): AsyncGenerator<IntakeRecord> {
  const { start, all } = await peek(await tableIn(chunks, options))
  // A table embedded in a bundle is none itself.
  const isStated = options.format !== 'auto' && (options.format !== 'stix' || options.sheet === undefined)
  const format = isStated ? options.format : await formatOf(start, options)
  const { prepare = (detection: Detection) => detection, pseudonyms } = options
  const isSeldom = seldomNaming.has(format)
  const complete = withOrigin(originOf(format, options))
  for await (const record of reading(format, all, await readerOptions(format, options), options)) {
    if (!('detection' in record)) {
      yield complete(record)
      continue
    }
    const named = isSeldom && pseudonyms && namesAccounts(record.detection)
    const detection = prepare(named ? underPseudonyms(record.detection, await pseudonyms()) : record.detection, record)
    const isElsewhere = clusterFormats.has(format) && !isIn(detection, options.territories)
    const there = isElsewhere ? withoutDays(detection) : detection
    yield complete(there === record.detection ? record : { ...record, detection: there })
  }
}

/**
 * Converts a workbook's sheet, a table embedded in a STIX bundle or Meta's JSON to CSV; passes all else through.
 * @throws FileError where it cannot be read
 */
export const tableIn = async (
  chunks: AsyncIterable<Uint8Array>,
  { file, sheet, note }: Pick<ReadOptions, 'file' | 'sheet' | 'note'>,
): Promise<AsyncIterable<Uint8Array>> => {
  const { start, all } = await peek(chunks)
  if (sheet !== undefined && isBundle(start)) {
    const embedded = embeddedFile(await wholeText(all, file), file, sheet)
    return tableIn(once(embedded), { file: sheet, ...(note && { note }) })
  }
  if (/^\[\s*\{\s*"indicator_type"/.test(textOf(start))) return once(metaCsv(await wholeText(all, file), file))
  if (!isZip(start)) return all
  const bytes = await wholeBytes(all, file, maxWorkbookBytes, 'file.workbookTooLarge')
  return once(csvOf(bytes, { file, sheet, note }))
}

const isBundle = (start: Uint8Array): boolean => /^[{[]/.test(textOf(start)) && jsonFormatOf(textOf(start)) === 'stix'

/** Of JSON whose sender did not say which. */
export const jsonFormatIn = (bytes: Uint8Array): 'misp' | 'stix' | 'json' =>
  looksLikeMisp(textOf(bytes)) ? 'misp' : isBundle(bytes) ? 'stix' : 'json'

const textOf = (start: Uint8Array): string => new TextDecoder(encodingOf(start)).decode(start).trimStart()

/** Most of their detections name no account, and need no key. */
const seldomNaming: ReadonlySet<FileFormat> = new Set(['ndjson', 'json', 'misp', 'domains'])

/** They count posts by day, in the stated territory's zone. */
const clusterFormats: ReadonlySet<FileFormat> = new Set(['d3lta', 'coortweet', 'cnt'])

const isIn = ({ territories }: Detection, stated: ReadOptions['territories'] = []): boolean =>
  territories.every(({ code }) => stated.includes(code))

/** Days are only valid in the zone of the territory that they were counted for. */
const withoutDays = ({ counts: { byDay: _, ...counts }, ...detection }: Detection): Detection => ({
  ...detection,
  counts,
})

const readerOptions = async (
  format: FileFormat,
  { file, territories, observed, publisher, note, pseudonyms, canMap, now, isAlone }: ReadOptions,
): Promise<IntakeOptions> => ({
  file,
  ...(canMap && { canMap }),
  ...(now && { now }),
  ...(isAlone && { isAlone }),
  // In other formats the stated territory is the last fallback.
  ...(territories && clusterFormats.has(format) && { territories }),
  ...(observed && { observed }),
  publisher,
  ...(note && { note }),
  ...(pseudonyms && !seldomNaming.has(format) && { pseudonym: await pseudonyms() }),
})

const originOf = (format: FileFormat, { territories, observed, publisher, mapping, set }: ReadOptions): Origin => ({
  format,
  ...(territories && { territories }),
  ...(observed && { observed }),
  ...(publisher !== undefined && { publisher }),
  ...((mapping || set) && { settings: { ...(mapping && { mapping }), ...(set && { set }) } satisfies Settings }),
})

const reading = (
  format: FileFormat,
  chunks: AsyncIterable<Uint8Array>,
  options: IntakeOptions,
  { file, sheet, mapping, set, posts }: ReadOptions,
): AsyncIterable<IntakeRecord> => {
  switch (format) {
    case 'ndjson':
      return readNdjson(chunks, options)
    case 'json':
      return readJson(chunks, options)
    case 'csv':
      return readCsv(chunks, { ...options, ...(mapping && { mapping }) })
    case 'stix':
      return readWhole(readStix, chunks, options)
    case 'misp':
      return readWhole(readMisp, chunks, options)
    case 'd3lta':
      return readD3lta(chunks, { ...options, posts })
    case 'coortweet':
      return readCoortweet(chunks, options)
    case 'cnt':
      return readCnt(chunks, options)
    case 'meta':
      return readMeta(chunks, options)
    case 'domains':
      return readDomains(chunks, { ...options, ...(mapping && { mapping }) })
    case 'accounts':
      return readAccounts(chunks, { ...options, file: sheet?.includes('.') ? sheet : file, ...(set && { set }) })
  }
}

async function* readWhole(
  read: typeof readStix | typeof readMisp,
  chunks: AsyncIterable<Uint8Array>,
  options: IntakeOptions,
): AsyncGenerator<IntakeRecord> {
  const { records, noted } = read(await wholeText(chunks, options.file), options)
  for (const { what, count } of noted) options.note?.(what, count)
  yield* records
}

const formatOf = async (start: Uint8Array, { file, mapping }: ReadOptions): Promise<FileFormat> => {
  const other = notText(start)
  if (other) throw new FileError(fault(other, { file }))
  const text = textOf(start)
  if (looksLikeMisp(text)) return 'misp'
  if (/^[{[]/.test(text)) return jsonFormatOf(text)
  if (mapping && givesTitle(mapping)) return 'csv'
  if (text === '') throw new FileError(fault('file.empty', { file }))
  return tableFormatOf(start, file)
}

/** Recognises common wrong files by their first bytes. */
const notText = (start: Uint8Array): FaultCode | undefined => {
  const begins = (...bytes: readonly number[]) => bytes.every((byte, at) => start[at] === byte)
  if (begins(0xd0, 0xcf, 0x11, 0xe0)) return 'file.oldWorkbook'
  if (begins(0x1f, 0x8b)) return 'file.compressed'
  if (begins(0x25, 0x50, 0x44, 0x46)) return 'file.pdf'
  return undefined
}

/** Events of REST searches have no wrapper; searches for attributes have no event, which the reader reports. */
const looksLikeMisp = (text: string): boolean =>
  /^(?:\[\s*|\{\s*"response"\s*:\s*\[?\s*)?\{\s*"(?:Event|Attribute|Object)"\s*:\s*[{[]/.test(text) ||
  (/^(?:\[\s*)?\{/.test(text) && /"info"\s*:/.test(text) && /"(?:Orgc|orgc_id|threat_level_id)"\s*:/.test(text))

/** Keys may come in any order, over one line or many. Other records have no type that begins their id. */
const jsonFormatOf = (text: string): FileFormat => {
  const [, type] = /"type"\s*:\s*"([a-z\d-]+)"/.exec(text) ?? []
  if (type === 'bundle' || /^\{\s*"objects"\s*:\s*\[/.test(text) || text.includes(`"${type}--`)) return 'stix'
  if (text.startsWith('[')) return 'json'
  const [, second] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return second === undefined || second.trimStart().startsWith('{') ? 'ndjson' : 'json'
}

/** Detections come before lists, since they may hold a column of domains too. */
const tables: readonly (readonly [FileFormat, (headings: readonly string[]) => boolean])[] = [
  ['d3lta', looksLikeD3lta],
  ['coortweet', looksLikeCoortweet],
  ['cnt', looksLikeCnt],
  ['meta', looksLikeMeta],
  ['csv', looksLikeDetections],
  ['domains', looksLikeDomains],
  ['accounts', looksLikeProfiles],
  ['csv', (headings) => looksLikeCorrections(headings.filter((heading) => !namesAccountsAlone(heading)))],
  ['accounts', looksLikeAccounts],
]

const tableFormatOf = async (start: Uint8Array, file: string): Promise<FileFormat> => {
  const { headings } = await sheetOf(once(start), { file })
  const posts = rawPostsIn(headings, file)
  if (posts) throw new FileError(posts)
  const found = tables.find(([, looksLike]) => looksLike(headings))
  if (found) return found[0]
  if (isNoText(start)) {
    throw new FileError(fault('file.binary', { file }))
  }
  const named = headings.slice(0, 12).map((heading) => heading.slice(0, 40).toWellFormed())
  throw new FileError(
    named.length === 0
      ? fault('file.noFormatNoCells', { file })
      : fault('file.noFormat', { file, headings: quoted(named) }),
  )
}

/** Only detections have titles, so such a mapping decides the format. */
const givesTitle = ({ columns, constants }: Mapping): boolean =>
  [...Object.values(columns), Object.keys(constants)]
    .flatMap((names) => names ?? [])
    .some((name) => /^title\b/.test(name))

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const wholeText = async (chunks: AsyncIterable<Uint8Array>, file: string): Promise<string> => {
  const bytes = await wholeBytes(chunks, file, maxStixBytes, 'file.bundleTooLarge')
  try {
    const encoding = encodingOf(bytes)
    return new TextDecoder(encoding.startsWith('utf-16') ? encoding : 'utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new FileError(fault('file.notUtf8', { file }), { cause })
  }
}

const wholeBytes = async (
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  maxBytes: number,
  tooLarge: 'file.workbookTooLarge' | 'file.bundleTooLarge',
): Promise<Uint8Array> => {
  const taken: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.byteLength
    // Reads to the end so that the message can give the size.
    if (length <= maxBytes) taken.push(chunk)
  }
  if (length > maxBytes) {
    const megabytes = (bytes: number) => Math.ceil(bytes / 1024 ** 2)
    throw new FileError(fault(tooLarge, { file, megabytes: megabytes(length), max: megabytes(maxBytes) }))
  }
  return Buffer.concat(taken)
}
