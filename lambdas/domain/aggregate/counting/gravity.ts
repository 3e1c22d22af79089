/** How grave a manoeuvre is, before how large it is: what came of it, how far it went, whose it is said to be. */
import { wholePercent } from '../../core/figures.ts'
import { maximum } from '../../core/lists.ts'
import { largestKnown } from './accounts.ts'
import type { CountedDetection, Effect } from './counted-detection.ts'

/** From here on others than the authors spread it: the media, a celebrity or politician, a government. */
export const wideBreakout = 4

/** A manoeuvre's detections, the whole before its parts. */
type Nodes = readonly Pick<CountedDetection, 'effect' | 'attributed'>[]

/** Of an effect, the greater the graver. */
export const effectRank = (effect: Partial<Pick<Effect, 'state' | 'degree'>> = {}): number => {
  const { state = 'not assessed', degree } = effect
  if (state !== 'observed') return state === 'none' ? 0 : 1
  return degree === undefined ? unstatedRank : degreeRanks[degree]
}

/** What sources say of the effect of a manoeuvre: one rule for the order, key points, tiles and dossiers. */
export type OverallEffect = NonNullable<Effect['state']> | 'not given'

/**
 * *observed* where any detection says so, else what the whole says. Where it says nothing, *not assessed* if a part
 * says so: that a part had no effect tells nothing of the whole.
 * @param nodes a manoeuvre's detections, the whole before its parts
 */
export const overallEffectOf = (
  nodes: readonly { readonly effect?: Pick<Effect, 'state'> | undefined }[],
): OverallEffect => {
  const has = (state: Effect['state']): boolean => nodes.some(({ effect }) => effect?.state === state)
  if (has('observed')) return 'observed'
  return nodes[0]?.effect?.state ?? (has('not assessed') ? 'not assessed' : 'not given')
}

/** Its source says no degree: it may have been an act, and comes after one. */
const unstatedRank = 4
const degreeRanks = { act: 5, media: 3, online: 2 } as const

/**
 * A whole number below 576, the greater the graver: an act; a breakout of 4 to 6; the effect; the breakout from 1 to 3;
 * an attribution with its basis, then one without. Of a whole with parts, each is the most that any says, but for
 * {@link overallEffectOf}.
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

/**
 * How much of a followed set took part, in whole percent, 0 to 100: of a whole with parts the largest that any of them
 * states. Without both counts there is no share.
 */
export const setShareOf = (nodes: readonly Pick<CountedDetection, 'setSize' | 'counts' | 'refs'>[]): number =>
  maximum(
    nodes.map(({ setSize, counts, refs }) => {
      if (setSize === 0) return 0
      const known = Math.max(largestKnown(counts, 'coordinatedAccounts'), new Set(refs.coordinatedAccounts).size)
      return Math.min(100, wholePercent(known, setSize))
    }),
    0,
  )
