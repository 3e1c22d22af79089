/** A separate file, so that printing a line loads no schema. */

/** Joiners and the tags of flags are allowed. */
export const unprintable = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{Cf}/u
