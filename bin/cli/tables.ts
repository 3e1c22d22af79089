/** Tables for people: headed, without lines, and as wide as the terminal at most. */
import Table from 'cli-table3'
import { inOneLine } from './terminal.ts'

/** An ISO instant to the minute, with its zone. */
export const utcMinute = (instant: string): string => `${instant.slice(0, 16)}Z`

type Align = 'left' | 'right'

/** Spaces after a column. */
const gap = 2
/** A column that is made narrower keeps so many characters, unless it has fewer. */
const narrowest = 8

/** How wide a terminal is; what goes into a file or to another program is cut nowhere. */
const widthHere = (): number => Number(process.env.COLUMNS) || process.stdout.columns || Number.POSITIVE_INFINITY

/**
 * A line for the head and for each row; cells that do not fit go on below. Where there are too many columns for that,
 * each cell has a line of its own, after its heading. Without rows: *none*.
 */
export const plainTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligned: readonly Align[] = head.map(() => 'left'),
  width = widthHere(),
): readonly string[] => {
  if (rows.length === 0) return ['none']
  const cells = rows.map((row) => row.map(inOneLine))
  const room = width - gap * head.length
  const widths = fitted(
    head.map((heading, at) => Math.max(...[heading, ...cells.map((row) => row[at] ?? '')].map((cell) => cell.length))),
    room,
  )
  if (sumOf(widths) > room) return oneBelowTheOther(head, cells, width)
  const table = new Table({
    head: [...head],
    colAligns: [...aligned],
    colWidths: widths.map((one) => one + gap),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
    chars: Object.fromEntries(lines.map((line) => [line, ''])),
  })
  table.push(...cells.map((row) => row.map((cell, at) => wrapped(cell, widths[at] ?? cell.length))))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}

/** Rows with an empty line between them. */
const oneBelowTheOther = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] => {
  const indent = Math.max(...head.map((heading) => heading.length)) + gap
  const room = Math.max(width - indent, narrowest)
  return rows.flatMap((row, at) => [
    ...(at === 0 ? [] : ['']),
    ...head.flatMap((heading, column) =>
      wrapped(row[column] ?? '', room)
        .split('\n')
        .map((line, below) => `${(below === 0 ? heading : '').padEnd(indent)}${line}`.trimEnd()),
    ),
  ])
}

/** Between words, and within those that are too long. */
const wrapped = (cell: string, width: number): string => {
  if (cell.length <= width) return cell
  const lines: string[] = []
  let left = cell
  while (left.length > width) {
    const space = left.lastIndexOf(' ', width)
    const end = space > 0 ? space : width
    lines.push(left.slice(0, end))
    left = left.slice(end).trimStart()
  }
  return [...lines, left].join('\n')
}

const sumOf = (widths: readonly number[]): number => widths.reduce((all, one) => all + one, 0)

/** Takes from the widest columns until all fit, or have as little as a column takes. */
const fitted = (natural: readonly number[], room: number): readonly number[] => {
  const widths = [...natural]
  while (sumOf(widths) > room) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] ?? 0) <= narrowest) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

const lines = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
  'middle',
] as const
