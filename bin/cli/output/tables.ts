/** At most as wide as the terminal. */
import { maximum } from '../../../lambdas/domain/core/lists.ts'
import { inOneLine, wrapped } from './terminal.ts'

export const utcMinute = (instant: string): string => `${instant.slice(0, 16)}Z`

type Align = 'left' | 'right'

const gap = 2
/** Minimum width of a shrunk column. */
const narrowest = 8
const indent = '  '

/** Output to files and programs is not limited. */
const widthHere = (): number => Number(process.env.COLUMNS) || process.stdout.columns || Number.POSITIVE_INFINITY

/**
 * Wraps cells between words, so that ids and paths can be copied whole. If columns do not fit, the first gets its own
 * line; failing that, each cell does.
 */
export const plainTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligned: readonly Align[] = head.map(() => 'left'),
  width = widthHere(),
): readonly string[] => {
  if (rows.length === 0) return ['none']
  const columns = head.map((heading, at): Column => {
    const cells = rows.map((row) => inOneLine(row[at] ?? ''))
    const all = [heading, ...cells]
    const natural = lengthOf(all)
    return {
      ...{ heading, cells, natural, align: aligned[at] ?? 'left' },
      least: Math.max(Math.min(natural, narrowest), lengthOf(all.flatMap((cell) => cell.split(' ')))),
    }
  })
  const whole = fitted(columns, width)
  if (whole) return [headLine(columns, whole), ...rows.flatMap((_, at) => rowLines(columns, whole, at))]
  const [first, ...others] = columns
  const otherWidths = first && fitted(others, width - indent.length)
  if (!otherWidths) return oneBelowTheOther(columns, rows.length, width)
  return [
    first.heading,
    `${indent}${headLine(others, otherWidths)}`.trimEnd(),
    ...rows.flatMap((_, at) => [
      first.cells[at] ?? '',
      ...rowLines(others, otherWidths, at).map((line) => `${indent}${line}`.trimEnd()),
    ]),
  ]
}

/** Numbers use `right`. */
export type Columns<Item> = Readonly<Record<string, Cell<Item> | { readonly right: Cell<Item> }>>

type Cell<Item> = (one: Item) => string | undefined

export const tableOf = <Item>(items: readonly Item[], columns: Columns<Item>, none = 'none'): readonly string[] => {
  if (items.length === 0) return [none]
  const cells = Object.values(columns).map((column) => (typeof column === 'function' ? column : column.right))
  return plainTable(
    Object.keys(columns),
    items.map((one) => cells.map((cell) => cell(one) ?? '')),
    Object.values(columns).map((column) => (typeof column === 'function' ? 'left' : 'right')),
  )
}

type Column = {
  readonly heading: string
  readonly cells: readonly string[]
  readonly align: Align
  /** Width without wrapping. */
  readonly natural: number
  /** Minimum width without breaking a word. */
  readonly least: number
}

const lengthOf = (texts: readonly string[]): number => texts.reduce((most, text) => Math.max(most, text.length), 0)

const headLine = (columns: readonly Column[], widths: readonly number[]): string =>
  linesOf(columns, widths, ({ heading }) => heading)[0] ?? ''

const rowLines = (columns: readonly Column[], widths: readonly number[], at: number): readonly string[] =>
  linesOf(columns, widths, ({ cells }) => cells[at] ?? '')

const linesOf = (
  columns: readonly Column[],
  widths: readonly number[],
  textOf: (column: Column) => string,
): readonly string[] => {
  const parts = columns.map((column, at) => wrapped(textOf(column), widths[at] ?? 0))
  const depth = maximum(parts.map((lines) => lines.length))
  return Array.from({ length: depth }, (_, line) =>
    columns
      .map(({ align }, at) => {
        const [text, room] = [parts[at]?.[line] ?? '', widths[at] ?? 0]
        return align === 'left' ? text.padEnd(room) : text.padStart(room)
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  )
}

const oneBelowTheOther = (columns: readonly Column[], rows: number, width: number): readonly string[] => {
  const headingWidth = lengthOf(columns.map(({ heading }) => heading)) + gap
  const room = Math.max(width - headingWidth, narrowest)
  return Array.from({ length: rows }).flatMap((_, at) => [
    ...(at === 0 ? [] : ['']),
    ...columns.flatMap(({ heading, cells }) =>
      wrapped(cells[at] ?? '', room).map((line, below) =>
        `${(below === 0 ? heading : '').padEnd(headingWidth)}${line}`.trimEnd(),
      ),
    ),
  ])
}

const sumOf = (widths: readonly number[]): number => widths.reduce((all, one) => all + one, 0)

/** Shrinks the widest columns; undefined where the table cannot fit. */
const fitted = (columns: readonly Column[], width: number): readonly number[] | undefined => {
  const room = width - gap * (columns.length - 1)
  const widths = columns.map(({ natural }) => natural)
  while (sumOf(widths) > room) {
    const wider = widths.map((one, at) => (one > (columns[at]?.least ?? 0) ? one : 0))
    const widest = maximum(wider)
    if (widest === 0) return undefined
    widths[wider.indexOf(widest)] = widest - 1
  }
  return widths
}
