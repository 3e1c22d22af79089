/** Helpers by which dates, ids and markings break in narrow cells where they may, and nowhere inside. */
import Handlebars from 'handlebars'

const { SafeString, escapeExpression } = Handlebars

/** An id, a week or a day with a hyphen, at which a browser would break it. */
const isId = (word: string): boolean => word.length <= 40 && /^[\w:[\]]+(-+[\w:[\]]+)+$/.test(word) && /\d/.test(word)

/** Longer than any word or figure of ours: where a source's word is, its cell would grow beyond the page. */
const endless = /\S{25,}/gu

export const narrowCells = {
  /** A date, or a time in its source's words: its year may stand below it, and nothing inside breaks but a word without an end. */
  dated: (text: string) =>
    new SafeString(
      escapeExpression(text.replace(/(?<=\p{L})\u00a0(?=\d{4}(?!\d))/gu, ' ')).replace(
        endless,
        (word) => `<span class="endless">${word}</span>`,
      ),
    ),
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
