import * as z from 'zod'
import { asMessage, type Fault, fault } from '../fault.ts'
import { unprintable } from './unprintable.ts'

/** A fast test that nearly every line passes. */
const plainLine =
  /^[!-~\u00a1-\u00ac\u00ae-\u05ff\u2010-\u2027\u2030-\u205e][ -~\u00a0-\u00ac\u00ae-\u05ff\u2010-\u2027\u202f-\u205e]*$/

const wrongInLine = (value: string, longest: number): Fault | undefined => {
  if (value.length <= longest && plainLine.test(value)) return undefined
  if (value.trim() === '') return fault('text.empty')
  if ([...value.slice(0, 4 * longest)].length > longest) return fault('text.tooLong', { max: longest })
  return unprintable.test(value) ? fault('text.unprintable') : undefined
}

export const printable = (longest: number) =>
  z.string().refine((value) => wrongInLine(value, longest) === undefined, {
    error: ({ input }) => JSON.stringify(wrongInLine(String(input), longest)),
  })

export const maxNameChars = 300
export const nameSchema = printable(maxNameChars)

// oxlint-disable-next-line no-control-regex -- it is these that a text must not hold
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/

/** Blanks and invisible characters. */
const nothingShown = /^[\s\p{Default_Ignorable_Code_Point}\p{Cf}\u2800]*$/u

const wrongInText = (value: string): Fault | undefined => {
  if (nothingShown.test(value)) return fault('text.empty')
  return controls.test(value) || !value.isWellFormed() ? fault('text.controlCharacters') : undefined
}

export const textSchema = z
  .string()
  .max(20_000, asMessage('text.tooLong', { max: 20_000 }))
  .refine((value) => wrongInText(value) === undefined, {
    error: ({ input }) => JSON.stringify(wrongInText(String(input))),
  })
