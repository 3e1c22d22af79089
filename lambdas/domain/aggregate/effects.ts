/** What came of a period's manoeuvres: effects and wide breakouts, or that sources say none. */
import type { EffectDegree } from '../detection/detection.ts'
import { byTime, type CountedDetection, type Effect } from './counted-detection.ts'
import { effectRank, gravityOf, wideBreakout } from './gravity.ts'
import { isEach, type Many } from './many.ts'
import { nodesOf, type Tree } from './trees.ts'

export type Effects = {
  /** Every manoeuvre that counts, goes on or is undated here says that no effect was observed, and none of its parts denies it. */
  readonly none: boolean
  /** Of the gravest manoeuvres, those with an observed effect or a wide breakout, in their order: of each the detection that says most. */
  readonly reached: readonly string[]
  /** So many there are of all. */
  readonly reachedOfAll: number
  /** Manoeuvres that count here, by what sources say of an effect. */
  readonly said: EffectsSaid
  /** Some detection that counts here says that an effect was observed. */
  readonly observed: boolean
  /** How far the gravest of them went; left out where its source does not say. */
  readonly degree?: EffectDegree | undefined
  /** The widest breakout of those that count here, 1 to 6; 0 where none is rated. */
  readonly widest: number
}

export type EffectsSaid = {
  /** Of a manoeuvre some detection says so. */
  readonly observed: number
  /** The manoeuvre says so, no part of it says otherwise, and it had no wide breakout. */
  readonly none: number
  /** Nothing of it says either. */
  readonly notAssessed: number
}

/**
 * @param gravest the manoeuvres that are kept apart, in their order: what reached others comes before all else
 * @param beside what goes on or is undated here
 */
export const effectsOf = (trees: Many<Tree>, gravest: readonly Tree[], beside: Iterable<CountedDetection>): Effects => {
  let isNone = trees.length > 0
  let effect: Effect | undefined
  let [reachedOfAll, observed, none, notAssessed, widest] = [0, 0, 0, 0, 0]
  for (const tree of trees) {
    // As nearly all are: without a word on what came of it.
    if (tree.parts.length === 0 && tree.effect === undefined) {
      isNone = false
      notAssessed += 1
      continue
    }
    const nodes = nodesOf(tree)
    const reached = nodes.some(hasReached)
    if (reached) reachedOfAll += 1
    const gravest = gravestOf(nodes)
    if (gravest && (effect === undefined || effectRank(gravest) > effectRank(effect))) effect = gravest
    if (gravest) observed += 1
    else if (saysNone(tree) && !reached) none += 1
    else if (nodes.every(({ effect }) => effect?.state !== 'none')) notAssessed += 1
    if (!saysNone(tree) || reached) isNone = false
    widest = Math.max(widest, ...nodes.map(({ effect }) => effect?.breakout ?? 0))
  }
  return {
    none: isNone && isEach(beside, saysNone),
    reached: gravest.flatMap((tree) =>
      nodesOf(tree)
        .filter(hasReached)
        .sort(byGravity)
        .slice(0, 1)
        .map(({ id }) => id),
    ),
    reachedOfAll,
    said: { observed, none, notAssessed },
    observed: observed > 0,
    ...(effect?.degree && { degree: effect.degree }),
    widest,
  }
}

/** What came of all of it, as a row of a territory or of a step says it. */
export const effectInRow = ({ observed, none, degree, widest }: Effects) => ({
  effect: observed ? ('observed' as const) : none ? ('none' as const) : ('not assessed' as const),
  ...(degree && { degree }),
  breakout: widest,
})

/** Of effects that were observed. */
const gravestOf = (nodes: readonly CountedDetection[]): Effect | undefined => {
  const effects = nodes.filter(wasObserved).flatMap(({ effect }) => effect ?? [])
  return effects.toSorted((a, b) => effectRank(b) - effectRank(a))[0]
}

const wasObserved = ({ effect }: CountedDetection): boolean => effect?.state === 'observed'

const hasReached = (one: CountedDetection): boolean => wasObserved(one) || (one.effect?.breakout ?? 0) >= wideBreakout

const saysNone = (one: CountedDetection): boolean => one.effect?.state === 'none' && !hasReached(one)

const byGravity = (a: CountedDetection, b: CountedDetection): number =>
  gravityOf([b]) - gravityOf([a]) || (b.posts.known ?? 0) - (a.posts.known ?? 0) || byTime(a, b)
