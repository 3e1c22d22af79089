import * as z from 'zod'
import { confidenceLevels } from '../core/estimates.ts'
import { asMessage, faultOfThrown } from '../core/fault.ts'
import { parseMarking } from '../core/marking.ts'
import { nameSchema as name, printable, textSchema as text } from '../core/text/printable.ts'

const maxLanguages = 100

export const languageTag = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, asMessage('language.tagSuch'))

const byLanguage = (one: ReturnType<typeof printable>, what: 'text' | 'name') =>
  z
    .record(languageTag, one)
    .refine((texts) => Object.keys(texts).length > 0, asMessage('language.none', { what }))
    .refine(
      (texts) => Object.keys(texts).length <= maxLanguages,
      asMessage('language.tooMany', { what, max: maxLanguages }),
    )

/** A text by language (BCP 47). The language of a bare string is not stated. */
const localisedBy = (one: typeof text) =>
  z
    .union([one.transform((bare): Record<string, string> => ({ und: bare })), byLanguage(one, 'text')])
    .describe('A text by language (BCP 47), or a bare string')

export const localised = localisedBy(text)

/** One or two sentences: reports print it on their first page. */
export const maxStatementChars = 500

const statementText = text.max(maxStatementChars, asMessage('text.tooLong', { max: maxStatementChars }))

const sourced = z.strictObject({ text: localisedBy(statementText), source: name.optional() })

/** A bare text has no source. */
export const statement = z.union([
  byLanguage(statementText, 'text').transform((texts): z.output<typeof sourced> => ({ text: texts })),
  statementText.transform((bare): z.output<typeof sourced> => ({ text: { und: bare } })),
  sourced,
])

const namedBy = (one: ReturnType<typeof printable>) =>
  z.union([one, byLanguage(one, 'name')]).describe('A name by language (BCP 47), or a bare string')

/** Stored as it was received. */
export const named = namedBy(name)

/** Limited to the length of an axis label. */
export const shortName = namedBy(printable(60))

export const day = z.iso.date(asMessage('day.such'))

export const orFault =
  <Written, Value>(read: (written: Written) => Value) =>
  (written: Written, context: z.RefinementCtx<Written>): Value => {
    try {
      return read(written)
    } catch (error) {
      context.issues.push({
        code: 'custom',
        input: written,
        message: JSON.stringify(faultOfThrown(error)),
      })
      return z.NEVER
    }
  }

export const marking = z.string().transform(orFault(parseMarking))

export const confidence = z.strictObject({
  level: z.enum(confidenceLevels).optional(),
  score: z.int().min(0).max(100).optional().describe('0 to 100, as some platforms give it'),
  source: name.optional().describe('Name of its author or program'),
  of: localised
    .optional()
    .describe('The one statement to which it belongs; left out where it is of the whole detection'),
  platformDefault: z.boolean().optional().describe('The source fills this value in by itself: no assessment'),
})
