/** What came of a period's manoeuvres: effects and wide breakouts, or that every source says none. */
import { byTime, type CountedDetection } from './counted-detection.ts'
import { gravityOf, wideBreakout } from './gravity.ts'
import { isEach, type Many } from './many.ts'
import { everyPart, type Tree } from './trees.ts'

export type Effects = {
  /** Every manoeuvre that counts, goes on or is undated here says that no effect was observed, and none of its parts denies it. */
  readonly none: boolean
  /** Of each manoeuvre with an observed effect or a wide breakout, the detection that says most; the gravest first. */
  readonly reached: readonly string[]
  /** Some detection that counts here says that an effect was observed. */
  readonly observed: boolean
  /** The widest breakout of those that count here, 1 to 6; 0 where none is rated. */
  readonly widest: number
}

/** @param beside what goes on or is undated here */
export const effectsOf = (trees: Many<Tree>, beside: Iterable<CountedDetection>): Effects => {
  const reached: CountedDetection[] = []
  let none = trees.length > 0
  let observed = false
  let widest = 0
  for (const tree of trees) {
    if (!saysNone(tree)) none = false
    // As nearly all are: without a word on what came of it.
    if (tree.parts.length === 0 && tree.effect === undefined) continue
    const parts = everyPart(tree)
    if (parts.some(hasReached)) none = false
    for (const { effect } of [tree, ...parts]) {
      if (effect?.state === 'observed') observed = true
      widest = Math.max(widest, effect?.breakout ?? 0)
    }
    reached.push(...[tree, ...parts].filter(hasReached).sort(byGravity).slice(0, 1))
  }
  return {
    none: none && isEach(beside, saysNone),
    reached: reached.sort(byGravity).map(({ id }) => id),
    observed,
    widest,
  }
}

const hasReached = ({ effect }: CountedDetection): boolean =>
  effect !== undefined && (effect.state === 'observed' || effect.breakout >= wideBreakout)

const saysNone = (one: CountedDetection): boolean => one.effect?.state === 'none' && !hasReached(one)

const byGravity = (a: CountedDetection, b: CountedDetection): number =>
  gravityOf([b]) - gravityOf([a]) || (b.posts.known ?? 0) - (a.posts.known ?? 0) || byTime(a, b)
