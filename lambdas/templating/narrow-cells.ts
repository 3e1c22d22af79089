/** Controls where dates, places, ids and markings may break across lines. */
import Handlebars from 'handlebars'
import { territories } from '../domain/core/place/territory.ts'

const { SafeString, escapeExpression } = Handlebars

/** Matches hyphenated ids, weeks and days, which a browser would break. */
const isId = (word: string): boolean => word.length <= 40 && /^[\w:[\]]+(-+[\w:[\]]+)+$/.test(word) && /\d/.test(word)

const bound = '[\u00a0\u202f]'
const day = '\\d{1,2}(?:er)?'
const month = '\\p{L}{3,12}\\.?'
const date = `(?:${day}${bound}${month}(?:${bound}\\d{4})?|${month}${bound}\\d{4})`
const clock = `\\d{2}(?:${bound}h${bound}|:)\\d{2}`
const moment = `(?:${date}(?:, ${clock})?|${clock})`
const dash = '(?:\u00a0– |–)'
/** Matches a date, hour or range as `Wording` writes it, with no-break spaces and adjacent punctuation. */
const whenever = new RegExp(
  `(?:[(\\[]|«${bound})?(?<![\\p{L}\\p{N}])(?:(?:${moment}|${day}|${month})${dash}${moment}|${moment})(?![\\p{L}\\p{N}])(?:${bound}?[)\\].,;:!?…»])*`,
  'gu',
)

/** A cell may break a word wider than itself, even at a no-break space. */
const unbreakable = (written: string, wholeInstants: boolean): string => {
  if (wholeInstants && !written.includes('–')) return `<span class="date">${written}</span>`
  const [first, ...rest] = written.split(/(?<=, )|(?<=–) ?/u)
  if (rest.length === 0) return `<span class="date">${written}</span>`
  const isSpaced = written.includes('– ')
  const runs = [first ?? '', ...rest].map((run) => `<span class="date">${run.trimEnd()}</span>`)
  return `<span class="dates">${runs.join(isSpaced || !written.includes('–') ? ' ' : '')}</span>`
}

/** A longer name is wider than a narrow cell and may break at its hyphens. */
const maxPlaceChars = 14

const places = [...new Set(territories.flatMap(({ name, town }) => [name.fr, name.en, town.fr, town.en]))].filter(
  (name) => name.includes('-') && name.length <= maxPlaceChars,
)

/** Matches whole hyphenated names of territories and their towns, not parts of longer names. */
const place = new RegExp(`(?<![\\p{L}\\p{N}-])(?:${places.join('|')})(?![\\p{L}\\p{N}-])`, 'gu')

/**
 * Binds French punctuation with a leading space to its word.
 * @param text without tags
 */
export const boundSigns = (text: string): string =>
  text
    .replace(/(?<=\S) +(?=[?!;»]+(?![\p{L}\p{N}]))/gu, '\u202f')
    .replace(/(?<=\S) +(?=:(?:\s|$))/gu, '\u00a0')
    .replace(/« +/g, '«\u202f')

/** Elements whose text is not page text, or that render themselves. */
const apart = ['style', 'script', 'title', 'svg', 'select', 'datalist', 'textarea']

const piecesBut = (elements: readonly string[]): RegExp =>
  new RegExp(String.raw`<(${elements.join('|')})\b[\s\S]*?<\/\1>|<[^>]*>|[^<]+`, 'g')

const pieces = piecesBut(apart)
/** Readers copy the text of `pre` and `code`, so it stays unchanged. */
const uncopied = piecesBut([...apart, 'pre', 'code'])

const inText = (html: string, parts: RegExp, change: (text: string) => string): string =>
  html.replace(parts, (piece) => (piece.startsWith('<') ? piece : change(piece)))

export const withBoundSigns = (html: string): string => inText(html, uncopied, boundSigns)

/**
 * Keeps dates, places and punctuation unbroken. A range breaks after its dash, an instant after its comma; in a cell,
 * only if wider than the column. With `wholeInstants` an instant never breaks.
 */
export const withWholeWords = (html: string, { wholeInstants = false } = {}): string =>
  inText(withBoundSigns(html), pieces, (text) =>
    text
      .replace(whenever, (written) => unbreakable(written, wholeInstants))
      .replace(place, (name) => `<span class="place">${name}</span>`),
  )

export const narrowCells = {
  /** Keeps ids such as `campaign-4379075e7f51` on one line. */
  whole: (text: string) =>
    new SafeString(
      text
        .split(/([\s,()]+)/)
        .map((piece) =>
          isId(piece) ? `<span class="unbroken">${escapeExpression(piece)}</span>` : escapeExpression(piece),
        )
        .join(''),
    ),
  lettersOf: (figure: string) => figure.length,
  /** `TLP:AMBER+STRICT` is wider than its column. */
  breakable: (marking: string) => marking.replace('+', '+\u200b'),
}
