/** Byte values; equal to character codes in ASCII text. */

export const newline = 0x0a
export const quote = 0x22
export const comma = 0x2c
export const colon = 0x3a
export const openingBracket = 0x5b
export const backslash = 0x5c
export const closingBracket = 0x5d
export const openingBrace = 0x7b
export const closingBrace = 0x7d

/** Returns 1 at each byte: a faster lookup than a list. */
export const tableOf = (bytes: readonly number[]): Uint8Array => {
  const table = new Uint8Array(256)
  for (const byte of bytes) table[byte] = 1
  return table
}
