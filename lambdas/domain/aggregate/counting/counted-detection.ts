import { type DistinctFigure, type Sum } from '../../core/figures.ts'
import type { Marking } from '../../core/marking.ts'
import type { TerritoryCode } from '../../core/place/territory.ts'
import { firstDayIn, lastDayIn, type LocalInterval, type PeriodFit } from '../../core/time/observed.ts'
import { attributionRank } from '../../detection/attribution.ts'
import type { Detection, EffectDegree, EffectState, Localised } from '../../detection/detection.ts'
import type { Kind } from '../../detection/kinds.ts'
import type { EditionOverrides } from '../../detection/revisions/edition-overrides.ts'
import { ownSum } from '../../detection/stated-figures.ts'

export type DetectionAsOf = {
  readonly detection: Detection
  readonly revision: number
  readonly storedAt: string
  /** Fields that an analyst corrected, such as `counts.posts`. */
  readonly corrected?: readonly string[] | undefined
  /** Replacement values for editions with a lower cap. */
  readonly below?: EditionOverrides | undefined
}

/** `from`: ISO instant of the first observation, needed to find the detection again. */
export type Contribution = {
  readonly id: string
  readonly revision: number
  readonly from: string
  readonly marking: Marking
}

/** `revision` is the stored one; `editionRevision` is set where the edition's differs. */
export type Contributed = Contribution & { readonly editionRevision?: number | undefined }

/** Uses the edition's revision, which counts only what may be known there. */
export const toContribution = ({
  id,
  revision,
  editionRevision = revision,
  from,
  marking,
}: Contributed): Contribution => ({
  ...{ id, revision: editionRevision, from, marking },
})

export const contributedOf = ({ id, revision, editionRevision, from, marking }: Contributed): Contributed => ({
  ...{ id, revision, from, marking },
  ...(editionRevision !== undefined && { editionRevision }),
})

/** Only the fields that counting needs: a week may hold a hundred thousand. */
export type CountedDetection = {
  readonly id: string
  readonly revision: number
  readonly editionRevision: number | undefined
  readonly partOf: string | undefined
  readonly fit: PeriodFit
  readonly from: string
  readonly day: string | undefined
  readonly lastDay: string | undefined
  readonly kind: Kind
  readonly detector: string
  readonly campaign: string | undefined
  /** Keys shared across detectors: see {@link printsOf}. */
  readonly prints: readonly string[]
  /** Local days, also if known only to the month; set only where needed. */
  readonly span: readonly [from: string, to: string] | undefined
  readonly territories: readonly TerritoryCode[]
  readonly platforms: readonly string[]
  readonly hashtags: readonly string[]
  readonly narratives: readonly Localised[]
  readonly languages: readonly string[]
  readonly techniques: Detection['techniques']
  /** Empty where it would only repeat {@link CountedDetection.posts}. */
  readonly counts: Detection['counts']
  readonly posts: Sum
  readonly refs: { readonly [figure in DistinctFigure]: readonly string[] }
  readonly effect: Effect | undefined
  /** The territory is named only through a group. */
  readonly isByGroup: boolean
  readonly attributed: ReturnType<typeof attributionRank>
  /** 0 where there is no set or its size is unknown. */
  readonly setSize: number
  readonly marking: Marking
  /** Empty until trees are built. */
  readonly parts: readonly CountedDetection[]
  /** Id at which the chain of wholes ends at a hidden whole. */
  readonly open?: string | undefined
}

export type Effect = {
  readonly state: EffectState | undefined
  readonly degree?: EffectDegree | undefined
  /** 0 where nothing is stated. */
  readonly breakout: number
  readonly basis?: BreakoutBasis | undefined
  /** Left out where nothing supports it. */
  readonly support?: Support | undefined
  readonly breakoutSupport?: Support | undefined
  readonly source?: string | undefined
}

/** Evidence text with a usable grade, or confirmed by an analyst in addition. */
export type Support = 'evidence' | 'confirmed'

type BreakoutBasis = NonNullable<Detection['breakout']>['basis']

/**
 * @param zone IANA zone of the days
 * @param home the territory, where only one is counted
 */
export const countedDetection = (
  { detection, revision, editionRevision }: DetectionAsOf & Pick<Contributed, 'editionRevision'>,
  interval: LocalInterval,
  fit: PeriodFit,
  zone: string,
  sharing: Sharing = sharedValues(),
  home?: TerritoryCode,
): CountedDetection => {
  const { id, partOf, kind, counts, marking, techniques, accountRefs, coordinatedAccountRefs, campaign } = detection
  const { withinDay } = interval
  const day = interval.day === undefined ? undefined : sharing.text(interval.day)
  const lastDay = withinDay || day === undefined ? day : sharing.text(lastDayIn(detection.observed, zone))
  const prints = printsOf(detection)
  return {
    id,
    revision,
    editionRevision: editionRevision === revision ? undefined : editionRevision,
    partOf,
    fit,
    from: sharing.instant(interval.first.from),
    day,
    lastDay,
    kind: sharing.text(kind),
    detector: sharing.text(detection.detector.name),
    campaign: campaign === undefined ? undefined : sharing.text(campaign),
    prints: prints.length === 0 ? none : prints,
    span:
      campaign === undefined && fit === 'counted' && day !== undefined && day === lastDay
        ? undefined
        : spanOf(detection.observed, zone, day, lastDay),
    territories: sharing.codes(detection.territories),
    platforms: sharing.list(detection.platforms),
    hashtags: sharing.list(detection.hashtags),
    narratives: sharing.narratives(detection.narratives),
    languages: sharing.list(detection.languages),
    techniques: sharing.techniques(techniques),
    counts: countsWithoutPosts(counts),
    posts: ownSum({ kind, counts, day, lastDay }, 'posts'),
    refs:
      accountRefs || coordinatedAccountRefs
        ? { accounts: accountRefs ?? none, coordinatedAccounts: coordinatedAccountRefs ?? none }
        : noRefs,
    effect: effectOf(detection),
    isByGroup: isByGroup(detection, home),
    attributed: attributionRank(detection),
    setSize: detection.accountSet?.size?.value ?? 0,
    marking: sharing.text(marking),
    parts: noParts,
  }
}

const isByGroup = (
  { territories }: { readonly territories: readonly { readonly code: string; readonly method: string }[] },
  home: string | undefined,
): boolean => territories.some(({ code, method }) => code === home && method === 'group')

const effectOf = (detection: Detection): Effect | undefined => {
  const { observedEffect, breakout } = detection
  if (!observedEffect && !breakout) return undefined
  return {
    state: observedEffect?.state,
    degree: observedEffect?.degree,
    breakout: breakout?.category ?? 0,
    basis: breakout?.basis,
    support: observedEffect && supportOf(detection, observedEffect.text, observedEffect.confirmed),
    breakoutSupport: breakout && supportOf(detection, breakout.evidence, breakout.confirmed),
    source: observedEffect?.source,
  }
}

const supportOf = (
  { reliability, credibility }: Detection,
  evidence: Localised | undefined,
  confirmed: object | undefined,
): Support | undefined => {
  const isDoubtful = reliability === 'E' || reliability === 'F' || (credibility ?? 0) >= 5
  if (!evidence || isDoubtful) return undefined
  return confirmed ? 'confirmed' : 'evidence'
}

/** Keys for the same text, or the same post by its address. */
const printsOf = ({ fingerprints, indicators }: Detection): readonly string[] => {
  if (fingerprints.length === 0 && indicators.length === 0) return none
  return [
    ...fingerprints.map(({ algorithm, value }) => `text\0${algorithm}\0${value}`.toLowerCase()),
    ...indicators.flatMap(({ type, value }) => (type === 'url' ? `post\0${value}`.toLowerCase() : [])),
  ]
}

const spanOf = (
  observed: Detection['observed'],
  zone: string,
  day: string | undefined,
  lastDay: string | undefined,
): readonly [string, string] | undefined => {
  if (observed.precision === 'month') return [firstDayIn(observed, zone), lastDayIn(observed, zone)]
  return day === undefined ? undefined : [day, lastDay ?? day]
}

const countsWithoutPosts = (stated: Detection['counts']): Detection['counts'] => {
  const counts = stated.byInterval ? withoutIntervals(stated) : stated
  const { posts: _, accounts, ...more } = counts
  for (const _more in more) return counts
  return accounts ? { accounts } : noCounts
}

/** Intervals only refine a figure and enter no sum. */
const withoutIntervals = ({ byInterval: _, ...counts }: Detection['counts']) => counts

const noCounts: Detection['counts'] = {}
const none: readonly string[] = []
const noRefs: CountedDetection['refs'] = { accounts: none, coordinatedAccounts: none }
const noParts: CountedDetection['parts'] = []
const noTexts: CountedDetection['narratives'] = []
const noTechniques: Detection['techniques'] = []

/** Interns values that repeat in most detections. */
export const sharedValues = () => {
  const lists = new Map<string, readonly string[]>()
  const texts = new Map<string, Localised>()
  const narratives = new Map<string, CountedDetection['narratives']>()
  const techniques = new Map<string, Detection['techniques']>()
  const words = new Map<string, string>()
  const places = new Map<string, readonly TerritoryCode[]>()
  let last = { milliseconds: Number.NaN, instant: '' }
  return {
    list: (names: readonly string[]): readonly string[] => {
      if (names.length === 0) return none
      const key = names.join('\0')
      const known = lists.get(key)
      if (!known) lists.set(key, names)
      return known ?? names
    },
    codes: (placings: Detection['territories']): readonly TerritoryCode[] => {
      const key = placings.map(({ code }) => code).join()
      const known = places.get(key) ?? placings.map(({ code }) => code)
      places.set(key, known)
      return known
    },
    text: <Text extends string>(text: Text): Text => {
      const known = words.get(text)
      if (known === undefined) words.set(text, text)
      return (known as Text | undefined) ?? text
    },
    narratives: (given: CountedDetection['narratives']): CountedDetection['narratives'] => {
      if (given.length === 0) return noTexts
      const keys = given.map((one) => Object.entries(one).flat().join('\0'))
      const key = keys.join('\0\0')
      const known =
        narratives.get(key) ??
        given.map((one, at) => {
          const each = keys[at] ?? ''
          const text = texts.get(each) ?? one
          texts.set(each, text)
          return text
        })
      narratives.set(key, known)
      return known
    },
    techniques: (given: Detection['techniques']): Detection['techniques'] => {
      if (given.length === 0) return noTechniques
      const key = JSON.stringify(given)
      const known = techniques.get(key)
      if (!known) techniques.set(key, given)
      return known ?? given
    },
    instant: (milliseconds: number): string => {
      if (last.milliseconds !== milliseconds) {
        last = { milliseconds, instant: new Date(milliseconds).toISOString() }
      }
      return last.instant
    },
  }
}

type Sharing = ReturnType<typeof sharedValues>

export const byTime = (a: CountedDetection, b: CountedDetection): number =>
  a.from === b.from ? (a.id < b.id ? -1 : 1) : a.from < b.from ? -1 : 1
