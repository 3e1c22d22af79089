/**
 * What sources say of a campaign: whose they say it is, what came of it, by what it is known. Vigie says none of it
 * itself.
 */
import { detectorShown } from '../aggregate/watch/watch.ts'
import { maximum } from '../core/lists.ts'
import { type Marking, strictest } from '../core/marking.ts'
import { firstAmong } from '../core/place/subject.ts'
import { type TerritoryCode, territories } from '../core/place/territory.ts'
import { defang } from '../core/text/defang.ts'
import { nameIn } from '../core/text/localised.ts'
import type { Observed } from '../core/time/observed.ts'
import type { Detection, Localised, Name } from '../detection/detection.ts'

/** A detection with the instant at which it began. Those of a dossier are given the earliest first. */
export type Begun = { readonly from: number; readonly detection: Detection }

const members = territories.map(({ code }) => code)

/** When the first of them began, and for whom. */
const firstSeen = (detection: Detection): { readonly first: Observed; readonly home?: TerritoryCode } => {
  const home = firstAmong(detection, members)?.code
  return { first: detection.observed, ...(home && { home }) }
}

/** That sources attribute some of it to somebody, or link it to a way of working: in the same words, each once. */
export type ActorLink = {
  readonly kind: 'actor' | 'modus operandi'
  readonly name: Name
  readonly attributedBy: Name
  readonly likelihood?: NonNullable<Detection['actor']>['likelihood']
  readonly confidence?: NonNullable<Detection['actor']>['confidence']
  readonly detections: number
  readonly first: Observed
  /** Where that was, in whose days and time it is told; left out where nobody placed it. */
  readonly home?: TerritoryCode
  readonly marking: Marking
}

/**
 * *not assessed* counts both what a source says was not assessed and, which are told apart, those of which none says
 * anything.
 */
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

/** Each state by itself: *not assessed* is what a source says so of. */
export const statesApart = ({ 'not given': silent, ...effect }: EffectCounts): EffectCounts => ({
  ...effect,
  'not assessed': effect['not assessed'] - silent,
  'not given': silent,
})

/** What one source says, as far as the edition may name it. */
export type SourceSaying = {
  readonly source: string
  readonly detections: number
  readonly first: Observed
  /** Where that was, in whose days and time it is told; left out where nobody placed it. */
  readonly home?: TerritoryCode
  /** How many of its detections say what of the effect. */
  readonly effect: EffectCounts
  /** The widest breakout that it rates, 1 to 6; 0 where it rates none. */
  readonly breakout: number
  /** Admiralty codes that its detections bear, such as `A2`. */
  readonly ratings: readonly string[]
  /** On the effect, as it words it, or as whom it names words it. */
  readonly texts: readonly { readonly text: Localised; readonly source?: string }[]
  /** Statements that it makes with a confidence of their own. */
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
  /** Where that was, in whose days and time it is told; left out where nobody placed it. */
  readonly home?: TerritoryCode
  readonly marking: Marking
}

const keyOfName = (name: Name): string => nameIn(name, 'en').text.trim().toLowerCase()

export const actorLinks = (begun: readonly Begun[]): readonly ActorLink[] => {
  const attributions = begun.flatMap(({ detection }) => {
    const { actor, modusOperandi } = detection
    return [
      ...(actor ? [{ kind: 'actor' as const, ...actor, detection }] : []),
      ...(modusOperandi ? [{ kind: 'modus operandi' as const, ...modusOperandi, detection }] : []),
    ]
  })
  const keyOf = (one: (typeof attributions)[number]): string =>
    [
      one.kind,
      keyOfName(one.name),
      keyOfName(one.attributedBy),
      ...('likelihood' in one ? [one.likelihood] : ['']),
      ...('confidence' in one ? [one.confidence] : ['']),
    ].join('\0')
  return [...Map.groupBy(attributions, keyOf).values()].flatMap((same) => {
    const [first] = same
    if (!first) return []
    const { detection, ...link } = first
    return [
      {
        ...link,
        detections: same.length,
        ...firstSeen(detection),
        marking: strictest(same.map((one) => one.detection.marking)),
      },
    ]
  })
}

/** So many different words of one source are told. */
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

/** Those of most detections first, then by type and value. */
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
