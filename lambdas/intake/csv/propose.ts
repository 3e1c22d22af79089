import { fault } from '../../domain/core/fault.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { addressOf } from '../record/addresses.ts'
import { FileError } from '../record/file-error.ts'
import { dateIn, orderShown } from '../table/cell-dates.ts'
import { batchedSheetOf, firstOf } from '../table/rows.ts'
import {
  chosenColumns,
  doesNotThrow,
  isFigure,
  isMostly,
  namesTerritories,
  readsAs,
  rivalOf,
  textsIn,
  withNames,
} from './columns.ts'
import { fieldNamed, fitOf, headingsMeant, isEntryDate } from './fields.ts'
import { type Mapping, plainMapping } from './mapping.ts'

export type ProposedColumn = {
  readonly heading: string
  /** Empty where the column is left out. */
  readonly fields: readonly string[]
  readonly by: 'heading' | 'spelling' | 'cells' | null
  readonly example: string | null
}

export type ProposedMapping = {
  readonly columns: readonly ProposedColumn[]
  /** As in `mapping.json`. */
  readonly mapping: Pick<Mapping, 'dates'> & {
    readonly columns: Readonly<Record<string, string | readonly string[] | null>>
  }
  /** Required fields that no column gives. */
  readonly missing: readonly ('title' | 'observed')[]
}

type Guess = { -readonly [part in keyof ProposedColumn]: ProposedColumn[part] } & { readonly cells: readonly string[] }

/** Agrees with ingest on headings, and adds columns that ingest would not use. */
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
    const found = guesses.find(
      ({ heading, fields, cells }) =>
        fields.length === 0 && isMostly(cells, is) && !(field === 'observed' && isEntryDate(heading)),
    )
    if (found) Object.assign(found, { fields: [field], by: 'cells' })
  }
  if (![...taken()].some(givesTitle)) giveTitle(guesses)
  const orders = guesses
    .filter(({ fields }) => fields.some((name) => fieldNamed(name)?.isDate))
    .flatMap(({ cells }) => {
      const { order, shown } = orderShown(cells)
      return shown === undefined ? [] : [order]
    })
  // Without an order in the mapping, each column has its own.
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

const giveBySpelling = (guess: Guess, taken: ReadonlySet<string>): void => {
  if (guess.fields.length > 0 || fitOf(guess.heading) || isEntryDate(guess.heading)) return
  const [meant] = headingsMeant(guess.heading).flatMap((heading) => {
    const fit = fitOf(heading)
    return fit ? [withNames(fit, heading, guess.cells)] : []
  })
  // A misread heading such as *Auteur* would attribute the manoeuvre to an analyst.
  if (meant?.name.startsWith('actor')) return
  if (meant && (meant.isList || !taken.has(meant.name))) Object.assign(guess, { fields: [meant.name], by: 'spelling' })
}

/** Without a title column, ingest takes the title from the summary. */
const givesTitle = (field: string): boolean => /^(?:title|summary)(?:\.|$)/.test(field)

/** Assigns the title to the unassigned column with the longest texts. */
const giveTitle = (guesses: readonly Guess[]): void => {
  const lengthOf = ({ cells }: Guess) => cells.reduce((sum, cell) => sum + cell.length, 0) / (cells.length || 1)
  const [longest] = guesses
    .filter(({ fields, cells }) => fields.length === 0 && cells.length > 0 && !isMostly(cells, isFigure))
    .filter(({ heading, cells }) => !/(?:^| )ids?$/.test(folded(heading)) && !isMostly(cells, isAddress))
    .filter(
      ({ heading, cells }) =>
        !isKindHeading(heading) && ![isKind, isEffect, isMarking].some((is) => isMostly(cells, is)),
    )
    .toSorted((a, b) => lengthOf(b) - lengthOf(a))
  if (longest) Object.assign(longest, { fields: ['title'], by: 'cells' })
}

const [isKind, isMarking] = [readsAs('kind'), readsAs('marking')]

/** "None" or "yes" would match any column, so cells alone never propose this field. */
const isEffect = readsAs('observedEffect')

const isKindHeading = (heading: string): boolean =>
  /^(?:type|kind|nature|categorie|category)s?(?: |$)/.test(folded(heading))

const isAddress = (cell: string): boolean => addressOf(cell) !== undefined

/** Kinds that cells show. A bare number may be an Excel date, so it matches none. */
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
  { field: 'evidence', is: (cell) => addressOf(cell)?.type === 'url' },
  { field: 'indicators', is: isAddress },
]
