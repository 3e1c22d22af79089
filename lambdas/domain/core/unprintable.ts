/** What a line of text may not hold; by itself, since whoever prints a line may need no schema. */

/** Controls, halves of characters, private use, line ends, and marks that turn the reading direction; joiners and flags' tags may stay. */
export const unprintable = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{Cf}/u
