/**
 * Errors, refusals and notes as data. Their text is made in the reader's language at the edge: on the command line, on a
 * page, in a mail, in the API's answer.
 */
import type english from '../../../templates/messages/faults.en.json'
import type { Language } from './language/languages.ts'

/** Each has a message in `templates/messages/faults.*.json`; the lint rule `vigie/faults` checks the names of its values. */
export type FaultCode = keyof typeof english

export type Fault = {
  readonly code: FaultCode
  /** The field or column that is wrong, where it is one. */
  readonly path?: string
  readonly values?: FaultValues
}

/** Why something was done or not: as a person or a library says it, or a fault. */
export type Reason = string | Fault

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

/** A reason as a fault: texts of libraries and of earlier versions have no code, and are shown as they are. */
export const asFault = (reason: Reason): Fault =>
  typeof reason === 'string' ? fault('asWritten', { text: reason }) : reason

/** The same fault, of a field or column. */
export const faultAt = (path: string, { code, values }: Fault): Fault & { readonly path: string } => ({
  code,
  path,
  ...(values && { values }),
})

/** Several faults as one, each behind its own path; the first `most` of them. */
export const several = (faults: readonly Fault[], most = 8): Fault => {
  const [first = asFault(''), ...others] = faults
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

/** The message of an error, for logs: English where fault-text.ts is loaded, which functions without texts do without. */
let describe = ({ code, path, values }: Fault): string =>
  [path, code, values && JSON.stringify(values)].filter(Boolean).join(' ')

/** The message that {@link FaultError} has. */
export const messageOfFault = (reason: Fault): string => describe(reason)

export const describeFaultsBy = (format: (fault: Fault) => string): void => {
  describe = format
}

export class FaultError extends Error {
  override name = 'FaultError'
  readonly fault: Fault

  constructor(reason: Fault, options?: ErrorOptions) {
    super(messageOfFault(reason), options)
    this.fault = reason
  }
}

/** A fault as the message of an issue of zod, which keeps nothing else of its author's. */
export const asMessage = (code: FaultCode, values?: FaultValues): string => JSON.stringify(fault(code, values))

/** The inverse of {@link asMessage}; undefined for a message of zod's own. */
export const ofMessage = (message: string): Fault | undefined =>
  message.startsWith('{"code":') ? (JSON.parse(message) as Fault) : undefined

/** The fault of anything that was thrown; the text of an error of a library is shown as it is. */
export const faultOfThrown = (thrown: unknown): Fault =>
  thrown instanceof FaultError ? thrown.fault : asFault(thrown instanceof Error ? thrown.message : String(thrown))
