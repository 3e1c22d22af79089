/** The report: one complete value, in which every number and sentence that a page prints is already in it. */

import type { Across } from '../aggregate/across.ts'
import { type Comparison, compare } from '../aggregate/compare.ts'
import { ownAccounts } from '../aggregate/counting/accounts.ts'
import { toContribution, type Contributed } from '../aggregate/counting/counted-detection.ts'
import type { EffectCounts, NotGiven } from '../aggregate/counting/effects.ts'
import { eachOf, joined, many, type Many, only, taken } from '../aggregate/counting/many.ts'
import type { GroupFacts } from '../aggregate/members.ts'
import type { Since } from '../aggregate/since.ts'
import {
  type CampaignShare,
  type Contribution,
  type DayCount,
  type DetectionAsOf,
  type HeadlineFigure,
  type Joint,
  type JointIn,
  manoeuvresKept,
  maxNamed,
  type NarrativeShare,
  type Share,
  type SharesBefore,
  type Span,
  type Tally,
  type Totals,
  totalIn,
  type Undated,
} from '../aggregate/tally.ts'
import { detectorShown, type Source, sourceOf, unnamedDetector, type VisibleSource } from '../aggregate/watch/watch.ts'
import type { WaitingCandidate } from '../coordination/candidate.ts'
import { type AddedFigure, type DistinctFigure, notWatched, type Total, totalOf } from '../core/figures.ts'
import { pushAll } from '../core/lists.ts'
import { isPublicCap, type Marking, markings, strictest } from '../core/marking.ts'
import { boundsFor } from '../core/place/subject.ts'
import { type SubjectCode, subjectOf } from '../core/place/territory.ts'
import { canonicalHash, listSha256 } from '../core/text/canonical.ts'
import { defang } from '../core/text/defang.ts'
import { harmless } from '../core/text/harmless.ts'
import { type Cadence, daysOf } from '../core/time/period.ts'
import { knownUnder, withSource } from '../detection/attribution.ts'
import type { Detection, Localised } from '../detection/detection.ts'
import { type Disarm, disarmOf, identityOf, type Taxonomy } from '../detection/frameworks/disarm.ts'
import { attributedByShown } from '../detection/names/attributed-by.ts'
import { type AnonymousPlacing, anonymousPlacings } from '../detection/names/placings.ts'
import type { Quote } from '../detection/quote-schema.ts'
import { correctedInEdition, revisionInEdition } from '../detection/revisions/edition-overrides.ts'
import { ownSum } from '../detection/stated-figures.ts'
import type { DossierFacts } from '../dossier/dossier.ts'
import type { FlashFacts, ReplacedFlash } from '../flash/flash.ts'
import { type Plate, type PlateGroup, plateGroups, plateSnapshot } from '../plate/plate.ts'
import { type Changes, type Comparable, changesBetween, type Gone, type RevisedPeriod } from './changes.ts'
import { asStated, holdsOfEditionAlone } from './edition.ts'
import { type Edition, reportId } from './manifest.ts'
import { noteSha256, type PrintedNote } from './note.ts'
import type { Organisation } from './organisation.ts'
import { type SinceFacts, sinceFacts } from './since-facts.ts'

/** A period before; `joint` where several territories have figures of it in common, which are compared with none. */
type PeriodBefore = { readonly period: string; readonly totals: Totals; readonly joint?: JointIn | undefined }

/** One of the headline figures, with its past. */
export type Headline = {
  readonly figure: HeadlineFigure
  readonly total: Total
  readonly comparison: Comparison
  readonly marking: Marking
}

/** A detection as the report shows it: nothing above the cap, every text harmless. */
export type Entry = Pick<
  Detection,
  | 'id'
  | 'kind'
  | 'observed'
  | 'platforms'
  | 'campaign'
  | 'actor'
  | 'supposedOrigin'
  | 'timeZoneUnknown'
  | 'modusOperandi'
  | 'reported'
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
  | 'impersonates'
> & {
  readonly territories: readonly AnonymousPlacing[]
  readonly revision: number
  /** Fields that say what an analyst corrected, and not what the detector said: `title`, `counts.posts`. */
  readonly corrected?: readonly string[] | undefined
  /** The detection of which it is a part, where that is in the same manoeuvre. */
  readonly partOf?: string | undefined
  readonly title: Localised
  readonly summary?: Localised | undefined
  readonly narratives: readonly Localised[]
  readonly event?: { readonly place?: Localised | undefined; readonly participants: readonly Localised[] } | undefined
  readonly observedEffect?: Detection['observedEffect']
  readonly breakout?: Detection['breakout']
  /** Its name, or what stands for one that may not be named here. */
  readonly detector: string
  readonly evidence: readonly { readonly label: Localised; readonly address?: string; readonly archive?: string }[]
  /** Of which the edition may know; left out where there are none. */
  readonly quotes?: readonly Quote[] | undefined
  readonly indicators: readonly { readonly type: string; readonly value: string }[]
  readonly figures: { readonly [figure in AddedFigure | DistinctFigure]: Total }
  /** Of a manoeuvre whose figures rest on stricter parts: the marking of what is printed of it as a whole. */
  readonly figuresMarking?: Marking
  /** Posts below the day: they refine a figure, and are added to none. */
  readonly byInterval?: Detection['counts']['byInterval']
  /** Of a manoeuvre: what the detection states itself, without its parts. */
  readonly own?: { readonly [figure in AddedFigure | DistinctFigure]: Total }
  /**
   * Of a manoeuvre: figures of it that the totals leave out, since something else that counts has them, or may have.
   */
  readonly apart?: readonly AddedFigure[]
  readonly parts: readonly Entry[]
  /** So many parts are not listed, the least grave; left out where all are. */
  readonly moreParts?: number
}

/**
 * The facts of a report: language-neutral, complete. Counts are whole numbers, instants ISO 8601 in UTC, days local.
 */
export type Facts = {
  readonly schema: 'vigie-report/1'
  readonly id: string
  readonly territory: {
    /**
     * Of a group where it is about several: `ALL`, `OVERSEAS`, `ANTILLES`, `PACIFIC`, `INDIAN-OCEAN`; `campaign-…` of a
     * dossier, `flash-…` of a flash note.
     */
    readonly code: SubjectCode
    /** Missing of a group. */
    readonly iso?: string
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
  /** The version that was recalled, and that this one replaces: it is not compared with, since it is not told again. */
  readonly replacesRecalled?: number
  /** Whose report it is, and how it is dressed. */
  readonly house: Organisation
  readonly snapshotSha256: string
  readonly countingRules: number
  /** Nothing counts here, nothing goes on, nothing is undated: the reader gets proof of watch instead. */
  readonly quiet: boolean
  /** What analysts wrote about the period, as far as the cap lets it show; the oldest first. */
  readonly notes: readonly PrintedNote[]
  readonly totals: Totals
  readonly before: readonly PeriodBefore[]
  readonly headlines: readonly Headline[]
  readonly days: readonly DayCount[]
  readonly undated: Undated
  readonly spans: readonly Span[]
  /** Left out where no posts are of several territories together. */
  readonly joint?: Joint | undefined
  /** Of a group's report: its territories and campaigns. */
  readonly group?: GroupFacts | undefined
  /**
   * Of a campaign's dossier. Its figures hold all until the period's last day; `days` are those since it was first
   * seen.
   */
  readonly dossier?: DossierFacts | undefined
  /**
   * Of a flash note. Its figures hold the detections that it names with their parts, and are floors while these go on.
   */
  readonly flash?: FlashFacts | undefined
  /** Flash notes that were sent before a weekly report was due; left out where there are none. */
  readonly replaces?: readonly ReplacedFlash[] | undefined
  readonly platforms: readonly Share[]
  readonly kinds: readonly Share[]
  /** Of the manoeuvres that count here, by the name that the sources give; the one of the gravest manoeuvre first. */
  readonly campaigns: readonly CampaignShare[]
  readonly hashtags: readonly Compared<Share>[]
  readonly narratives: readonly Compared<NarrativeShare>[]
  readonly languages: readonly Share[]
  readonly disarm: Disarm & { readonly marking: Marking }
  /** The gravest first (docs/reports.md, Order by gravity), at most {@link maxListed}. */
  readonly manoeuvres: readonly Entry[]
  readonly ongoing: readonly Entry[]
  readonly undatedHere: readonly Entry[]
  readonly effects: EffectsHere
  /** What the lists above leave out. */
  /** Evidence plates of the detections that are listed; left out where there are none. */
  readonly plates?: readonly PlateGroup[] | undefined
  readonly unlisted: { readonly manoeuvres: number; readonly ongoing: number; readonly undatedHere: number }
  /** Against the version before this one; null in the first. */
  readonly changes: Changes | null
  /** Periods before whose published figures no longer hold. */
  readonly revisedBefore: readonly RevisedPeriod[]
  /** What is new, goes on, has ended and was corrected; of a dossier and a flash note none. */
  readonly since?: SinceFacts
  /** Where else the weightiest manoeuvres' links were seen. */
  readonly across: readonly Across[]
  /** What a machine found in posts and waits for a person: it is in no other figure. Left out where nothing waits. */
  readonly candidates?: Candidates
  readonly sources: readonly Source[]
  readonly watch: Kept
  /** Left out of an edition that may be published, unless the organisation shows it. */
  readonly withheld?: number
  /** Something above the cap lies in the period, or in one that it is compared with: words hold of the edition alone. */
  readonly ofEditionAlone?: true
  /** Which revision of what the report shows: counted, ongoing, undated here. */
  readonly contributing: Many<Contribution>
}

/** The marking is that of all of them, listed or not. */
type Candidates = { readonly listed: readonly WaitingCandidate[]; readonly more: number; readonly marking: Marking }

/** What came of the period's manoeuvres. */
type EffectsHere = {
  /** Every manoeuvre in the report, listed or not, says that no effect was observed. */
  readonly none: boolean
  readonly stated: EffectCounts
  /** Nobody says *not assessed* either: of all of it, or of some, no source gives an effect. */
  readonly notGiven?: NotGiven | undefined
  /** The gravest of those with an observed effect or a breakout of 4 to 6, at most {@link maxEffectsListed}. */
  readonly reached: readonly Entry[]
  /** So many more there are. */
  readonly more: number
  readonly marking: Marking
}

/** So many effects are told each. */
const maxEffectsListed = 3

/**
 * With the posts of the period right before: null where a source watched and the name was not seen, *not watched* where
 * nobody did, left out where it is not compared.
 */
export type Compared<Named extends Share> = Named & { readonly before?: Total | null }

const compared = <Named extends Share>(
  shares: readonly Named[],
  past: readonly Share[] | undefined,
  watched: boolean,
): readonly Compared<Named>[] => {
  if (!past) return shares
  const unseen = watched ? null : notWatched
  const posts = new Map(past.map((share) => [share.name.toLowerCase(), share.posts]))
  return shares.map((share, at) =>
    at < maxNamed ? { ...share, before: posts.get(share.name.toLowerCase()) ?? unseen } : share,
  )
}

/** So many manoeuvres, ongoing and undated detections are listed each; the figures hold all. */
export const maxListed = manoeuvresKept

/** So many candidates are listed. */
const maxCandidates = 50

/** What a report is made of. */
export type Material = {
  readonly edition: Edition
  readonly tally: Tally
  /** The totals of the periods before, oldest first, under the same cap and as-of instant; the last with its shares. */
  readonly before: readonly (PeriodBefore & {
    readonly shares?: SharesBefore | undefined
    /** Something of it is above the cap. */
    readonly isHiding?: true
  })[]
  /** The one that stood at the as-of instant. */
  readonly taxonomy: Taxonomy
  /** The bodies of the detections of {@link toShow}. */
  readonly shown: ReadonlyMap<string, DetectionAsOf>
  /** As far as the edition may know them. */
  readonly sources: readonly VisibleSource[]
  /** The plates that {@link shown} names, and those of their pairs, as far as the edition may know them; by hash. */
  readonly plates?: ReadonlyMap<string, Plate> | undefined
  readonly kept: Kept
  readonly notes: readonly PrintedNote[]
  readonly across: readonly Across[]
  /** Those of the period that the edition may know, as they waited at the as-of instant; sorted by id. */
  readonly candidates: readonly WaitingCandidate[]
  /** Of a group's report. */
  readonly group?: GroupFacts | undefined
  /** Of a campaign's dossier. */
  readonly dossier?: DossierFacts | undefined
  /** Of a flash note. */
  readonly flash?: FlashFacts | undefined
  /** Flash notes that a weekly report replaces. */
  readonly replaces?: readonly ReplacedFlash[] | undefined
  /** The version before this one; undefined for a first one. */
  readonly previous: Comparable | undefined
  /** Of what it showed and this one does not. */
  readonly gone: Gone
  /** Against the periods before. */
  /** A dossier is compared with nothing before it. */
  readonly since?: Since
  /** Titles of what {@link since} lists without a campaign, by id. */
  readonly threadTitles: ReadonlyMap<string, Localised>
  readonly revisedBefore: readonly RevisedPeriod[]
  readonly house: Organisation
  /** By source: see {@link declaredMarkings}. */
  readonly declared: ReadonlyMap<string, Marking>
}

/**
 * What came in and is in no territory's figures: records that were refused in the period (of unknown marking, so null
 * below RED), and detections without a place under the cap.
 */
type Kept = { readonly rejects: number | null; readonly unplaced: number; readonly marking: Marking }

/** Which detections' bodies a report prints. */
export const toShow = (tally: Tally): readonly Contribution[] => {
  const ids = new Set([
    ...tally.manoeuvres.flatMap(({ id, parts }) => [id, ...parts.slice(0, maxListed)]),
    ...tally.effects.reached.slice(0, maxEffectsListed),
  ])
  return [
    ...only(tally.counted, ({ id }) => ids.has(id)),
    ...taken(tally.ongoing, maxListed),
    ...taken(tally.undatedHere, maxListed),
  ]
}

/** What a snapshot rests on. */
export type Counted = Pick<
  Material,
  | 'tally'
  | 'before'
  | 'shown'
  | 'since'
  | 'threadTitles'
  | 'across'
  | 'notes'
  | 'taxonomy'
  | 'declared'
  | 'candidates'
  | 'group'
  | 'dossier'
  | 'flash'
  | 'replaces'
  | 'plates'
>

/** Bump it when the same detections would be counted otherwise than before. */
export const countingRules = 11

/**
 * SHA-256 of all that a report's content depends on: equal snapshots are the same report. The as-of instant, the
 * sources' heartbeats and the program's version stay out of it, but for whether the period was over: what is told of
 * one that runs is not the last word on it.
 */
export const snapshotOf = (
  edition: Edition,
  {
    tally,
    before,
    since,
    across,
    notes,
    taxonomy,
    shown,
    candidates,
    group,
    dossier,
    flash,
    replaces,
    plates,
  }: Counted,
  { nameOfficeHolders }: Organisation,
  asOf: string,
): string => {
  // A source that was raised since is named no more.
  const unnamed = [...shown.values()]
    .filter(({ detection }) => detectorShown(detection) === unnamedDetector)
    .map(({ detection }) => detection.id)
    .sort()
  return canonicalHash({
    countingRules,
    ...(nameOfficeHolders && { nameOfficeHolders }),
    territory: edition.territory,
    period: edition.period.id,
    cap: edition.cap,
    watched: tally.totals.watched,
    // Of a group that follows from how its members were watched.
    ...(tally.totals.isFloor && !group && { isFloor: true }),
    counted: listSha256(tally.counted, contributionRow),
    ongoing: listSha256(tally.ongoing, contributionRow),
    undatedHere: listSha256(tally.undatedHere, contributionRow),
    before: before.map(({ period, totals, joint, shares }) => ({ period, totals, joint, shares })),
    ...(since && { since: sinceSnapshot(since) }),
    across,
    ...(group && { group: groupSnapshot(group) }),
    ...(dossier && { dossier: dossierSnapshot(dossier) }),
    // Who may receive it stays out of it, as heartbeats do.
    ...(flash && { flash: { until: flash.until, isRunning: flash.isRunning } }),
    ...(replaces && { replaces: replaces.map(({ key, version }) => [key, version]) }),
    notes: notes.map(noteSha256),
    taxonomy: identityOf(taxonomy),
    ...(unnamed.length > 0 && { unnamed }),
    ...(candidates.length > 0 && { candidates }),
    ...(plates && plates.size > 0 && { plates: [...plates.values()].map(plateSnapshot).sort() }),
    ...(!isOverAt(edition, asOf) && { running: true }),
  })
}

/** Which they are, and not how they are marked: what stands for them is marked as before until it is revised. */
const sinceSnapshot = ({ added, goesOn, ended, silent }: Since) => {
  const rows = (list: Since['added']) =>
    listSha256(list, ({ lead, campaign = '', last = '', signed }) => [
      lead.id,
      lead.editionRevision ?? lead.revision,
      campaign,
      last,
      signed ? 1 : 0,
    ])
  return { added: rows(added), goesOn: rows(goesOn), ended: rows(ended), silent }
}

/** How the members were watched stays out of it, as heartbeats do. */
const groupSnapshot = ({ rows, campaigns, isWhole: _, ...group }: GroupFacts) => ({
  ...group,
  // That there is a report to lead to is no news.
  campaigns: campaigns.map(({ dossier: __, ...row }) => row),
  marking: undefined,
  rows: rows.map(({ territory, totals, joint, effect, breakout, published }) => ({
    territory,
    totals,
    joint,
    effect,
    breakout,
    published: published?.version,
  })),
})

/** What follows from the detections stays out of it, and so does how it was watched. */
const dossierSnapshot = ({ name, storedAs, more, others }: DossierFacts) => ({ name, storedAs, more, others })

const isOverAt = ({ territory, period }: Edition, asOf: string): boolean =>
  Date.parse(asOf) >= boundsFor(period, territory).to

const contributionRow = ({ id, revision, editionRevision = revision, from }: Contributed) =>
  [id, editionRevision, from] as const

/** Puts the facts of a version together. */
export const factsOf = (
  counted: Material,
  version: {
    number: number
    asOf: string
    reconstructed: boolean
    snapshotSha256: string
    replacesRecalled?: number | undefined
  },
): Facts => {
  const material = asStated(counted)
  const { edition, tally, before, notes, shown } = material
  const isPublic = isPublicCap(edition.cap)
  // What is published is held against no period before.
  const past = isPublic ? undefined : before.at(-1)?.shares
  const watchedBefore = before.at(-1)?.totals.watched ?? false
  const territory = subjectOf(edition.territory)
  const bounds = boundsFor(edition.period, territory.code)
  const all = joined([tally.counted, tally.ongoing, tally.undatedHere])
  const contributing = many(all.length, () => eachOf(all, toContribution))
  const entry: EntryFor = (id, parts = []) =>
    entryOf(bodyOf(shown, id), edition.cap, parts, material.house.nameOfficeHolders)
  const bodies = (contributions: Many<Contribution>) => taken(contributions, maxListed).map(({ id }) => entry(id))
  const lists = {
    manoeuvres: manoeuvreEntries(tally, shown, entry),
    ongoing: bodies(tally.ongoing),
    undatedHere: bodies(tally.undatedHere),
  }
  const plates = plateFacts(material, lists)
  const changes = changeFacts({ ...material, plates }, contributing, version.asOf)
  const { revisedBefore } = material
  const facts: Facts = {
    schema: 'vigie-report/1',
    id: reportId(edition, version.number),
    territory: {
      code: territory.code,
      ...(territory.iso !== undefined && { iso: territory.iso }),
      zone: territory.zone,
      population: territory.population,
    },
    period: {
      ...edition.period,
      from: new Date(bounds.from).toISOString(),
      to: new Date(bounds.to).toISOString(),
      hours: bounds.hours,
    },
    cap: edition.cap,
    marking: 'TLP:CLEAR', // until all that is printed is below
    version: version.number,
    asOf: version.asOf,
    reconstructed: version.reconstructed,
    ...(version.replacesRecalled !== undefined && { replacesRecalled: version.replacesRecalled }),
    house: material.house,
    snapshotSha256: version.snapshotSha256,
    countingRules,
    quiet: tally.counted.length + tally.ongoing.length + tally.undatedHere.length === 0,
    notes,
    totals: tally.totals,
    before: before.map(({ period, totals, joint }) => ({ period, totals, ...(joint && { joint }) })),
    // Nothing of a flash note is compared with the past, which the weekly report does.
    headlines: material.flash
      ? []
      : headlinesOf(
          { totals: tally.totals, joint: territory.members.length === 1 ? tally.jointIn : undefined },
          before,
        ),
    days: tally.days,
    undated: tally.undated,
    spans: tally.spans,
    // What members of a group have together is the group's own.
    ...(tally.joint && territory.members.length === 1 && { joint: tally.joint }),
    ...(material.group && { group: material.group }),
    ...(material.dossier && { dossier: material.dossier }),
    ...(material.flash && { flash: material.flash }),
    ...(material.replaces && { replaces: material.replaces }),
    platforms: tally.platforms,
    kinds: tally.kinds,
    campaigns: tally.campaigns.slice(0, maxListed),
    hashtags: compared(tally.hashtags, past?.hashtags, watchedBefore),
    narratives: compared(tally.narratives, past?.narratives, watchedBefore),
    languages: tally.languages,
    disarm: disarmFacts(material),
    ...lists,
    ...(plates && { plates }),
    effects: effectFacts(tally, contributing, entry),
    unlisted: {
      manoeuvres: Math.max(0, tally.totals.manoeuvres - maxListed),
      ongoing: Math.max(0, tally.ongoing.length - maxListed),
      undatedHere: Math.max(0, tally.undatedHere.length - maxListed),
    },
    changes,
    revisedBefore,
    // What is new since the last report rests on what that one may not show.
    ...(material.since &&
      !isPublic && {
        since: sinceFacts(material.since, material.threadTitles, edition.period.id, { changes, revisedBefore }),
      }),
    across: material.across,
    ...(material.candidates.length > 0 && { candidates: candidateFacts(material.candidates) }),
    sources: material.sources.map((source) => sourceOf(source, watchedTime(material), version.asOf)),
    watch: material.kept,
    ...((!isPublic || material.house.showWithheld) && { withheld: tally.withheld }),
    ...(holdsOfEditionAlone(material) && { ofEditionAlone: true as const }),
    contributing: [],
  }
  // Texts, names, hashtags, even ids may carry an address; the list of what contributed only serves comparison.
  return { ...harmlessIn(facts), marking: markingOf(facts), house: facts.house, contributing }
}

/** Of the detections that are listed, in their order; their addresses defanged. */
const plateFacts = (
  { plates, shown }: Pick<Material, 'plates' | 'shown'>,
  { manoeuvres, ongoing, undatedHere }: Pick<Facts, 'manoeuvres' | 'ongoing' | 'undatedHere'>,
): Facts['plates'] => {
  if (!plates || plates.size === 0) return undefined
  const ids = [...manoeuvres.flatMap(({ id, parts }) => [id, ...parts.map((part) => part.id)])]
  pushAll(
    ids,
    [...ongoing, ...undatedHere].map(({ id }) => id),
  )
  const named = [...new Set(ids)].map((id) => ({ id, plates: bodyOf(shown, id).detection.plates ?? [] }))
  const groups = plateGroups(named, plates)
  return groups.length > 0 ? groups : undefined
}

/**
 * The time over which sources are told of: the period, of a dossier all of its own. Years have too many days to list
 * each.
 */
const watchedTime = ({ edition: { territory, period }, dossier }: Material) => ({
  bounds: boundsFor(dossier ? { first: dossier.since, last: period.last } : period, territory),
  dates: dossier ? [] : daysOf(period),
  zone: subjectOf(territory).zone,
})

/** The entry of a detection that the report shows. */
type EntryFor = (id: string, parts?: readonly Entry[]) => Entry

const manoeuvreEntries = (tally: Tally, shown: Material['shown'], entry: EntryFor): Facts['manoeuvres'] =>
  tally.manoeuvres.map(({ id, parts: ids, moreParts, figures, apart }) => {
    const parts = ids
      .slice(0, maxListed)
      .map((part) => ({ ...entry(part), partOf: bodyOf(shown, part).detection.partOf }))
    const whole = entry(id, parts)
    const unlisted = moreParts === undefined ? [] : [tally.totals.marking]
    const figuresMarking = strictest([whole, ...parts].map(({ marking }) => marking).concat(unlisted))
    return {
      ...whole,
      ...(parts.length > 0 && { own: whole.figures }),
      ...(moreParts !== undefined && { moreParts }),
      ...(apart && { apart }),
      ...(figuresMarking !== whole.marking && { figuresMarking }),
      figures,
    }
  })

const disarmFacts = ({ tally: { techniques, totals }, taxonomy }: Material): Facts['disarm'] => ({
  ...disarmOf(
    taxonomy,
    techniques.map((one) => ({
      ...one,
      id: harmless(one.id),
      framework: harmless(one.framework),
      ...(one.name !== undefined && { name: harmlessIn(one.name) }),
    })),
  ),
  marking: techniques.length === 0 ? 'TLP:CLEAR' : totals.marking,
})

const effectFacts = (
  { effects: { none, reached, reachedOfAll, stated, notGiven } }: Tally,
  contributing: Many<Contribution>,
  entry: EntryFor,
): Facts['effects'] => ({
  none,
  stated,
  ...(notGiven && { notGiven }),
  reached: reached.slice(0, maxEffectsListed).map((id) => entry(id)),
  more: Math.max(0, reachedOfAll - maxEffectsListed),
  // That there is none rests on those that are not listed too.
  marking: strictest(eachOf(contributing, ({ marking }) => marking)),
})

/** The strongest groups first, then the copies of most posts. */
const candidateFacts = (waiting: readonly WaitingCandidate[]): Candidates => {
  const sorted = waiting.toSorted(
    (one, other) =>
      (other.strength?.score ?? 0) - (one.strength?.score ?? 0) || (other.posts.value ?? 0) - (one.posts.value ?? 0),
  )
  return {
    listed: sorted.slice(0, maxCandidates),
    more: Math.max(0, waiting.length - maxCandidates),
    marking: strictest(waiting.map(({ marking }) => marking)),
  }
}

/** What differs from the version before; null for a first version. */
const changeFacts = (
  {
    edition,
    tally,
    notes,
    taxonomy,
    previous,
    gone,
    candidates,
    dossier,
    house,
    across,
    plates,
  }: Omit<Material, 'plates'> & Pick<Facts, 'plates'>,
  contributing: Many<Contribution>,
  asOf: string,
): Facts['changes'] =>
  previous
    ? changesBetween(
        previous,
        // In the form in which the version before has it.
        {
          totals: tally.totals,
          contributing,
          notes: harmlessIn(notes),
          ...(candidates.length > 0 && { candidates: harmlessIn(candidateFacts(candidates)) }),
          taxonomy: identityOf(taxonomy),
          countingRules,
          house,
          ...(plates && { plates: harmlessIn(plates) }),
          across: harmlessIn(across),
          dossier: dossier && harmlessIn(dossier),
          isOver: isOverAt(edition, asOf),
        },
        gone,
      )
    : null

/** The strictest marking of all that a value holds: whatever is printed carries its own. */
const markingOf = (value: unknown): Marking => {
  const found = new Set<unknown>()
  const ahead: unknown[] = [value]
  while (ahead.length > 0) {
    const one = ahead.pop()
    if (typeof one !== 'object' || one === null) continue
    if ('marking' in one) found.add(one.marking)
    for (const inner of Object.values(one)) if (typeof inner === 'object') ahead.push(inner)
  }
  return strictest(markings.filter((marking) => found.has(marking)))
}

const frontFigures: readonly HeadlineFigure[] = ['posts', 'accounts', 'coordinatedAccounts', 'videos', 'detections']

/** Posts and detections always; the others where they say anything now or in the periods before. */
const headlinesOf = (now: Omit<PeriodBefore, 'period'>, before: Material['before']): readonly Headline[] => {
  const { totals } = now
  const has = (joint: JointIn | undefined, figure: HeadlineFigure): boolean =>
    figure !== 'detections' && joint?.[figure] !== undefined
  return frontFigures
    .map((figure): Headline => {
      const total = totalIn(totals, figure)
      return {
        figure,
        total,
        comparison: compare(
          { total, watched: totals.watched, joint: has(now.joint, figure), isOpen: totals.isFloor === true },
          before.map((past) => ({
            total: totalIn(past.totals, figure),
            watched: past.totals.watched,
            joint: has(past.joint, figure),
          })),
        ),
        marking: strictest([totals.marking, ...before.map((past) => past.totals.marking)]),
      }
    })
    .filter(
      ({ figure, total, comparison }) =>
        figure === 'posts' || figure === 'detections' || [total, ...comparison.before].some(({ value }) => value),
    )
}

const bodyOf = (shown: ReadonlyMap<string, DetectionAsOf>, id: string): DetectionAsOf => {
  const current = shown.get(id)
  if (!current) throw new Error(`the report shows detection ${id}, whose body was not read`)
  return current
}

/** Without how its territories were written: a person has placed it since. */
const reportedNames = ({ reported = {} }: Detection): Detection['reported'] => {
  const { territories: _, ...names } = reported
  return Object.keys(names).length > 0 ? names : undefined
}

/**
 * What a report may show of a detection, its addresses defanged; {@link factsOf} makes its texts harmless.
 * @param cap above which nothing of it is shown
 * @param named office-holders are shown by name, beside their roles
 */
export const entryOf = (current: DetectionAsOf, cap: Marking, parts: readonly Entry[] = [], named = false): Entry => {
  const detection = knownUnder(current.detection, cap)
  const stated = { kind: detection.kind, counts: detection.counts, day: undefined, lastDay: undefined }
  const own = (figure: AddedFigure): Total => totalOf(ownSum(stated, figure))
  return {
    id: detection.id,
    revision: revisionInEdition(current, cap),
    corrected: correctedInEdition(current, cap),
    kind: detection.kind,
    title: detection.title,
    summary: detection.summary,
    territories: anonymousPlacings(detection.territories),
    observed: detection.observed,
    platforms: detection.platforms,
    campaign: detection.campaign,
    actor: actorShown(detection),
    supposedOrigin: detection.supposedOrigin,
    timeZoneUnknown: detection.timeZoneUnknown,
    modusOperandi: detection.modusOperandi && {
      ...detection.modusOperandi,
      attributedBy: attributedByShown(detection, detectorShown(detection), detection.modusOperandi.attributedBy),
    },
    reported: reportedNames(detection),
    techniques: detection.techniques,
    narratives: detection.narratives,
    hashtags: detection.hashtags,
    languages: detection.languages,
    event: detection.event && {
      ...detection.event,
      participants: detection.event.participants.map((one) => participantIn(one, named)),
    },
    observedEffect: detection.observedEffect,
    breakout: detection.breakout,
    criteria: detection.criteria,
    ...(detection.impersonates && { impersonates: detection.impersonates }),
    confidence: detection.confidence,
    reliability: detection.reliability,
    credibility: detection.credibility,
    marking: detection.marking,
    markingSource: detection.markingSource,
    accountSet: detection.accountSet,
    detector: detectorShown(detection),
    evidence: detection.evidence.map(({ label, url, archiveUrl }) => ({
      label,
      ...(url !== undefined && { address: defang(url) }),
      ...(archiveUrl !== undefined && { archive: defang(archiveUrl) }),
    })),
    ...(detection.quotes && { quotes: detection.quotes.map(quoteShown) }),
    indicators: detection.indicators.map(({ type, value }) => ({ type, value: defang(value) })),
    figures: {
      posts: own('posts'),
      reposts: own('reposts'),
      videos: own('videos'),
      views: own('views'),
      accounts: ownAccounts(detection, 'accounts'),
      coordinatedAccounts: ownAccounts(detection, 'coordinatedAccounts'),
    },
    byInterval: detection.counts.byInterval,
    parts,
  }
}

const quoteShown = ({ archiveUrl, ...quote }: Quote): Quote =>
  archiveUrl === undefined ? quote : { ...quote, archiveUrl: defang(archiveUrl) }

/** With the addresses of copies defanged, and no name of a detector that may not be named beside it. */
const actorShown = ({ actor, ...detection }: Detection): Detection['actor'] =>
  actor && {
    ...actor,
    attributedBy: attributedByShown(detection, detectorShown(detection), actor.attributedBy),
    ...(actor.links && { links: actor.links.map(withSource) }),
    ...(actor.replies && { replies: actor.replies.map(withSource) }),
  }

type Participant = NonNullable<Detection['event']>['participants'][number]

const participantIn = (participant: Participant, named: boolean): Localised => {
  if (!isNamed(participant)) return participant
  const { role, name } = participant
  if (!named) return role
  return Object.fromEntries(Object.entries(role).map(([language, text]) => [language, `${text} (${name})`]))
}

const isNamed = (participant: Participant): participant is Extract<Participant, { readonly name: string }> =>
  typeof participant.role === 'object'

/** A value with every text in it harmless; keys stay. */
export const harmlessIn = <Value>(value: Value): Value => {
  if (typeof value === 'string') return harmless(value) as Value
  if (Array.isArray(value)) return value.map(harmlessIn) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, harmlessIn(inner)])) as Value
}
