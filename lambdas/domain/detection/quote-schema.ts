import * as z from 'zod'
import { asMessage } from '../core/fault.ts'
import { sha256Schema } from '../core/text/hash.ts'
import { nameSchema as name, printable, textSchema } from '../core/text/printable.ts'
import { dated } from './attribution-schema.ts'
import { languageTag, marking } from './fields.ts'

const maxQuotes = 50
const maxTranslations = 20
const maxChars = 2_000

const words = textSchema.refine((text) => text.length <= maxChars, asMessage('text.tooLong', { max: maxChars }))

const translation = z.strictObject({
  language: languageTag,
  text: words,
  by: name.describe('Name of the translator, or of the program'),
  byMachine: z.boolean().optional().describe('A program translated it'),
  readOverBy: name.optional().describe('Reviewer of a machine translation'),
})

const quote = z.strictObject({
  text: words.describe('The original, letter by letter'),
  language: languageTag,
  languageScore: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe('How sure the recognition of the language is; left out where an analyst read it'),
  source: name.optional().describe('Where it was published: a platform, a channel'),
  date: dated.optional().describe('Of the post: a day, a month or a year'),
  archiveUrl: printable(4096).optional().describe('Address of a copy'),
  translations: z
    .array(translation)
    .max(maxTranslations, asMessage('translations.tooMany', { max: maxTranslations }))
    .default([]),
  marking: marking.optional().describe('TLP 2.0, where it is stricter than the detection’s'),
})

export const quotes = z
  .array(quote)
  .max(maxQuotes, asMessage('quotes.tooMany', { max: maxQuotes }))
  .describe('Posts that are quoted, with their translations')

export type Quote = z.output<typeof quote>

const maxPlates = 50

export const plateHashes = z
  .array(sha256Schema)
  .max(maxPlates, asMessage('plates.tooMany', { max: maxPlates }))
  .refine((hashes) => new Set(hashes).size === hashes.length, asMessage('plates.twice'))
  .describe('Evidence images (vigie plates), by the hash of the stored, masked picture')
