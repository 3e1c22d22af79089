import * as z from 'zod'
import { anyOf, asMessage, type Fault, fault, faultAt, inFile, quoted } from '../../domain/core/fault.ts'
import { refusalOf } from '../../domain/core/schema-fault.ts'
import { zoneSchema } from '../../domain/core/time/zone.ts'
import { codesAmong, noTerritory } from '../../domain/detection/gazetteer.ts'
import { FileError } from '../record/file-error.ts'
import type { IntakeOptions } from '../record/record.ts'
import { dateOrders } from '../table/cell-dates.ts'
import { CellError, listSigns } from '../table/cells.ts'
import { type Field, type Form, fieldNamed, fieldsMeant } from './fields.ts'

const fieldName = z.string().refine((name) => fieldNamed(name) !== undefined, {
  error: ({ input }) => {
    const name = quoted(String(input))
    const meant = fieldsMeant(String(input))
    return meant.length === 0
      ? asMessage('mapping.noField', { name })
      : asMessage('mapping.noFieldMeant', { name, meant: anyOf(meant) })
  },
})

const mappingSchema = z
  .strictObject({
    columns: z
      .record(z.string(), z.union([fieldName.transform((name) => [name]), z.array(fieldName), z.null()]))
      .default({})
      .describe('The field, or fields, that each column fills, by its heading; null: none, without a note about it'),
    constants: z
      .record(
        fieldName,
        z.union([
          z.string().transform((cell) => [cell]),
          z.number().transform((number) => [String(number)]),
          z.array(z.string()),
        ]),
      )
      .default({})
      .describe('The value of a field in rows whose own columns are empty for it, as written in a cell'),
    dates: z.enum(dateOrders).optional().describe('The order of dates such as 03/04/2024'),
    zone: zoneSchema.optional().describe('The zone of times without an offset; without it, only their day is kept'),
    midnight: z
      .enum(['day', 'instant'])
      .optional()
      .describe('Whether times at midnight UTC are days; instants where left out'),
    decimal: z.enum([',', '.']).optional().describe('The sign before decimals'),
    list: z.string().min(1).max(8).optional().describe('What parts the entries of a list in one cell'),
  })
  .describe('mapping.json, for --map')

export type Mapping = z.output<typeof mappingSchema>

export const plainMapping: Mapping = { columns: {}, constants: {} }

/** @throws FileError that names the file and the place */
export const parseMapping = (value: unknown, file: string): Mapping => {
  const read = mappingSchema.safeParse(value)
  if (!read.success) {
    throw new FileError(inFile(file, refusalOf(read.error)))
  }
  const form = formOf(read.data)
  for (const { field, cells } of constantsOf(read.data)) {
    const refuse = (reason: Fault) => new FileError(inFile(file, faultAt(`constants.${field.name}`, reason)))
    if (field.name === 'id' || field.name === 'revision') throw refuse(fault('mapping.sameInEachRow'))
    if (cells.length > 1 && !field.isList) throw refuse(fault('mapping.oneValue'))
    const [unread] = field.name === 'territories' ? codesAmong(cells).unread : []
    if (unread) throw refuse(noTerritory(unread.word))
    try {
      for (const cell of cells) field.read(cell, form)
    } catch (cause) {
      throw cause instanceof CellError ? refuse(cause.fault) : cause
    }
  }
  return read.data
}

export const constantsOf = ({
  constants,
}: Mapping): readonly { readonly field: Field; readonly cells: readonly string[] }[] =>
  Object.entries(constants).flatMap(([name, cells]) => {
    const field = fieldNamed(name)
    return field ? [{ field, cells }] : []
  })

export const formOf = (
  { decimal, list, dates = 'day/month/year', zone: itsZone, midnight }: Mapping,
  { pseudonym = (account: string) => account, now }: Pick<IntakeOptions, 'pseudonym' | 'now'> = {},
): Form => ({
  ...{ decimal, lists: listSigns(list), pseudonym },
  dates: { order: dates, zone: itsZone, midnight, today: now?.toISOString().slice(0, 10) },
})
