/**
 * The contributions of an archived version, held as columns: some sixty bytes each, where an object takes three times
 * as much.
 */
import { idTable, numberColumn, wholeColumn } from '../../core/columns.ts'
import type { Marking } from '../../core/marking.ts'
import type { Contribution } from './counted-detection.ts'
import { type Many, many } from './many.ts'

/** As old versions have them too, without a marking of their own. */
type Archived = Omit<Contribution, 'marking'> & { readonly marking?: Marking }

export const contributionList = () => {
  const ids = idTable()
  const [idOf, revisions, markingOf] = [wholeColumn(), wholeColumn(), wholeColumn()]
  const fromOf = numberColumn()
  const instantOf = instantReader()
  const markings: (Marking | undefined)[] = []
  /** What has something that no column has room for. */
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
    /** Those that were added so far, in their order; each is made when it is looked at. */
    all: (): Many<Contribution> => {
      const until = length
      return many(until, function* () {
        // Old ones lack a marking, as the type of a report does not tell: who compares them gives them one.
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

/** Where it is written as an instant is; they come by time, so that many are the one before. */
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
