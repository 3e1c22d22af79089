/** What a line of text may not hold. In a file of its own, since printing a line needs no schema. */

/**
 * Controls, halves of characters, private use, line ends, and marks that turn the reading direction; joiners and flags'
 * tags may stay.
 */
export const unprintable = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{Cf}/u
