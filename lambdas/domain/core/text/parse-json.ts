import { FaultError, fault, type Fault, quoted } from '../fault.ts'
import { messageOf } from './thrown.ts'

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Parses JSON with an error that can be translated.
 * @throws FaultError `json.ends`, or `json.syntax` with the position, from 0
 */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FaultError(syntaxFault(text), { cause })
  }
}

const syntaxFault = (text: string): Fault => {
  if (!isWrong(text)) return fault('json.ends')
  let [sound, wrong] = [0, text.length]
  while (wrong - sound > 1) {
    const middle = Math.floor((sound + wrong) / 2)
    if (isWrong(text.slice(0, middle))) wrong = middle
    else sound = middle
  }
  const sign = /^[\p{L}\p{N}_]+|^./su.exec(text.slice(sound, sound + 40))?.[0] ?? ''
  return fault('json.syntax', { sign: quoted(sign), position: sound })
}

/** Checks whether no further text could make it JSON. V8 states this only in its message. */
const isWrong = (text: string): boolean => {
  try {
    JSON.parse(text)
    return false
  } catch (error) {
    const message = messageOf(error)
    const [, position] = / at position (\d+)/.exec(message) ?? []
    return !/end of JSON|Unterminated/.test(message) && Number(position ?? -1) < text.length
  }
}
