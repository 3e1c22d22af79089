/** Helpers by which dates, ids and markings break in narrow cells where they may, and nowhere inside. */
import Handlebars from 'handlebars'

const { SafeString, escapeExpression } = Handlebars

/** An id, a week or a day with a hyphen, at which a browser would break it. */
const isId = (word: string): boolean => word.length <= 40 && /^[\w:[\]]+(-+[\w:[\]]+)+$/.test(word) && /\d/.test(word)

export const narrowCells = {
  /** A date: its year may stand below it, and nothing inside breaks. */
  dated: (text: string) => text.replace(/(?<=\p{L})\u00a0(?=\d{4}(?!\d))/gu, ' '),
  /** Text in which ids, such as `campaign-4379075e7f51`, go to the next line whole. */
  whole: (text: string) =>
    new SafeString(
      text
        .split(/([\s,()]+)/)
        .map((piece) =>
          isId(piece) ? `<span class="unbroken">${escapeExpression(piece)}</span>` : escapeExpression(piece),
        )
        .join(''),
    ),
  /** By which a figure's size follows its length. */
  lettersOf: (figure: string) => figure.length,
  /** `TLP:AMBER+STRICT` is wider than its column. */
  breakable: (marking: string) => marking.replace('+', '+\u200b'),
}
