/** Helpers by which dates, ids and markings break where they may, and nowhere inside. */
import Handlebars from 'handlebars'

const { SafeString, escapeExpression } = Handlebars

/** An id, a week or a day with a hyphen, at which a browser would break it. */
const isId = (word: string): boolean => word.length <= 40 && /^[\w:[\]]+(-+[\w:[\]]+)+$/.test(word) && /\d/.test(word)

/** Longer than any word or figure of ours: where a source's word is, its cell would grow beyond the page. */
const endless = /\S{25,}/gu

const day = '\\d{1,2}(?:er)?'
const month = '\\p{L}{3,12}\\.?'
const date = `(?:${day}\u00a0${month}(?:\u00a0\\d{4})?|${month}\u00a0\\d{4})`
const clock = '\\d{2}(?:\u00a0h\u00a0|:)\\d{2}'
const moment = `${date}(?:, ${clock})?`
const dash = '(?:\u00a0– |–)'
/** A day, a month, an instant, or a range of these, as `Wording` writes them: bound by no-break spaces. */
const whenever = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:(?:${moment}|${day})${dash}(?:${moment}|${clock})|${moment})(?![\\p{L}\\p{N}])`,
  'gu',
)

/**
 * A cell may break a word that is wider than it is, and a no-break space does not keep it from that: so a date is a run
 * of its own.
 */
const unbreakable = (written: string): string => {
  const [first, ...rest] = written.split(/(?<=, )|(?<=–) ?/u)
  if (rest.length === 0) return `<span class="date">${written}</span>`
  const isSpaced = written.includes('– ')
  const runs = [first ?? '', ...rest].map((run) => `<span class="date">${run.trimEnd()}</span>`)
  return `<span class="dates">${runs.join(isSpaced || !written.includes('–') ? ' ' : '')}</span>`
}

const withDates = (text: string): string => escapeExpression(text).replace(whenever, unbreakable)

export const narrowCells = {
  /**
   * Text with dates, of which none breaks inside: a range breaks after its dash, an instant after its comma, and only
   * where it is wider than its column. A source's words may be one without an end: it breaks.
   */
  dated: (text: string) =>
    new SafeString(
      withDates(text).replace(endless, (word) => (/[<>]/.test(word) ? word : `<span class="endless">${word}</span>`)),
    ),
  /** The same of a sentence, which breaks its longest words by itself. */
  datesIn: (text: string) => new SafeString(withDates(text)),
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
