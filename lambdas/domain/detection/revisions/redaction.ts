/**
 * What an account's name is changed to where its holder asks to be forgotten: a stand-in that cannot be traced back.
 */
import { canonicalJson } from '../../core/text/canonical.ts'
import { accountName } from './pseudonym.ts'

/** Whom to forget. */
type Forgotten = {
  /** The account's name, where it was given by name. */
  readonly name: string | undefined
  /** What stands for it under the key. */
  readonly pseudonym: string
  /** What replaces it: of a pseudonym's form, made by chance, so that distinct accounts stay as many. */
  readonly replacement: string
}

export type Redaction = {
  /** Of text that people wrote: mentions as `@name` or in an address. */
  text(text: string): string
  /** Of a detection or a list of accounts as JSON: references, and mentions in its texts. */
  json(json: string): string
  /** Of a record that was never read: every word that is the name. */
  raw(text: string): string
}

/** What a detection is found by stays what it is: a key by which it was stored would lead nowhere. */
const foundBy = new Set(['id', 'partOf', 'accountSet', 'campaign', 'hashtags', 'fingerprints'])

/** Fields that hold names of accounts or their pseudonyms. */
const references = new Set(['accountRefs', 'coordinatedAccountRefs'])

const mark = '_'

/** Same length: what is cut into parts stays cut where it was. */
const blank = (found: string): string => mark.repeat(found.length)

export const redactionOf = ({ name, pseudonym, replacement }: Forgotten): Redaction => {
  const plain = name === undefined ? '' : accountName(name)
  const pseudonyms = (text: string) => text.replaceAll(pseudonym, replacement)
  const { mentions, words, isIn } = plain === '' ? nothing : namesIn(plain)
  const text = (found: string) => mentions(pseudonyms(found))
  /** A name is kept by --keep-account-names. */
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
  }
}

const asItIs = (text: string): string => text
const nothing = { mentions: asItIs, words: asItIs, isIn: () => false }

/** Where a name occurs, however it is spelt. */
const namesIn = (plain: string) => {
  const word = spelt(plain)
  const ends = '(?![\\p{L}\\p{N}_-])'
  const mention = new RegExp(`(?<![\\p{L}\\p{N}_.-])@${word}${ends}`, 'giu')
  // A page that is called so, such as name.html, is no account.
  const inAddress = new RegExp(`(?<=/@?)${word}${ends}(?!\\.[\\p{L}\\p{N}])`, 'giu')
  // What looks like a letter before it may end a sign that JSON or an address writes out: \n, \u0040, %2F.
  const begins = '(?:(?<![\\p{L}\\p{N}_-])|(?<=\\\\[bfnrt]|\\\\u[0-9a-f]{4}|%[0-9a-f]{2}))'
  const anywhere = new RegExp(`${begins}${word}${ends}`, 'giu')
  const somewhere = new RegExp(word, 'iu')
  return {
    mentions: (text: string) => text.replace(mention, blank).replace(inAddress, blank),
    words: (text: string) => text.replace(anywhere, blank),
    isIn: (text: string) => somewhere.test(text),
  }
}

/** A pattern of a name as texts, JSON and addresses write it: composed or not, plain or written out sign by sign. */
const spelt = (plain: string): string => (plain.match(/\\+|./gsu) ?? []).map(speltSign).join('')

const speltSign = (sign: string): string => {
  if (/^\w$/.test(sign)) return sign
  if (sign === ' ') return '(?:\\s+|%20|\\+)'
  // A run as a whole: sign by sign, each as one or two, a long run could be read in too many ways.
  if (sign.startsWith('\\')) return `\\\\{${sign.length},${2 * sign.length}}`
  const forms = [sign, sign.toUpperCase()].flatMap((one) => [one.normalize('NFC'), one.normalize('NFD')])
  const spellings = forms.flatMap((form) => [form, JSON.stringify(form).slice(1, -1), escaped(form), percent(form)])
  return `(?:${[...new Set(spellings)].map((one) => RegExp.escape(one)).join('|')})`
}

/** As programs write JSON that holds ASCII alone. */
const escaped = (text: string): string =>
  text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Half a character has no such form. */
const percent = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : text)
