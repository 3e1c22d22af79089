/**
 * Pseudonyms of accounts: a keyed hash stands for the name, the same in every file and period as long as the key is.
 */

import { createHmac, createSecretKey } from 'node:crypto'
import { plural } from '../../core/text/plural.ts'

/** A shorter key could be guessed, and with it the names. Bytes. */
const minKeyBytes = 16
/** Of a key that is made. */
export const keyBytes = 32

const prefix = 'acct-'
/** 96 bits: among a million accounts, two with one pseudonym are as good as impossible. */
const digits = 24

/** What a pseudonym looks like. */
export const pseudonymForm = new RegExp(`^${prefix}[0-9a-f]{${digits}}$`)

/**
 * The one spelling of an account's name: without spaces around and signs @ before, in Unicode's composed form and in
 * lower case, since platforms do not tell handles apart by case. Empty where there is nothing else.
 */
export const accountName = (account: string): string => {
  // Most handles are of such letters, and a list may hold a million.
  if (/^@?[\w.-]*$/.test(account)) return (account.startsWith('@') ? account.slice(1) : account).toLowerCase()
  const lower = account.normalize('NFC').toLowerCase().normalize('NFC')
  return lower
    .replace(/^[\s@]+/, '')
    .trimEnd()
    .replace(/\s+/g, ' ')
}

/**
 * What stands for an account's name under a key: `acct-` and 24 hexadecimal digits of its HMAC-SHA-256. A value of that
 * form stays what it is, so that what was pseudonymised is not so again.
 * @throws RangeError where the key is shorter than {@link minKeyBytes}
 */
export const pseudonymOf = (key: Uint8Array): ((account: string) => string) => {
  if (key.byteLength < minKeyBytes) {
    throw new RangeError(`a key for pseudonyms has at least ${minKeyBytes} bytes, this one has ${key.byteLength}`)
  }
  const secret = createSecretKey(key)
  return (account) => {
    const name = accountName(account)
    if (pseudonymForm.test(name)) return name
    return `${prefix}${createHmac('sha256', secret).update(name).digest('hex').slice(0, digits)}`
  }
}

/** The key cannot be used. The message says where it is looked for and what to do, and never what it is. */
export class PseudonymKeyError extends Error {
  override name = 'PseudonymKeyError'
}

/** A key as it is written, in hexadecimal. `where` is where it is, for people. @throws PseudonymKeyError */
export const pseudonymKey = (text: string, where: string): Uint8Array => {
  const written = text.trim()
  if (!/^(?:[0-9a-f]{2})*$/i.test(written)) {
    throw new PseudonymKeyError(
      `the key for pseudonyms in ${where} is not hexadecimal: write two digits 0-9 or a-f for each byte, as \`openssl rand -hex ${keyBytes}\` does`,
    )
  }
  const key = Buffer.from(written, 'hex')
  if (key.byteLength < minKeyBytes) {
    throw new PseudonymKeyError(
      `the key for pseudonyms in ${where} has ${plural(key.byteLength, 'byte')}, at least ${minKeyBytes} are needed: put the right key back; accounts under another one are no longer linked to those before`,
    )
  }
  return key
}
