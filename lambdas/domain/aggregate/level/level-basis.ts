import { type Total, totalOf } from '../../core/figures.ts'
import type { Marking } from '../../core/marking.ts'
import { distinct } from '../counting/accounts.ts'
import { isAny } from '../counting/many.ts'
import { addAll, type Overlaps, type SumOf } from '../counting/sums.ts'
import { nodesOf, type Tree } from '../counting/trees.ts'
import { gravestClaim, type LevelClaim, levelClaimOf } from './level-effect.ts'
import { type LevelBasis, type LevelFigure, levelFigures } from './level.ts'

type Counted = {
  readonly trees: Iterable<Tree>
  /** The trees, of which some are joined by their text; the gravest first, since of equal claims the first decides. */
  readonly manoeuvres: Iterable<Tree>
  readonly overlaps: Overlaps
  readonly sumsOf: Readonly<Record<'posts' | 'videos', SumOf>>
  readonly totals: { readonly detections: number; readonly marking: Marking } & {
    readonly [figure in LevelFigure]: Total
  }
}

export const levelBasisOf = (counted: Counted): LevelBasis => {
  const { detections, marking } = counted.totals
  const claim = gravestClaim(claimsOf(counted.manoeuvres))
  return { detections, figures: detections === 0 ? {} : figuresOf(counted), ...(claim && { claim }), marking }
}

function* claimsOf(trees: Iterable<Tree>): Generator<LevelClaim | undefined> {
  for (const tree of trees) yield claimIn(tree)
}

const figuresOf = ({ trees, overlaps, sumsOf, totals }: Counted): LevelBasis['figures'] => {
  const stated = (totalIn: (figure: LevelFigure) => Total) =>
    Object.fromEntries(
      levelFigures.flatMap((figure) => {
        const total = totalIn(figure)
        return total.value === null ? [] : [[figure, total]]
      }),
    )
  if (!isAny(trees, isJoint)) return stated((figure) => totals[figure])
  const own = [...ownTrees(trees)]
  // Shared figures do not prove that this territory alone had none.
  if (own.length === 0) return {}
  return stated((figure) =>
    totalOf(figure === 'accounts' ? distinct(own, figure) : addAll(own, sumsOf[figure], overlaps).sum),
  )
}

/** A group that has one member here may have meant the others. */
const isJoint = ({ territories, isByGroup }: Tree): boolean => territories.length > 1 || isByGroup

/** Trees of this territory alone: of a joint whole, the parts that are. */
const ownTrees = function* (trees: Iterable<Tree>): Generator<Tree> {
  for (const tree of trees) {
    if (isJoint(tree)) yield* ownTrees(tree.parts)
    else yield tree
  }
}

export const claimIn = (tree: Tree): LevelClaim | undefined =>
  // Fast path: nearly all have no stated effect.
  tree.parts.length === 0 && tree.effect === undefined ? undefined : levelClaimOf(nodesOf(tree))
