/** What came of a period's manoeuvres: effects and wide breakouts, or that sources say none. */
import { maximum } from '../../core/lists.ts'
import type { EffectDegree } from '../../detection/detection.ts'
import { byTime, type CountedDetection, type Effect } from './counted-detection.ts'
import { effectRank, overallEffectOf, gravityOf, wideBreakout } from './gravity.ts'
import { isEach, type Many } from './many.ts'
import { nodesOf, type Tree } from './trees.ts'

export type Effects = {
  /**
   * Every manoeuvre that counts, goes on or is undated here says that no effect was observed, no part denies it, and
   * none reached others.
   */
  readonly none: boolean
  /**
   * Of the gravest manoeuvres, those with an observed effect or a wide breakout, in their order: of each the detection
   * that says most.
   */
  readonly reached: readonly string[]
  /** So many there are of all. */
  readonly reachedOfAll: number
  /** Manoeuvres that count here, by what sources say of an effect. */
  readonly stated: EffectCounts
  readonly notGiven?: NotGiven | undefined
  /** Some detection that counts here says that an effect was observed. */
  readonly observed: boolean
  /** How far the gravest of them went; left out where its source does not say. */
  readonly degree?: EffectDegree | undefined
  /** The widest breakout of those that count here, 1 to 6; 0 where none is rated. */
  readonly widest: number
}

export type EffectCounts = {
  /** Of a manoeuvre some detection says so. */
  readonly observed: number
  /** The manoeuvre says so, and no part of it that one was observed. */
  readonly none: number
  /** All others: the three make all manoeuvres. */
  readonly notAssessed: number
  /** Of those, the ones of which no source says anything, of a part at most that it had none. */
  readonly notGiven: number
}

/**
 * Of which manoeuvres no source gives an effect, where none was observed and none says *not assessed*: of all, or of
 * some.
 */
export type NotGiven = 'all' | 'some'

/**
 * @param gravest the manoeuvres that are kept apart, in their order: what reached others comes before all else
 * @param uncounted what goes on or is undated here
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
    // As nearly all are: without a word on what came of it.
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

/** What came of all that counts in a row: of a territory, of a step, of a week. */
export type EffectInRow = {
  /** *observed* where any detection says so, *none* where all say none. */
  readonly effect: 'observed' | 'none' | 'not assessed'
  /** Nobody says *not assessed* either: of all of it, or of some, no source gives an effect. */
  readonly effectNotGiven?: NotGiven | undefined
  /** Some manoeuvres were not assessed; of others sources say that nothing was observed, or nothing. */
  readonly effectPartlyOpen?: true | undefined
  /** How far the gravest that was observed went; left out where no source says. */
  readonly degree?: EffectDegree | undefined
  /** The widest that is rated, 1 to 6; 0 where none is. */
  readonly breakout: number
}

/** What came of all that counts, as a row of a territory or of a step says it: *none* where each manoeuvre says so. */
export const effectInRow = ({ observed, stated, notGiven, degree, widest }: Effects): EffectInRow => ({
  effect: observed ? 'observed' : stated.none > 0 && stated.notAssessed === 0 ? 'none' : 'not assessed',
  ...(notGiven && { effectNotGiven: notGiven }),
  ...(isPartlyOpen(stated) && { effectPartlyOpen: true }),
  ...(degree && { degree }),
  breakout: widest,
})

/** Nothing was observed, and some manoeuvres were not assessed: of others sources say something else, or nothing. */
export const isPartlyOpen = ({ observed, none, notAssessed, notGiven }: EffectCounts): boolean => {
  if (observed > 0) return false
  const open = notAssessed - notGiven
  return open > 0 && open < none + notAssessed
}

/** By which word a row's effect is told. What no source gives is not told as something that was not assessed. */
export const effectWord = ({ effect, effectNotGiven, effectPartlyOpen, degree }: Omit<EffectInRow, 'breakout'>) => {
  if (degree) return degree
  if (effect === 'not assessed' && effectPartlyOpen) return 'partly assessed'
  if (effect !== 'not assessed' || !effectNotGiven) return effect
  return effectNotGiven === 'all' ? 'not given' : 'partly given'
}

/** Of effects that were observed. */
const gravestOf = (nodes: readonly CountedDetection[]): Effect | undefined => {
  const effects = nodes.filter(wasObserved).flatMap(({ effect }) => effect ?? [])
  return effects.toSorted((a, b) => effectRank(b) - effectRank(a))[0]
}

const wasObserved = ({ effect }: CountedDetection): boolean => effect?.state === 'observed'

const hasReached = (one: CountedDetection): boolean => wasObserved(one) || (one.effect?.breakout ?? 0) >= wideBreakout

const statesNoEffect = (one: CountedDetection): boolean => one.effect?.state === 'none' && !hasReached(one)

const byGravity = (a: CountedDetection, b: CountedDetection): number =>
  gravityOf([b]) - gravityOf([a]) || (b.posts.known ?? 0) - (a.posts.known ?? 0) || byTime(a, b)
