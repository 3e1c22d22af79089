import { folded } from '../../domain/core/text/spelling.ts'
import { placesAmong, readTerritory, territoriesMeant } from '../../domain/detection/gazetteer.ts'
import { addressOf } from '../record/addresses.ts'
import { figureIn, listIn, listSigns, hasNoValue, unguarded } from '../table/cells.ts'
import type { Row } from '../table/rows.ts'
import { type Field, type Fit, fieldNamed, fitOf, isPlaceHeading } from './fields.ts'
import { formOf, type Mapping, plainMapping } from './mapping.ts'

export type ChosenColumn = {
  /** From 0. */
  readonly at: number
  readonly heading: string
  readonly field: Field
  /** How well the field fits; 0 is the best. */
  readonly rank: number
}

/** Several columns may want the same field. @param ahead the first rows */
export const chosenColumns = (
  headings: readonly string[],
  ahead: readonly Row[],
  mapping: Mapping,
): readonly ChosenColumn[] => {
  const mapped = mappedTo(mapping)
  const hasPlaceColumn = headings.some((heading) => {
    const names = (mapped.fields(heading) ?? [fitOf(heading)?.field]).map((field) => field?.name)
    return names.includes('territories') && (mapped.fields(heading) !== undefined || !isPlaceHeading(heading))
  })
  /** Another column holds the targeted territory, or this one holds other places. */
  const isElsewhere = (heading: string, at: number) => {
    if (!isPlaceHeading(heading)) return false
    const cells = textsIn(at, ahead)
    // Sheets about many countries have few of our territories.
    const hasTerritories = isCountryHeading(heading) ? cells.some(namesTerritories) : isMostly(cells, namesTerritories)
    return hasPlaceColumn || !hasTerritories
  }
  return headings.flatMap((heading, at): readonly ChosenColumn[] => {
    const mappedFields = mapped.fields(heading)
    if (mappedFields) return mappedFields.map((field) => ({ at, heading, field, rank: 0 }))
    const fit = isElsewhere(heading, at) ? undefined : (fitOf(heading) ?? markingFit(textsIn(at, ahead)))
    return fit ? [{ at, heading, field: withNames(fit, heading, textsIn(at, ahead)), rank: fit.rank + 1 }] : []
  })
}

/** Cells of "Classification" */
const markingFit = (cells: readonly string[]): Fit | undefined => {
  const field = fieldNamed('marking')
  const reads = readsAs('marking')
  // One is enough: a marking that is overlooked would be lowered.
  return field && cells.some((cell) => /^tlp\b/i.test(cell) && reads(cell)) ? { field, rank: lowestRank } : undefined
}

const lowestRank = 1_000

export const doesNotThrow = (work: () => boolean): boolean => {
  try {
    return work()
  } catch {
    return false // it is something else
  }
}

export const readsAs = (name: string): ((cell: string) => boolean) => {
  const form = formOf(plainMapping)
  return (cell) => doesNotThrow(() => fieldNamed(name)?.read(cell, form) !== undefined)
}

const isCountryHeading = (heading: string): boolean =>
  /^pays$|^country region$|(?:country|countries)$/.test(folded(heading))

export const rivalOf = (one: ChosenColumn, all: readonly ChosenColumn[]): ChosenColumn | undefined =>
  one.field.isList
    ? undefined
    : all.find(
        (other) =>
          other.field.name === one.field.name &&
          (other.rank < one.rank || (other.rank === one.rank && other.at < one.at)),
      )

/** Decides by most cells whether "Comptes" holds a number or names, "DISARM id" an incident or techniques, "Ref" an id. */
export const withNames = ({ field }: Fit, heading: string, cells: readonly string[]): Field => {
  if (folded(heading) === 'disarm id' && isMostly(cells, (cell) => /^T\d{4}/i.test(cell))) {
    return fieldNamed('techniques') ?? field
  }
  const isAddress = (cell: string): boolean => addressOf(cell)?.type === 'url'
  if (/^ref(?:erence)?$/.test(folded(heading)) && isMostly(cells, isAddress)) return fieldNamed('evidence') ?? field
  const names = /^(?:comptes?|accounts?)$/.test(folded(heading)) ? fieldNamed('accountRefs') : undefined
  return names && cells.filter(isFigure).length * 2 < cells.length ? names : field
}

export const isFigure = (cell: string): boolean => doesNotThrow(() => figureIn(cell) !== undefined)

const mostCells = 0.8

export const isMostly = (cells: readonly string[], is: (cell: string) => boolean): boolean =>
  cells.length > 0 && cells.filter(is).length >= mostCells * cells.length

/** Accepts misspelt places too: ingest asks about these. */
export const namesTerritories = (cell: string): boolean => {
  const { unread } = placesAmong<never>(listIn(cell, listSigns().orComma), readTerritory)
  return unread.every(({ word }) => territoriesMeant(word).length > 0)
}

export const textsIn = (at: number, rows: readonly Row[]): readonly string[] =>
  rows.map(({ cells }) => unguarded((cells[at] ?? '').trim())).filter((cell) => !hasNoValue(cell))

export const mappedTo = ({ columns }: Mapping) => {
  const exact = new Map(Object.entries(columns))
  const loose = new Map(Object.entries(columns).map(([heading, names]) => [folded(heading), names]))
  return {
    /** Undefined where the mapping omits the column; empty where it excludes it. */
    fields: (heading: string): readonly Field[] | undefined => {
      const names = exact.get(heading) ?? loose.get(folded(heading))
      return exact.has(heading) || loose.has(folded(heading))
        ? (names ?? []).flatMap((name) => fieldNamed(name) ?? [])
        : undefined
    },
    missing: (headings: readonly string[]): readonly string[] => {
      const there = new Set(headings.map(folded))
      return [...exact.keys()].filter((heading) => !headings.includes(heading) && !there.has(folded(heading)))
    },
  }
}
