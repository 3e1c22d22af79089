/** Text as a terminal may have it: what it would obey, or not show, is written out. */
import { unprintable } from '../../../lambdas/domain/core/text/unprintable.ts'

const unseen = new RegExp(unprintable, 'gu')

const writtenOut = (sign: string): string =>
  Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

/** One line, whatever the text holds. JSON stays JSON, of the same value: the signs are written as it writes them. */
export const inOneLine = (text: string): string => text.replace(unseen, writtenOut)

/** Lines of a message: those after the first are indented, so that none can pass for another message. */
export const asMessage = (text: string): string => text.split('\n').map(inOneLine).join('\n  ')

/**
 * A text in lines of so many characters, broken between words alone: one that is longer stays whole.
 * @param first what the first line begins with
 * @param below what the others begin with
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

/** Who was faster, where that is known. */
export const byWhom = (who: string | undefined): string => (who === undefined ? '' : `, by ${who}`)

/** A message on standard error. */
export const say = (message: string): void => {
  process.stderr.write(`${asMessage(message)}\n`)
}
