/** Replaces an account's name with an untraceable substitute when its holder asks to be forgotten. */
import { canonicalJson } from '../../core/text/canonical.ts'
import { accountName } from './pseudonym.ts'

type Forgotten = {
  readonly name: string | undefined
  readonly pseudonym: string
  /** Random, in the form of a pseudonym, so that the number of distinct accounts does not change. */
  readonly replacement: string
}

export type Redaction = {
  /** Redacts free text: mentions as `@name` or in an address. */
  text(text: string): string
  /** Redacts a detection or an account list as JSON: references and mentions. */
  json(json: string): string
  /** Redacts an unparsed record: every word equal to the name. */
  raw(text: string): string
  /** Finds the name as a word anywhere, or else the pseudonym. */
  foundIn(text: string): Spelling | undefined
}

export type Spelling = 'name' | 'pseudonym'

/** Not redacted: detections are stored and found under these keys. */
const foundBy = new Set(['id', 'partOf', 'accountSet', 'campaign', 'hashtags', 'fingerprints'])

const references = new Set(['accountRefs', 'coordinatedAccountRefs'])

const mark = '_'

/** Keeps the length, so that texts split into parts stay split at the same place. */
const blank = (found: string): string => mark.repeat(found.length)

export const redactionOf = ({ name, pseudonym, replacement }: Forgotten): Redaction => {
  const plain = name === undefined ? '' : accountName(name)
  const pseudonyms = (text: string) => text.replaceAll(pseudonym, replacement)
  const { mentions, words, isIn } = plain === '' ? nothing : namesIn(plain)
  const text = (found: string) => mentions(pseudonyms(found))
  /** Names occur here only with --keep-account-names. */
  const reference = (found: unknown): unknown => {
    if (typeof found !== 'string') return found
    return plain !== '' && accountName(found) === plain ? replacement : pseudonyms(found)
  }
  const within = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(within)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([field, one]) => {
        if (foundBy.has(field)) return [field, one]
        if (references.has(field)) return [field, (one as unknown[]).map(reference)]
        return [field, field === 'value' && 'type' in value && value.type === 'account' ? reference(one) : within(one)]
      }),
    )
  }
  return {
    text,
    json: (json) => {
      if (!json.includes(pseudonym) && !isIn(json)) return json
      const value: unknown = JSON.parse(json)
      return canonicalJson(Array.isArray(value) ? value.map(reference) : within(value))
    },
    raw: (found) => words(pseudonyms(found)),
    foundIn: (found) => {
      if (isIn(found) && words(found) !== found) return 'name'
      return found.includes(pseudonym) ? 'pseudonym' : undefined
    },
  }
}

const asItIs = (text: string): string => text
const nothing = { mentions: asItIs, words: asItIs, isIn: () => false }

const namesIn = (plain: string) => {
  const word = spelt(plain)
  const ends = '(?![\\p{L}\\p{N}_-])'
  const mention = new RegExp(`(?<![\\p{L}\\p{N}_.-])@${word}${ends}`, 'giu')
  // A file of that name, such as name.html, is no account.
  const inAddress = new RegExp(`(?<=/@?)${word}${ends}(?!\\.[\\p{L}\\p{N}])`, 'giu')
  // A letter before the name may end an escape of JSON or an address: \n, \u0040, %2F.
  const begins = '(?:(?<![\\p{L}\\p{N}_-])|(?<=\\\\[bfnrt]|\\\\u[0-9a-f]{4}|%[0-9a-f]{2}))'
  const anywhere = new RegExp(`${begins}${word}${ends}`, 'giu')
  const somewhere = new RegExp(word, 'iu')
  return {
    mentions: (text: string) => text.replace(mention, blank).replace(inAddress, blank),
    words: (text: string) => text.replace(anywhere, blank),
    isIn: (text: string) => somewhere.test(text),
  }
}

/** Returns a pattern for every form in texts, JSON and addresses. */
const spelt = (plain: string): string => (plain.match(/\\+|./gsu) ?? []).map(speltSign).join('')

const speltSign = (sign: string): string => {
  if (/^\w$/.test(sign)) return sign
  if (sign === ' ') return '(?:\\s+|%20|\\+)'
  // Matches a run of backslashes as a whole: one or two for each would make backtracking explode.
  if (sign.startsWith('\\')) return `\\\\{${sign.length},${2 * sign.length}}`
  const forms = [sign, sign.toUpperCase()].flatMap((one) => [one.normalize('NFC'), one.normalize('NFD')])
  const spellings = forms.flatMap((form) => [
    ...[form, JSON.stringify(form).slice(1, -1), escaped(form), percent(form)],
    // As reports print addresses.
    `[${form}]`,
  ])
  return `(?:${[...new Set(spellings)].map((one) => RegExp.escape(one)).join('|')})`
}

/** Escapes as ASCII-only JSON does. */
const escaped = (text: string): string =>
  text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** encodeURIComponent throws on a lone surrogate. */
const percent = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : text)
