/** Texts of detections and notes as anything may show them. */
import { defangText } from './defang.ts'

/**
 * Marks that turn or isolate the words after them, and code points that stand for no character, so that no font has
 * them.
 */
const unfit = /(?<turning>[\u202a-\u202e\u2066-\u2069])|[\p{Co}\p{Cn}]/gu

/** Up to here every code point is a character, and in its order. */
const plain = /^[\0-\u0377]*$/

/**
 * The text with its addresses defanged, in one direction, and drawn by some font: a mark that turns what follows would
 * turn our own words and figures too, and a character that is none would hold the report back.
 */
export const harmless = (text: string): string => {
  const defanged = defangText(text)
  return plain.test(defanged)
    ? defanged
    : defanged.replace(unfit, (_, turning?: string) => (turning === undefined ? '\ufffd' : ''))
}
