/** Names compared as readers compare them: whatever the accents, the case, the hyphens and the kind of apostrophe. */

/**
 * Marks on Latin, Greek and Cyrillic letters, and what Arabic may be written with or without: vowel signs, a hamza on
 * its letter or alone, and the stroke that lengthens a word. Vowel signs of other scripts make other words, and stay.
 * Nor does what has no width part a word, as a soft hyphen: nobody sees it.
 */
const unseen = /[\u0300-\u036f\u064b-\u0655\u0670]|[\u0621\u0640]|[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

/** Letters of their own, which people write by plain ones where they have no such key. */
const plainly: Readonly<Record<string, string>> = {
  ...{ œ: 'oe', æ: 'ae', ß: 'ss', þ: 'th' },
  ...{ ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ı: 'i', ٱ: 'ا' },
}

/** Lower-case words with one space between them; empty where the text has no letter and no digit. */
export const folded = (text: string): string =>
  lettersOf(text)
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()

/** The same letters with what stands between the words as it is: whatever {@link folded} holds as one word is in it. */
export const lettersOf = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex -- ASCII has no accents, and is most of a text.
    .replace(/[^\x00-\x7f]+/g, (letters) => letters.normalize('NFKD').replace(unseen, ''))
    .toLowerCase()
    .replace(/[œæßþøłđðħıٱ]/g, (letter) => plainly[letter] ?? letter)

/**
 * Whether a text may hold a folded word: false only where its {@link lettersOf} does not. Most texts are told by one
 * search for each word; to fold them all takes longer than to read them.
 */
export const mayHold = (word: string): ((text: string) => boolean) => {
  const usual = usualLetters()
  const anyOf = (letter: string) =>
    `[${usual.map(({ written, letters }) => (letters.includes(letter) ? coded(written) : '')).join('')}]`
  const parts = partsOf(word, usual).map((part) => new RegExp([...part].map(anyOf).join('')))
  const isUnusual = unusualIn(usual)
  return (text) => parts.every((part) => part.test(text)) || (isUnusual(text) && lettersOf(text).includes(word))
}

/**
 * Whether a text has other letters. V8 knows without reading that a text of one byte a letter has none beyond U+00FF,
 * and seeks the soft hyphen, the only other one, faster as a string than in a class.
 */
const unusualIn = (usual: readonly UsualLetter[]): ((text: string) => boolean) => {
  const known = usual.map(({ written }) => written)
  const within = rangeOf(0x00, 0xff)
    .map((code) => String.fromCharCode(code))
    .filter((letter) => !known.includes(letter))
  const beyond = new RegExp(
    `[^\\u0000-\\u00ff${known
      .filter((letter) => letter > '\u00ff')
      .map(coded)
      .join('')}]`,
  )
  return (text) => beyond.test(text) || within.some((letter) => text.includes(letter))
}

type UsualLetter = { readonly written: string; readonly letters: string }

/**
 * What French and English are written with: Latin-1, ligatures, and the quotes, dashes and spaces of U+2010 to U+205E,
 * as far as it shows.
 */
const usualLetters = (): readonly UsualLetter[] => {
  const codes = [...rangeOf(0x00, 0xff), 0x152, 0x153, ...rangeOf(0x2010, 0x205e)]
  const all = codes
    .map((code) => String.fromCharCode(code))
    .map((written) => ({ written, letters: lettersOf(written) }))
  // A word may hold any number of what is in no word, as soft hyphens.
  return all.filter(({ letters }) => letters !== '')
}

const rangeOf = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at)

const coded = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A word in parts, so that no usual letter, as œ, stands for the end of one and the beginning of the next. */
const partsOf = (word: string, usual: readonly UsualLetter[]): readonly string[] => {
  const isOne = (pair: string) => usual.some(({ letters }) => letters.includes(pair))
  return [...word].reduce<string[]>((parts, letter) => {
    const before = parts.at(-1)?.at(-1)
    if (before === undefined || isOne(before + letter)) parts.push(letter)
    else parts.push(`${parts.pop()}${letter}`)
    return parts
  }, [])
}
