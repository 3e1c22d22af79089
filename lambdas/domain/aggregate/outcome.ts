/**
 * What sources say came of a manoeuvre, of all its detections together: one rule for cards, flash notes, key points,
 * tables, dossiers and mails (docs/reports.md, Order by gravity).
 */
import type { Detection } from '../detection/detection.ts'
import { type OverallEffect, effectRank, overallEffectOf } from './counting/gravity.ts'

type OutcomeFields = Pick<Detection, 'observedEffect' | 'breakout'>
type Effect = NonNullable<Detection['observedEffect']>

/** An effect, and the detection whose source says so. */
export type SourcedEffect<Node> = { readonly effect: Effect; readonly of: Node }

export type Outcome<Node> = {
  readonly overallEffect: OverallEffect
  /**
   * Each that was observed, the gravest first, then of each other state the first detection that says so, what is
   * {@link said} of all before the others: where they contradict each other, both stand. The same words stand once.
   */
  readonly effects: readonly SourcedEffect<Node>[]
  /** The widest that any of them rates: of equal ones the whole's. */
  readonly breakout?: {
    readonly category: number
    readonly evidence?: NonNullable<OutcomeFields['breakout']>['evidence']
  }
  /** Whose that is. */
  readonly ratedBy?: Node
}

type Listed = { readonly id: string; readonly parts: readonly { readonly id: string }[] }

/** The one of these manoeuvres to which a detection belongs: itself, or as a part. */
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

/** Of the effects that were observed. */
export const gravestEffect = (detections: readonly Pick<Detection, 'observedEffect'>[]): Effect | undefined =>
  observedBy(detections)[0]?.effect

const sourcedEffectsIn = <Node extends Pick<OutcomeFields, 'observedEffect'>>(
  nodes: readonly Node[],
): readonly SourcedEffect<Node>[] =>
  nodes.flatMap((of) => (of.observedEffect ? [{ effect: of.observedEffect, of }] : []))

/** The gravest first. */
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
