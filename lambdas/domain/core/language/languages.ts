/** Separate from the wording, whose messages few functions need. */

export const languages = ['fr', 'en'] as const

export type Language = (typeof languages)[number]
