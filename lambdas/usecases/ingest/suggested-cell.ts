import type { Fault } from '../../domain/core/fault.ts'
import { nearestOf } from '../../domain/core/text/nearest.ts'
import { fieldNamed } from '../../intake/csv/fields.ts'
import { formOf, plainMapping } from '../../intake/csv/mapping.ts'
import { dateIn } from '../../intake/table/cell-dates.ts'

const longest = 200

/** What an unreadable cell may mean: a text that its field reads. */
export const suggestedCell = (name: string, cell: string, { values = {} }: Fault, now: Date): string | undefined => {
  const field = fieldNamed(name)
  if (!field || cell.length > longest) return undefined
  const form = formOf(plainMapping)
  const reads = (text: string) => holds(() => field.read(text, form) !== undefined)
  const isPast = (text: string) => holds(() => dateIn(text, form.dates).text <= now.toISOString())
  const day = cell
    .trim()
    .replace(/^(?:le|the|on)\s+/i, '')
    .replace(/\.$/, '')
  const year = now.getUTCFullYear()
  const numbers = name.startsWith('counts.') ? (cell.match(/\d(?:[\d\s.,]*\d)?/g) ?? []) : []
  return [
    ...(typeof values.meant === 'string' ? [values.meant] : []),
    ...(field.isDate ? [year, year - 1].flatMap((own) => [`${day} ${own}`, `${day}/${own}`]).filter(isPast) : []),
    ...(numbers.length === 1 ? numbers : []),
    ...(typeof values.options === 'string' ? nearestOf(cell, values.options.split(/[,()]\s*/)) : []),
  ].find(reads)
}

const holds = (test: () => boolean): boolean => {
  try {
    return test()
  } catch {
    return false
  }
}
