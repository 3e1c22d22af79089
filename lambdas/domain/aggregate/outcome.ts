/** One rule for all outputs (docs/reports.md, Order by gravity). */
import type { Detection } from '../detection/detection.ts'
import { type OverallEffect, effectRank, overallEffectOf } from './counting/gravity.ts'

type OutcomeFields = Pick<Detection, 'observedEffect' | 'breakout'>
type Effect = NonNullable<Detection['observedEffect']>

export type SourcedEffect<Node> = { readonly effect: Effect; readonly of: Node }

export type Outcome<Node> = {
  readonly overallEffect: OverallEffect
  /**
   * Observed effects, gravest first; then the first of each other state, the overall one first. Contradictions are
   * kept, duplicates dropped.
   */
  readonly effects: readonly SourcedEffect<Node>[]
  /** The widest rating; among equals, the whole's. */
  readonly breakout?: {
    readonly category: number
    readonly evidence?: NonNullable<OutcomeFields['breakout']>['evidence']
  }
  readonly ratedBy?: Node
}

type Listed = { readonly id: string; readonly parts: readonly { readonly id: string }[] }

/** Finds the manoeuvre that is the detection or has it as a part. */
export const manoeuvreWith = <Manoeuvre extends Listed>(
  id: string,
  manoeuvres: readonly Manoeuvre[],
): Manoeuvre | undefined => manoeuvres.find((one) => one.id === id || one.parts.some((part) => part.id === id))

/** @param nodes a manoeuvre's detections, the whole before its parts */
export const outcomeOf = <Node extends OutcomeFields>(nodes: readonly Node[]): Outcome<Node> => {
  const overallEffect = effectOfAll(nodes)
  const others = firstOfEach(
    sourcedEffectsIn(nodes).filter(({ effect }) => effect.state !== 'observed'),
    ({ effect }) => effect.state,
  ).toSorted((one, other) => Number(other.effect.state === overallEffect) - Number(one.effect.state === overallEffect))
  const [ratedBy] = nodes
    .filter(({ breakout }) => breakout)
    .toSorted((a, b) => (b.breakout?.category ?? 0) - (a.breakout?.category ?? 0))
  return {
    overallEffect,
    effects: [...firstOfEach(observedBy(nodes), ({ effect }) => wordsOf(effect)), ...others],
    ...(ratedBy?.breakout && { breakout: ratedBy.breakout, ratedBy }),
  }
}

/** @param detections a manoeuvre's, the whole before its parts */
export const effectOfAll = (detections: readonly Pick<Detection, 'observedEffect'>[]): OverallEffect =>
  overallEffectOf(detections.map(({ observedEffect }) => ({ effect: observedEffect })))

export const gravestEffect = (detections: readonly Pick<Detection, 'observedEffect'>[]): Effect | undefined =>
  observedBy(detections)[0]?.effect

const sourcedEffectsIn = <Node extends Pick<OutcomeFields, 'observedEffect'>>(
  nodes: readonly Node[],
): readonly SourcedEffect<Node>[] =>
  nodes.flatMap((of) => (of.observedEffect ? [{ effect: of.observedEffect, of }] : []))

const observedBy = <Node extends Pick<OutcomeFields, 'observedEffect'>>(
  nodes: readonly Node[],
): readonly SourcedEffect<Node>[] =>
  sourcedEffectsIn(nodes)
    .filter(({ effect }) => effect.state === 'observed')
    .toSorted((a, b) => effectRank(b.effect) - effectRank(a.effect))

const wordsOf = ({ state, degree, source, text }: Effect): string => JSON.stringify([state, degree, source, text])

const firstOfEach = <One>(all: readonly One[], keyOf: (one: One) => string): readonly One[] => {
  const met = new Set<string>()
  return all.filter((one) => {
    const key = keyOf(one)
    return !met.has(key) && met.add(key)
  })
}
