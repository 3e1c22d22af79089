/** Errors, refusals and notes as data; their text is made at the edge, in the reader's language. */
import type english from '../../../templates/messages/faults.en.json'
import type { Language } from './language/languages.ts'

/** Messages: `templates/messages/faults.*.json`; the lint rule `vigie/faults` checks their values. */
export type FaultCode = keyof typeof english

export type Fault = {
  readonly code: FaultCode
  readonly path?: string
  readonly values?: FaultValues
}

/** Free text of an analyst or a library, or a fault. */
export type Reason = string | Fault

type FaultValues = Readonly<Record<string, FaultValue>>

/** Nested faults are joined by semicolons. */
export type FaultValue = string | number | Fault | readonly Fault[] | Quoted | Alternatives | Names

type Quoted = { readonly quoted: string | readonly string[] }

type Alternatives = { readonly anyOf: readonly (string | Names)[] }

type Names = Readonly<Record<Language, string>>

export const fault = (code: FaultCode, values?: FaultValues): Fault => ({ code, ...(values && { values }) })

export const quoted = (text: string | readonly string[]): Quoted => ({ quoted: text })

export const quotedIn = ({ values }: Fault, name: string): string => {
  const value = values?.[name]
  return typeof value === 'object' && 'quoted' in value && typeof value.quoted === 'string' ? value.quoted : ''
}

export const anyOf = (names: Alternatives['anyOf']): Alternatives => ({ anyOf: names })

/** Texts of libraries and earlier versions have no code. */
export const asFault = (reason: Reason): Fault =>
  typeof reason === 'string' ? fault('asWritten', { text: reason }) : reason

export const faultAt = (path: string, { code, values }: Fault): Fault & { readonly path: string } => ({
  code,
  path,
  ...(values && { values }),
})

/** Combines the first `most` faults into one, each with its path. */
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

export const inFile = (file: string, reason: Fault): Fault => {
  const { path = '', ...rest } = reason
  return path === '' || eachOf(reason).length > 1
    ? fault('file.wrong', { file, reason: rest })
    : fault('file.fieldWrong', { file, path, reason: rest })
}

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

/** Formats for logs; in English only where fault-text.ts is loaded, which functions without texts leave out. */
let describe = ({ code, path, values }: Fault): string =>
  [path, code, values && JSON.stringify(values)].filter(Boolean).join(' ')

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

/** zod keeps only an issue's message. */
export const asMessage = (code: FaultCode, values?: FaultValues): string => JSON.stringify(fault(code, values))

/** Undefined for zod's built-in messages. */
export const ofMessage = (message: string): Fault | undefined =>
  message.startsWith('{"code":') ? (JSON.parse(message) as Fault) : undefined

export const faultOfThrown = (thrown: unknown): Fault =>
  thrown instanceof FaultError ? thrown.fault : asFault(thrown instanceof Error ? thrown.message : String(thrown))
