import IntlMessageFormat from 'intl-messageformat'
import english from '../../../templates/messages/faults.en.json' with { type: 'json' }
import { asFault, describeFaultsBy, eachOf, type Fault, type FaultValue, type Reason } from './fault.ts'
import type { Language } from './language/languages.ts'

type Style = {
  readonly language: Language
  readonly texts: Readonly<Record<string, string>>
  readonly colon: string
  readonly semicolon: string
  anyOf(names: readonly string[]): string
  quotation(text: string): string
}

/** Leaves out the fault's own path; nested faults keep theirs. */
export const faultFormatter = (style: Style): ((fault: Fault) => string) => {
  const formats = new Map<string, IntlMessageFormat>()
  const formatOf = (code: string): IntlMessageFormat => {
    const known = formats.get(code)
    if (known) return known
    const made = new IntlMessageFormat(style.texts[code] ?? code, style.language, undefined, { ignoreTag: true })
    formats.set(code, made)
    return made
  }
  const nested = (one: Fault): string =>
    (one.path && eachOf(one).length === 1 ? `${one.path}${style.colon}` : '') + text(one)
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
    if (code === 'asWritten') return String(values.text)
    const shown = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value)]))
    return String(formatOf(code).format(shown))
  }
  return text
}

export const faultText = faultFormatter({
  language: 'en',
  texts: english,
  colon: ': ',
  semicolon: '; ',
  anyOf: (names) => names.join(' or '),
  quotation: (text) => JSON.stringify(text),
})

export const lineOf = (reason: Fault): string =>
  reason.path === undefined || reason.path === '' || eachOf(reason).length > 1
    ? faultText(reason)
    : `${reason.path} ${faultText(reason)}`

export const reasonText = (reason: Reason): string => lineOf(asFault(reason))

describeFaultsBy(lineOf)
