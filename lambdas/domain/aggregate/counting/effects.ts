import { maximum } from '../../core/lists.ts'
import type { EffectDegree } from '../../detection/detection.ts'
import { byTime, type CountedDetection, type Effect } from './counted-detection.ts'
import { effectRank, overallEffectOf, gravityOf, wideBreakout } from './gravity.ts'
import { isEach, type Many } from './many.ts'
import { nodesOf, type Tree } from './trees.ts'

export type Effects = {
  /** Every manoeuvre, counted or not, states that there was no effect; no part denies it, and none reached others. */
  readonly none: boolean
  /** The gravest detection of each listed manoeuvre with an observed effect or a wide breakout. */
  readonly reached: readonly string[]
  readonly reachedOfAll: number
  readonly stated: EffectCounts
  readonly notGiven?: NotGiven | undefined
  readonly observed: boolean
  /** Absent where the gravest effect's source gives none. */
  readonly degree?: EffectDegree | undefined
  /** Widest counted breakout, 1 to 6; 0 where none is rated. */
  readonly widest: number
}

export type EffectCounts = {
  /** Some detection of the manoeuvre states it. */
  readonly observed: number
  /** The manoeuvre states it, and no part contradicts it. */
  readonly none: number
  /** All others: the three add up to all manoeuvres. */
  readonly notAssessed: number
  /** The subset without any statement, except that a part had no effect. */
  readonly notGiven: number
}

export type NotGiven = 'all' | 'some'

/**
 * @param gravest the kept manoeuvres, in order
 * @param uncounted ongoing or undated here
 */
export const effectsOf = (
  trees: Many<Tree>,
  gravest: readonly Tree[],
  uncounted: Iterable<CountedDetection>,
): Effects => {
  let isNone = trees.length > 0
  let effect: Effect | undefined
  let [reachedOfAll, observed, none, notAssessed, notGiven, widest] = [0, 0, 0, 0, 0, 0]
  for (const tree of trees) {
    // Fast path: nearly all have no stated effect.
    if (tree.parts.length === 0 && tree.effect === undefined) {
      isNone = false
      notAssessed += 1
      notGiven += 1
      continue
    }
    const nodes = nodesOf(tree)
    const reached = nodes.some(hasReached)
    if (reached) reachedOfAll += 1
    const gravest = gravestOf(nodes)
    if (gravest && (effect === undefined || effectRank(gravest) > effectRank(effect))) effect = gravest
    const overallEffect = overallEffectOf(nodes)
    if (overallEffect === 'observed') observed += 1
    else if (overallEffect === 'none') none += 1
    else {
      notAssessed += 1
      if (overallEffect === 'not given') notGiven += 1
    }
    if (overallEffect !== 'none' || reached) isNone = false
    widest = maximum(
      nodes.map(({ effect }) => effect?.breakout ?? 0),
      widest,
    )
  }
  return {
    none: isNone && isEach(uncounted, statesNoEffect),
    reached: gravest.flatMap((tree) =>
      nodesOf(tree)
        .filter(hasReached)
        .sort(byGravity)
        .slice(0, 1)
        .map(({ id }) => id),
    ),
    reachedOfAll,
    stated: { observed, none, notAssessed, notGiven },
    ...(observed === 0 &&
      notGiven > 0 &&
      notAssessed === notGiven && { notGiven: notGiven === trees.length ? 'all' : 'some' }),
    observed: observed > 0,
    ...(effect?.degree && { degree: effect.degree }),
    widest,
  }
}

export type EffectInRow = {
  /** Is *observed* if any detection states it, *none* if all state none. */
  readonly effect: 'observed' | 'none' | 'not assessed'
  /** Set where no source states *not assessed* either. */
  readonly effectNotGiven?: NotGiven | undefined
  /** Some manoeuvres were not assessed; others have *none* or no statement. */
  readonly effectPartlyOpen?: true | undefined
  readonly degree?: EffectDegree | undefined
  readonly breakout: number
}

export const effectInRow = ({ observed, stated, notGiven, degree, widest }: Effects): EffectInRow => ({
  effect: observed ? 'observed' : stated.none > 0 && stated.notAssessed === 0 ? 'none' : 'not assessed',
  ...(notGiven && { effectNotGiven: notGiven }),
  ...(isPartlyOpen(stated) && { effectPartlyOpen: true }),
  ...(degree && { degree }),
  breakout: widest,
})

/** Whether nothing was observed and only some were *not assessed*. */
export const isPartlyOpen = ({ observed, none, notAssessed, notGiven }: EffectCounts): boolean => {
  if (observed > 0) return false
  const open = notAssessed - notGiven
  return open > 0 && open < none + notAssessed
}

/** A missing statement is not labelled as *not assessed*. */
export const effectWord = ({ effect, effectNotGiven, effectPartlyOpen, degree }: Omit<EffectInRow, 'breakout'>) => {
  if (degree) return degree
  if (effect === 'not assessed' && effectPartlyOpen) return 'partly assessed'
  if (effect !== 'not assessed' || !effectNotGiven) return effect
  return effectNotGiven === 'all' ? 'not given' : 'partly given'
}

const gravestOf = (nodes: readonly CountedDetection[]): Effect | undefined => {
  const effects = nodes.filter(wasObserved).flatMap(({ effect }) => effect ?? [])
  return effects.toSorted((a, b) => effectRank(b) - effectRank(a))[0]
}

const wasObserved = ({ effect }: CountedDetection): boolean => effect?.state === 'observed'

const hasReached = (one: CountedDetection): boolean => wasObserved(one) || (one.effect?.breakout ?? 0) >= wideBreakout

const statesNoEffect = (one: CountedDetection): boolean => one.effect?.state === 'none' && !hasReached(one)

const byGravity = (a: CountedDetection, b: CountedDetection): number =>
  gravityOf([b]) - gravityOf([a]) || (b.posts.known ?? 0) - (a.posts.known ?? 0) || byTime(a, b)
