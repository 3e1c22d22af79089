/** Names compared as readers compare them: whatever the accents, the case, the hyphens and the kind of apostrophe. */

/** Marks on Latin, Greek and Cyrillic letters. Vowel signs of other scripts make other words, and stay. */
const accents = /[\u0300-\u036f]/g

const ligatures: Readonly<Record<string, string>> = { œ: 'oe', æ: 'ae' }

/** Lower-case words with one space between them; empty where the text has no letter and no digit. */
export const folded = (text: string): string =>
  lettersOf(text)
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()

/** The same letters with what stands between the words as it is: whatever {@link folded} holds as one word is in it. */
export const lettersOf = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex -- ASCII has no accents, and is most of a text.
    .replace(/[^\x00-\x7f]+/g, (letters) => letters.normalize('NFKD').replace(accents, ''))
    .toLowerCase()
    .replace(/[œæ]/g, (letter) => ligatures[letter] ?? letter)
