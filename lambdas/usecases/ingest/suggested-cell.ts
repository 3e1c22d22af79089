import type { Fault } from '../../domain/core/fault.ts'
import { nearestOf } from '../../domain/core/text/nearest.ts'
import { readsAs } from '../../intake/csv/columns.ts'

const longest = 200

/** What an unreadable cell may mean: a text that its field reads. */
export const suggestedCell = (name: string, cell: string, { code, values = {} }: Fault): string | undefined => {
  if (cell.length > longest || code === 'cell.ceiling') return undefined
  // A word may say that it counts something else.
  const numbers =
    name.startsWith('counts.') && !/\d\s*\p{L}{3}/u.test(cell) ? (cell.match(/\d(?:[\d\s.,]*\d)?/g) ?? []) : []
  return [
    ...(typeof values.meant === 'string' ? [values.meant] : []),
    ...(numbers.length === 1 ? numbers : []),
    ...(typeof values.options === 'string' ? nearestOf(cell, values.options.split(/[,()]\s*/)) : []),
  ].find(readsAs(name))
}
