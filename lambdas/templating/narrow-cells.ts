/** How dates, ids and markings break where they may, and nowhere inside. */
import Handlebars from 'handlebars'

const { SafeString, escapeExpression } = Handlebars

/** An id, a week or a day with a hyphen, at which a browser would break it. */
const isId = (word: string): boolean => word.length <= 40 && /^[\w:[\]]+(-+[\w:[\]]+)+$/.test(word) && /\d/.test(word)

/** Longer than any word or figure of ours: where a source's word is, its cell would grow beyond the page. */
const endless = /\S{25,}/gu

const bound = '[\u00a0\u202f]'
const day = '\\d{1,2}(?:er)?'
const month = '\\p{L}{3,12}\\.?'
const date = `(?:${day}${bound}${month}(?:${bound}\\d{4})?|${month}${bound}\\d{4})`
const clock = `\\d{2}(?:${bound}h${bound}|:)\\d{2}`
const moment = `(?:${date}(?:, ${clock})?|${clock})`
const dash = '(?:\u00a0– |–)'
/**
 * A day, a month, an hour, an instant, or a range of these, as `Wording` writes them: bound by no-break spaces. With
 * the marks beside it, which a line may neither end nor begin with.
 */
const whenever = new RegExp(
  `(?:[(\\[]|«${bound})?(?<![\\p{L}\\p{N}])(?:(?:${moment}|${day}|${month})${dash}${moment}|${moment})(?![\\p{L}\\p{N}])(?:${bound}?[)\\].,;:!?…»])*`,
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

/** Elements whose text is no text of a page, or draws itself; tags; and what stands between them. */
const pieces = /<(style|script|title|svg|select|datalist|textarea)\b[\s\S]*?<\/\1>|<[^>]*>|[^<]+/g

/**
 * A page in which no date breaks inside, wherever a template prints one: a range breaks after its dash, an instant
 * after its comma, and in a cell only where it is wider than its column.
 */
export const withWholeDates = (html: string): string =>
  html.replace(pieces, (piece) => (piece.startsWith('<') ? piece : piece.replace(whenever, unbreakable)))

export const narrowCells = {
  /** A source's words may be one without an end: it breaks. */
  breaking: (text: string) =>
    new SafeString(escapeExpression(text).replace(endless, (word) => `<span class="endless">${word}</span>`)),
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
