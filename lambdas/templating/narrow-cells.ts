/** How dates, places, ids and markings break where they may, and nowhere inside. */
import Handlebars from 'handlebars'
import { territories } from '../domain/core/place/territory.ts'

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

/** A longer one is wider than a narrow cell: it breaks at its hyphens. */
const maxPlaceChars = 14

const places = [...new Set(territories.flatMap(({ name, town }) => [name.fr, name.en, town.fr, town.en]))].filter(
  (name) => name.includes('-') && name.length <= maxPlaceChars,
)

/** The name of a territory or of its town, at whose hyphen a browser would break it; no part of a longer name. */
const place = new RegExp(`(?<![\\p{L}\\p{N}-])(?:${places.join('|')})(?![\\p{L}\\p{N}-])`, 'gu')

/**
 * A sign before which French has a space, as it stands in a source's text: it stays on the line of its word.
 *
 * @param text without tags
 */
export const boundSigns = (text: string): string =>
  text
    .replace(/(?<=\S) +(?=[?!;»]+(?![\p{L}\p{N}]))/gu, '\u202f')
    .replace(/(?<=\S) +(?=:(?:\s|$))/gu, '\u00a0')
    .replace(/« +/g, '«\u202f')

/** Elements whose text is no text of a page, or draws itself. */
const apart = ['style', 'script', 'title', 'svg', 'select', 'datalist', 'textarea']

/** Such elements; tags; and what stands between them. */
const piecesBut = (elements: readonly string[]): RegExp =>
  new RegExp(String.raw`<(${elements.join('|')})\b[\s\S]*?<\/\1>|<[^>]*>|[^<]+`, 'g')

const pieces = piecesBut(apart)
/** A reader copies what stands in these, so its signs stay as they are. */
const uncopied = piecesBut([...apart, 'pre', 'code'])

const inText = (html: string, parts: RegExp, change: (text: string) => string): string =>
  html.replace(parts, (piece) => (piece.startsWith('<') ? piece : change(piece)))

/** HTML in which no sign goes to the next line without its word. */
export const withBoundSigns = (html: string): string => inText(html, uncopied, boundSigns)

/**
 * A page in which no date, place or sign is torn off, wherever a template prints one: a range breaks after its dash, an
 * instant after its comma, and in a cell only where it is wider than its column.
 */
export const withWholeWords = (html: string): string =>
  inText(withBoundSigns(html), pieces, (text) =>
    text.replace(whenever, unbreakable).replace(place, (name) => `<span class="place">${name}</span>`),
  )

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
