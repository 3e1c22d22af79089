/** The report: one complete value, in which every number and sentence that a page prints already stands. */
import { canonicalHash } from './canonical.ts'
import { type Comparison, compare } from './compare.ts'
import { defang, defangText } from './defang.ts'
import type { Detection, Localised } from './detection.ts'
import { type Edition, reportId } from './manifest.ts'
import type { Marking } from './marking.ts'
import { boundsIn, type Cadence } from './period.ts'
import type {
  AddedFigure,
  Contribution,
  DayCount,
  DistinctFigure,
  Share,
  Sighting,
  Tally,
  Total,
  Totals,
} from './tally.ts'
import { type TerritoryCode, territoryOf } from './territory.ts'

/** What is known of a detector: for the list of sources. */
export type Source = {
  readonly name: string
  readonly byHand: boolean
  readonly version?: string | undefined
  readonly thresholds?: Readonly<Record<string, string | number>> | undefined
  readonly knownError?: Localised | undefined
  readonly expectedRhythm?: string | undefined
  /** ISO instant of the last input at or before the report's as-of instant; undefined where there was none yet. */
  readonly lastInput?: string | undefined
}

/** One of the headline figures, with its past. */
export type Headline = { readonly figure: HeadlineFigure; readonly total: Total; readonly comparison: Comparison }

export type HeadlineFigure = 'detections' | AddedFigure | DistinctFigure

/** A detection as the report shows it: nothing above the cap, every address defanged. */
export type Entry = Pick<
  Detection,
  | 'id'
  | 'kind'
  | 'territories'
  | 'observed'
  | 'platforms'
  | 'campaign'
  | 'actor'
  | 'techniques'
  | 'hashtags'
  | 'languages'
  | 'confidence'
  | 'reliability'
  | 'credibility'
  | 'marking'
  | 'markingSource'
  | 'accountSet'
  | 'criteria'
> & {
  readonly revision: number
  readonly title: Localised
  readonly summary?: Localised | undefined
  readonly narratives: readonly Localised[]
  readonly event?: { readonly place: Localised; readonly participants: readonly Localised[] } | undefined
  readonly observedEffect?: Detection['observedEffect']
  readonly breakout?: Detection['breakout']
  readonly detector: string
  readonly evidence: readonly { readonly label: Localised; readonly address?: string; readonly archive?: string }[]
  readonly indicators: readonly { readonly type: string; readonly value: string }[]
  readonly figures: { readonly [figure in AddedFigure | DistinctFigure]: Total }
  readonly parts: readonly Entry[]
}

/** The facts of a report: language-neutral, complete. Counts are whole numbers, instants ISO 8601 in UTC, days local. */
export type Facts = {
  readonly schema: 'vigie-report/1'
  readonly id: string
  readonly territory: {
    readonly code: TerritoryCode
    readonly iso: string
    readonly zone: string
    readonly population: number
  }
  readonly period: {
    readonly id: string
    readonly cadence: Cadence
    readonly first: string
    readonly last: string
    readonly from: string
    readonly to: string
    readonly hours: number
  }
  readonly cap: Marking
  readonly marking: Marking
  readonly version: number
  readonly asOf: string
  readonly reconstructed: boolean
  readonly snapshotSha256: string
  /** Nothing counts here, nothing goes on, nothing is undated: the reader gets proof of watch instead. */
  readonly quiet: boolean
  readonly totals: Totals
  readonly before: readonly { readonly period: string; readonly totals: Totals }[]
  readonly headlines: readonly Headline[]
  readonly days: readonly DayCount[]
  readonly undated: { readonly detections: number; readonly posts: number }
  readonly platforms: readonly Share[]
  readonly kinds: readonly Share[]
  readonly hashtags: readonly Share[]
  readonly languages: readonly Share[]
  /** The weightiest first, at most {@link listedAtMost}. */
  readonly manoeuvres: readonly Entry[]
  readonly ongoing: readonly Entry[]
  readonly undatedHere: readonly Entry[]
  /** What the lists above leave out. */
  readonly unlisted: { readonly manoeuvres: number; readonly ongoing: number; readonly undatedHere: number }
  readonly sources: readonly Source[]
  readonly withheld: number
  readonly contributing: readonly Contribution[]
}

/** So many manoeuvres, ongoing and undated detections are listed each; the figures hold all. */
export const listedAtMost = 300

/** What a report is made of. */
export type Material = {
  readonly edition: Edition
  readonly tally: Tally
  /** The totals of the periods before, oldest first, under the same cap and as-of instant. */
  readonly before: readonly { readonly period: string; readonly totals: Totals }[]
  /** The bodies of the detections of {@link toShow}. */
  readonly shown: ReadonlyMap<string, Sighting>
  readonly sources: readonly Source[]
}

/** Which detections' bodies a report prints. */
export const toShow = (tally: Tally): readonly Contribution[] => {
  const ids = new Set(
    tally.manoeuvres.slice(0, listedAtMost).flatMap(({ id, parts }) => [id, ...parts.slice(0, listedAtMost)]),
  )
  return [
    ...tally.counted.filter(({ id }) => ids.has(id)),
    ...tally.ongoing.slice(0, listedAtMost),
    ...tally.undatedHere.slice(0, listedAtMost),
  ]
}

/** Bump it when the same detections would be counted otherwise than before. */
const countingRules = 1

/**
 * SHA-256 of all that a report's content depends on: equal snapshots are the same report. The as-of instant, the
 * sources' heartbeats and the program's version stay out of it.
 */
export const snapshotOf = (edition: Edition, tally: Tally, before: Material['before']): string =>
  canonicalHash({
    countingRules,
    territory: edition.territory,
    period: edition.period.id,
    cap: edition.cap,
    counted: tally.counted,
    ongoing: tally.ongoing,
    undatedHere: tally.undatedHere,
    withheld: tally.withheld,
    before,
  })

/** Puts the facts of a version together. */
export const factsOf = (
  material: Material,
  version: { number: number; asOf: string; reconstructed: boolean; snapshotSha256: string },
): Facts => {
  const { edition, tally, before, shown, sources } = material
  const territory = territoryOf(edition.territory)
  const bounds = boundsIn(edition.period, territory.zone)
  const bodies = (contributions: readonly Contribution[]) =>
    contributions.slice(0, listedAtMost).map(({ id }) => entryOf(bodyOf(shown, id), []))
  return {
    schema: 'vigie-report/1',
    id: reportId(edition, version.number),
    territory: { code: territory.code, iso: territory.iso, zone: territory.zone, population: territory.population },
    period: {
      ...edition.period,
      from: new Date(bounds.from).toISOString(),
      to: new Date(bounds.to).toISOString(),
      hours: bounds.hours,
    },
    cap: edition.cap,
    marking: tally.marking,
    version: version.number,
    asOf: version.asOf,
    reconstructed: version.reconstructed,
    snapshotSha256: version.snapshotSha256,
    quiet: tally.counted.length + tally.ongoing.length + tally.undatedHere.length === 0,
    totals: tally.totals,
    before,
    headlines: headlinesOf(tally.totals, before),
    days: tally.days,
    undated: tally.undated,
    platforms: tally.platforms,
    kinds: tally.kinds,
    hashtags: tally.hashtags,
    languages: tally.languages,
    manoeuvres: tally.manoeuvres.slice(0, listedAtMost).map(({ id, parts, figures }) => ({
      ...entryOf(
        bodyOf(shown, id),
        parts.slice(0, listedAtMost).map((part) => entryOf(bodyOf(shown, part), [])),
      ),
      figures,
    })),
    ongoing: bodies(tally.ongoing),
    undatedHere: bodies(tally.undatedHere),
    unlisted: {
      manoeuvres: Math.max(0, tally.manoeuvres.length - listedAtMost),
      ongoing: Math.max(0, tally.ongoing.length - listedAtMost),
      undatedHere: Math.max(0, tally.undatedHere.length - listedAtMost),
    },
    sources,
    withheld: tally.withheld,
    contributing: tally.counted,
  }
}

const headlineFigures: readonly HeadlineFigure[] = ['posts', 'accounts', 'coordinatedAccounts', 'videos', 'detections']

/** Posts and detections always; the others where they say anything now or in the periods before. */
const headlinesOf = (totals: Totals, before: Material['before']): readonly Headline[] =>
  headlineFigures
    .map((figure): Headline => {
      const total = totalIn(totals, figure)
      return {
        figure,
        total,
        comparison: compare(
          total,
          before.map((past) => totalIn(past.totals, figure)),
        ),
      }
    })
    .filter(
      ({ figure, total, comparison }) =>
        figure === 'posts' || figure === 'detections' || [total, ...comparison.before].some(({ value }) => value),
    )

const totalIn = (totals: Totals, figure: HeadlineFigure): Total =>
  figure === 'detections' ? { value: totals.detections, qualifier: 'exact' } : totals[figure]

const bodyOf = (shown: ReadonlyMap<string, Sighting>, id: string): Sighting => {
  const sighting = shown.get(id)
  if (!sighting) throw new Error(`the report shows detection ${id}, whose body was not read`)
  return sighting
}

const entryOf = ({ detection, revision }: Sighting, parts: readonly Entry[]): Entry => {
  const { counts } = detection
  const given = (figure: AddedFigure | DistinctFigure): Total =>
    counts[figure] ?? { value: null, qualifier: 'not given' }
  return {
    id: detection.id,
    revision,
    kind: detection.kind,
    title: safe(detection.title),
    summary: detection.summary && safe(detection.summary),
    territories: detection.territories,
    observed: detection.observed,
    platforms: detection.platforms,
    campaign: detection.campaign,
    actor: detection.actor,
    techniques: detection.techniques,
    narratives: detection.narratives.map(safe),
    hashtags: detection.hashtags,
    languages: detection.languages,
    event: detection.event && {
      place: safe(detection.event.place),
      participants: detection.event.participants.map(safe),
    },
    observedEffect: detection.observedEffect && {
      ...detection.observedEffect,
      ...(detection.observedEffect.text && { text: safe(detection.observedEffect.text) }),
    },
    breakout: detection.breakout && {
      ...detection.breakout,
      ...(detection.breakout.evidence && { evidence: safe(detection.breakout.evidence) }),
    },
    criteria: detection.criteria.map((one) => ({ ...one, ...(one.evidence && { evidence: safe(one.evidence) }) })),
    confidence: detection.confidence,
    reliability: detection.reliability,
    credibility: detection.credibility,
    marking: detection.marking,
    markingSource: detection.markingSource,
    accountSet: detection.accountSet,
    detector: detection.detector.name,
    evidence: detection.evidence.map(({ label, url, archiveUrl }) => ({
      label: safe(label),
      ...(url !== undefined && { address: defang(url) }),
      ...(archiveUrl !== undefined && { archive: defang(archiveUrl) }),
    })),
    indicators: detection.indicators.map(({ type, value }) => ({ type, value: defang(value) })),
    figures: {
      posts: given('posts'),
      reposts: given('reposts'),
      videos: given('videos'),
      views: given('views'),
      accounts: given('accounts'),
      coordinatedAccounts: given('coordinatedAccounts'),
    },
    parts,
  }
}

const safe = (texts: Localised): Localised =>
  Object.fromEntries(Object.entries(texts).map(([language, text]) => [language, defangText(text)]))
