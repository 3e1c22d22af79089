/** Makes names comparable: ignores accents, case, hyphens and the kind of apostrophe. */

/**
 * Accents on Latin, Greek and Cyrillic letters, optional Arabic signs, and zero-width characters. Vowel signs of other
 * scripts change the word and are kept.
 */
const unseen = /[\u0300-\u036f\u064b-\u0655\u0670]|[\u0621\u0640]|[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

const plainly: Readonly<Record<string, string>> = {
  ...{ œ: 'oe', æ: 'ae', ß: 'ss', þ: 'th' },
  ...{ ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ı: 'i', ٱ: 'ا' },
}

/** Returns lower-case words separated by one space; empty if the text has no letter or digit. */
export const folded = (text: string): string =>
  lettersOf(text)
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()

/** Normalises letters but keeps what is between words. */
export const lettersOf = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex -- ASCII has no accents, and is most of a text.
    .replace(/[^\x00-\x7f]+/g, (letters) => letters.normalize('NFKD').replace(unseen, ''))
    .toLowerCase()
    .replace(/[œæßþøłđðħıٱ]/g, (letter) => plainly[letter] ?? letter)

/** Finds a folded word faster than by normalising every text. May return false positives, never false negatives. */
export const mayHold = (word: string): ((text: string) => boolean) => {
  const usual = usualLetters()
  const anyOf = (letter: string) =>
    `[${usual.map(({ written, letters }) => (letters.includes(letter) ? coded(written) : '')).join('')}]`
  const parts = partsOf(word, usual).map((part) => new RegExp([...part].map(anyOf).join('')))
  const isUnusual = unusualIn(usual)
  return (text) => parts.every((part) => part.test(text)) || (isUnusual(text) && lettersOf(text).includes(word))
}

/** V8 skips the regex for one-byte strings, and finds the soft hyphen faster as a string than in a class. */
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
 * Visible characters of French and English: Latin-1, ligatures, and the quotes, dashes and spaces of U+2010 to U+205E.
 */
const usualLetters = (): readonly UsualLetter[] => {
  const codes = [...rangeOf(0x00, 0xff), 0x152, 0x153, ...rangeOf(0x2010, 0x205e)]
  const all = codes
    .map((code) => String.fromCharCode(code))
    .map((written) => ({ written, letters: lettersOf(written) }))
  // Characters that normalise to nothing, such as soft hyphens, may occur anywhere in a word.
  return all.filter(({ letters }) => letters !== '')
}

const rangeOf = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at)

const coded = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Splits a word between letters that a ligature such as œ combines, so that the ligature matches in both parts. */
const partsOf = (word: string, usual: readonly UsualLetter[]): readonly string[] => {
  const isOne = (pair: string) => usual.some(({ letters }) => letters.includes(pair))
  return [...word].reduce<string[]>((parts, letter) => {
    const before = parts.at(-1)?.at(-1)
    if (before === undefined || isOne(before + letter)) parts.push(letter)
    else parts.push(`${parts.pop()}${letter}`)
    return parts
  }, [])
}
