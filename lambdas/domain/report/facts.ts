/** The facts of a report: every number and sentence that a page prints. */

import type { Across } from '../aggregate/across.ts'
import { type Comparison, compare } from '../aggregate/compare.ts'
import { ownAccounts } from '../aggregate/counting/accounts.ts'
import { toContribution, type Contributed } from '../aggregate/counting/counted-detection.ts'
import type { EffectCounts, NotGiven } from '../aggregate/counting/effects.ts'
import { eachOf, joined, many, type Many, only, taken } from '../aggregate/counting/many.ts'
import type { PeriodLevel } from '../aggregate/level/level.ts'
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
import {
  type Changes,
  type Comparable,
  changedDetections,
  changesBetween,
  type Gone,
  type RevisedPeriod,
} from './changes.ts'
import { asStated, holdsOfEditionAlone } from './edition.ts'
import { type Edition, reportId } from './manifest.ts'
import { noteSha256, type PrintedNote } from './note.ts'
import type { Organisation } from './organisation.ts'
import { type SinceFacts, sinceFacts } from './since-facts.ts'

/** `joint`: figures shared by several territories, which are not compared. */
type PeriodBefore = { readonly period: string; readonly totals: Totals; readonly joint?: JointIn | undefined }

export type Headline = {
  readonly figure: HeadlineFigure
  readonly total: Total
  readonly comparison: Comparison
  readonly marking: Marking
}

/** The compiler rejects one with the name of the analyst who confirmed it. */
type Anonymous<Name extends Confirmable> = Omit<NonNullable<Detection[Name]>, 'confirmed'> & {
  readonly confirmed?: never
}

type Confirmable = 'observedEffect' | 'breakout'

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
  /** Fields that an analyst corrected: `title`, `counts.posts`. */
  readonly corrected?: readonly string[] | undefined
  /** Fields that an analyst confirmed. */
  readonly confirmed?: readonly Confirmable[] | undefined
  /** The detection's whole, where that is in the same manoeuvre. */
  readonly partOf?: string | undefined
  /** Of a part: the same text as the whole, which another detector saw. */
  readonly sameText?: true
  readonly title: Localised
  readonly summary?: Localised | undefined
  readonly narratives: readonly Localised[]
  readonly event?: { readonly place?: Localised | undefined; readonly participants: readonly Localised[] } | undefined
  readonly claim?: Detection['claim']
  readonly established?: Detection['established']
  readonly observedEffect?: Anonymous<'observedEffect'> | undefined
  readonly breakout?: Anonymous<'breakout'> | undefined
  /** A substitute where the detector may not be named. */
  readonly detector: string
  readonly evidence: readonly { readonly label: Localised; readonly address?: string; readonly archive?: string }[]
  /** Only those that the edition may know. */
  readonly quotes?: readonly Quote[] | undefined
  readonly indicators: readonly { readonly type: string; readonly value: string }[]
  readonly figures: { readonly [figure in AddedFigure | DistinctFigure]: Total }
  /** In a manoeuvre with stricter parts: the marking of the whole as printed. */
  readonly figuresMarking?: Marking
  /** Posts below the day: they refine a figure, and are added to none. */
  readonly byInterval?: Detection['counts']['byInterval']
  /** In a manoeuvre: the detection's figures without its parts. */
  readonly own?: { readonly [figure in AddedFigure | DistinctFigure]: Total }
  /** In a manoeuvre: figures left out of the totals, since another counted detection has or may have them. */
  readonly apart?: readonly AddedFigure[]
  /** Of a manoeuvre with a confirmed effect. */
  readonly level?: 3 | 4
  readonly parts: readonly Entry[]
  readonly moreParts?: number
}

/** Language-neutral. Counts are whole numbers, instants ISO 8601 in UTC, days local. */
export type Facts = {
  readonly schema: 'vigie-report/1'
  readonly id: string
  readonly territory: {
    /**
     * Groups: `ALL`, `OVERSEAS`, `ANTILLES`, `PACIFIC`, `INDIAN-OCEAN`; dossiers: `campaign-…`; flash notes: `flash-…`.
     */
    readonly code: SubjectCode
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
  /** The recalled version that this one replaces: its content is not shown again, so it is not compared. */
  readonly replacesRecalled?: number
  readonly house: Organisation
  readonly snapshotSha256: string
  readonly countingRules: number
  /** Nothing counts, is ongoing or is undated: the report shows proof of watch instead. */
  readonly quiet: boolean
  readonly notes: readonly PrintedNote[]
  readonly totals: Totals
  readonly before: readonly PeriodBefore[]
  readonly headlines: readonly Headline[]
  /** Of a territory; missing in reports archived by earlier programs. */
  readonly level?: PeriodLevel | undefined
  readonly days: readonly DayCount[]
  readonly undated: Undated
  readonly spans: readonly Span[]
  readonly joint?: Joint | undefined
  readonly group?: GroupFacts | undefined
  /** Figures hold until the period's last day; `days` start with the first observation. */
  readonly dossier?: DossierFacts | undefined
  /** Figures hold for the named detections with their parts, and are floors while these continue. */
  readonly flash?: FlashFacts | undefined
  /** Sent before a weekly report was due. */
  readonly replaces?: readonly ReplacedFlash[] | undefined
  readonly platforms: readonly Share[]
  readonly kinds: readonly Share[]
  /** Of the counted manoeuvres, by the sources' names; gravest first. */
  readonly campaigns: readonly CampaignShare[]
  readonly hashtags: readonly Compared<Share>[]
  readonly narratives: readonly Compared<NarrativeShare>[]
  readonly languages: readonly Share[]
  readonly disarm: Disarm & { readonly marking: Marking }
  /** Gravest first (docs/reports.md, Order by gravity), at most {@link maxListed}. */
  readonly manoeuvres: readonly Entry[]
  readonly ongoing: readonly Entry[]
  readonly undatedHere: readonly Entry[]
  readonly effects: EffectsHere
  readonly plates?: readonly PlateGroup[] | undefined
  readonly unlisted: { readonly manoeuvres: number; readonly ongoing: number; readonly undatedHere: number }
  readonly changes: Changes | null
  readonly revisedBefore: readonly RevisedPeriod[]
  /** Missing in dossiers and flash notes. */
  readonly since?: SinceFacts
  /** Other places where the gravest manoeuvres' links were seen. */
  readonly across: readonly Across[]
  /** Machine findings that await review: in no other figure. */
  readonly candidates?: Candidates
  readonly sources: readonly Source[]
  readonly watch: Kept
  /** Missing in a public edition, unless the organisation shows it. */
  readonly withheld?: number
  /** This period, or a compared one, has something above the cap: comparisons hold only for this edition. */
  readonly ofEditionAlone?: true
  readonly contributing: Many<Contribution>
}

/** The marking covers unlisted ones too. */
type Candidates = { readonly listed: readonly WaitingCandidate[]; readonly more: number; readonly marking: Marking }

type EffectsHere = {
  /** Every manoeuvre, listed or not, states that no effect was observed. */
  readonly none: boolean
  readonly stated: EffectCounts
  /** No source gives an effect, nor *not assessed*, for all or some manoeuvres. */
  readonly notGiven?: NotGiven | undefined
  /** The gravest with an observed effect or a breakout of 4 to 6, at most {@link maxEffectsListed}. */
  readonly reached: readonly Entry[]
  readonly more: number
  readonly marking: Marking
}

const maxEffectsListed = 3

/**
 * `before`: posts of the previous period. Null: watched, but not seen; *not watched*: no source watched; missing: not
 * compared.
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

export const maxListed = manoeuvresKept

const maxCandidates = 50

export type Material = {
  readonly edition: Edition
  readonly tally: Tally
  /** Oldest first, under the same cap and as-of instant; the last with its shares. */
  readonly before: readonly (PeriodBefore & {
    readonly shares?: SharesBefore | undefined
    /** Something in the period is above the cap. */
    readonly isHiding?: true
  })[]
  /** Current at the as-of instant. */
  readonly taxonomy: Taxonomy
  /** Bodies of the detections of {@link toShow}. */
  readonly shown: ReadonlyMap<string, DetectionAsOf>
  /** Only those that the edition may know. */
  readonly sources: readonly VisibleSource[]
  /** Includes the other images of pairs, as far as the edition may know them; by hash. */
  readonly plates?: ReadonlyMap<string, Plate> | undefined
  readonly kept: Kept
  readonly notes: readonly PrintedNote[]
  readonly across: readonly Across[]
  /** As they waited at the as-of instant; sorted by id. */
  readonly candidates: readonly WaitingCandidate[]
  readonly level?: PeriodLevel | undefined
  readonly group?: GroupFacts | undefined
  readonly dossier?: DossierFacts | undefined
  readonly flash?: FlashFacts | undefined
  readonly replaces?: readonly ReplacedFlash[] | undefined
  readonly previous: Comparable | undefined
  /** Detections that the previous version showed and this one does not. */
  readonly gone: Gone
  /** Missing in a dossier, which is compared with nothing earlier. */
  readonly since?: Since
  /** Of {@link since} entries without a campaign, by id. */
  readonly threadTitles: ReadonlyMap<string, Localised>
  readonly revisedBefore: readonly RevisedPeriod[]
  readonly house: Organisation
  /** By source: see {@link declaredMarkings}. */
  readonly declared: ReadonlyMap<string, Marking>
}

/**
 * Inputs in no territory's figures: rejected records (of unknown marking, so null below RED) and detections without a
 * place under the cap.
 */
type Kept = { readonly rejects: number | null; readonly unplaced: number; readonly marking: Marking }

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
  | 'level'
  | 'group'
  | 'dossier'
  | 'flash'
  | 'replaces'
  | 'plates'
>

/** Increase it when the same detections would be counted differently. */
export const countingRules = 15

/**
 * Hashes all that a report's content depends on, without heartbeats, program version and as-of instant. Whether the
 * period was over is part of it: figures of a current period are not final.
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
    level,
    group,
    dossier,
    flash,
    replaces,
    plates,
  }: Counted,
  { nameOfficeHolders }: Organisation,
  asOf: string,
): string => {
  // A source with a raised marking is no longer named.
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
    // In a group this follows from how its members were watched.
    ...(tally.totals.isFloor && !group && { isFloor: true }),
    ...(level && { level: [level.value, level.tests] }),
    counted: listSha256(tally.counted, contributionRow),
    ongoing: listSha256(tally.ongoing, contributionRow),
    undatedHere: listSha256(tally.undatedHere, contributionRow),
    before: before.map(({ period, totals, joint, shares }) => ({ period, totals, joint, shares })),
    ...(since && { since: sinceSnapshot(since) }),
    across,
    ...(group && { group: groupSnapshot(group) }),
    ...(dossier && { dossier: dossierSnapshot(dossier) }),
    // Excludes recipients, as it does heartbeats.
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

/** Excludes markings, which change only with a revision. */
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

/** Excludes how the members were watched, as it does heartbeats. */
const groupSnapshot = ({ rows, campaigns, isWhole: _, ...group }: GroupFacts) => ({
  ...group,
  // A new dossier to link to is no change.
  campaigns: campaigns.map(({ dossier: __, ...row }) => row),
  marking: undefined,
  rows: rows.map(({ territory, totals, joint, effect, breakout, level, published }) => ({
    territory,
    level: level?.value,
    totals,
    joint,
    effect,
    breakout,
    published: published?.version,
  })),
})

/** Excludes what follows from the detections, and how they were watched. */
const dossierSnapshot = ({ name, storedAs, more, others }: DossierFacts) => ({ name, storedAs, more, others })

const isOverAt = ({ territory, period }: Edition, asOf: string): boolean =>
  Date.parse(asOf) >= boundsFor(period, territory).to

const contributionRow = ({ id, revision, editionRevision = revision, from }: Contributed) =>
  [id, editionRevision, from] as const

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
  // A public edition is compared with no earlier period.
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
  const changes = changeFacts({ ...material, plates }, lists.manoeuvres, contributing, version.asOf)
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
    marking: 'TLP:CLEAR', // replaced below, by the marking of all that is printed
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
    // The weekly report compares with the past; a flash note does not.
    headlines: material.flash
      ? []
      : headlinesOf(
          { totals: tally.totals, joint: territory.members.length === 1 ? tally.jointIn : undefined },
          before,
        ),
    ...(material.level && { level: material.level }),
    days: tally.days,
    undated: tally.undated,
    spans: tally.spans,
    // Figures that members of a group share belong to the group.
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
    // Depends on what a public report may not show.
    ...(material.since &&
      !isPublic && {
        since: sinceFacts(material.since, material.threadTitles, edition.period.id, { changes, revisedBefore }),
      }),
    across: material.across,
    ...(material.candidates.length > 0 && { candidates: candidateFacts(material.candidates) }),
    sources: material.sources.map((source) => sourceOf(source, watchedTime(material), version.asOf)),
    watch: material.kept,
    ...((!isPublic || material.house.showWithheld) && { withheld: tally.withheld }),
    ...(holdsOfEditionAlone(counted) && { ofEditionAlone: true as const }),
    contributing: [],
  }
  // Texts, names, hashtags, even ids may contain an address; `contributing` only serves comparison.
  return { ...harmlessIn(facts), marking: markingOf(facts), house: facts.house, contributing }
}

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

/** Lists no days of a dossier: years have too many. */
const watchedTime = ({ edition: { territory, period }, dossier }: Material) => ({
  bounds: boundsFor(dossier ? { first: dossier.since, last: period.last } : period, territory),
  dates: dossier ? [] : daysOf(period),
  zone: subjectOf(territory).zone,
})

type EntryFor = (id: string, parts?: readonly Entry[]) => Entry

const manoeuvreEntries = (tally: Tally, shown: Material['shown'], entry: EntryFor): Facts['manoeuvres'] =>
  tally.manoeuvres.map(({ id, parts: ids, moreParts, sameText, figures, apart, level }) => {
    const parts = ids.slice(0, maxListed).map((part) => ({
      ...entry(part),
      partOf: bodyOf(shown, part).detection.partOf,
      ...(sameText?.includes(part) && { sameText: true as const }),
    }))
    const whole = entry(id, parts)
    const unlisted = moreParts === undefined ? [] : [tally.totals.marking]
    const figuresMarking = strictest([whole, ...parts].map(({ marking }) => marking).concat(unlisted))
    return {
      ...whole,
      ...(parts.length > 0 && { own: whole.figures }),
      ...(moreParts !== undefined && { moreParts }),
      ...(apart && { apart }),
      ...(level && { level }),
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
  // `none` depends on unlisted manoeuvres too.
  marking: strictest(eachOf(contributing, ({ marking }) => marking)),
})

const strengthOf = ({ strength }: WaitingCandidate): number => (strength ? strength.evidence - strength.threshold : 0)

const candidateFacts = (waiting: readonly WaitingCandidate[]): Candidates => {
  const sorted = waiting.toSorted(
    (one, other) => strengthOf(other) - strengthOf(one) || (other.posts.value ?? 0) - (one.posts.value ?? 0),
  )
  return {
    listed: sorted.slice(0, maxCandidates),
    more: Math.max(0, waiting.length - maxCandidates),
    marking: strictest(waiting.map(({ marking }) => marking)),
  }
}

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
    level,
    plates,
  }: Omit<Material, 'plates'> & Pick<Facts, 'plates'>,
  manoeuvres: Facts['manoeuvres'],
  contributing: Many<Contribution>,
  asOf: string,
): Facts['changes'] => {
  if (!previous) return null
  const detections = changedDetections(
    previous.manoeuvres ?? [],
    // As the archived ones are.
    harmlessIn(manoeuvres.filter((tree) => [tree, ...tree.parts].some(({ id }) => gone.changed.includes(id)))),
    gone,
  )
  const changes = changesBetween(
    previous,
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
  const [before, after] = [previous.level?.value, level?.value]
  // After a raised marking a lower level would reveal the hidden detection.
  const isMoved =
    before !== undefined && after !== undefined && before !== after && !changes.reasons.includes('marking')
  return {
    ...changes,
    ...(isMoved && { level: { before, after } }),
    ...(detections.length > 0 && { detections: harmlessIn(detections) }),
  }
}

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

/** Always includes posts and detections; others where they have a value now or earlier. */
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
          { total, watched: totals.watched, joint: has(now.joint, figure) },
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

/** Leaves out the reported territories: an analyst has placed the detection since. */
const reportedNames = ({ reported = {} }: Detection): Detection['reported'] => {
  const { territories: _, ...names } = reported
  return Object.keys(names).length > 0 ? names : undefined
}

/**
 * Returns what a report may show of a detection, with addresses defanged; {@link factsOf} makes its texts harmless.
 * @param cap above which nothing is shown
 * @param named adds the names of office-holders to their roles
 */
export const entryOf = (current: DetectionAsOf, cap: Marking, parts: readonly Entry[] = [], named = false): Entry => {
  const detection = knownUnder(current.detection, cap)
  const stated = { kind: detection.kind, counts: detection.counts, day: undefined, lastDay: undefined }
  const own = (figure: AddedFigure): Total => totalOf(ownSum(stated, figure))
  return {
    id: detection.id,
    revision: revisionInEdition(current, cap),
    corrected: correctedInEdition(current, cap),
    confirmed: confirmedFields(detection),
    kind: detection.kind,
    title: detection.title,
    summary: detection.summary,
    claim: detection.claim,
    established: detection.established,
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
    observedEffect: detection.observedEffect && anonymous(detection.observedEffect),
    breakout: detection.breakout && anonymous(detection.breakout),
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

const confirmedFields = (detection: Detection): Entry['confirmed'] => {
  const fields = (['observedEffect', 'breakout'] as const).filter((field) => detection[field]?.confirmed)
  return fields.length > 0 ? fields : undefined
}

const anonymous = <Stated extends { readonly confirmed?: object | undefined }>({ confirmed: _, ...others }: Stated) =>
  others

const quoteShown = ({ archiveUrl, ...quote }: Quote): Quote =>
  archiveUrl === undefined ? quote : { ...quote, archiveUrl: defang(archiveUrl) }

/** Defangs addresses of copies and hides detectors that may not be named. */
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

export const harmlessIn = <Value>(value: Value): Value => {
  if (typeof value === 'string') return harmless(value) as Value
  if (Array.isArray(value)) return value.map(harmlessIn) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, harmlessIn(inner)])) as Value
}
