/**
 * Errors, refusals and notes as data. Their text is made in the reader's language at the edge: on the command line, on a
 * page, in a mail, in the API's answer.
 */
import IntlMessageFormat from 'intl-messageformat'
import english from '../../../templates/messages/faults.en.json' with { type: 'json' }
import type { Language } from './language/languages.ts'

/** Each has a message in `templates/messages/faults.*.json`; the lint rule `vigie/faults` checks the names of its values. */
export type FaultCode = keyof typeof english

export type Fault = {
  readonly code: FaultCode
  /** The field or column that is wrong, where it is one. */
  readonly path?: string
  readonly values?: FaultValues
}

export type FaultValues = Readonly<Record<string, FaultValue>>

/** A nested fault is formatted in the same language; several are joined by semicolons. */
export type FaultValue = string | number | Fault | readonly Fault[] | Quoted | Alternatives | Names

/** Texts in quotation marks. */
type Quoted = { readonly quoted: string | readonly string[] }

/** Names of which one is meant. */
type Alternatives = { readonly anyOf: readonly (string | Names)[] }

/** A name in both languages. */
type Names = Readonly<Record<Language, string>>

export const fault = (code: FaultCode, values?: FaultValues): Fault => ({ code, ...(values && { values }) })

export const quoted = (text: string | readonly string[]): Quoted => ({ quoted: text })

/** The text of a value in quotation marks; empty where there is none. */
export const quotedIn = ({ values }: Fault, name: string): string => {
  const value = values?.[name]
  return typeof value === 'object' && 'quoted' in value && typeof value.quoted === 'string' ? value.quoted : ''
}

export const anyOf = (names: Alternatives['anyOf']): Alternatives => ({ anyOf: names })

/** What is stored as a reason: a fault, or the text of an earlier version. */
export const asFault = (stored: Fault | string): Fault =>
  typeof stored === 'string' ? fault('asWritten', { text: stored }) : stored

/** The same fault, of a field or column. */
export const faultAt = (path: string, { code, values }: Fault): Fault & { readonly path: string } => ({
  code,
  path,
  ...(values && { values }),
})

/** Several faults as one, each behind its own path; the first `most` of them. */
export const several = (faults: readonly Fault[], most = 8): Fault => {
  const [first = fault('asWritten', { text: '' }), ...others] = faults
  if (others.length === 0) return first
  const shown = faults.slice(0, most)
  const rest = faults.length - shown.length
  const path = first.path === undefined ? {} : { path: first.path }
  return rest === 0
    ? { ...fault('several', { faults: shown }), ...path }
    : { ...fault('several.more', { faults: shown, rest }), ...path }
}

/** The inverse of {@link several}. */
export const eachOf = (one: Fault): readonly Fault[] => {
  const listed = one.values?.faults
  return Array.isArray(listed) ? listed : [one]
}

/** A fault of a file that a user wrote, with the file's name. */
export const inFile = (file: string, reason: Fault): Fault => {
  const { path = '', ...rest } = reason
  return path === '' || eachOf(reason).length > 1
    ? fault('file.wrong', { file, reason: rest })
    : fault('file.fieldWrong', { file, path, reason: rest })
}

/** The same fault with each text of its values changed. */
export const withTexts = (one: Fault, change: (text: string) => string): Fault => {
  const changed = (value: FaultValue): FaultValue => {
    if (typeof value === 'string') return change(value)
    if (typeof value === 'number' || 'anyOf' in value || 'en' in value) return value
    if ('quoted' in value)
      return quoted(typeof value.quoted === 'string' ? change(value.quoted) : value.quoted.map(change))
    return 'code' in value ? withTexts(value, change) : value.map((nested) => withTexts(nested, change))
  }
  const { values = {}, ...rest } = one
  return { ...rest, values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, changed(value)])) }
}

/** Its `message` is English, for logs. */
export class FaultError extends Error {
  override name = 'FaultError'
  readonly fault: Fault

  constructor(reason: Fault, options?: ErrorOptions) {
    super(lineOf(reason), options)
    this.fault = reason
  }
}

/** In English, after its path where it has one. */
export const lineOf = (reason: Fault): string =>
  reason.path === undefined || reason.path === '' || eachOf(reason).length > 1
    ? faultText(reason)
    : `${reason.path} ${faultText(reason)}`

/** A fault as the message of an issue of zod, which keeps nothing else of its author's. */
export const asMessage = (code: FaultCode, values?: FaultValues): string => JSON.stringify(fault(code, values))

/** The inverse of {@link asMessage}; undefined for a message of zod's own. */
export const ofMessage = (message: string): Fault | undefined =>
  message.startsWith('{"code":') ? (JSON.parse(message) as Fault) : undefined

/** The fault of anything that was thrown; the text of an error of a library is shown as it is. */
export const faultOfThrown = (thrown: unknown): Fault =>
  thrown instanceof FaultError
    ? thrown.fault
    : fault('asWritten', { text: thrown instanceof Error ? thrown.message : String(thrown) })

type Style = {
  readonly language: Language
  readonly texts: Readonly<Record<string, string>>
  readonly colon: string
  readonly semicolon: string
  anyOf(names: readonly string[]): string
  quotation(text: string): string
  /** For texts of libraries and of earlier versions, which have no code. */
  asWritten?(text: string): string
}

/** Formats faults in one language, without their own path; that of a nested fault is in front of it. */
export const faultFormatter = (style: Style): ((fault: Fault) => string) => {
  const formats = new Map<string, IntlMessageFormat>()
  const formatOf = (code: string): IntlMessageFormat => {
    const known = formats.get(code)
    if (known) return known
    const made = new IntlMessageFormat(style.texts[code] ?? code, style.language, undefined, { ignoreTag: true })
    formats.set(code, made)
    return made
  }
  const nested = (one: Fault): string => (one.path ? `${one.path}${style.colon}` : '') + text(one)
  const plain = (value: FaultValue): string | number => {
    if (typeof value !== 'object') return value
    if ('quoted' in value)
      return [value.quoted]
        .flat()
        .map((one) => style.quotation(one))
        .join(', ')
    if ('en' in value) return value[style.language]
    if ('anyOf' in value) {
      return style.anyOf(value.anyOf.map((name) => (typeof name === 'string' ? name : name[style.language])))
    }
    return 'code' in value ? nested(value) : value.map(nested).join(style.semicolon)
  }
  const text = ({ code, values = {} }: Fault): string => {
    if (code === 'asWritten') return style.asWritten?.(String(values.text)) ?? String(values.text)
    const shown = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value)]))
    return String(formatOf(code).format(shown))
  }
  return text
}

/** In English. */
export const faultText = faultFormatter({
  language: 'en',
  texts: english,
  colon: ': ',
  semicolon: '; ',
  anyOf: (names) => names.join(' or '),
  quotation: (text) => JSON.stringify(text),
})
