import { FaultError, fault, type Fault, quoted } from '../fault.ts'
import { messageOf } from './thrown.ts'

/** Longer texts are not repeated in an error. */
const shownChars = 60

/**
 * JSON.parse, with an error that has a translation.
 * @throws FaultError `json.ends`; `json.syntax` with the position, from 0; or `json.syntaxIn` with a short text
 */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FaultError(syntaxFault(text, messageOf(cause)), { cause })
  }
}

/** V8 tells where in its message alone, and not in each. */
const syntaxFault = (text: string, message: string): Fault => {
  if (/end of JSON|Unterminated/.test(message)) return fault('json.ends')
  const [, digits] = / at position (\d+)/.exec(message) ?? []
  if (digits === undefined) return fault('json.syntaxIn', { text: quoted(text.slice(0, shownChars)) })
  const position = Number(digits)
  if (position >= text.trimEnd().length) return fault('json.ends')
  return fault('json.syntax', { sign: quoted(String.fromCodePoint(text.codePointAt(position) ?? 0)), position })
}
