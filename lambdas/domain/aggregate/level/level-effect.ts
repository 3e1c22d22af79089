import { folded } from '../../core/text/spelling.ts'
import type { EffectDegree } from '../../detection/detection.ts'
import type { CountedDetection, Support } from '../counting/counted-detection.ts'
import { effectRank, wideBreakout } from '../counting/gravity.ts'

/**
 * *act* and *effect* are confirmed: with evidence, a grade that is not E, F, 5 or 6, and either two independent sources
 * or an analyst who confirmed it. *reported*: stated, but not confirmed.
 */
export type LevelEffect = 'act' | 'effect' | 'reported'

/** The statement that decides the level: what page 1, mails, room and API print as its reason. */
export type LevelClaim = {
  readonly is: LevelEffect
  /** Of the detection that states it. */
  readonly id: string
  readonly field: 'effect' | 'breakout'
  /** Of an effect; left out where its source gives none. */
  readonly degree?: EffectDegree
  /** Of a breakout, 1 to 6. */
  readonly category?: number
  /** Of an effect; left out where its source is the detector. */
  readonly source?: string
  /** Other sources confirm that there was one, in their own words; no analyst did. */
  readonly isBySources?: true
}

type Node = Pick<CountedDetection, 'id' | 'effect' | 'detector' | 'isByGroup'>

type Stated = { readonly claim: Omit<LevelClaim, 'is'>; readonly support: Support | undefined; readonly node: Node }

/** @param nodes a manoeuvre's whole and parts */
export const levelClaimOf = (nodes: readonly Node[]): LevelClaim | undefined => {
  const effects = nodes.flatMap(statedEffect)
  const acts = effects.filter(({ claim }) => claim.degree === 'act')
  if (isConfirmed(acts)) return deciding('act', acts)
  const pickedUp = nodes.flatMap(statedPickUp)
  // An act that is not confirmed may confirm that there was an effect, but is not the confirmed one.
  if (isConfirmed(effects))
    return deciding(
      'effect',
      effects.filter(({ claim }) => claim.degree !== 'act'),
    )
  if (isConfirmed(pickedUp)) return deciding('effect', pickedUp)
  return deciding(
    'reported',
    [...effects, ...pickedUp].filter(({ node }) => !node.isByGroup),
  )
}

const statedEffect = (node: Node): readonly Stated[] => {
  const { effect } = node
  if (effect?.state !== 'observed') return []
  const { degree, source, support } = effect
  const claim = { id: node.id, field: 'effect' as const, ...(degree && { degree }), ...(source && { source }) }
  return [{ claim, support, node }]
}

const statedPickUp = (node: Node): readonly Stated[] => {
  const { breakout: category = 0, basis, breakoutSupport } = node.effect ?? {}
  if (!isPickUp({ category, basis })) return []
  return [{ claim: { id: node.id, field: 'breakout', category }, support: basis && breakoutSupport, node }]
}

/** The best supported one; among equals the gravest, then the first. */
const deciding = (is: LevelEffect, stated: readonly Stated[]): LevelClaim | undefined => {
  const [first] = is === 'reported' ? stated.toSorted(byGravity) : stated.toSorted(bySupport)
  return (
    first && {
      ...{ is, ...first.claim },
      ...(is !== 'reported' && first.support !== 'confirmed' && { isBySources: true as const }),
    }
  )
}

const gravityIn = ({ claim, node }: Stated): number =>
  claim.field === 'effect' ? effectRank(node.effect) : (claim.category ?? 0) / 10

const byGravity = (one: Stated, other: Stated): number => gravityIn(other) - gravityIn(one)

const supports = [undefined, 'evidence', 'confirmed'] as const

const bySupport = (one: Stated, other: Stated): number =>
  supports.indexOf(other.support) - supports.indexOf(one.support) || byGravity(one, other)

/** A denial or a debunk does not raise the level; a call to violence has a mark of its own. */
const raising: ReadonlySet<string | undefined> = new Set(['amplified', 'decided', undefined])

/** Others spread it, or decided something because of it. */
export const isPickUp = (breakout: { readonly category: number; readonly basis?: string | undefined }): boolean =>
  breakout.category >= wideBreakout && raising.has(breakout.basis)

const isConfirmed = (stated: readonly Stated[]): boolean => {
  const backed = stated.filter(({ support }) => support !== undefined)
  if (backed.some(({ support }) => support === 'confirmed')) return true
  const distinct = (keyOf: (one: Stated) => string) => new Set(backed.map(keyOf)).size
  return (
    Math.min(
      distinct(({ claim, node }) => folded(claim.source ?? node.detector)),
      distinct(({ node }) => folded(node.detector)),
    ) > 1
  )
}

const ranks = [undefined, 'reported', 'effect', 'act'] as const

/** Of equal ones the first. */
export const gravestClaim = (claims: Iterable<LevelClaim | undefined>): LevelClaim | undefined => {
  let found: LevelClaim | undefined
  for (const one of claims) if (ranks.indexOf(one?.is) > ranks.indexOf(found?.is)) found = one
  return found
}
