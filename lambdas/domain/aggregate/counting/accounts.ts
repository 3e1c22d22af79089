/** Distinct accounts cannot be summed: uses the union of references if complete, else the largest count as a floor. */
import {
  type Amount,
  type DistinctFigure,
  isAtLeast,
  isEstimate,
  nothing,
  qualifierOf,
  type Total,
  type TotalQualifier,
  totalOf,
  unknown,
} from '../../core/figures.ts'
import { maximum } from '../../core/lists.ts'
import type { Counts, Detection } from '../../detection/detection.ts'
import { hasAccounts } from '../../detection/stated-figures.ts'
import type { CountedDetection } from './counted-detection.ts'
import { eachOf, isAny } from './many.ts'
import { fold, type Tree } from './trees.ts'

type Accounted = Pick<CountedDetection, 'kind' | 'counts' | 'refs'>

type Known = {
  readonly largest: number
  readonly qualifier: TotalQualifier
  /** Only estimates are as large. A whole keeps its qualifier next to a part with an equal count, a sum does not. */
  readonly isEstimated: boolean
  readonly refs: ReadonlySet<string>
  /** The references of each detection name all of its accounts. */
  readonly complete: boolean
}

const noRefs: ReadonlySet<string> = new Set()

export const distinct = (trees: Iterable<Tree>, figure: DistinctFigure): Amount => {
  const amount = amountOf(combined(eachOf(trees, (tree) => knownIn(tree, figure))))
  // A hidden whole may have more accounts, so the count is a floor.
  const isOpen =
    !isAtLeast(amount) && isAny(trees, (tree) => tree.open !== undefined && knownIn(tree, figure) !== undefined)
  return isOpen ? { ...amount, qualifier: qualifierOf(true, isEstimate(amount)) } : amount
}

export const ownAccounts = (
  { kind, counts, accountRefs = [], coordinatedAccountRefs = [] }: Detection,
  figure: DistinctFigure,
): Total =>
  totalOf(
    amountOf(
      ownKnown({ kind, counts, refs: { accounts: accountRefs, coordinatedAccounts: coordinatedAccountRefs } }, figure),
    ),
  )

const amountOf = (known: Known | undefined): Amount => {
  if (!known) return nothing
  if (!isStated(known)) return unknown
  const { largest, qualifier, refs, complete } = known
  if (complete) return { known: refs.size, qualifier: 'exact', notDue: false }
  return refs.size > largest || (refs.size === largest && qualifier === 'at least about')
    ? { known: refs.size, qualifier: 'at least', notDue: false }
    : { known: largest, qualifier, notDue: false }
}

/** -1 if none is stated. */
export const largestKnown = (counts: Counts, figure: DistinctFigure): number => {
  let largest = counts[figure]?.value ?? -1
  for (const row of counts.byDay ?? []) largest = Math.max(largest, row[figure]?.value ?? -1)
  for (const row of counts.byPlatform ?? []) largest = Math.max(largest, row[figure]?.value ?? -1)
  return largest
}

const statesExactly = (counts: Counts, figure: DistinctFigure): boolean =>
  [counts, ...(counts.byDay ?? []), ...(counts.byPlatform ?? [])].every(
    ({ [figure]: given }) => (given?.qualifier ?? 'exact') === 'exact',
  )

/** Undefined where no such figure is due. A whole's own figure covers its parts. */
const knownIn = (tree: Tree, figure: DistinctFigure): Known | undefined =>
  fold<Known | undefined>(tree, (node, parts) => {
    const own = ownKnown(node, figure)
    const below = combined(parts)
    if (!own || !below) return own ?? below
    const refs = new Set([...own.refs, ...below.refs])
    const complete = own.complete && below.complete
    const { known: covered = -1, qualifier } = amountOf(own)
    const largest = largestOf([own, below])
    if (covered < Math.max(below.largest, refs.size)) return { ...largest, refs, complete }
    const isEstimated = isEstimate({ qualifier }) && largest.isEstimated
    return { largest: covered, qualifier, isEstimated, refs, complete }
  })

/** Counts a coordinated account as a participating one. */
const ownKnown = (one: Accounted, figure: DistinctFigure): Known | undefined => {
  const coordinated = figure === 'accounts' ? one.refs.coordinatedAccounts : []
  const named = one.refs[figure].length + coordinated.length
  const refs = named === 0 ? noRefs : new Set([...one.refs[figure], ...coordinated])
  const stated = largestKnown(one.counts, figure)
  const ofThem = figure === 'accounts' ? largestKnown(one.counts, 'coordinatedAccounts') : -1
  // Zero coordinated accounts does not limit how many take part.
  const largest = ofThem > 0 ? Math.max(stated, ofThem) : stated
  if (largest < 0 && refs.size === 0 && !hasAccounts(one)) return undefined
  const given = one.counts[figure]
  const qualifier =
    given && given.value === largest ? given.qualifier : qualifierOf(true, hasEstimates(one.counts, figure, largest))
  return {
    ...{ largest, qualifier, isEstimated: isEstimate({ qualifier }) },
    refs,
    // Coordinated references alone do not name all participants, nor do any next to a floor or an estimate.
    complete: one.refs[figure].length > 0 && refs.size >= largest && statesExactly(one.counts, figure),
  }
}

type Largest = Pick<Known, 'largest' | 'qualifier' | 'isEstimated'>

const largestOf = (all: readonly Omit<Largest, 'qualifier'>[]): Largest => {
  const largest = maximum(all.map((one) => one.largest))
  const isEstimated = all.every((one) => one.largest < largest || one.isEstimated)
  return { largest, qualifier: qualifierOf(true, isEstimated), isEstimated }
}

const hasEstimates = (counts: Counts, figure: DistinctFigure, largest: number): boolean => {
  const given = [counts, ...(counts.byDay ?? []), ...(counts.byPlatform ?? [])]
    .flatMap((row) => [row[figure] ?? [], row.coordinatedAccounts ?? []].flat())
    .filter(({ value }) => value === largest)
  return given.length > 0 && given.every(isEstimate)
}

const combined = (all: Iterable<Known | undefined>): Known | undefined => {
  let first: Known | undefined
  let due = 0
  let largest: Largest | undefined
  let complete = true
  const refs = new Set<string>()
  for (const known of all) {
    if (!known) continue
    first ??= known
    due += 1
    largest = largestOf(largest ? [largest, known] : [known])
    complete &&= known.complete
    for (const ref of known.refs) refs.add(ref)
  }
  return due <= 1 || !largest ? first : { ...largest, refs, complete }
}

const isStated = (known: Known): boolean => known.largest >= 0 || known.refs.size > 0
