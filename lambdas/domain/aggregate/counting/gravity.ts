import { wholePercent } from '../../core/figures.ts'
import { maximum } from '../../core/lists.ts'
import { largestKnown } from './accounts.ts'
import type { CountedDetection, Effect } from './counted-detection.ts'

/** From here on media, celebrities, politicians or governments spread it. */
export const wideBreakout = 4

type Nodes = readonly Pick<CountedDetection, 'effect' | 'attributed'>[]

/** The greater, the graver. */
export const effectRank = (effect: Partial<Pick<Effect, 'state' | 'degree'>> = {}): number => {
  const { state = 'not assessed', degree } = effect
  if (state !== 'observed') return state === 'none' ? 0 : 1
  return degree === undefined ? unstatedRank : degreeRanks[degree]
}

/** One rule for the order, key points, tiles and dossiers. */
export type OverallEffect = NonNullable<Effect['state']> | 'not given'

/**
 * Returns *observed* if any detection states it, else the whole's state, else *not assessed* if a part states it. A
 * part without an effect proves nothing about the whole.
 * @param nodes the whole before its parts
 */
export const overallEffectOf = (
  nodes: readonly { readonly effect?: Pick<Effect, 'state'> | undefined }[],
): OverallEffect => {
  const has = (state: Effect['state']): boolean => nodes.some(({ effect }) => effect?.state === state)
  if (has('observed')) return 'observed'
  return nodes[0]?.effect?.state ?? (has('not assessed') ? 'not assessed' : 'not given')
}

/** Without a degree it may have been an act, so it ranks just below one. */
const unstatedRank = 4
const degreeRanks = { act: 5, media: 3, online: 2 } as const

/**
 * Returns a whole number below 576, the greater the graver: an act; breakout 4 to 6; effect; breakout 1 to 3;
 * attribution with a basis, then without. Takes the maximum over the nodes, except for {@link overallEffectOf}.
 */
export const gravityOf = (nodes: Nodes): number => {
  const breakout = maximum(nodes.map(({ effect }) => effect?.breakout ?? 0))
  const wide = Math.max(0, breakout - wideBreakout + 1)
  const overallEffect = overallEffectOf(nodes)
  const effect =
    overallEffect === 'observed'
      ? maximum(nodes.map((node) => effectRank(node.effect)))
      : effectRank(overallEffect === 'not given' ? undefined : { state: overallEffect })
  const act = effect === degreeRanks.act ? 1 : 0
  const attributed = maximum(nodes.map((node) => node.attributed))
  return (((act * 4 + wide) * 6 + effect) * wideBreakout + (wide > 0 ? 0 : breakout)) * 3 + attributed
}

/** Returns whole percent, the largest over whole and parts; 0 where either count is missing. */
export const setShareOf = (nodes: readonly Pick<CountedDetection, 'setSize' | 'counts' | 'refs'>[]): number =>
  maximum(
    nodes.map(({ setSize, counts, refs }) => {
      if (setSize === 0) return 0
      const known = Math.max(largestKnown(counts, 'coordinatedAccounts'), new Set(refs.coordinatedAccounts).size)
      return Math.min(100, wholePercent(known, setSize))
    }),
    0,
  )
