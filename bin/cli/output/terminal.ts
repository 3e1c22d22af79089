/** Escapes characters that a terminal would execute or hide. */
import { unprintable } from '../../../lambdas/domain/core/text/unprintable.ts'

const unseen = new RegExp(unprintable, 'gu')

const writtenOut = (sign: string): string =>
  Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

/** Escapes as JSON does, so that JSON keeps its value. */
export const inOneLine = (text: string): string => text.replace(unseen, writtenOut)

/** Indents lines after the first, so that none can pass for another message. */
export const asMessage = (text: string): string => text.split('\n').map(inOneLine).join('\n  ')

/**
 * Wraps a text between words. A longer word stays whole.
 * @param first prefix of the first line
 * @param below prefix of the others
 */
export const wrapped = (text: string, width: number, first = '', below = first): readonly string[] => {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`${last === undefined ? first : below}${word}`)
  }
  return lines
}

export const byWhom = (who: string | undefined): string => (who === undefined ? '' : `, by ${who}`)

/** Prints to standard error. */
export const say = (message: string): void => {
  process.stderr.write(`${asMessage(message)}\n`)
}
