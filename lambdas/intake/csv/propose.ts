/** Proposes what the columns of a table mean, by their headings and by what is in their cells: for a person to look at. */
import { readTerritory } from '../../domain/detection/gazetteer.ts'
import { addressOf } from '../record/addresses.ts'
import { dateIn, orderShown } from '../table/cell-dates.ts'
import { figureIn, saysNothing, unguarded } from '../table/cells.ts'
import { batchedSheetOf, firstOf } from '../table/rows.ts'
import { fieldNamed, fitOf, headingsMeant } from './fields.ts'
import type { Mapping } from './mapping.ts'

export type ProposedColumn = {
  readonly heading: string
  /** None where nothing is proposed: the column is left out. */
  readonly fields: readonly string[]
  /** What the proposal rests on. */
  readonly by: 'heading' | 'spelling' | 'cells' | null
  /** The first cell that says something. */
  readonly example: string | null
}

export type ProposedMapping = {
  readonly columns: readonly ProposedColumn[]
  /** As `mapping.json` has it. */
  readonly mapping: Pick<Mapping, 'dates'> & {
    readonly columns: Readonly<Record<string, string | readonly string[] | null>>
  }
  /** What no column gives though every detection has it. */
  readonly missing: readonly ('title' | 'observed')[]
}

type Guess = { -readonly [part in keyof ProposedColumn]: ProposedColumn[part] } & { readonly cells: readonly string[] }

/** A column is of a kind where so many of its cells are. */
const mostCells = 0.8

export const proposeMapping = async (chunks: AsyncIterable<Uint8Array>, file: string): Promise<ProposedMapping> => {
  const { headings, batches } = await batchedSheetOf(chunks, { file })
  const rows = (await firstOf(batches)).flatMap((row) => ('reject' in row ? [] : [row]))
  const guesses = headings.map((heading, at): Guess => {
    const cells = rows.map(({ cells }) => unguarded((cells[at] ?? '').trim())).filter((cell) => !saysNothing(cell))
    return { heading, ...byHeading(heading, cells), example: cells[0] ?? null, cells }
  })
  const taken = () => new Set(guesses.flatMap(({ fields }) => fields))
  for (const { field, is } of kinds) {
    if (taken().has(field)) continue
    const found = guesses.find(({ fields, cells }) => fields.length === 0 && isMostly(cells, is))
    if (found) Object.assign(found, { fields: [field], by: 'cells' })
  }
  if (![...taken()].some((name) => name.startsWith('title'))) giveTitle(guesses)
  const dates = guesses.flatMap(({ fields, cells }) => (fields.some((name) => fieldNamed(name)?.isDate) ? cells : []))
  const { order, shown } = orderShown(dates)
  const columns = guesses.filter(({ heading }) => heading !== '').map(({ cells: _, ...column }) => column)
  return {
    columns,
    mapping: {
      columns: Object.fromEntries(columns.map(({ heading, fields }) => [heading, oneOrMore(fields)])),
      ...(shown !== undefined && { dates: order }),
    },
    missing: [
      ...([...taken()].some((name) => name.startsWith('title')) ? [] : (['title'] as const)),
      ...([...taken()].some((name) => name === 'observed' || name === 'observed.from') ? [] : (['observed'] as const)),
    ],
  }
}

const oneOrMore = (fields: readonly string[]): string | readonly string[] | null =>
  fields.length > 1 ? fields : (fields[0] ?? null)

const byHeading = (heading: string, cells: readonly string[]): Pick<ProposedColumn, 'fields' | 'by'> => {
  const fit = fitOf(heading)
  const meant = fit ? undefined : headingsMeant(heading).flatMap((one) => fitOf(one) ?? [])[0]
  const field = (fit ?? meant)?.field
  if (!field) return { fields: [], by: null }
  // A column "Compte" may hold names.
  const name = field.name === 'counts.accounts' && !isMostly(cells, isFigure) ? 'accountRefs' : field.name
  return { fields: [name], by: fit ? 'heading' : 'spelling' }
}

/** What sums a row up gives its title too; else the column with the longest texts. */
const giveTitle = (guesses: readonly Guess[]): void => {
  const summary = guesses.find(({ fields }) => fields[0]?.startsWith('summary'))
  if (summary) {
    summary.fields = ['title', ...summary.fields]
    return
  }
  const lengthOf = ({ cells }: Guess) => cells.reduce((sum, cell) => sum + cell.length, 0) / (cells.length || 1)
  const [longest] = guesses
    .filter(({ fields, cells }) => fields.length === 0 && cells.length > 0 && !isMostly(cells, isFigure))
    .toSorted((a, b) => lengthOf(b) - lengthOf(a))
  if (longest) Object.assign(longest, { fields: ['title'], by: 'cells' })
}

const isMostly = (cells: readonly string[], is: (cell: string) => boolean): boolean =>
  cells.length > 0 && cells.filter(is).length >= mostCells * cells.length

const isFigure = (cell: string): boolean => doesNotThrow(() => figureIn(cell) !== undefined)

/** What cells show by themselves. A number may be a day of Excel's, and is none here. */
const kinds: readonly { readonly field: string; readonly is: (cell: string) => boolean }[] = [
  {
    field: 'observed',
    is: (cell) =>
      !/^\d+([.,]\d+)?$/.test(cell) && doesNotThrow(() => dateIn(cell, { order: 'day/month/year' }) !== undefined),
  },
  { field: 'territories', is: (cell) => readTerritory(cell) !== undefined },
  { field: 'hashtags', is: (cell) => /^#\S/.test(cell) },
  { field: 'accountRefs', is: (cell) => /^@\S+$/.test(cell) },
  { field: 'indicators', is: (cell) => addressOf(cell) !== undefined },
]

const doesNotThrow = (work: () => boolean): boolean => {
  try {
    return work()
  } catch {
    return false // it is something else
  }
}
