/** How long a record may be, and how much is kept of one that cannot be stored; in bytes. */

/** A record of more than this is no detection. */
export const maxLineBytes = 8 * 1024 * 1024

/** So much is kept of a record that cannot be stored. */
export const keptOfLongBytes = 64 * 1024
