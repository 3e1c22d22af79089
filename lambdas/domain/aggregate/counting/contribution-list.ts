import { idTable, numberColumn, wholeColumn } from '../../core/columns.ts'
import type { Marking } from '../../core/marking.ts'
import type { Contribution } from './counted-detection.ts'
import { type Many, many } from './many.ts'

/** Old versions have no marking for each contribution. */
type Archived = Omit<Contribution, 'marking'> & { readonly marking?: Marking }

export const contributionList = () => {
  const ids = idTable()
  const [idOf, revisions, markingOf] = [wholeColumn(), wholeColumn(), wholeColumn()]
  const fromOf = numberColumn()
  const instantOf = instantReader()
  const markings: (Marking | undefined)[] = []
  const others = new Map<number, Archived>()
  let length = 0
  const at = (row: number): Archived => {
    const other = others.get(row)
    if (other) return other
    const marking = markings[markingOf.get(row)]
    return {
      id: ids.text(idOf.get(row)),
      revision: revisions.get(row),
      from: new Date(fromOf.get(row)).toISOString(),
      ...(marking !== undefined && { marking }),
    }
  }
  const markingNumber = (marking: Marking | undefined): number => {
    const known = markings.indexOf(marking)
    return known < 0 ? markings.push(marking) - 1 : known
  }
  return {
    add: (one: Archived): void => {
      const row = length
      length += 1
      const instant = fitsColumns(one) ? instantOf(one.from) : undefined
      if (instant === undefined) {
        others.set(row, one)
        return
      }
      idOf.set(row, ids.number(one.id))
      revisions.set(row, one.revision)
      fromOf.set(row, instant)
      markingOf.set(row, markingNumber(one.marking))
    },
    /** Returns the entries added so far, in order; each is built when read. */
    all: (): Many<Contribution> => {
      const until = length
      return many(until, function* () {
        // Old entries lack a marking; the code that compares them adds it.
        for (let row = 0; row < until; row += 1) yield at(row) as Contribution
      })
    },
  }
}

const fields: ReadonlySet<string> = new Set(['id', 'revision', 'from', 'marking'])
const maxWhole = 2 ** 32 - 1
const maxIdLength = 65_535

const fitsColumns = (one: Archived): boolean =>
  Object.keys(one).every((field) => fields.has(field)) &&
  typeof one.id === 'string' &&
  one.id.length <= maxIdLength &&
  Number.isInteger(one.revision) &&
  one.revision >= 0 &&
  one.revision <= maxWhole &&
  (one.marking === undefined || typeof one.marking === 'string')

/** Accepts canonical ISO instants only. Caches the last: entries come by time, so many repeat. */
const instantReader = () => {
  let last: { readonly from: string; readonly instant: number | undefined } | undefined
  return (from: string): number | undefined => {
    if (last?.from === from) return last.instant
    const at = Date.parse(from)
    const instant = !Number.isNaN(at) && new Date(at).toISOString() === from ? at : undefined
    last = { from, instant }
    return instant
  }
}
