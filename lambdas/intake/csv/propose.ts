/**
 * Proposes what the columns of a table mean, by their headings and by what is in their cells: for a person to look at.
 */
import { fault } from '../../domain/core/fault.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { addressOf } from '../record/addresses.ts'
import { FileError } from '../record/file-error.ts'
import { dateIn, orderShown } from '../table/cell-dates.ts'
import { batchedSheetOf, firstOf } from '../table/rows.ts'
import { chosenColumns, isFigure, isMostly, namesTerritories, rivalOf, textsIn, withNames } from './columns.ts'
import { fieldNamed, fitOf, headingsMeant } from './fields.ts'
import { formOf, type Mapping, plainMapping } from './mapping.ts'

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

/** What ingest reads by the headings, the mapping says the same; it adds columns that ingest would not use. */
export const proposeMapping = async (chunks: AsyncIterable<Uint8Array>, file: string): Promise<ProposedMapping> => {
  const { headings, batches } = await batchedSheetOf(chunks, { file })
  const rows = (await firstOf(batches)).flatMap((row) => ('reject' in row ? [] : [row]))
  if (headings.every((heading) => heading === '')) {
    throw new FileError(rows.length === 0 ? fault('csv.empty', { file }) : fault('csv.noColumn', { file }))
  }
  const chosen = chosenColumns(headings, rows, plainMapping)
  const guesses = headings.map((heading, at): Guess => {
    const [own] = chosen.filter((one) => one.at === at && !rivalOf(one, chosen))
    const cells = textsIn(at, rows)
    return {
      heading,
      fields: own ? [own.field.name] : [],
      by: own ? 'heading' : null,
      example: cells[0] ?? null,
      cells,
    }
  })
  const taken = () => new Set(guesses.flatMap(({ fields }) => fields))
  for (const guess of guesses) giveBySpelling(guess, taken())
  for (const { field, is } of kinds) {
    if (taken().has(field) || (field === 'observed' && taken().has('observed.from'))) continue
    const found = guesses.find(({ fields, cells }) => fields.length === 0 && isMostly(cells, is))
    if (found) Object.assign(found, { fields: [field], by: 'cells' })
  }
  if (![...taken()].some(givesTitle)) giveTitle(guesses)
  const orders = guesses
    .filter(({ fields }) => fields.some((name) => fieldNamed(name)?.isDate))
    .flatMap(({ cells }) => {
      const { order, shown } = orderShown(cells)
      return shown === undefined ? [] : [order]
    })
  // Columns of different orders are read each by its own, as long as the mapping says none.
  const [dates, ...others] = new Set(orders)
  const columns = guesses.filter(({ heading }) => heading !== '').map(({ cells: _, ...column }) => column)
  return {
    columns,
    mapping: {
      columns: Object.fromEntries(columns.map(({ heading, fields }) => [heading, oneOrMore(fields)])),
      ...(dates !== undefined && others.length === 0 && { dates }),
    },
    missing: [
      ...([...taken()].some(givesTitle) ? [] : (['title'] as const)),
      ...([...taken()].some((name) => name === 'observed' || name === 'observed.from') ? [] : (['observed'] as const)),
    ],
  }
}

const oneOrMore = (fields: readonly string[]): string | readonly string[] | null =>
  fields.length > 1 ? fields : (fields[0] ?? null)

/** A column that no heading fits is meant for what is spelt nearly so, unless another column fills that. */
const giveBySpelling = (guess: Guess, taken: ReadonlySet<string>): void => {
  if (guess.fields.length > 0 || fitOf(guess.heading)) return
  const [meant] = headingsMeant(guess.heading).flatMap((heading) => {
    const fit = fitOf(heading)
    return fit ? [withNames(fit, heading, guess.cells)] : []
  })
  if (meant && (meant.isList || !taken.has(meant.name))) Object.assign(guess, { fields: [meant.name], by: 'spelling' })
}

/** Where no column is a title, ingest takes it from what sums a row up. */
const givesTitle = (field: string): boolean => /^(?:title|summary)(?:\.|$)/.test(field)

/** The column with the longest texts: of those that say nothing else by themselves. */
const giveTitle = (guesses: readonly Guess[]): void => {
  const lengthOf = ({ cells }: Guess) => cells.reduce((sum, cell) => sum + cell.length, 0) / (cells.length || 1)
  const [longest] = guesses
    .filter(({ fields, cells }) => fields.length === 0 && cells.length > 0 && !isMostly(cells, isFigure))
    .filter(({ heading, cells }) => !isKindHeading(heading) && !isMostly(cells, isKind) && !isMostly(cells, isEffect))
    .toSorted((a, b) => lengthOf(b) - lengthOf(a))
  if (longest) Object.assign(longest, { fields: ['title'], by: 'cells' })
}

const doesNotThrow = (work: () => boolean): boolean => {
  try {
    return work()
  } catch {
    return false // it is something else
  }
}

/** Whether ingest would read a cell as one of the field. */
const readsAs = (name: string): ((cell: string) => boolean) => {
  const form = formOf(plainMapping)
  return (cell) => doesNotThrow(() => fieldNamed(name)?.read(cell, form) !== undefined)
}

const isKind = readsAs('kind')

/** So are words such as none and yes, of whatever: no column is proposed for it by its cells. */
const isEffect = readsAs('observedEffect')

/** Of what kind something is, in words that may be unknown. */
const isKindHeading = (heading: string): boolean =>
  /^(?:type|kind|nature|categorie|category)s?(?: |$)/.test(folded(heading))

/** What cells show by themselves. A number may be a day of Excel's, and is none here. */
const kinds: readonly { readonly field: string; readonly is: (cell: string) => boolean }[] = [
  {
    field: 'observed',
    is: (cell) =>
      !/^\d+([.,]\d+)?$/.test(cell) && doesNotThrow(() => dateIn(cell, { order: 'day/month/year' }) !== undefined),
  },
  { field: 'territories', is: namesTerritories },
  { field: 'kind', is: isKind },
  { field: 'hashtags', is: (cell) => /^#\S/.test(cell) },
  { field: 'accountRefs', is: (cell) => /^@\S+$/.test(cell) },
  { field: 'indicators', is: (cell) => addressOf(cell) !== undefined },
]
