import { folded } from '../../core/text/spelling.ts'
import type { CountedDetection, Support } from '../counting/counted-detection.ts'
import { wideBreakout } from '../counting/gravity.ts'

/**
 * *act* and *effect* are confirmed: with evidence, a grade that is not E, F, 5 or 6, and either two independent sources
 * or an analyst who confirmed it. *reported*: stated, but not confirmed.
 */
export type LevelEffect = 'act' | 'effect' | 'reported'

type Stated = Pick<CountedDetection, 'effect' | 'detector'>

type Claim = { readonly support: Support | undefined; readonly source: string; readonly node: Stated }

/** @param nodes a manoeuvre's whole and parts */
export const levelEffectOf = (nodes: readonly Stated[]): LevelEffect | undefined => {
  const effects = nodes.flatMap((node): readonly Claim[] => {
    const { effect } = node
    if (effect?.state !== 'observed') return []
    return [{ support: effect.support, source: effect.source ?? node.detector, node }]
  })
  if (isConfirmed(effects.filter(({ node }) => node.effect?.degree === 'act'))) return 'act'
  const pickedUp = nodes.flatMap((node): readonly Claim[] => {
    const { breakout = 0, basis, breakoutSupport } = node.effect ?? {}
    if (!isPickUp({ category: breakout, basis })) return []
    return [{ support: basis && breakoutSupport, source: node.detector, node }]
  })
  if (isConfirmed(effects) || isConfirmed(pickedUp)) return 'effect'
  return [...effects, ...pickedUp].some(({ node }) => !node.effect?.isByGroup) ? 'reported' : undefined
}

/** A denial or a debunk does not raise the level; a call to violence has a mark of its own. */
const raising: ReadonlySet<string | undefined> = new Set(['amplified', 'decided', undefined])

/** Others spread it, or decided something because of it. */
export const isPickUp = (breakout: { readonly category: number; readonly basis?: string | undefined }): boolean =>
  breakout.category >= wideBreakout && raising.has(breakout.basis)

const isConfirmed = (claims: readonly Claim[]): boolean => {
  const backed = claims.filter(({ support }) => support !== undefined)
  if (backed.some(({ support }) => support === 'confirmed')) return true
  const distinct = (keyOf: (claim: Claim) => string) => new Set(backed.map(keyOf)).size
  return (
    Math.min(
      distinct(({ source }) => folded(source)),
      distinct(({ node }) => folded(node.detector)),
    ) > 1
  )
}

const ranks = ['reported', 'effect', 'act'] as const

export const gravestEffect = (effects: readonly (LevelEffect | undefined)[]): LevelEffect | undefined =>
  ranks.findLast((rank) => effects.includes(rank))
