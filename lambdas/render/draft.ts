/**
 * A document is drafted, and finished by what its draft tells. Where only digits in marked places differ, they are
 * filled in where the document stands: it is checked, sent and parsed once.
 */

/** A first print of a document, for who must know its sheets to write it. */
export type Draft = {
  /** Styles of the draft alone. */
  readonly css: string
  /**
   * The document that is to be printed, by the first one's draft: a PDF without tags and outline. It may be asked
   * again, where a browser died.
   */
  finished(draft: Uint8Array): string
}

/** Takes no room, breaks no line, and is in no text of ours. */
const mark = '\u2060'

const blank = /\u2060\d+\u2060/

/** A place for digits that the draft tells: with so much room as these digits take. */
export const blankFor = (digits: string): string => `${mark}${digits}${mark}`

/**
 * The digits, in the order of their places, that make a finished document of the drafted one; undefined where it
 * differs in anything else. A place may stay empty.
 */
export const fillsOf = (drafted: string, finished: string): readonly string[] | undefined => {
  const [first = '', ...pieces] = drafted.split(blank)
  if (!finished.startsWith(first)) return undefined
  const fills: string[] = []
  let at = first.length
  for (const piece of pieces) {
    const [fill = ''] = /^\d*/.exec(finished.slice(at, at + maxDigits)) ?? []
    if (!finished.startsWith(piece, at + fill.length)) return undefined
    fills.push(fill)
    at += fill.length + piece.length
  }
  return at === finished.length ? fills : undefined
}

const maxDigits = 8

/**
 * A script that fills them in, and says whether it did: it changes nothing where the places that show as text are not
 * as many, since some are in an attribute or a comment.
 */
export const fillingScript = (fills: readonly string[]): string => `(() => {
  const blank = ${blank}
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT)
  const found = []
  while (walker.nextNode()) if (blank.test(walker.currentNode.data)) found.push(walker.currentNode)
  const fills = ${JSON.stringify(fills)}
  const places = found.reduce((sum, { data }) => sum + data.split(blank).length - 1, 0)
  if (places !== fills.length) return false
  for (const node of found) node.data = node.data.split(blank).reduce((text, piece) => text + fills.shift() + piece)
  return true
})()`
