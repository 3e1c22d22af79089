/** Distinct accounts: they never add up. The union of references where all are given, else at least the largest count. */
import type { Counts, Detection, Qualifier } from './detection.ts'
import { type DistinctFigure, hasAccounts, notGiven, type Total } from './figures.ts'

/** A detection with the parts below it, as far as its accounts go. */
export type Accounted = Pick<Detection, 'kind' | 'counts'> & {
  readonly refs: { readonly [figure in DistinctFigure]: readonly string[] }
  readonly parts: readonly Accounted[]
}

type Known = {
  /** The largest count that is stated; -1 where none is. */
  readonly largest: number
  readonly qualifier: Qualifier
  readonly refs: ReadonlySet<string>
  /** The references name every account that is counted. */
  readonly complete: boolean
}

const noRefs: ReadonlySet<string> = new Set()

/** How many different accounts several manoeuvres come to. */
export const distinct = (trees: readonly Accounted[], figure: DistinctFigure): Total => {
  const known = together(trees, figure)
  if (!known) return { value: 0, qualifier: 'exact' }
  if (!isStated(known)) return notGiven
  if (known.complete) return { value: known.refs.size, qualifier: 'exact' }
  return known.refs.size > known.largest
    ? { value: known.refs.size, qualifier: 'at least' }
    : { value: known.largest, qualifier: known.qualifier }
}

/** The largest count of a figure that a detection states, whole or split; -1 where it states none. */
export const largestKnown = (counts: Counts, figure: DistinctFigure): number => {
  let largest = counts[figure]?.value ?? -1
  for (const row of counts.byDay ?? []) largest = Math.max(largest, row[figure]?.value ?? -1)
  for (const row of counts.byPlatform ?? []) largest = Math.max(largest, row[figure]?.value ?? -1)
  return largest
}

/** Undefined where no such figure is due. What a whole states of itself covers its parts. */
const knownOf = (tree: Accounted, figure: DistinctFigure): Known | undefined => {
  const own = ownKnown(tree, figure)
  const below = tree.parts.length === 0 ? undefined : together(tree.parts, figure)
  if (!own || !below) return own ?? below
  const refs = new Set([...own.refs, ...below.refs])
  const covers = own.largest >= below.largest && Math.max(own.largest, own.refs.size) >= refs.size
  return covers && isStated(own)
    ? { ...own, refs }
    : { largest: Math.max(own.largest, below.largest), qualifier: 'at least', refs, complete: false }
}

const ownKnown = (noted: Accounted, figure: DistinctFigure): Known | undefined => {
  const refs = noted.refs[figure].length === 0 ? noRefs : new Set(noted.refs[figure])
  const largest = largestKnown(noted.counts, figure)
  if (largest < 0 && refs.size === 0 && !hasAccounts(noted)) return undefined
  const given = noted.counts[figure]
  return {
    largest,
    qualifier: given && given.value === largest ? given.qualifier : 'at least',
    refs,
    complete: refs.size > 0 && refs.size >= largest,
  }
}

const together = (trees: readonly Accounted[], figure: DistinctFigure): Known | undefined => {
  let first: Known | undefined
  let due = 0
  let largest = -1
  let complete = true
  const refs = new Set<string>()
  for (const tree of trees) {
    const known = knownOf(tree, figure)
    if (!known) continue
    first ??= known
    due += 1
    largest = Math.max(largest, known.largest)
    complete &&= known.complete
    for (const ref of known.refs) refs.add(ref)
  }
  return due <= 1 ? first : { largest, qualifier: 'at least', refs, complete }
}

const isStated = (known: Known): boolean => known.largest >= 0 || known.refs.size > 0
