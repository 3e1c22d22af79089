/**
 * Explains a detection: when and how it came, what changed, where it is placed, how it stands in reports and why, and
 * which show it.
 */
import { type Caller, isOperator, isUnder, mayReadVersion } from '../../domain/access/caller.ts'
import type { DetectionAsOf } from '../../domain/aggregate/tally.ts'
import { type Reason } from '../../domain/core/fault.ts'
import { fitsUnder, type Marking, markings, strictest } from '../../domain/core/marking.ts'
import {
  type CampaignCode,
  isFlashCode,
  isOnRequest,
  type SubjectCode,
  subjectOf,
  subjects,
  territoryOf,
} from '../../domain/core/place/territory.ts'
import { boundsIn, parsePeriod } from '../../domain/core/time/period.ts'
import { innerMarkings, knownUnder, withoutPlates } from '../../domain/detection/attribution.ts'
import { campaignCode } from '../../domain/detection/campaigns.ts'
import { campaignNames } from '../../domain/detection/names/aliases.ts'
import type { Correction } from '../../domain/detection/revisions/correction.ts'
import { revisionInEdition } from '../../domain/detection/revisions/edition-overrides.ts'
import {
  changedBetween,
  type PlaceExplained,
  placeOf,
  placesExplained,
  type ReportAsked,
  type CountStatusExplained,
  explainCountStatus,
  usualReport,
} from '../../domain/looking/explanation.ts'
import { namedMarking, type View } from '../../domain/looking/filter.ts'
import type { Plate } from '../../domain/plate/plate.ts'
import type { Revision, Stored } from '../../store/detections/reading.ts'
import type { Batch } from '../../store/intake/batches.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import type { Action, ActionKind } from '../../store/table/history.ts'
import { readableOf } from '../archive/browse-archive.ts'
import { readVersion } from '../archive/read-version.ts'
import { knownPlates } from '../plates/know-plates.ts'
import type { Services } from '../services.ts'
import { partsIn } from './parts-of.ts'
import { currentOf, type LookServices, type Shown, shownTo, storedFor, viewFor } from './view.ts'

export type ExplainServices = LookServices & Pick<Services, 'reports' | 'archive' | 'plates' | 'history'>

export type RevisionExplained = {
  readonly revision: number
  readonly status: Revision['status']
  readonly storedAt: string
  /** Fields that say otherwise than the revision before; missing where one of the two is not kept or not shown. */
  readonly changed?: readonly string[]
  /** The intake that brought it, where it is known; for operators. */
  readonly batch?: Pick<Batch, 'name' | 'file' | 'from' | 'sender' | 'by'>
  /** What a person did by it, where that is known; for operators. */
  readonly act?: {
    readonly did: Extract<ActionKind, 'placed' | 'withdrawn' | 'accepted' | 'refused'> | 'undone'
    readonly by: string
    readonly reason?: Reason
    /** The intake that was undone. */
    readonly batch?: string
  }
}

export type VersionExplained = Pick<VersionEntry, 'territory' | 'period' | 'cap' | 'version' | 'asOf'> & {
  /** The revision of the detection that it shows, by its number here; by the edition's own where it is not kept. */
  readonly revision: number
  /** How it stands there, where that revision is still kept. */
  readonly countStatus?: CountStatusExplained
  readonly marking: Marking
  readonly recalled: boolean
  /** Of a dossier that was not recalled: its campaign's name. */
  readonly campaign?: string
}

export type Explanation = {
  readonly detection: Shown
  readonly status: Stored['status']
  /** Why it was withdrawn; for operators. */
  readonly reason?: Reason
  readonly revisions: readonly RevisionExplained[]
  /** Fields that a person corrected; for operators. */
  readonly corrections?: readonly Pick<Correction, 'field' | 'by' | 'reason' | 'at'>[]
  readonly places: readonly PlaceExplained[]
  /** The detections of which it is a part, the nearest first, as far as they may be known. */
  readonly wholes: readonly string[]
  /** Of the report that is asked about, by cap; every one up to what the reader may know. */
  readonly report?: {
    readonly territory: SubjectCode
    readonly period: string
    readonly standings: readonly CountStatusExplained[]
    /** Detections that are a part of it and count there. */
    readonly parts: readonly string[]
  }
  /** Those that it names, as far as they may be known. */
  readonly plates: readonly Plate[]
  /** Published versions that show it. */
  readonly versions: readonly VersionExplained[]
  /** Versions that cannot be read any more. */
  readonly unreadable: number
  /** The strictest of all that is told here. */
  readonly marking: Marking
}

/**
 * Undefined where there is no such detection, or none that the caller may know of.
 * @param asked how it stands in the report of a territory and period; of the one in which it would count first where
 * that is *usual*
 */
export const explainDetection = async (
  id: string,
  asked: ReportAsked | 'usual' | undefined,
  caller: Caller,
  services: ExplainServices,
): Promise<Explanation | undefined> => {
  const view = await viewFor(caller, services)
  const stored = await storedFor(id, view, services)
  if (!stored) return undefined
  const current = await currentOf(stored)
  const report = asked === 'usual' ? usualReport(current.detection) : asked
  const history = (await services.detections.history(id))
    .filter(({ detection }) => !detection || isUnder(caller, detection))
    .map((one) => (one.detection ? { ...one, detection: knownTo(caller, one.detection) } : one))
  const above = await wholesOf(current, view, services)
  const [shown] = await shownTo([current], view, services)
  if (!shown) return undefined
  const parts = report ? await partsCounted(id, report, view, services) : []
  const showing = await versionsShowing(history, caller, services)
  const knowsAll = isOperator(caller)
  const batches = knowsAll ? await services.batches.list() : []
  const revisions = revisionsExplained(visibleRevisions(history, caller), stored, batches)
  const plates = await knownPlates(current.detection.plates ?? [], caller, services)
  const shownMarkings = [...[current, ...above, ...parts].map(({ detection }) => detection), ...plates].map(
    (one) => one.marking,
  )
  const earlier = history.flatMap(({ detection }) => detection?.marking ?? [])
  return {
    detection: shown,
    status: stored.status,
    ...(stored.reason !== undefined && knowsAll && { reason: stored.reason }),
    revisions: knowsAll ? await withActs(id, revisions, batches, services) : revisions,
    ...(knowsAll && { corrections: (await services.detections.corrections(id)).map(correctionExplained) }),
    places: placesExplained(current.detection, { knowsAll }),
    wholes: above.map(({ detection }) => detection.id),
    ...(report && { report: reportExplained({ stored, current, above, parts }, report, view) }),
    plates,
    ...showing,
    marking: strictest([
      ...shownMarkings,
      ...innerMarkings(shown),
      ...[current, ...above, ...parts].flatMap(({ detection }) => namedMarking(detection, view) ?? []),
      ...earlier,
      ...showing.versions.map(({ marking }) => marking),
    ]),
  }
}

const knownTo = (caller: Caller, detection: Detection): Detection => {
  const known = knownUnder(detection, caller.clearance)
  return isOperator(caller) ? known : withoutPlates(known)
}

const correctionExplained = ({ field, by, reason, at }: Correction) => ({ field, by, reason, at })

/** Those that say anything new to the reader, by their numbers there. */
const visibleRevisions = (history: readonly Revision[], { clearance }: Caller): readonly Revision[] => {
  const renumbered = history.map((one) => ({ ...one, revision: revisionInEdition(one, clearance) }))
  return renumbered.filter(
    ({ revision, status }, at) => renumbered[at - 1]?.revision !== revision || renumbered[at - 1]?.status !== status,
  )
}

const revisionsExplained = (
  history: readonly Revision[],
  { batch: newest, restored }: Stored,
  batches: readonly Batch[],
): readonly RevisionExplained[] =>
  history.map(({ revision, status, storedAt, detection }, at) => {
    const before = history[at - 1]
    const isNext = before?.revision === revision - 1
    const changed = isNext && before.detection && detection && changedBetween(before.detection, detection)
    const came = batches.filter((one) => one.storedAt === storedAt)
    const isNewest = at === history.length - 1
    // Two files that came in one millisecond are told apart for the newest revision alone.
    const own = isNewest ? batches.find(({ name }) => name === newest) : undefined
    // What an undoing brought back is an earlier intake's, and no intake brought it now.
    const isRestored = isNewest && restored !== undefined
    const batch = own ?? (came.length === 1 && !(isNewest && newest !== undefined) ? came[0] : undefined)
    return {
      ...{ revision, status, storedAt },
      ...(changed && { changed }),
      ...(batch && !isRestored && status === 'active' && { batch: batchExplained(batch) }),
    }
  })

const batchExplained = ({ name, file, from, sender, by }: Batch): NonNullable<RevisionExplained['batch']> => ({
  ...{ name, file, sender },
  ...(from && { from }),
  ...(by !== undefined && { by }),
})

type Act = Exclude<NonNullable<RevisionExplained['act']>['did'], 'undone'>

const acts: readonly Act[] = ['placed', 'withdrawn', 'accepted', 'refused']

/** Each with what a person did at its instant. */
const withActs = async (
  id: string,
  revisions: readonly RevisionExplained[],
  batches: readonly Batch[],
  { history }: Pick<Services, 'history'>,
): Promise<readonly RevisionExplained[]> =>
  Promise.all(
    revisions.map(async (one) => {
      const actions = await history.at(one.storedAt)
      // A file brought it, and a person placed it in the look.
      const act = one.batch
        ? actIn(id, actions, ['placed'])
        : (undoneAt(one.storedAt, batches) ?? actIn(id, actions, acts))
      return { ...one, ...(act && { act }) }
    }),
  )

const undoneAt = (instant: string, batches: readonly Batch[]): RevisionExplained['act'] => {
  for (const { name, sender, undoneAt: end, undoneBy: by = sender, undoneReason: reason, inPart = [] } of batches) {
    const part = end === instant ? { by, reason } : inPart.find(({ at }) => at === instant)
    if (part)
      return { did: 'undone', by: part.by, batch: name, ...(part.reason !== undefined && { reason: part.reason }) }
  }
  return undefined
}

const actIn = (id: string, actions: readonly Action[], acts: readonly Act[]): RevisionExplained['act'] => {
  for (const { of, id: its, did, by, reason } of actions) {
    const known = acts.find((one) => one === did)
    if (of === 'detection' && its === id && known) return { did: known, by, ...(reason !== undefined && { reason }) }
  }
  return undefined
}

/** What it is a part of, and what that is a part of, as far as the reader may know of them. */
const wholesOf = async (
  { detection }: DetectionAsOf,
  view: View,
  services: ExplainServices,
): Promise<readonly DetectionAsOf[]> => {
  const found = new Map<string, DetectionAsOf>()
  for (let id = detection.partOf; id !== undefined && id !== detection.id && !found.has(id);) {
    const stored = await storedFor(id, view, services)
    if (stored?.status !== 'active') break
    const whole = await currentOf(stored)
    found.set(id, whole)
    id = whole.detection.partOf
  }
  return [...found.values()]
}

type Explained = {
  readonly stored: Stored
  readonly current: DetectionAsOf
  readonly above: readonly DetectionAsOf[]
  readonly parts: readonly DetectionAsOf[]
}

const reportExplained = (
  { stored, current, above, parts }: Explained,
  report: ReportAsked,
  view: View,
): NonNullable<Explanation['report']> => {
  const caps = markings.filter((cap) => fitsUnder(cap, view.ceiling.clearance))
  const standings = caps.map((cap): CountStatusExplained =>
    stored.status === 'withdrawn'
      ? { cap, state: 'outside', because: 'withdrawn' }
      : explainCountStatus(current, above, report, cap),
  )
  const { territory, period } = report
  return { territory, period: period.id, standings, parts: parts.map(({ detection }) => detection.id) }
}

/** Read from the period: what is a part says of what, and not the other way round. */
const partsCounted = async (
  id: string,
  { territory, period }: ReportAsked,
  { ceiling }: View,
  services: ExplainServices,
): Promise<readonly DetectionAsOf[]> => {
  const parts = new Map<string, DetectionAsOf>()
  const stretches = subjectOf(territory).members.map((code) => ({
    code,
    ...boundsIn(period, territoryOf(code).zone),
  }))
  for await (const one of partsIn(new Set([id]), stretches, ceiling, services)) {
    if (placeOf(one.detection, { territory, period })?.fit === 'counted') parts.set(one.detection.id, one)
  }
  return [...parts.values()].sort((one, other) => (one.detection.id < other.detection.id ? -1 : 1))
}

/**
 * Published versions whose lists name one of its revisions: of its territories those whose period can hold it, and its
 * campaign's dossiers; and flash notes about it.
 */
const versionsShowing = async (
  history: readonly Revision[],
  caller: Caller,
  services: ExplainServices,
): Promise<Pick<Explanation, 'versions' | 'unreadable'>> => {
  const bodies = history.flatMap(({ detection }) => detection ?? [])
  const [any] = bodies
  const versions: VersionExplained[] = []
  let unreadable = 0
  if (!any) return { versions, unreadable }
  const codes = new Set(bodies.flatMap(({ territories }) => territories.map(({ code }) => code)))
  const about = subjects.filter(({ members }) => members.some((member) => codes.has(member))).map(({ code }) => code)
  const flashes = await services.reports.flashes()
  for (const territory of [...about, ...dossiersOf(bodies), ...flashes]) {
    for await (const entry of services.reports.all({ territory })) {
      if (!mayBeShown(entry, bodies, caller)) continue
      if (isFlashCode(territory) && !entry.published?.flash?.ids.includes(any.id)) continue
      const shown = await contributionIn(entry, any.id, services)
      if (shown === 'unreadable') unreadable += 1
      if (typeof shown !== 'object') continue
      // An edition numbers only what it may show: its number is also that of earlier revisions above its cap.
      const shownRevision = history.findLast(
        (one) =>
          one.detection &&
          one.storedAt <= entry.asOf &&
          fitsUnder(one.detection.marking, entry.cap) &&
          revisionInEdition(one, entry.cap) === shown.revision,
      )
      const revision = shownRevision ? revisionInEdition(shownRevision, caller.clearance) : shown.revision
      versions.push(versionExplained(entry, revision, shownRevision?.detection))
    }
  }
  return { versions, unreadable }
}

type Detection = DetectionAsOf['detection']

/** The keys of the dossiers that may hold it. */
const dossiersOf = (bodies: readonly Detection[]): ReadonlySet<CampaignCode> =>
  new Set(bodies.flatMap(({ campaign }) => (campaign === undefined ? [] : campaignNames(campaign).map(campaignCode))))

const mayBeShown = (entry: VersionEntry, bodies: readonly Detection[], caller: Caller): boolean => {
  if (!entry.published || !mayReadVersion(caller, { ...readableOf(entry), state: 'published' })) return false
  // A dossier is of all time until its period's end, a flash note of what it names.
  if (isOnRequest(entry.territory)) return true
  const report = { territory: entry.territory, period: parsePeriod(entry.period) }
  return bodies.some((detection) => (placeOf(detection, report)?.fit ?? 'outside') !== 'outside')
}

const contributionIn = async (entry: VersionEntry, id: string, services: ExplainServices) => {
  try {
    const { report } = await readVersion(entry, services)
    for (const one of report.contributing) if (one.id === id) return one
    return undefined
  } catch {
    // Of what is damaged or missing `vigie archive verify` tells.
    return 'unreadable' as const
  }
}

const versionExplained = (
  entry: VersionEntry,
  revision: number,
  detection: Detection | undefined,
): VersionExplained => {
  const { territory, period, cap, version, asOf, recalled, published } = entry
  const current = detection && !isOnRequest(territory) && { detection, revision, storedAt: asOf }
  const report = { territory, period: parsePeriod(period) }
  // Its wholes may have changed since: only how it fits the period is told.
  const { state, because } = current
    ? explainCountStatus(current, [], report, cap)
    : { state: undefined, because: undefined }
  return {
    ...{ territory, period, cap, version, asOf, revision },
    ...(state && because && { countStatus: { cap, state, because } }),
    marking: readableOf(entry).marking,
    recalled: recalled !== undefined,
    ...(!recalled && published?.campaign !== undefined && { campaign: published.campaign }),
  }
}
