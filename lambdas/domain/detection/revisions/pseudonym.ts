/** Account pseudonyms: a keyed hash of the name, equal in all files and periods under the same key. */

import { createHmac, createSecretKey } from 'node:crypto'
import { plural } from '../../core/text/plural.ts'

/** In bytes. A shorter key, and with it the names, could be guessed. */
const minKeyBytes = 16
/** Length of a generated key. */
export const keyBytes = 32

const prefix = 'acct-'
/** 96 bits: among a million accounts a collision is practically impossible. */
const digits = 24

export const pseudonymForm = new RegExp(`^${prefix}[0-9a-f]{${digits}}$`)

/**
 * Normalises an account name: no outer spaces, no leading @, NFC, lower case (platforms ignore the case of handles).
 */
export const accountName = (account: string): string => {
  // Fast path: a list may hold a million names, most of them plain.
  if (/^@?[\w.-]*$/.test(account)) return (account.startsWith('@') ? account.slice(1) : account).toLowerCase()
  const lower = account.normalize('NFC').toLowerCase().normalize('NFC')
  return lower
    .replace(/^[\s@]+/, '')
    .trimEnd()
    .replace(/\s+/g, ' ')
}

/**
 * Returns the pseudonym: `acct-` and 24 hexadecimal digits of the name's HMAC-SHA-256. Keeps a value of that form, so
 * that a pseudonym is not hashed again.
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

/** Parses a hexadecimal key. `where` names its location in messages. @throws Error */
export const pseudonymKey = (text: string, where: string): Uint8Array => {
  const written = text.trim()
  if (!/^(?:[0-9a-f]{2})*$/i.test(written)) {
    throw new Error(
      `the key for pseudonyms in ${where} is not hexadecimal: write two digits 0-9 or a-f for each byte, as \`openssl rand -hex ${keyBytes}\` does`,
    )
  }
  const key = Buffer.from(written, 'hex')
  if (key.byteLength < minKeyBytes) {
    throw new Error(
      `the key for pseudonyms in ${where} has ${plural(key.byteLength, 'byte')}, at least ${minKeyBytes} are needed: put the right key back; accounts under another one are no longer linked to those before`,
    )
  }
  return key
}
