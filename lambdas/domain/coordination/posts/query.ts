import * as z from 'zod'
import { asMessage, FaultError } from '../../core/fault.ts'
import { markings } from '../../core/marking.ts'
import { type TerritoryCode, territories } from '../../core/place/territory.ts'
import { refusalOf } from '../../core/schema-fault.ts'
import { zoneSchema } from '../../core/time/zone.ts'

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
  'source_account',
] as const

export const postMappingSchema = z
  .strictObject({
    columns: z
      .record(z.string(), z.enum(postColumnNames, asMessage('schema.oneOf', { options: postColumnNames.join(', ') })))
      .default({})
      .describe('What a column holds, by its heading'),
    zone: zoneSchema.optional().describe('The zone of times without an offset; without it, they are not used'),
  })
  .describe('mapping.json, for vigie detect --map')

export type PostMapping = z.output<typeof postMappingSchema>

export const affiliationsSchema = z.record(z.string().min(1), z.array(z.string().min(1)))

/** Empty where posts come from one query only. */
const queryNameSchema = z
  .string()
  .trim()
  .max(60, asMessage('query.nameTooLong', { max: 60 }))
  .regex(/^\P{C}*$/u, asMessage('query.nameHidden'))

/** @throws Error for an invalid name */
export const queryNameOf = (written: string): string => {
  const read = queryNameSchema.safeParse(written)
  if (read.success) return read.data
  throw new FaultError(refusalOf(read.error))
}

const codes = territories.map(({ code }) => code) as [TerritoryCode, ...TerritoryCode[]]

/** By query name, as the folder in the drop bucket. */
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
