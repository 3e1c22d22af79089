import { defangText } from './defang.ts'

/** Bidirectional controls, and code points that no font has. */
const unfit = /(?<turning>[\u202a-\u202e\u2066-\u2069])|[\p{Co}\p{Cn}]/gu

/** Code points up to here are all assigned, and none controls direction. */
const plain = /^[\0-\u0377]*$/

/** A bidirectional control would reorder our words too; an unassigned code point would block the report. */
export const harmless = (text: string): string => {
  const defanged = defangText(text)
  return plain.test(defanged)
    ? defanged
    : defanged.replace(unfit, (_, turning?: string) => (turning === undefined ? '\ufffd' : ''))
}
