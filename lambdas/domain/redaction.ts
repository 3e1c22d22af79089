/** What an account's name is changed to where somebody asks to be forgotten: a stand-in that nothing leads to. */
import { accountName } from './pseudonym.ts'

/** Whom to forget. */
export type Forgotten = {
  /** The account's name, where it was given by name. */
  readonly name: string | undefined
  /** What stands for it under the key. */
  readonly pseudonym: string
  /** What stands there from now on: of a pseudonym's form, made by chance, so that distinct accounts stay as many. */
  readonly standIn: string
}

export type Redaction = {
  /** Of text or JSON that is kept for its figures: references, and mentions as `@name` or in an address. */
  stored(text: string): string
  /** Of a record that was never read: every word that is the name. */
  raw(text: string): string
}

const mark = '_'

/** Same length: what is cut into parts stays cut where it was. */
const blank = (found: string): string => mark.repeat(found.length)

export const redactionOf = ({ name, pseudonym, standIn }: Forgotten): Redaction => {
  const plain = name === undefined ? '' : accountName(name)
  const word = RegExp.escape(JSON.stringify(plain).slice(1, -1))
  const pseudonyms = (text: string) => text.replaceAll(pseudonym, standIn)
  if (plain === '') return { stored: pseudonyms, raw: pseudonyms }
  // A whole JSON string is a reference, kept under its own name by --keep-account-names.
  const reference = new RegExp(`"@?${word}"`, 'giu')
  const mention = new RegExp(`(?<![\\p{L}\\p{N}_.-])@${word}(?![\\p{L}\\p{N}_-])`, 'giu')
  const inAddress = new RegExp(`(?<=/@?)${word}(?=[/?#"\\s]|$)`, 'giu')
  const anywhere = new RegExp(`(?<![\\p{L}\\p{N}_-])${word}(?![\\p{L}\\p{N}_-])`, 'giu')
  const mentions = (text: string) => text.replace(mention, blank).replace(inAddress, blank)
  return {
    stored: (text) => mentions(pseudonyms(text).replace(reference, `"${standIn}"`)),
    raw: (text) => pseudonyms(text).replace(anywhere, blank),
  }
}
