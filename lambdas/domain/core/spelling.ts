/** Names compared as readers compare them: whatever the accents, the case, the hyphens and the kind of apostrophe. */

/** Marks on Latin, Greek and Cyrillic letters. Vowel signs of other scripts make other words, and stay. */
const accents = /[\u0300-\u036f]/g

const ligatures: Readonly<Record<string, string>> = { œ: 'oe', æ: 'ae' }

/** Lower-case words with one space between them; empty where the text has no letter and no digit. */
export const folded = (text: string): string => {
  // oxlint-disable-next-line no-control-regex -- ASCII has no accents to look for.
  const bare = /^[\x00-\x7f]*$/.test(text) ? text : text.normalize('NFKD').replace(accents, '')
  return bare
    .toLowerCase()
    .replace(/[œæ]/g, (letter) => ligatures[letter] ?? letter)
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()
}
