/**
 * Completes a document from its own draft. Digits in marked places are filled in place, so that the document is parsed
 * once.
 */

export type Draft = {
  readonly css: string
  /** `draft` is a PDF without tags and outline. May be called again if a browser died. */
  finished(draft: Uint8Array): string
}

/** Zero width, no line break, and absent from our texts. */
const mark = '\u2060'

const blank = /\u2060\d+\u2060/

/** The place is as wide as these digits. */
export const blankFor = (digits: string): string => `${mark}${digits}${mark}`

/** Returns the digits that turn the draft into the finished document; undefined where anything else differs. */
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
 * The script returns false and changes nothing if places are missing in visible text: some are in attributes or
 * comments.
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
