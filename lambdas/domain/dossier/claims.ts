/** Claims of the sources about a campaign: attribution, effect, indicators. Vigie makes none. */
import { detectorShown } from '../aggregate/watch/watch.ts'
import { maximum } from '../core/lists.ts'
import { type Marking, strictest } from '../core/marking.ts'
import { firstAmong } from '../core/place/subject.ts'
import { type TerritoryCode, territories } from '../core/place/territory.ts'
import { defang } from '../core/text/defang.ts'
import { nameIn } from '../core/text/localised.ts'
import type { Observed } from '../core/time/observed.ts'
import type { Detection, Localised, Name } from '../detection/detection.ts'

/** A detection and the instant at which it began. Lists are sorted, earliest first. */
export type Begun = { readonly from: number; readonly detection: Detection }

const members = territories.map(({ code }) => code)

const firstSeen = (detection: Detection): { readonly first: Observed; readonly home?: TerritoryCode } => {
  const home = firstAmong(detection, members)?.code
  return { first: detection.observed, ...(home && { home }) }
}

/** An attribution, or a link to a modus operandi: equal ones are merged. */
export type ActorLink = {
  readonly kind: 'actor' | 'modus operandi'
  readonly name: Name
  readonly attributedBy: Name
  readonly likelihood?: NonNullable<Detection['actor']>['likelihood']
  readonly confidence?: NonNullable<Detection['actor']>['confidence']
  readonly detections: number
  readonly first: Observed
  /** The territory whose time zone applies; left out if none was assigned. */
  readonly home?: TerritoryCode
  readonly marking: Marking
}

/** *not assessed* includes *not given*: the source states nothing. */
export type EffectCounts = {
  readonly observed: number
  readonly none: number
  readonly 'not assessed': number
  readonly 'not given': number
}

export const countEffects = (
  effects: readonly ('observed' | 'none' | 'not assessed' | 'not given')[],
): EffectCounts => {
  const count = (state: (typeof effects)[number]) => effects.filter((one) => one === state).length
  const [open, silent] = [count('not assessed'), count('not given')]
  return { observed: count('observed'), none: count('none'), 'not assessed': open + silent, 'not given': silent }
}

/** Returns disjoint counts: *not assessed* without *not given*. */
export const statesApart = ({ 'not given': silent, ...effect }: EffectCounts): EffectCounts => ({
  ...effect,
  'not assessed': effect['not assessed'] - silent,
  'not given': silent,
})

/** A source's claims, under the name that the edition may show. */
export type SourceSaying = {
  readonly source: string
  readonly detections: number
  readonly first: Observed
  /** The territory whose time zone applies; left out if none was assigned. */
  readonly home?: TerritoryCode
  readonly effect: EffectCounts
  /** The widest breakout rating, 1 to 6; 0 if none. */
  readonly breakout: number
  /** Admiralty codes, such as `A2`. */
  readonly ratings: readonly string[]
  /** Texts on the effect, by the source or by one that it quotes. */
  readonly texts: readonly { readonly text: Localised; readonly source?: string }[]
  readonly statements: readonly { readonly of: Localised; readonly confidence: NonNullable<Detection['confidence']> }[]
  readonly marking: Marking
}

export type KnownIndicator = {
  readonly type: Detection['indicators'][number]['type']
  /** Defanged. */
  readonly value: string
  readonly note?: Localised | undefined
  readonly detections: number
  readonly first: Observed
  /** The territory whose time zone applies; left out if none was assigned. */
  readonly home?: TerritoryCode
  readonly marking: Marking
}

const keyOfName = (name: Name): string => nameIn(name, 'en').text.trim().toLowerCase()

type Attribution = Pick<ActorLink, 'kind' | 'name' | 'attributedBy' | 'likelihood' | 'confidence'> & {
  readonly detection: Detection
}

export const actorLinks = (begun: readonly Begun[]): readonly ActorLink[] => {
  const attributions = begun.flatMap(({ detection }): readonly Attribution[] => {
    const { actor, modusOperandi } = detection
    return [
      ...(actor ? [{ kind: 'actor' as const, ...actor, detection }] : []),
      ...(modusOperandi ? [{ kind: 'modus operandi' as const, ...modusOperandi, detection }] : []),
    ]
  })
  // join writes nothing for undefined.
  const keyOf = ({ kind, name, attributedBy, likelihood, confidence }: Attribution): string =>
    [kind, keyOfName(name), keyOfName(attributedBy), likelihood, confidence].join('\0')
  return [...Map.groupBy(attributions, keyOf).values()].flatMap((same) => {
    const [first] = same
    if (!first) return []
    // An actor's links and replies are in the chain.
    const { kind, name, attributedBy, likelihood, confidence, detection } = first
    return [
      {
        ...{ kind, name, attributedBy, ...(likelihood && { likelihood }), ...(confidence && { confidence }) },
        detections: same.length,
        ...firstSeen(detection),
        marking: strictest(same.map((one) => one.detection.marking)),
      },
    ]
  })
}

/** Per source. */
const maxTexts = 5

export const sourcesSaying = (begun: readonly Begun[]): readonly SourceSaying[] =>
  [...Map.groupBy(begun, ({ detection }) => detectorShown(detection))].map(([source, those]) => {
    const detections = those.map(({ detection }) => detection)
    return {
      source,
      detections: detections.length,
      ...firstSeen((those[0] as Begun).detection),
      effect: countEffects(detections.map(({ observedEffect }) => observedEffect?.state ?? 'not given')),
      breakout: maximum(
        detections.map(({ breakout }) => breakout?.category ?? 0),
        0,
      ),
      ratings: [
        ...new Set(
          detections.flatMap(({ reliability = '', credibility = '' }) => `${reliability}${credibility}` || []),
        ),
      ].sort(),
      texts: textsOf(detections),
      statements: statementsOf(detections),
      marking: strictest(detections.map(({ marking }) => marking)),
    }
  })

const textsOf = (detections: readonly Detection[]): SourceSaying['texts'] => {
  const effectQuotes = detections.flatMap(({ observedEffect: effect }) =>
    effect?.text ? [{ text: effect.text, source: effect.source }] : [],
  )
  return onceEach(effectQuotes, ({ text, source }) => JSON.stringify([text, source]))
    .slice(0, maxTexts)
    .map(({ text, source }) => ({ text, ...(source !== undefined && { source }) }))
}

const statementsOf = (detections: readonly Detection[]): SourceSaying['statements'] => {
  const statements = detections.flatMap(({ confidence }) => (confidence?.of ? [{ of: confidence.of, confidence }] : []))
  return onceEach(statements, (one) => JSON.stringify(one)).slice(0, maxTexts)
}

const onceEach = <One>(all: readonly One[], keyOf: (one: One) => string): readonly One[] =>
  [...new Map(all.toReversed().map((one) => [keyOf(one), one])).values()].toReversed()

/** Sorted by number of detections, then type and value. */
export const knownIndicators = (begun: readonly Begun[]): readonly KnownIndicator[] => {
  const found = new Map<string, KnownIndicator & { readonly ids: Set<string> }>()
  for (const { detection } of begun) {
    for (const { type, value, note } of detection.indicators) {
      const key = `${type}\0${value.toLowerCase()}`
      const known = found.get(key)
      const ids = (known?.ids ?? new Set()).add(detection.id)
      found.set(key, {
        ...{ type, value: known?.value ?? defang(value), note: known?.note ?? note, ids },
        detections: ids.size,
        ...(known ? { first: known.first, ...(known.home && { home: known.home }) } : firstSeen(detection)),
        marking: strictest([detection.marking, ...(known ? [known.marking] : [])]),
      })
    }
  }
  return [...found.values()]
    .map(({ ids: _, note, ...one }) => ({ ...one, ...(note && { note }) }))
    .sort(
      (a, b) =>
        b.detections - a.detections || (a.type === b.type ? (a.value < b.value ? -1 : 1) : a.type < b.type ? -1 : 1),
    )
}
