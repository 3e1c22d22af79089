/** What came of a period's manoeuvres: effects and wide breakouts, or that every source says none. */
import { byTime, type CountedDetection } from './counted-detection.ts'
import { gravityOf, wideBreakout } from './gravity.ts'
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
export const effectsOf = (trees: readonly Tree[], beside: readonly CountedDetection[]): Effects => {
  const stated = trees.flatMap((tree) => [tree, ...everyPart(tree)]).flatMap(({ effect }) => effect ?? [])
  return {
    none:
      trees.length > 0 &&
      [...trees, ...beside].every(saysNone) &&
      !trees.some((tree) => everyPart(tree).some(hasReached)),
    reached: trees
      .flatMap((tree) => [tree, ...everyPart(tree)].filter(hasReached).sort(byGravity)[0] ?? [])
      .sort(byGravity)
      .map(({ id }) => id),
    observed: stated.some(({ state }) => state === 'observed'),
    widest: Math.max(0, ...stated.map(({ breakout }) => breakout)),
  }
}

const hasReached = ({ effect }: CountedDetection): boolean =>
  effect !== undefined && (effect.state === 'observed' || effect.breakout >= wideBreakout)

const saysNone = (one: CountedDetection): boolean => one.effect?.state === 'none' && !hasReached(one)

const byGravity = (a: CountedDetection, b: CountedDetection): number =>
  gravityOf([b]) - gravityOf([a]) || (b.posts.known ?? 0) - (a.posts.known ?? 0) || byTime(a, b)
