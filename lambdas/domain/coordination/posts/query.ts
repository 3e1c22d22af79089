/** What posts were asked for by: the name of a query, and what an organisation says of the posts that it brings. */
import * as z from 'zod'
import { markings } from '../../core/marking.ts'
import { type TerritoryCode, territories } from '../../core/place/territory.ts'
import { zoneSchema } from '../../core/time/zone.ts'

/** The columns of a table of posts. */
export const postColumnNames = [
  'id',
  'account',
  'time',
  'text',
  'platform',
  'language',
  'object',
  'repost_of',
  'reply_to',
  'urls',
  'hashtags',
] as const

export const postMappingSchema = z
  .strictObject({
    columns: z
      .record(z.string(), z.enum(postColumnNames, `must be one of ${postColumnNames.join(', ')}`))
      .default({})
      .describe('What a column holds, by its heading'),
    zone: zoneSchema.optional().describe('The zone of times without an offset; without it, they are not used'),
  })
  .describe('mapping.json, for vigie detect --map')

export type PostMapping = z.output<typeof postMappingSchema>

/** Accounts by the name of what they have declared to belong to. */
export const affiliationsSchema = z.record(z.string().min(1), z.array(z.string().min(1)))

/** Empty where posts come from one query only. */
const queryNameSchema = z
  .string()
  .trim()
  .max(60, 'a name has at most 60 characters')
  .regex(/^\P{C}*$/u, 'a name has no character that does not show')

/** @throws Error that says what is wrong with the name */
export const queryNameOf = (written: string): string => {
  const read = queryNameSchema.safeParse(written)
  if (read.success) return read.data
  throw new Error(read.error.issues[0]?.message)
}

const codes = territories.map(({ code }) => code) as [TerritoryCode, ...TerritoryCode[]]

/** By the query's name, as its folder in the drop bucket has it. */
export const queriesSchema = z.record(
  queryNameSchema.min(1),
  z.strictObject({
    territories: z
      .array(z.enum(codes))
      .min(1)
      .optional()
      .describe('What its posts are of: candidates are placed there'),
    marking: z.enum(markings).optional().describe('Of candidates and of the run; AMBER where it is left out'),
    map: postMappingSchema.optional().describe('What its columns hold'),
    affiliations: affiliationsSchema.optional().describe('Accounts that have declared that they act together'),
  }),
)
